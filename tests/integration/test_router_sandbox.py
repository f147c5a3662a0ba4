"""The station's outbox and a router that does anything at any time: in the end each card is registered, once."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from station.adapters.router.crew import ThreadCrew
from station.domain.card import Card, Registration
from station.domain.outbox import OutboxKind
from station.ports.router import Crew
from tests.helpers.finished_cards import a_student
from tests.helpers.http_server import Answer, Trick, scripted_server
from tests.helpers.router_bench import ANYTHING, RouterBench
from tests.helpers.sandbox import RunningSandbox, running_sandbox

_hundreds = itertools.count(100, 100)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


class AnythingGoes(RuleBasedStateMachine):
    """Cards are finished, answers are arbitrary, the program is restarted; whatever happened, telling ends well."""

    sandbox: RunningSandbox
    folder: Callable[[], Path]
    crew: Callable[[], Crew] | None = None

    def __init__(self) -> None:
        super().__init__()
        self.closing = ExitStack()
        self.cards: list[tuple[int, Card]] = []

    @initialize()
    def open(self) -> None:
        self.server = self.closing.enter_context(scripted_server(self.sandbox.address))
        self.bench = RouterBench(self.folder(), self.server, crew=self.crew)
        self.closing.callback(self.bench.close)
        self.base = next(_hundreds)

    @rule(student=st.integers(0, 3))
    def finish(self, student: int) -> None:
        self.cards.append((student, self.bench.finish(self.base + student)))

    @rule(answers=st.lists(st.sampled_from(ANYTHING), max_size=6))
    def misbehave(self, answers: list[Answer | Trick]) -> None:
        self.server.script.extend(answers)

    @rule()
    def work(self) -> None:
        self.bench.work()

    @rule(seconds=st.sampled_from([1, 5, 60, 900]))
    def wait(self, seconds: int) -> None:
        self.bench.clock.pass_time(seconds)

    @rule(hours=st.sampled_from([-48, -1, 0, 1, 10_000]))
    def set_the_clock(self, hours: int) -> None:
        self.bench.clock.set_wrong(timedelta(hours=hours))

    @rule()
    def restart(self) -> None:
        self.bench.worker = self.bench.new_worker()

    @precondition(lambda self: self.cards)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        _student, card = data.draw(st.sampled_from(self.cards))
        self.bench.worker.retry(data.draw(st.sampled_from([None, f"card:{card.escn}"])))

    @invariant()
    def a_registered_card_is_known(self) -> None:
        if not self.cards:
            return
        known = _cards_at(self.sandbox)
        for _student, card in self.cards:
            if self.bench.registration(card) is Registration.REGISTERED:
                assert card.escn in known

    @invariant()
    def no_card_is_sent_before_its_person_is_known(self) -> None:
        if not self.cards:
            return
        entries = {(e.kind, e.escn): e for e in self.bench.desk.store.outbox.entries(unfinished=False)}
        for _student, card in self.cards:
            if entries[OutboxKind.CARD, card.escn].attempts:
                assert entries[OutboxKind.PERSON, card.escn].done_at is not None

    def teardown(self) -> None:
        with self.closing:
            if not hasattr(self, "bench"):
                return
            self.server.script.clear()
            self.bench.clock.set_wrong(timedelta())
            self.bench.worker.retry()
            for _each in range(5):
                self.bench.work()
                self.bench.clock.pass_time(3600)
            known = _cards_at(self.sandbox)
            for student, card in self.cards:
                assert self.bench.registration(card) is Registration.REGISTERED
                assert known[card.escn] == a_student(self.base + student).esi
            summary = self.bench.desk.store.outbox.summary()
            assert (summary.waiting, summary.parked, summary.done) == (0, 0, 2 * len(self.cards))


def _cards_at(sandbox: RunningSandbox) -> dict[str, str]:
    connection = sqlite3.connect(sandbox.folder / "router.sqlite")
    try:
        rows = connection.execute("SELECT escn, esi FROM cards JOIN persons ON persons.id = cards.person_id")
        return dict(rows.fetchall())
    finally:
        connection.close()


@pytest.mark.parametrize("together", [False, True], ids=["one at a time", "several at a time"])
def test_whatever_the_router_answers_each_card_is_registered_once(
    sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory, together: bool
) -> None:
    class Machine(AnythingGoes):
        pass

    Machine.sandbox = sandbox
    Machine.folder = staticmethod(lambda: tmp_path_factory.mktemp("desk"))
    Machine.crew = staticmethod(lambda: ThreadCrew(4)) if together else None
    long = settings.default.max_examples > 1000
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=500 if long else 12,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
