"""Texts: fitting, computable for everybody, and large enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import Align, Box
from station.domain.lint import Level
from station.render.linting import texts
from tests.helpers.layouts import card_fields
from tests.helpers.linting import ESI, NAME, QR, checked, layout, names, task, text


class TestFit:
    def test_the_worst_of_all_cards_is_said(self) -> None:
        narrow = text("{family_name}", Box(4, 47, 25, 4), min_size_pt=7)
        people = [card_fields("A", "Li"), card_fields("B", "Wolfeschlegelsteinhausen")]
        (found,) = checked(texts.fit, narrow, samples=people)
        assert (found.rule, found.level) == ("text/too-small", Level.WARNING)
        assert "Wolfeschlegelsteinhausen" in str(found.message)

    def test_an_expression_that_fails_for_somebody_is_an_error(self) -> None:
        (found,) = checked(texts.fit, text("{first(student_number, 12)}"))
        assert (found.rule, found.level, found.element) == ("text/expression", Level.ERROR, "text")
        assert "first needs 12" in str(found.message)
        (found,) = checked(texts.fit, text("x", when="first(student_number, 12) == 'x'"))
        assert found.rule == "text/expression"
        assert checked(texts.fit, text("{start(student_number, 12)}")) == []


class TestLetterSize:
    @pytest.mark.parametrize(
        ("element", "rule"),
        [
            (replace(NAME, min_size_pt=5.9), "esc-2026/name-size name"),
            (replace(NAME, size_pt=5.9, min_size_pt=None), "esc-2026/name-size name"),
            (replace(ESI, min_size_pt=3.5), "esc-2026/esi-size esi"),
            (text("Valid until", min_size_pt=3.9), "esc-2026/text-size text"),
        ],
    )
    def test_what_may_shrink_too_far_is_said_once(self, element: object, rule: str) -> None:
        assert names(checked(texts.letter_size, element, QR)) == [rule]  # type: ignore[arg-type]

    def test_at_the_limit_it_is_large_enough(self) -> None:
        assert checked(texts.letter_size, NAME, replace(ESI, min_size_pt=4), text("x", min_size_pt=4), QR) == []

    def test_the_esi_of_a_card_of_no_scheme_would_make_it_one(self) -> None:
        assert names(checked(texts.letter_size, replace(ESI, min_size_pt=3))) == ["esc-2026/esi-size esi"]


class TestInkBox:
    def test_it_is_where_the_letters_are(self) -> None:
        right = text("{given_names}", Box(10, 10, 60, 5), align=Align.RIGHT)
        given = task(layout(right))
        box = texts.ink_box(given, right, given.values[0])
        assert box.right_mm == pytest.approx(70, abs=0.1)
        assert 3 < box.width_mm < 10
        assert 10 <= box.y_mm < box.bottom_mm <= 15

    def test_an_empty_text_has_none_and_a_turned_one_its_whole_box(self) -> None:
        empty, turned = text("{address}"), text("{given_names}", turn=90)
        given = task(layout(empty, turned))
        assert texts.ink_box(given, empty, given.values[0]).width_mm == 0
        assert texts.ink_box(given, turned, given.values[0]) == turned.box

    def test_one_that_can_not_be_made_has_its_whole_box(self) -> None:
        wrong = text("{first(student_number, 40)}")
        given = task(layout(wrong))
        assert texts.ink_box(given, wrong, given.values[0]) == wrong.box
