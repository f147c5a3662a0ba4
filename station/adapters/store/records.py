"""Cards, blanks, portraits, consents and the last card number, in the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, text, update

from station.adapters.store.card_updates import end_export, notes_of, write_update
from station.adapters.store.database import Database
from station.adapters.store.mapping import (
    blank_from_row,
    card_from_row,
    consent_from_row,
    findings_from,
    portrait_from_row,
    portrait_values,
)
from station.adapters.store.outbox import set_registration
from station.adapters.store.schema import (
    BLANKS,
    CARDS,
    CONSENTS,
    ESCN_VALUES,
    PORTRAIT_LAYERS,
    PORTRAITS,
    UNTOLD,
)
from station.domain.card import Blank, BlankState, Card, CardAct, CardState, Registration, state_after
from station.domain.errors import N_, StoreConflictError
from station.domain.portrait import LayerKind, Portrait, PortraitFinding
from station.ports.news import StoreNews, Topic
from station.ports.store import CardNote, CardUpdate, ConsentRecord, Withdrawal

_PAGE = 500
_ENDED = tuple(state for state in CardState if state_after(state, CardAct.REVOKE) is None)


class SqlCards:
    """Implement ``ports.store.CardStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, escn: str) -> Card | None:
        """Return a card."""
        with self._db.read() as connection:
            row = connection.execute(select(CARDS).where(CARDS.c.escn == escn)).first()
            return card_from_row(row) if row else None

    def of_holder(self, holder_id: str) -> tuple[Card, ...]:
        """Return a holder's cards, newest first."""
        wanted = select(CARDS).where(CARDS.c.holder_id == holder_id)
        with self._db.read() as connection:
            rows = connection.execute(wanted.order_by(CARDS.c.issued_at.desc(), CARDS.c.pk.desc()))
            return tuple(card_from_row(row) for row in rows)

    def by_uid(self, uid: str) -> Card | None:
        """Return the newest card on this chip."""
        # Cards without a chip have no UID; an empty text must not find the newest of them.
        if not uid:
            return None
        wanted = select(CARDS).where(CARDS.c.uid == uid)
        with self._db.read() as connection:
            row = connection.execute(wanted.order_by(CARDS.c.issued_at.desc(), CARDS.c.pk.desc()).limit(1)).first()
            return card_from_row(row) if row else None

    def set_registration(self, escn: str, registration: Registration) -> None:
        """Record how the card stands with ESC-Router."""
        with self._db.write() as connection:
            set_registration(connection, escn, registration)

    def update(self, update: CardUpdate) -> None:
        """Write how a card stands, a line of its history and what is to be told of it, in one transaction."""
        queue = (StoreNews(Topic.QUEUE),) if update.outbox else ()
        with self._db.write(*queue, StoreNews(Topic.CARDS, update.after.holder_id)) as connection:
            write_update(connection, self._db, update)

    def history(self, escn: str) -> tuple[CardNote, ...]:
        """Return how a card stood since it was handed over, oldest first."""
        with self._db.read() as connection:
            return notes_of(connection, escn)

    def each(self) -> Iterator[Card]:
        """Yield every card, oldest first, a page at a time: whoever reads slowly holds up nobody."""
        after = 0
        while True:
            wanted = select(CARDS).where(CARDS.c.pk > after).order_by(CARDS.c.pk).limit(_PAGE)
            with self._db.read() as connection:
                page = [(row.pk, card_from_row(row)) for row in connection.execute(wanted)]
            yield from (card for _, card in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def issued_since(self, at: datetime, *, limit: int = 200) -> tuple[Card, ...]:
        """Return cards handed over since ``at``, newest first."""
        wanted = select(CARDS).where(CARDS.c.issued_at >= at)
        with self._db.read() as connection:
            rows = connection.execute(wanted.order_by(CARDS.c.issued_at.desc(), CARDS.c.pk.desc()).limit(limit))
            return tuple(card_from_row(row) for row in rows)

    def untold(self, *, limit: int = 1000) -> tuple[Card, ...]:
        """Return cards of which something waits to be told, or is parked, oldest first; none that has ended."""
        wanted = select(CARDS).where(text(UNTOLD), CARDS.c.state.not_in(_ENDED)).order_by(CARDS.c.pk).limit(limit)
        with self._db.read() as connection:
            return tuple(card_from_row(row) for row in connection.execute(wanted))

    def blanks(self, state: BlankState | None = None) -> tuple[Blank, ...]:
        """Return blanks that the station has seen."""
        wanted = select(BLANKS).order_by(BLANKS.c.changed_at, BLANKS.c.id)
        if state is not None:
            wanted = wanted.where(BLANKS.c.state == state)
        with self._db.read() as connection:
            return tuple(blank_from_row(row) for row in connection.execute(wanted))


def add_portrait(connection: Connection, portrait: Portrait) -> None:
    """Write a portrait and its layers, in the transaction of ``connection``."""
    pk = connection.execute(insert(PORTRAITS).returning(PORTRAITS.c.pk), portrait_values(portrait)).scalar_one()
    # In a table of their own: lists and checks read portraits by the hundred, and no picture with them.
    layers = [{"portrait_pk": pk, "kind": LayerKind.PORTRAIT, "image": portrait.natural or portrait.image}]
    if portrait.natural is not None:
        layers.append({"portrait_pk": pk, "kind": LayerKind.BACKGROUND, "image": portrait.image})
    if portrait.original is not None:
        layers.append({"portrait_pk": pk, "kind": LayerKind.ORIGINAL, "image": portrait.original})
    connection.execute(insert(PORTRAIT_LAYERS), layers)


class SqlPortraits:
    """Implement ``ports.store.PortraitStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, portrait: Portrait) -> None:
        """Keep a portrait."""
        with self._db.write() as connection:
            add_portrait(connection, portrait)

    def get(self, portrait_id: str) -> Portrait | None:
        """Return a portrait with its picture."""
        return self._first(PORTRAITS.c.id == portrait_id)

    def last_of(self, holder_id: str) -> Portrait | None:
        """Return the holder's newest portrait."""
        return self._first(PORTRAITS.c.holder_id == holder_id)

    def all_findings(self) -> Iterator[tuple[PortraitFinding, ...]]:
        """Yield the findings of every portrait, in no order that tells whose they are, without any picture."""
        # By a random id: not in the order in which people came.
        wanted = select(PORTRAITS.c.findings).order_by(PORTRAITS.c.id)
        with self._db.read() as connection:
            for (findings,) in connection.execute(wanted):
                yield findings_from(findings)

    def _first(self, condition: ColumnElement[bool]) -> Portrait | None:
        wanted = select(PORTRAITS).where(condition).order_by(PORTRAITS.c.taken_at.desc(), PORTRAITS.c.pk.desc())
        with self._db.read() as connection:
            row = connection.execute(wanted.limit(1)).first()
            if row is None:
                return None
            layers = connection.execute(
                select(PORTRAIT_LAYERS.c.kind, PORTRAIT_LAYERS.c.image).where(PORTRAIT_LAYERS.c.portrait_pk == row.pk)
            )
            return portrait_from_row(row, {layer.kind: layer.image for layer in layers})


class SqlConsents:
    """Implement ``ports.store.ConsentStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, consent: ConsentRecord) -> None:
        """Keep one."""
        with self._db.write() as connection:
            self._db.alone_with(connection, consent.holder_id)
            connection.execute(insert(CONSENTS), _consent_values(consent))

    def withdraw(self, withdrawal: Withdrawal) -> int:
        """Keep it, end what waits to be told of the holder, queue the deletions, in one transaction."""
        holder_id = withdrawal.consent.holder_id
        with self._db.write(StoreNews(Topic.QUEUE), StoreNews(Topic.CARDS, holder_id)) as connection:
            self._db.alone_with(connection, holder_id)
            # A line more and none changed: what somebody agreed to, and in which words, must stay provable.
            connection.execute(insert(CONSENTS), _consent_values(withdrawal.consent))
            return end_export(connection, self._db, withdrawal)

    def of_holder(self, holder_id: str) -> tuple[ConsentRecord, ...]:
        """Return a holder's, newest first."""
        wanted = select(CONSENTS).where(CONSENTS.c.holder_id == holder_id)
        with self._db.read() as connection:
            rows = connection.execute(wanted.order_by(CONSENTS.c.at.desc(), CONSENTS.c.id.desc()))
            return tuple(consent_from_row(row) for row in rows)


def _consent_values(consent: ConsentRecord) -> dict[str, object]:
    return {
        "holder_id": consent.holder_id,
        "text_version": consent.text_version,
        "language": consent.language,
        "kind": consent.kind,
        "at": consent.at,
        "withdrawn_at": consent.withdrawn_at,
        "extra": consent.extra,
    }


class SqlEscns:
    """Implement ``ports.store.EscnStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def last_value(self, prefix: int, pic: str) -> int:
        """Return the last 60-bit time value used, 0 when none."""
        wanted = select(ESCN_VALUES.c.value).where(ESCN_VALUES.c.prefix == prefix, ESCN_VALUES.c.pic == pic)
        with self._db.read() as connection:
            return connection.scalar(wanted) or 0

    def advance(self, prefix: int, pic: str, value: int) -> None:
        """Keep ``value`` durably before the number is used; StoreConflictError unless it is the greatest yet."""
        which = {"b_prefix": prefix, "b_pic": pic}
        with self._db.write() as connection:
            # Compared and set in one statement: two stations of one prefix can never both have advanced.
            if connection.execute(_ADVANCE, {**which, "b_value": value}).rowcount == 1:
                return
            if connection.execute(_HAS_VALUE, which).first() is not None:
                raise StoreConflictError(
                    constraint="escn_value", detail=N_("a later card number was given out already")
                )
            connection.execute(insert(ESCN_VALUES), {"prefix": prefix, "pic": pic, "value": value})


_SAME_NUMBERS = (ESCN_VALUES.c.prefix == bindparam("b_prefix")) & (ESCN_VALUES.c.pic == bindparam("b_pic"))
_ADVANCE = (
    update(ESCN_VALUES)
    .where(_SAME_NUMBERS, ESCN_VALUES.c.value < bindparam("b_value"))
    .values(value=bindparam("b_value"))
)
_HAS_VALUE = select(ESCN_VALUES.c.value).where(_SAME_NUMBERS)
