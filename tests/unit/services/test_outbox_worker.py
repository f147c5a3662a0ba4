"""The outbox worker, with a real store and the real client; the router behind a server that can do anything."""

from __future__ import annotations

import itertools
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import NoneType

import pytest

from station.domain.card import Registration
from station.domain.errors import RouterError, RouterRefusedError, RouterUnreachableError
from station.domain.outbox import OutboxState
from station.services.outbox_lane import IN_A_ROW_MAX, KEY_REST_S
from station.services.outbox_worker import (
    LOOK_AGAIN_S,
    OutboxWorker,
    WorkerOptions,
    WorkReport,
)
from station.services.registration import NO_ESI
from tests.helpers.finished_cards import NOW, POLICY, a_portrait, a_student
from tests.helpers.http_server import Answer, Trick
from tests.helpers.router_bench import (
    BUSY,
    ELSEWHERE,
    GONE,
    NO_KEY,
    NO_SUCH,
    NOT_FROM_HERE,
    NOT_YOURS,
    REFUSED,
    SIGN_IN_PAGE,
    UNWELL,
    RouterBench,
)

_hundreds = itertools.count(100, 100)


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


@pytest.fixture
def number() -> int:
    """Return a student number of this test's own, for the sandbox is shared by the tests of this file."""
    return next(_hundreds)


class TestTelling:
    def test_a_card_goes_out_person_first(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        report = bench.work()
        assert (report.sent, report.failed, report.parked, report.next_at) == (2, 0, 0, None)
        assert bench.told() == ["POST persons", "POST cards"]
        assert bench.registration(card) is Registration.REGISTERED
        assert bench.router.card_status(card.escn).status == "ACTIVE"
        assert bench.said[-1] is None

    def test_the_picture_is_made_to_fit_and_comes_last(self, bench: RouterBench, number: int) -> None:
        student = a_student(number)
        bench.desk.know(student)
        bench.desk.finish(student, replace(POLICY, send_picture=True), portrait=a_portrait(student))
        assert bench.work().sent == 3
        assert bench.told() == ["POST persons", "POST cards", "POST organisations"]

    def test_nothing_but_what_is_allowed_leaves(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.work()
        person, told_card = (json.loads(heard.body) for heard in bench.server.heard)
        assert set(person) == {"identifier", "identifierCode", "fullName", "personOrganisationUpdateViews"}
        assert set(person["personOrganisationUpdateViews"][0]) == {
            "organisationIdentifier",
            "fullName",
            "email",
            "academicLevel",
        }
        assert set(told_card) == {
            "cardNumber",
            "cardStatusType",
            "cardType",
            "issuedAt",
            "expiresAt",
            "issuerIdentifier",
            "personIdentifier",
        }
        everything = b"".join(heard.body for heard in bench.server.heard)
        assert card.uid is not None
        for secret in (card.uid, card.holder_id, a_student(number).student_number):
            assert secret.encode() not in everything

    def test_telling_again_changes_nothing(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.server.script.extend([Trick.CUT_AFTER, Trick.CUT_AFTER])
        bench.work()
        for _each in range(3):
            bench.clock.pass_time(3600)
            bench.work()
        assert bench.registration(card) is Registration.REGISTERED
        assert [e.state for e in bench.desk.store.outbox.entries(unfinished=False)] == [OutboxState.DONE] * 2

    def test_cancel_stops_between_two_entries(self, bench: RouterBench, number: int) -> None:
        bench.finish(number)
        cancel = threading.Event()
        bench.worker = OutboxWorker(
            bench.desk.store, bench.router, bench.clock, WorkerOptions(answered=lambda _error: cancel.set())
        )
        assert bench.worker.run_once(cancel).sent == 1
        assert bench.told() == ["POST persons"]


class TestTrouble:
    @pytest.mark.parametrize("answer", [Trick.CUT_BEFORE, UNWELL, SIGN_IN_PAGE, ELSEWHERE], ids=str)
    def test_passing_trouble_is_tried_again_later(
        self, bench: RouterBench, number: int, answer: Answer | Trick
    ) -> None:
        card = bench.finish(number)
        bench.server.script.append(answer)
        report = bench.work()
        assert (report.sent, report.failed, report.next_at) == (0, 1, NOW + timedelta(seconds=2))
        assert bench.said[-1] is not None
        assert bench.registration(card) is Registration.QUEUED
        assert bench.work().sent == 0
        bench.clock.pass_time(2)
        assert bench.work().sent == 2
        assert bench.said[-1] is None

    def test_waits_grow_and_are_capped(self, bench: RouterBench, number: int) -> None:
        bench.finish(number)
        waits = []
        for _each in range(12):
            bench.server.script.append(UNWELL)
            bench.worker = bench.new_worker()
            report = bench.work()
            assert report.next_at is not None
            waits.append((report.next_at - bench.clock.now()).total_seconds())
            bench.clock.pass_time(waits[-1])
        assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]

    def test_a_router_that_is_busy_is_left_alone_as_long_as_it_asks(self, bench: RouterBench, number: int) -> None:
        bench.finish(number)
        bench.finish(number + 1)
        bench.server.script.append(BUSY)
        report = bench.work()
        assert report.next_at == NOW + timedelta(seconds=120)
        bench.finish(number + 2)
        bench.clock.pass_time(119)
        assert (bench.work().sent, len(bench.server.heard)) == (0, 1)
        bench.clock.pass_time(1)
        assert bench.work().sent == 6

    def test_when_nobody_answers_only_a_few_are_tried(self, bench: RouterBench, number: int) -> None:
        for each in range(10):
            bench.finish(number + each)
        bench.server.script.extend([Trick.CUT_BEFORE] * 50)
        report = bench.work()
        assert report.failed == len(bench.server.heard) == IN_A_ROW_MAX
        assert report.error is not None
        assert bench.work().failed == 0
        bench.server.script.clear()
        bench.clock.pass_time(60)
        # Those that were tried in vain wait no longer than the others: it was not their fault.
        assert bench.work().sent == 20

    def test_a_bad_entry_holds_up_nobody_else(self, bench: RouterBench, number: int) -> None:
        bad, good = bench.finish(number), bench.finish(number + 1)
        for _each in range(4):
            bench.server.script.append(UNWELL)
            bench.work()
            bench.clock.pass_time(1)
        assert bench.registration(good) is Registration.REGISTERED
        assert bench.registration(bad) is Registration.QUEUED

    @pytest.mark.parametrize("answer", [REFUSED, GONE, NOT_YOURS, NO_SUCH], ids=lambda a: a.status)
    def test_a_final_answer_parks_with_the_reason(self, bench: RouterBench, number: int, answer: Answer) -> None:
        card = bench.finish(number)
        bench.server.script.append(answer)
        report = bench.work()
        assert (report.sent, report.parked, report.next_at) == (0, 1, None)
        assert bench.registration(card) is Registration.PARKED
        parked = bench.entry(f"person:{a_student(number).esi}".lower() + f":{card.escn}")
        assert parked.state is OutboxState.PARKED
        assert parked.last_answer
        assert parked.last_params["todo"]
        assert bench.said[-1] is None
        # The card waits behind its person; another person's does not.
        assert bench.card_entry(card).state is OutboxState.WAITING
        bench.finish(number + 1)
        assert bench.work().sent == 2

    @pytest.mark.expects_log("station.services.outbox_worker", "could not be sent")
    def test_a_payload_that_makes_no_sense_is_put_aside(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.work()
        broken = bench.card_entry(card)
        del broken.payload["expires_on"]
        bench.desk.store.outbox.update(replace(broken, state=OutboxState.WAITING))
        assert bench.work().parked == 1
        assert bench.card_entry(card).last_params["detail"] == "KeyError"

    def test_a_portrait_that_is_gone_parks_the_picture_only(self, bench: RouterBench, number: int) -> None:
        student = a_student(number)
        bench.desk.know(student)
        card = bench.desk.finish(student, replace(POLICY, send_picture=True), portrait=a_portrait(student))
        picture = bench.entry(f"picture:{card.escn}")
        bench.desk.store.outbox.update(replace(picture, payload={**picture.payload, "portrait": "lost"}))
        report = bench.work()
        assert (report.sent, report.parked) == (2, 1)
        assert bench.registration(card) is Registration.REGISTERED

    @pytest.mark.parametrize("answer", [NO_KEY, NOT_FROM_HERE], ids=lambda a: a.status)
    def test_a_key_that_is_refused_blames_no_entry(self, bench: RouterBench, number: int, answer: Answer) -> None:
        cards = [bench.finish(number + each) for each in range(3)]
        bench.server.script.extend([answer, answer])
        report = bench.work()
        assert (report.sent, report.failed, report.parked) == (0, 0, 0)
        assert report.error is not None
        assert report.error.status == answer.status
        assert bench.told() == ["POST persons", "GET persons"]
        assert all(e.attempts == 0 for e in bench.desk.store.outbox.entries())
        bench.clock.pass_time(KEY_REST_S)
        assert bench.work().sent == 6
        assert {bench.registration(card) for card in cards} == {Registration.REGISTERED}

    def test_a_key_that_works_for_others_parks_the_one_it_is_refused_for(self, bench: RouterBench, number: int) -> None:
        bad, good = bench.finish(number), bench.finish(number + 1)
        bench.server.script.append(NO_KEY)
        report = bench.work()
        assert (report.sent, report.parked) == (2, 1)
        assert (bench.registration(bad), bench.registration(good)) == (Registration.PARKED, Registration.REGISTERED)

    def test_times_written_by_a_wrong_clock_are_not_waited_for(self, bench: RouterBench, number: int) -> None:
        bench.clock.set_wrong(timedelta(days=400))
        bench.finish(number)
        bench.server.script.append(UNWELL)
        bench.work()
        bench.clock.set_wrong(timedelta())
        assert bench.work().next_at == bench.clock.now()
        assert bench.work().sent == 2

    @pytest.mark.parametrize("answer", [UNWELL, Trick.CUT_BEFORE])
    def test_a_clock_that_is_set_back_by_a_day_puts_nobody_off_for_a_day(
        self, bench: RouterBench, number: int, answer: Answer | Trick
    ) -> None:
        bench.finish(number)
        bench.server.script.append(answer)
        bench.work()
        bench.clock.set_wrong(timedelta(days=-1))
        bench.worker = bench.new_worker()
        assert bench.work().next_at == bench.clock.now()
        assert bench.work().sent == 2

    def test_a_rest_is_kept_when_the_clock_is_set_back(self, bench: RouterBench, number: int) -> None:
        bench.finish(number)
        bench.server.script.extend([NO_KEY, NO_KEY])
        bench.work()
        bench.clock.set_wrong(timedelta(days=-30))
        bench.clock.pass_time(KEY_REST_S)
        assert bench.work().sent == 2


class TestRetry:
    def test_sends_at_once_what_was_parked(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.server.script.append(REFUSED)
        bench.work()
        assert bench.worker.retry() == 1
        assert bench.registration(card) is Registration.QUEUED
        assert bench.work().sent == 2

    def test_tells_what_the_records_say_now(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number, email="wrong")
        assert bench.work().parked == 1
        bench.desk.know(a_student(number, email="right@example.lv"))
        assert bench.worker.retry(bench.desk.store.outbox.entries()[0].key) == 1
        assert bench.work().sent == 2
        assert bench.registration(card) is Registration.REGISTERED

    def test_an_identifier_that_came_later_is_taken(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number, esi=False)
        assert bench.work() == WorkReport()
        assert bench.registration(card) is Registration.PARKED
        assert bench.desk.store.outbox.entries()[0].last_answer == NO_ESI
        assert bench.worker.retry() == 1
        assert bench.work().parked == 1
        bench.desk.know(a_student(number))
        assert bench.worker.retry() == 1
        assert bench.work().sent == 2
        assert bench.registration(card) is Registration.REGISTERED

    def test_ends_a_wait_and_a_rest(self, bench: RouterBench, number: int) -> None:
        bench.finish(number)
        bench.server.script.append(BUSY)
        bench.work()
        assert bench.worker.retry() == 1
        assert bench.work().sent == 2

    def test_takes_the_person_along_whom_the_router_has_lost(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.server.script.extend([Trick.FORWARD, NO_SUCH, Trick.FORWARD, Trick.FORWARD, NO_SUCH])
        # Told again by itself once: POST persons, POST cards, POST and GET persons, POST cards; then it is too strange.
        assert bench.work().parked == 1
        assert bench.card_entry(card).state is OutboxState.PARKED
        bench.worker.retry(f"card:{card.escn}")
        bench.server.heard.clear()
        assert bench.work().sent == 2
        assert bench.told() == ["POST persons", "GET persons", "POST cards"]

    def test_a_person_whom_the_router_has_lost_is_told_again_by_itself(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.server.script.extend([Trick.FORWARD, NO_SUCH])
        assert bench.work().parked == 0
        assert bench.registration(card) is Registration.REGISTERED
        assert bench.told() == ["POST persons", "POST cards", "POST persons", "GET persons", "POST cards"]

    def test_an_answer_that_is_final_stays(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.server.script.append(GONE)
        assert bench.work().parked == 1
        bench.desk.know(a_student(number, email="another@example.lv"))
        assert [bench.worker.retry(), bench.worker.retry(bench.desk.store.outbox.entries()[0].key)] == [0, 0]
        bench.clock.pass_time(LOOK_AGAIN_S)
        assert bench.work().sent == 0
        assert bench.registration(card) is Registration.PARKED

    def test_of_nothing_does_nothing(self, bench: RouterBench, number: int) -> None:
        card = bench.finish(number)
        bench.work()
        assert [bench.worker.retry(key) for key in (None, "card:unknown", f"card:{card.escn}")] == [0, 0, 0]


class TestForever:
    def test_works_when_woken_and_ends_when_cancelled(self, bench: RouterBench, number: int) -> None:
        cancel, registered = threading.Event(), threading.Event()
        told: list[RouterError | None] = []

        def answered(error: RouterError | None) -> None:
            told.append(error)
            if any(heard.path.endswith("/cards") for heard in bench.server.heard):
                registered.set()

        worker = OutboxWorker(bench.desk.store, bench.router, bench.clock, WorkerOptions(answered=answered))
        thread = threading.Thread(target=worker.run_forever, args=(cancel,))
        thread.start()
        try:
            card = bench.finish(number)
            worker.wake()
            assert registered.wait(20)
        finally:
            cancel.set()
            worker.wake()
            thread.join(20)
        assert not thread.is_alive()
        assert bench.registration(card) is Registration.REGISTERED
        assert set(told) == {None}

    def test_asks_how_the_router_is_when_there_is_nothing_to_tell(self, bench: RouterBench) -> None:
        asked = threading.Event()
        cancel = threading.Event()
        said: list[RouterError | None] = []

        def answered(error: RouterError | None) -> None:
            said.append(error)
            asked.set()

        bench.server.script.append(UNWELL)
        worker = OutboxWorker(bench.desk.store, bench.router, bench.clock, WorkerOptions(answered=answered))
        thread = threading.Thread(target=worker.run_forever, args=(cancel,))
        thread.start()
        assert asked.wait(20)
        asked.clear()
        bench.clock.pass_time(LOOK_AGAIN_S)
        assert asked.wait(20)
        cancel.set()
        thread.join(20)
        assert [error and error.status for error in said] == [503, None]

    def test_what_somebody_else_was_answered_ends_a_rest_and_is_said(self, bench: RouterBench, number: int) -> None:
        card, *_others = [bench.finish(number + each) for each in range(IN_A_ROW_MAX)]
        bench.server.script.extend([Trick.CUT_BEFORE] * IN_A_ROW_MAX)
        with _running(bench) as (worker, said):
            said.wait_until(lambda: len(said.errors) >= IN_A_ROW_MAX)
            worker.overheard(RouterRefusedError(status=0))  # that was refused here, before anybody was asked
            worker.overheard(RouterUnreachableError())
            assert NoneType not in map(type, said.errors)
            worker.overheard(None)  # the clock stands still: without this nothing would be tried for a minute
            said.wait_for(NoneType)
            said.wait_until(lambda: bench.registration(card) is Registration.REGISTERED)

    def test_that_somebody_else_reached_nobody_is_asked_about_at_once(self, bench: RouterBench) -> None:
        with _running(bench) as (worker, said):
            said.wait_for(NoneType)
            bench.server.script.extend([Trick.CUT_BEFORE] * 2)  # a kept connection is tried once more
            worker.overheard(RouterUnreachableError())
            said.wait_for(RouterUnreachableError)

    @pytest.mark.expects_log("station.services.outbox_worker", "could not be worked on")
    def test_outlives_a_store_that_fails(self, bench: RouterBench, number: int, tmp_path: Path) -> None:
        card = bench.finish(number)
        other = sqlite3.connect(tmp_path / "station.db")
        other.execute("CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'no room'); END")
        other.commit()
        cancel, failed_once = threading.Event(), threading.Event()
        bench.worker = OutboxWorker(
            bench.desk.store, bench.router, bench.clock, WorkerOptions(answered=lambda _error: None)
        )
        watcher = _Watch(failed_once)
        thread = threading.Thread(target=bench.worker.run_forever, args=(cancel,))
        with watcher:
            thread.start()
            assert failed_once.wait(20)
        other.execute("DROP TRIGGER full")
        other.commit()
        other.close()
        cancel.set()
        thread.join(20)
        assert bench.work().sent == 2
        assert bench.registration(card) is Registration.REGISTERED


class _Said:
    """How the router stood, each time that it was said."""

    def __init__(self) -> None:
        self.errors: list[RouterError | None] = []
        self._news = threading.Condition()

    def __call__(self, error: RouterError | None) -> None:
        with self._news:
            self.errors.append(error)
            self._news.notify_all()

    def wait_for(self, kind: type) -> None:
        self.wait_until(lambda: bool(self.errors) and isinstance(self.errors[-1], kind))

    def wait_until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + 20
        with self._news:
            while not condition():
                assert time.monotonic() < until, self.errors
                self._news.wait(0.05)


@contextmanager
def _running(bench: RouterBench) -> Iterator[tuple[OutboxWorker, _Said]]:
    cancel, said = threading.Event(), _Said()
    worker = OutboxWorker(bench.desk.store, bench.router, bench.clock, WorkerOptions(answered=said))
    thread = threading.Thread(target=worker.run_forever, args=(cancel,))
    thread.start()
    try:
        yield worker, said
    finally:
        cancel.set()
        worker.wake()
        thread.join(20)
    assert not thread.is_alive()


class _Watch:
    """Set an event when the worker logs that it failed."""

    def __init__(self, event: threading.Event) -> None:
        self._handler = logging.Handler(logging.ERROR)
        self._handler.emit = lambda _record: event.set()  # type: ignore[method-assign]
        self._logger = logging.getLogger("station.services.outbox_worker")

    def __enter__(self) -> None:
        self._logger.addHandler(self._handler)

    def __exit__(self, *_error: object) -> None:
        self._logger.removeHandler(self._handler)
