"""The desk's own database: several calls of the store can be made in it as one transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection

from station.adapters.store.cipher import FieldCipher
from station.adapters.store.database import Database
from station.adapters.store.faults import translated
from station.ports.news import StoreNews


class LocalDatabase(Database):
    """A database whose writes join the transaction that their thread is in, as a part that can fail by itself."""

    def __init__(self, url: URL, cipher: FieldCipher | None = None) -> None:
        super().__init__(url, cipher)
        # By thread: what another thread writes meanwhile must not end up in this one's transaction, and be undone with
        # it.
        self._thread = threading.local()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make everything that this thread writes in the block durable at its end, or none of it when it raises."""
        with super().write() as connection:
            self._thread.connection = connection
            try:
                yield
            finally:
                self._thread.connection = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees what this thread has written already."""
        joined = self._joined()
        if joined is None:
            with super().read() as connection:
                yield connection
        else:
            with translated(self.where):
                yield joined

    @contextmanager
    def write(self, *news: StoreNews) -> Iterator[Connection]:
        """Give a connection in a transaction of its own, or in a part of the thread's."""
        joined = self._joined()
        if joined is None:
            with super().write(*news) as connection:
                yield connection
        else:
            # A savepoint: a part that is refused is taken back alone, and the caller may go on with the rest.
            with translated(self.where), joined.begin_nested():
                yield joined

    def _joined(self) -> Connection | None:
        return getattr(self._thread, "connection", None)
