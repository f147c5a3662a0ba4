"""A desk and its PostgreSQL: the server is killed, hangs, and is started again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.adapters.clock import SystemClock
from station.adapters.standby import DeskStore, DeskStoreOrder, open_desk_store, tend_to
from station.adapters.store import open_store
from station.domain.errors import StoreAwayError, StoreError
from station.domain.workflow import PortraitTaken
from tests.helpers.postgres import PostgresServer, running_postgres
from tests.helpers.scribe import Scribe, keep, row
from tests.helpers.standby import told
from tests.helpers.stores import names

pytestmark = pytest.mark.bench_postgres
PATIENCE_S = 60


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as started:
        yield started


@pytest.fixture
def address(server: PostgresServer) -> str:
    address = server.url(server.new_database())
    with closing(open_store(address, station="server")) as store:
        keep(store, row("1"), row("2", "Anna", "Kalniņa"))
    return address


def order(address: str, folder: Path, name: str = "Desk 1") -> DeskStoreOrder:
    return DeskStoreOrder(address, folder / f"{name}.db", name, SystemClock(), told)


def wait(what: Callable[[], bool], store: DeskStore) -> None:
    """Wait until it is so; every change of the store's state wakes the test."""
    changed = threading.Event()
    store.heard = changed.set
    until = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < until, store.state()
        changed.wait(0.05)
        changed.clear()


def opened(address: str, folder: Path, name: str = "Desk 1") -> DeskStore:
    store = open_desk_store(order(address, folder, name))
    tend_to(store)
    return store


def copied(store: DeskStore) -> DeskStore:
    wait(lambda: store.state().ready, store)
    return store


def back(store: DeskStore) -> None:
    wait(lambda: store.state().alone_since is None, store)


def test_a_desk_goes_on_when_the_server_is_killed_and_merges_when_it_is_back(
    server: PostgresServer, address: str, tmp_path: Path
) -> None:
    with closing(copied(opened(address, tmp_path))) as desk:
        begun = Scribe(desk, holder_id="id-1").until(PortraitTaken)
        server.kill()
        for event in list(begun.events())[begun.sequence :]:
            begun.tell(event)
        card = begun.hand_over()
        assert desk.state().alone_since is not None
        assert names(desk, "kaln") == ["Anna Kalniņa"]
        other = Scribe(desk, holder_id="id-2", uid="04BB").until(PortraitTaken)
        server.start_again()
        back(desk)
        with closing(open_store(address, station="server")) as store:
            assert store.cards.get(card.escn) == card
            assert store.issuances.open_issuances() == (other.issuance,)
            assert store.outbox.entries() == begun.outbox_as_told
        assert desk.doubts() == ()


def test_a_desk_opens_on_its_own_copy_while_the_server_is_away(
    server: PostgresServer, address: str, tmp_path: Path
) -> None:
    copied(opened(address, tmp_path)).close()
    server.kill()
    try:
        with closing(opened(address, tmp_path)) as desk:
            assert desk.state().alone_since is not None
            assert names(desk, "berz") == ["Jānis Bērziņš"]
            card = Scribe(desk, holder_id="id-1").hand_over()
        with pytest.raises(StoreAwayError, match="doesn't answer"):
            opened(address, tmp_path, "Desk 2")
    finally:
        server.start_again()
    with closing(opened(address, tmp_path)) as desk:
        back(desk)
        assert desk.cards.get(card.escn) == card


def test_a_server_that_hears_and_says_nothing_holds_up_no_start(
    server: PostgresServer, address: str, tmp_path: Path
) -> None:
    copied(opened(address, tmp_path)).close()
    postmaster = int((server._data / "postmaster.pid").read_text("ascii").split()[0])
    os.kill(postmaster, signal.SIGSTOP)
    try:
        with closing(opened(address, tmp_path)) as desk:
            assert desk.state().alone_since is not None
            assert names(desk, "berz") == ["Jānis Bērziņš"]
            os.kill(postmaster, signal.SIGCONT)
            back(desk)
    finally:
        os.kill(postmaster, signal.SIGCONT)


def test_a_store_of_a_newer_program_is_said_and_not_worked_around(
    server: PostgresServer, address: str, tmp_path: Path
) -> None:
    copied(opened(address, tmp_path)).close()
    with closing(open_store(address)) as store, store.database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        opened(address, tmp_path)
