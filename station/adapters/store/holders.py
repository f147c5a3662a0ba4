"""Holders in the store: looked up, searched, imported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select

from station.adapters.store.database import Database
from station.adapters.store.holder_rows import load_holders, number_digest
from station.adapters.store.importing import Importer
from station.adapters.store.schema import HOLDERS, PERSONAL_CODES
from station.adapters.store.search import SearchIndex, words_of
from station.domain.holder import Holder
from station.domain.outbox import OutboxEntry
from station.ports.register import RegisterRow
from station.ports.store import ImportPlan


class SqlHolders:
    """Implement ``ports.store.HolderStore``."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self._db, self._index = database, index
        self._importer = Importer(database, index)

    def search(self, text: str, *, limit: int = 20) -> tuple[Holder, ...]:
        """Return holders where each word of ``text`` begins one of theirs; no text finds everyone."""
        # By its digest: where student numbers are encrypted, the same number is other bytes in every row.
        number = number_digest(self._db, text) or ""
        with self._db.read() as connection:
            found = self._index.find(connection, words_of(text), number, limit)
            return tuple(load_holders(connection, found).values())

    def get(self, holder_id: str) -> Holder | None:
        """Return a holder by id."""
        return self._first(_BY_ID, {"id": holder_id})

    def by_student_number(self, number: str) -> Holder | None:
        """Return the holder with this student number (any case); one who is still in the register before any other."""
        return self._first(_BY_NUMBER, {"number": number_digest(self._db, number)})

    def with_photo(self) -> tuple[Holder, ...]:
        """Return everyone whose portrait came with the register and who is still in it."""
        with self._db.read() as connection:
            return tuple(load_holders(connection, list(connection.scalars(_WITH_PHOTO))).values())

    def everyone(self) -> Iterator[Holder]:
        """Yield who is still in the register, some hundreds a time, so that nobody waits for the store meanwhile."""
        with self._db.read() as connection:
            # Keys first, then people: a read that lasts as long as the caller takes would keep SQLite's log from being
            # folded back.
            pks = list(connection.scalars(_EVERYONE))
        for start in range(0, len(pks), _AT_ONCE):
            with self._db.read() as connection:
                found = load_holders(connection, pks[start : start + _AT_ONCE])
            yield from found.values()

    def personal_code(self, holder_id: str) -> str | None:
        """Return the personal code that counts today."""
        with self._db.read() as connection:
            found: str | None = connection.scalar(_CODE, {"id": holder_id})
            return found

    def count(self) -> int:
        """Return how many holders there are, those who vanished included."""
        with self._db.read() as connection:
            return connection.scalar(_COUNT) or 0

    def plan_import(self, rows: Iterable[RegisterRow], source: str) -> ImportPlan:
        """Compare rows with what is stored from ``source``; writes nothing.

        A student number that two different rows have is left out, and named: nobody can tell whose it is.
        """
        return self._importer.plan(rows, source)

    def apply_import(self, plan: ImportPlan, source: str, at: datetime, outbox: Sequence[OutboxEntry] = ()) -> int:
        """Write new and changed holders, and what is told of them, in one transaction; return how many holders."""
        return self._importer.carry_out(plan, source, at, outbox)

    def _first(self, statement: Select[int], values: Mapping[str, str | None]) -> Holder | None:
        with self._db.read() as connection:
            pk = connection.scalar(statement, values)
            return None if pk is None else load_holders(connection, [pk])[pk]


_BY_ID = select(HOLDERS.c.pk).where(HOLDERS.c.id == bindparam("id"))
_BY_NUMBER = (
    select(HOLDERS.c.pk)
    .where(HOLDERS.c.number_digest == bindparam("number"))
    .order_by(HOLDERS.c.vanished_at.is_not(None), HOLDERS.c.pk)
    .limit(1)
)
_CODE = (
    select(PERSONAL_CODES.c.code)
    .join(HOLDERS, HOLDERS.c.pk == PERSONAL_CODES.c.holder_pk)
    .where(HOLDERS.c.id == bindparam("id"), PERSONAL_CODES.c.until.is_(None))
    .order_by(PERSONAL_CODES.c.id.desc())
    .limit(1)
)
_WITH_PHOTO = (
    select(HOLDERS.c.pk)
    .where(HOLDERS.c.photo.is_not(None), HOLDERS.c.vanished_at.is_(None))
    .order_by(HOLDERS.c.sort_key, HOLDERS.c.pk)
)
_EVERYONE = select(HOLDERS.c.pk).where(HOLDERS.c.vanished_at.is_(None)).order_by(HOLDERS.c.sort_key, HOLDERS.c.pk)
_AT_ONCE = 500
_COUNT = select(func.count()).select_from(HOLDERS)
