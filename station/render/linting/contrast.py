"""Contrast for people with low vision: letters and logos against what is really behind them on the card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from station.domain.elements import Box, EscLogo, Layer, Text, Weight
from station.domain.errors import N_, LayoutError
from station.domain.layout import applies
from station.domain.lint import LintFinding
from station.domain.message import Message
from station.render.colour import BLACK, Rgb, contrast, off_resin, resolved, rgb
from station.render.linting.task import Placed, Task
from station.render.linting.texts import ink_box
from station.render.marks import ESC_LOGO_INKS
from station.render.paint import Planes, paint, setting_of
from station.render.rules import Contrast

_WEAK = N_("“{element}” stands out {ratio} to 1 from what is behind it; people with low vision need {wanted} to 1.")
_STRONGER = N_("Use a darker or lighter colour, or put a plain ground behind it.")
# So much of what is behind may be worse: the edge of a ground, or a fine line.
_IGNORED_SHARE = 0.05
_COARSER = 3


@dataclass(frozen=True, slots=True)
class _Seen:
    """Something to be read: what colour it is, and the part of the card that is behind it."""

    placed: Placed
    ink: Rgb
    behind: Image.Image
    size_pt: float = 0.0
    bold: bool = False


def low(task: Task) -> Iterator[LintFinding]:
    """Yield texts and logos that stand out too little; looked at on the first card, for ink is the same on all."""
    rules = [rule for rule in task.rules.of(Contrast) if task.applies(rule)]
    for side in range(len(task.layout.sides)):
        for seen in _seen(task, side):
            of = "text" if isinstance(seen.placed.element, Text) else "logo"
            for rule in rules:
                wanted = _wanted(rule, seen)
                if rule.of == of and (ratio := worst_contrast(seen.ink, seen.behind)) < wanted:
                    params: dict[str, object] = {"element": seen.placed.element.id, "ratio": f"{ratio:.1f}"}
                    message = Message(_WEAK, {**params, "wanted": f"{wanted:g}"})
                    yield task.breach(rule, message, Message(_STRONGER), seen.placed)


def worst_contrast(ink: Rgb, behind: Image.Image) -> float:
    """Return the contrast ratio (WCAG 2.2) of a colour to the worst of a picture (``RGB``), but for a small share."""
    # One colour for nine dots is near enough, and a ninth of them has to be counted.
    small = behind.reduce(_COARSER) if min(behind.size) >= 2 * _COARSER else behind
    counted = small.getcolors(small.width * small.height) or []
    ratios = sorted((contrast(ink, colour), count) for count, colour in counted)  # type: ignore[arg-type]  # RGB
    left = _IGNORED_SHARE * small.width * small.height
    for ratio, count in ratios:
        left -= count
        if left < 0:
            return ratio
    return ratios[-1][0] if ratios else 21.0


def _wanted(rule: Contrast, seen: _Seen) -> float:
    large = seen.size_pt >= (rule.large_bold_pt if seen.bold else rule.large_pt)
    return rule.large_ratio if large and rule.large_ratio is not None else rule.ratio


def _seen(task: Task, side: int) -> Iterator[_Seen]:
    """Draw a side one element after the other, and yield what is to be read with what was there before it."""
    values = task.values[0]
    content = task.content(values)
    planes = Planes.blank(task.raster, soft=False)
    black: list[Placed] = []
    for placed in task.elements:
        if placed.side != side:
            continue
        element = placed.element
        try:
            if not applies(element, values):
                continue
            if isinstance(element, Text | EscLogo) and element.layer is Layer.COLOUR:
                yield from _look(task, placed, planes)
            paint(planes, element, content, task.raster)
            if isinstance(element, Text | EscLogo) and element.layer is Layer.RESIN:
                black.append(placed)
        except LayoutError:
            continue  # a finding of its own
    # Resin lies over all colours, whatever was drawn first.
    for placed in black:
        yield from _look(task, placed, planes)


def _look(task: Task, placed: Placed, planes: Planes) -> Iterator[_Seen]:
    element = placed.element
    black = element.layer is Layer.RESIN
    if isinstance(element, EscLogo):
        ink = BLACK if black else rgb(ESC_LOGO_INKS[element.colour])
        yield _Seen(placed, ink, _behind(task, element.box, planes))
    elif isinstance(element, Text):
        box = ink_box(task, element, task.values[0])
        if box.width_mm <= 0 or box.height_mm <= 0:
            return
        ink = BLACK if black else off_resin(resolved(element.colour, task.brand.accent))
        size_pt = setting_of(element, task.content(task.values[0])).size_pt
        bold = element.weight in (Weight.BOLD, Weight.SEMIBOLD)
        yield _Seen(placed, ink, _behind(task, box, planes), size_pt, bold)


def _behind(task: Task, box: Box, planes: Planes) -> Image.Image:
    left, upper, right, lower = task.raster.dots(box)
    width, height = planes.colour.size
    left, upper = min(max(left, 0), width - 1), min(max(upper, 0), height - 1)
    return planes.colour.crop((left, upper, max(left + 1, min(right, width)), max(upper + 1, min(lower, height))))
