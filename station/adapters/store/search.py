"""Search as you type: one index per kind of store, all asked the same way.

The words are folded by the program, because databases fold Latin letters at best. SQLite has a full-text table,
PostgreSQL a table of words with a B-tree. Where names are encrypted neither may exist, for an index tells what it
indexes: there the words are kept in memory, and read again when somebody has imported.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection, Select, bindparam, case, delete, insert, select, text
from sqlalchemy.orm import Session

from station.adapters.store.schema import HolderRow, HolderWordRow, MetaRow, table
from station.domain.holder import Holder, folded

_WORD = re.compile(r"[^\W_]+")
_HOLDERS = table(HolderRow)
_WORDS = table(HolderWordRow)

# Sorts after every word, in Unicode as in UTF-8.
_LAST = "\U0010ffff"


def words_of(text_: str) -> list[str]:
    """Return the folded words of a text: runs of letters and digits."""
    return _WORD.findall(folded(text_))


def search_words(holder: Holder) -> list[str]:
    """Return what a holder is found by, each word once."""
    parts = (holder.family_name, holder.given_names, holder.student_number, holder.email or "")
    return list(dict.fromkeys(word for part in parts for word in words_of(part)))


def sort_key(holder: Holder) -> str:
    """Return what found holders are ordered by: family name, then given names, folded."""
    return f"{folded(holder.family_name)} {folded(holder.given_names)}"


class SearchIndex(Protocol):
    """Finds primary keys of holders by the beginnings of their words."""

    def put(self, connection: Connection, entries: Sequence[tuple[int, list[str]]]) -> None:
        """Replace the words of these holders (by primary key), in the transaction of ``connection``."""

    def find(self, session: Session, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the primary keys of holders that have a word for each of ``words``, best first."""


class FullTextIndex:
    """SQLite: an FTS5 table whose row numbers are the holders' primary keys."""

    def put(self, connection: Connection, entries: Sequence[tuple[int, list[str]]]) -> None:
        """Replace the words of these holders."""
        rows = [{"pk": pk, "words": " ".join(words)} for pk, words in entries]
        if rows:
            connection.execute(_FTS_DELETE, rows)
            connection.execute(_FTS_INSERT, rows)

    def find(self, session: Session, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the best holders; words are letters and digits only, so that nothing in them is FTS5 syntax."""
        if not words:
            return list(session.scalars(_FTS_ALL, {"limit": limit}))
        match = " AND ".join(f'"{word}"*' for word in words)
        return list(session.scalars(_FTS_FIND, {"match": match, "number": number_digest, "limit": limit}))


class WordIndex:
    """PostgreSQL: a row a word."""

    def put(self, connection: Connection, entries: Sequence[tuple[int, list[str]]]) -> None:
        """Replace the words of these holders."""
        if not entries:
            return
        connection.execute(
            delete(_WORDS).where(_WORDS.c.holder_pk == bindparam("pk")), [{"pk": pk} for pk, _ in entries]
        )
        rows = [{"holder_pk": pk, "word": word} for pk, words in entries for word in words]
        if rows:
            connection.execute(insert(_WORDS), rows)

    def find(self, session: Session, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the best holders."""
        found: Select[int] = select(HolderRow.pk)
        for word in words:  # no wildcard is a letter or a digit, so none needs escaping
            found = found.where(
                HolderRow.pk.in_(select(HolderWordRow.holder_pk).where(HolderWordRow.word.like(word + "%")))
            )
        ordered = found.order_by(
            HolderRow.vanished_at.is_not(None),
            case((HolderRow.number_digest == number_digest, 0), else_=1),
            HolderRow.sort_key.collate("C"),
            HolderRow.pk,
        )
        return list(session.scalars(ordered.limit(limit)))


@dataclass(slots=True)
class _Snapshot:
    """Every word with its holder, in order; and each holder's place in the answer."""

    generation: str = ""
    words: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    rank: dict[int, tuple[bool, str, int]] = field(default_factory=dict)
    by_number: dict[str, list[int]] = field(default_factory=dict)


class MemoryIndex:
    """Where names are encrypted: the words are in memory only, and as new as the last import."""

    def __init__(self) -> None:
        self._snapshot = _Snapshot()

    def put(self, connection: Connection, entries: Sequence[tuple[int, list[str]]]) -> None:
        """Keep nothing: the next search reads the holders again."""

    def find(self, session: Session, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the best holders."""
        snapshot = self._current(session)
        found = set(snapshot.rank)
        for word in words:
            first, last = bisect_left(snapshot.words, word), bisect_left(snapshot.words, word + _LAST)
            found &= set(snapshot.owners[first:last])
        exact = set(snapshot.by_number.get(number_digest, ()))
        ordered = sorted(found, key=lambda pk: (snapshot.rank[pk][0], pk not in exact, *snapshot.rank[pk][1:]))
        return ordered[:limit]

    def _current(self, session: Session) -> _Snapshot:
        generation = session.scalar(select(MetaRow.value).where(MetaRow.key == GENERATION)) or ""
        if generation != self._snapshot.generation:
            # Two threads may both read it; each gets a whole one, and the later stays.
            self._snapshot = _snapshot(generation, session)
        return self._snapshot


def _snapshot(generation: str, session: Session) -> _Snapshot:
    made = _Snapshot(generation)
    pairs: list[tuple[str, int]] = []
    for row in session.execute(_NAMES):
        holder = Holder("", "", row.given_names, row.family_name, row.student_number, row.email)
        pairs += [(word, row.pk) for word in search_words(holder)]
        made.rank[row.pk] = (row.vanished_at is not None, sort_key(holder), row.pk)
        if row.number_digest:
            made.by_number.setdefault(row.number_digest, []).append(row.pk)
    pairs.sort()
    made.words, made.owners = [word for word, _ in pairs], [pk for _, pk in pairs]
    return made


def index_for(*, encrypted: bool, sqlite: bool) -> SearchIndex:
    """Return the index that fits a store."""
    if encrypted:
        return MemoryIndex()
    return FullTextIndex() if sqlite else WordIndex()


def all_words(holders: Iterable[tuple[int, Holder]]) -> list[tuple[int, list[str]]]:
    """Return the words of holders, as ``SearchIndex.put`` takes them."""
    return [(pk, search_words(holder)) for pk, holder in holders]


GENERATION = "holders_generation"

_NAMES = select(
    HolderRow.pk,
    HolderRow.given_names,
    HolderRow.family_name,
    HolderRow.student_number,
    HolderRow.number_digest,
    HolderRow.email,
    HolderRow.vanished_at,
)
_FTS_DELETE = text("DELETE FROM holder_search WHERE rowid = :pk")
_FTS_INSERT = text("INSERT INTO holder_search (rowid, words) VALUES (:pk, :words)")
_FTS_FIND = text("""
    SELECT holders.pk FROM holder_search JOIN holders ON holders.pk = holder_search.rowid
    WHERE holder_search MATCH :match
    ORDER BY holders.vanished_at IS NOT NULL, coalesce(holders.number_digest, '') <> :number,
             holders.sort_key, holders.pk
    LIMIT :limit
""")
_FTS_ALL = text("SELECT pk FROM holders ORDER BY vanished_at IS NOT NULL, sort_key, pk LIMIT :limit")
