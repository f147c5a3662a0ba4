"""What may stand on a card: each kind of element, its box in millimetres, and the panel that prints it.

The origin is the card's upper left corner, x to the right, y down; sizes are those of ID-1 (ISO/IEC 7810). What reaches
over the card's edge, or touches it, is continued into the printer's bleed. Nothing here draws; ``station.render`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

CARD_WIDTH_MM = 85.60
CARD_HEIGHT_MM = 53.98
ESC_BLUE = "#2c4390"
BLACK = "#000000"
WHITE = "#ffffff"

# How far an element's content is turned in its box, clockwise, in degrees.
Turn = Literal[0, 90, 180, 270]


class Layer(StrEnum):
    """Which ribbon panel prints an element; ``overlay`` is where the clear overlay is left out."""

    COLOUR = "colour"
    RESIN = "resin"
    OVERLAY = "overlay"
    UV = "uv"


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


class Fit(StrEnum):
    """How a picture fills its box: ``whole``, with room left over, or ``cover``, cut around its middle."""

    WHOLE = "whole"
    COVER = "cover"


class EscLogoForm(StrEnum):
    """The two shapes of the European Student Card's logo, named after the mark that it makes with the QR code.

    ``vertical`` is the wide one (33:6), which stands above the code; ``horizontal`` the tall one (20:33), which stands
    to its right.
    """

    VERTICAL = "vertical"
    HORIZONTAL = "horizontal"


class EscLogoColour(StrEnum):
    """The colours in which the European Student Card's logo may be shown."""

    BLUE = "blue"
    WHITE = "white"
    BLACK = "black"


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


NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One thing on a side.

    It is left out when one of the fields that it ``needs`` is empty, or when the expression ``when`` (over the fields)
    comes to nothing; ``when`` empty is always. A colour is ``#rrggbb`` or a name: ``accent`` and what is derived from
    it (see ``station.render.colour``).
    """

    id: str
    box: Box
    layer: Layer = Layer.COLOUR
    needs: tuple[str, ...] = ()
    when: str = ""


# --- texts and pictures -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Element):
    """A text with ``{named}`` fields: set at ``size_pt``, shrunk to ``min_size_pt``, then wrapped to ``max_lines``.

    ``language`` (ISO 639-1, such as ``tr``) decides how ``upper`` makes capitals, where languages differ; empty lets
    the letters themselves tell.
    """

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
    language: str = ""
    turn: Turn = 0

    @property
    def floor_pt(self) -> float:
        """Return the smallest size that the designer allows."""
        return self.size_pt if self.min_size_pt is None else self.min_size_pt


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo(Element):
    """The portrait, cut to the box's ratio around its middle."""

    corner_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GhostImage(Element):
    """The portrait once more, small and pale, against a swapped photo; in ``grey`` or its colours, or seen in UV only.

    ``opacity`` goes from 0 (the ground alone) to 1 (as strong as the portrait).
    """

    opacity: float = 0.3
    grey: bool = True
    corner_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Element):
    """A picture that comes with the layout: PNG, JPEG, SVG, or a page of a PDF (``page`` counts from 1).

    On a layer without colours the picture's dark and opaque parts are the ink.
    """

    source: str
    fit: Fit = Fit.WHOLE
    page: int = 1
    opacity: float = 1.0


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
    """A straight line from the box's upper left to its lower right corner, or ``rising`` from the lower left."""

    colour: str = BLACK
    stroke_mm: float = 0.2
    rising: bool = False


# --- codes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Element):
    """A code for machines: its text with ``{named}`` fields, in whole printer dots, centred with its quiet zone.

    ``min_dots`` is how many dots the narrowest bar or module must have, ``quiet_modules`` the width of the clear zone
    around it. A code whose text comes to nothing is left out.
    """

    layer: Layer = Layer.RESIN
    text: str
    min_dots: int = 2
    quiet_modules: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Qr(Code):
    """The QR code of the European Student Card: version 4, error correction M, black on white."""

    text: str = "{qr}"
    min_dots: int = 3
    quiet_modules: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Code128(Code):
    """A Code 128 (ISO/IEC 15417): letters, digits and signs of ASCII; its quiet zone is 10 modules on both ends."""

    quiet_modules: int = 10
    turn: Turn = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ean13(Code):
    """An EAN-13 (ISO/IEC 15420): 12 digits, or 13 with their check digit; 11 clear modules on the left, 7 right."""

    quiet_modules: int = 11
    turn: Turn = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdf417(Code):
    """A PDF417 (ISO/IEC 15438): a few hundred characters; ``columns`` of words, 0 to choose what fills the box best."""

    quiet_modules: int = 2
    columns: int = 0
    turn: Turn = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMatrix(Code):
    """A square Data Matrix (ISO/IEC 16022, ECC 200)."""

    min_dots: int = 3
    quiet_modules: int = 1


# --- marks, zones, the stripe's contents ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EscLogo(Element):
    """The European Student Card's logo: the artwork that the institution has put in, else a plainly marked stand-in.

    The artwork is the Commission's and does not come with the station.
    """

    form: EscLogoForm = EscLogoForm.VERTICAL
    colour: EscLogoColour = EscLogoColour.BLUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone(Element):
    """A place that must stay clear: never printed, shown in previews only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HologramZone(Zone):
    """Where the hologram is applied, or was printed by the card's maker (no longer needed for the ESC since 2025)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureZone(Zone):
    """Where the holder signs: no overlay there, for ink doesn't hold on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeZone(Zone):
    """Where the magnetic stripe lies (ISO/IEC 7811): no overlay there either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipZone(Zone):
    """Where the chip's contacts lie (ISO/IEC 7816-2): an overlay would insulate them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MagneticTracks(Element):
    """What the printer writes on the magnetic stripe (ISO/IEC 7811), as texts with ``{named}`` fields; never drawn.

    Track 1 takes capitals, digits and signs (76 at most), track 2 digits and ``=`` (37), track 3 the same (104). Start
    and end sentinels and the check character are the printer's to add.
    """

    box: Box = NOWHERE
    track1: str = ""
    track2: str = ""
    track3: str = ""


AnyCode = Qr | Code128 | Ean13 | Pdf417 | DataMatrix
AnyZone = HologramZone | SignatureZone | StripeZone | ChipZone
AnyElement = Text | Photo | GhostImage | Image | Logo | Shape | Line | AnyCode | EscLogo | AnyZone | MagneticTracks


def templates_of(element: AnyElement) -> tuple[str, ...]:
    """Return the texts of an element that may name fields, in the order in which they are shown or written."""
    if isinstance(element, Text | Code):
        return (element.text,)
    if isinstance(element, MagneticTracks):
        return element.track1, element.track2, element.track3
    return ()
