"""A connection pool with two doors: reading, and writing as one short durable transaction at a time."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, bindparam, create_engine, event, select
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import func

from station.adapters.store.cipher import FieldCipher, digest_of
from station.adapters.store.faults import translated
from station.adapters.store.news import tell
from station.ports.news import StoreNews

BUSY_TIMEOUT_MS = 2_000
_WRITE = "station_write"
# Of a server whose cable was pulled nothing is heard at all: seconds, not the quarter of an hour that TCP would wait.
PATIENCE = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
# The same from the other end. A desk whose cable was pulled, or whose lid was shut, inside a transaction would
# keep what it has locked from every other desk: for two hours, by the server's own patience.
SERVER_LOOKS = (
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
    "SET idle_in_transaction_session_timeout = '60s'"
)
_ALONE = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("what"), 0)))


class Database:
    """An engine, its cipher and the name to call it by in messages."""

    def __init__(self, url: URL, cipher: FieldCipher | None = None) -> None:
        self.url, self.cipher = url, cipher
        self.where = url.database or "" if is_sqlite(url) else url.render_as_string(hide_password=True)
        self.engine = _sqlite_engine(url) if is_sqlite(url) else _server_engine(url)
        self.sqlite = self.engine.dialect.name == "sqlite"
        # Column types find the cipher here: a dialect belongs to one engine only.
        self.engine.dialect.field_cipher = cipher  # type: ignore[attr-defined]
        self._writing = threading.RLock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store, and writes nothing."""
        with translated(self.where), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *news: StoreNews) -> Iterator[Connection]:
        """Give a connection in a transaction that is durable when this block ends, and has never been when it raises.

        Threads of this program write one after the other; a SQLite file is reserved for writing from the start, so
        that nothing that was read in the block is stale when it is written. Other stations are told the ``news``.
        """
        with (
            translated(self.where),
            # Threads wait for each other here: at SQLite's own lock they would sleep and try again, and the last might
            # give up.
            self._writing,
            self.engine.connect() as connection,
        ):
            with connection.execution_options(**{_WRITE: True}).begin():
                yield connection
            # After the commit: who hears of it asks at once, and must find it there.
            if news and not self.sqlite:
                tell(connection, news)

    def alone_with(self, connection: Connection, holder_id: str) -> None:
        """Keep other stations from deciding about this holder until the transaction ends: what was read stays true.

        Without a holder: about the store itself, as stations do when they start.
        """
        if not self.sqlite:  # a SQLite file has one writer at a time
            connection.execute(_ALONE, {"what": f"deciding:{holder_id}"})

    def digest(self, text: str) -> str:
        """Return what a personal value is found by, here."""
        return digest_of(text, self.cipher)

    def close(self) -> None:
        """Close every connection; the last one of SQLite folds its log back into the file."""
        self.engine.dispose()


def is_sqlite(url: URL) -> bool:
    """Tell whether ``url`` is a SQLite file."""
    return url.get_backend_name() == "sqlite"


def sqlite_url(path: Path) -> URL:
    """Return the address of a SQLite file."""
    return URL.create("sqlite", database=str(path))


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, pool_size=8, max_overflow=8, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        # FULL: a commit is on the disk when it returns, also in WAL mode; the journal stands or falls with it.
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "temp_store=MEMORY", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")
        if sys.platform == "darwin":
            connection.execute("PRAGMA fullfsync=ON")  # fsync alone does not empty the drive's cache there

    # IMMEDIATE: two that read first and then write would each wait for the other, and SQLite ends one of them with
    # BUSY, whatever the timeout is.
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing: Any = connection.get_execution_options().get(_WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _server_engine(url: URL) -> Engine:
    # pre_ping: a server that was restarted overnight must not cost the first card of the morning. Few are kept open:
    # the server counts those of every desk, and a desk seldom does more than three things at once.
    engine = create_engine(
        url, connect_args=PATIENCE, pool_pre_ping=True, pool_size=3, max_overflow=13, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.execute(SERVER_LOOKS)
        connection.commit()

    return engine
