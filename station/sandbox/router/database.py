"""The file behind the sandbox: organisations, persons, their memberships and pictures, cards."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS organisations (pic TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS persons (
    id INTEGER PRIMARY KEY, esi TEXT NOT NULL, esi_key TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL,
    anonymised INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS memberships (
    person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE, pic TEXT NOT NULL,
    full_name TEXT NOT NULL, email TEXT, academic_level TEXT, picture BLOB, PRIMARY KEY (person_id, pic)
);
CREATE TABLE IF NOT EXISTS cards (
    escn TEXT PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL, processor TEXT, status TEXT NOT NULL, type TEXT NOT NULL, display_name TEXT,
    issued_at TEXT NOT NULL, expires_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS cards_by_person ON cards (person_id);
CREATE TABLE IF NOT EXISTS numbers (pic TEXT NOT NULL, prefix INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (pic, prefix));
"""

Row = sqlite3.Row


def _fold(text: object) -> str:
    return str(text or "").casefold()


class Database:
    """One SQLite file, used by one thread. A crash of the machine may cost the last answers; it is a sandbox."""

    def __init__(self, path: Path, organisations: Mapping[str, str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made on one thread and used on the server's: never on two at a time, as all endpoints share one event loop.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        try:
            self._prepare(organisations)
        except sqlite3.Error:
            self._connection.close()
            raise

    def _prepare(self, organisations: Mapping[str, str]) -> None:
        # SQLite's own LIKE folds ASCII only, and names here have marks.
        self._connection.create_function("fold", 1, _fold, deterministic=True)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute("PRAGMA foreign_keys=ON")
        self._connection.executescript(_SCHEMA)
        for pic, name in organisations.items():
            self._connection.execute("INSERT OR REPLACE INTO organisations VALUES (?, ?)", (pic, name))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:  # commits, or takes back what an error left
            yield

    def execute(self, sql: str, values: Mapping[str, object] | tuple[object, ...] = ()) -> int:
        """Carry out a statement; return how many rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def one(self, sql: str, values: tuple[object, ...] = ()) -> Row | None:
        """Return the first row of a query."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, values: tuple[object, ...] = ()) -> list[Row]:
        """Return every row of a query."""
        return self._connection.execute(sql, values).fetchall()

    def count(self, sql: str, values: tuple[object, ...] = ()) -> int:
        """Return the number that a query gives."""
        row = self.one(sql, values)
        return int(row[0]) if row is not None else 0

    def organisation_name(self, pic: str) -> str:
        """Return an organisation's name, or one made from its identifier when it is not known."""
        row = self.one("SELECT name FROM organisations WHERE pic = ?", (pic,))
        return str(row["name"]) if row is not None else f"Organisation {pic}"

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()
