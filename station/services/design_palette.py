"""What can be put onto a card, each as it first looks: filled in, large enough, and where it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from station.domain.elements import (
    AnyElement,
    Box,
    ChipZone,
    Code128,
    DataMatrix,
    Ean13,
    EscLogo,
    GhostImage,
    HologramZone,
    Image,
    Layer,
    Line,
    Logo,
    MagneticTracks,
    Pdf417,
    Photo,
    Qr,
    Shape,
    ShapeKind,
    SignatureZone,
    StripeZone,
    Text,
    Weight,
)
from station.domain.errors import N_
from station.domain.snapping import on_step, tidy

_BOX = Box(0, 0, 1, 1)


class PaletteGroup(StrEnum):
    """What belongs together in the palette."""

    TEXTS = "texts"
    PICTURES = "pictures"
    SHAPES = "shapes"
    CODES = "codes"
    MARKS = "marks"
    ZONES = "zones"


GROUP_NAMES = {
    PaletteGroup.TEXTS: N_("Texts"),
    PaletteGroup.PICTURES: N_("Pictures"),
    PaletteGroup.SHAPES: N_("Shapes"),
    PaletteGroup.CODES: N_("Codes"),
    PaletteGroup.MARKS: N_("Marks"),
    PaletteGroup.ZONES: N_("Places that stay clear"),
}


@dataclass(frozen=True, slots=True)
class PaletteItem:
    """One thing to add: its name on the screen, its drawing in assets/icons, its size in millimetres.

    ``at`` is where it belongs on a card of the usual size, for what has one right place only. ``often`` is shown at
    once, the rest behind “more”.
    """

    key: str
    group: PaletteGroup
    name: str
    icon: str
    size: tuple[float, float]
    make: Callable[[], AnyElement]
    at: tuple[float, float] | None = None
    often: bool = False


def _text(text: str, name: str, size_pt: float = 8.0, **more: object) -> Callable[[], AnyElement]:
    floor = max(4.0, size_pt * 0.7)
    return lambda: replace(Text(id=name, box=_BOX, text=text, size_pt=size_pt, min_size_pt=floor), **more)  # type: ignore[arg-type]


_G = PaletteGroup
PALETTE: tuple[PaletteItem, ...] = (
    PaletteItem(
        "name", _G.TEXTS, N_("The name"), "element-name", (46, 12),
        _text("{given_names}\n{family_name}", "name", 13.0, weight=Weight.BOLD, max_lines=3, leading=1.12), often=True,
    ),
    PaletteItem("text", _G.TEXTS, N_("Text"), "element-text", (30, 4), _text("Text", "text", max_lines=2), often=True),
    PaletteItem(
        "photo", _G.PICTURES, N_("Photo"), "element-photo", (26, 33.4), lambda: Photo(id="photo", box=_BOX), often=True
    ),
    PaletteItem(
        "logo", _G.PICTURES, N_("Logo"), "element-logo", (10, 10), lambda: Logo(id="logo", box=_BOX), often=True
    ),
    PaletteItem("qr", _G.CODES, N_("QR code"), "element-qr", (17.5, 17.5), lambda: Qr(id="qr", box=_BOX), often=True),
    PaletteItem(
        "esc_logo", _G.MARKS, N_("ESC logo"), "element-esc", (22, 4), lambda: EscLogo(id="esc_logo", box=_BOX),
        often=True,
    ),
    PaletteItem(
        "rectangle", _G.SHAPES, N_("Rectangle"), "element-rectangle", (30, 15),
        lambda: Shape(id="rectangle", box=_BOX, fill="accent_weak"), often=True,
    ),
    PaletteItem(
        "line", _G.SHAPES, N_("Line"), "element-line", (40, 0), lambda: Line(id="line", box=_BOX, layer=Layer.RESIN),
        often=True,
    ),
    PaletteItem(
        "number", _G.TEXTS, N_("Student number"), "element-number", (30, 4),
        _text("{student_number}", "number", 9.0, weight=Weight.SEMIBOLD),
    ),
    PaletteItem(
        "institution", _G.TEXTS, N_("Institution"), "element-text", (60, 6),
        _text("{institution}", "institution", 11.0, weight=Weight.BOLD, max_lines=2),
    ),
    PaletteItem(
        "expires", _G.TEXTS, N_("Valid until"), "element-date", (30, 4),
        _text("{expires_on}", "expires", 9.0, weight=Weight.SEMIBOLD),
    ),
    PaletteItem("esi", _G.TEXTS, N_("ESI"), "element-number", (36, 4), _text("{esi_short}", "esi", 7.0, max_lines=2)),
    PaletteItem("escn", _G.TEXTS, N_("Card number"), "element-number", (58, 3.4), _text("{escn}", "escn", 7.0)),
    PaletteItem(
        "ghost", _G.PICTURES, N_("Ghost image"), "element-ghost", (11, 14), lambda: GhostImage(id="ghost", box=_BOX)
    ),
    PaletteItem(
        "ellipse", _G.SHAPES, N_("Ellipse"), "element-ellipse", (16, 16),
        lambda: Shape(id="ellipse", box=_BOX, kind=ShapeKind.ELLIPSE, fill="accent_weak"),
    ),
    PaletteItem(
        "code128", _G.CODES, N_("Barcode (Code 128)"), "element-barcode", (40, 9),
        lambda: Code128(id="barcode", box=_BOX, text="{student_number}"),
    ),
    PaletteItem(
        "ean13", _G.CODES, N_("Barcode (EAN-13)"), "element-barcode", (38, 14),
        lambda: Ean13(id="ean", box=_BOX, text="475000000000"),
    ),
    PaletteItem(
        "pdf417", _G.CODES, N_("PDF417"), "element-stacked", (50, 12),
        lambda: Pdf417(id="pdf417", box=_BOX, text="{student_number}"),
    ),
    PaletteItem(
        "datamatrix", _G.CODES, N_("Data Matrix"), "element-matrix", (12, 12),
        lambda: DataMatrix(id="data_matrix", box=_BOX, text="{student_number}"),
    ),
    PaletteItem(
        "hologram", _G.ZONES, N_("Hologram"), "element-zone", (12, 12), lambda: HologramZone(id="hologram", box=_BOX)
    ),
    PaletteItem(
        "signature", _G.ZONES, N_("Signature panel"), "element-zone", (50, 9),
        lambda: SignatureZone(id="signature", box=_BOX),
    ),
    # ISO/IEC 7811: 12.7 mm wide, 4 mm from the edge. ISO/IEC 7816-2: the contacts' module, with room around it.
    PaletteItem(
        "stripe", _G.ZONES, N_("Magnetic stripe"), "element-zone", (85.6, 12.7),
        lambda: StripeZone(id="stripe", box=_BOX), (0, 4),
    ),
    PaletteItem(
        "chip", _G.ZONES, N_("Chip contacts"), "element-zone", (13, 11.8), lambda: ChipZone(id="chip", box=_BOX),
        (8.6, 18),
    ),
    PaletteItem(
        "tracks", _G.ZONES, N_("Contents of the stripe"), "element-tracks", (0, 0),
        lambda: MagneticTracks(id="tracks", track2="{student_number}"), (0, 0),
    ),
)  # fmt: skip
ITEMS = {item.key: item for item in PALETTE}
_NAMES: dict[type, str] = {
    Text: N_("Text"),
    Photo: N_("Photo"),
    GhostImage: N_("Ghost image"),
    Image: N_("Picture"),
    Logo: N_("Logo"),
    Line: N_("Line"),
    Qr: N_("QR code"),
    Code128: N_("Barcode (Code 128)"),
    Ean13: N_("Barcode (EAN-13)"),
    Pdf417: N_("PDF417"),
    DataMatrix: N_("Data Matrix"),
    EscLogo: N_("ESC logo"),
    HologramZone: N_("Hologram"),
    SignatureZone: N_("Signature panel"),
    StripeZone: N_("Magnetic stripe"),
    ChipZone: N_("Chip contacts"),
    MagneticTracks: N_("Contents of the stripe"),
}
_ICONS: dict[type, str] = {
    Text: "element-text",
    Photo: "element-photo",
    GhostImage: "element-ghost",
    Image: "element-image",
    Logo: "element-logo",
    Line: "element-line",
    Qr: "element-qr",
    Code128: "element-barcode",
    Ean13: "element-barcode",
    Pdf417: "element-stacked",
    DataMatrix: "element-matrix",
    EscLogo: "element-esc",
    MagneticTracks: "element-tracks",
}


def fresh(item: PaletteItem, centre: tuple[float, float], card: Box) -> AnyElement:
    """Return a new element around a place on the card, wholly on it where it fits."""
    width, height = min(item.size[0], card.width_mm), min(item.size[1], card.height_mm)
    if item.at is not None:
        x, y = item.at
    else:
        x, y = on_step(centre[0] - width / 2), on_step(centre[1] - height / 2)
        x, y = max(0.0, min(x, card.width_mm - width)), max(0.0, min(y, card.height_mm - height))
    return replace(item.make(), box=Box(tidy(x), tidy(y), tidy(width), tidy(height)))


def fresh_picture(source: str, ratio: float, centre: tuple[float, float], card: Box) -> Image:
    """Return a new picture of a file that the layout has, in the picture's own ratio (width to height)."""
    width = min(30.0, card.width_mm, card.height_mm * ratio)
    item = PaletteItem("image", _G.PICTURES, "", "", (round(width, 1), round(width / ratio, 1)), lambda: _BLANK_IMAGE)
    made = fresh(item, centre, card)
    stem = "".join(c if c.isalnum() else "_" for c in source.rsplit(".", 1)[0].lower()).strip("_")
    return replace(_BLANK_IMAGE, id=stem or "picture", source=source, box=made.box)


_BLANK_IMAGE = Image(id="picture", box=_BOX, source="")


def kind_name(element: AnyElement) -> str:
    """Return what kind of thing an element is, as a text to translate."""
    if isinstance(element, Shape):
        return N_("Ellipse") if element.kind is ShapeKind.ELLIPSE else N_("Rectangle")
    return _NAMES[type(element)]


def icon_name(element: AnyElement) -> str:
    """Return the drawing in assets/icons that stands for an element's kind."""
    if isinstance(element, Shape):
        return "element-ellipse" if element.kind is ShapeKind.ELLIPSE else "element-rectangle"
    return _ICONS.get(type(element), "element-zone")
