"""Texts in their boxes: fitted in millimetres, the same for every printer, then drawn in its dots."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image, ImageDraw

from station.domain.elements import Align, Box, Text, VerticalAlign
from station.render.colour import Rgb
from station.render.fonts import Face, FontBook, Run
from station.render.raster import MM_PER_INCH, POINTS_PER_INCH, Raster, hardened

MM_PER_POINT = MM_PER_INCH / POINTS_PER_INCH
_STEP_PT = 0.25
_LEAST_PT = 2.0
# Room for a capital with an accent, and for a tail: kept also where there is none, so that baselines don't jump from
# card to card. Letters that need more (Vietnamese) get it.
_ABOVE_EM = 0.95
_BELOW_EM = 0.24
_OVERLAP_EM = 0.06
# Letters are drawn in whole dots, and so a line comes out up to two dots larger; at 300 dpi that is 0.17 mm.
_SLACK_MM = 0.17


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line: its glyphs, where its origin is on the card."""

    run: Run
    x_mm: float
    baseline_mm: float


@dataclass(frozen=True, slots=True)
class SetText:
    """A text as it will be drawn; ``too_small`` when it only fitted below the layout's floor."""

    box: Box
    lines: tuple[SetLine, ...]
    size_pt: float
    too_small: bool = False
    replaced: str = ""


def set_text(element: Text, text: str, book: FontBook) -> SetText:
    """Return the text fitted into the element's box; never cut, and never outside.

    Tried in order: as it is, smaller down to the floor, wrapped, and at last smaller than the floor (which the result
    tells). At 2 pt no further attempt is made, and the line is squeezed by drawing it smaller still.
    """
    shown = text.upper() if element.upper else text
    for size_pt, lines in _attempts(element, shown, book):
        runs = [book.shape(line, element.family, element.weight, element.tracking_em) for line in lines]
        if _fits(element, runs, size_pt):
            return _placed(element, runs, size_pt)
    runs = [book.shape(" ".join(shown.split()), element.family, element.weight, element.tracking_em)]
    size_pt = _LEAST_PT
    while not _fits(element, runs, size_pt):
        size_pt *= 0.9
    return _placed(element, runs, size_pt)


def _attempts(element: Text, text: str, book: FontBook) -> Iterator[tuple[float, list[str]]]:
    given = [" ".join(line.split()) for line in text.split("\n") if line.split()] or [""]
    if len(given) > element.max_lines:
        given = [" ".join(given)]
    for size in _sizes(element.size_pt, element.floor_pt):
        yield size, given
    pieces = [_pieces(line, element, book) for line in given]
    wrapped = [_balanced(pieces, count) for count in range(len(given) + 1, element.max_lines + 1)]
    wrapped = [lines for lines in wrapped if lines]
    for size in _sizes(element.size_pt, element.floor_pt):
        yield from ((size, lines) for lines in wrapped)
    for size in _sizes(element.floor_pt - _STEP_PT, _LEAST_PT):
        yield from ((size, lines) for lines in [given, *wrapped])


def _sizes(largest: float, smallest: float) -> Iterator[float]:
    size = largest
    while size > smallest:
        yield size
        size -= _STEP_PT
    if largest >= smallest:
        yield smallest


@dataclass(frozen=True, slots=True)
class _Piece:
    """What may stand on a line of its own; ``space`` follows it on the same line only."""

    text: str
    space: str
    width_em: float


def _pieces(line: str, element: Text, book: FontBook) -> list[_Piece]:
    words = re.findall(r"[^ /:-]*[/:-]+(?=[^ ])|[^ ]+", line)
    found, place = [], 0
    for word in words:
        place = line.index(word, place) + len(word)
        space = " " if line[place : place + 1] == " " else ""
        width = book.shape(word + space, element.family, element.weight, element.tracking_em).width_em
        found.append(_Piece(word, space, width))
    return found


def _balanced(given: list[list[_Piece]], count: int) -> list[str]:
    """Return the given lines broken into ``count`` so that the widest is as narrow as can be; empty if they can't."""
    ends = [len(pieces) for pieces in given]
    if sum(ends) < count:
        return []
    flat = [piece for pieces in given for piece in pieces]
    forced = frozenset(itertools.accumulate(ends[:-1]))

    @cache
    def best(start: int, left: int) -> tuple[float, float, tuple[int, ...]]:
        """Return the widest line, the sum of squares and the breaks of the pieces from ``start`` in ``left`` lines."""
        limit = min((f for f in forced if f > start), default=len(flat))
        choices: list[tuple[float, float, tuple[int, ...]]] = []
        for end in range(start + 1, limit + 1):
            width = math.fsum(piece.width_em for piece in flat[start:end])
            if left == 1 and end == len(flat):
                choices.append((width, width**2, (end,)))
            elif left > 1 and end < len(flat):
                rest = best(end, left - 1)
                choices.append((max(width, rest[0]), width**2 + rest[1], (end, *rest[2])))
        return min(choices, default=(math.inf, math.inf, ()))

    breaks = (0, *best(0, count)[2])
    return ["".join(p.text + p.space for p in flat[a:b]).strip() for a, b in itertools.pairwise(breaks)]


def _fits(element: Text, runs: list[Run], size_pt: float) -> bool:
    em_mm = size_pt * MM_PER_POINT
    width = max(_reach(run) for run in runs) * em_mm
    _, height = _baselines(element, runs)
    return width <= element.box.width_mm - _SLACK_MM and height * em_mm <= element.box.height_mm - _SLACK_MM


def _reach(run: Run) -> float:
    """Return how wide the line is with what its first and last letter stick out."""
    return max(run.width_em, run.ink.right) - min(0.0, run.ink.left)


def _baselines(element: Text, runs: list[Run]) -> tuple[list[float], float]:
    """Return each line's baseline below the block's top, and the block's height, in em."""
    places = [max(_ABOVE_EM, runs[0].ink.above)]
    for upper, lower in itertools.pairwise(runs):
        # Two accents over a capital need more room than the designer's leading gives; they seldom meet the tail above.
        places.append(places[-1] + max(element.leading, upper.ink.below + lower.ink.above - _OVERLAP_EM))
    return places, places[-1] + max(_BELOW_EM, runs[-1].ink.below)


def _placed(element: Text, runs: list[Run], size_pt: float) -> SetText:
    em_mm = size_pt * MM_PER_POINT
    baselines, height = _baselines(element, runs)
    spare = element.box.height_mm - height * em_mm
    share = {VerticalAlign.TOP: 0.0, VerticalAlign.MIDDLE: 0.5, VerticalAlign.BOTTOM: 1.0}[element.valign]
    top = element.box.y_mm + spare * share
    lines = tuple(
        SetLine(run, element.box.x_mm + _indent(element, run, em_mm), top + place * em_mm)
        for run, place in zip(runs, baselines, strict=True)
    )
    replaced = "".join(dict.fromkeys("".join(run.replaced for run in runs)))
    return SetText(element.box, lines, size_pt, size_pt < element.floor_pt, replaced)


def _indent(element: Text, run: Run, em_mm: float) -> float:
    overhang = -min(0.0, run.ink.left) * em_mm
    spare = element.box.width_mm - _reach(run) * em_mm
    share = {Align.LEFT: 0.0, Align.CENTRE: 0.5, Align.RIGHT: 1.0}[element.align]
    return overhang + spare * share


# --- drawing ----------------------------------------------------------------------------------------------------


def draw_text(plane: Image.Image, setting: SetText, raster: Raster, ink: Rgb | int) -> None:
    """Draw a fitted text; on a plane of mode ``1`` each dot is ink or not, elsewhere edges are soft."""
    stamps = list(_stamps(setting, raster, hard=plane.mode == "1"))
    if not stamps:
        return
    left, upper, right, lower = raster.dots(setting.box)
    across = _inward([(x, x + stamp.mask.width) for stamp, x, _ in stamps], left, right)
    down = _inward([(y, y + stamp.mask.height) for stamp, _, y in stamps], upper, lower)
    for stamp, x, y in stamps:
        plane.paste(ink, (x + across, y + down), stamp.mask)


def _inward(spans: list[tuple[int, int]], first: int, last: int) -> int:
    """Return how far to move so that rounding to whole dots takes nothing out of the box."""
    return max(0, first - min(start for start, _ in spans)) - max(0, max(end for _, end in spans) - last)


def _stamps(setting: SetText, raster: Raster, *, hard: bool) -> Iterator[tuple[_Stamp, int, int]]:
    """Yield each letter that leaves ink, with the dot where its upper left corner goes."""
    size_px = setting.size_pt * raster.dpi_y / POINTS_PER_INCH
    stretch = raster.stretch
    for line in setting.lines:
        baseline, start = round(raster.y_px(line.baseline_mm)), raster.x_px(line.x_mm)
        for glyph in line.run.glyphs:
            stamp = _stamp(glyph.face, glyph.letter, size_px, stretch, hard)
            if stamp is not None:
                x = round(start + glyph.x_em * size_px * stretch)
                yield stamp, x + stamp.left, baseline - round(glyph.y_em * size_px) + stamp.top


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A letter in dots, and where its upper left corner lies from its origin."""

    mask: Image.Image
    left: int
    top: int


@lru_cache(maxsize=4096)
def _stamp(face: Face, letter: str, size_px: float, stretch: float, hard: bool) -> _Stamp | None:
    """Return a letter to paste, or ``None`` when it leaves no ink; where dots aren't square it is drawn large first."""
    finer = 1 if stretch == 1 else 4
    font = face.at(size_px * finer)
    mode = "1" if hard and finer == 1 else "L"
    probe = ImageDraw.Draw(Image.new(mode, (1, 1)))
    left, top, right, bottom = (round(v) for v in probe.textbbox((0, 0), letter, font=font, anchor="ls"))
    if right <= left or bottom <= top:
        return None
    mask = Image.new(mode, (right - left, bottom - top))
    ImageDraw.Draw(mask).text((-left, -top), letter, fill=255, font=font, anchor="ls")
    if finer == 1:
        return _Stamp(mask, left, top)
    size = (max(1, round(mask.width * stretch / finer)), max(1, round(mask.height / finer)))
    mask = mask.resize(size, Image.Resampling.BOX)
    return _Stamp(hardened(mask) if hard else mask, round(left * stretch / finer), round(top / finer))
