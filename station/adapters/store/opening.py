"""Open a store: look before touching, refuse what cannot be used with a reason, bring the tables up to date."""

from __future__ import annotations

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, insert, inspect, make_url, select, text, update
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from station import __version__
from station.adapters.store.cipher import FieldCipher, encrypted_text, unsealed_text
from station.adapters.store.database import Database, is_sqlite, sqlite_url
from station.adapters.store.faults import no_folder, translated
from station.adapters.store.lock import FileLock
from station.adapters.store.migrating import upgrade
from station.adapters.store.schema import (
    META,
    REVISIONS,
    SCHEMA_HEAD,
    STATIONS,
)
from station.adapters.store.store import SqlStore
from station.domain.errors import N_, StoreDamagedError, StoreError, StoreNewerError, StoreReadOnlyError

_CIPHER_CHECK = "cipher_check"
_PLAIN = "plain"
_SMALLEST = 512  # SQLite takes a shorter file for an empty one, and would write over what is in it
_CHECK_TEXT = "station store"


def open_store(
    url_or_path: str | os.PathLike[str],
    *,
    cipher: FieldCipher | None = None,
    station: str = "",
    kind: type[Database] = Database,
) -> SqlStore:
    """Open a SQLite file, or a database by its address (``postgresql+psycopg://…``), making the tables if need be.

    Args:
        url_or_path: a path, or an SQLAlchemy address.
        cipher: encrypts personal fields; a store is encrypted from its beginning or never.
        station: who opens it.
        kind: what is made of the address.

    Raises:
        StoreLockedError: another station on this computer has the file.
        StoreNewerError: a newer program wrote it; nothing was changed.
        StoreReadOnlyError, StoreFullError, StoreDamagedError: what they say; nothing was lost.
        StoreError: there is no such folder, the file is something else, or the key does not fit.
    """
    url = _url_of(url_or_path)
    with ExitStack() as undo:
        # SQLite would let two stations in, and each would believe that the cards in doubt are its own.
        lock = _lock_file(url) if is_sqlite(url) else None
        if lock is not None:
            undo.callback(lock.release)
        database = _database(url, cipher, kind)
        undo.callback(database.close)
        with translated(database.where):
            _prepare(database, station)
        # From here on the store closes what was opened; before, every error gave it back.
        undo.pop_all()
    return SqlStore(database, lock)


def _url_of(url_or_path: str | os.PathLike[str]) -> URL:
    given = os.fspath(url_or_path)
    if "://" not in given:
        return sqlite_url(Path(given))
    try:
        url = make_url(given)
    except (ArgumentError, ValueError) as error:
        # Never the whole address: it may have a password in it.
        raise StoreError(_WRONG_ADDRESS, _CORRECT_PROFILE, file=given.split("://")[0] + "://…") from error
    if url.get_backend_name() not in ("sqlite", "postgresql") or not url.database:
        raise StoreError(_WRONG_ADDRESS, _CORRECT_PROFILE, file=url.render_as_string(hide_password=True))
    return url


def _database(url: URL, cipher: FieldCipher | None, kind: type[Database]) -> Database:
    try:
        return kind(url, cipher)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        where = url.render_as_string(hide_password=True)
        raise StoreError(_NO_DRIVER, _INSTALL_DRIVER, file=where, detail=str(error)) from error


def _lock_file(url: URL) -> FileLock:
    path = Path(url.database or "")
    if not path.parent.is_dir():
        raise no_folder(str(path))
    if path.is_dir():
        raise StoreError(_IS_FOLDER, _CORRECT_PROFILE, file=str(path))
    # The folder too: SQLite keeps the write-ahead log beside the file.
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise StoreReadOnlyError(file=str(path))
    if path.exists() and 0 < path.stat().st_size < _SMALLEST:
        raise StoreDamagedError(file=str(path), detail=N_("it is too short"))
    with translated(str(path)):
        return FileLock(path)


def _prepare(database: Database, station: str) -> None:
    with database.engine.connect() as connection:
        _revision(connection, database)
    if database.sqlite:
        # Looking at every page of a large store takes seconds; after a clean end there is no reason to.
        if _was_cut_off(database):
            _check_pages(database)
        _use_log(database)
    with database.write() as connection:
        # Of stations that start at once one makes the tables, and the others find them made.
        database.alone_with(connection, "")
        if _revision(connection, database) != SCHEMA_HEAD:
            # In the transaction of the rest: a migration that fails leaves the store as the older program knows it.
            upgrade(connection)
        _check_key(connection, database)
        _sign_in(connection, station)


def _revision(connection: Connection, database: Database) -> str | None:
    """Return which schema the store has, ``None`` for an empty one; raises StoreError for one that can't be used."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables:
        if tables:
            raise StoreError(_NOT_OURS, _CORRECT_PROFILE, file=database.where)
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found is not None and found not in REVISIONS:
        raise StoreNewerError(file=database.where, found=found, known=SCHEMA_HEAD)
    return found


def _was_cut_off(database: Database) -> bool:
    """Tell whether the last station to write did not close the file: then its log still lies beside it."""
    log = Path(f"{database.where}-wal")
    return log.exists() and log.stat().st_size > 0


def _check_pages(database: Database) -> None:
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise StoreDamagedError(file=database.where, detail=str(found).splitlines()[-1])


def _use_log(database: Database) -> None:
    """Switch to the write-ahead log, which the file remembers: readers and the writer never wait for each other."""
    # Below the pool's events: SQLite can't change the journal mode inside a transaction.
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _check_key(connection: Connection, database: Database) -> None:
    cipher = database.cipher
    kept = connection.scalar(select(META.c.value).where(META.c.key == _CIPHER_CHECK))
    if kept is None:
        # A known text, encrypted once: a wrong key is noticed here and not at the first person who is shown.
        check = _PLAIN if cipher is None else encrypted_text(_CHECK_TEXT, _CIPHER_CHECK, cipher)
        connection.execute(insert(META), {"key": _CIPHER_CHECK, "value": check})
    elif kept == _PLAIN:
        if cipher is not None:
            raise StoreError(_NOT_ENCRYPTED, _ENCRYPT_TODO, file=database.where)
    elif cipher is None:
        raise StoreError(_NO_KEY, _KEY_TODO, file=database.where)
    else:
        try:
            unsealed_text(kept, _CIPHER_CHECK, cipher)
        except StoreDamagedError as error:
            raise StoreError(_OTHER_KEY, _KEY_TODO, file=database.where) from error


def _sign_in(connection: Connection, station: str) -> None:
    seen = {"last_seen_at": datetime.now(UTC), "version": __version__}
    if connection.execute(update(STATIONS).where(STATIONS.c.name == station).values(**seen)).rowcount == 0:
        connection.execute(insert(STATIONS), {"name": station, "first_seen_at": seen["last_seen_at"], **seen})


_IS_FOLDER = N_("{file} is a folder, not a database.")
_NOT_OURS = N_("{file} is a database of another program.")
_CORRECT_PROFILE = N_("Correct the place of the database in the station profile. Nothing was changed.")
_WRONG_ADDRESS = N_("{file} is not the address of a database that the station can use.")
_NO_DRIVER = N_("The driver for the database {file} is not installed ({detail}).")
_INSTALL_DRIVER = N_("Ask IT to install the station with PostgreSQL support. Nothing was changed.")
_NOT_ENCRYPTED = N_("The database {file} is not encrypted, but a key was given for it.")
_ENCRYPT_TODO = N_("Ask IT: a database is encrypted from its beginning or not at all. Nothing was changed.")
_NO_KEY = N_("The database {file} is encrypted, and its key was not given.")
_OTHER_KEY = N_("The database {file} is encrypted with another key.")
_KEY_TODO = N_("Ask IT to put the right key into this computer's keyring. Nothing was changed.")
