"""Where a box that is dragged comes to rest: at edges and middles of the card, of other boxes, and at own guides.

Everything is in millimetres on the card, and nothing here knows a mouse or a screen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from station.domain.elements import Box

SAFE_MM = 3.0
"""How far inside the card's edge texts are safe from being cut (card printers feed to about half a millimetre)."""
STEP_MM = 0.1
# Far less than a printer's dot (0.08 mm at 300 dpi): two places that are closer are one.
_SAME_MM = 0.005


class Axis(StrEnum):
    """Which way a line runs: ``x`` stands upright at one place across, ``y`` lies at one place down."""

    X = "x"
    Y = "y"


@dataclass(frozen=True, slots=True)
class Guide:
    """A line that a designer has put onto a side to align things with; it is never printed."""

    side: int
    axis: Axis
    place_mm: float


@dataclass(frozen=True, slots=True)
class SnapLine:
    """A line to show while something rests on it, from ``start_mm`` to ``end_mm`` along the line."""

    axis: Axis
    place_mm: float
    start_mm: float
    end_mm: float


@dataclass(frozen=True, slots=True)
class Snapped:
    """Where the box came to rest, and the lines that it rests on."""

    box: Box
    lines: tuple[SnapLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Handle:
    """What of a box is pulled: -1 is the left or upper edge, 1 the right or lower one, 0 neither."""

    x: int
    y: int


HANDLES = tuple(Handle(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if (x, y) != (0, 0))


@dataclass(frozen=True, slots=True)
class _Magnet:
    """A place that attracts edges, and how far the thing it belongs to reaches along the line."""

    place_mm: float
    start_mm: float
    end_mm: float


@dataclass(frozen=True, slots=True)
class Magnets:
    """Everything that attracts on one side; made once when a drag begins."""

    x: tuple[_Magnet, ...]
    y: tuple[_Magnet, ...]

    @classmethod
    def of(cls, card: Box, others: Iterable[Box], guides: Iterable[Guide] = ()) -> Magnets:
        """Return the magnets of a card, of the boxes that stay where they are, and of the guides of this side."""
        boxes = [card, *others]
        x = [_Magnet(at, b.y_mm, b.bottom_mm) for b in boxes for at in (b.x_mm, b.x_mm + b.width_mm / 2, b.right_mm)]
        y = [_Magnet(at, b.x_mm, b.right_mm) for b in boxes for at in (b.y_mm, b.y_mm + b.height_mm / 2, b.bottom_mm)]
        x += [_Magnet(at, card.y_mm, card.bottom_mm) for at in (card.x_mm + SAFE_MM, card.right_mm - SAFE_MM)]
        y += [_Magnet(at, card.x_mm, card.right_mm) for at in (card.y_mm + SAFE_MM, card.bottom_mm - SAFE_MM)]
        for guide in guides:
            if guide.axis is Axis.X:
                x.append(_Magnet(guide.place_mm, card.y_mm, card.bottom_mm))
            else:
                y.append(_Magnet(guide.place_mm, card.x_mm, card.right_mm))
        return cls(_sorted(x), _sorted(y))


def snapped_move(box: Box, magnets: Magnets, reach_mm: float) -> Snapped:
    """Return the box at the nearest magnets within reach, each way for itself; else on whole tenths of a millimetre.

    The left and right edge and the middle are tried, and the upper and lower edge and the middle.
    """
    shift_x = _shift((box.x_mm, box.x_mm + box.width_mm / 2, box.right_mm), magnets.x, reach_mm)
    shift_y = _shift((box.y_mm, box.y_mm + box.height_mm / 2, box.bottom_mm), magnets.y, reach_mm)
    x = on_step(box.x_mm) if shift_x is None else tidy(box.x_mm + shift_x)
    y = on_step(box.y_mm) if shift_y is None else tidy(box.y_mm + shift_y)
    rest = Box(x, y, box.width_mm, box.height_mm)
    places_x = (rest.x_mm, rest.x_mm + rest.width_mm / 2, rest.right_mm) if shift_x is not None else ()
    places_y = (rest.y_mm, rest.y_mm + rest.height_mm / 2, rest.bottom_mm) if shift_y is not None else ()
    return Snapped(rest, _lines(rest, magnets, places_x, places_y))


def snapped_edges(box: Box, handle: Handle, magnets: Magnets, reach_mm: float) -> Snapped:
    """Return the box with the pulled edges at the nearest magnets within reach; the other edges stay."""
    left, upper, right, lower = box.x_mm, box.y_mm, box.right_mm, box.bottom_mm
    places_x: tuple[float, ...] = ()
    places_y: tuple[float, ...] = ()
    if handle.x:
        edge = left if handle.x < 0 else right
        shift = _shift((edge,), magnets.x, reach_mm)
        edge = on_step(edge) if shift is None else tidy(edge + shift)
        places_x = () if shift is None else (edge,)
        left, right = (edge, right) if handle.x < 0 else (left, edge)
    if handle.y:
        edge = upper if handle.y < 0 else lower
        shift = _shift((edge,), magnets.y, reach_mm)
        edge = on_step(edge) if shift is None else tidy(edge + shift)
        places_y = () if shift is None else (edge,)
        upper, lower = (edge, lower) if handle.y < 0 else (upper, edge)
    rest = Box(left, upper, tidy(right - left), tidy(lower - upper))
    return Snapped(rest, _lines(rest, magnets, places_x, places_y))


def pulled(box: Box, handle: Handle, by: tuple[float, float], *, least_mm: float, keep_ratio: bool = False) -> Box:
    """Return the box with a handle pulled by millimetres across and down; the opposite edges stay.

    It never turns inside out: each side stays at ``least_mm``. With ``keep_ratio`` a corner keeps the box's shape, led
    by the larger of the two changes.
    """
    width = max(least_mm, box.width_mm + handle.x * by[0]) if handle.x else box.width_mm
    height = max(least_mm, box.height_mm + handle.y * by[1]) if handle.y else box.height_mm
    if keep_ratio and box.width_mm > 0 and box.height_mm > 0:
        grown_x, grown_y = width / box.width_mm, height / box.height_mm
        leads_down = not handle.x or (handle.y != 0 and abs(grown_y - 1) > abs(grown_x - 1))
        grown = grown_y if leads_down else grown_x
        # Neither side may fall below the least one, so the larger of the two floors leads.
        grown = max(grown, least_mm / box.width_mm, least_mm / box.height_mm)
        width, height = box.width_mm * grown, box.height_mm * grown
    x = box.right_mm - width if handle.x < 0 else box.x_mm
    y = box.bottom_mm - height if handle.y < 0 else box.y_mm
    return Box(tidy(x), tidy(y), tidy(width), tidy(height))


def snapped_guide(place_mm: float, axis: Axis, magnets: Magnets, reach_mm: float) -> float:
    """Return where a guide that is dragged comes to rest."""
    shift = _shift((place_mm,), magnets.x if axis is Axis.X else magnets.y, reach_mm)
    return on_step(place_mm) if shift is None else tidy(place_mm + shift)


def on_step(value_mm: float) -> float:
    """Return the nearest whole tenth of a millimetre."""
    return tidy(round(value_mm / STEP_MM) * STEP_MM)


def tidy(value_mm: float) -> float:
    """Return a length without what a computer adds to decimal fractions; never minus nil."""
    return round(value_mm, 3) + 0.0


def _sorted(magnets: Sequence[_Magnet]) -> tuple[_Magnet, ...]:
    return tuple(sorted(magnets, key=_place))


def _place(magnet: _Magnet) -> float:
    return magnet.place_mm


def _shift(places: Iterable[float], magnets: Sequence[_Magnet], reach_mm: float) -> float | None:
    """Return by how much to move so that one of the places meets its magnet, or ``None`` when none is in reach."""
    best: float | None = None
    for place in places:
        after = bisect_left(magnets, place, key=_place)
        # They are sorted: only the two beside a place can be the nearest.
        for magnet in magnets[max(0, after - 1) : after + 1]:
            shift = magnet.place_mm - place
            if abs(shift) <= reach_mm and (best is None or abs(shift) < abs(best)):
                best = shift
    return best


def _lines(box: Box, magnets: Magnets, places_x: Iterable[float], places_y: Iterable[float]) -> tuple[SnapLine, ...]:
    lines = [_line(Axis.X, place, _at(magnets.x, place), box.y_mm, box.bottom_mm) for place in dict.fromkeys(places_x)]
    lines += [_line(Axis.Y, place, _at(magnets.y, place), box.x_mm, box.right_mm) for place in dict.fromkeys(places_y)]
    return tuple(line for line in lines if line is not None)


def _at(magnets: Sequence[_Magnet], place: float) -> Sequence[_Magnet]:
    first = bisect_left(magnets, place - _SAME_MM, key=_place)
    return magnets[first : bisect_right(magnets, place + _SAME_MM, key=_place)]


def _line(axis: Axis, place: float, met: Sequence[_Magnet], start: float, end: float) -> SnapLine | None:
    """Return the line through everything that lies on it, the dragged box included."""
    if not met:
        return None
    first = min(start, *(magnet.start_mm for magnet in met))
    return SnapLine(axis, met[0].place_mm, first, max(end, *(magnet.end_mm for magnet in met)))
