"""The copy of a font in which every glyph has a character: the same pictures, whatever their number."""

from __future__ import annotations

from io import BytesIO

import pytest
import uharfbuzz as hb
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from station.render.sfnt import GLYPH_PLANE, drawn_by_number
from station.resources import asset

FILES = sorted(path.name for path in asset("fonts").glob("*.ttf"))


def forms(face: hb.Face) -> dict[int, int]:
    shaper = hb.Font(face)
    return {code: shaper.get_nominal_glyph(code) or 0 for code in face.unicodes}


def picture(font: bytes, sign: str) -> bytes:
    face = ImageFont.truetype(BytesIO(font), 60, layout_engine=ImageFont.Layout.BASIC)
    canvas = Image.new("L", (150, 150))
    ImageDraw.Draw(canvas).text((40, 100), sign, fill=255, font=face, anchor="ls")
    return canvas.tobytes()


@pytest.mark.parametrize("name", FILES)
def test_a_glyph_looks_as_its_character_does(name: str) -> None:
    data = asset("fonts", name).read_bytes()
    face = hb.Face(data)
    letters = forms(face)
    again = drawn_by_number(data, letters, face.glyph_count)
    for code in sorted(letters)[::37]:
        wanted = picture(data, chr(code))
        assert picture(again, chr(GLYPH_PLANE + letters[code])) == wanted, hex(code)
        assert picture(again, chr(code)) == wanted, hex(code)


def test_the_last_glyph_is_there_and_none_after_it() -> None:
    data = asset("fonts", "Inter-Bold.ttf").read_bytes()
    count = hb.Face(data).glyph_count
    again = hb.Face(drawn_by_number(data, {65: 7}, count))
    # The first glyph is the box for what is missing, which no character can ask for.
    assert sorted(again.unicodes) == [65, *range(GLYPH_PLANE + 1, GLYPH_PLANE + count)]
    assert hb.Font(again).get_nominal_glyph(GLYPH_PLANE + count - 1) == count - 1


@pytest.mark.parametrize("data", [b"", b"ttcf" + bytes(100), b"\0\1\0\0", b"OTTO\0\x09" + bytes(20)])
def test_what_is_no_single_font_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="font"):
        drawn_by_number(data, {}, 10)


@given(st.binary(max_size=200), st.integers(0, 70_000))
def test_any_bytes_give_a_font_or_a_plain_refusal(data: bytes, glyphs: int) -> None:
    for start in (b"", b"\0\1\0\0\0\1"):
        try:
            assert drawn_by_number(start + data, {}, glyphs)
        except ValueError:
            continue
