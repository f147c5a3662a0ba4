"""Places where nothing may be printed: the chip's contacts, the magnetic stripe, the signature panel, the hologram.

What lies under a zone is cut out when the card is drawn, so a ground may go on below it; what says something must not
be cut, and nothing may be drawn over a zone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from station.domain.elements import (
    AnyElement,
    Box,
    ChipZone,
    HologramZone,
    Image,
    Layer,
    Line,
    MagneticTracks,
    Shape,
    SignatureZone,
    StripeZone,
    Text,
    Zone,
)
from station.domain.errors import N_
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render.linting.task import Placed, Task, finding, grown, is_logo
from station.render.linting.texts import ink_box

_INTO = N_("“{element}” reaches into {place}, where nothing is printed.")
_NEAR = N_("“{element}” is nearer than {distance} mm to {place}.")
_AWAY = N_("Move it away, or make it smaller.")
_BELOW = N_("Put it below the zone in the order of the elements: it is cut out there.")
_STRIPE_AT = N_("The stripe is {distance} mm from the card's upper edge; stripes lie {least} to {most} mm from it.")
_MOVE_STRIPE = N_("Move the zone to where the stripe of your blank cards is: the back, along the upper edge.")
_CHIP_AT = N_("The chip's contacts lie elsewhere on a card than this zone.")
_MOVE_CHIP = N_("Move the zone to {left}–{right} mm from the left and {top}–{bottom} mm from the top of the front.")
_ISO_STRIPE = "Card makers: flush stripes begin 3.8 to 4 mm from the edge, rolled-on ones 5.5 mm; ISO/IEC 7811-2"
_ISO_CHIP = "ISO/IEC 7816-2: contacts lie 10.25 to 19.87 mm from the left and 19.23 to 28.55 mm from the top"
_CONTACTS = Box(10.25, 19.23, 9.62, 9.32)


@dataclass(frozen=True, slots=True)
class _Zone:
    """How a kind of zone is called, how far ink stays away from it, and who says so."""

    name: str
    margin_mm: float
    source: str


_ZONES: dict[type, _Zone] = {
    ChipZone: _Zone(N_("the chip's contacts"), 2.5, "Entrust Datacard CD800 guide: 2.5 mm to the chip"),
    StripeZone: _Zone(N_("the magnetic stripe"), 2.0, "Card makers' guides: 2 mm to the magnetic stripe"),
    SignatureZone: _Zone(N_("the place for the signature"), 0.0, "Ink of print and pen do not hold on each other"),
    HologramZone: _Zone(N_("the place for the hologram"), 0.0, "What is under a hologram can't be read"),
}


def keep_out(task: Task) -> Iterator[LintFinding]:
    """Yield what reaches into a zone (an error), or is too near to it."""
    zones = [placed for placed in task.elements if isinstance(placed.element, Zone)]
    for placed in task.elements:
        if isinstance(placed.element, Zone | MagneticTracks) or placed.element.layer is Layer.OVERLAY:
            continue
        for zone in zones:
            if zone.side == placed.side and not (_may_be_cut(placed.element) and placed.order < zone.order):
                yield from _meeting(task, placed, zone.element)


def _meeting(task: Task, placed: Placed, zone: AnyElement) -> Iterator[LintFinding]:
    known = _ZONES[type(zone)]
    boxes = _inks(task, placed)
    params: dict[str, object] = {"element": placed.element.id, "place": known.name, "distance": f"{known.margin_mm:g}"}
    if any(box.meets(grown(zone.box, -0.05)) for box in boxes):
        words = Message(_INTO, params), Message(_BELOW if _may_be_cut(placed.element) else _AWAY)
        yield finding("zone/covered", Level.ERROR, words, known.source, placed)
    elif not _may_be_cut(placed.element) and any(box.meets(grown(zone.box, known.margin_mm - 0.05)) for box in boxes):
        yield finding("zone/near", Level.WARNING, (Message(_NEAR, params), Message(_AWAY)), known.source, placed)


def places(task: Task) -> Iterator[LintFinding]:
    """Yield zones that do not lie where cards have their chip or stripe."""
    for placed in task.elements:
        box = placed.element.box
        if isinstance(placed.element, StripeZone) and not 3.0 <= box.y_mm <= 6.5:
            params: dict[str, object] = {"distance": f"{box.y_mm:g}", "least": "3.8", "most": "5.5"}
            words = Message(_STRIPE_AT, params), Message(_MOVE_STRIPE)
            yield finding("zone/stripe-place", Level.WARNING, words, _ISO_STRIPE, placed)
        if isinstance(placed.element, ChipZone) and not (placed.side == 0 and _covers(box, _CONTACTS)):
            corners: dict[str, object] = {"left": "10.2", "right": "19.9", "top": "19.2", "bottom": "28.6"}
            words = Message(_CHIP_AT), Message(_MOVE_CHIP, corners)
            yield finding("zone/chip-place", Level.WARNING, words, _ISO_CHIP, placed)


def _inks(task: Task, placed: Placed) -> list[Box]:
    element = placed.element
    if isinstance(element, Text):
        inks = [ink_box(task, element, values) for values in task.shown(placed)]
        return [box for box in inks if box.width_mm > 0]
    return [element.box]


def _may_be_cut(element: AnyElement) -> bool:
    return isinstance(element, Shape | Line | Image) and not is_logo(element)


def _covers(outer: Box, inner: Box) -> bool:
    return (
        outer.x_mm <= inner.x_mm + 0.1
        and outer.y_mm <= inner.y_mm + 0.1
        and outer.right_mm >= inner.right_mm - 0.1
        and outer.bottom_mm >= inner.bottom_mm - 0.1
    )
