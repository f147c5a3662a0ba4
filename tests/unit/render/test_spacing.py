"""How far letters are apart where one carries a mark."""

from __future__ import annotations

import math

import pytest

from station.domain.elements import Weight
from station.render.fonts import Run, bundled_book
from station.render.spacing import LEAST_GAP_EM, MEASURED_PX, Outline, gap_em, marked, outline


def run(text: str, family: str = "Manrope") -> Run:
    return bundled_book().shape(text, family, Weight.BOLD)


def outlines(text: str, family: str = "Manrope") -> list[Outline]:
    return [outline(glyph.face.at(float(MEASURED_PX)), glyph.sign) for glyph in run(text, family).glyphs]


def test_marks_are_known() -> None:
    assert [letter for letter in "aāiıḷđxģVЙйΐ" if marked(letter)] == ["ā", "ḷ", "đ", "ģ", "Й", "й", "ΐ"]


def test_an_outline_tells_where_the_ink_is() -> None:
    (bar,) = outlines("|")
    first, last = bar[10]
    assert 0 < first < last < MEASURED_PX / 2
    assert max(bar) > MEASURED_PX / 2
    assert outlines(" ") == [{}]


def test_a_gap_is_where_two_outlines_come_nearest() -> None:
    assert gap_em({1: (0, 9), 2: (0, 19)}, {1: (50, 60), 2: (52, 60)}) == (52 - 19 - 1) / MEASURED_PX
    assert gap_em({1: (0, 9)}, {5: (0, 9)}) == math.inf


@pytest.mark.parametrize("text", ["Vĩ", "Wĩ", "Tî", "fĩ", "ťĩ"])
def test_a_mark_that_would_meet_its_neighbour_is_given_room(text: str) -> None:
    one, other = run(text).glyphs
    left, right = outlines(text)
    assert gap_em(left, right) + other.x_em - one.x_em == pytest.approx(LEAST_GAP_EM)


def test_kerning_of_letters_without_marks_stays_as_the_designer_made_it() -> None:
    left, right = outlines("ff", "Inter")
    one, other = run("ff", "Inter").glyphs
    assert gap_em(left, right) + other.x_em - one.x_em < LEAST_GAP_EM
