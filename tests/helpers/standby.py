"""Desks that share a store over lines that can be cut, before a call or after it."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection

from station.adapters.clock import SystemClock
from station.adapters.standby import DeskStore, StandbyOptions
from station.adapters.standby.local import LocalDatabase
from station.adapters.standby.merging import Told
from station.adapters.store import FieldCipher, SqlStore, open_store
from station.adapters.store.database import Database, sqlite_url
from station.adapters.store.opening import _sign_in
from station.domain.card import Card
from station.domain.errors import StoreAwayError, StoreRefusedError
from station.domain.outbox import OutboxEntry, OutboxKind
from station.domain.workflow import Event, PortraitTaken
from station.ports.news import StoreNews
from station.ports.store import Change, Store
from tests.helpers.scribe import NOON, Scribe, keep, row


@dataclass
class Line:
    """A line to the shared store: ``cut`` is how it is, ``breaks_in`` after how many calls it will be so.

    With ``answer_lost`` the call at which it breaks arrives, and only its answer does not.
    """

    cut: bool = False
    breaks_in: int | None = None
    answer_lost: bool = False
    refused: bool = False

    def before(self) -> None:
        """Count a call; raise StoreAwayError when it doesn't arrive."""
        if self.breaks_in is not None and not self.cut:
            self.breaks_in -= 1
            if self.breaks_in < 0 and not self.answer_lost:
                self._break()
        if self.cut:
            raise (StoreRefusedError if self.refused else StoreAwayError)(file="shared", detail="the line is cut")

    def after(self) -> None:
        """Raise StoreAwayError when a call arrived and its answer doesn't."""
        if self.breaks_in is not None and self.breaks_in < 0:
            self._break()
            raise StoreAwayError(file="shared", detail="the line was cut")

    def _break(self) -> None:
        self.cut, self.breaks_in = True, None


class CutDatabase(Database):
    """A database at the end of a line."""

    def __init__(self, url: URL, line: Line, cipher: FieldCipher | None = None) -> None:
        super().__init__(url, cipher)
        self.line = line

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.line.before()
        with super().read() as connection:
            yield connection
        self.line.after()

    @contextmanager
    def write(self, *news: StoreNews) -> Iterator[Connection]:
        self.line.before()
        with super().write(*news) as connection:
            yield connection
        self.line.after()


class HeldClock:
    """A clock that a test moves on."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the time that was set, a little later each time."""
        self.at += timedelta(milliseconds=1)
        return self.at

    def monotonic(self) -> float:
        """Return seconds."""
        return self.at.timestamp()


@cache
def _template(holders: tuple[str, ...]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="station-desks-"))
    atexit.register(shutil.rmtree, folder)
    desks = Desks(folder)
    keep(desks.shared, *(row(holder.removeprefix("id-")) for holder in holders))
    desks.desk("Desk 1")
    desks.desk("Desk 2")
    desks.close()
    return folder


def ready_desks(folder: Path, holders: tuple[str, ...]) -> Desks:
    """Open two desks in ``folder`` that have copied a store with these holders."""
    shutil.copytree(_template(holders), folder, dirs_exist_ok=True)
    desks = Desks(folder)
    desks.desk("Desk 1", copied=False)
    desks.desk("Desk 2", copied=False)
    return desks


class DeskScribe(Scribe):
    """A scribe at one of several desks, by a clock that they share."""

    def __init__(self, desks: Desks, name: str, *, holder_id: str, uid: str) -> None:
        super().__init__(desks.open[name], holder_id=holder_id, uid=uid)
        self.desks, self.name = desks, name

    def change(self, event: Event) -> Change:
        """Return the change that ``event`` makes, at this desk."""
        self.at, self.store = self.desks.clock.now(), self.desks.open[self.name]
        change = super().change(event)
        return replace(change, entry=replace(change.entry, station=self.name))


def taken_over(desks: Desks, scribe: DeskScribe, name: str) -> DeskScribe:
    """Return the same issuance at another desk."""
    other = DeskScribe(desks, name, holder_id=scribe.holder_id, uid=scribe.uid)
    other.issuance, other.sequence, other.escn = scribe.issuance, scribe.sequence, scribe.escn
    return other


def two_pieces(desks: Desks) -> tuple[DeskScribe, DeskScribe]:
    """Put one number on two chips: the draft of one desk, which is cut off, is taken over by the other."""
    here = DeskScribe(desks, "Desk 1", holder_id="id-1", uid="04AA").until(PortraitTaken)
    desks.open["Desk 2"].tend()
    there = taken_over(desks, here, "Desk 2")
    there.uid = "04BB"
    desks.cut("Desk 1")
    for scribe in (here, there):
        for event in list(scribe.events())[scribe.sequence :]:
            scribe.tell(event)
        scribe.hand_over()
    desks.mend("Desk 1")
    return here, there


def told(store: Store, card: Card) -> tuple[OutboxEntry, ...]:
    """Return that a card has changed, as ESC-Router is told."""
    payload: dict[str, object] = {"escn": card.escn, "status": "ACTIVE" if card.state == "active" else "INACTIVE"}
    entry = OutboxEntry(f"card:{card.escn}:0", "router", OutboxKind.CARD, card.holder_id, payload, NOON)
    return (replace(entry, escn=card.escn),)


def forgotten(store: Store, holder_id: str) -> tuple[OutboxEntry, ...]:
    """Return that every card of a holder is to be deleted."""
    made = (replace(told(store, card)[0], kind=OutboxKind.DELETE_CARD) for card in store.cards.of_holder(holder_id))
    return tuple(replace(entry, key=f"delete-card:{entry.escn}") for entry in made)


@dataclass
class Desks:
    """Desks beside each other, each with its line, its own file and its clock; ``shared`` is asked past any line."""

    folder: Path
    cipher: FieldCipher | None = None
    clock: HeldClock = field(default_factory=HeldClock)
    lines: dict[str, Line] = field(default_factory=dict)
    open: dict[str, DeskStore] = field(default_factory=dict)
    told: Told = field(default=told)

    def __post_init__(self) -> None:
        self.shared = open_store(self.folder / "shared.db", cipher=self.cipher, station="server")

    def desk(self, name: str = "Desk 1", *, copied: bool = True) -> DeskStore:
        """Open a desk; ``copied`` that has copied the whole store."""
        line = self.lines.setdefault(name, Line())
        local = open_store(self.folder / f"{name}.db", cipher=self.cipher, station=name, kind=LocalDatabase)

        def reach() -> SqlStore:
            return SqlStore(CutDatabase(sqlite_url(self.folder / "shared.db"), line, self.cipher))

        with self.shared.database.write() as connection:
            _sign_in(connection, name)
        shared = None if line.cut else reach()
        store = DeskStore(local, StandbyOptions(reach, self.clock, name, self.told, forgotten=forgotten), shared)
        self.open[name] = store
        if copied and not line.cut:
            settle(store)
        return store

    def again(self, name: str = "Desk 1") -> DeskStore:
        """Close a desk and open it once more."""
        self.open.pop(name).close()
        return self.desk(name, copied=False)

    def cut(self, name: str = "Desk 1") -> None:
        """Cut a desk's line."""
        self.lines[name].cut, self.lines[name].breaks_in = True, None

    def mend(self, name: str = "Desk 1") -> None:
        """Mend a desk's line; it merges, and copies what it missed."""
        self.lines[name].cut, self.lines[name].breaks_in = False, None
        settle(self.open[name])

    def close(self) -> None:
        """Close everything."""
        for store in self.open.values():
            store.close()
        self.shared.close()


def lone_desk(shared: Path, cipher: FieldCipher | None, *, cut: bool = False) -> DeskStore:
    """Open the only desk of a store, all of it copied; on a line that is ``cut`` it is alone from the beginning."""
    line, own = Line(), shared.with_name(f"{shared.name}.own")
    local = open_store(own, cipher=cipher, station="Desk 1", kind=LocalDatabase)

    def reach() -> SqlStore:
        return SqlStore(CutDatabase(sqlite_url(shared), line, cipher))

    line.cut = cut
    store = DeskStore(local, StandbyOptions(reach, SystemClock(), "Desk 1", told), None if cut else reach())
    if not cut:
        settle(store)
    return store


def settle(store: DeskStore) -> None:
    """Do what a desk does in the background until there is nothing left to do."""
    for _ in range(50):
        if store.tend() >= 5 and store.state().alone_since is None:
            return
    raise AssertionError(f"the desk does not come back: {store.state()}")
