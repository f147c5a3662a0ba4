"""Whether a layout can be drawn as it says, before a card depends on it."""

from __future__ import annotations

from collections.abc import Iterator

from station.domain.elements import (
    BLACK,
    AnyElement,
    Code,
    EscLogo,
    EscLogoColour,
    GhostImage,
    Image,
    Layer,
    Line,
    Logo,
    MagneticTracks,
    Photo,
    Shape,
    Text,
    Zone,
)
from station.domain.errors import N_, LayoutError
from station.domain.layout import FIELD_NAMES, NO_FIELD, Layout, compiled, fields_shown
from station.domain.message import Message


def check_layout(layout: Layout) -> None:
    """Refuse a layout that can't be drawn as it says.

    Raises:
        LayoutError: with the layout's name as ``file``, the side and element as ``place``, and the ``detail``.
    """
    for side_name, side in (("front", layout.front), ("back", layout.back)):
        seen: set[str] = set()
        for element in side:
            place = f"{side_name}/{element.id}"
            for detail in _mistakes(element, layout):
                raise LayoutError(file=layout.name, place=place, detail=detail)
            if element.id in seen:
                raise LayoutError(file=layout.name, place=place, detail=N_("this id is there twice"))
            seen.add(element.id)


def _mistakes(element: AnyElement, layout: Layout) -> Iterator[object]:
    """Yield what is wrong with an element, as ``detail`` of an error; a text comes as its message id."""
    try:
        unknown = (fields_shown(element) | set(element.needs)) - set(FIELD_NAMES)
        if element.when:
            compiled(element.when)
    except LayoutError as error:
        yield error.params["detail"]
        return
    if unknown:
        yield Message(NO_FIELD, {"field": min(unknown)})
    if not isinstance(element, Line | MagneticTracks) and min(element.box.width_mm, element.box.height_mm) <= 0:
        yield N_("the box has no area")
    if isinstance(element, Text) and element.floor_pt > element.size_pt:
        yield N_("min_size_pt is larger than size_pt")
    if isinstance(element, Image) and element.source not in layout.files:
        yield Message(N_("the picture {name} is not in the layout"), {"name": element.source})
    yield from _layer_mistakes(element)


def _layer_mistakes(element: AnyElement) -> Iterator[object]:
    # Black made of the colour panels is less sharp, and infrared scanners do not see it at all.
    if isinstance(element, Code) and element.layer is not Layer.RESIN:
        yield N_("a code for machines has to be printed in resin")
    if element.layer is not Layer.COLOUR and isinstance(element, Zone | MagneticTracks):
        yield N_("a zone or the stripe's contents is on no panel")
    if element.layer is Layer.OVERLAY and not isinstance(element, Shape | Text | Image | EscLogo):
        yield N_("only shapes, texts and pictures can be left out of the overlay")
    if element.layer is Layer.UV and isinstance(element, Logo):
        yield N_("the institution's logo can't be printed in UV; give the layout a picture of it")
    if element.layer is Layer.RESIN and isinstance(element, Photo | GhostImage | Logo):
        yield N_("portraits and logos can't be printed in resin")
    if element.layer is not Layer.COLOUR:
        yield from _ink_mistakes(element)


def _ink_mistakes(element: AnyElement) -> Iterator[object]:
    """Yield colours on a panel that has none: what is drawn there is ink, or not."""
    if isinstance(element, Text | Line) and element.colour != BLACK:
        yield Message(N_("a panel without colours takes #000000 only, not {colour}"), {"colour": element.colour})
    if isinstance(element, EscLogo) and element.colour is not EscLogoColour.BLACK:
        yield Message(
            N_("a panel without colours takes the logo in black only, not in {colour}"), {"colour": element.colour}
        )
    if isinstance(element, Shape) and (element.fill != BLACK or element.fill_to is not None or element.opacity < 1):
        yield N_("a shape on a panel without colours is #000000, without gradient or opacity")
