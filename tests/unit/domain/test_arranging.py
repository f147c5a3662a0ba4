"""Boxes are aligned and spread as every drawing program does it."""

from __future__ import annotations

import pytest

from station.domain.arranging import Alignment, Spread, aligned, around, spread
from station.domain.elements import Box

BOXES = (Box(10, 5, 10, 4), Box(30, 20, 20, 8), Box(62, 11, 6, 2))


def test_around_holds_them_all() -> None:
    assert around(BOXES) == Box(10, 5, 58, 23)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Alignment.LEFT, [(10, 5), (10, 20), (10, 11)]),
        (Alignment.RIGHT, [(58, 5), (48, 20), (62, 11)]),
        (Alignment.CENTRE, [(34, 5), (29, 20), (36, 11)]),
        (Alignment.TOP, [(10, 5), (30, 5), (62, 5)]),
        (Alignment.BOTTOM, [(10, 24), (30, 20), (62, 26)]),
        (Alignment.MIDDLE, [(10, 14.5), (30, 12.5), (62, 15.5)]),
    ],
)
def test_aligned(how: Alignment, expected: list[tuple[float, float]]) -> None:
    after = aligned(BOXES, how, around(BOXES))
    assert [(box.x_mm, box.y_mm) for box in after] == expected
    assert [(box.width_mm, box.height_mm) for box in after] == [(b.width_mm, b.height_mm) for b in BOXES]


def test_gaps_become_equal_and_the_outer_two_stay() -> None:
    after = spread(BOXES, Spread.ACROSS)
    assert (after[0], after[2]) == (BOXES[0], BOXES[2])
    assert after[1].x_mm - after[0].right_mm == pytest.approx(after[2].x_mm - after[1].right_mm)
    down = spread(BOXES, Spread.DOWN)
    assert (down[0], down[1]) == (BOXES[0], BOXES[1])
    assert down[2].y_mm - down[0].bottom_mm == pytest.approx(down[1].y_mm - down[2].bottom_mm)


def test_two_have_nothing_to_spread() -> None:
    assert spread(BOXES[:2], Spread.ACROSS) == BOXES[:2]
