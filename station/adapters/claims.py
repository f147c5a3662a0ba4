"""Claims, where one station has the store for itself and where several share a PostgreSQL server.

On PostgreSQL a claim is a session-level advisory lock (manual, 13.3.5) on a connection of its own. Not a row that is
held with FOR UPDATE SKIP LOCKED: that needs a transaction as long as a person sits at the desk, which keeps the server
from clearing up behind everybody, and a row for whoever was not claimed before. Both are gone the moment the desk's
connection is, so nobody ever has to release what a dead desk has left; and the server knows which session has a lock,
so it can be said who serves a student.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import URL

from station.adapters.server_link import Dialler, read_name
from station.ports.claims import Standing

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")
_OWNER = """
SELECT activity.application_name
FROM pg_locks AS held JOIN pg_stat_activity AS activity USING (pid)
WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
  AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND held.classid = %s::bigint::oid AND held.objid = %s::bigint::oid AND pid <> pg_backend_pid()
"""


class OwnClaims:
    """Implement ``ports.claims.Claims`` where nobody else can have the store: a SQLite file is one station's."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, what: str) -> Standing:
        """Claim ``what``."""
        with self._lock:
            self._held[what] += 1
        return Standing.OURS

    def standing(self, what: str) -> Standing:
        """Return how ``what`` stands."""
        with self._lock:
            return Standing.OURS if what in self._held else Standing.FREE

    def owner(self, what: str) -> str:
        """Return nobody: there is no other station."""
        return ""

    def let_go(self, what: str) -> None:
        """Give ``what`` up."""
        with self._lock:
            _one_less(self._held, what)

    def close(self) -> None:
        """Give everything up."""
        with self._lock:
            self._held.clear()


class PostgresClaims:
    """Implement ``ports.claims.Claims`` with advisory locks; connects when it is first needed."""

    def __init__(self, url: URL, station: str) -> None:
        self._dialler = Dialler(url, station)
        self._lock = threading.RLock()
        self._held: Counter[str] = Counter()
        self._locked: set[str] = set()
        """What this session really has; less than ``_held`` where another station was faster after an interruption."""
        self._connection: psycopg.Connection | None = None
        self._closed = False

    def take(self, what: str) -> Standing:
        """Claim ``what``."""
        with self._lock:
            standing = self._ours_or_not(what)
            if standing is not Standing.ANOTHERS:
                self._held[what] += 1
            return standing

    def standing(self, what: str) -> Standing:
        """Return how ``what`` stands at this moment."""
        with self._lock:
            if what in self._held:
                return self._ours_or_not(what)
            owners = self._owners(what)
            if owners is None:
                return Standing.UNKNOWN
            return Standing.ANOTHERS if owners else Standing.FREE

    def owner(self, what: str) -> str:
        """Return the name of the station that has ``what``; empty when nobody has it or it can't be told."""
        with self._lock:
            owners = self._owners(what)
            return read_name(owners[0]) if owners else ""

    def let_go(self, what: str) -> None:
        """Give ``what`` up; what isn't ours stays as it is."""
        with self._lock:
            _one_less(self._held, what)
            if what not in self._held and what in self._locked:
                self._locked.discard(what)
                self._ask(lambda session: session.execute("SELECT pg_advisory_unlock(%s)", (_number(what),)))

    def close(self) -> None:
        """Give everything up."""
        with self._lock:
            self._closed = True
            self._held.clear()
            self._dialler.close()
            self._drop()

    def _ours_or_not(self, what: str) -> Standing:
        # What is thought to be ours is looked at, too: the session may have ended without a word.
        done = self._ask(lambda session: self._have(session, what))
        if done is None:
            return Standing.UNKNOWN
        return Standing.OURS if what in self._locked else Standing.ANOTHERS

    def _have(self, session: psycopg.Connection, what: str) -> bool:
        if what in self._locked:
            session.execute("SELECT 1")
            return True
        row = session.execute("SELECT pg_try_advisory_lock(%s)", (_number(what),)).fetchone()
        if row is not None and row[0]:
            self._locked.add(what)
        return True

    def _owners(self, what: str) -> list[str] | None:
        number = _number(what) % 2**64
        # pg_locks shows a 64-bit key as two unsigned halves, classid and objid, with objsubid 1 (manual, "pg_locks").
        halves = (number >> 32, number & 0xFFFFFFFF)
        return self._ask(lambda session: [str(row[0] or "") for row in session.execute(_OWNER, halves)])

    def _ask(self, work: Callable[[psycopg.Connection], T]) -> T | None:
        """Return what ``work`` does with the session; ``None`` when the database is away."""
        import psycopg

        for _ in range(2):  # once more with a new session: the old one may have ended long ago
            session = self._session()
            if session is None:
                return None
            try:
                return work(session)
            except psycopg.Error:
                self._drop()
        return None

    def _session(self) -> psycopg.Connection | None:
        import psycopg

        if self._connection is None and not self._closed:
            made = self._dialler.connection()
            if made is not None:
                self._connection = made
                try:
                    # The server let go of everything with the old session; what another station took meanwhile stays
                    # its own.
                    for what in self._held:
                        self._have(made, what)
                except psycopg.Error:
                    self._drop()
        return self._connection

    def _drop(self) -> None:
        # First: with the session gone nothing is ours any more, whatever closing it does.
        self._locked.clear()
        session, self._connection = self._connection, None
        if session is not None:
            session.close()


def _one_less(held: Counter[str], what: str) -> None:
    if held[what] > 1:
        held[what] -= 1
    else:
        del held[what]


def _number(what: str) -> int:
    """Return the number by which the server knows a claim: 64 bits, signed."""
    # Not hash(), which Python salts anew in every process: all stations must come to the same number.
    return int.from_bytes(sha256(what.encode()).digest()[:8], "big", signed=True)
