"""Many desks on one PostgreSQL: it is killed and started again, the router is away, a station is killed.

Nothing is lost, no number is given out twice, nobody has two valid cards, and ESC-Router knows every card once.
"""

from __future__ import annotations

import json
import os
import queue
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from station.adapters.store import SqlStore, open_store
from station.domain.card import CardState, Registration
from station.ports.register import RegisterRow
from station.sandbox.faults import FaultDial
from station.sandbox.process import SandboxProcess
from tests.helpers.desks import NOW
from tests.helpers.postgres import PostgresServer, running_postgres
from tests.helpers.shared_desk import sandbox_config, student

pytestmark = pytest.mark.bench_postgres
ROOT = Path(__file__).resolve().parents[2]
DESKS, CARDS = (10, 700) if os.environ.get("STATION_SOAK") else (3, 40)
PATIENCE_S = 1800 if os.environ.get("STATION_SOAK") else 150


class Station:
    """A station process of its own, and a thread that reads what it says."""

    def __init__(self, room: Room, number: int) -> None:
        first, name = number * room.cards // room.desks, f"Desk {number + 1}"
        self._log = (room.folder / f"{name}.log").open("a", encoding="utf-8")
        place = (room.address, room.router.address, str(room.folder), name, str(first), str(room.cards))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.shared_desk", *place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=ROOT,
        )
        self.told: Counter[str] = Counter()
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(room.made,))
        self._reader.start()

    def begin(self) -> None:
        """Let it begin as soon as it is ready."""
        assert self.process.stdin is not None
        assert self._ready.wait(PATIENCE_S)
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self) -> Counter[str]:
        """Wait until it has ended; return what it counted."""
        assert self.process.wait(PATIENCE_S) == 0, Path(self._log.name).read_text("utf-8")
        self._reader.join(PATIENCE_S)
        return self.told

    def kill(self) -> None:
        """Kill it, however it stands."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout, self._log):
            assert pipe is not None
            pipe.close()

    def _read(self, made: queue.Queue[str]) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line == "ready\n":
                self._ready.set()
            elif line.startswith("made "):
                made.put(line)
            else:
                self.told.update(json.loads(line))


@dataclass
class Room:
    """The database, the router, the people who wait, and the desks."""

    server: PostgresServer
    address: str
    router: SandboxProcess
    dial: FaultDial
    folder: Path
    desks: int
    cards: int
    made: queue.Queue[str] = field(default_factory=queue.Queue)
    handed_over: int = 0

    def wait_for(self, cards: int) -> None:
        """Wait until so many cards were handed over."""
        while self.handed_over < cards:
            self.made.get(timeout=PATIENCE_S)
            self.handed_over += 1

    def kill_database(self) -> None:
        """Kill the database, and start it again."""
        self.server.kill()
        self.server.start_again()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with ExitStack() as closing:
        server = closing.enter_context(running_postgres(durable=True))
        address = server.url(server.new_database())
        dial = FaultDial(tmp_path / "faults.json")
        router = closing.enter_context(SandboxProcess(sandbox_config(tmp_path), tmp_path / "faults.json"))
        store = open_store(address)
        people = [RegisterRow(student(number)) for number in range(CARDS)]
        store.holders.apply_import(store.holders.plan_import(people, "test"), "test", NOW)
        store.close()
        yield Room(server, address, router, dial, tmp_path, DESKS, CARDS)


@pytest.mark.timeout(PATIENCE_S * 2)
def test_many_desks_lose_nothing_and_double_nothing(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as closing:
        stations = [Station(room, number) for number in range(room.desks)]
        for station in stations:
            closing.callback(station.kill)
        for station in stations:
            station.begin()
        for share, happens in [
            (0.15, room.kill_database),
            (0.3, lambda: room.dial.set("router", "down")),
            (0.45, stations[0].kill),
            (0.6, room.dial.clear),
            (0.75, room.kill_database),
        ]:
            room.wait_for(int(share * room.cards))
            happens()
        # Somebody starts the one again that was killed: it finds the card that it had in its hands.
        stations[0] = Station(room, 0)
        closing.callback(stations[0].kill)
        stations[0].begin()
        told = sum((station.end() for station in stations), Counter[str]())
    account = _account(room)
    with capsys.disabled():
        print(f"\n{room.desks} desks: {account} {dict(told)}")
    assert account == {
        "cards": room.cards,
        "lost": 0,
        "numbers twice": 0,
        "two valid cards": 0,
        "not at the router": 0,
        "at the router twice": 0,
        "printed twice": 0,
    }


def _account(room: Room) -> dict[str, int]:
    store = open_store(room.address)
    try:
        cards = list(store.cards.each())
        assert store.issuances.open_issuances() == ()
        assert {card.registration for card in cards} == {Registration.REGISTERED}
        assert (store.outbox.summary().waiting, store.outbox.summary().parked) == (0, 0)
        acknowledged = _acknowledged(room)
        active = Counter(card.holder_id for card in cards if card.state is CardState.ACTIVE)
        numbers = Counter(card.escn for card in cards)
        at_router = _at_router(room)
        return {
            "cards": len(cards),
            "lost": len(acknowledged - set(numbers)) + sum(student(n).id not in active for n in range(room.cards)),
            "numbers twice": _twice(numbers),
            "two valid cards": _twice(active),
            "not at the router": len(set(numbers) - set(at_router)),
            "at the router twice": _twice(at_router) + len(set(at_router) - set(numbers)),
            "printed twice": _twice(_plastic(room, store)),
        }
    finally:
        store.close()


def _twice(counted: Counter[str]) -> int:
    return sum(count > 1 for count in counted.values())


def _acknowledged(room: Room) -> set[str]:
    files = room.folder.glob("Desk */acknowledged")
    return {line.split()[0] for file in files for line in file.read_text("ascii").splitlines()}


def _at_router(room: Room) -> Counter[str]:
    connection = sqlite3.connect(room.folder / "router.sqlite")
    try:
        return Counter(escn for (escn,) in connection.execute("SELECT escn FROM cards"))
    finally:
        connection.close()


def _plastic(room: Room, store: SqlStore) -> Counter[str]:
    """Return how many cards came out of the printers for each issuance."""
    jobs = {i.job: i.id for card in store.cards.each() if (i := store.issuances.get(card.issuance_id)) is not None}
    out = (front.parent.name for front in room.folder.glob("Desk */printer/**/front.png"))
    return Counter(jobs.get(job, job) for job in out)
