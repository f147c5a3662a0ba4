"""Card numbers of a desk that is alone: also of two that share a range, no two can be the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from station.adapters.store.database import Database
from station.adapters.store.schema import STATIONS
from station.domain.escn import Epoch

# RFC 4122, 4.1.4: the time in a version-1 UUID counts steps of 100 ns.
_TICKS_A_MS = 10_000


def number_before(last_value: int, now: datetime, place: int) -> int:
    """Return a time value after which the next number is this station's alone.

    A number has a time value in ticks of 100 ns and 14 random bits; made from the same range in the same millisecond
    two would differ by these bits only. The clock counts milliseconds, so the ticks within one are free: of a desk
    that is alone they say which station it is, counted down from the last, where numbers made together never get to.

    Args:
        last_value: the last time value that this desk knows of.
        now: the time of day.
        place: this station's, from 0, among all that share the store.
    """
    own = _TICKS_A_MS - 1 - place % (_TICKS_A_MS - 1)
    first = max(last_value + 1, Epoch.ISSUED_CARDS.value_at(int(now.timestamp() * 1000)))
    return first + (own - first) % _TICKS_A_MS - 1


def place_of(database: Database, station: str) -> int:
    """Return the place of a station among all that ever wrote to the shared store, from 0."""
    order = select(STATIONS.c.name).order_by(STATIONS.c.first_seen_at, STATIONS.c.name)
    with database.read() as connection:
        names = list(connection.scalars(order))
    # In the order in which they first came: a station that joins later moves nobody's place.
    return names.index(station) if station in names else len(names)
