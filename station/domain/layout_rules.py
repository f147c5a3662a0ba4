"""Whether a layout can be drawn as it says, before a card depends on it."""

from __future__ import annotations

from collections.abc import Iterator

from station.domain.errors import N_, LayoutError
from station.domain.layout import (
    BLACK,
    FIELD_NAMES,
    NO_FIELD,
    AnyElement,
    EscLogo,
    Image,
    Layer,
    Layout,
    Line,
    Qr,
    Shape,
    Text,
    fields_shown,
)
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
    except LayoutError as error:
        yield error.params["detail"]
        return
    if unknown:
        yield Message(NO_FIELD, {"field": min(unknown)})
    if not isinstance(element, Line) and min(element.box.width_mm, element.box.height_mm) <= 0:
        yield N_("the box has no area")
    if isinstance(element, Text) and element.floor_pt > element.size_pt:
        yield N_("min_size_pt is larger than size_pt")
    if isinstance(element, Image) and element.source not in layout.files:
        yield Message(N_("the picture {name} is not in the layout"), {"name": element.source})
    yield from _layer_mistakes(element)


def _layer_mistakes(element: AnyElement) -> Iterator[object]:
    if isinstance(element, Qr) and element.layer is not Layer.RESIN:
        yield N_("the QR code has to be printed in resin")
    if element.layer is not Layer.RESIN:
        return
    if not isinstance(element, Text | Qr | Line | Shape | EscLogo):
        yield N_("only texts, codes, lines and shapes can be printed in resin")
    if isinstance(element, Text | Line | EscLogo) and element.colour != BLACK:
        yield Message(N_("resin prints #000000 only, not {colour}"), {"colour": element.colour})
    if isinstance(element, Shape) and (element.fill != BLACK or element.fill_to is not None or element.opacity < 1):
        yield N_("a shape in resin is #000000, without gradient or opacity")
