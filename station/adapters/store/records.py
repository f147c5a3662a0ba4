"""Cards, blanks, portraits, consents and the last card number, in the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, insert, select, update

from station.adapters.store.database import Database
from station.adapters.store.mapping import (
    blank_from_row,
    card_from_row,
    consent_from_row,
    portrait_from_row,
    portrait_values,
)
from station.adapters.store.outbox import set_registration
from station.adapters.store.schema import (
    BlankRow,
    CardRow,
    ConsentRow,
    EscnValueRow,
    PortraitLayerRow,
    PortraitRow,
    table,
)
from station.domain.card import Blank, BlankState, Card, Registration
from station.domain.errors import N_, StoreConflictError
from station.domain.portrait import LayerKind, Portrait
from station.ports.store import ConsentRecord

_CARDS, _PORTRAITS, _LAYERS, _CONSENTS, _VALUES = (
    table(row) for row in (CardRow, PortraitRow, PortraitLayerRow, ConsentRow, EscnValueRow)
)
_PAGE = 500


class SqlCards:
    """Implement ``ports.store.CardStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, escn: str) -> Card | None:
        """Return a card."""
        with self._db.read() as session:
            row = session.scalar(select(CardRow).where(CardRow.escn == escn))
            return card_from_row(row) if row else None

    def of_holder(self, holder_id: str) -> tuple[Card, ...]:
        """Return a holder's cards, newest first."""
        wanted = select(CardRow).where(CardRow.holder_id == holder_id)
        with self._db.read() as session:
            rows = session.scalars(wanted.order_by(CardRow.issued_at.desc(), CardRow.pk.desc()))
            return tuple(card_from_row(row) for row in rows)

    def by_uid(self, uid: str) -> Card | None:
        """Return the newest card on this chip."""
        if not uid:
            return None
        wanted = select(CardRow).where(CardRow.uid == uid)
        with self._db.read() as session:
            row = session.scalar(wanted.order_by(CardRow.issued_at.desc(), CardRow.pk.desc()).limit(1))
            return card_from_row(row) if row else None

    def set_registration(self, escn: str, registration: Registration) -> None:
        """Record how the card stands with ESC-Router."""
        with self._db.write() as connection:
            set_registration(connection, escn, registration)

    def set_key_versions(self, escn: str, key_versions: str) -> None:
        """Record that a card's chip carries other keys now."""
        with self._db.write() as connection:
            connection.execute(update(_CARDS).where(_CARDS.c.escn == escn).values(key_versions=key_versions))

    def each(self) -> Iterator[Card]:
        """Yield every card, oldest first, a page at a time: whoever reads slowly holds up nobody."""
        after = 0
        while True:
            wanted = select(CardRow).where(CardRow.pk > after).order_by(CardRow.pk).limit(_PAGE)
            with self._db.read() as session:
                page = [(row.pk, card_from_row(row)) for row in session.scalars(wanted)]
            yield from (card for _, card in page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def issued_since(self, at: datetime, *, limit: int = 200) -> tuple[Card, ...]:
        """Return cards handed over since ``at``, newest first."""
        wanted = select(CardRow).where(CardRow.issued_at >= at)
        with self._db.read() as session:
            rows = session.scalars(wanted.order_by(CardRow.issued_at.desc(), CardRow.pk.desc()).limit(limit))
            return tuple(card_from_row(row) for row in rows)

    def blanks(self, state: BlankState | None = None) -> tuple[Blank, ...]:
        """Return blanks that the station has seen."""
        wanted = select(BlankRow).order_by(BlankRow.changed_at, BlankRow.id)
        if state is not None:
            wanted = wanted.where(BlankRow.state == state)
        with self._db.read() as session:
            return tuple(blank_from_row(row) for row in session.scalars(wanted))


def add_portrait(connection: Connection, portrait: Portrait) -> None:
    """Write a portrait and its layers, in the transaction of ``connection``."""
    pk = connection.execute(insert(_PORTRAITS).returning(_PORTRAITS.c.pk), portrait_values(portrait)).scalar_one()
    layers = [{"portrait_pk": pk, "kind": LayerKind.PORTRAIT, "image": portrait.image}]
    if portrait.original is not None:
        layers.append({"portrait_pk": pk, "kind": LayerKind.ORIGINAL, "image": portrait.original})
    connection.execute(insert(_LAYERS), layers)


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
        return self._first(PortraitRow.id == portrait_id)

    def last_of(self, holder_id: str) -> Portrait | None:
        """Return the holder's newest portrait."""
        return self._first(PortraitRow.holder_id == holder_id)

    def _first(self, condition: ColumnElement[bool]) -> Portrait | None:
        wanted = select(PortraitRow).where(condition).order_by(PortraitRow.taken_at.desc(), PortraitRow.pk.desc())
        with self._db.read() as session:
            row = session.scalar(wanted.limit(1))
            if row is None:
                return None
            layers = session.execute(
                select(PortraitLayerRow.kind, PortraitLayerRow.image).where(PortraitLayerRow.portrait_pk == row.pk)
            )
            return portrait_from_row(row, {layer.kind: layer.image for layer in layers})


class SqlConsents:
    """Implement ``ports.store.ConsentStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, consent: ConsentRecord) -> None:
        """Keep one."""
        values = {
            "holder_id": consent.holder_id,
            "text_version": consent.text_version,
            "language": consent.language,
            "kind": consent.kind,
            "at": consent.at,
            "withdrawn_at": consent.withdrawn_at,
            "extra": consent.extra,
        }
        with self._db.write() as connection:
            connection.execute(insert(_CONSENTS), values)

    def of_holder(self, holder_id: str) -> tuple[ConsentRecord, ...]:
        """Return a holder's, newest first."""
        wanted = select(ConsentRow).where(ConsentRow.holder_id == holder_id)
        with self._db.read() as session:
            rows = session.scalars(wanted.order_by(ConsentRow.at.desc(), ConsentRow.id.desc()))
            return tuple(consent_from_row(row) for row in rows)


class SqlEscns:
    """Implement ``ports.store.EscnStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def last_value(self, prefix: int, pic: str) -> int:
        """Return the last 60-bit time value used, 0 when none."""
        wanted = select(EscnValueRow.value).where(EscnValueRow.prefix == prefix, EscnValueRow.pic == pic)
        with self._db.read() as session:
            return session.scalar(wanted) or 0

    def advance(self, prefix: int, pic: str, value: int) -> None:
        """Keep ``value`` durably before the number is used; StoreConflictError unless it is the greatest yet."""
        which = {"b_prefix": prefix, "b_pic": pic}
        with self._db.write() as connection:
            if connection.execute(_ADVANCE, {**which, "b_value": value}).rowcount == 1:
                return
            if connection.execute(_HAS_VALUE, which).first() is not None:
                raise StoreConflictError(
                    constraint="escn_value", detail=N_("a later card number was given out already")
                )
            connection.execute(insert(_VALUES), {"prefix": prefix, "pic": pic, "value": value})


_SAME_NUMBERS = (_VALUES.c.prefix == bindparam("b_prefix")) & (_VALUES.c.pic == bindparam("b_pic"))
_ADVANCE = (
    update(_VALUES).where(_SAME_NUMBERS, _VALUES.c.value < bindparam("b_value")).values(value=bindparam("b_value"))
)
_HAS_VALUE = select(_VALUES.c.value).where(_SAME_NUMBERS)
