"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator

from station.adapters.store.cipher import FieldCipher, sealed, sealed_text, unsealed, unsealed_text

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
        # Made a member first: a word that is none is refused here, and not found years later in a row.
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
        return None if value is None else sealed_text(value, self.column, cipher_of(dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text as it was given."""
        return None if value is None else unsealed_text(value, self.column, cipher_of(dialect))


class PersonalJson(TypeDecorator[Any]):
    """Plain JSON values that tell something of a person."""

    impl = Text
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text as it is kept."""
        return None if value is None else sealed_text(to_json(value), self.column, cipher_of(dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the values."""
        return None if value is None else json.loads(unsealed_text(value, self.column, cipher_of(dialect)))


class PersonalBytes(TypeDecorator[bytes]):
    """A picture of a person."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Return the bytes as they are kept."""
        return None if value is None else sealed(value, self.column, cipher_of(dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Return the bytes as they were given."""
        return None if value is None else unsealed(bytes(value), self.column, cipher_of(dialect))


def to_json(value: Any) -> str:
    """Return plain JSON values as text, always the same way."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
