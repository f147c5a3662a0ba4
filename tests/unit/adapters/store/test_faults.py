"""What databases and operating systems say, in the station's words."""

from __future__ import annotations

import errno
import sqlite3

import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, StatementError

from station.adapters.store.faults import to_store_error, translated
from station.domain.errors import (
    InputError,
    StoreAwayError,
    StoreConflictError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreReadOnlyError,
    StoreRefusedError,
)


def sqlite_error(code: int, text: str = "what SQLite says") -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


class FakeDiagnosis:
    """As psycopg's ``Diagnostic``: which constraint was in the way."""

    constraint_name = "uq_issuances_open_uid"


class FakePsycopgError(Exception):
    """As psycopg's errors: a state after the SQL standard, and a diagnosis."""

    diag = FakeDiagnosis()

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("what PostgreSQL says\nDETAIL: more")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY, StoreLockedError),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreLockedError),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreReadOnlyError),
        (sqlite3.SQLITE_CANTOPEN, StoreReadOnlyError),
        (sqlite3.SQLITE_FULL, StoreFullError),
        (sqlite3.SQLITE_IOERR_SHMSIZE, StoreFullError),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreDamagedError),
        (sqlite3.SQLITE_NOTADB, StoreDamagedError),
        (sqlite3.SQLITE_IOERR_READ, StoreError),
    ],
)
def test_what_sqlite_says(code: int, kind: type[StoreError]) -> None:
    error = to_store_error(DBAPIError("SELECT", {}, sqlite_error(code)), "a.db")
    assert type(error) is kind
    assert (error.params["file"], error.params["detail"]) == ("a.db", "what SQLite says")


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("25006", StoreReadOnlyError),
        ("42501", StoreReadOnlyError),
        ("53100", StoreFullError),
        ("40P01", StoreLockedError),
        ("XX001", StoreDamagedError),
        ("42P01", StoreError),
        ("57P01", StoreAwayError),
        ("25P03", StoreAwayError),
        (None, StoreAwayError),
    ],
)
def test_what_postgresql_says(state: str | None, kind: type[StoreError]) -> None:
    error = to_store_error(OperationalError("SELECT", {}, FakePsycopgError(state)), "db")
    assert type(error) is kind
    assert error.params["detail"] == "what PostgreSQL says"
    assert ("doesn't answer" in str(error)) == (kind is StoreAwayError)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('FATAL:  password authentication failed for user "cards"', StoreRefusedError),
        ("fe_sendauth: no password supplied", StoreRefusedError),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9"', StoreRefusedError),
        ('FATAL:  database "station" does not exist', StoreRefusedError),
        ("SSL error: certificate verify failed", StoreRefusedError),
        ("Connection refused", StoreAwayError),
        ("FATAL:  the database system is starting up", StoreAwayError),
        ("FATAL:  sorry, too many clients already", StoreAwayError),
    ],
)
def test_who_is_not_let_in_does_not_look_at_cables(said: str, kind: type[StoreError]) -> None:
    cause = FakePsycopgError(None)
    cause.args = (f"connection failed: {said}",)
    assert type(to_store_error(OperationalError("SELECT", {}, cause), "db")) is kind


def test_a_value_that_the_driver_refuses_is_no_server_that_is_away() -> None:
    error = to_store_error(DataError("INSERT", {}, FakePsycopgError(None)), "db")
    assert type(error) is StoreError


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EACCES, StoreReadOnlyError),
        (errno.EROFS, StoreReadOnlyError),
        (errno.ENOSPC, StoreFullError),
        (errno.ENOENT, StoreError),
        (errno.EIO, StoreError),
    ],
)
def test_what_the_operating_system_says(number: int, kind: type[StoreError]) -> None:
    assert type(to_store_error(OSError(number, "why"), "a.db")) is kind


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("UNIQUE constraint failed: issuances.escn", "escn"),
        ("UNIQUE constraint failed: issuances.uid", "uid"),
        ("UNIQUE constraint failed: journal.issuance_id, journal.sequence", "sequence"),
        ("UNIQUE constraint failed: outbox.key_digest", "outbox"),
        ("UNIQUE constraint failed: index 'uq_issuances_open_uid'", "uid"),
        ("UNIQUE constraint failed: stations.name", "stations.name"),
    ],
)
def test_a_conflict_names_what_exists_already(text: str, constraint: str) -> None:
    raised = IntegrityError("INSERT", {}, sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE, text))
    error = to_store_error(raised, "a.db")
    assert isinstance(error, StoreConflictError)
    assert error.params["constraint"] == constraint
    of_postgresql = to_store_error(IntegrityError("INSERT", {}, FakePsycopgError("23505")), "db")
    assert of_postgresql.params["constraint"] == "uid"


def test_the_border_names_the_file_and_keeps_the_cause() -> None:
    cause = InterfaceError("SELECT", {}, sqlite_error(sqlite3.SQLITE_FULL))
    with pytest.raises(StoreFullError) as caught, translated("a.db"):
        raise cause
    assert caught.value.__cause__ is cause
    with pytest.raises(StoreConflictError) as conflict, translated("a.db"):
        raise StoreConflictError(constraint="uid", detail="x")
    assert conflict.value.params["file"] == "a.db"


def test_mistakes_of_the_program_are_not_called_faults_of_the_store() -> None:
    mistake = ValueError("an instant without a time zone")
    with pytest.raises(ValueError, match="time zone") as caught, translated("a.db"):
        raise StatementError("x", "INSERT", {}, mistake)
    assert caught.value is mistake
    with pytest.raises(InputError), translated("a.db"):
        raise InputError(detail="not the store's")
