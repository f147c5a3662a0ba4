"""Pictures: whether there are enough pixels for the size at which each is printed."""

from __future__ import annotations

from collections.abc import Iterator

from station.domain.elements import Box, Fit, Image, Logo
from station.domain.errors import N_
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render import artwork
from station.render.linting.task import Placed, Task, finding
from station.render.raster import MM_PER_INCH

_COARSE = N_("“{element}” has {dpi} pixels an inch at its printed size; it will look soft below {least}.")
_FINER = N_("Use a picture of at least {width} × {height} pixels, or an SVG; or print it smaller.")
_SOURCE = "Our own: printers have 300 dots an inch; below 200 pixels an inch edges go soft, below 100 steps are seen"
_GOOD_DPI, _LEAST_DPI = 200, 100


def resolution(task: Task) -> Iterator[LintFinding]:
    """Yield bitmaps that are too coarse."""
    for placed in task.elements:
        element = placed.element
        if isinstance(element, Image):
            size = artwork.pixels(task.layout.files.get(element.source, b""))
            yield from _judged(placed, size, covers=element.fit is Fit.COVER)
        elif isinstance(element, Logo) and task.brand.logo is not None:
            yield from _judged(placed, artwork.pixels(task.brand.logo), covers=False)


def _judged(placed: Placed, size: tuple[int, int] | None, *, covers: bool) -> Iterator[LintFinding]:
    if size is None:
        return
    dpi = _printed_dpi(size, placed.element.box, covers=covers)
    if dpi >= _GOOD_DPI:
        return
    grow = _GOOD_DPI / dpi
    params: dict[str, object] = {"element": placed.element.id, "dpi": round(dpi), "least": _GOOD_DPI}
    wanted: dict[str, object] = {"width": round(size[0] * grow), "height": round(size[1] * grow)}
    level = Level.ERROR if dpi < _LEAST_DPI else Level.WARNING
    yield finding("picture/coarse", level, (Message(_COARSE, params), Message(_FINER, wanted)), _SOURCE, placed)


def _printed_dpi(size: tuple[int, int], box: Box, *, covers: bool) -> float:
    """Return how many of a picture's pixels come onto an inch of the card."""
    across, down = size[0] / box.width_mm, size[1] / box.height_mm
    # What fits as a whole is as large as its longer way allows; what covers, as its shorter way needs.
    return (min(across, down) if covers else max(across, down)) * MM_PER_INCH
