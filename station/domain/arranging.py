"""Several boxes brought into line: aligned, spread evenly, made as large as another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from station.domain.elements import Box
from station.domain.snapping import tidy


class Alignment(StrEnum):
    """What of the boxes is brought into one line."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


class Spread(StrEnum):
    """Along what the gaps between boxes are made equal."""

    ACROSS = "across"
    DOWN = "down"


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds all of them (at least one)."""
    left, upper = min(b.x_mm for b in boxes), min(b.y_mm for b in boxes)
    right, lower = max(b.right_mm for b in boxes), max(b.bottom_mm for b in boxes)
    return Box(left, upper, tidy(right - left), tidy(lower - upper))


def aligned(boxes: Sequence[Box], how: Alignment, within: Box) -> tuple[Box, ...]:
    """Return the boxes moved to an edge or the middle of ``within``; their sizes stay."""
    return tuple(_aligned(box, how, within) for box in boxes)


def spread(boxes: Sequence[Box], how: Spread) -> tuple[Box, ...]:
    """Return the boxes with equal gaps between them, the two outermost unmoved; fewer than three stay as they are."""
    if len(boxes) < 3:
        return tuple(boxes)
    across = how is Spread.ACROSS
    order = sorted(range(len(boxes)), key=lambda i: _start(boxes[i], across) + _size(boxes[i], across) / 2)
    first, last = boxes[order[0]], boxes[order[-1]]
    room = _start(last, across) + _size(last, across) - _start(first, across)
    gap = (room - sum(_size(box, across) for box in boxes)) / (len(boxes) - 1)
    placed, at = list(boxes), _start(first, across)
    for index in order:
        placed[index] = _moved_to(boxes[index], at, across)
        at += _size(boxes[index], across) + gap
    placed[order[-1]] = last  # what must not move doesn't, not even by what is lost in rounding
    return tuple(placed)


def _aligned(box: Box, how: Alignment, within: Box) -> Box:
    places = {
        Alignment.LEFT: (within.x_mm, None),
        Alignment.CENTRE: (within.x_mm + (within.width_mm - box.width_mm) / 2, None),
        Alignment.RIGHT: (within.right_mm - box.width_mm, None),
        Alignment.TOP: (None, within.y_mm),
        Alignment.MIDDLE: (None, within.y_mm + (within.height_mm - box.height_mm) / 2),
        Alignment.BOTTOM: (None, within.bottom_mm - box.height_mm),
    }
    x, y = places[how]
    return replace(box, x_mm=box.x_mm if x is None else tidy(x), y_mm=box.y_mm if y is None else tidy(y))


def _start(box: Box, across: bool) -> float:
    return box.x_mm if across else box.y_mm


def _size(box: Box, across: bool) -> float:
    return box.width_mm if across else box.height_mm


def _moved_to(box: Box, start: float, across: bool) -> Box:
    return replace(box, x_mm=tidy(start)) if across else replace(box, y_mm=tidy(start))
