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
from heapq import nsmallest
from typing import Any, Protocol

from sqlalchemy import Connection, Executable, bindparam, delete, insert, select, text

from station.adapters.store.schema import (
    HOLDER_WORDS,
    HOLDERS,
    META,
    PRESENT,
)
from station.domain.holder import Holder, folded

_WORD = re.compile(r"[^\W_]+")

# Sorts after every word, in Unicode as in UTF-8.
_LAST = "\U0010ffff"

# Of more people than these only so many are put in order: nobody reads a list of thousands, everybody types on.
CANDIDATES = 1000


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
    """Finds primary keys of holders by the beginnings of their words.

    Best first: whose student number is exactly what was typed; whose family name begins with it; then everyone else
    who is in the register, by name; at last those who vanished from it.
    """

    def put(self, connection: Connection, entries: Sequence[tuple[int, list[str]]]) -> None:
        """Replace the words of these holders (by primary key), in the transaction of ``connection``."""

    def find(self, connection: Connection, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the primary keys of holders that have a word for each of ``words``, best first."""


class FullTextIndex:
    """SQLite: an FTS5 table whose row numbers are the holders' primary keys."""

    def put(self, connection: Connection, entries: Sequence[tuple[int, list[str]]]) -> None:
        """Replace the words of these holders."""
        rows = [{"pk": pk, "words": " ".join(words)} for pk, words in entries]
        if rows:
            # An FTS5 table has no upsert, and a row that is there twice is found twice.
            connection.execute(_FTS_DELETE, rows)
            connection.execute(_FTS_INSERT, rows)

    def find(self, connection: Connection, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the best holders; words are letters and digits only, so that nothing in them is FTS5 syntax."""
        match = " AND ".join(f'"{word}"*' for word in words)
        return _by_tiers(
            connection, words, number_digest, limit, (_FTS_FIND, {"match": match, "candidates": _enough(limit)})
        )


class WordIndex:
    """PostgreSQL: a row a word."""

    def put(self, connection: Connection, entries: Sequence[tuple[int, list[str]]]) -> None:
        """Replace the words of these holders."""
        if not entries:
            return
        pks = [{"b_pk": pk} for pk, _ in entries]
        connection.execute(delete(HOLDER_WORDS).where(HOLDER_WORDS.c.holder_pk == bindparam("b_pk")), pks)
        rows = [{"holder_pk": pk, "word": word} for pk, words in entries for word in words]
        if rows:
            connection.execute(insert(HOLDER_WORDS), rows)

    def find(self, connection: Connection, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the best holders."""
        some = select(HOLDERS.c.pk)
        for word in words:
            # A range, not LIKE: it uses the B-tree whatever the collation, and nothing in the text is a wildcard.
            begins = select(HOLDER_WORDS.c.holder_pk).where(
                HOLDER_WORDS.c.word >= word, HOLDER_WORDS.c.word < word + _LAST
            )
            some = some.where(HOLDERS.c.pk.in_(begins))
        found = (
            select(HOLDERS.c.pk)
            .where(HOLDERS.c.pk.in_(some.limit(_enough(limit))))
            .order_by(HOLDERS.c.vanished_at.is_not(None), HOLDERS.c.sort_key, HOLDERS.c.pk)
            .limit(bindparam("limit"))
        )
        return _by_tiers(connection, words, number_digest, limit, (found, {}))


def _enough(limit: int) -> int:
    return max(limit, CANDIDATES)


def _by_tiers(
    connection: Connection, words: list[str], number_digest: str, limit: int, rest: tuple[Executable, dict[str, Any]]
) -> list[int]:
    """Ask for the best first, and for more only while there is room: what few letters find is mostly never read."""
    statement, values = rest
    tiers: list[tuple[Executable, dict[str, Any]]] = [(_BY_NUMBER, {"number": number_digest})] if number_digest else []
    if not words:
        tiers += [(_PRESENT, {}), (_VANISHED, {})]
    else:
        # Of one word only: with two nobody knows which is the family name.
        if len(words) == 1:
            tiers.append((_BY_FAMILY_NAME, {"first": words[0], "last": words[0] + _LAST}))
        tiers.append((statement, values))
    found: dict[int, None] = {}
    for query, given in tiers:
        if len(found) < limit:
            # A later tier may give again who is found already: ask for as many more, or the list comes out short.
            more = connection.execute(query, {**given, "limit": limit + len(found)}).scalars()
            found.update(dict.fromkeys(more))
    return list(found)[:limit]


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

    def find(self, connection: Connection, words: list[str], number_digest: str, limit: int) -> list[int]:
        """Return the best holders."""
        snapshot = self._current(connection)
        found = set(snapshot.rank)
        for word in words:
            first, last = bisect_left(snapshot.words, word), bisect_left(snapshot.words, word + _LAST)
            found &= set(snapshot.owners[first:last])
        exact = set(snapshot.by_number.get(number_digest, ()))
        begins = words[0] if len(words) == 1 else _LAST

        def place(pk: int) -> tuple[bool, bool, bool, str, int]:
            vanished, name, _ = snapshot.rank[pk]
            return pk not in exact, vanished, not name.startswith(begins), name, pk

        # The few that are shown, not all in order: one letter finds half of the register.
        return nsmallest(limit, found, key=place)

    def _current(self, connection: Connection) -> _Snapshot:
        generation = connection.scalar(_GENERATION) or ""
        if generation != self._snapshot.generation:
            # Two threads may both read it; each gets a whole one, and the later stays.
            self._snapshot = _snapshot(generation, connection)
        return self._snapshot


def _snapshot(generation: str, connection: Connection) -> _Snapshot:
    made = _Snapshot(generation)
    pairs: list[tuple[str, int]] = []
    for row in connection.execute(_NAMES):
        holder = Holder("", "", row.given_names, row.family_name, row.student_number, row.email)
        pairs += [(word, row.pk) for word in search_words(holder)]
        made.rank[row.pk] = (row.vanished_at is not None, sort_key(holder), row.pk)
        if row.number_digest:
            made.by_number.setdefault(row.number_digest, []).append(row.pk)
    pairs.sort()
    # Two lists: bisect looks through plain texts, without taking a pair apart at each look.
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

_GENERATION = select(META.c.value).where(META.c.key == GENERATION)
_NAMES = select(
    *(HOLDERS.c[name] for name in ("pk", "given_names", "family_name", "student_number", "number_digest", "email")),
    HOLDERS.c.vanished_at,
)
_PKS = select(HOLDERS.c.pk).order_by(HOLDERS.c.sort_key, HOLDERS.c.pk).limit(bindparam("limit"))
_PRESENT = _PKS.where(text(PRESENT))
_VANISHED = _PKS.where(HOLDERS.c.vanished_at.is_not(None))
_BY_FAMILY_NAME = _PRESENT.where(HOLDERS.c.sort_key >= bindparam("first"), HOLDERS.c.sort_key < bindparam("last"))
_BY_NUMBER = (
    select(HOLDERS.c.pk)
    .where(HOLDERS.c.number_digest == bindparam("number"))
    .order_by(HOLDERS.c.vanished_at.is_not(None), HOLDERS.c.sort_key, HOLDERS.c.pk)
    .limit(bindparam("limit"))
)
_FTS_DELETE = text("DELETE FROM holder_search WHERE rowid = :pk")
_FTS_INSERT = text("INSERT INTO holder_search (rowid, words) VALUES (:pk, :words)")
_FTS_FIND = text("""
    SELECT holders.pk FROM (SELECT rowid AS pk FROM holder_search WHERE holder_search MATCH :match LIMIT :candidates)
    JOIN holders USING (pk)
    ORDER BY holders.vanished_at IS NOT NULL, holders.sort_key, holders.pk
    LIMIT :limit
""")
