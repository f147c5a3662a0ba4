"""Texts in their boxes: fitted in millimetres, the same for every printer, then drawn in its dots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from station.domain.layout import Align, Text, VerticalAlign
from station.render.colour import Rgb
from station.render.fonts import Face, FontBook, Run
from station.render.raster import MM_PER_INCH, POINTS_PER_INCH, Raster

MM_PER_POINT = MM_PER_INCH / POINTS_PER_INCH
_STEP_PT = 0.25
_LEAST_PT = 2.0
# A letter may be rounded outwards by half a dot on either side; at 300 dpi that is 0.08 mm in all.
_SLACK_MM = 0.08


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line: its glyphs, where its origin is on the card."""

    run: Run
    x_mm: float
    baseline_mm: float


@dataclass(frozen=True, slots=True)
class SetText:
    """A text as it will be drawn; ``too_small`` when it only fitted below the layout's floor."""

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
    for size_pt, lines in _attempts(element, shown):
        runs = [book.shape(line, element.family, element.weight, element.tracking_em) for line in lines]
        if _fits(element, runs, size_pt):
            return _placed(element, runs, size_pt)
    runs = [book.shape(" ".join(shown.split()), element.family, element.weight, element.tracking_em)]
    size_pt = _LEAST_PT
    while not _fits(element, runs, size_pt):
        size_pt *= 0.9
    return _placed(element, runs, size_pt)


def _attempts(element: Text, text: str) -> Iterator[tuple[float, list[str]]]:
    given = [" ".join(line.split()) for line in text.split("\n") if line.split()] or [""]
    floor = element.floor_pt
    if len(given) <= element.max_lines:
        yield from ((size, given) for size in _sizes(element.size_pt, floor))
    wrappings = [lines for count in range(len(given) + 1, element.max_lines + 1) if (lines := _wrapped(given, count))]
    yield from ((size, lines) for size in _sizes(element.size_pt, floor) for lines in wrappings)
    options = [given, *wrappings] if len(given) <= element.max_lines else [[" ".join(given)], *wrappings]
    yield from ((size, lines) for size in _sizes(floor - _STEP_PT, _LEAST_PT) for lines in options)


def _sizes(largest: float, smallest: float) -> Iterator[float]:
    size = largest
    while size > smallest:
        yield size
        size -= _STEP_PT
    if largest >= smallest:
        yield smallest


def _wrapped(given: list[str], count: int) -> list[str]:
    """Return the given lines broken into ``count``, as even as words and hyphens allow; empty when they don't."""
    lines = list(given)
    while len(lines) < count:
        longest = max(range(len(lines)), key=lambda i: len(lines[i]))
        halves = _halves(lines[longest])
        if halves is None:
            return []
        lines[longest : longest + 1] = halves
    return lines


def _halves(line: str) -> tuple[str, str] | None:
    places = [i + 1 for i, c in enumerate(line) if c in " -–/:" and 0 < i < len(line) - 1]
    if not places:
        return None
    place = min(places, key=lambda i: abs(i - len(line) / 2))
    return line[:place].rstrip(" "), line[place:]


def _fits(element: Text, runs: list[Run], size_pt: float) -> bool:
    em_mm = size_pt * MM_PER_POINT
    width = max(_reach(run) for run in runs) * em_mm
    above, between, below = _heights(element, runs)
    height = (above + between + below) * em_mm
    return width <= element.box.width_mm - _SLACK_MM and height <= element.box.height_mm - _SLACK_MM


def _reach(run: Run) -> float:
    """Return how wide the line is with what its first and last letter stick out."""
    return max(run.width_em, run.ink.right) - min(0.0, run.ink.left)


def _heights(element: Text, runs: list[Run]) -> tuple[float, float, float]:
    """Return in em: from the top to the first baseline, from there to the last one, and what hangs below it."""
    face_above, face_below = 0.75, 0.24
    return max(face_above, runs[0].ink.above), element.leading * (len(runs) - 1), max(face_below, runs[-1].ink.below)


def _placed(element: Text, runs: list[Run], size_pt: float) -> SetText:
    em_mm = size_pt * MM_PER_POINT
    above, between, below = _heights(element, runs)
    spare = element.box.height_mm - (above + between + below) * em_mm
    share = {VerticalAlign.TOP: 0.0, VerticalAlign.MIDDLE: 0.5, VerticalAlign.BOTTOM: 1.0}[element.valign]
    baseline = element.box.y_mm + above * em_mm + spare * share
    lines = []
    for index, run in enumerate(runs):
        x = element.box.x_mm + _indent(element, run, em_mm)
        lines.append(SetLine(run, x, baseline + index * element.leading * em_mm))
    replaced = "".join(dict.fromkeys("".join(run.replaced for run in runs)))
    return SetText(tuple(lines), size_pt, size_pt < element.floor_pt, replaced)


def _indent(element: Text, run: Run, em_mm: float) -> float:
    overhang = -min(0.0, run.ink.left) * em_mm
    spare = element.box.width_mm - _reach(run) * em_mm
    share = {Align.LEFT: 0.0, Align.CENTRE: 0.5, Align.RIGHT: 1.0}[element.align]
    return overhang + spare * share


# --- drawing ----------------------------------------------------------------------------------------------------


def draw_text(plane: Image.Image, setting: SetText, raster: Raster, ink: Rgb | int) -> None:
    """Draw a fitted text; on a plane of mode ``1`` each dot is ink or not, elsewhere edges are soft."""
    size_px = setting.size_pt * raster.dpi_y / POINTS_PER_INCH
    stretch = raster.dpi_x / raster.dpi_y
    draw = ImageDraw.Draw(plane)
    for line in setting.lines:
        baseline = round(raster.y_px(line.baseline_mm))
        start = raster.x_px(line.x_mm)
        for glyph in line.run.glyphs:
            place = (round(start + glyph.x_em * size_px * stretch), baseline - round(glyph.y_em * size_px))
            if raster.isotropic:
                draw.text(place, glyph.letter, fill=ink, font=glyph.face.at(size_px), anchor="ls")
            elif glyph.letter != " ":
                mask, left, top = _squeezed(glyph.face, glyph.letter, size_px, stretch)
                hard = mask.point(_HALF).convert("1") if plane.mode == "1" else mask
                plane.paste(ink, (place[0] + left, place[1] + top), hard)


_HALF = [255 if v >= 128 else 0 for v in range(256)]


def _squeezed(face: Face, letter: str, size_px: float, stretch: float) -> tuple[Image.Image, int, int]:
    """Return a letter for dots that are not square, drawn large and brought to them; and where it goes."""
    finer = 4
    font = face.at(size_px * finer)
    left, top, right, bottom = (round(v) for v in font.getbbox(letter, anchor="ls"))
    size = (max(1, right - left), max(1, bottom - top))
    large = Image.new("L", size, 0)
    ImageDraw.Draw(large).text((-left, -top), letter, fill=255, font=font, anchor="ls")
    width, height = max(1, round(size[0] * stretch / finer)), max(1, round(size[1] / finer))
    small = large.resize((width, height), Image.Resampling.BOX)
    return small, round(left * stretch / finer), round(top / finer)
