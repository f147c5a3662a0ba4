"""Fonts that a layout brings, looked at before anything loads them (OpenType 1.9).

What draws letters asks a font for all that it has. So one made to do harm, which claims a million letters in a few
bytes or tables outside of itself, is refused while it is still only bytes.
"""

from __future__ import annotations

import struct

from station.domain.errors import N_, LayoutError
from station.domain.message import Message

_MOST_LETTERS = 200_000
_MOST_TABLES = 64
_NEEDED = frozenset(("head", "hhea", "hmtx", "maxp", "cmap"))


def check_font(name: str, data: bytes) -> None:
    """Refuse what is no single OpenType font, or claims more letters than any language needs.

    Raises:
        LayoutError: with the file's name as ``place``.
    """
    try:
        tables = _tables(data)
        letters = _letters(data, *tables["cmap"])
    except (struct.error, KeyError, ValueError) as error:
        raise LayoutError(file="", place=name, detail=NO_FONT) from error
    if not tables.keys() >= _NEEDED:
        raise LayoutError(file="", place=name, detail=NO_FONT)
    if letters > _MOST_LETTERS:
        detail = Message(N_("the font claims to have {count} letters"), {"count": letters})
        raise LayoutError(file="", place=name, detail=detail)


def _tables(data: bytes) -> dict[str, tuple[int, int]]:
    """Return where each table of a font is and how long."""
    version, count = struct.unpack_from(">4sH", data)
    if version not in (b"\0\1\0\0", b"OTTO", b"true") or not 0 < count <= _MOST_TABLES:
        raise ValueError(version)
    tables: dict[str, tuple[int, int]] = {}
    for number in range(count):
        tag, _, start, length = struct.unpack_from(">4sIII", data, 12 + 16 * number)
        if start + length > len(data) or tag.decode("latin-1") in tables:
            raise ValueError(tag)
        tables[tag.decode("latin-1")] = start, length
    return tables


def _letters(data: bytes, start: int, length: int) -> int:
    """Return how many letters the character map claims, in all the forms that can claim many (8, 10, 12, 13)."""
    _, count = struct.unpack_from(">HH", data, start)
    total = 0
    for number in range(min(count, 64)):
        _, _, offset = struct.unpack_from(">HHI", data, start + 4 + 8 * number)
        at = start + offset
        if offset + 2 > length:
            raise ValueError(offset)
        (form,) = struct.unpack_from(">H", data, at)
        if form in (8, 12, 13):
            at += 12 + (8192 if form == 8 else 0)
            (groups,) = struct.unpack_from(">I", data, at)
            if groups > length // 12:
                raise ValueError(groups)
            ranges = (struct.unpack_from(">III", data, at + 4 + 12 * group) for group in range(groups))
            total += sum(max(0, last - first + 1) for first, last, _ in ranges)
        elif form == 10:
            total += int(struct.unpack_from(">I", data, at + 16)[0])
    return total


NO_FONT = N_("this is not a font that can be read")
