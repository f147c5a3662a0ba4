"""Read whole holders: the person, the identifiers and the enrolments, in three statements for any number of people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import BindParameter, Connection, bindparam, select

from station.adapters.store.database import Database
from station.adapters.store.schema import ENROLMENTS, HOLDERS, IDENTIFIERS
from station.domain.holder import Enrolment, Holder, Identifier

_CHUNK = 500  # both databases limit the values of one statement


def number_digest(database: Database, number: str) -> str | None:
    """Return what a student number is found by, in any case; ``None`` for none."""
    folded = number.strip().casefold()
    return database.digest(folded) if folded else None


def load_holders(connection: Connection, pks: Sequence[int]) -> dict[int, Holder]:
    """Return the holders with these primary keys, by key, in the order of ``pks``."""
    found: dict[int, Holder] = {}
    for start in range(0, len(pks), _CHUNK):
        found |= _load(connection, pks[start : start + _CHUNK])
    # A person may be gone since their key was read: an import works beside the search.
    return {pk: found[pk] for pk in pks if pk in found}


def _load(connection: Connection, pks: Sequence[int]) -> dict[int, Holder]:
    identifiers = {
        pk: tuple(Identifier(row.kind, row.value, row.source, row.preferred) for row in rows)
        for pk, rows in groupby(connection.execute(_THEIR_IDENTIFIERS, {"pks": pks}), attrgetter("holder_pk"))
    }
    enrolments = {
        pk: tuple(
            Enrolment(row.status, row.programme, row.faculty, row.level, row.begins_on, row.ends_on) for row in rows
        )
        for pk, rows in groupby(connection.execute(_THEIR_ENROLMENTS, {"pks": pks}), attrgetter("holder_pk"))
    }
    return {
        row.pk: Holder(
            id=row.id,
            institution=row.institution,
            given_names=row.given_names,
            family_name=row.family_name,
            student_number=row.student_number,
            email=row.email,
            identifiers=identifiers.get(row.pk, ()),
            enrolments=enrolments.get(row.pk, ()),
            source=row.source,
            vanished_on=row.vanished_at.date() if row.vanished_at else None,
            photo=row.photo or "",
        )
        for row in connection.execute(_THEM, {"pks": pks})
    }


_PKS: BindParameter[int] = bindparam("pks", expanding=True)
_THEM = select(HOLDERS).where(HOLDERS.c.pk.in_(_PKS))
_THEIR_IDENTIFIERS = (
    select(IDENTIFIERS)
    .where(IDENTIFIERS.c.holder_pk.in_(_PKS))
    .order_by(IDENTIFIERS.c.holder_pk, IDENTIFIERS.c.position)
)
_THEIR_ENROLMENTS = (
    select(ENROLMENTS).where(ENROLMENTS.c.holder_pk.in_(_PKS)).order_by(ENROLMENTS.c.holder_pk, ENROLMENTS.c.position)
)
