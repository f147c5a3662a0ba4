"""Fonts that come with a layout: looked at as bytes before anything loads them."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.errors import LayoutError
from station.render.fonts import FontBook
from station.render.layout_fonts import check_font
from station.resources import asset

INTER = asset("fonts", "Inter-Regular.ttf").read_bytes()


def refused(data: bytes) -> str:
    with pytest.raises(LayoutError) as caught:
        check_font("fonts/Own.ttf", data)
    assert caught.value.params["place"] == "fonts/Own.ttf"
    return str(caught.value)


def with_table(tag: bytes, table: bytes) -> bytes:
    """Return the font with another table in the place of one."""
    count = struct.unpack_from(">H", INTER, 4)[0]
    whole = bytearray(INTER)
    for number in range(count):
        at = 12 + 16 * number
        if whole[at : at + 4] == tag:
            struct.pack_into(">II", whole, at + 8, len(whole), len(table))
    return bytes(whole) + table


def letters(*groups: tuple[int, int]) -> bytes:
    """Return a character map (format 12) of these ranges."""
    body = b"".join(struct.pack(">III", first, last, 1) for first, last in groups)
    table = struct.pack(">HHIII", 12, 0, 16 + len(body), 0, len(groups)) + body
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table


@pytest.mark.parametrize("file", sorted(asset("fonts").glob("*.[to]tf")), ids=lambda path: path.name)
def test_the_shipped_fonts_pass(file: Path) -> None:
    check_font(file.name, file.read_bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no font",
        b"wOFF" + INTER[4:],
        b"wOF2" + INTER[4:],
        b"ttcf" + INTER[4:],
        INTER[:1000],
        INTER[:4] + b"\xff\xff" + INTER[6:],
        INTER[:4] + b"\0\0" + INTER[6:],
        with_table(b"cmap", b""),
        with_table(b"cmap", struct.pack(">HHHHI", 0, 1, 3, 10, 4_000_000_000)),
        with_table(b"cmap", struct.pack(">HHHHI", 0, 1, 3, 10, 12) + struct.pack(">HHIII", 12, 0, 16, 0, 400_000_000)),
    ],
    ids=lambda data: repr(data[:8]),
)
def test_what_is_no_single_font_is_refused(data: bytes) -> None:
    assert "not a font" in refused(data)


def test_a_font_of_a_million_letters_is_refused() -> None:
    assert "1114112 letters" in refused(with_table(b"cmap", letters((0, 0x10FFFF))))
    assert "letters" in refused(with_table(b"cmap", letters(*[(0, 0xFFFF)] * 50)))
    ten = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + struct.pack(">HHIIII", 10, 0, 20, 0, 0, 900_000)
    assert "900000 letters" in refused(with_table(b"cmap", ten))


def test_a_table_that_is_there_twice_or_missing_is_refused() -> None:
    assert "not a font" in refused(INTER.replace(b"hhea", b"head", 1))
    assert "not a font" in refused(INTER.replace(b"maxp", b"xxxx", 1))


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_damaged_tables_are_refused_or_the_book_says_so(changes: list[tuple[int, int]]) -> None:
    data = bytearray(INTER)
    for place, value in changes:
        data[place] = value
    try:
        check_font("Own.ttf", bytes(data))
        FontBook({"Own.ttf": bytes(data)})
    except LayoutError as error:
        assert error.params["place"] == "Own.ttf"  # noqa: PT017 - most damage does not matter
