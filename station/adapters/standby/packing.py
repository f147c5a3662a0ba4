"""Calls of the store as bytes and back: values of the domain as JSON that names its types, and nothing else."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

from station.domain import (
    aftercare,
    card,
    feeding,
    layout_state,
    outbox,
    portrait,
    portrait_review,
    print_care,
    queue_export,
    stock,
    workflow,
)
from station.domain.errors import N_, StoreDamagedError
from station.ports import store

_HOMES = (
    aftercare, card, feeding, layout_state, outbox, portrait, portrait_review, print_care, queue_export, stock,
    store, workflow,
)  # fmt: skip


@cache
def _types() -> dict[str, Any]:
    """Return the dataclasses and enums that a call can carry, by name."""
    found: dict[str, Any] = {}
    for home in _HOMES:
        for name, kind in vars(home).items():
            if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Enum)):
                assert found.setdefault(name, kind) is kind, name  # noqa: S101 - two types of one name
    return found


def packed(value: object) -> bytes:
    """Return ``value`` as bytes: dataclasses and enums of the domain, texts, numbers, times, bytes, plain groups."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(data: bytes) -> Any:
    """Return what ``packed`` was given. Raises StoreDamagedError for anything else."""
    try:
        return _value(json.loads(data))
    except (ValueError, LookupError, TypeError) as error:
        raise StoreDamagedError(detail=N_("a step that waits to be merged can't be read"), file="") from error


def _plain(value: object) -> object:
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    # By name and only from this list: pickle would run whatever stands in a file that somebody altered.
    if is_dataclass(value) and type(value).__name__ in _types():
        said = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"of": type(value).__name__, "said": said}
    raise TypeError(f"a value that is in no call of the store: {type(value).__name__}")


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_value(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    if "of" in plain:
        cls = _types()[plain["of"]]
        # A field that a later version added has its default; one that it took away is left out.
        known = {field.name for field in fields(cls)}
        return cls(**{name: _value(each) for name, each in plain["said"].items() if name in known})
    ((kind, said),) = plain.items()
    return _READERS[kind](said)


_WRITERS: dict[type, Callable[[Any], object]] = {
    Enum: lambda value: {"enum": [type(value).__name__, value.value]},
    datetime: lambda value: {"instant": value.isoformat()},  # before the day, which it is too
    date: lambda value: {"day": value.isoformat()},
    bytes: lambda value: {"bytes": base64.b64encode(value).decode("ascii")},
    tuple: lambda value: {"tuple": [_plain(each) for each in value]},
    # Sorted, so that the same call is always the same bytes.
    frozenset: lambda value: {"set": sorted((_plain(each) for each in value), key=str)},
    dict: lambda value: {"dict": [[key, _plain(each)] for key, each in value.items()]},
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "enum": lambda said: _types()[said[0]](said[1]),
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "bytes": base64.b64decode,
    "tuple": lambda said: tuple(_value(each) for each in said),
    "set": lambda said: frozenset(_value(each) for each in said),
    "dict": lambda said: {key: _value(each) for key, each in said},
}
