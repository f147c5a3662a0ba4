"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator

from station.adapters.store.cipher import TEXT_MARK, FieldCipher, from_text, is_encrypted, plain_digest, to_text
from station.domain.errors import N_, StoreDamagedError, StoreError

E = TypeVar("E", bound=StrEnum)


def cipher_of(dialect: Dialect) -> FieldCipher | None:
    """Return the cipher of the engine that ``dialect`` belongs to (every engine has a dialect of its own)."""
    found = getattr(dialect, "field_cipher", None)
    return found if isinstance(found, FieldCipher) else None


class UtcInstant(TypeDecorator[datetime]):
    """An instant: aware when it goes in, in UTC when it comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: nobody could tell later which instant it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC; SQLite keeps no zone, PostgreSQL answers in the session's."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EnumText(TypeDecorator[E]):
    """A ``StrEnum`` by its value; which values there are is the program's business, so new ones need no migration."""

    impl = String(32)
    cache_ok = True

    def __init__(self, members: type[E]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Return the value; refuse what is not a member."""
        return None if value is None else self.members(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        """Return the member."""
        return None if value is None else self.members(value)


class JsonText(TypeDecorator[Any]):
    """Plain JSON values as text with sorted keys: the same bytes on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text."""
        return None if value is None else to_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the values."""
        return None if value is None else json.loads(value)


class PersonalText(TypeDecorator[str]):
    """A text that tells something of a person; encrypted when the store's cipher covers ``column``."""

    impl = Text
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text as it is kept."""
        return None if value is None else seal(self.column, value, cipher_of(dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text as it was given."""
        return None if value is None else unseal(self.column, value, cipher_of(dialect))


class PersonalJson(TypeDecorator[Any]):
    """Plain JSON values that tell something of a person."""

    impl = Text
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text as it is kept."""
        return None if value is None else seal(self.column, to_json(value), cipher_of(dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the values."""
        return None if value is None else json.loads(unseal(self.column, value, cipher_of(dialect)))


class PersonalBytes(TypeDecorator[bytes]):
    """A picture of a person."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Return the bytes as they are kept."""
        cipher = cipher_of(dialect)
        if value is None or cipher is None or not cipher.covers(self.column):
            return value
        return cipher.encrypt(self.column, value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Return the bytes as they were given."""
        if value is None:
            return None
        stored = bytes(value)
        if not is_encrypted(stored):
            return stored
        return _need_cipher(dialect).decrypt(self.column, stored)


def to_json(value: Any) -> str:
    """Return plain JSON values as text, always the same way."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str, cipher: FieldCipher | None) -> str:
    """Return what a personal value is found by."""
    return plain_digest(text) if cipher is None else cipher.digest(text)


def seal(column: str, value: str, cipher: FieldCipher | None) -> str:
    """Return a personal text as it is kept in ``column``."""
    if cipher is not None and cipher.covers(column):
        return to_text(cipher.encrypt(column, value.encode()))
    return value.replace(TEXT_MARK, "")


def unseal(column: str, stored: str, cipher: FieldCipher | None) -> str:
    """Return a personal text from what is kept in ``column``."""
    try:
        ciphertext = from_text(stored)
    except ValueError as error:
        raise StoreDamagedError(detail=N_("an encrypted field is not whole"), file="", column=column) from error
    if ciphertext is None:
        return stored
    if cipher is None:
        raise _no_key()
    return cipher.decrypt(column, ciphertext).decode()


def _need_cipher(dialect: Dialect) -> FieldCipher:
    cipher = cipher_of(dialect)
    if cipher is None:
        raise _no_key()
    return cipher


def _no_key() -> StoreError:
    return StoreError(
        N_("The database {file} is encrypted, and its key was not given."),
        N_("Ask IT to put the key into this computer's keyring. Nothing was changed."),
        file="",
    )
