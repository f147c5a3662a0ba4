"""The Internet Printing Protocol as bytes: RFC 8010 (encoding), RFC 8011 (names of states and statuses).

Only the encoding: nothing here opens a connection. Whatever arrives either decodes or raises ``IppFormatError``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from printers.api import N_
from printers.trouble import SpoolerError


class IppError(SpoolerError):
    """The print service did not do what was asked."""

    what = N_("The print service gave an unexpected answer: {detail}")
    todo = N_("Try again. If it happens again, ask IT to look at the print service.")


class IppFormatError(IppError):
    """The answer is not IPP."""

    what = N_("The print service gave an answer that makes no sense: {detail}")


class GroupTag(IntEnum):
    """Delimiter tags, RFC 8010 section 3.5.1."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class ValueTag(IntEnum):
    """Value tags, RFC 8010 section 3.5.2; other tags are carried as they are."""

    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTETS = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE = 0x33
    COLLECTION = 0x34
    TEXT_LANGUAGE = 0x35
    NAME_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49
    MEMBER_NAME = 0x4A


@dataclass(frozen=True, slots=True)
class Resolution:
    """Dots per unit across and along; ``unit`` is 3 for inch, 4 for centimetre."""

    across: int
    along: int
    unit: int = 3


@dataclass(frozen=True, slots=True)
class Range:
    """A range of integers, both ends included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Localized:
    """A text or name that says its language."""

    language: str
    text: str


Data: TypeAlias = "int | bool | str | bytes | Resolution | Range | Localized | tuple[Attribute, ...] | None"


@dataclass(frozen=True, slots=True)
class Value:
    """One value: ``data`` is ``None`` for the out-of-band tags, raw bytes where the tag has no type here."""

    tag: int
    data: Data


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and at least one value; the values may have different tags."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Attributes under one delimiter tag."""

    tag: int
    attributes: tuple[Attribute, ...]

    def get(self, name: str) -> tuple[Data, ...]:
        """Return the values of an attribute, empty when it is missing or says that it has none."""
        found = next((each for each in self.attributes if each.name == name), None)
        return tuple(value.data for value in found.values if value.data is not None) if found else ()


@dataclass(frozen=True, slots=True)
class Message:
    """A request (``code`` is the operation) or a response (``code`` is the status)."""

    code: int
    request_id: int
    groups: tuple[Group, ...] = ()
    version: tuple[int, int] = (1, 1)
    document: bytes = b""

    def group(self, tag: GroupTag) -> tuple[Group, ...]:
        """Return all groups of a kind, in order: one a job in the answer to Get-Jobs."""
        return tuple(each for each in self.groups if each.tag == tag)


_INTEGERS = frozenset({ValueTag.INTEGER, ValueTag.ENUM})
# 0x40 to 0x5F are character strings, also those that nobody has named yet (RFC 8010 section 3.5.2).
_STRINGS = frozenset(range(ValueTag.TEXT, 0x60)) - {ValueTag.MEMBER_NAME}
_LOCALIZED = frozenset({ValueTag.TEXT_LANGUAGE, ValueTag.NAME_LANGUAGE})
_OUT_OF_BAND = range(0x10, 0x20)
# A hostile answer ends in IppFormatError, not at Python's own limit of recursion.
_MAX_DEPTH = 8
# Lengths are signed shorts (RFC 8010, SIGNED-SHORT).
_MAX_LENGTH = 0x7FFF


def text(tag: ValueTag, name: str, *values: str) -> Attribute:
    """Return an attribute of strings (keywords, names, URIs)."""
    return Attribute(name, tuple(Value(tag, value) for value in values))


def integer(name: str, value: int, tag: ValueTag = ValueTag.INTEGER) -> Attribute:
    """Return an attribute of one integer."""
    return Attribute(name, (Value(tag, value),))


def boolean(name: str, value: bool) -> Attribute:
    """Return an attribute of one boolean."""
    return Attribute(name, (Value(ValueTag.BOOLEAN, value),))


# --- encoding ---------------------------------------------------------------------------------------------------


def encode(message: Message) -> bytes:
    """Return a message as bytes; raises ValueError for values that do not fit their tags."""
    parts = [struct.pack(">BBHi", *message.version, message.code, message.request_id)]
    for group in message.groups:
        parts.append(bytes([group.tag]))
        for attribute in group.attributes:
            parts.extend(_encoded(attribute))
    parts += [bytes([GroupTag.END]), message.document]
    return b"".join(parts)


def _encoded(attribute: Attribute) -> Iterable[bytes]:
    if not attribute.name or not attribute.values:
        raise ValueError(f"attribute {attribute.name!r} without a name or a value")
    name = attribute.name
    for value in attribute.values:
        yield from _one(value, name)
        name = ""  # RFC 8010 section 3.1.5: the next values of the same attribute have no name


def _one(value: Value, name: str) -> Iterable[bytes]:
    if value.tag == ValueTag.COLLECTION:
        if not isinstance(value.data, tuple):
            raise ValueError("a collection needs attributes")
        yield _field(ValueTag.COLLECTION, name, b"")
        for member in value.data:
            yield _field(ValueTag.MEMBER_NAME, "", member.name.encode())
            for each in member.values:
                yield from _one(each, "")
        yield _field(ValueTag.END_COLLECTION, "", b"")
    else:
        yield _field(value.tag, name, _octets(value))


def _field(tag: int, name: str, octets: bytes) -> bytes:
    name_octets = name.encode()
    if max(len(name_octets), len(octets)) > _MAX_LENGTH:
        raise ValueError(f"{name or tag} is too long")
    return struct.pack(">BH", tag, len(name_octets)) + name_octets + struct.pack(">H", len(octets)) + octets


def _octets(value: Value) -> bytes:
    data = value.data
    if data is None:
        return b""
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, bytes):
        return data
    try:
        return _packed(data)
    except struct.error as error:
        raise ValueError(str(error)) from error


def _packed(data: int | Resolution | Range | Localized | tuple[Attribute, ...]) -> bytes:
    match data:
        # First, for to Python a boolean is an integer, too.
        case bool():
            return bytes([data])
        case int():
            return struct.pack(">i", data)
        case Resolution(across, along, unit):
            return struct.pack(">iib", across, along, unit)
        case Range(low, high):
            return struct.pack(">ii", low, high)
        case Localized(language, words):
            return _counted(language) + _counted(words)
        case _:
            raise ValueError("attributes belong in a collection")


def _counted(value: str) -> bytes:
    octets = value.encode()
    return struct.pack(">H", len(octets)) + octets


# --- decoding ---------------------------------------------------------------------------------------------------


def decode(octets: bytes) -> Message:
    """Return the message that ``octets`` are.

    Raises:
        IppFormatError: they are none, or not whole.
    """
    reader = _Reader(octets)
    major, minor, code, request_id = struct.unpack(">BBHi", reader.take(8))
    groups: list[Group] = []
    while (tag := reader.byte()) != GroupTag.END:
        if not 0 < tag < ValueTag.UNSUPPORTED:
            raise IppFormatError(detail=f"tag 0x{tag:02x} where a group should begin")
        groups.append(Group(tag, _attributes(reader)))
    return Message(code, request_id, tuple(groups), (major, minor), reader.rest())


class _Reader:
    """Octets and a place in them."""

    def __init__(self, octets: bytes) -> None:
        self._octets, self._at = octets, 0

    def take(self, count: int) -> bytes:
        part = self._octets[self._at : self._at + count]
        if len(part) != count:
            raise IppFormatError(detail=f"it ends after {len(self._octets)} bytes")
        self._at += count
        return part

    def byte(self) -> int:
        return self.take(1)[0]

    def peek(self) -> int:
        value = self.byte()
        self._at -= 1
        return value

    def counted(self) -> bytes:
        return self.take(int.from_bytes(self.take(2), "big"))

    def rest(self) -> bytes:
        return self._octets[self._at :]


def _attributes(reader: _Reader) -> tuple[Attribute, ...]:
    """Read attributes up to the next delimiter tag, and leave that for the caller."""
    found: list[tuple[str, list[Value]]] = []
    while reader.peek() >= ValueTag.UNSUPPORTED:
        tag, name, octets = reader.byte(), _string(reader.counted()), reader.counted()
        if name:
            found.append((name, []))
        if not found:
            raise IppFormatError(detail="a further value of no attribute")
        found[-1][1].append(_value(reader, tag, octets, depth=0))
    return tuple(Attribute(name, tuple(values)) for name, values in found)


def _value(reader: _Reader, tag: int, octets: bytes, *, depth: int) -> Value:
    if tag == ValueTag.COLLECTION:
        return Value(tag, _collection(reader, depth + 1))
    if tag in (ValueTag.END_COLLECTION, ValueTag.MEMBER_NAME):
        raise IppFormatError(detail=f"tag 0x{tag:02x} outside a collection")
    return Value(tag, _data(tag, octets))


def _collection(reader: _Reader, depth: int) -> tuple[Attribute, ...]:
    if depth > _MAX_DEPTH:
        raise IppFormatError(detail="collections in collections without end")
    found: list[tuple[str, list[Value]]] = []
    while True:
        tag, _, octets = reader.byte(), reader.counted(), reader.counted()
        if tag == ValueTag.END_COLLECTION:
            break
        if tag == ValueTag.MEMBER_NAME:
            found.append((_string(octets), []))
        elif not found or tag < ValueTag.UNSUPPORTED:
            raise IppFormatError(detail=f"tag 0x{tag:02x} in a collection")
        else:
            found[-1][1].append(_value(reader, tag, octets, depth=depth))
    return tuple(Attribute(name, tuple(values)) for name, values in found)


def _data(tag: int, octets: bytes) -> Data:
    try:
        if tag in _OUT_OF_BAND:
            return None
        if tag in _STRINGS:
            return _string(octets)
        if tag in _LOCALIZED:
            inner = _Reader(octets)
            return Localized(_string(inner.counted()), _string(inner.counted()))
        return _fixed(tag, octets)
    except struct.error as error:
        raise IppFormatError(detail=f"{len(octets)} bytes for tag 0x{tag:02x}") from error


def _fixed(tag: int, octets: bytes) -> Data:
    if tag in _INTEGERS:
        return int(struct.unpack(">i", octets)[0])
    if tag == ValueTag.BOOLEAN:
        return bool(struct.unpack(">?", octets)[0])
    if tag == ValueTag.RESOLUTION:
        return Resolution(*struct.unpack(">iib", octets))
    if tag == ValueTag.RANGE:
        return Range(*struct.unpack(">ii", octets))
    return octets


def _string(octets: bytes) -> str:
    # A printer's name in a wrong charset is no reason to know nothing of the printer.
    return octets.decode("utf-8", "replace")
