"""Texts that run into each other, and what lies hidden below something that was put there later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from station.domain.elements import AnyElement, Box, EscLogo, Layer, Logo, Photo, Shape, ShapeKind, Text
from station.domain.errors import N_
from station.domain.expression_functions import Value
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render.linting.task import Placed, Task, finding
from station.render.linting.texts import ink_box

_INTO_EACH_OTHER = N_("“{element}” runs into “{other}”.")
_APART = N_("Move one of them, or make its box smaller: a long name needs the room.")
_HIDDEN = N_("“{element}” lies hidden below “{other}”.")
_RAISE = N_("Put it above in the order of the elements, or move one of them.")
_SOURCE = "Our own: what is printed is there to be seen"
# Letters may touch the room of their neighbours' accents and tails; this much is seen.
_SEEN_MM = 0.3
_OPAQUE = 0.9


def texts(task: Task) -> Iterator[LintFinding]:
    """Yield texts whose letters run into those of another text on the card of one of the samples."""
    placed = [each for each in task.elements if isinstance(each.element, Text) and _is_seen(each.element)]
    shown = {each: {id(values) for values in task.shown(each)} for each in placed}
    for one, other in combinations(placed, 2):
        if one.side != other.side or not one.element.box.meets(other.element.box):
            continue
        for values in task.values:
            both = id(values) in shown[one] and id(values) in shown[other]
            if both and _meet(_ink(task, one, values), _ink(task, other, values)):
                params: dict[str, object] = {"element": other.element.id, "other": one.element.id}
                words = Message(_INTO_EACH_OTHER, params), Message(_APART)
                yield finding("element/overlap", Level.WARNING, words, _SOURCE, other)
                break


def hidden(task: Task) -> Iterator[LintFinding]:
    """Yield what is in colour and wholly below a thing of colour that lets nothing through."""
    for below in task.elements:
        if below.element.layer is not Layer.COLOUR or not isinstance(below.element, Text | Photo | Logo | EscLogo):
            continue
        for above in task.elements:
            later = above.side == below.side and above.order > below.order
            if later and _lets_nothing_through(above.element) and _covers(above.element.box, below.element.box):
                params: dict[str, object] = {"element": below.element.id, "other": above.element.id}
                words = Message(_HIDDEN, params), Message(_RAISE)
                # What is only sometimes there may be meant to take the other's place.
                sometimes = bool(above.element.needs or above.element.when)
                level = Level.NOTE if sometimes else Level.ERROR
                yield finding("element/hidden", level, words, _SOURCE, below)


def _is_seen(element: AnyElement) -> bool:
    return element.layer in (Layer.COLOUR, Layer.RESIN)


def _ink(task: Task, placed: Placed, values: Mapping[str, Value]) -> Box:
    return ink_box(task, placed.element, values) if isinstance(placed.element, Text) else placed.element.box


def _meet(one: Box, other: Box) -> bool:
    across = min(one.right_mm, other.right_mm) - max(one.x_mm, other.x_mm)
    down = min(one.bottom_mm, other.bottom_mm) - max(one.y_mm, other.y_mm)
    return across > _SEEN_MM and down > _SEEN_MM


def _lets_nothing_through(element: AnyElement) -> bool:
    if element.layer is not Layer.COLOUR:
        return False
    if isinstance(element, Shape):
        solid = element.stroke_mm is None and element.opacity >= _OPAQUE
        return solid and element.kind is ShapeKind.RECTANGLE
    return isinstance(element, Photo)


def _covers(above: Box, below: Box) -> bool:
    return (
        above.x_mm <= below.x_mm
        and above.y_mm <= below.y_mm
        and above.right_mm >= below.right_mm
        and above.bottom_mm >= below.bottom_mm
    )
