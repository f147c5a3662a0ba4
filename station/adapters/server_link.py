"""A connection of its own to the database server, beside the store's pool: for claims, and for news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from sqlalchemy import URL

from station.adapters.store.database import PATIENCE

if TYPE_CHECKING:
    import psycopg

_NAME_MAX = 63
"""PostgreSQL cuts an application_name there, and takes printable ASCII only (NAMEDATALEN, "application_name")."""
# The same from the other end: a desk whose cable was pulled gives its claims up within half a minute.
_SERVER_LOOKS = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"


def connect(url: URL, station: str) -> psycopg.Connection:
    """Connect, with the station's name in the server's list of sessions; raises psycopg.Error."""
    import psycopg

    _, options = url.get_dialect()().create_connect_args(url)
    given: dict[str, Any] = {**PATIENCE, **options, "application_name": written_name(station)}
    connection = psycopg.connect(autocommit=True, **given)
    try:
        connection.execute(_SERVER_LOOKS)
    except psycopg.Error:
        connection.close()
        raise
    return connection


def written_name(station: str) -> str:
    """Return a station's name as the server can keep it."""
    return quote(station, safe=" ()+,./:&'#-")[:_NAME_MAX]


def read_name(written: str) -> str:
    """Return the station's name from what the server kept; of a very long one the beginning."""
    # A letter may have been cut in the middle of its signs.
    end = written.rfind("%", max(0, len(written) - 2))
    whole = written[:end] if end >= 0 and len(written) - end < 3 else written
    return unquote(whole, errors="ignore")
