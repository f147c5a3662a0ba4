"""News of the store: from a PostgreSQL server that tells of every write, and none where nobody else can write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import URL

from station.adapters.server_link import connect
from station.adapters.store.news import CHANNEL, ORIGIN, read
from station.ports.news import StoreNews, Topic
from station.ports.tasks import Cancel

if TYPE_CHECKING:
    import psycopg

_TICK_S = 0.5
_PAUSE_S = 1.0


class NoNews:
    """Implement ``ports.news.News`` for a SQLite file, which is one station's."""

    def follow(self, told: Callable[[StoreNews], None], *, cancel: Cancel) -> None:
        """Return at once."""


class PostgresNews:
    """Implement ``ports.news.News`` with LISTEN on a connection of its own, as long as somebody follows."""

    def __init__(self, url: URL, station: str, *, origin: str = ORIGIN) -> None:
        """Take the address and who listens; ``origin`` is whose words are no news."""
        self._url, self._station, self._origin = url, station, origin

    def follow(self, told: Callable[[StoreNews], None], *, cancel: Cancel) -> None:
        """Call ``told`` for everything new, until ``cancel`` is set."""
        import psycopg

        while not cancel.is_set():
            try:
                with connect(self._url, self._station) as connection:
                    connection.execute(f"LISTEN {CHANNEL}".encode())
                    # Before this moment nobody listened.
                    told(StoreNews(Topic.EVERYTHING))
                    self._listen(connection, told, cancel)
            except psycopg.Error:
                cancel.wait(_PAUSE_S)

    def _listen(self, connection: psycopg.Connection, told: Callable[[StoreNews], None], cancel: Cancel) -> None:
        while not cancel.is_set():
            # One at a time and not for long: whoever cancels knows nothing of this connection.
            for notice in connection.notifies(timeout=_TICK_S, stop_after=1):
                news = read(notice.payload, self._origin)
                if news is not None:
                    told(news)
