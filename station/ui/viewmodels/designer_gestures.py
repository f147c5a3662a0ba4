"""What a pressed mouse does to a design until it is let go: move, resize, mark with a frame, pull a guide.

Each gesture shows its outcome while it lasts (``boxes``, ``lines``, ``frame``) and touches the design only when it is
finished; given up, it leaves no trace. Places are in millimetres on one side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from station.domain.arranging import around
from station.domain.elements import AnyElement, Box, Line, MagneticTracks, Qr
from station.domain.errors import N_
from station.domain.snapping import (
    Axis,
    Guide,
    Handle,
    Magnets,
    SnapLine,
    pulled,
    snapped_edges,
    snapped_guide,
    snapped_move,
    tidy,
)
from station.services.designing import Design, Key, Keys, placed

LEAST_MM = 0.5
_HOLD_MM = 2.0


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, and what is held: ``free`` of all magnets, ``even`` keeps ratio or direction."""

    x_mm: float
    y_mm: float
    free: bool = False
    even: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished gesture made: a design and what is selected in it; ``done`` is its name for undo."""

    design: Design
    selected: Keys
    done: str


class Gesture:
    """The base: nothing moves, nothing is shown."""

    def __init__(self, design: Design, side: int, reach_mm: float) -> None:
        self.design, self.side, self.reach_mm = design, side, reach_mm
        self.boxes: Mapping[Key, Box] = {}
        self.lines: tuple[SnapLine, ...] = ()
        self.frame: Box | None = None
        self.guide: Guide | None = None
        self.moved = False

    def update(self, at: Pointer) -> None:
        """Follow the mouse."""

    def finish(self) -> Outcome | None:
        """Return what came of it, or ``None`` when nothing did."""
        return None


class MoveGesture(Gesture):
    """Elements follow the mouse as one; their common frame snaps, and never leaves the card altogether."""

    def __init__(self, design: Design, keys: Keys, start: Pointer, reach_mm: float) -> None:
        side = min(key[0] for key in keys)
        super().__init__(design, side, reach_mm)
        self.keys = frozenset(key for key in keys if key[0] == side) - design.locked
        self._start = start
        self._boxes = {key: element.box for key, element in design.elements(self.keys)}
        self._frame = around(list(self._boxes.values())) if self._boxes else None
        self._magnets = magnets_for(design, side, self.keys)

    def update(self, at: Pointer) -> None:
        frame = self._frame
        if frame is None:
            return
        dx, dy = at.x_mm - self._start.x_mm, at.y_mm - self._start.y_mm
        if at.even:  # straight across or straight down
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        wanted = replace(frame, x_mm=frame.x_mm + dx, y_mm=frame.y_mm + dy)
        rest = snapped_move(wanted, self._magnets, 0.0 if at.free else self.reach_mm)
        box = on_card(rest.box, self.design.card)
        # Pushed back onto the card it does not lie at the magnet, and a line would say that it does.
        self.lines = () if at.free or box != rest.box else rest.lines
        dx, dy = box.x_mm - frame.x_mm, box.y_mm - frame.y_mm
        if at.even:  # a magnet must not bend the straight way
            dx, dy = (dx, 0.0) if abs(wanted.x_mm - frame.x_mm) >= abs(wanted.y_mm - frame.y_mm) else (0.0, dy)
        self.boxes = {key: replace(b, x_mm=tidy(b.x_mm + dx), y_mm=tidy(b.y_mm + dy)) for key, b in self._boxes.items()}
        self.moved = self.moved or bool(dx or dy)

    def finish(self) -> Outcome | None:
        if not self.moved:
            return None
        return Outcome(placed(self.design, self.boxes), self.keys, N_("Move"))


class ResizeGesture(Gesture):
    """One element's edges follow the mouse; what is square by nature stays so."""

    def __init__(self, design: Design, key: Key, handle: Handle, start: Pointer, reach_mm: float) -> None:
        super().__init__(design, key[0], reach_mm)
        self.key, self.handle, self._start = key, handle, start
        element = design.get(key)
        self._element = None if element is None or key in design.locked else element
        self._magnets = magnets_for(design, key[0], frozenset({key}))

    def update(self, at: Pointer) -> None:
        element = self._element
        if element is None:
            return
        by = (at.x_mm - self._start.x_mm, at.y_mm - self._start.y_mm)
        ratio = at.even or isinstance(element, Qr)
        box = pulled(element.box, self.handle, by, least_mm=least_mm(element), keep_ratio=ratio)
        box = _bounded(box, element.box)
        self.lines = ()
        # A magnet pulls at one edge, which would bend the ratio.
        if not at.free and not ratio:
            rest = snapped_edges(box, self.handle, self._magnets, self.reach_mm)
            if min(rest.box.width_mm, rest.box.height_mm) >= least_mm(element):
                box, self.lines = rest.box, rest.lines
        self.boxes = {self.key: box}
        self.moved = self.moved or box != element.box

    def finish(self) -> Outcome | None:
        if not self.moved:
            return None
        return Outcome(placed(self.design, self.boxes), frozenset({self.key}), N_("Resize"))


class FrameGesture(Gesture):
    """A frame is pulled open; what it touches is selected, and what is locked is not."""

    def __init__(self, design: Design, side: int, start: Pointer, before: Keys = frozenset()) -> None:
        super().__init__(design, side, 0.0)
        self._start, self._before = start, before
        self.selected = before

    def update(self, at: Pointer) -> None:
        x, y = min(at.x_mm, self._start.x_mm), min(at.y_mm, self._start.y_mm)
        frame = Box(x, y, abs(at.x_mm - self._start.x_mm), abs(at.y_mm - self._start.y_mm))
        self.frame = frame
        self.moved = True
        out = self.design.locked | self.design.hidden
        touched = {(self.side, e.id) for e in self.design.side(self.side) if _touches(frame, e)} - out
        self.selected = self._before | touched

    def finish(self) -> Outcome | None:
        return Outcome(self.design, self.selected, "") if self.moved else None


class GuideGesture(Gesture):
    """A guide is pulled out of a ruler, or from where it was; let go off the card, it is gone."""

    def __init__(self, design: Design, side: int, axis: Axis, reach_mm: float, old: Guide | None = None) -> None:
        super().__init__(design, side, reach_mm)
        self._axis, self._old = axis, old
        self._magnets = magnets_for(design, side, frozenset())

    def update(self, at: Pointer) -> None:
        place = at.x_mm if self._axis is Axis.X else at.y_mm
        room = self.design.card.width_mm if self._axis is Axis.X else self.design.card.height_mm
        self.moved = True
        if not -1.0 <= place <= room + 1.0:
            self.guide = None
            return
        rest = snapped_guide(place, self._axis, self._magnets, 0.0 if at.free else self.reach_mm)
        self.guide = Guide(self.side, self._axis, max(0.0, min(room, rest)))

    def finish(self) -> Outcome | None:
        rest = tuple(guide for guide in self.design.guides if guide is not self._old)
        guides = rest if self.guide is None else (*rest, self.guide)
        if not self.moved or guides == self.design.guides:
            return None
        return Outcome(replace(self.design, guides=guides), frozenset(), N_("Guide"))


def magnets_for(design: Design, side: int, moving: Keys) -> Magnets:
    """Return what attracts on a side while some of its elements move."""
    still = [
        element.box
        for element in design.side(side)
        if (side, element.id) not in moving | design.hidden and not isinstance(element, MagneticTracks)
    ]
    return Magnets.of(design.card, still, (guide for guide in design.guides if guide.side == side))


def least_mm(element: AnyElement) -> float:
    """Return how small an element's sides may become."""
    return 0.0 if isinstance(element, Line) else LEAST_MM


def on_card(box: Box, card: Box) -> Box:
    """Return a box moved so far that enough of it lies on the card to take hold of it again."""
    hold_x, hold_y = min(_HOLD_MM, box.width_mm or _HOLD_MM), min(_HOLD_MM, box.height_mm or 0.0)
    x = max(hold_x - box.width_mm, min(card.width_mm - hold_x, box.x_mm))
    y = max(hold_y - box.height_mm, min(card.height_mm - hold_y, box.y_mm))
    return box if (x, y) == (box.x_mm, box.y_mm) else replace(box, x_mm=tidy(x), y_mm=tidy(y))


def _bounded(box: Box, before: Box) -> Box:
    """Return the box, or the one before where the new one is larger than any card has a use for."""
    return before if max(box.width_mm, box.height_mm) > 300 else box


def _touches(frame: Box, element: AnyElement) -> bool:
    if isinstance(element, MagneticTracks):
        return False
    box = element.box
    # A line has no area, and is touched all the same.
    return frame.meets(replace(box, width_mm=max(box.width_mm, 0.01), height_mm=max(box.height_mm, 0.01)))
