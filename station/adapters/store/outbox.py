"""The outbox in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, or_, select, text, update

from station.adapters.store.database import Database
from station.adapters.store.mapping import outbox_from_row, outbox_values
from station.adapters.store.schema import CARDS, OUTBOX, UNFINISHED
from station.domain.card import Registration
from station.domain.errors import N_, StoreError
from station.domain.outbox import OutboxEntry, OutboxState
from station.ports.store import QueueSummary


class SqlOutbox:
    """Implement ``ports.store.OutboxStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def due(self, lane: str, now: datetime, *, limit: int = 100) -> tuple[OutboxEntry, ...]:
        """Return the first unfinished entry of each person, where it waits and its time has come, oldest first."""
        # A parked entry holds back what comes after it of the same person, and nothing of anybody else.
        earlier = OUTBOX.alias("earlier")
        before = select(earlier.c.id).where(
            earlier.c.lane == OUTBOX.c.lane,
            earlier.c.order_digest == OUTBOX.c.order_digest,
            earlier.c.sequence < OUTBOX.c.sequence,
            earlier.c.state != OutboxState.DONE,
        )
        wanted = (
            select(OUTBOX)
            .where(
                OUTBOX.c.lane == lane,
                text(f"outbox.{UNFINISHED}"),
                OUTBOX.c.state == OutboxState.WAITING,
                or_(OUTBOX.c.next_at.is_(None), OUTBOX.c.next_at <= now),
                ~before.exists(),
            )
            .order_by(OUTBOX.c.created_at, OUTBOX.c.id)
            .limit(limit)
        )
        with self._db.read() as connection:
            return tuple(outbox_from_row(row) for row in connection.execute(wanted))

    def update(self, entry: OutboxEntry, registration: Registration | None = None) -> None:
        """Write an entry's new state, and with it how its card stands, in one transaction."""
        values = {f"b_{name}": value for name, value in outbox_values(entry).items() if name in _CHANGES}
        with self._db.write() as connection:
            written = connection.execute(_UPDATE, {"b_digest": self._db.digest(entry.key), **values})
            if written.rowcount == 0:
                raise StoreError(detail=N_("an entry of the queue is not there any more"), key=entry.key)
            if registration is not None and entry.escn:
                set_registration(connection, entry.escn, registration)

    def entries(self, *, unfinished: bool = True, limit: int = 1000) -> tuple[OutboxEntry, ...]:
        """Return entries for people to look at, oldest first."""
        wanted = select(OUTBOX).order_by(OUTBOX.c.created_at, OUTBOX.c.id).limit(limit)
        if unfinished:
            wanted = wanted.where(text(UNFINISHED))
        with self._db.read() as connection:
            return tuple(outbox_from_row(row) for row in connection.execute(wanted))

    def get(self, key: str) -> OutboxEntry | None:
        """Return an entry by its key."""
        with self._db.read() as connection:
            row = connection.execute(select(OUTBOX).where(OUTBOX.c.key_digest == self._db.digest(key))).first()
            return outbox_from_row(row) if row else None

    def summary(self) -> QueueSummary:
        """Return how many wait, are parked and are done, and how old the oldest unfinished one is."""
        with self._db.read() as connection:
            counted = {
                row.state: row.number
                for row in connection.execute(
                    select(OUTBOX.c.state, func.count().label("number")).group_by(OUTBOX.c.state)
                )
            }
            oldest = connection.scalar(select(func.min(OUTBOX.c.created_at)).where(text(UNFINISHED)))
        return QueueSummary(
            waiting=counted.get(OutboxState.WAITING, 0),
            parked=counted.get(OutboxState.PARKED, 0),
            done=counted.get(OutboxState.DONE, 0),
            oldest_at=oldest,
        )


def add_entries(connection: Connection, database: Database, entries: Sequence[OutboxEntry]) -> None:
    """Add entries behind what is to be told of the same person already: their order is theirs among each other."""
    rows = []
    first: dict[tuple[str, str], int] = {}
    for entry in sorted(entries, key=lambda e: e.sequence):
        order = (entry.lane, database.digest(entry.order_key))
        if order not in first:
            last = connection.execute(_LAST_SEQUENCE, {"lane": order[0], "order": order[1]}).scalar()
            first[order] = 0 if last is None else last + 1 - min(0, entry.sequence)
        rows.append(
            {
                **outbox_values(entry),
                "key_digest": database.digest(entry.key),
                "order_digest": order[1],
                "sequence": first[order] + entry.sequence,
            }
        )
    for row in rows:  # three at most; sent together, psycopg would log a warning of its own when one is refused
        connection.execute(_ADD, row)


def set_registration(connection: Connection, escn: str, registration: Registration) -> None:
    """Record how a card stands with ESC-Router."""
    connection.execute(_SET_REGISTRATION, {"b_escn": escn, "b_registration": registration})


_CHANGES = frozenset(
    {"payload", "state", "attempts", "next_at", "last_answer", "last_params", "done_at"}
)  # the rest of an entry never changes
_ADD = insert(OUTBOX)
_UPDATE = (
    update(OUTBOX)
    .where(OUTBOX.c.key_digest == bindparam("b_digest"))
    .values({name: bindparam(f"b_{name}") for name in sorted(_CHANGES)})
)
_LAST_SEQUENCE = select(func.max(OUTBOX.c.sequence)).where(
    OUTBOX.c.lane == bindparam("lane"), OUTBOX.c.order_digest == bindparam("order")
)
_SET_REGISTRATION = (
    update(CARDS).where(CARDS.c.escn == bindparam("b_escn")).values(registration=bindparam("b_registration"))
)
