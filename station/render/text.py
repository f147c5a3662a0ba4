"""Texts in their boxes: fitted in millimetres, the same for every printer, then drawn in its dots."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image, ImageDraw

from station.domain.elements import Align, Box, Text, VerticalAlign
from station.render.capitals import capitals
from station.render.colour import Rgb
from station.render.fonts import Face, FontBook, Run
from station.render.raster import MM_PER_INCH, POINTS_PER_INCH, Raster, hardened

MM_PER_POINT = MM_PER_INCH / POINTS_PER_INCH
_STEP_PT = 0.25
_LEAST_PT = 2.0
# A twentieth of a dot at 300 dpi.
_SMALLEST_PT = 0.01
# Room for a capital with an accent, and for a tail: kept also where there is none, so that baselines don't jump from
# card to card. Letters that need more (Vietnamese) get it.
_ABOVE_EM = 0.95
_BELOW_EM = 0.24
# What is at least between a letter or its tail and an accent below it: nearer, and it seems to be the upper letter's.
_GAP_EM = 0.14
_SHARES = {Align.LEFT: 0.0, Align.CENTRE: 0.5, Align.RIGHT: 1.0}
# How many times larger a letter is drawn than it is printed.
_FINER = 4
# Every space but those that keep two words on one line (U+00A0, U+202F).
_SPACES = re.compile(r"[^\S\u00a0\u202f]+")
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
    tells). At 2 pt no further attempt is made, and the line is squeezed by drawing it smaller still; in a box of less
    than a dot that ends with letters of less than a dot, which leave no ink.
    """
    shown = capitals(text, element.language) if element.upper else text
    setter = _Setter(element, book, shown)
    for size_pt, lines in _attempts(setter, shown):
        runs = [setter.run(line) for line in lines]
        if fits(element, runs, size_pt):
            return _placed(element, runs, size_pt)
    runs = [setter.run(" ".join(_words(shown)))]
    size_pt = _LEAST_PT
    while size_pt > _SMALLEST_PT and not fits(element, runs, size_pt):
        size_pt *= 0.9
    return _placed(element, runs, size_pt)


@dataclass(frozen=True, slots=True)
class _Setter:
    """Sets the lines of one text, each script of it in one face throughout."""

    element: Text
    book: FontBook
    whole: str

    def run(self, line: str) -> Run:
        """Return a line as glyphs."""
        element = self.element
        return self.book.shape(line, element.family, element.weight, element.tracking_em, self.whole)


def _words(text: str) -> list[str]:
    """Return what a line may be broken between: not where a space says that it doesn't break."""
    return [word for word in _SPACES.split(text) if word]


def _attempts(setter: _Setter, text: str) -> Iterator[tuple[float, list[str]]]:
    element = setter.element
    given = [" ".join(_words(line)) for line in text.split("\n") if _words(line)] or [""]
    if len(given) > element.max_lines:
        given = [" ".join(given)]
    for size in _sizes(element.size_pt, element.floor_pt):
        yield size, given
    pieces = [_pieces(line, setter) for line in given]
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


def _pieces(line: str, setter: _Setter) -> list[_Piece]:
    # After a hyphen, a slash or a colon a line may end; the sign stays on it.
    words = re.findall(r"[^ /:-]*[/:-]+(?=[^ ])|[^ ]+", line)
    found, place = [], 0
    for word in words:
        place = line.index(word, place) + len(word)
        space = " " if line[place : place + 1] == " " else ""
        found.append(_Piece(word, space, setter.run(word + space).width_em))
    return found


def _balanced(given: list[list[_Piece]], count: int) -> list[str]:
    """Return the given lines broken into ``count`` so that the widest is as narrow as can be; empty if they can't."""
    ends = [len(pieces) for pieces in given]
    if sum(ends) < count:
        return []
    flat = [piece for pieces in given for piece in pieces]
    forced = frozenset(itertools.accumulate(ends[:-1]))

    # Each rest is asked for again and again: without this the work doubles with every piece.
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


def fits(element: Text, runs: Sequence[Run], size_pt: float) -> bool:
    """Tell whether lines fit in an element's box at a size; their glyphs are not looked at, only their measures."""
    em_mm = size_pt * MM_PER_POINT
    width = max(_reach(run) for run in runs) * em_mm
    _, height = _baselines(element, runs)
    return width <= element.box.width_mm - _SLACK_MM and height * em_mm <= element.box.height_mm - _SLACK_MM


def _reach(run: Run) -> float:
    """Return how wide the line is for the eye: from the first letter's left edge to the last one's right edge."""
    return run.ink.right - run.ink.left


def _baselines(element: Text, runs: Sequence[Run]) -> tuple[list[float], float]:
    """Return each line's baseline below the block's top, and the block's height, in em."""
    places = [max(_ABOVE_EM, runs[0].ink.above)]
    for upper, lower in itertools.pairwise(runs):
        # Two accents over a capital may need more room below a tail than the designer's leading gives.
        places.append(places[-1] + max(element.leading, _clearance(upper, lower, element.align)))
    return places, places[-1] + max(_BELOW_EM, runs[-1].ink.below)


def _clearance(upper: Run, lower: Run, align: Align) -> float:
    """Return how far apart two baselines must be in em: a tail only counts for what stands below it."""
    shift = _flush(upper, align) - _flush(lower, align)
    meeting = (
        above.below + below.above
        for above in upper.inks
        for below in lower.inks
        if above.left + shift < below.right + _GAP_EM and below.left < above.right + shift + _GAP_EM
    )
    return max(meeting, default=0.0) + _GAP_EM


def _flush(run: Run, align: Align) -> float:
    """Return where the line's origin is from the edge that it stands at, in em."""
    share = _SHARES[align]
    return -run.ink.left * (1 - share) - run.ink.right * share


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
    """Return where the line's origin is, so that its ink stands at the box's edge: lines of any size are flush then."""
    spare = element.box.width_mm - _reach(run) * em_mm
    return spare * _SHARES[element.align] - run.ink.left * em_mm


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
            stamp = _stamp(glyph.face, glyph.sign, size_px, stretch, hard)
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
def _stamp(face: Face, sign: str, size_px: float, stretch: float, hard: bool) -> _Stamp | None:
    """Return a letter to paste, or ``None`` when it leaves no ink.

    It is drawn large first, and each dot is the mean of what it covers: fitted to single dots by the font engine, thin
    strokes would grow thinner still, and lines wider than they were measured.
    """
    if size_px < 1:
        return None  # nothing would be seen of it, and FreeType refuses such a size
    font = face.at(size_px * _FINER)
    probe = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = probe.textbbox((0, 0), sign, font=font, anchor="ls")
    if right <= left or bottom <= top:
        return None
    across = stretch / _FINER
    x0, x1 = math.floor(left * across), math.ceil(right * across)
    y0, y1 = math.floor(top / _FINER), math.ceil(bottom / _FINER)
    start = math.floor(x0 / across)
    large = Image.new("L", (math.ceil(x1 / across) - start, (y1 - y0) * _FINER))
    ImageDraw.Draw(large).text((-start, -y0 * _FINER), sign, fill=255, font=font, anchor="ls")
    covered = (x0 / across - start, 0, x1 / across - start, large.height)
    mask = large.resize((x1 - x0, y1 - y0), Image.Resampling.BOX, box=covered)
    mask = hardened(mask) if hard else mask
    # The font engine's box reaches from the origin to the next letter; only the ink has to stay inside a text's box.
    ink = mask.getbbox()
    return _Stamp(mask.crop(ink), x0 + ink[0], y0 + ink[1]) if ink else None
