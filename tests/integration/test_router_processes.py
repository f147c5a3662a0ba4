"""Two station processes drain one outbox at the same moment; one of them is killed in the middle of another run."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from station.adapters.store import open_store
from station.domain.card import Registration
from station.domain.outbox import OutboxState
from tests.helpers.finished_cards import Desk, a_student
from tests.helpers.postgres import running_postgres
from tests.helpers.sandbox import RunningSandbox, running_sandbox

pytestmark = pytest.mark.bench_postgres
CARDS = 40
PATIENCE_S = 90


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_postgres() as server:
        yield server.url(server.new_database())


class Station:
    """A station process of its own."""

    def __init__(self, database: str, sandbox: RunningSandbox, name: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.two_desks", database, sandbox.address, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def begin(self) -> None:
        """Let it begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Wait until it has ended; return how many it says it sent."""
        out, _err = self.process.communicate(timeout=PATIENCE_S)
        assert self.process.returncode == 0
        return int(out)

    def close(self) -> None:
        """End it, however it stands."""
        self.process.kill()
        self.process.communicate()


def queued(database: str, first: int) -> list[str]:
    """Finish so many cards on the shared store; return their numbers."""
    desk = Desk(database)  # type: ignore[arg-type]  # an address is as good as a file
    students = [a_student(first + each) for each in range(CARDS)]
    desk.know(*students)
    escns = [desk.finish(student).escn for student in students]
    desk.store.close()
    return escns


def check(database: str, sandbox: RunningSandbox, escns: list[str]) -> None:
    """Fail unless each card is registered, done, and at the router once."""
    store = open_store(database, station="check")
    try:
        entries = [store.outbox.get(f"card:{escn}") for escn in escns]
        assert {entry.state for entry in entries if entry is not None} == {OutboxState.DONE}
        cards = [store.cards.get(escn) for escn in escns]
        assert {card.registration for card in cards if card is not None} == {Registration.REGISTERED}
        summary = store.outbox.summary()
        assert (summary.waiting, summary.parked) == (0, 0)
    finally:
        store.close()
    connection = sqlite3.connect(sandbox.folder / "router.sqlite")
    counted = dict(connection.execute("SELECT escn, count(*) FROM cards GROUP BY escn").fetchall())
    connection.close()
    assert {counted.get(escn) for escn in escns} == {1}


def test_two_processes_on_one_outbox_tell_everything_once(database: str, sandbox: RunningSandbox) -> None:
    escns = queued(database, 1000)
    with ExitStack() as closing:
        stations = [Station(database, sandbox, f"Desk {n}") for n in (1, 2)]
        for station in stations:
            closing.callback(station.close)
        for station in stations:
            station.begin()
        sent = [station.end() for station in stations]
    # What both told at the same moment counts for both, and is at the router once.
    assert sum(sent) >= 2 * CARDS
    check(database, sandbox, escns)


def test_one_that_is_killed_leaves_nothing_behind_that_the_other_does_not_tell(
    database: str, sandbox: RunningSandbox
) -> None:
    escns = queued(database, 2000)
    sandbox.dial.set("router", "slow", 0.2)
    with ExitStack() as closing:
        closing.callback(sandbox.dial.clear)
        first, second = (Station(database, sandbox, f"Desk {n}") for n in (3, 4))
        closing.callback(first.close)
        closing.callback(second.close)
        first.begin()
        second.begin()
        store = open_store(database, station="watch")
        while store.outbox.summary().waiting > 1.5 * CARDS:
            pass
        store.close()
        first.process.kill()
        sandbox.dial.clear()
        second.end()
    check(database, sandbox, escns)
