"""Turn what a database says into what the station says: one place, for SQLite and PostgreSQL."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, StatementError

from station.domain.errors import (
    N_,
    StationError,
    StoreAwayError,
    StoreConflictError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    StoreReadOnlyError,
    StoreRefusedError,
)

# https://www.sqlite.org/rescode.html; the primary code is the low byte of an extended one.
_SQLITE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_BUSY: StoreLockedError,
    sqlite3.SQLITE_LOCKED: StoreLockedError,
    sqlite3.SQLITE_READONLY: StoreReadOnlyError,
    sqlite3.SQLITE_PERM: StoreReadOnlyError,
    sqlite3.SQLITE_CANTOPEN: StoreReadOnlyError,
    sqlite3.SQLITE_FULL: StoreFullError,
    sqlite3.SQLITE_CORRUPT: StoreDamagedError,
    sqlite3.SQLITE_NOTADB: StoreDamagedError,
}
# PostgreSQL, appendix A "Error Codes".
_SQLSTATE: dict[str, type[StoreError]] = {
    "25006": StoreReadOnlyError,
    "42501": StoreReadOnlyError,
    "53100": StoreFullError,
    "55P03": StoreLockedError,
    "40001": StoreLockedError,
    "40P01": StoreLockedError,
    "XX001": StoreDamagedError,
    "XX002": StoreDamagedError,
}
# The classes "connection exception" and "operator intervention" (it is shut down, or starting); and our own transaction
# took so long that the server ended the session.
_AWAY = ("08", "57")
_ENDED = "25P03"
# Whoever is not let in gets no code with it (libpq, PQconnectdb).
_NOT_LET_IN = re.compile(
    r"password|authentication|pg_hba\.conf|(role|database) \"[^\"]*\" does not exist|certificate", re.IGNORECASE
)
# Without a code: it was not the server that said so, it was the connection that ended, or never began.
_CUT = (OperationalError, InterfaceError)

# Which unique thing a constraint (PostgreSQL) or its columns (SQLite) stand for, and how people call it.
_CONFLICTS: dict[str, tuple[str, str]] = {
    "uq_issuances_escn": ("escn", N_("the card number is in use")),
    "issuances.escn": ("escn", N_("the card number is in use")),
    "uq_cards_escn": ("escn", N_("the card number is in use")),
    "cards.escn": ("escn", N_("the card number is in use")),
    "uq_issuances_open_uid": ("uid", N_("another card that is being made has this chip")),
    "issuances.uid": ("uid", N_("another card that is being made has this chip")),
    "uq_journal_issuance_id_sequence": ("sequence", N_("another station has gone on with this card")),
    "journal.issuance_id": ("sequence", N_("another station has gone on with this card")),
    "uq_issuances_id": ("sequence", N_("another station has gone on with this card")),
    "issuances.id": ("sequence", N_("another station has gone on with this card")),
    "uq_cards_issuance_id": ("issuance", N_("this card was handed over already")),
    "cards.issuance_id": ("issuance", N_("this card was handed over already")),
    "uq_cards_active": ("active", N_("this person has another card in use")),
    "cards.holder_id": ("active", N_("this person has another card in use")),
    "uq_outbox_key_digest": ("outbox", N_("this is in the queue already")),
    "outbox.key_digest": ("outbox", N_("this is in the queue already")),
    "pk_escn_values": ("escn_value", N_("a later card number was given out already")),
    "uq_portraits_id": ("portrait", N_("this portrait is kept already")),
    "portraits.id": ("portrait", N_("this portrait is kept already")),
    "uq_holders_id": ("holder", N_("this person is kept already")),
    "holders.id": ("holder", N_("this person is kept already")),
    "uq_holders_institution_number_digest": ("student_number", N_("the student number is in use")),
    "holders.institution": ("student_number", N_("the student number is in use")),
}


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise the station's errors instead of the database's; ``where`` is the file or address to name."""
    try:
        yield
    except StoreError as error:
        # The innermost block that knows the file names it; blocks around it leave that as it is.
        if not error.params.get("file"):
            error.params["file"] = where
        raise
    except StationError:
        raise
    except StatementError as error:
        if not isinstance(error, DBAPIError) and isinstance(error.orig, (ValueError, TypeError)):
            raise error.orig from None  # a value that no column takes: a mistake in the program, not in the store
        raise to_store_error(error, where) from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise to_store_error(error, where) from error


def no_folder(where: str) -> StoreError:
    """Return the error for a file in a folder that is not there."""
    return StoreError(_NO_FOLDER, _NO_FOLDER_TODO, file=where)


def to_store_error(error: BaseException, where: str) -> StoreError:
    """Return the station's error for one of the database, its driver or the operating system."""
    cause = error.orig if isinstance(error, StatementError) and error.orig is not None else error
    if isinstance(cause, OSError):
        return _from_os(cause, where)
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, where)
    state = getattr(cause, "sqlstate", None)
    constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
    if state == "23505":
        return _conflict(str(constraint), where)
    if str(state)[:2] in _AWAY or state == _ENDED or (state is None and isinstance(error, _CUT)):
        refused = state is None and _NOT_LET_IN.search(str(cause))
        return (StoreRefusedError if refused else StoreAwayError)(file=where, detail=_first_line(cause))
    return _SQLSTATE.get(str(state), StoreError)(file=where, detail=_first_line(cause))


def _from_sqlite(error: sqlite3.Error, where: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0)
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return _conflict(_constraint_of(str(error)), where)
    if code in (sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE):  # a full disk, met in the memory-mapped file
        return StoreFullError(file=where, detail=str(error))
    return _SQLITE.get(code & 0xFF, StoreError)(file=where, detail=str(error))


def _constraint_of(text: str) -> str:
    """Return the first column, or the index, that "UNIQUE constraint failed: …" names."""
    # SQLite has no name for a constraint in its error, only this text; an index with a condition is named itself.
    match = re.search(r"failed: (?:index ')?([\w.]+)", text)
    return match[1] if match else text


def _conflict(name: str, where: str) -> StoreConflictError:
    constraint, detail = _CONFLICTS.get(name, (name, name))
    return StoreConflictError(file=where, constraint=constraint, detail=detail)


def _from_os(error: OSError, where: str) -> StoreError:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreReadOnlyError(file=where, detail=error.strerror or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFullError(file=where, detail=error.strerror or "")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return no_folder(where)
    return StoreError(file=where, detail=error.strerror or str(error))


def _first_line(error: BaseException) -> str:
    # The first line only: PostgreSQL's DETAIL quotes the row, which has personal data in it.
    return (str(error).strip() or type(error).__name__).splitlines()[0]


_NO_FOLDER = N_("The folder for the database {file} doesn't exist.")
_NO_FOLDER_TODO = N_("Create the folder, or correct the place of the database in the station profile.")
