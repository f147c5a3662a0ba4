"""How a card stands after its hand-over: written with its history and what is to be told of it, or not at all."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.sql.functions import func

from station.adapters.store.database import Database
from station.adapters.store.outbox import add_entries
from station.adapters.store.schema import CARD_STATES, CARDS, CONSENTS, OUTBOX
from station.domain.card import CardState, Registration
from station.domain.errors import N_, StoreConflictError
from station.domain.outbox import DELETIONS, OutboxKind, OutboxState
from station.ports.store import CardNote, CardUpdate, Withdrawal

_CHANGES = ("state", "reason", "expires_on", "registration")
_EXPORTS = tuple(kind for kind in OutboxKind if kind not in (*DELETIONS, OutboxKind.STATUS))


def write_update(connection: Connection, database: Database, change: CardUpdate) -> None:
    """Write it in the transaction of ``connection``; raises StoreConflictError when it is not true any more."""
    before, after = change.before, change.after
    if change.outbox:
        # Only where something is told: consent is what another desk may be changing at this moment.
        database.alone_with(connection, after.holder_id)
        need_consents(connection, after.holder_id, change.consents)
    if after.state is CardState.ACTIVE:
        others = select(CARDS.c.pk).where(
            CARDS.c.holder_id == after.holder_id,
            CARDS.c.scheme == after.scheme,
            CARDS.c.state == CardState.ACTIVE,
            CARDS.c.escn != after.escn,
        )
        if connection.execute(others.limit(1)).first() is not None:
            raise StoreConflictError(constraint="active", detail=N_("this person has another card in use"))
    written = connection.execute(
        update(CARDS)
        # As it was when it was shown: a person decides about what they see, not about what it has become.
        .where(CARDS.c.escn == before.escn, CARDS.c.state == before.state, CARDS.c.expires_on == before.expires_on)
        .values({name: getattr(after, name) for name in _CHANGES})
    )
    if written.rowcount != 1:
        raise StoreConflictError(constraint="card", detail=N_("somebody else has changed this card meanwhile"))
    said = {"at": change.at, "operator": change.operator, "station": change.station}
    connection.execute(insert(CARD_STATES), {"escn": after.escn, "state": after.state, "reason": after.reason, **said})
    add_entries(connection, database, change.outbox)


def notes_of(connection: Connection, escn: str) -> tuple[CardNote, ...]:
    """Return the history of a card, oldest first."""
    wanted = select(CARD_STATES).where(CARD_STATES.c.escn == escn).order_by(CARD_STATES.c.id)
    return tuple(
        CardNote(row.escn, row.state, row.reason, row.at, row.operator, row.station)
        for row in connection.execute(wanted)
    )


def need_consents(connection: Connection, holder_id: str, known: int | None) -> None:
    """Raise StoreConflictError when there is another record of the holder's consent than what was ``known``."""
    if known is None:
        return
    counted = select(func.count()).select_from(CONSENTS).where(CONSENTS.c.holder_id == holder_id)
    # Counted: records are only ever added, so another number is another decision.
    if connection.scalar(counted) != known:
        raise StoreConflictError(constraint="consent", detail=N_("this person has just decided about their data"))


def end_export(connection: Connection, database: Database, withdrawal: Withdrawal) -> int:
    """End what waits to be told of a holder and queue what is to be deleted; return how many were ended.

    Raises:
        StoreConflictError: they have another card than was known when this was decided; nothing was written.
    """
    holder_id = withdrawal.consent.holder_id
    cards = frozenset(connection.scalars(select(CARDS.c.escn).where(CARDS.c.holder_id == holder_id)))
    if withdrawal.escns is not None and cards != withdrawal.escns:
        raise StoreConflictError(constraint="card", detail=N_("this person has just got another card"))
    orders = [database.digest(key) for key in withdrawal.order_keys]
    # Taken out, not marked: counted as done they would be looked for at the router, where they never were.
    ended = connection.execute(
        delete(OUTBOX).where(
            # Also what is filed under an identifier that they had before.
            or_(OUTBOX.c.order_digest.in_(orders), OUTBOX.c.escn.in_(cards)),
            OUTBOX.c.state != OutboxState.DONE,
            OUTBOX.c.kind.in_(_EXPORTS),
        )
    )
    add_entries(connection, database, withdrawal.outbox)
    connection.execute(update(CARDS).where(CARDS.c.holder_id == holder_id).values(registration=Registration.NOT_NEEDED))
    return ended.rowcount
