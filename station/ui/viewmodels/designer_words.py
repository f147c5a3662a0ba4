"""How the designer's window speaks of elements and lengths."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QLocale

from station.domain.elements import AnyElement, MagneticTracks, Text
from station.domain.errors import N_
from station.services.design_palette import kind_name
from station.services.designing import FRONT, Key
from station.ui.viewmodels.designer_fields import FIELD_LABELS

Say = Callable[..., str]


def length_text(value_mm: float, text: Say, *, unit: bool = True) -> str:
    """Return a length as people read it: ``12.5 mm``, with the language's own comma."""
    number = QLocale().toString(float(value_mm), "f", 2)
    point = QLocale().decimalPoint()
    if point in number:
        number = number.rstrip("0").rstrip(point)
    return text(N_("{length} mm"), length=number) if unit else number


def element_title(element: AnyElement, text: Say) -> str:
    """Return what an element is called in the list: what it says, with its fields by their names, else its kind."""
    if isinstance(element, Text) and element.text.strip():
        return " ".join(_FIELD.sub(lambda field: text(FIELD_LABELS[field[1]]), element.text).split())
    return text(kind_name(element))


_FIELD = re.compile(r"\{(" + "|".join(FIELD_LABELS) + r")\}")


def spoken_element(key: Key, element: AnyElement, text: Say) -> str:
    """Return what a screen reader says of an element: kind, name, side, place and size."""
    side = text(N_("front")) if key[0] == FRONT else text(N_("back"))
    said = f"{text(kind_name(element))} {element.id}, {side}"
    if isinstance(element, MagneticTracks):
        return said
    box = element.box
    place = text(
        N_("{x} from the left, {y} from the top, {width} wide, {height} high"),
        x=length_text(box.x_mm, text),
        y=length_text(box.y_mm, text),
        width=length_text(box.width_mm, text),
        height=length_text(box.height_mm, text),
    )
    return f"{said}, {place}"
