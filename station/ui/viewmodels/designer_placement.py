"""Where both sides of the card lie on the canvas, and from millimetres to its pixels and back."""

from __future__ import annotations

from dataclasses import dataclass

from station.domain.elements import Box

MARGIN_PX, GAP_PX, LABEL_PX = 32.0, 36.0, 24.0
LEAST_ZOOM, MOST_ZOOM = 1.0, 120.0
"""In pixels of the window a millimetre; a screen of 96 dots an inch shows the true size at 3.78."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placement:
    """Both sides, below or beside each other; ``zoom`` is in pixels a millimetre."""

    card: Box
    zoom: float
    stacked: bool

    @property
    def size(self) -> Point:
        """Return how large everything is, in pixels."""
        across, down = self.card.width_mm * self.zoom, self.card.height_mm * self.zoom
        if self.stacked:
            return across + 2 * MARGIN_PX, 2 * (down + LABEL_PX) + GAP_PX + 2 * MARGIN_PX - LABEL_PX
        return 2 * across + GAP_PX + 2 * MARGIN_PX, down + LABEL_PX + 2 * MARGIN_PX - LABEL_PX

    def origin(self, side: int) -> Point:
        """Return where a side's upper left corner lies."""
        x, y = MARGIN_PX, MARGIN_PX
        if side and self.stacked:
            y += self.card.height_mm * self.zoom + GAP_PX + LABEL_PX
        elif side:
            x += self.card.width_mm * self.zoom + GAP_PX
        return x, y

    def point_px(self, side: int, x_mm: float, y_mm: float) -> Point:
        """Return where a place on a side lies."""
        left, upper = self.origin(side)
        return left + x_mm * self.zoom, upper + y_mm * self.zoom

    def point_mm(self, side: int, x: float, y: float) -> Point:
        """Return what place of a side a point is, also where it lies outside."""
        left, upper = self.origin(side)
        return (x - left) / self.zoom, (y - upper) / self.zoom

    def side_at(self, x: float, y: float) -> int:
        """Return the side that a point is on, or nearest to."""
        if self.stacked:
            border = (self.origin(0)[1] + self.card.height_mm * self.zoom + self.origin(1)[1]) / 2
            return int(y > border)
        border = (self.origin(0)[0] + self.card.width_mm * self.zoom + self.origin(1)[0]) / 2
        return int(x > border)

    def zoomed(self, zoom: float) -> Placement:
        """Return the same at another zoom, within what is sensible."""
        return Placement(self.card, max(LEAST_ZOOM, min(MOST_ZOOM, zoom)), self.stacked)


def fitting(card: Box, room: Point) -> Placement:
    """Return both sides as large as they fit into the room, below or beside each other, whichever is larger."""
    below = Placement(card, _fit(card, room, stacked=True), stacked=True)
    beside = Placement(card, _fit(card, room, stacked=False), stacked=False)
    return below if below.zoom >= beside.zoom else beside


def _fit(card: Box, room: Point, *, stacked: bool) -> float:
    across, down = room[0] - 2 * MARGIN_PX, room[1] - 2 * MARGIN_PX
    if stacked:
        zoom = min(across / card.width_mm, (down - GAP_PX - LABEL_PX) / 2 / card.height_mm)
    else:
        zoom = min((across - GAP_PX) / 2 / card.width_mm, down / card.height_mm)
    return max(LEAST_ZOOM, min(MOST_ZOOM, zoom))
