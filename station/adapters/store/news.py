"""How the writer of a store tells the other stations of it: PostgreSQL's NOTIFY, after the commit."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.functions import func

from station.ports.news import StoreNews, Topic

CHANNEL = "esc_station"
ORIGIN = uuid4().hex[:12]
"""Who writes, so that nobody takes their own words for news: one a process."""
_NOTIFY = select(func.pg_notify(CHANNEL, bindparam("said")))


def tell(connection: Connection, news: tuple[StoreNews, ...]) -> None:
    """Tell it in a transaction of its own.

    A transaction with a NOTIFY in it commits under a lock of the whole server, and would make every station wait for
    every other one's disk. What is not told because the program ended in between, a station sees at its next look.
    """
    with suppress(SQLAlchemyError):
        for each in news:
            connection.execute(_NOTIFY, {"said": written(each)})
        connection.commit()


def written(news: StoreNews, origin: str = ORIGIN) -> str:
    """Return news as they go over the wire."""
    return f"{origin}:{news.topic}:{news.holder_id}"


def read(payload: str, origin: str = ORIGIN) -> StoreNews | None:
    """Return news from the wire; ``None`` for our own, and for what a newer station may say."""
    sender, _, rest = payload.partition(":")
    topic, _, holder_id = rest.partition(":")
    if sender == origin or topic not in set(Topic):
        return None
    return StoreNews(Topic(topic), holder_id)
