"""Imports of holders: compare a register with the store, then write what differs in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from station.adapters.store.database import Database
from station.adapters.store.holder_rows import load_holders, number_digest
from station.adapters.store.outbox import add_entries, told_still
from station.adapters.store.schema import (
    CARDS,
    ENROLMENTS,
    HOLDERS,
    IDENTIFIERS,
    META,
    PERSONAL_CODES,
)
from station.adapters.store.search import GENERATION, SearchIndex, all_words, sort_key
from station.adapters.store.types import to_json
from station.domain.card import Registration
from station.domain.holder import Holder
from station.domain.outbox import OutboxEntry
from station.ports.news import StoreNews, Topic
from station.ports.register import RegisterRow
from station.ports.store import ImportPlan


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a stored holder without reading the person."""

    pk: int
    institution: str
    content: str
    code: str | None
    source: str
    vanished: bool


class Importer:
    """Plan and carry out imports."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self._db, self._index = database, index

    def plan(self, rows: Iterable[RegisterRow], source: str) -> ImportPlan:
        """Compare rows with what is stored from ``source``; writes nothing.

        A student number that two different rows have is left out, and named: nobody can tell whose it is. Vanished are
        those of the same source and institution: two institutions may call their registers alike.
        """
        wanted, doubles = self._without_doubles(rows)
        new: list[RegisterRow] = []
        changed: list[RegisterRow] = []
        rows_of: dict[int, RegisterRow] = {}
        same = 0
        with self._db.read() as connection:
            by_number, by_id = self._known(connection)
            seen: set[int] = set()
            for row in wanted:
                # The number first: cards and portraits hang on the stored id, which another register makes differently.
                known = by_number.get(self._key(row.holder)) or by_id.get(row.holder.id)
                if known is None:
                    new.append(row)
                    continue
                seen.add(known.pk)
                if self._is_same(row, known, source):
                    same += 1
                else:
                    changed.append(row)
                    rows_of[known.pk] = row
            # Left out is not gone: whoever has a doubtful number would be marked as vanished from a register that names
            # them.
            seen |= {known.pk for key in doubles if (known := by_number.get(key)) is not None}
            whose = {row.holder.institution for row in wanted} | {institution for institution, _ in doubles}
            gone = [
                known.pk
                for known in by_id.values()
                if known.source == source and known.institution in whose and not known.vanished and known.pk not in seen
            ]
            vanished = tuple(load_holders(connection, gone).values())
            before = load_holders(connection, _with_card(connection, tuple(rows_of)))
        numbers = tuple(sorted(doubles.values()))
        known_there = tuple((holder, rows_of[pk]) for pk, holder in before.items())
        return ImportPlan(tuple(new), tuple(changed), same, vanished, numbers, known_there)

    def carry_out(self, plan: ImportPlan, source: str, at: datetime, outbox: Sequence[OutboxEntry] = ()) -> int:
        """Write new and changed holders in one transaction; return how many. Vanished ones stay, marked."""
        news = (StoreNews(Topic.PEOPLE), *([StoreNews(Topic.QUEUE)] if outbox else []))
        with self._db.write(*news) as connection:
            # Asked once more, inside the transaction: somebody may have withdrawn since the plan was shown.
            told = told_still(connection, self._db, outbox)
            pks = self._insert(connection, plan.new, source, at)
            pks += self._update(connection, plan.changed, source, at)
            rows = [*plan.new, *plan.changed]
            self._write_parts(connection, pks, rows)
            self._write_codes(connection, pks, rows, at)
            # In the same transaction, or a search would find people by a name that they no longer have.
            self._index.put(connection, all_words(zip(pks, (row.holder for row in rows), strict=True)))
            gone = [{"holder_id": holder.id, "at": at} for holder in plan.vanished]
            if gone:
                connection.execute(_MARK_VANISHED, gone)
            add_entries(connection, self._db, told)
            _next_generation(connection)
        return len(rows)

    # --- reading ------------------------------------------------------------------------------------------------

    def _key(self, holder: Holder) -> tuple[str, str | None]:
        return holder.institution, number_digest(self._db, holder.student_number)

    def _content(self, holder: Holder) -> str:
        said = [
            [holder.institution, holder.given_names, holder.family_name, holder.student_number, holder.email],
            [[i.kind, i.value, i.source, i.preferred] for i in holder.identifiers],
            [[e.status, e.programme, e.faculty, e.level, str(e.begins_on), str(e.ends_on)] for e in holder.enrolments],
            [holder.photo],
        ]
        # A digest, so that a comparison needs to decrypt nobody: of most people nothing has changed since the last
        # import.
        return self._db.digest(to_json(said))

    def _without_doubles(
        self, rows: Iterable[RegisterRow]
    ) -> tuple[list[RegisterRow], dict[tuple[str, str | None], str]]:
        once: dict[tuple[str, str | None], RegisterRow] = {}
        unnumbered: list[RegisterRow] = []
        doubles: dict[tuple[str, str | None], str] = {}
        for row in rows:
            key = self._key(row.holder)
            if key[1] is None:
                unnumbered.append(row)
                continue
            other = once.setdefault(key, row)
            same = self._content(other.holder) == self._content(row.holder) and other.personal_code == row.personal_code
            if not same:
                doubles[key] = row.holder.student_number
        return [row for key, row in once.items() if key not in doubles] + unnumbered, doubles

    def _known(self, connection: Connection) -> tuple[dict[tuple[str, str | None], _Known], dict[str, _Known]]:
        by_number: dict[tuple[str, str | None], _Known] = {}
        by_id: dict[str, _Known] = {}
        for row in connection.execute(_KNOWN):
            gone = row.vanished_at is not None
            known = _Known(row.pk, row.institution, row.content, row.code_digest, row.source, gone)
            by_id[row.id] = known
            if row.number_digest is not None:
                by_number[row.institution, row.number_digest] = known
        return by_number, by_id

    def _is_same(self, row: RegisterRow, known: _Known, source: str) -> bool:
        # A register without personal codes takes none away: another one may have brought them.
        code = self._db.digest(row.personal_code) if row.personal_code else known.code
        current = (self._content(row.holder), code, source, False)
        return current == (known.content, known.code, known.source, known.vanished)

    # --- writing ------------------------------------------------------------------------------------------------

    def _values(self, holder: Holder, source: str, at: datetime) -> dict[str, Any]:
        return {
            "institution": holder.institution,
            "given_names": holder.given_names,
            "family_name": holder.family_name,
            "student_number": holder.student_number,
            "number_digest": number_digest(self._db, holder.student_number),
            "email": holder.email,
            "photo": holder.photo or None,
            "sort_key": self._sort_key(holder),
            "source": source,
            "content": self._content(holder),
            "changed_at": at,
            "vanished_at": None,
        }

    def _sort_key(self, holder: Holder) -> str:
        cipher = self._db.cipher
        # A name to sort by is the name: where it is encrypted, no plain copy of it may lie beside.
        hidden = cipher is not None and (cipher.covers("holders.family_name") or cipher.covers("holders.given_names"))
        return "" if hidden else sort_key(holder)

    def _insert(self, connection: Connection, rows: Sequence[RegisterRow], source: str, at: datetime) -> list[int]:
        if not rows:
            return []
        values = [{"id": row.holder.id, **self._values(row.holder, source, at)} for row in rows]
        # In the order of the rows: without it SQLAlchemy promises none, and identifiers would go to the wrong people.
        statement = insert(HOLDERS).returning(HOLDERS.c.pk, sort_by_parameter_order=True)
        return list(connection.execute(statement, values).scalars())

    def _update(self, connection: Connection, rows: Sequence[RegisterRow], source: str, at: datetime) -> list[int]:
        if not rows:
            return []
        by_key: dict[tuple[str, str | None], int] = {}
        by_id: dict[str, int] = {}
        for known in connection.execute(_KEYS):
            by_id[known.id] = known.pk
            if known.number_digest is not None:
                by_key[known.institution, known.number_digest] = known.pk
        pks = [by_key.get(self._key(row.holder)) or by_id[row.holder.id] for row in rows]
        values = [self._values(row.holder, source, at) for row in rows]
        connection.execute(_UPDATE, [{"b_pk": pk, **v} for pk, v in zip(pks, values, strict=True)])
        # Deleted and written anew: they have no key of their own in a register that could be compared.
        for parts in (IDENTIFIERS, ENROLMENTS):
            connection.execute(
                delete(parts).where(parts.c.holder_pk == bindparam("b_pk")), [{"b_pk": pk} for pk in pks]
            )
        return pks

    def _write_parts(self, connection: Connection, pks: Sequence[int], rows: Sequence[RegisterRow]) -> None:
        identifiers = [
            {
                "holder_pk": pk,
                "position": position,
                "kind": i.kind,
                "value": i.value,
                "value_digest": self._db.digest(i.value.casefold()),
                "source": i.source,
                "preferred": i.preferred,
            }
            for pk, row in zip(pks, rows, strict=True)
            for position, i in enumerate(row.holder.identifiers)
        ]
        enrolments = [
            {
                "holder_pk": pk,
                "position": position,
                "status": e.status,
                "programme": e.programme,
                "faculty": e.faculty,
                "level": e.level,
                "begins_on": e.begins_on,
                "ends_on": e.ends_on,
            }
            for pk, row in zip(pks, rows, strict=True)
            for position, e in enumerate(row.holder.enrolments)
        ]
        if identifiers:
            connection.execute(insert(IDENTIFIERS), identifiers)
        if enrolments:
            connection.execute(insert(ENROLMENTS), enrolments)

    def _write_codes(
        self, connection: Connection, pks: Sequence[int], rows: Sequence[RegisterRow], at: datetime
    ) -> None:
        current: Mapping[int, str] = {row.holder_pk: row.code_digest for row in connection.execute(_CURRENT_CODES)}
        codes = [
            {"holder_pk": pk, "code": row.personal_code, "code_digest": self._db.digest(row.personal_code), "since": at}
            for pk, row in zip(pks, rows, strict=True)
            if row.personal_code and current.get(pk) != self._db.digest(row.personal_code)
        ]
        # The old code is ended, not overwritten: papers of that time name the person by it.
        if codes:
            connection.execute(_END_CODE, [{"b_pk": code["holder_pk"], "at": at} for code in codes])
            connection.execute(insert(PERSONAL_CODES), codes)


def _with_card(connection: Connection, pks: Sequence[int]) -> list[int]:
    """Return those of the holders who have a card that is to be registered."""
    found: list[int] = []
    for start in range(0, len(pks), _CHUNK):
        found += connection.scalars(_TOLD_OF, {"pks": pks[start : start + _CHUNK]})
    return found


def _next_generation(connection: Connection) -> None:
    """Tell every station that searches in memory that there are other holders now."""
    counted = connection.scalar(select(META.c.value).where(META.c.key == GENERATION))
    if counted is None:
        connection.execute(insert(META), {"key": GENERATION, "value": "1"})
    else:
        connection.execute(update(META).where(META.c.key == GENERATION).values(value=str(int(counted) + 1)))


_CHUNK = 500  # both databases limit the values of one statement
_TOLD_OF = (
    select(HOLDERS.c.pk)
    .join(CARDS, CARDS.c.holder_id == HOLDERS.c.id)
    .where(HOLDERS.c.pk.in_(bindparam("pks", expanding=True)), CARDS.c.registration != Registration.NOT_NEEDED)
    .distinct()
)
_CURRENT_CODES = select(PERSONAL_CODES.c.holder_pk, PERSONAL_CODES.c.code_digest).where(
    PERSONAL_CODES.c.until.is_(None)
)
_KEYS = select(HOLDERS.c.pk, HOLDERS.c.id, HOLDERS.c.institution, HOLDERS.c.number_digest)
_KNOWN = select(
    *_KEYS.selected_columns, HOLDERS.c.content, HOLDERS.c.source, HOLDERS.c.vanished_at, PERSONAL_CODES.c.code_digest
).select_from(
    HOLDERS.outerjoin(PERSONAL_CODES, (PERSONAL_CODES.c.holder_pk == HOLDERS.c.pk) & PERSONAL_CODES.c.until.is_(None))
)
_UPDATE = (
    update(HOLDERS)
    .where(HOLDERS.c.pk == bindparam("b_pk"))
    .values({c.name: bindparam(c.name) for c in HOLDERS.c if c.name not in ("pk", "id")})
)
_END_CODE = (
    update(PERSONAL_CODES)
    .where(PERSONAL_CODES.c.holder_pk == bindparam("b_pk"), PERSONAL_CODES.c.until.is_(None))
    .values(until=bindparam("at"))
)
_MARK_VANISHED = update(HOLDERS).where(HOLDERS.c.id == bindparam("holder_id")).values(vanished_at=bindparam("at"))
