"""What one printer needs, between the render and its driver: every panel moved, stretched, its dyes set right.

Nothing is resampled. A move is by whole dots. A stretch gives single columns and rows twice, or leaves them out, the
same ones on every panel of a side, so that the panels stay on each other to the dot; they are chosen where they are
seen least, and never in what looks like a code: its modules keep their dots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from PIL import Image, ImageChops

from station.domain.print_care import Correction
from station.ports.printer import Bitmap, RenderedCard, RenderedSide
from station.render.raster import MM_PER_INCH, bitmap, image_of

_CELL_MM = 1.4
"""Wider than any white in a code's middle that is not bridged beside it."""

_CODE_MIN_MM = 4.0
_KEPT_AWAY = 1_000_000.0


def corrected(card: RenderedCard, correction: Correction) -> RenderedCard:
    """Return a card as a printer with this correction has to be given it; the magnetic stripe stays as it is."""
    if correction == Correction():
        return card
    front = _side(card, card.front, correction, (correction.x_mm, correction.y_mm))
    back = card.back and _side(card, card.back, correction, (correction.back_x_mm, correction.back_y_mm))
    return replace(card, front=front, back=back)


def _side(card: RenderedCard, side: RenderedSide, correction: Correction, offset: tuple[float, float]) -> RenderedSide:
    dots = (card.dpi_x / MM_PER_INCH, card.dpi_y / MM_PER_INCH)
    size = (side.colour.width_px, side.colour.height_px)
    counts = [round(length * (scale - 1)) for length, scale in zip(size, _scales(correction), strict=True)]
    shifts = [round(mm * dot) for mm, dot in zip(offset, dots, strict=True)]
    black = _blackness(side) if any(counts) else None
    runs = []
    for axis in (0, 1):
        costs = _costs(black, axis, dots) if black is not None and counts[axis] else ()
        runs.append(_runs(size[axis], (counts[axis], shifts[axis]), costs))
    moved = _Move(runs[0], runs[1])
    colour = moved.colours(_dyed(image_of(side.colour), correction))
    resin = moved.bits(side.resin)
    seen = colour.copy()
    seen.paste((0, 0, 0), mask=image_of(resin))
    overlay, uv = (plane and moved.bits(plane) for plane in (side.overlay, side.uv))
    return RenderedSide(bitmap(colour), resin, bitmap(seen), overlay, uv)


def _scales(correction: Correction) -> tuple[float, float]:
    return correction.scale_x, correction.scale_y


# --- the stretch --------------------------------------------------------------------------------------------------

Run = tuple[int, int, int]
"""A strip of dots that stays together: where it begins, where it goes to, how long it is."""


def _runs(length: int, moved: tuple[int, int], costs: Sequence[float]) -> tuple[Run, ...]:
    """Return the strips along one axis; ``moved`` is by how many dots it grows, and how far it goes."""
    count, shift = moved
    seams = _seams(costs, abs(count))
    runs, begin, at = [], 0, shift - count // 2
    for seam in (*seams, length - 1 if count >= 0 else length):
        end = seam + 1 if count >= 0 else seam
        runs.append((begin, at, end - begin))
        at += end - begin
        begin = seam if count >= 0 else seam + 1
    return tuple(run for run in runs if run[2] > 0)


def _seams(costs: Sequence[float], count: int) -> list[int]:
    """Return ``count`` places, about evenly spread, where a column or row is missed or doubled with least harm."""
    length, found = len(costs), set[int]()
    for number in range(count):
        ideal = (2 * number + 1) * length / (2 * count)
        # A cost of one is worth being a dot nearer to where it belongs; a code is left however far that is.
        found.add(min((x for x in range(length) if x not in found), key=lambda x: costs[x] + abs(x - ideal)))
    return sorted(found)


def _costs(black: Image.Image, axis: int, dots: tuple[float, float]) -> list[float]:
    """Return for each column (axis 0) or row how much is seen when it is doubled: its edges, above all of codes."""
    other = 1 - axis
    step = (0, 1) if axis == 0 else (1, 0)
    edges = ImageChops.difference(black, ImageChops.offset(black, *step))
    along = (black.width, 1) if axis == 0 else (1, black.height)
    share = edges.resize(along, Image.Resampling.BOX).tobytes()
    costs = [level / 255 * black.size[other] for level in share]
    for box in _codes(black, dots):
        for place in range(max(0, box[axis]), min(len(costs), box[axis + 2])):
            costs[place] += _KEPT_AWAY
    return costs


def _codes(black: Image.Image, dots: tuple[float, float]) -> list[tuple[int, int, int, int]]:
    """Return the boxes of what may be a code: half dark, half light, and large enough both ways."""
    cell = (max(1, round(_CELL_MM * dots[0])), max(1, round(_CELL_MM * dots[1])))
    columns, rows = -(-black.width // cell[0]), -(-black.height // cell[1])
    whole = Image.new("L", (columns * cell[0], rows * cell[1]))
    whole.paste(black)
    levels = whole.resize((columns, rows), Image.Resampling.BOX).tobytes()
    busy = {(i % columns, i // columns) for i, level in enumerate(levels) if level > 25}
    found = []
    while busy:
        group = _grown(busy)
        left, right = min(x for x, _ in group) * cell[0], (max(x for x, _ in group) + 1) * cell[0]
        upper, lower = min(y for _, y in group) * cell[1], (max(y for _, y in group) + 1) * cell[1]
        high_enough = right - left >= _CODE_MIN_MM * dots[0] and lower - upper >= _CODE_MIN_MM * dots[1]
        if high_enough and len(group) * cell[0] * cell[1] >= 0.4 * (right - left) * (lower - upper):
            found.append((left, upper, right, lower))
    return found


def _grown(cells: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Take one group of cells that touch out of ``cells``."""
    group, edge = set[tuple[int, int]](), [cells.pop()]
    while edge:
        x, y = edge.pop()
        group.add((x, y))
        for near in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
            if near in cells:
                cells.discard(near)
                edge.append(near)
    return group


def _blackness(side: RenderedSide) -> Image.Image:
    """Return what is black on a side, as 255, whichever panel prints it."""
    black = image_of(side.resin).convert("L")
    # A side without a resin panel has its codes in the colours.
    if black.getbbox() is None:
        black = image_of(side.composite).convert("L").point([255 if level < 64 else 0 for level in range(256)])
    return black


# --- the move -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Move:
    """Where the strips of a side go, across and down; the same for every panel."""

    across: tuple[Run, ...]
    down: tuple[Run, ...]

    def bits(self, plane: Bitmap) -> Bitmap:
        """Return a panel of one bit; what moves in is empty."""
        return bitmap(self._moved(image_of(plane)))

    def colours(self, image: Image.Image) -> Image.Image:
        """Return the colours; at the edge they go on as they are there, for a ground must reach it."""
        moved = self._moved(image)
        for axis, runs in ((0, self.across), (1, self.down)):
            first, last = max(0, runs[0][1]), min(image.size[axis], runs[-1][1] + runs[-1][2])
            _spread(moved, axis, first, last)
        return moved

    def _moved(self, image: Image.Image) -> Image.Image:
        for axis, runs in ((0, self.across), (1, self.down)):
            onto = Image.new(image.mode, image.size, (255, 255, 255) if image.mode == "RGB" else 0)
            for begin, at, length in runs:
                if axis == 0:
                    onto.paste(image.crop((begin, 0, begin + length, image.height)), (at, 0))
                else:
                    onto.paste(image.crop((0, begin, image.width, begin + length)), (0, at))
            image = onto
        return image


def _spread(image: Image.Image, axis: int, first: int, last: int) -> None:
    """Fill what lies before ``first`` and from ``last`` on with what lies at these places."""
    width, height = image.size
    for source, begin, end in ((first, 0, first), (last - 1, last, image.size[axis])):
        if end <= begin:
            continue
        box = (source, 0, source + 1, height) if axis == 0 else (0, source, width, source + 1)
        size = (end - begin, height) if axis == 0 else (width, end - begin)
        image.paste(image.crop(box).resize(size, Image.Resampling.NEAREST), (begin, 0) if axis == 0 else (0, begin))


# --- the dyes -----------------------------------------------------------------------------------------------------


def _dyed(image: Image.Image, correction: Correction) -> Image.Image:
    dyes = (correction.cyan, correction.magenta, correction.yellow)
    if correction.gamma == 1.0 and dyes == (1.0, 1.0, 1.0):
        return image
    return image.point([level for dye in dyes for level in _curve(correction.gamma, dye)])


@cache
def _curve(gamma: float, dye: float) -> tuple[int, ...]:
    """Return for each level of red, green or blue what it becomes when its dye is given ``dye`` times."""
    return tuple(round(255 * (1 - min(1.0, (1 - level / 255) ** gamma * dye))) for level in range(256))
