"""Codes read back from the finished bitmaps, as the ribbon prints them, by another program than the one that drew them.

Once as they are printed, and once turned and blurred a little: what is only read straight is read at the desk and not
at the library's door.
"""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from station.domain.elements import AnyCode, Code
from station.domain.errors import N_, LayoutError
from station.domain.layout import CardFields, applies, filled
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.ports.printer import RenderedCard, RenderedSide
from station.render.card import render_card
from station.render.codes import fitted, read_as, symbol_of
from station.render.linting import ribbon
from station.render.linting.task import Placed, Task, finding
from station.render.raster import Dots, bitmap
from station.render.reading import read_like

_UNREADABLE = N_("The code can't be read from the card as {printer} prints it.")
_HARD = N_("The code is read from the card only when it is held straight and still.")
_MEND = N_("Make its box larger, keep other things out of it, and have it printed by the black panel.")
_UNDRAWN = N_("The card can't be drawn: {detail}")
_MEND_LAYOUT = N_("Correct the element that is named, or choose another printer.")
_SOURCE = "ISO/IEC 15415 and 15416 grade a code by reading it; our own: before a card is printed, not after"
_SAMPLES = 2
_AROUND = 6


def codes(task: Task) -> Iterator[LintFinding]:
    """Yield codes that can't be read, or only just, from the cards of the first samples."""
    elements = [placed for placed in task.elements if isinstance(placed.element, Code)]
    for sample in task.samples[:_SAMPLES]:
        try:
            card = render_card(task.layout, sample, None, task.printer, task.brand)
        except LayoutError as error:
            words = Message(_UNDRAWN, {"detail": error.params["detail"]}), Message(_MEND_LAYOUT)
            name = error.params.get("place")
            at = next((placed for placed in task.elements if placed.element.id == name), None)
            yield finding("card/undrawn", Level.ERROR, words, _SOURCE, at)
            return
        for placed in elements:
            yield from _tried(task, placed, sample, card)


def _tried(task: Task, placed: Placed, sample: CardFields, card: RenderedCard) -> Iterator[LintFinding]:
    values = sample.values()
    element, side = placed.element, card.back if placed.side else card.front
    if side is None or not isinstance(element, Code) or not applies(element, values):
        return
    if text := filled(element.text, values):
        level = _level(task, element, text, side)
        if level is not None:
            said = Message(_HARD) if level is Level.WARNING else Message(_UNREADABLE, {"printer": task.printer.model})
            yield finding("code/unreadable", level, (said, Message(_MEND)), _SOURCE, placed)


def _level(task: Task, element: AnyCode, text: str, side: RenderedSide) -> Level | None:
    """Return how bad it is: an error when the code can't be read, a warning when it can only be read straight."""
    place = fitted(symbol_of(element, text), element, task.raster)
    picture = ribbon.printed(side, task.printer, _around(place.field))
    wanted = read_as(element, text)
    if _says(picture, element, wanted):
        return None if _says(ribbon.askew(picture, min(place.dots)), element, wanted) else Level.WARNING
    return Level.ERROR


def _says(picture: Image.Image, element: AnyCode, wanted: str) -> bool:
    return wanted in read_like(bitmap(picture.convert("RGB")), element)


def _around(field: Dots) -> Dots:
    """Return a little more than the field, so that what stands at its edge is seen too."""
    return field[0] - _AROUND, field[1] - _AROUND, field[2] + _AROUND, field[3] + _AROUND
