"""Reads the tables of a TOML file into frozen dataclasses, strictly, and says where something does not fit.

A field's annotation is the whole rule: its type and, in ``Annotated``, the checks that its value has to pass. Small and
without a library on purpose: the window is not seen before the station profile was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from station.domain.errors import N_
from station.domain.message import Message

T = TypeVar("T")
N = TypeVar("N", int, float)
Location = tuple[str | int, ...]
"""The way to a value: keys of tables, and places in lists counted from 0."""


class MisfitError(ValueError):
    """A value does not fit: ``why`` is a message id or a message, ``location`` where the value stands."""

    def __init__(self, why: str | Message, location: Location = ()) -> None:
        super().__init__(str(why))
        self.why = why
        self.location = location


def read_table(kind: type[T], given: object, at: Location = ()) -> T:
    """Return a table as the dataclass ``kind``; an instance of it is taken as it is.

    Raises:
        MisfitError: a wrong value, a missing or an unknown key, or ``kind`` itself refused the whole by a ValueError;
            an unknown key first, then in the order of the fields.
    """
    if isinstance(given, kind):
        return given
    if not isinstance(given, Mapping):
        raise MisfitError(_NO_TABLE, at)
    hints = get_type_hints(kind, include_extras=True)
    # First, for a key that is misspelt is missing, too.
    unknown = next((key for key in given if key not in hints), None)
    if unknown is not None:
        raise MisfitError(_UNKNOWN, (*at, str(unknown)))
    values: dict[str, Any] = {}
    for field in fields(cast(Any, kind)):
        if field.name in given:
            values[field.name] = _read(hints[field.name], given[field.name], (*at, field.name))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise MisfitError(_MISSING, (*at, field.name))
    with _placed(at):
        return kind(**values)


def stripped(least: int = 0, most: int = 255) -> Callable[[str], str]:
    """Return a check that takes the spaces around a text away and counts what is left."""

    def check(text: str) -> str:
        text = text.strip()
        if not least <= len(text) <= most:
            raise MisfitError(Message(_LENGTH, {"least": least, "most": most}))
        return text

    return check


def shaped(pattern: str, why: str) -> Callable[[str], str]:
    """Return a check that a text is written as the whole of ``pattern``, with what to say when it is not."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise MisfitError(why)
        return text

    return check


def between(least: N, most: N) -> Callable[[N], N]:
    """Return a check that a number is one from ``least`` to ``most``."""

    def check(number: N) -> N:
        if not least <= number <= most:
            raise MisfitError(Message(_RANGE, {"least": least, "most": most}))
        return number

    return check


def seconds(most: int) -> Callable[[float], float]:
    """Return a check that a length of time is at most ``most`` seconds, and more than none at all."""

    def check(length: float) -> float:
        if not 0 < length <= most:
            raise MisfitError(Message(_SECONDS, {"most": most}))
        return length

    return check


@contextmanager
def _placed(at: Location) -> Iterator[None]:
    """Say where a value stands that is refused within."""
    try:
        yield
    except MisfitError as error:
        raise MisfitError(error.why, (*at, *error.location)) from error
    except ValueError as error:
        raise MisfitError(str(error), at) from error


def _read(kind: Any, given: object, at: Location) -> Any:
    if (origin := get_origin(kind)) is not None:
        return _COMPOUND[origin](get_args(kind), given, at)
    if is_dataclass(kind):
        return read_table(cast(type, kind), given, at)
    if issubclass(kind, Enum):
        return _read_one_of({each.value: each for each in kind}, given, at)
    accepted, why = _PLAIN[kind]
    # True is an int to Python, and to nobody who writes a profile.
    if not isinstance(given, accepted) or (isinstance(given, bool) and kind is not bool):
        raise MisfitError(why, at)
    return kind(given)


def _read_checked(rule: tuple[Any, ...], given: object, at: Location) -> Any:
    value = _read(rule[0], given, at)
    with _placed(at):
        for check in rule[1:]:
            value = check(value)
    return value


def _read_optional(kinds: tuple[Any, ...], given: object, at: Location) -> Any:
    (kind,) = (each for each in kinds if each is not NoneType)
    return None if given is None else _read(kind, given, at)


def _read_list(kinds: tuple[Any, ...], given: object, at: Location) -> tuple[Any, ...]:
    if not isinstance(given, list | tuple):
        raise MisfitError(_NO_LIST, at)
    return tuple(_read(kinds[0], each, (*at, place)) for place, each in enumerate(given))


def _read_mapping(kinds: tuple[Any, ...], given: object, at: Location) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise MisfitError(_NO_TABLE, at)
    return {_read(kinds[0], key, at): _read(kinds[1], value, (*at, key)) for key, value in given.items()}


def _read_literal(values: Sequence[Any], given: object, at: Location) -> Any:
    return _read_one_of({value: value for value in values}, given, at)


def _read_one_of(choices: Mapping[Any, Any], given: object, at: Location) -> Any:
    for value, choice in choices.items():
        if given == value and type(given) in (type(value), type(choice)):
            return choice
    raise MisfitError(Message(_ONE_OF, {"choices": ", ".join(map(str, choices))}), at)


_COMPOUND: dict[Any, Callable[[tuple[Any, ...], object, Location], Any]] = {
    Annotated: _read_checked,
    Union: _read_optional,
    UnionType: _read_optional,
    Literal: _read_literal,
    tuple: _read_list,
    dict: _read_mapping,
}

_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), N_("this must be a text in quotation marks")),
    Path: ((str, Path), N_("this must be a text in quotation marks")),
    bool: ((bool,), N_("this must be true or false, without quotation marks")),
    int: ((int,), N_("this must be a whole number, without quotation marks")),
    float: ((int, float), N_("this must be a number, without quotation marks")),
}

_MISSING = N_("this key is missing")
_UNKNOWN = N_("the station does not know this key (is it misspelt?)")
_NO_TABLE = N_("this must be a table of keys and values")
_NO_LIST = N_("this must be a list in square brackets")
_ONE_OF = N_("it must be one of these: {choices}")
_LENGTH = N_("it must have {least} to {most} characters")
_RANGE = N_("it must be a number from {least} to {most}")
_SECONDS = N_("it must be more than 0 and at most {most}")
