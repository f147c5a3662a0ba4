"""Dragged boxes come to rest where a designer means them to, and nowhere surprising."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.elements import Box
from station.domain.snapping import (
    HANDLES,
    SAFE_MM,
    Axis,
    Guide,
    Handle,
    Magnets,
    on_step,
    pulled,
    snapped_edges,
    snapped_guide,
    snapped_move,
    tidy,
)

CARD = Box(0, 0, 85.6, 53.98)
lengths = st.floats(-40, 120, allow_nan=False).map(lambda v: round(v, 2))
sizes = st.floats(0.5, 90, allow_nan=False).map(lambda v: round(v, 2))
boxes = st.builds(Box, lengths, lengths, sizes, sizes)


def test_a_box_rests_on_the_cards_middle_and_says_so() -> None:
    rest = snapped_move(Box(32.5, 22.0, 20, 10), Magnets.of(CARD, ()), 0.8)
    assert (rest.box.x_mm, rest.box.y_mm) == (32.8, 21.99)
    assert {(line.axis, line.place_mm) for line in rest.lines} == {(Axis.X, 42.8), (Axis.Y, 26.99)}


def test_a_box_rests_beside_another_and_the_line_reaches_both() -> None:
    other = Box(10, 30, 20, 10)
    rest = snapped_move(Box(10.3, 5.0, 7, 3), Magnets.of(CARD, [other]), 0.5)
    assert rest.box.x_mm == 10
    (line,) = (line for line in rest.lines if line.axis is Axis.X)
    assert (line.start_mm, line.end_mm) == (5.0, 40)


def test_safe_margins_and_guides_attract() -> None:
    magnets = Magnets.of(CARD, (), [Guide(0, Axis.X, 20.5), Guide(0, Axis.Y, 17.3)])
    assert snapped_move(Box(SAFE_MM + 0.2, 20, 5, 5), magnets, 0.5).box.x_mm == SAFE_MM
    rest = snapped_move(Box(20.6, 17.1, 5, 4), magnets, 0.5)
    assert (rest.box.x_mm, rest.box.y_mm) == (20.5, 17.3)
    assert snapped_guide(3.2, Axis.Y, magnets, 0.5) == SAFE_MM
    assert snapped_guide(9.04, Axis.X, magnets, 0.5) == 9.0


def test_far_from_everything_it_stands_on_whole_tenths() -> None:
    rest = snapped_move(Box(12.3456, 7.891, 4, 4), Magnets.of(CARD, ()), 0.1)
    assert rest.box == Box(12.3, 7.9, 4, 4)
    assert rest.lines == ()


def test_only_the_pulled_edge_moves() -> None:
    magnets = Magnets.of(CARD, [Box(50, 10, 10, 10)])
    rest = snapped_edges(Box(20, 12, 29.7, 5), Handle(1, 0), magnets, 0.5)
    assert rest.box == Box(20, 12, 30, 5)
    assert [line.place_mm for line in rest.lines] == [50]
    rest = snapped_edges(Box(20, 9.8, 20, 5), Handle(0, -1), magnets, 0.5)
    assert (rest.box.y_mm, rest.box.bottom_mm) == (10, pytest.approx(14.8))


def test_a_corner_keeps_the_shape_when_asked() -> None:
    grown = pulled(Box(10, 10, 20, 10), Handle(1, 1), (10, 0), least_mm=0.5, keep_ratio=True)
    assert grown == Box(10, 10, 30, 15)
    grown = pulled(Box(10, 10, 20, 10), Handle(-1, -1), (0, -10), least_mm=0.5, keep_ratio=True)
    assert grown == Box(-10, 0, 40, 20)


@given(boxes, st.sampled_from(HANDLES), lengths, lengths, st.booleans())
def test_a_box_never_turns_inside_out(box: Box, handle: Handle, dx: float, dy: float, keep_ratio: bool) -> None:
    after = pulled(box, handle, (dx * 3, dy * 3), least_mm=0.5, keep_ratio=keep_ratio)
    assert after.width_mm >= 0.499
    assert after.height_mm >= 0.499
    if handle.x >= 0:
        assert after.x_mm == pytest.approx(box.x_mm, abs=0.002)
    if handle.x < 0:
        assert after.right_mm == pytest.approx(box.right_mm, abs=0.003)


@given(boxes, st.lists(boxes, max_size=6), st.floats(0.05, 2))
def test_snapping_moves_no_further_than_its_reach(box: Box, others: list[Box], reach: float) -> None:
    rest = snapped_move(box, Magnets.of(CARD, others), reach).box
    assert abs(rest.x_mm - box.x_mm) <= max(reach, 0.05) + 0.002
    assert abs(rest.y_mm - box.y_mm) <= max(reach, 0.05) + 0.002
    assert (rest.width_mm, rest.height_mm) == (box.width_mm, box.height_mm)


def test_numbers_stay_readable() -> None:
    assert str(on_step(0.30000000004)) == "0.3"
    assert str(tidy(-0.0001)) == "0.0"
