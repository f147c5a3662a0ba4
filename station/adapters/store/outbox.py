"""The outbox in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Select, bindparam, func, insert, or_, select, text, update

from station.adapters.store.database import Database
from station.adapters.store.mapping import outbox_from_row, outbox_values
from station.adapters.store.schema import CARDS, META, OUTBOX, TOLD_CARD, UNFINISHED, WAITING
from station.domain.card import Registration
from station.domain.errors import N_, StoreConflictError, StoreError
from station.domain.outbox import (
    DELETIONS,
    DOWNLOADS,
    OutboxEntry,
    OutboxKind,
    OutboxState,
    ended_with,
    holds_back,
)
from station.ports.news import StoreNews, Topic
from station.ports.store import OutboxOutcome, OutboxPage, QueueSummary


class SqlOutbox:
    """Implement ``ports.store.OutboxStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def page(self, lane: str, now: datetime, *, after: int = 0, limit: int = 100) -> OutboxPage:
        """Return the queues of up to ``limit`` persons whose first entry is due, those put off before first of all."""
        fresh = _heads(lane).where(OUTBOX.c.next_at.is_(None), OUTBOX.c.id > after).order_by(OUTBOX.c.id).limit(limit)
        # Two walks along the index instead of one search with an "or": each begins where it has to.
        put_off = _heads(lane).where(OUTBOX.c.next_at <= now).order_by(OUTBOX.c.next_at, OUTBOX.c.id).limit(limit)
        with self._db.read() as connection:
            heads = [] if after else connection.execute(put_off).all()
            new = connection.execute(fresh).all()
            # Whole queues of few persons, not the first rows of many: the worker sends one after the other without
            # asking again.
            orders = {row.order_digest for row in (*heads, *new)}
            behind = (
                select(OUTBOX)
                .where(OUTBOX.c.lane == lane, text(UNFINISHED), OUTBOX.c.order_digest.in_(orders))
                .order_by(OUTBOX.c.order_digest, OUTBOX.c.sequence)
            )
            queues: dict[str, list[OutboxEntry]] = {row.order_digest: [] for row in (*heads, *new)}
            for row in connection.execute(behind) if orders else ():
                queues[row.order_digest].append(outbox_from_row(row))
        entries = tuple(entry for queue in queues.values() for entry in queue)
        return OutboxPage(entries, new[-1].id if len(new) == limit else 0)

    def put_off(self, lane: str) -> OutboxEntry | None:
        """Return the entry of a lane that was put off and is due first of those."""
        first = _heads(lane).where(OUTBOX.c.next_at.is_not(None)).order_by(OUTBOX.c.next_at).limit(1)
        with self._db.read() as connection:
            row = connection.execute(first).first()
            return outbox_from_row(row) if row else None

    def add(self, entries: Sequence[OutboxEntry]) -> None:
        """Add entries behind what waits for the same persons, in one transaction."""
        with self._db.write(StoreNews(Topic.QUEUE)) as connection:
            add_entries(connection, self._db, entries)

    def update(self, entry: OutboxEntry, registration: Registration | None = None) -> None:
        """Write an entry's new state, and with it how its card stands, in one transaction."""
        with self._db.write(StoreNews(Topic.QUEUE)) as connection:
            written = connection.execute(_UPDATE, self._changes(entry, _CHANGES))
            if written.rowcount == 0:
                raise StoreError(detail=N_("an entry of the queue is not there any more"), key=entry.key)
            if registration is not None and entry.escn:
                set_registration(connection, entry.escn, registration)

    def settle(self, outcomes: Sequence[OutboxOutcome]) -> tuple[str, ...]:
        """Write what became of entries, all in one transaction, and return which are gone.

        Nothing takes back what is done.
        """
        if not outcomes:
            return ()
        entries = [self._changes(outcome.entry, _OUTCOME) for outcome in outcomes]
        # In one order, whoever writes: two stations that take the same rows the other way round would lock each other.
        entries.sort(key=lambda values: str(values["b_digest"]))
        with self._db.write(StoreNews(Topic.QUEUE)) as connection:
            written = connection.execute(_SETTLE, entries).rowcount
            # The count tells it for nothing; who is gone is only looked up where it doesn't fit.
            gone = () if written == len(entries) else self._gone(connection, outcomes)
            there = [outcome for outcome in outcomes if outcome.entry.key not in gone]
            cards = [
                {"b_escn": outcome.entry.escn, "b_registration": outcome.registration}
                for outcome in there
                if outcome.registration is not None and outcome.entry.escn
            ]
            cards.sort(key=lambda values: str(values["b_escn"]))
            if cards:
                connection.execute(_REGISTER, cards)
            asked = [outcome.then for outcome in there if outcome.then is not None]
            if asked:
                self._ask(connection, sorted(asked, key=lambda entry: self._db.digest(entry.key)))
        return gone

    def _gone(self, connection: Connection, outcomes: Sequence[OutboxOutcome]) -> tuple[str, ...]:
        keys = {self._db.digest(outcome.entry.key): outcome.entry.key for outcome in outcomes}
        found = connection.scalars(select(OUTBOX.c.key_digest).where(OUTBOX.c.key_digest.in_(keys)))
        return tuple(keys[digest] for digest in keys.keys() - set(found))

    def _ask(self, connection: Connection, entries: Sequence[OutboxEntry]) -> None:
        """Put questions in the queue; one that was asked before is asked anew, in its old place."""
        rows = {self._db.digest(entry.key): entry for entry in entries}
        known = set(connection.scalars(select(OUTBOX.c.key_digest).where(OUTBOX.c.key_digest.in_(rows))))
        again = [self._changes(rows[digest], _AGAIN) for digest in rows if digest in known]
        if again:
            connection.execute(_ASK_AGAIN, again)
        new = [
            # Nothing else is asked of a card: each has an order of its own, and is the first in it.
            {**outbox_values(entry), "key_digest": digest, "order_digest": self._db.digest(entry.order_key)}
            for digest, entry in rows.items()
            if digest not in known
        ]
        if new:
            connection.execute(_ADD, new)

    def parked(self, *, after: int = 0, limit: int = 100) -> OutboxPage:
        """Return entries that wait for a decision or a correction, oldest first, a page at a time."""
        wanted = (
            select(OUTBOX)
            .where(OUTBOX.c.state == OutboxState.PARKED, OUTBOX.c.id > after)
            .order_by(OUTBOX.c.id)
            .limit(limit)
        )
        with self._db.read() as connection:
            rows = connection.execute(wanted).all()
            return OutboxPage(tuple(map(outbox_from_row, rows)), rows[-1].id if len(rows) == limit else 0)

    def release(self) -> int:
        """Let everything that was put off go out at once; return how many."""
        put_off = update(OUTBOX).where(text(WAITING), OUTBOX.c.next_at.is_not(None)).values(next_at=None)
        with self._db.write() as connection:
            return connection.execute(put_off).rowcount

    def told_cards(self, since: datetime | None = None, *, limit: int = 3) -> tuple[OutboxEntry, ...]:
        """Return some of the cards that were told: the newest and the oldest ones told after ``since``."""
        told = select(OUTBOX).where(OUTBOX.c.state == OutboxState.DONE, OUTBOX.c.kind == OutboxKind.CARD)
        if since is not None:
            told = told.where(OUTBOX.c.done_at > since)
        with self._db.read() as connection:
            rows = connection.execute(told.order_by(OUTBOX.c.created_at.desc()).limit(limit)).all()
            if len(rows) == limit:
                rows = [*rows, *connection.execute(told.order_by(OUTBOX.c.created_at).limit(limit))]
            return tuple({row.id: outbox_from_row(row) for row in rows}.values())

    def first_told(self, since: datetime) -> dict[str, datetime]:
        """Return the cards that were told for the first time since then, by number, with when that was."""
        earlier = OUTBOX.alias("earlier")
        before = select(earlier.c.id).where(
            earlier.c.escn == OUTBOX.c.escn,
            earlier.c.kind == OutboxKind.CARD,
            earlier.c.done_at < since,
        )
        told = (
            select(OUTBOX.c.escn, OUTBOX.c.done_at)
            .where(text(_TOLD_CARD), OUTBOX.c.done_at >= since)
            .where(~before.exists())
            .order_by(OUTBOX.c.done_at.desc())
        )
        with self._db.read() as connection:
            # The newest first, so that the first time stays.
            return {row.escn: row.done_at for row in connection.execute(told)}

    def fact(self, name: str) -> str | None:
        """Return what was kept under ``name``."""
        with self._db.read() as connection:
            found = connection.scalar(select(META.c.value).where(META.c.key == _FACT + name))
            return None if found is None else str(found)

    def keep_fact(self, name: str, value: str) -> None:
        """Keep something the worker must know after a restart."""
        try:
            self._write_fact(name, value)
        except StoreConflictError:  # another station kept it for the first time at the same moment
            self._write_fact(name, value)

    def _write_fact(self, name: str, value: str) -> None:
        with self._db.write() as connection:
            written = connection.execute(update(META).where(META.c.key == _FACT + name).values(value=value))
            if written.rowcount == 0:
                connection.execute(insert(META), {"key": _FACT + name, "value": value})

    def entries(self, *, unfinished: bool = True, limit: int = 1000) -> tuple[OutboxEntry, ...]:
        """Return entries for people to look at, oldest first."""
        states = [state for state in OutboxState if state is not OutboxState.DONE or not unfinished]
        wanted = select(OUTBOX).order_by(OUTBOX.c.created_at, OUTBOX.c.id).limit(limit)
        with self._db.read() as connection:
            # State by state, each in the order of its index: all at once would sort every row for the first few.
            found = [row for state in states for row in connection.execute(wanted.where(OUTBOX.c.state == state))]
            found.sort(key=lambda row: (row.created_at, row.id))
            return tuple(map(outbox_from_row, found[:limit]))

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
            asked = connection.scalar(select(func.count()).where(OUTBOX.c.lane == DOWNLOADS, text(WAITING))) or 0
            # One look into the index each; "unfinished" at once would read every row.
            told = select(OUTBOX.c.created_at).where(OUTBOX.c.lane != DOWNLOADS).order_by(OUTBOX.c.created_at).limit(1)
            oldest = [
                connection.scalar(told.where(OUTBOX.c.state == state))
                for state in (OutboxState.WAITING, OutboxState.PARKED)
            ]
        return QueueSummary(
            waiting=counted.get(OutboxState.WAITING, 0) - asked,
            parked=counted.get(OutboxState.PARKED, 0),
            done=counted.get(OutboxState.DONE, 0),
            oldest_at=min((at for at in oldest if at is not None), default=None),
        )

    def _changes(self, entry: OutboxEntry, names: frozenset[str]) -> dict[str, object]:
        values = {f"b_{name}": value for name, value in outbox_values(entry).items() if name in names}
        return {"b_digest": self._db.digest(entry.key), **values}


def add_entries(connection: Connection, database: Database, entries: Sequence[OutboxEntry]) -> None:
    """Add entries behind what is to be told of the same person already: their order is theirs among each other."""
    rows = []
    first: dict[tuple[str, str], int] = {}
    for entry in sorted(_filed(connection, database, entries), key=lambda e: e.sequence):
        order = (entry.lane, database.digest(entry.order_key))
        if order not in first:
            last = connection.execute(_LAST_SEQUENCE, {"lane": order[0], "order": order[1]}).scalar()
            # An entry may have a number below nothing, to go before others that are added with it; never before those
            # that wait.
            first[order] = 0 if last is None else last + 1 - min(0, entry.sequence)
            entry = entry if last is None else _behind(connection, entry, order)  # noqa: PLW2901
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


def told_still(connection: Connection, database: Database, entries: Sequence[OutboxEntry]) -> list[OutboxEntry]:
    """Return those entries whose card is still to be registered; nobody withdraws until the transaction ends."""
    if not entries:
        return []
    cards = {entry.escn for entry in entries}
    of_whom = select(CARDS.c.holder_id).where(CARDS.c.escn.in_(cards)).distinct()
    # Sorted: two that lock the same holders the other way round would wait for each other, until PostgreSQL ends one.
    for holder_id in sorted(connection.scalars(of_whom)):
        database.alone_with(connection, holder_id)
    wanted = select(CARDS.c.escn).where(CARDS.c.escn.in_(cards), CARDS.c.registration != Registration.NOT_NEEDED)
    told = set(connection.scalars(wanted))
    return [entry for entry in entries if entry.escn in told]


def _behind(connection: Connection, entry: OutboxEntry, order: tuple[str, str]) -> OutboxEntry:
    """Return an entry as it goes into the queue: behind an answer that is final it has that answer, and says so."""
    parked = connection.execute(_PARKED_OF_ORDER, {"lane": order[0], "order": order[1]})
    final = next((each for each in map(outbox_from_row, parked) if each.final and holds_back(each)), None)
    if final is None or entry.kind in DELETIONS:
        return entry
    if entry.escn and entry.kind in (OutboxKind.PERSON, OutboxKind.CARD):
        set_registration(connection, entry.escn, Registration.PARKED)
    return ended_with(entry, final)


def _filed(connection: Connection, database: Database, entries: Sequence[OutboxEntry]) -> list[OutboxEntry]:
    """Return entries filed under what the unfinished ones of the same holder's cards are filed under.

    An identifier that came later, or was corrected, must not part what one person is told by: what is done to a card
    now would overtake what waits.
    """
    found: dict[tuple[str, str], str] = {}
    for entry in entries:
        which = (entry.lane, entry.escn)
        if entry.escn and which not in found:
            of_holder = map(outbox_from_row, connection.execute(_OF_ITS_HOLDER, {"escn": entry.escn}))
            others = (o for o in of_holder if (o.lane, o.order_key != entry.order_key) == (entry.lane, True))
            first = next(others, None)
            # Behind what is final nothing goes out any more.
            found[which] = entry.order_key if first is None or first.final else first.order_key
    return [replace(entry, order_key=found.get((entry.lane, entry.escn), entry.order_key)) for entry in entries]


def set_registration(connection: Connection, escn: str, registration: Registration) -> None:
    """Record how a card stands with ESC-Router."""
    connection.execute(_SET_REGISTRATION, {"b_escn": escn, "b_registration": registration})


def _heads(lane: str) -> Select[tuple[object, ...]]:
    """Return the query for each person's first unfinished entry, where it waits.

    A parked entry, unless it is a picture, holds back what comes after it of the same person, and nothing else.
    """
    earlier = OUTBOX.alias("earlier")
    before = select(earlier.c.id).where(
        earlier.c.lane == OUTBOX.c.lane,
        earlier.c.order_digest == OUTBOX.c.order_digest,
        earlier.c.sequence < OUTBOX.c.sequence,
        earlier.c.state != OutboxState.DONE,
        # As in ``domain.outbox.holds_back``.
        or_(earlier.c.state != OutboxState.PARKED, earlier.c.kind != OutboxKind.PICTURE),
    )
    return select(OUTBOX).where(OUTBOX.c.lane == lane, text(f"outbox.{WAITING}"), ~before.exists())


_FACT = "outbox."
_TOLD_CARD = " AND ".join(f"outbox.{part}" for part in TOLD_CARD.split(" AND "))
_OUTCOME = frozenset({"state", "attempts", "next_at", "last_answer", "last_params", "done_at", "router_at"})
_CHANGES = _OUTCOME | {"payload"}  # the rest of an entry never changes
_AGAIN = _CHANGES | {"created_at"}  # but for a question that is asked anew
_ADD = insert(OUTBOX)
_UPDATE = (
    update(OUTBOX)
    .where(OUTBOX.c.key_digest == bindparam("b_digest"))
    .values({name: bindparam(f"b_{name}") for name in sorted(_CHANGES)})
)
_ASK_AGAIN = (
    update(OUTBOX)
    .where(OUTBOX.c.key_digest == bindparam("b_digest"))
    .values({name: bindparam(f"b_{name}") for name in sorted(_AGAIN)})
)
_SETTLE = (
    update(OUTBOX)
    .where(OUTBOX.c.key_digest == bindparam("b_digest"), OUTBOX.c.state != OutboxState.DONE)
    .values({name: bindparam(f"b_{name}") for name in sorted(_OUTCOME)})
)
_LAST_SEQUENCE = select(func.max(OUTBOX.c.sequence)).where(
    OUTBOX.c.lane == bindparam("lane"), OUTBOX.c.order_digest == bindparam("order")
)
_PARKED_OF_ORDER = select(OUTBOX).where(
    OUTBOX.c.lane == bindparam("lane"),
    OUTBOX.c.order_digest == bindparam("order"),
    OUTBOX.c.state == OutboxState.PARKED,
)
_ITS_CARD, _ALL_CARDS = CARDS.alias("its_card"), CARDS.alias("all_cards")
# Lane and order are looked at afterwards: asked for the lane, SQLite would walk through all of it and not by the card.
_OF_ITS_HOLDER = (
    select(OUTBOX)
    .where(
        OUTBOX.c.escn.in_(
            select(_ALL_CARDS.c.escn)
            .join(_ITS_CARD, _ITS_CARD.c.holder_id == _ALL_CARDS.c.holder_id)
            .where(_ITS_CARD.c.escn == bindparam("escn"))
        ),
        text(f"outbox.{UNFINISHED}"),
    )
    .order_by(OUTBOX.c.sequence, OUTBOX.c.id)
)
_SET_REGISTRATION = (
    update(CARDS).where(CARDS.c.escn == bindparam("b_escn")).values(registration=bindparam("b_registration"))
)
_MORE_OF_IT = (
    select(OUTBOX.c.id)
    .where(OUTBOX.c.escn == CARDS.c.escn, OUTBOX.c.kind == OutboxKind.CARD, text(f"outbox.{UNFINISHED}"))
    .exists()
)
_REGISTER = (
    update(CARDS)
    .where(
        CARDS.c.escn == bindparam("b_escn"),
        # What is not to be registered, because its holder withdrew, stays so, whatever was on its way.
        CARDS.c.registration != Registration.NOT_NEEDED,
        CARDS.c.registration != Registration.REGISTERED,
        # Registered is a card when all that is to be told of it is; a change of it may still wait.
        or_(bindparam("b_registration", type_=CARDS.c.registration.type) != Registration.REGISTERED, ~_MORE_OF_IT),
    )
    .values(registration=bindparam("b_registration"))
)
