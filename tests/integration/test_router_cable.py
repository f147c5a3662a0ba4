"""The cable is pulled at every byte of a request and of its answer: in the end the card is registered, once."""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.domain.card import Card, Registration
from station.domain.outbox import OutboxState
from station.services.outbox_worker import OutboxWorker, WorkerOptions
from tests.helpers.cutting_proxy import CuttingProxy, cutting_proxy
from tests.helpers.finished_cards import Desk, FakeClock, a_student
from tests.helpers.sandbox import KEY, PIC, RunningSandbox, running_sandbox

# Every byte in the long runs; else some that lie in every part: line, headers, their end, body.
EVERY = 1 if os.environ.get("STATION_SOAK") else 61
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def cable(sandbox: RunningSandbox) -> Iterator[CuttingProxy]:
    with cutting_proxy(sandbox.address) as running:
        yield running


class Station:
    """A desk behind the cable."""

    def __init__(self, folder: Path, cable: CuttingProxy) -> None:
        self.desk, self.clock, self.cable = Desk(folder / "station.db"), FakeClock(), cable

    def finish(self) -> Card:
        """Finish a card for somebody new."""
        student = a_student(next(_numbers))
        self.desk.know(student)
        return self.desk.finish(student)

    def work(self) -> None:
        """Let the worker of a program that was just started run once: it has no connection from before."""
        router = HttpRouter(RouterAddress(self.cable.address, timeout_s=5), pic=PIC, institution="Test", key=KEY.encode)
        OutboxWorker(self.desk.store, router, self.clock, WorkerOptions(draw=lambda: 1.0)).run_once(threading.Event())
        router.close()
        self.clock.pass_time(3600)


@pytest.fixture
def station(tmp_path: Path, cable: CuttingProxy) -> Iterator[Station]:
    station = Station(tmp_path, cable)
    yield station
    station.desk.store.close()


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_cut_at_any_byte_loses_nothing_and_tells_nothing_twice(
    station: Station, sandbox: RunningSandbox, cable: CuttingProxy, way: str
) -> None:
    station.finish()
    station.work()
    length = getattr(cable, way)
    assert length > 300
    cards = []
    for byte in range(0 if way == "up" else 1, length, EVERY):
        card = station.finish()
        setattr(cable, f"cut_{way}", byte or 1)
        station.work()
        station.work()
        cards.append((byte, card))
    entries = {(entry.kind, entry.escn): entry for entry in station.desk.store.outbox.entries(unfinished=False)}
    assert {entry.state for entry in entries.values()} == {OutboxState.DONE}
    counted = _counted(sandbox)
    for byte, card in cards:
        stored = station.desk.store.cards.get(card.escn)
        assert stored is not None
        assert (byte, stored.registration, counted[card.escn]) == (byte, Registration.REGISTERED, 1)


def test_the_clock_goes_back_and_forth_meanwhile(station: Station, cable: CuttingProxy) -> None:
    cards = []
    for hours in (0, -5, 9000, -9000, 3, 0):
        station.clock.set_wrong(timedelta(hours=hours))
        cards.append(station.finish())
        cable.cut_down = 40
        station.work()
    station.clock.set_wrong(timedelta())
    for _each in range(3):
        station.work()
    for card in cards:
        entry = station.desk.store.outbox.get(f"card:{card.escn}")
        assert entry is not None
        assert entry.state is OutboxState.DONE
        # What this computer's clock said is kept as it was, and beside it what the router's did.
        assert entry.done_at is not None
        assert entry.router_at is not None


def _counted(sandbox: RunningSandbox) -> dict[str, int]:
    connection = sqlite3.connect(sandbox.folder / "router.sqlite")
    try:
        return dict(connection.execute("SELECT escn, count(*) FROM cards GROUP BY escn").fetchall())
    finally:
        connection.close()
