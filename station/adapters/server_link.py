"""A connection of its own to the database server, beside the store's pool: for claims, and for news."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from sqlalchemy import URL

from station.adapters.store.database import PATIENCE, SERVER_LOOKS

if TYPE_CHECKING:
    import psycopg

_NAME_MAX = 63
"""PostgreSQL cuts an application_name there, and takes printable ASCII only (NAMEDATALEN, "application_name")."""
# The first is waited for while the desk opens; later ones are asked for with a card in somebody's hand.
_FIRST_S, _MOMENT_S = 10.0, 0.5
_PAUSE_S = 1.0
# After an attempt that took long (a server that is switched off) the pause is so many times as long.
_PAUSE_TIMES = 3.0


def connect(url: URL, station: str) -> psycopg.Connection:
    """Connect, with the station's name in the server's list of sessions; raises psycopg.Error."""
    import psycopg

    _, options = url.get_dialect()().create_connect_args(url)
    given: dict[str, Any] = {**PATIENCE, **options, "application_name": written_name(station)}
    # Without autocommit the first statement would open a transaction, and keep the server from vacuuming for a whole
    # day.
    connection = psycopg.connect(autocommit=True, **given)
    try:
        connection.execute(SERVER_LOOKS)  # a desk whose cable was pulled gives its claims up within half a minute
    except psycopg.Error:
        connection.close()
        raise
    return connection


class Dialler:
    """Connect again and again without making anybody wait for a server that is switched off (one thread calls it).

    Only for the very first connection is waited as long as it takes; later attempts end in the background.
    """

    def __init__(self, url: URL, station: str) -> None:
        self._url, self._station = url, station
        self._coming: queue.SimpleQueue[psycopg.Connection | None] | None = None
        self._thread: threading.Thread | None = None
        self._patience_s = _FIRST_S
        self._began_s = self._next_try_s = 0.0

    def connection(self) -> psycopg.Connection | None:
        """Return a new connection, ``None`` when there is none yet."""
        now_s = time.monotonic()
        if self._coming is None:
            if now_s < self._next_try_s:
                return None
            # A queue of its own for each attempt: one that nobody waited for any more leaves its answer for the next
            # call.
            self._coming, self._began_s = queue.SimpleQueue(), now_s
            self._thread = threading.Thread(target=self._dial, args=(self._coming,), name="claims-dial", daemon=True)
            self._thread.start()
        try:
            made = self._coming.get(timeout=self._patience_s)
        except queue.Empty:
            return None
        self._coming, self._patience_s = None, _MOMENT_S
        if made is None:
            took_s = time.monotonic() - self._began_s
            self._next_try_s = time.monotonic() + max(_PAUSE_S, _PAUSE_TIMES * took_s)
        return made

    def close(self) -> None:
        """Wait for an attempt that is under way, and hang up."""
        if self._thread is not None:
            self._thread.join()
        if self._coming is not None:
            made = self._coming.get()
            if made is not None:
                made.close()
            self._coming = None

    def _dial(self, coming: queue.SimpleQueue[psycopg.Connection | None]) -> None:
        import psycopg

        try:
            coming.put(connect(self._url, self._station))
        except psycopg.Error:
            coming.put(None)


def written_name(station: str) -> str:
    """Return a station's name as the server can keep it."""
    # Percent signs keep every letter in ASCII; the server would replace all others.
    return quote(station, safe=" ()+,./:&'#-")[:_NAME_MAX]


def read_name(written: str) -> str:
    """Return the station's name from what the server kept; of a very long one the beginning."""
    # A letter may have been cut in the middle of its signs.
    end = written.rfind("%", max(0, len(written) - 2))
    whole = written[:end] if end >= 0 and len(written) - end < 3 else written
    return unquote(whole, errors="ignore")
