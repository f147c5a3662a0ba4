"""Issuances and their journal: each step is one transaction, as few statements as will do, one wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from station.adapters.store.card_updates import need_consents
from station.adapters.store.database import Database
from station.adapters.store.mapping import (
    card_values,
    entry_from_row,
    entry_values,
    issuance_from_row,
    issuance_values,
)
from station.adapters.store.outbox import add_entries
from station.adapters.store.records import add_portrait
from station.adapters.store.schema import (
    BLANKS,
    CARD_STATES,
    CARDS,
    ISSUANCES,
    JOURNAL,
    OPEN_ISSUANCE,
)
from station.domain.aftercare import BlankErased, CardRenewed, CardReturned
from station.domain.card import BlankState, Card, CardState, Registration
from station.domain.errors import N_, StoreConflictError
from station.domain.feeding import BlankInBin, BlankInDoubt
from station.domain.outbox import OutboxKind
from station.domain.workflow import (
    FINAL,
    BlankInWork,
    BlankReleased,
    BlankSpoiled,
    BlankUsed,
    Effect,
    Issuance,
    JournalEntry,
    State,
)
from station.ports.news import StoreNews, Topic
from station.ports.store import Change

_PAGE = 1000


class SqlIssuances:
    """Implement ``ports.store.IssuanceStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record(self, change: Change) -> None:
        """Write a step: journal entry, issuance, blanks, and on the last step card and outbox, in one transaction."""
        with self._db.write(*_news_of(change)) as connection:
            write_change(connection, self._db, change)

    def get(self, issuance_id: str) -> Issuance | None:
        """Return an issuance as it stands."""
        with self._db.read() as connection:
            row = connection.execute(select(ISSUANCES).where(ISSUANCES.c.id == issuance_id)).first()
            return issuance_from_row(row) if row else None

    def by_escn(self, escn: str) -> Issuance | None:
        """Return the issuance that owns this number."""
        with self._db.read() as connection:
            row = connection.execute(select(ISSUANCES).where(ISSUANCES.c.escn == escn)).first()
            return issuance_from_row(row) if row else None

    def by_uid(self, uid: str) -> Issuance | None:
        """Return the open issuance, or the newest card's, that this chip belongs to; an erased chip is free."""
        if not uid:
            return None
        is_open = select(ISSUANCES).where(ISSUANCES.c.uid == uid, text(OPEN_ISSUANCE))
        newest = (
            select(ISSUANCES)
            .join(CARDS, CARDS.c.issuance_id == ISSUANCES.c.id)
            .where(CARDS.c.uid == uid)
            .order_by(CARDS.c.issued_at.desc(), CARDS.c.pk.desc())
            .limit(1)
        )
        with self._db.read() as connection:
            row = connection.execute(is_open).first()
            if row is None:
                row = connection.execute(newest).first()
                # The older ones were on it before: whoever was the last to have it gave it up for all of them.
                row = None if row is None or row.state is State.ERASED else row
            return issuance_from_row(row) if row else None

    def open_issuances(self) -> tuple[Issuance, ...]:
        """Return every issuance that is not finished, oldest first."""
        return tuple(each for each in self._unsettled() if each.open)

    def in_aftercare(self) -> tuple[Issuance, ...]:
        """Return the finished issuances whose card is being renewed or erased, oldest first."""
        return tuple(each for each in self._unsettled() if not each.open)

    def journal(self, issuance_id: str) -> tuple[JournalEntry, ...]:
        """Return an issuance's journal in order."""
        with self._db.read() as connection:
            wanted = select(JOURNAL).where(JOURNAL.c.issuance_id == issuance_id).order_by(JOURNAL.c.sequence)
            return tuple(entry_from_row(row) for row in connection.execute(wanted))

    def journal_since(self, at: datetime | None = None, *, limit: int = 1000) -> tuple[JournalEntry, ...]:
        """Return the newest entries of all issuances, newest first."""
        wanted = select(JOURNAL).order_by(JOURNAL.c.id.desc()).limit(limit)
        if at is not None:
            wanted = wanted.where(JOURNAL.c.at >= at)
        with self._db.read() as connection:
            return tuple(entry_from_row(row) for row in connection.execute(wanted))

    def _unsettled(self) -> list[Issuance]:
        with self._db.read() as connection:
            rows = connection.execute(select(ISSUANCES).where(text(OPEN_ISSUANCE)).order_by(ISSUANCES.c.pk))
            return [issuance_from_row(row) for row in rows]

    def all_entries(self) -> Iterator[JournalEntry]:
        """Yield the whole journal in order, a page at a time, so that nobody waits for a long export."""
        last = 0
        while True:
            wanted = select(JOURNAL).where(JOURNAL.c.id > last).order_by(JOURNAL.c.id).limit(_PAGE)
            with self._db.read() as connection:
                page = [(row.id, entry_from_row(row)) for row in connection.execute(wanted)]
            if not page:
                return
            for last, entry in page:  # noqa: B007 - the page's last id is where the next one begins
                yield entry


def write_change(connection: Connection, database: Database, change: Change) -> None:
    """Write a step in the transaction of ``connection``."""
    if change.portrait is not None:
        add_portrait(connection, change.portrait)
    if change.entry.sequence == 1 or change.card is not None:
        # At its beginning and at its end: is it the only one that is made, and may it be told of?
        database.alone_with(connection, change.issuance.holder_id)
        need_consents(connection, change.issuance.holder_id, change.consents)
    _write_issuance(connection, change)
    connection.execute(_ADD_ENTRY, entry_values(change.entry))
    for effect in change.effects:
        _apply(connection, change, effect)
    if change.card is not None:
        _write_card(connection, change.card, change.entry)
    add_entries(connection, database, change.outbox)
    _note_what_waits(connection, change)


def _news_of(change: Change) -> tuple[StoreNews, ...]:
    """Return what other desks show differently after a step."""
    queue = (StoreNews(Topic.QUEUE),) if change.outbox else ()
    begun_or_ended = change.entry.sequence == 1 or not change.issuance.open
    return (*queue, StoreNews(Topic.CARDS, change.issuance.holder_id)) if begun_or_ended else queue


def _write_issuance(connection: Connection, change: Change) -> None:
    values = issuance_values(change.issuance)
    sequence = change.entry.sequence
    if sequence == 1 and connection.execute(_HAS_ISSUANCE, {"b_id": change.issuance.id}).first() is None:
        connection.execute(_ADD_ISSUANCE, {**values, "entries": 1})
        others = {"holder_id": change.issuance.holder_id, "b_id": change.issuance.id}
        if not change.alone and connection.execute(_BEGUN, others).first() is not None:
            raise StoreConflictError(constraint="open", detail=N_("a card is being made for this person"))
        return
    # The chip changes only when a blank is taken or put back, and both it and the end stand in indexes.
    statement = _UPDATE_PROGRESS if change.issuance.open and not change.effects else _UPDATE_ISSUANCE
    values = {f"b_{name}": value for name, value in values.items()}
    written = connection.execute(statement, {**values, "b_entries": sequence, "before": sequence - 1})
    if written.rowcount != 1:
        raise StoreConflictError(constraint="sequence", detail=N_("another station has gone on with this card"))


def _apply(connection: Connection, change: Change, effect: Effect) -> None:
    """Write what becomes of the blank; one without a chip is known by its issuance."""
    match effect:
        case BlankInWork(uid):
            # In the same transaction: another desk may just have handed this very card over.
            _refuse_anothers_card(connection, uid, change.issuance.holder_id)
            _write_blank(connection, change, uid, BlankState.IN_WORK)
        case BlankReleased(uid):
            _write_blank(connection, change, uid, BlankState.IN_STOCK)
        case BlankUsed(uid):
            _write_blank(connection, change, uid, BlankState.USED)
        case BlankSpoiled(uid, cause):
            _write_blank(connection, change, uid, BlankState.SPOILED, cause.value)
        case BlankInBin(uid, cause):
            # By the entry, where the chip told nothing: one card may cost several such blanks.
            unknown = f"issuance:{change.issuance.id}:{change.entry.sequence}"
            _write_blank(connection, change, uid, BlankState.SPOILED, cause, unknown=unknown)
        case BlankInDoubt(uid):
            _write_blank(connection, change, uid, BlankState.IN_DOUBT)
        case BlankErased(uid):
            # Told apart from what came new out of its box: this plastic may have been printed.
            _write_blank(connection, change, uid, BlankState.IN_STOCK, State.ERASED.value)
        case CardRenewed() | CardReturned():
            _change_card(connection, change, effect)
        case _:
            pass  # FinishCard: the card and its outbox entries came with the change


def _write_blank(  # noqa: PLR0913 - which blank, what became of it; then its name where it has no chip
    connection: Connection, change: Change, uid: str, state: BlankState, cause: str = "", *, unknown: str = ""
) -> None:
    values = {
        "b_id": uid or unknown or f"issuance:{change.issuance.id}",
        "b_state": state,
        # A blank that is back in stock belongs to nobody; the journal still says who had it.
        "b_issuance": None if state is BlankState.IN_STOCK else change.issuance.id,
        "b_cause": cause,
        "b_at": change.entry.at,
    }
    # A chip is seen for the first time when it is written: nobody enters blanks one by one.
    if connection.execute(_UPDATE_BLANK, values).rowcount == 0:
        connection.execute(_ADD_BLANK, {**values, "b_uid": uid or None})


def _refuse_anothers_card(connection: Connection, uid: str, holder_id: str) -> None:
    if uid and connection.execute(_ANOTHERS_CARD, {"uid": uid, "holder_id": holder_id}).first() is not None:
        raise StoreConflictError(constraint="uid", detail=N_("this chip is another person's valid card"))


def _change_card(connection: Connection, change: Change, effect: CardRenewed | CardReturned) -> None:
    """Write what became of the card that this issuance made."""
    escn = change.issuance.escn
    if isinstance(effect, CardRenewed):
        carried = {"b_profile": effect.chip_profile, "b_type": effect.card_type, "b_keys": effect.key_versions}
        connection.execute(_UPDATE_CARRIED, {"b_escn": escn, **carried})
        return
    state = {"b_escn": escn, "b_state": CardState.RETURNED, "b_reason": effect.cause}
    connection.execute(_UPDATE_CARD_STATE, state)
    _note_state(connection, change.entry, escn, CardState.RETURNED, effect.cause)


def _note_state(connection: Connection, entry: JournalEntry, escn: str, state: CardState, reason: str) -> None:
    said = {"at": entry.at, "operator": entry.operator, "station": entry.station}
    connection.execute(_ADD_CARD_STATE, {"escn": escn, "state": state, "reason": reason, **said})


def _note_what_waits(connection: Connection, change: Change) -> None:
    """Have other cards that the router knows wait again: of a replaced, returned or renewed one it is told."""
    new = change.card.escn if change.card is not None else ""
    told = {entry.escn for entry in change.outbox if entry.kind is OutboxKind.CARD} - {new}
    for escn in sorted(told):
        connection.execute(_WAITS_AGAIN, {"b_escn": escn})


def _write_card(connection: Connection, card: Card, entry: JournalEntry) -> None:
    if card.state is CardState.ACTIVE:
        whose = {"holder_id": card.holder_id, "scheme": card.scheme}
        # Before the new one is added, which the index would refuse beside another active one.
        for escn in list(connection.execute(_ACTIVE_BEFORE, whose).scalars()):
            replaced = {"b_escn": escn, "b_state": CardState.REPLACED, "b_reason": card.escn}
            connection.execute(_UPDATE_CARD_STATE, replaced)
            _note_state(connection, entry, escn, CardState.REPLACED, card.escn)
    connection.execute(_ADD_CARD, card_values(card))
    _note_state(connection, entry, card.escn, card.state, card.reason)


def _bound(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: bindparam(f"b_{name}") for name in names}


# What a step can change. Naming an indexed column in an update makes SQLite write its index again, changed or not.
_PROGRESS = (
    "state", "pending", "doubt", "portrait_id", "card_type", "apdus", "key_versions", "job", "printer", "prints",
    "cause", "entries",
)  # fmt: skip

# Built once: building a statement takes longer than running it.
_HAS_ISSUANCE = select(ISSUANCES.c.pk).where(ISSUANCES.c.id == bindparam("b_id"))
_BEGUN = (
    select(ISSUANCES.c.pk)
    .where(
        ISSUANCES.c.holder_id == bindparam("holder_id"),
        ISSUANCES.c.id != bindparam("b_id"),
        text(OPEN_ISSUANCE),
        ISSUANCES.c.state.not_in(FINAL),
    )
    .limit(1)
)
_ADD_ISSUANCE = insert(ISSUANCES)
_NEXT_STEP = update(ISSUANCES).where(ISSUANCES.c.id == bindparam("b_id"), ISSUANCES.c.entries == bindparam("before"))
_UPDATE_ISSUANCE = _NEXT_STEP.values(_bound((*_PROGRESS, "uid", "chip_profile", "closed")))
_UPDATE_PROGRESS = _NEXT_STEP.values(_bound(_PROGRESS))
_ADD_ENTRY = insert(JOURNAL)
_UPDATE_BLANK = (
    update(BLANKS)
    .where(BLANKS.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        issuance_id=bindparam("b_issuance"),
        cause=bindparam("b_cause"),
        changed_at=bindparam("b_at"),
    )
)
_ADD_BLANK = insert(BLANKS).values(
    id=bindparam("b_id"),
    uid=bindparam("b_uid"),
    state=bindparam("b_state"),
    issuance_id=bindparam("b_issuance"),
    cause=bindparam("b_cause"),
    changed_at=bindparam("b_at"),
)
_ANOTHERS_CARD = (
    select(CARDS.c.pk)
    .where(
        CARDS.c.uid == bindparam("uid"),
        CARDS.c.holder_id != bindparam("holder_id"),
        CARDS.c.state == CardState.ACTIVE,
    )
    .limit(1)
)
_ACTIVE_BEFORE = select(CARDS.c.escn).where(
    CARDS.c.holder_id == bindparam("holder_id"),
    CARDS.c.scheme == bindparam("scheme"),
    CARDS.c.state == CardState.ACTIVE,
)
_UPDATE_CARD_STATE = (
    update(CARDS)
    .where(CARDS.c.escn == bindparam("b_escn"))
    .values(state=bindparam("b_state"), reason=bindparam("b_reason"))
)
_UPDATE_CARRIED = (
    update(CARDS)
    .where(CARDS.c.escn == bindparam("b_escn"))
    .values(chip_profile=bindparam("b_profile"), card_type=bindparam("b_type"), key_versions=bindparam("b_keys"))
)
_WAITS_AGAIN = (
    update(CARDS)
    .where(CARDS.c.escn == bindparam("b_escn"), CARDS.c.registration == Registration.REGISTERED)
    .values(registration=Registration.QUEUED)
)
_ADD_CARD = insert(CARDS)
_ADD_CARD_STATE = insert(CARD_STATES)
