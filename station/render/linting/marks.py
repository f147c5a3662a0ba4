"""The marks of the European Student Card: there, large enough, and with room around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from station.domain.elements import (
    AnyElement,
    Box,
    EscLogo,
    EscLogoForm,
    HologramZone,
    MagneticTracks,
    Photo,
    Shape,
    Text,
    Zone,
)
from station.domain.errors import N_
from station.domain.layout import fields_shown
from station.domain.lint import LintFinding
from station.domain.message import Message
from station.render.linting.codes import module_mm
from station.render.linting.task import Placed, Task, grown, is_esc_qr, is_logo
from station.render.linting.texts import ink_box
from station.render.rules import ClearZone, Hologram, LogoSize, MarkRequired, OldMarks

_NO_MARK = {
    "logo": N_("The card has no logo of the European Student Card."),
    "qr": N_("The card has no QR code of the European Student Card."),
    "esi": N_("The European Student Identifier is not printed on the card."),
    "name": N_("The holder's name is not on the card."),
    "photo": N_("There is no place for the holder's portrait."),
    "expires_on": N_("The card doesn't say until when it is valid."),
}
_ADD_MARK = {
    "logo": N_("Add the logo; or say in the layout that the blank cards bear it already (preprinted)."),
    "qr": N_("Add a QR code with the text {field}."),
    "esi": N_("Add a text with {field}, if there is room: it helps where nobody can scan the code."),
    "name": N_("Add a text with {field}."),
    "photo": N_("Add a place for the photo."),
    "expires_on": N_("Add a text with {field}."),
}
_FIELD = {"qr": "{qr}", "esi": "{esi_short}", "name": "{given_names} {family_name}", "expires_on": "{expires_on}"}
_OUTLIVES = N_(
    "The card is valid until {end}, but without the new logo it is a European Student Card only until {last}."
)
_NO_NEW_LOGO = N_("Add the new logo; the hologram alone is not enough for cards that are valid longer.")
_HOLOGRAM = N_("The card has a place for a hologram, which the European Student Card no longer needs.")
_DROP_HOLOGRAM = N_("Take the place away when the stock of holograms is used up.")
_LOGO_SMALL = N_("The logo is {width} × {height} mm; it has to be at least {least_width} × {least_height} mm.")
_LOGO_LARGER = N_("Make the box of the logo larger.")
_CROWDED = N_("“{other}” is nearer than {distance} mm to the mark of the European Student Card.")
_MOVE_AWAY = N_("Move it away, or make it smaller: QR code and logo need clear room around them.")
_TOLERANCE_MM = 0.05
_USUAL_MODULE_MM = 0.34


def required(task: Task) -> Iterator[LintFinding]:
    """Yield the marks that are not there."""
    there = [placed.element for placed in task.elements]
    for rule in task.rules.of(MarkRequired):
        if task.applies(rule) and not any(_IS_MARK[rule.mark](element) for element in there):
            if rule.mark == "logo" and (task.bears_logo or any(isinstance(each, HologramZone) for each in there)):
                continue  # the marks of before: the rule about them says until when
            remedy = Message(_ADD_MARK[rule.mark], {"field": _FIELD.get(rule.mark, "")})
            yield task.breach(rule, Message(_NO_MARK[rule.mark]), remedy)


def old_marks(task: Task) -> Iterator[LintFinding]:
    """Yield what becomes of a card with a hologram: it may not outlive the marks of before."""
    holograms = [placed for placed in task.elements if isinstance(placed.element, HologramZone)]
    if not holograms:
        return
    has_new_logo = task.bears_logo or any(is_logo(placed.element) for placed in task.elements)
    for rule in task.rules.of(OldMarks):
        end = max((day for values in task.values if isinstance(day := values.get("expires"), date)), default=None)
        if task.applies(rule) and not has_new_logo and end is not None and end > rule.allowed_until:
            params: dict[str, object] = {"end": f"{end:%d.%m.%Y}", "last": f"{rule.allowed_until:%d.%m.%Y}"}
            yield task.breach(rule, Message(_OUTLIVES, params), Message(_NO_NEW_LOGO), holograms[0])
    for hologram in task.rules.of(Hologram):
        if task.applies(hologram):
            yield task.breach(hologram, Message(_HOLOGRAM), Message(_DROP_HOLOGRAM), holograms[0])


def logo_size(task: Task) -> Iterator[LintFinding]:
    """Yield logos that are too small to be recognised."""
    for rule in task.rules.of(LogoSize):
        for placed in task.elements:
            if not (task.applies(rule) and is_logo(placed.element)):
                continue
            box = placed.element.box
            width, height = rule.horizontal_mm if _is_tall(placed.element) else rule.vertical_mm
            if box.width_mm < width - _TOLERANCE_MM or box.height_mm < height - _TOLERANCE_MM:
                params: dict[str, object] = {
                    "width": f"{box.width_mm:g}",
                    "height": f"{box.height_mm:g}",
                    "least_width": f"{width:g}",
                    "least_height": f"{height:g}",
                }
                yield task.breach(rule, Message(_LOGO_SMALL, params), Message(_LOGO_LARGER), placed)


def clear_zone(task: Task) -> Iterator[LintFinding]:
    """Yield what stands too near to the QR code and the logo."""
    for rule in task.rules.of(ClearZone):
        marks = [p for p in task.elements if is_logo(p.element) or is_esc_qr(p.element)]
        if not task.applies(rule) or not marks:
            continue
        distance = rule.modules * max((module_mm(task, mark) or 0.0 for mark in marks), default=_USUAL_MODULE_MM)
        for mark in marks:
            zone = grown(mark.element.box, distance - _TOLERANCE_MM)
            for placed in task.elements:
                if placed.side == mark.side and placed not in marks and _crowds(task, placed, zone, mark):
                    params: dict[str, object] = {"other": placed.element.id, "distance": f"{distance:.1f}"}
                    yield task.breach(rule, Message(_CROWDED, params), Message(_MOVE_AWAY), placed)


def _crowds(task: Task, placed: Placed, zone: Box, mark: Placed) -> bool:
    element = placed.element
    if isinstance(element, Zone | MagneticTracks):
        return False
    if isinstance(element, Text):
        inks = (ink_box(task, element, values) for values in task.shown(placed))
        return any(ink.width_mm > 0 and ink.meets(zone) for ink in inks)
    if not element.box.meets(zone):
        return False
    # A ground that lies under the whole mark is no neighbour of it, and what is pale enough not to matter neither.
    return placed.order > mark.order or not (_contains(element.box, mark.element.box) or _is_pale(element))


def _is_pale(element: AnyElement) -> bool:
    return isinstance(element, Shape) and element.opacity <= 0.1


def _contains(outer: Box, inner: Box) -> bool:
    return (
        outer.x_mm <= inner.x_mm + _TOLERANCE_MM
        and outer.y_mm <= inner.y_mm + _TOLERANCE_MM
        and outer.right_mm >= inner.right_mm - _TOLERANCE_MM
        and outer.bottom_mm >= inner.bottom_mm - _TOLERANCE_MM
    )


def _is_tall(element: AnyElement) -> bool:
    if isinstance(element, EscLogo):
        return element.form is EscLogoForm.HORIZONTAL
    return element.box.height_mm > element.box.width_mm


def _shows(*names: str) -> Callable[[AnyElement], bool]:
    return lambda element: isinstance(element, Text) and bool(fields_shown(element) & set(names))


_IS_MARK: dict[str, Callable[[AnyElement], bool]] = {
    "logo": is_logo,
    "qr": is_esc_qr,
    "esi": _shows("esi", "esi_short"),
    "name": _shows("full_name", "family_name", "given_names"),
    "photo": lambda element: isinstance(element, Photo),
    "expires_on": _shows("expires_on", "expires"),
}
