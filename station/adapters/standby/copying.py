"""Copy rows of the shared store into the desk's own: what belongs to some issuances, some people, or a small table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as put

from station.adapters.store.database import Database
from station.adapters.store.holder_rows import load_holders
from station.adapters.store.schema import (
    BLANKS,
    CARD_STATES,
    CARDS,
    CONSENTS,
    ENROLMENTS,
    HOLDERS,
    IDENTIFIERS,
    ISSUANCES,
    JOURNAL,
    META,
    PERSONAL_CODES,
)
from station.adapters.store.search import GENERATION, all_words, index_for
from station.domain.card import CardState

Rows = list[dict[str, Any]]
_OWN_KEYS = ("pk", "id")
_PARTS_OF_A_HOLDER = (IDENTIFIERS, ENROLMENTS, PERSONAL_CODES)
_SEARCHED = ("holders.given_names", "holders.family_name", "holders.student_number", "holders.email")


def read_issuances(shared: Connection, ids: Sequence[str]) -> dict[Table, Rows]:
    """Return everything of these issuances: journal, card with its history, and the blanks that they took."""
    found = {ISSUANCES: _rows(shared, ISSUANCES, ISSUANCES.c.id.in_(ids), order=ISSUANCES.c.pk)}
    found[JOURNAL] = _rows(shared, JOURNAL, JOURNAL.c.issuance_id.in_(ids), order=JOURNAL.c.id)
    found[CARDS] = _rows(shared, CARDS, CARDS.c.issuance_id.in_(ids), order=CARDS.c.pk)
    escns = [row["escn"] for row in found[CARDS]]
    found[CARD_STATES] = _rows(shared, CARD_STATES, CARD_STATES.c.escn.in_(escns), order=CARD_STATES.c.id)
    # A blank that was put back names no issuance any more; the journal still does.
    uids = {str(row["data"]["uid"]) for row in found[JOURNAL] if row["data"].get("uid")}
    found[BLANKS] = _rows(shared, BLANKS, or_(BLANKS.c.issuance_id.in_(ids), BLANKS.c.id.in_(uids)))
    return found


def write_issuances(local: Connection, ids: Collection[str], found: dict[Table, Rows]) -> None:
    """Make the desk's own copy of these issuances what was read; what the shared store doesn't have goes."""
    rows = found[ISSUANCES]
    gone = set(ids).difference(row["id"] for row in rows)
    # Before anything is put: the copy has the same unique indexes, and what changed hands there would clash with itself
    # here.
    _free_numbers(local, rows)
    # Closed ones first: a chip may belong to one open issuance at a time, and the one that had it before must let go
    # first.
    put_rows(local, ISSUANCES, ("id",), sorted(rows, key=lambda each: not each["closed"]))
    for issuance in rows:
        # Written here while alone and refused in the merge: it is kept in the log for a person, and in no journal.
        surplus = and_(JOURNAL.c.issuance_id == issuance["id"], JOURNAL.c.sequence > issuance["entries"])
        local.execute(delete(JOURNAL).where(surplus))
    put_rows(local, JOURNAL, ("issuance_id", "sequence"), found[JOURNAL])
    _write_cards(local, ids, found)
    put_rows(local, BLANKS, ("id",), found[BLANKS])
    local.execute(delete(JOURNAL).where(JOURNAL.c.issuance_id.in_(gone)))
    local.execute(delete(ISSUANCES).where(ISSUANCES.c.id.in_(gone)))


def _write_cards(local: Connection, ids: Collection[str], found: dict[Table, Rows]) -> None:
    cards = found[CARDS]
    escns = [row["escn"] for row in cards]
    ours = select(CARDS.c.escn).where(CARDS.c.issuance_id.in_(ids))
    local.execute(delete(CARD_STATES).where(CARD_STATES.c.escn.in_(ours)))
    local.execute(delete(CARDS).where(CARDS.c.issuance_id.in_(ids), CARDS.c.escn.not_in(escns)))
    # Whoever was active here is not any more over there; how it stands comes with its own rows.
    active = [row for row in cards if row["state"] is CardState.ACTIVE]
    if active:
        local.execute(
            _REPLACED, [{"whose": row["holder_id"], "kind": row["scheme"], "new": row["escn"]} for row in active]
        )
    # The active one last: at no row in between may a holder have two, the index of the table refuses it.
    put_rows(local, CARDS, ("escn",), sorted(cards, key=lambda each: each["state"] is CardState.ACTIVE))
    _add(local, CARD_STATES, found[CARD_STATES])


def _free_numbers(local: Connection, rows: Rows) -> None:
    """Take a chip from whom it belonged to here: only one issuance at a time may have it, and another has it there."""
    taken = [row["uid"] for row in rows if row["uid"] and not row["closed"]]
    others = ISSUANCES.c.id.not_in([row["id"] for row in rows])
    local.execute(update(ISSUANCES).where(ISSUANCES.c.uid.in_(taken), ~ISSUANCES.c.closed, others).values(uid=None))


def read_holders(shared: Connection, ids: Sequence[str]) -> dict[Table, Rows]:
    """Return everything that the register said of these people."""
    holders = _rows(shared, HOLDERS, HOLDERS.c.id.in_(ids), keep_key=True)
    pks = [row["pk"] for row in holders]
    return {
        HOLDERS: holders,
        **{part: _rows(shared, part, part.c.holder_pk.in_(pks), order=part.c.id) for part in _PARTS_OF_A_HOLDER},
    }


def write_holders(local: Connection, database: Database, ids: Collection[str], found: dict[Table, Rows]) -> None:
    """Make the desk's own copy of these people what was read; who is gone there goes here."""
    there = {row["pk"]: row["id"] for row in found[HOLDERS]}
    gone = set(ids).difference(there.values())
    local.execute(delete(HOLDERS).where(HOLDERS.c.id.in_(gone)))
    # Two may have swapped their student numbers: none of them keeps one until all have the right ones.
    numbers = [row["number_digest"] for row in found[HOLDERS] if row["number_digest"]]
    taken = or_(HOLDERS.c.id.in_(ids), HOLDERS.c.number_digest.in_(numbers))
    local.execute(update(HOLDERS).where(taken).values(number_digest=None))
    # Each database counts its own keys; the rows of a person find theirs by the id, which is the same everywhere.
    people = [{name: value for name, value in row.items() if name != "pk"} for row in found[HOLDERS]]
    put_rows(local, HOLDERS, ("id",), people)
    pks = {row.id: row.pk for row in local.execute(select(HOLDERS.c.id, HOLDERS.c.pk).where(HOLDERS.c.id.in_(ids)))}
    for part in _PARTS_OF_A_HOLDER:
        local.execute(delete(part).where(part.c.holder_pk.in_(pks.values())))
        _add(local, part, [{**row, "holder_pk": pks[there[row["holder_pk"]]]} for row in found[part]])
    cipher = database.cipher
    # Words of encrypted names must not lie readable in the index beside them.
    hidden = cipher is not None and any(cipher.covers(column) for column in _SEARCHED)
    named = load_holders(local, list(pks.values()))
    index_for(encrypted=hidden, sqlite=True).put(local, all_words(named.items()))


def note_generation(local: Connection, generation: str) -> None:
    """Tell whoever searches in memory that there are other people now."""
    local.execute(delete(META).where(META.c.key == GENERATION))
    local.execute(insert(META), {"key": GENERATION, "value": generation})


def read_consents(shared: Connection, holder_ids: Sequence[str]) -> Rows:
    """Return what these people agreed to, in order."""
    return _rows(shared, CONSENTS, CONSENTS.c.holder_id.in_(holder_ids), order=CONSENTS.c.id)


def write_consents(local: Connection, holder_ids: Collection[str], rows: Rows) -> None:
    """Make the desk's own copy of their consents what was read."""
    local.execute(delete(CONSENTS).where(CONSENTS.c.holder_id.in_(holder_ids)))
    _add(local, CONSENTS, rows)


def read_all(shared: Connection, table: Table) -> Rows:
    """Return a small table as a whole."""
    order = [column for name in _OWN_KEYS if (column := table.c.get(name)) is not None][:1]
    return [dict(row) for row in shared.execute(select(table).order_by(*order)).mappings()]


def write_all(local: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Make a small table what was read."""
    local.execute(delete(table))
    _add(local, table, list(rows))


def _rows(shared: Connection, table: Table, condition: Any, *, order: Any = None, keep_key: bool = False) -> Rows:
    """Return rows without the keys that only the database they are in knows them by."""
    wanted = select(table).where(condition)
    # A blank's id is the UID of its chip, and no counter.
    named = keep_key or table is BLANKS
    left_out = () if named else _own_key(table)
    rows = shared.execute(wanted if order is None else wanted.order_by(order)).mappings()
    return [{name: value for name, value in row.items() if name not in left_out} for row in rows]


def _own_key(table: Table) -> tuple[str, ...]:
    return ("pk",) if "pk" in table.c else ("id",)


def put_rows(local: Connection, table: Table, key: tuple[str, ...], rows: Rows) -> None:
    """Insert rows, or make those with the same keys like them."""
    if rows:
        statement = put(table)
        # Changed, not deleted and put anew: journal, cards and enrolments refer to such rows.
        changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
        local.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), rows)


def _add(local: Connection, table: Table, rows: Rows) -> None:
    if rows:
        local.execute(insert(table), rows)


_REPLACED = (
    update(CARDS)
    .where(
        CARDS.c.holder_id == bindparam("whose"),
        CARDS.c.scheme == bindparam("kind"),
        CARDS.c.state == CardState.ACTIVE,
        CARDS.c.escn != bindparam("new"),
    )
    .values(state=CardState.REPLACED, reason=bindparam("new"))
)
