"""What can be set of what is selected: each property with its name, kind, limits and value, for a form.

Of several elements those properties are shown that all of them have; where they differ the value is ``MIXED``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from station.domain.elements import (
    Align,
    AnyElement,
    Box,
    EscLogoColour,
    EscLogoForm,
    Fit,
    Layer,
    MagneticTracks,
    ShapeKind,
    Text,
    VerticalAlign,
    Weight,
)
from station.domain.errors import N_
from station.domain.layout import FIELD_NAMES, Layout
from station.services.designing import family_of, is_font, layers_of


class Kind(StrEnum):
    """How a property is edited."""

    LENGTH = "length"
    NUMBER = "number"
    COUNT = "count"
    PERCENT = "percent"
    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    SIGNS = "signs"
    COLOUR = "colour"
    SWITCH = "switch"
    FIELDS = "fields"


class Mixed:
    """Stands for a value that is not the same for all."""


MIXED = Mixed()


@dataclass(frozen=True, slots=True)
class Property:
    """One line of the form.

    ``limits`` are the least and the largest number and the step; ``choices`` values with their names. ``nothing`` names
    the value ``None`` where that is allowed.
    """

    name: str
    label: str
    kind: Kind
    value: object
    limits: tuple[float, float, float] = (0.0, 0.0, 0.0)
    choices: tuple[tuple[object, str], ...] = ()
    nothing: str = ""
    unit: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Properties that belong together, under a title."""

    title: str
    properties: tuple[Property, ...]


def sections_of(elements: Sequence[AnyElement], boxes: Sequence[Box], layout: Layout) -> tuple[Section, ...]:
    """Return the form for what is selected; ``boxes`` are where they are at this moment, dragged or not."""
    if not elements:
        return ()
    found = []
    if not any(isinstance(element, MagneticTracks) for element in elements):
        found.append(Section(N_("Place, in mm"), tuple(_place(boxes))))
    names = set.intersection(*({field.name for field in fields(element)} for element in elements))
    for title, group in _GROUPS:
        shown = [_property(each, elements, layout) for each in group if each.name in names]
        if shown:
            found.append(Section(title, tuple(shown)))
    found.append(Section(N_("Printing"), tuple(_printing(elements))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Line:
    """A property as it is the same for every element that has it."""

    name: str
    label: str
    kind: Kind
    limits: tuple[float, float, float] = (0.0, 0.0, 0.0)
    choices: tuple[tuple[object, str], ...] = ()
    nothing: str = ""
    unit: str = ""


_K = Kind
_ALIGNS = ((Align.LEFT, N_("Left")), (Align.CENTRE, N_("Centre")), (Align.RIGHT, N_("Right")))
_VALIGNS = (
    (VerticalAlign.TOP, N_("Top")), (VerticalAlign.MIDDLE, N_("Middle")), (VerticalAlign.BOTTOM, N_("Bottom")),
)  # fmt: skip
_WEIGHTS = (
    (Weight.REGULAR, N_("Regular")),
    (Weight.MEDIUM, N_("Medium")),
    (Weight.SEMIBOLD, N_("Semibold")),
    (Weight.BOLD, N_("Bold")),
)
_TURNS = ((0, "0°"), (90, "90°"), (180, "180°"), (270, "270°"))
_KINDS = ((ShapeKind.RECTANGLE, N_("Rectangle")), (ShapeKind.ELLIPSE, N_("Ellipse")))
_FITS = ((Fit.WHOLE, N_("Whole")), (Fit.COVER, N_("Fill the box")))
_FORMS = ((EscLogoForm.VERTICAL, N_("Wide, above the code")), (EscLogoForm.HORIZONTAL, N_("Tall, beside the code")))
_INKS = (
    (EscLogoColour.BLUE, N_("Blue")), (EscLogoColour.WHITE, N_("White")), (EscLogoColour.BLACK, N_("Black")),
)  # fmt: skip
LAYERS = {
    Layer.COLOUR: N_("Colour"),
    Layer.RESIN: N_("Black resin (K)"),
    Layer.OVERLAY: N_("Hole in the overlay"),
    Layer.UV: N_("UV"),
}
_GROUPS: tuple[tuple[str, tuple[_Line, ...]], ...] = (
    (
        N_("Contents"),
        (
            _Line("text", N_("Text"), _K.TEXT),
            _Line("track1", N_("Track 1"), _K.LINE),
            _Line("track2", N_("Track 2"), _K.LINE),
            _Line("track3", N_("Track 3"), _K.LINE),
            _Line("source", N_("Picture"), _K.CHOICE),
            _Line("page", N_("Page"), _K.COUNT, (1, 999, 1)),
            _Line("fit", N_("Fit"), _K.CHOICE, choices=_FITS),
            _Line("form", N_("Shape"), _K.CHOICE, choices=_FORMS),
            _Line("kind", N_("Shape"), _K.CHOICE, choices=_KINDS),
        ),
    ),
    (
        N_("Letters"),
        (
            _Line("family", N_("Font"), _K.CHOICE),
            _Line("weight", N_("Weight"), _K.CHOICE, choices=_WEIGHTS),
            _Line("size_pt", N_("Size"), _K.NUMBER, (2, 200, 0.5), unit="pt"),
            _Line("min_size_pt", N_("Not below"), _K.NUMBER, (2, 200, 0.5), nothing=N_("as large"), unit="pt"),
            _Line("max_lines", N_("Lines"), _K.COUNT, (1, 20, 1)),
            _Line("align", N_("Align"), _K.SIGNS, choices=_ALIGNS),
            _Line("valign", N_("In its box"), _K.SIGNS, choices=_VALIGNS),
            _Line("leading", N_("Line spacing"), _K.NUMBER, (0.8, 3, 0.02)),
            _Line("tracking_em", N_("Letter spacing"), _K.NUMBER, (-0.1, 1, 0.01), unit="em"),
            _Line("upper", N_("CAPITALS"), _K.SWITCH),
        ),
    ),
    (
        N_("Look"),
        (
            _Line("colour", N_("Colour"), _K.COLOUR),
            _Line("fill", N_("Fill"), _K.COLOUR),
            _Line("fill_to", N_("Fading to"), _K.COLOUR, nothing=N_("none")),
            _Line("tile", N_("Tile"), _K.COLOUR),
            _Line("ink", N_("Letter"), _K.COLOUR),
            _Line("stroke_mm", N_("Stroke"), _K.LENGTH, (0.05, 20, 0.05), nothing=N_("filled"), unit="mm"),
            _Line("corner_mm", N_("Round corners"), _K.LENGTH, (0, 50, 0.1), unit="mm"),
            _Line("opacity", N_("Opacity"), _K.PERCENT, (0, 100, 5), unit="%"),
            _Line("grey", N_("Grey"), _K.SWITCH),
            _Line("turn", N_("Turned"), _K.SIGNS, choices=_TURNS),
            _Line("columns", N_("Columns"), _K.COUNT, (0, 30, 1)),
            _Line("min_dots", N_("Dots a module"), _K.COUNT, (2, 20, 1)),
            _Line("quiet_modules", N_("Quiet zone"), _K.COUNT, (0, 20, 1)),
        ),
    ),
)


def _place(boxes: Sequence[Box]) -> Iterable[Property]:
    for name, label, limits in (
        ("x_mm", N_("X"), (-200.0, 200.0, 0.1)),
        ("y_mm", N_("Y"), (-200.0, 200.0, 0.1)),
        ("width_mm", N_("Width"), (0.0, 200.0, 0.1)),
        ("height_mm", N_("Height"), (0.0, 200.0, 0.1)),
    ):
        value = _common([getattr(box, name) for box in boxes])
        yield Property(name, label, Kind.LENGTH, value, limits)


def _property(line: _Line, elements: Sequence[AnyElement], layout: Layout) -> Property:
    value = _common([getattr(element, line.name) for element in elements])
    choices, kind, nothing = line.choices, line.kind, line.nothing
    if line.name == "source":
        choices = tuple((name, name) for name in layout.files if not is_font(name))
    elif line.name == "family":
        choices = tuple((name, name) for name in families(layout, elements))
    # The European Student Card's logo may be shown in three colours and no other.
    elif line.name == "colour" and isinstance(value, EscLogoColour | Mixed):
        kind, choices = (Kind.CHOICE, _INKS) if isinstance(value, EscLogoColour) else (kind, choices)
    if line.name == "stroke_mm" and any(type(element).__name__ == "Line" for element in elements):
        nothing = ""  # a line without a stroke is no line
    return Property(line.name, line.label, kind, value, line.limits, choices, nothing, line.unit)


def _printing(elements: Sequence[AnyElement]) -> Iterable[Property]:
    layers = [layer for layer in Layer if all(layer in layers_of(element) for element in elements)]
    if len(layers) > 1:
        value = _common([element.layer for element in elements])
        choices = tuple((layer, LAYERS[layer]) for layer in layers)
        yield Property("layer", N_("Panel"), Kind.CHOICE, value, choices=choices)
    when = _common([element.when for element in elements])
    yield Property("when", N_("Only if"), Kind.LINE, when, hint=N_("always; or e.g. level_code == 'DOCTORATE'"))
    needs = _common([element.needs for element in elements])
    names = tuple((name, name) for name in FIELD_NAMES)
    yield Property("needs", N_("Needs"), Kind.FIELDS, needs, choices=names, nothing=N_("nothing"))


def families(layout: Layout, elements: Sequence[AnyElement] = ()) -> tuple[str, ...]:
    """Return the fonts to choose from: the bundled ones, the layout's own, and those in use."""
    from station.render.fonts import FAMILY_NAMES

    own = {family_of(name) for name in layout.files if is_font(name)}
    used = {element.family for element in elements if isinstance(element, Text)}
    return tuple(dict.fromkeys([*FAMILY_NAMES, *sorted(own | used)]))


def _common(values: Sequence[object]) -> object:
    first = values[0]
    return first if all(value == first for value in values[1:]) else MIXED
