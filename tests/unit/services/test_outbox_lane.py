"""One lane by itself: what an answer means for its entry and for the lane; no router, the answers are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from station.domain.card import Registration
from station.domain.errors import (
    RouterBusyError,
    RouterError,
    RouterGoneError,
    RouterKeyError,
    RouterRefusedError,
    RouterUnreachableError,
    StoreError,
)
from station.domain.outbox import UPLOADS, Backoff, OutboxEntry, OutboxKind, OutboxState
from station.services.outbox_corrections import Corrections
from station.services.outbox_lane import IN_A_ROW_MAX, KEY_REST_S, Judged, Lane, LaneOptions, plain
from station.services.outbox_sending import Answer
from station.services.outbox_window import Window
from station.services.registration import NO_ESI
from tests.helpers.finished_cards import NOW, POLICY, Desk, FakeClock, a_student


class Bench:
    """A lane on a real store, and what it said of the router."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.clock = Desk(folder / "station.db"), FakeClock()
        self.said: list[RouterError | None] = []
        options = LaneOptions(Backoff(), Backoff(cap_s=60.0), lambda: 1.0, self.said.append)
        self.lane = Lane(UPLOADS, self.desk.store, self.clock, options, window=Window())
        self.corrections = Corrections(self.desk.store, lambda _institution: POLICY)

    def finish(self, number: int, *, esi: bool = True) -> None:
        student = a_student(number, esi=esi)
        self.desk.know(student)
        self.desk.finish(student)

    def next(self) -> OutboxEntry:
        entry = self.lane.next()
        assert entry is not None
        return entry

    def judge(self, *answers: Answer) -> list[Judged]:
        return self.lane.judge(list(answers), self.corrections)

    def answer(self, entry: OutboxEntry, error: RouterError | None = None, *, generation: int = 0) -> None:
        """Have an answer judged, written and done with."""
        judged = self.judge(Answer(entry, error, sent_s=self.clock.monotonic(), generation=generation))
        self.lane.finish(judged, self.lane.write(judged, self.corrections))

    def stored(self, entry: OutboxEntry) -> OutboxEntry:
        found = self.desk.store.outbox.get(entry.key)
        assert found is not None
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.desk.store.close()


def test_what_went_well_is_done_and_the_next_of_that_person_goes(bench: Bench) -> None:
    bench.finish(1)
    person = bench.next()
    assert (person.kind, bench.lane.next()) == (OutboxKind.PERSON, None)
    bench.answer(person)
    assert bench.stored(person).state is OutboxState.DONE
    assert bench.next().kind is OutboxKind.CARD
    assert bench.lane.counts[OutboxState.DONE] == 1


def test_what_has_no_esi_is_put_aside_and_holds_up_nobody(bench: Bench) -> None:
    bench.finish(1, esi=False)
    bench.finish(2)
    assert bench.next().order_key.endswith("000002")
    (aside,) = (e for e in bench.desk.store.outbox.entries() if e.state is OutboxState.PARKED)
    assert aside.last_answer == NO_ESI


def test_a_refusal_parks_with_what_to_do_and_a_final_one_for_good(bench: Bench) -> None:
    bench.finish(1)
    bench.finish(2)
    for error, final in ((RouterRefusedError(detail="email: wrong"), False), (RouterGoneError(), True)):
        entry = bench.next()
        bench.answer(entry, error)
        parked = bench.stored(entry)
        assert (parked.state, parked.final, parked.last_params["code"]) == (OutboxState.PARKED, final, error.code)
        card = bench.desk.store.cards.get(entry.escn)
        assert card is not None
        assert card.registration is Registration.PARKED
    assert not bench.lane.rest.left()


def test_one_that_fails_waits_by_itself_and_many_in_a_row_let_the_lane_rest(bench: Bench) -> None:
    for number in range(1, IN_A_ROW_MAX + 2):
        bench.finish(number)
    for number in range(1, IN_A_ROW_MAX + 1):
        assert not bench.lane.rest.left(), f"after {number - 1} it is too early"
        entry = bench.next()
        bench.answer(entry, RouterUnreachableError())
        assert bench.stored(entry).next_at == NOW + timedelta(seconds=2)
    assert bench.lane.rest.left() == timedelta(seconds=2)
    assert isinstance(bench.lane.why, RouterUnreachableError)
    assert bench.lane.next() is None
    assert bench.lane.next_at() == NOW + timedelta(seconds=2)
    bench.lane.end_rests()
    assert bench.next().order_key.endswith(f"{IN_A_ROW_MAX + 1:06d}")


def test_the_longest_that_is_asked_for_is_how_long_it_rests(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.finish(number)
    sent = [bench.next() for _each in range(3)]
    for entry, asked, left in zip(sent, (30.0, 120.0, 5.0), (30, 120, 120), strict=True):
        bench.answer(entry, RouterBusyError(retry_after_s=asked))
        assert bench.lane.rest.left() == timedelta(seconds=left)


def test_an_answer_from_before_the_trouble_ends_no_rest(bench: Bench) -> None:
    bench.finish(1)
    bench.finish(2)
    late, busy = bench.next(), bench.next()
    sent_s = bench.clock.monotonic()
    bench.clock.pass_time(1)
    bench.answer(busy, RouterBusyError(retry_after_s=60.0))
    judged = bench.judge(Answer(late, sent_s=sent_s))
    assert bench.lane.rest.left()
    bench.lane.finish(judged, bench.lane.write(judged, bench.corrections))
    assert bench.stored(busy).next_at is not None
    bench.clock.pass_time(1)
    bench.lane.works(sent_s=bench.clock.monotonic())
    assert not bench.lane.rest.left()
    assert bench.stored(busy).next_at is None, "it was held up by the trouble alone"
    assert bench.said[-1] is None


def test_a_refused_key_blames_no_entry_and_lets_its_institution_rest_alone(bench: Bench) -> None:
    bench.finish(1)
    entry = bench.next()
    pic = str(entry.payload["pic"])
    bench.answer(entry, RouterKeyError())
    assert bench.stored(entry).attempts == 0
    assert bench.lane.keys.left(pic) == timedelta(seconds=KEY_REST_S)
    assert (bench.lane.next(), bench.lane.rest.left()) == (None, timedelta())
    assert isinstance(bench.lane.why, RouterKeyError)
    bench.clock.pass_time(KEY_REST_S)
    bench.lane.begin()
    assert bench.next() == entry


def test_what_was_corrected_meanwhile_is_not_written_over(bench: Bench) -> None:
    bench.finish(1)
    entry, generation = bench.next(), bench.corrections.changes
    bench.corrections.send_again(entry)
    bench.answer(entry, RouterRefusedError(), generation=generation)
    assert bench.stored(entry).state is OutboxState.WAITING
    bench.lane.begin()
    assert bench.next().key == entry.key


def test_another_lane_s_answers_are_not_its_own_and_a_store_s_error_is_nobody_s(bench: Bench) -> None:
    bench.finish(1)
    entry = bench.next()
    assert bench.judge(Answer(replace(entry, lane="other"))) == []
    with pytest.raises(StoreError):
        bench.judge(Answer(entry, StoreError()))


def test_an_error_s_values_become_plain_json() -> None:
    error = RouterRefusedError(detail=Path("x"), status=400)
    told = plain(error)
    assert (told["detail"], told["code"], told["todo"]) == ("x", error.code, error.todo)
