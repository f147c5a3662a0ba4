"""Stores for tests: new ones of every kind, quickly, and what several tests ask of them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

from station.adapters.store import FieldCipher, SqlStore, open_store
from station.domain.portrait import Portrait
from station.ports.store import Store
from tests.helpers.postgres import PostgresServer
from tests.helpers.scribe import NOON, row
from tests.helpers.standby import lone_desk

KEY = bytes(range(32))
KINDS = ("sqlite", "sqlite encrypted", "postgresql", "postgresql encrypted", "desk", "desk alone")

Reopen = Callable[[], SqlStore]


class Maker:
    """Makes new stores of one kind as copies of an empty one."""

    def __init__(self, kind: str, folder: Path, server: PostgresServer | None) -> None:
        self.kind, self.cipher = kind, FieldCipher(KEY) if "encrypted" in kind else None
        self._folder, self._server, self._made = folder, server, 0
        if server is None:
            self._empty = str(folder / "empty.db")
            address = self._empty
        else:
            self._empty = server.new_database()
            address = server.url(self._empty)
        open_store(address, cipher=self.cipher).close()
        if kind.startswith("desk"):
            lone_desk(Path(address), self.cipher).close()

    def open(self, address: str) -> SqlStore:
        """Open a store at an address that ``address`` gave."""
        if not self.kind.startswith("desk"):
            return open_store(address, cipher=self.cipher, station="Desk 1")
        # Of one kind with the others for whoever uses it: that is what the suites are to show.
        return cast(SqlStore, lone_desk(Path(address), self.cipher, cut="alone" in self.kind))

    def address(self, stack: ExitStack) -> str:
        """Return the address of a new store, which is gone when ``stack`` ends."""
        self._made += 1
        if self._server is not None:
            name = self._server.new_database(self._empty)
            stack.callback(self._server.drop, name)
            return self._server.url(name)
        made = self._folder / f"{self._made}" / "shared.db"
        made.parent.mkdir()
        for file in self._folder.glob("empty.db*"):
            shutil.copyfile(file, made.with_name(file.name.replace("empty.db", made.name)))
        return str(made)


def names(store: Store, text: str, limit: int = 20) -> list[str]:
    """Return the names of whom a search finds."""
    return [found.full_name for found in store.holders.search(text, limit=limit)]


def portrait(ident: str, at: datetime = NOON, **changes: object) -> Portrait:
    """Return a portrait of the holder ``id-1``."""
    whole = Portrait(ident, "id-1", b"\xff\xd8picture", 413, 531, at)
    return replace(whole, **changes)  # type: ignore[arg-type]  # the names are those of the dataclass


def in_threads(*works: Callable[[], None]) -> list[BaseException]:
    """Run the works at once, each in a thread, and return what they raised."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        barrier.wait(30)
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        ended = [pool.submit(run, work) for work in works]
        return [error for each in ended if (error := each.exception(60)) is not None]


PEOPLE = [
    row("051REB123", "Jānis", "Bērziņš"),
    row("051REB124", "Anna Marija", "Bērza"),
    row("061RDB001", "Олена", "Грищук"),
    row("061RDB002", "Ґанна", "Їжакевич"),
    row("071RMC777", "Łukasz", "Żółć"),
    row("081RAE100", "Søren", "Strauß-Ørsted", email="soren.x@example.dk"),
    row("091RAE200", "An", "Nguyễn Thị", email=None),
]
