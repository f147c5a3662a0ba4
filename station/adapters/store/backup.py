"""Copy a store in use into a SQLite file that can be opened as a store itself."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import insert, select, text

from station.adapters.store.database import Database, sqlite_url
from station.adapters.store.faults import no_folder, translated
from station.adapters.store.migrating import upgrade
from station.adapters.store.schema import METADATA

_CHUNK = 1000


def copy_into_file(database: Database, target: str) -> None:
    """Write the copy beside ``target`` first, so that an older copy is whole until the new one is.

    Raises:
        StoreError: the target cannot be written, or the store cannot be read; ``target`` is as it was.
    """
    path = Path(target)
    if not path.parent.is_dir():
        raise no_folder(target)
    part = path.with_name(path.name + ".part")
    _remove(part)
    try:
        with translated(target):
            if database.sqlite:
                _copy_pages(database, part)
            else:
                _copy_rows(database, part)
            # Before the renaming: a power cut after it would else leave an empty file under the good name.
            _to_disk(part)
            part.replace(path)
    finally:
        _remove(part)


def _copy_pages(database: Database, target: Path) -> None:
    """Use SQLite's own backup, which copies one state of the file while others write."""
    with database.engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)  # noqa: S101 - for the type checker
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it, is easier to carry away


def _copy_rows(database: Database, target: Path) -> None:
    """Copy a server's database table by table, as it stood at one instant."""
    copy = Database(sqlite_url(target), database.cipher)
    try:
        with (
            # One state for all tables: a card and its journal would be of different moments, while desks go on.
            database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as source,
            copy.write() as connection,
        ):
            upgrade(connection)
            for table in METADATA.sorted_tables:
                # In pieces from the server: psycopg loads a whole table into memory otherwise, pictures included.
                rows = source.execution_options(stream_results=True).execute(select(table)).mappings()
                for chunk in rows.partitions(_CHUNK):
                    connection.execute(insert(table), [dict(row) for row in chunk])
            connection.execute(text(_FILL_SEARCH))
    finally:
        copy.close()


def _remove(part: Path) -> None:
    for name in (part.name, f"{part.name}-journal"):  # a copy that ran out of space leaves its journal
        part.with_name(name).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


_FILL_SEARCH = (
    "INSERT INTO holder_search (rowid, words) SELECT holder_pk, group_concat(word, ' ') FROM holder_words"
    " GROUP BY holder_pk"
)
