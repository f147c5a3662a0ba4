"""The institution's accent, and keeping colours off the resin panel."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from station.domain.errors import LayoutError
from station.render.colour import (
    BLACK,
    RESIN_CEILING,
    WHITE,
    contrast,
    mixed,
    off_resin,
    palette,
    picture_off_resin,
    resolved,
    rgb,
)

channel = st.integers(0, 255)
colours = st.tuples(channel, channel, channel)
written = colours.map(lambda c: "#{:02x}{:02x}{:02x}".format(*c))


def test_a_colour_is_read_as_written() -> None:
    assert rgb("#2C4390") == (0x2C, 0x43, 0x90)


@pytest.mark.parametrize("text", ["", "#fff", "2c4390", "#2c439", "#2c43900", "#2c439g", "red", "#+12345", "# 12345"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(LayoutError, match="#rrggbb"):
        resolved(text, "#2c4390")


def test_names_follow_the_accent() -> None:
    assert resolved("accent", "#7a0019") == (0x7A, 0x00, 0x19)
    assert resolved("accent_light", "#7a0019") != resolved("accent_light", "#2c4390")
    assert resolved("white", "#7a0019") == WHITE
    assert resolved("#010203", "#7a0019") == (1, 2, 3)


def test_contrast_is_that_of_the_accessibility_guidelines() -> None:
    assert contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(rgb("#767676"), WHITE) == pytest.approx(4.54, abs=0.01)


@given(written)
def test_text_on_any_accent_can_be_read(accent: str) -> None:
    names = palette(accent)
    assert contrast(names["accent"], names["on_accent"]) >= 4


@given(colours)
def test_no_colour_is_near_enough_to_black_to_become_resin(colour: tuple[int, int, int]) -> None:
    assert max(off_resin(colour)) > RESIN_CEILING


@given(colours, colours, st.floats(0, 1))
def test_nor_is_a_blend_of_two(one: tuple[int, int, int], other: tuple[int, int, int], share: float) -> None:
    assert max(mixed(off_resin(one), off_resin(other), share)) > RESIN_CEILING


@given(colours)
def test_a_colour_that_is_bright_enough_is_left_alone(colour: tuple[int, int, int]) -> None:
    if max(colour) >= 56:
        assert off_resin(colour) == colour


@given(st.lists(colours, min_size=1, max_size=40))
def test_a_picture_is_treated_dot_by_dot_as_a_colour_is(dots: list[tuple[int, int, int]]) -> None:
    picture = Image.new("RGB", (len(dots), 1))
    picture.putdata(dots)
    kept = picture_off_resin(picture)
    assert [kept.getpixel((x, 0)) for x in range(len(dots))] == [off_resin(dot) for dot in dots]
