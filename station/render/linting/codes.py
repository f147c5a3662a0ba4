"""Codes for machines, by their figures alone: what they say, how large a module is, which panel prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from station.domain.elements import AnyCode, Code, DataMatrix, Qr
from station.domain.errors import N_, LayoutError
from station.domain.expression_functions import Value
from station.domain.layout import filled
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render.codes import fitted, symbol_of
from station.render.linting.task import Placed, Task, finding, is_esc_qr, text_of
from station.render.raster import MM_PER_INCH
from station.render.rules import CodeOnResin, ModuleSize, QrContent, QuietZone

_OTHER_CONTENT = N_("The QR code of the European Student Card would say “{text}”.")
_RIGHT_CONTENT = N_("Set its text to {field}; the address before the number is in the station's settings.")
_NARROW = N_("The QR code has {modules} clear modules around it; it needs {least}.")
_WIDEN = N_("Set quiet_modules to {least}.")
_SMALL = N_("A module of the code is {size} mm here; from {good} mm it is read well.")
_LARGER = N_("Make the box of the code larger: {width} mm would do.")
_COLOURED = N_("Colours print this code, for this printer has no black resin on this side.")
_OTHER_SIDE = N_("Move the code to the side with the black panel, or use a ribbon that has it on both.")
_UNDRAWN = N_("The code can't be drawn: {detail}")
_MEND = N_("Correct its text, or give it a larger box.")
_READABLE = "ISO/IEC 15415: what a code is not drawn to can't be read from it"


def content(task: Task) -> Iterator[LintFinding]:
    """Yield codes of the European Student Card that lead somewhere else than to the card's number."""
    for rule in task.rules.of(QrContent):
        for placed in task.elements:
            if not (task.applies(rule) and isinstance(placed.element, Qr) and is_esc_qr(placed.element)):
                continue
            for values in task.shown(placed):
                text, escn = _text(placed.element, values), text_of(values, "escn")
                if text and text not in {prefix + escn for prefix in rule.prefixes}:
                    words = Message(_OTHER_CONTENT, {"text": text}), Message(_RIGHT_CONTENT, {"field": "{qr}"})
                    yield task.breach(rule, *words, placed)


def quiet_zone(task: Task) -> Iterator[LintFinding]:
    """Yield QR codes without enough clear modules."""
    for rule in task.rules.of(QuietZone):
        for placed in task.elements:
            if task.applies(rule) and isinstance(placed.element, Qr) and placed.element.quiet_modules < rule.modules:
                params: dict[str, object] = {"modules": placed.element.quiet_modules, "least": rule.modules}
                yield task.breach(rule, Message(_NARROW, params), Message(_WIDEN, params), placed)


def size(task: Task) -> Iterator[LintFinding]:
    """Yield codes that can't be drawn on this printer, and square ones whose modules come out too small."""
    for placed in task.elements:
        if isinstance(placed.element, Code) and (detail := _trouble(task, placed)) is not None:
            words = Message(_UNDRAWN, {"detail": detail}), Message(_MEND)
            yield finding("code/undrawn", Level.ERROR, words, _READABLE, placed)
    for rule in task.rules.of(ModuleSize):
        for placed in task.elements:
            module = module_mm(task, placed)
            if not task.applies(rule) or module is None or module >= rule.good_mm:
                continue
            width = placed.element.box.width_mm / module * rule.good_mm
            params: dict[str, object] = {"size": f"{module:.2f}", "good": f"{rule.good_mm:g}"}
            level = Level.ERROR if module < rule.least_mm else rule.level
            remedy = Message(_LARGER, {"width": f"{width:.1f}"})
            yield task.breach(rule, Message(_SMALL, params), remedy, placed, level=level)


def panel(task: Task) -> Iterator[LintFinding]:
    """Yield codes that colours print, because there is no black panel on their side."""
    for rule in task.rules.of(CodeOnResin):
        for placed in task.elements:
            if task.applies(rule) and isinstance(placed.element, Code) and not task.resin_on(placed.side):
                yield task.breach(rule, Message(_COLOURED), Message(_OTHER_SIDE), placed)


def module_mm(task: Task, placed: Placed) -> float | None:
    """Return how large a module of a square code is printed; ``None`` for anything else, or one that can't be drawn."""
    element = placed.element
    if not isinstance(element, Qr | DataMatrix):
        return None
    for values in task.shown(placed):
        try:
            if text := filled(element.text, values):
                across, down = fitted(symbol_of(element, text), element, task.raster).dots
                return min(across * MM_PER_INCH / task.printer.dpi_x, down * MM_PER_INCH / task.printer.dpi_y)
        except LayoutError:
            return None
    return None


def _trouble(task: Task, placed: Placed) -> object | None:
    """Return why a code can't be drawn for one of the samples."""
    element = placed.element
    for values in task.shown(placed):
        try:
            if isinstance(element, AnyCode) and (text := filled(element.text, values)):
                fitted(symbol_of(element, text), element, task.raster)
        except LayoutError as error:
            return error.params["detail"]
    return None


def _text(element: Qr, values: Mapping[str, Value]) -> str:
    try:
        return filled(element.text, values)
    except LayoutError:
        return ""
