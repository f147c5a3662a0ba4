"""Texts keep apart, and nothing lies hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import AnyElement, Box, Layer, Photo, Shape, ShapeKind
from station.domain.lint import Level
from station.render.linting import overlaps
from tests.helpers.layouts import card_fields
from tests.helpers.linting import ESC, checked, layout, names, task, text

UPPER = text("{full_name}", Box(4, 10, 60, 6), id="upper")
LOWER = text("{student_number}", Box(4, 12, 60, 6), id="lower")


class TestTexts:
    def test_letters_that_run_into_each_other_are_said_once(self) -> None:
        (found,) = checked(overlaps.texts, UPPER, LOWER)
        assert (found.rule, found.level, found.element) == ("element/overlap", Level.WARNING, "lower")
        assert "upper" in str(found.message)

    def test_boxes_may_overlap_where_no_letters_are(self) -> None:
        assert checked(overlaps.texts, UPPER, replace(LOWER, box=Box(40, 10, 30, 6))) == []
        assert checked(overlaps.texts, *ESC) == []

    def test_the_longest_name_decides(self) -> None:
        beside = replace(LOWER, box=Box(30, 10, 30, 6))
        assert checked(overlaps.texts, UPPER, beside, samples=[card_fields("Li", "O")]) == []
        people = [card_fields("Li", "O"), card_fields("Kristiāna Magdalēna", "Bērziņa")]
        assert names(checked(overlaps.texts, UPPER, beside, samples=people)) == ["element/overlap lower"]

    def test_two_that_are_never_there_together_do_not_meet(self) -> None:
        one, other = replace(UPPER, when="status == 'active'"), replace(LOWER, when="status != 'active'")
        assert checked(overlaps.texts, one, other) == []

    def test_what_is_seen_in_other_light_or_on_the_other_side_does_not_count(self) -> None:
        assert checked(overlaps.texts, UPPER, replace(LOWER, layer=Layer.UV)) == []
        assert list(overlaps.texts(task(layout(UPPER, back=[LOWER])))) == []


LID = Shape(id="lid", fill="#ffffff", box=Box(0, 5, 85, 20))
BLUE = replace(UPPER, layer=Layer.COLOUR, colour="#2c4390")


class TestHidden:
    @pytest.mark.parametrize("lid", [LID, Photo(id="lid", box=LID.box)])
    def test_what_lies_below_something_later_is_an_error(self, lid: AnyElement) -> None:
        (found,) = checked(overlaps.hidden, BLUE, lid)
        assert (found.rule, found.level, found.element) == ("element/hidden", Level.ERROR, "upper")
        assert "lid" in str(found.message)

    @pytest.mark.parametrize(
        "lid",
        [
            replace(LID, opacity=0.5), replace(LID, stroke_mm=0.5), replace(LID, kind=ShapeKind.ELLIPSE),
            replace(LID, box=Box(30, 5, 50, 20)), replace(LID, layer=Layer.UV),
        ],
    )  # fmt: skip
    def test_what_can_be_seen_through_or_covers_a_part_hides_nothing(self, lid: AnyElement) -> None:
        assert checked(overlaps.hidden, BLUE, lid) == []

    def test_a_ground_below_hides_nothing_and_resin_lies_over_all(self) -> None:
        assert checked(overlaps.hidden, LID, BLUE) == []
        assert checked(overlaps.hidden, UPPER, LID) == []

    def test_what_is_there_for_some_only_may_take_anothers_place(self) -> None:
        (found,) = checked(overlaps.hidden, BLUE, replace(LID, when="status != 'active'"))
        assert found.level is Level.NOTE
