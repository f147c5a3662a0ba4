"""What is printed on a card: a layout in millimetres, versioned, and the texts that go into it.

The origin is the card's upper left corner, x to the right, y down; sizes are those of ID-1 (ISO/IEC 7810). What reaches
over the card's edge, or touches it, is continued into the printer's bleed. Nothing here draws; ``station.render`` does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum

from station.domain.errors import N_, LayoutError
from station.domain.escn import QR_PREFIX, qr_text
from station.domain.holder import AcademicLevel, Holder
from station.domain.message import Message

CARD_WIDTH_MM = 85.60
CARD_HEIGHT_MM = 53.98
ESC_BLUE = "#2c4390"
BLACK = "#000000"


class Layer(StrEnum):
    """Which ribbon panel prints an element: the colours, or the black resin that machines can read."""

    COLOUR = "colour"
    RESIN = "resin"


class Weight(StrEnum):
    """How heavy the letters are."""

    REGULAR = "regular"
    MEDIUM = "medium"
    SEMIBOLD = "semibold"
    BOLD = "bold"


class Align(StrEnum):
    """Where a line of text stands in its box."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class VerticalAlign(StrEnum):
    """Where a block of text stands in its box."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"


class ShapeKind(StrEnum):
    """What a shape is."""

    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the card, in millimetres from its upper left corner."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float

    @property
    def right_mm(self) -> float:
        """Return where it ends on the right."""
        return self.x_mm + self.width_mm

    @property
    def bottom_mm(self) -> float:
        """Return where it ends below."""
        return self.y_mm + self.height_mm

    def meets(self, other: Box) -> bool:
        """Tell whether the two share any area."""
        beside = self.right_mm <= other.x_mm or other.right_mm <= self.x_mm
        apart = self.bottom_mm <= other.y_mm or other.bottom_mm <= self.y_mm
        return not (beside or apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One thing on a side. It is left out when one of the fields that it ``needs`` is empty.

    A colour is ``#rrggbb`` or a name: ``accent`` and what is derived from it (see ``station.render.colour``).
    """

    id: str
    box: Box
    layer: Layer = Layer.COLOUR
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Element):
    """A text with ``{named}`` fields: set at ``size_pt``, shrunk to ``min_size_pt``, then wrapped to ``max_lines``."""

    text: str
    layer: Layer = Layer.RESIN
    family: str = "Inter"
    weight: Weight = Weight.REGULAR
    size_pt: float
    min_size_pt: float | None = None
    colour: str = BLACK
    align: Align = Align.LEFT
    valign: VerticalAlign = VerticalAlign.TOP
    max_lines: int = 1
    leading: float = 1.2
    tracking_em: float = 0.0
    upper: bool = False

    @property
    def floor_pt(self) -> float:
        """Return the smallest size that the designer allows."""
        return self.size_pt if self.min_size_pt is None else self.min_size_pt


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo(Element):
    """The portrait, cut to the box's ratio around its middle."""

    corner_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Element):
    """A picture that comes with the layout, whole, as large as the box allows."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo(Element):
    """The institution's own logo; where it has given none, its first letter on a tile."""

    tile: str = "on_accent"
    ink: str = "accent"
    corner_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Element):
    """A filled or outlined area; ``fill_to`` makes a gradient from left to right."""

    kind: ShapeKind = ShapeKind.RECTANGLE
    fill: str
    fill_to: str | None = None
    corner_mm: float = 0.0
    opacity: float = 1.0
    stroke_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Element):
    """A straight line from the box's upper left to its lower right corner."""

    colour: str = BLACK
    stroke_mm: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Qr(Element):
    """The QR code, in whole printer dots, centred in its box with its quiet zone, black on white."""

    text: str = "{qr}"
    layer: Layer = Layer.RESIN
    min_dots: int = 3
    quiet_modules: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EscLogo(Element):
    """A plainly marked stand-in for the European Student Card's logo, whose artwork is the Commission's."""

    colour: str = ESC_BLUE


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeZone(Element):
    """Where the magnetic stripe lies (ISO/IEC 7811): nothing is printed there; only previews show it."""


AnyElement = Text | Photo | Image | Logo | Shape | Line | Qr | EscLogo | StripeZone


@dataclass(frozen=True, slots=True)
class Layout:
    """Both sides of a card. ``files`` are the pictures and fonts it brings; ``digest`` tells contents apart."""

    name: str
    version: int
    front: tuple[AnyElement, ...]
    back: tuple[AnyElement, ...] = ()
    width_mm: float = CARD_WIDTH_MM
    height_mm: float = CARD_HEIGHT_MM
    title: str = ""
    digest: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def reference(self) -> str:
        """Return the name and version that a card's record keeps, as in ``university/3``."""
        return f"{self.name}/{self.version}"

    @property
    def sides(self) -> tuple[tuple[AnyElement, ...], ...]:
        """Return the sides that are there, the front first."""
        return (self.front, self.back) if self.back else (self.front,)


@dataclass(frozen=True, slots=True)
class Issuer:
    """What the institution puts on every card of its own, and where its QR codes lead."""

    name: str
    name_en: str = ""
    card_title: str = "Studenta apliecība"
    card_title_en: str = "Student ID"
    address: str = ""
    contact: str = ""
    qr_address: str = QR_PREFIX


@dataclass(frozen=True, slots=True)
class CardFields:
    """Everything that may be printed, as text; the names of these fields are the names in ``{braces}``."""

    given_names: str = ""
    family_name: str = ""
    full_name: str = ""
    student_number: str = ""
    esi: str = ""
    esi_short: str = ""
    escn: str = ""
    qr: str = ""
    expires_on: str = ""
    issued_on: str = ""
    faculty: str = ""
    programme: str = ""
    level: str = ""
    level_en: str = ""
    institution: str = ""
    institution_en: str = ""
    card_title: str = ""
    card_title_en: str = ""
    address: str = ""
    contact: str = ""

    def values(self) -> dict[str, str]:
        """Return the fields by name, each in NFC."""
        return {name: unicodedata.normalize("NFC", getattr(self, name)) for name in FIELD_NAMES}


FIELD_NAMES = tuple(f.name for f in fields(CardFields))
# The same on every card of an institution, so what shows only these is drawn once.
ISSUER_FIELDS = frozenset({"institution", "institution_en", "card_title", "card_title_en", "address", "contact"})

_LEVELS = {
    AcademicLevel.BACHELOR: ("bakalaura studijas", "Bachelor"),
    AcademicLevel.MASTER: ("maģistra studijas", "Master"),
    AcademicLevel.DOCTORATE: ("doktora studijas", "Doctorate"),
}


def fields_of(holder: Holder, escn: str, expires_on: date, issuer: Issuer, issued_on: date | None = None) -> CardFields:
    """Return what this holder's card shows. ``escn`` may be empty while there is no number yet: no QR then."""
    enrolment = holder.enrolment
    level, level_en = _LEVELS[enrolment.level] if enrolment and enrolment.level else ("", "")
    return CardFields(
        given_names=holder.given_names,
        family_name=holder.family_name,
        full_name=holder.full_name,
        student_number=holder.student_number,
        esi=holder.esi or "",
        esi_short=short_esi(holder.esi or ""),
        escn=escn,
        qr=qr_text(escn, issuer.qr_address) if escn else "",
        expires_on=_day(expires_on),
        issued_on=_day(issued_on) if issued_on else "",
        faculty=enrolment.faculty if enrolment else "",
        programme=enrolment.programme if enrolment else "",
        level=level,
        level_en=level_en,
        institution=issuer.name,
        institution_en=issuer.name_en,
        card_title=issuer.card_title,
        card_title_en=issuer.card_title_en,
        address=issuer.address,
        contact=issuer.contact,
    )


def short_esi(esi: str) -> str:
    """Return an ESI without the part that every ESI begins with (``rtu.lv:051REB123``)."""
    prefix = "urn:schac:personaluniquecode:int:esi:"
    return esi[len(prefix) :] if esi.lower().startswith(prefix) else esi


def _day(day: date) -> str:
    return f"{day:%d.%m.}{day.year:04d}"


# --- texts with named places ------------------------------------------------------------------------------------


NO_FIELD = N_("there is no field {field}")
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def names_in(template: str) -> tuple[str, ...]:
    """Return the field names that a template shows, in order.

    Raises:
        LayoutError: a brace has no partner, or the place is not the bare name of a field.
    """
    return tuple(name for name, _ in _pieces(template) if name is not None)


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the template with every ``{name}`` replaced; ``{{`` and ``}}`` are braces. Nothing else is understood."""
    return "".join(text if name is None else values[name] for name, text in _pieces(template))


def _pieces(template: str) -> Iterator[tuple[str | None, str]]:
    end = 0
    for match in _PLACE.finditer(template):
        yield None, template[end : match.start()]
        end = match.end()
        if match.group() in ("{{", "}}"):
            yield None, match.group()[0]
        elif match.group(1) in FIELD_NAMES:
            yield match.group(1), ""
        else:
            raise LayoutError(file="", place=template, detail=Message(NO_FIELD, {"field": match.group()}))
    yield None, template[end:]


def fields_shown(element: AnyElement) -> frozenset[str]:
    """Return the names of the fields that an element shows."""
    return frozenset(names_in(element.text)) if isinstance(element, Text | Qr) else frozenset()


# --- what will look wrong ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """Something on this card that a person should see before it is printed; ``side`` is 0 for the front."""

    side: int
    element: str
    message: Message


TOO_SMALL = N_("“{text}” only fits at {size} pt, smaller than the layout allows ({floor} pt).")
NO_GLYPH = N_("No font of the station has the letter {letters} in “{text}”; it was replaced.")
NO_PORTRAIT = N_("There is no portrait for this card yet.")
