"""From layout, texts and portrait to the bitmaps of one card, for one printer or for the eye."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from station.domain.elements import AnyCode, Code, Layer, MagneticTracks, Qr, Zone
from station.domain.errors import N_, EscnError, LayoutError
from station.domain.escn import escn_from_qr
from station.domain.expression_functions import Value
from station.domain.layout import CardFields, Layout, applies, filled
from station.domain.lint import LintFinding
from station.domain.magnetic import track_contents
from station.ports.printer import Bitmap, PrinterProfile, RenderedCard, RenderedSide
from station.render.codes import read_as
from station.render.findings import card_findings
from station.render.marks import leaves_hole
from station.render.paint import SEEN, Brand, Content, book_of
from station.render.raster import Raster, bitmap
from station.render.reading import read_in_place
from station.render.sides import DrawnSide, drawn_side


@dataclass(frozen=True, slots=True)
class View:
    """How a preview shows a card: how finely, and which panels; what the eye can't see lies over it in a colour."""

    dpi: int = 300
    shown: frozenset[Layer] = SEEN


_PLAIN = Brand()
_SCREEN = View()


@dataclass(frozen=True, slots=True)
class CheckedCard:
    """A card whose codes were all read back from the finished picture, drawn for the number ``escn``.

    ``qr`` is what its European Student Card's QR code says; empty on a card without one, as a guest's.
    """

    card: RenderedCard
    qr: str
    findings: tuple[LintFinding, ...]
    escn: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Both sides as the eye will see them, cut to the card, with soft edges; not for printing."""

    front: Bitmap
    back: Bitmap | None
    findings: tuple[LintFinding, ...]


def render_card(
    layout: Layout, fields: CardFields, portrait_jpeg: bytes | None, profile: PrinterProfile, brand: Brand = _PLAIN
) -> RenderedCard:
    """Return both sides at the printer's own raster, each panel apart, upright, and what goes onto the stripe.

    The card lies in the middle of the raster; what is around it is bleed. Zones stay clear. Where a side has no resin
    panel, its black is part of the colours; where it has nothing but resin, its colours are left out.

    Raises:
        LayoutError: the layout can't be drawn on this printer.
        PortraitError: the portrait is not a picture.
    """
    raster = Raster.of_printer(layout, profile)
    content = _content(layout, fields, portrait_jpeg, brand)
    sides = []
    for side in range(len(layout.sides)):
        drawn = drawn_side(layout, side, content, raster, soft=False)
        colour = profile.colour_back if side else profile.colour_front
        resin = profile.resin_back if side else profile.resin_front
        sides.append(_printed(drawn, _panels(layout, side), colour=colour or not resin, resin=resin))
    back = sides[1] if len(sides) > 1 else None
    size = (profile.dpi_x, profile.dpi_y, layout.width_mm, layout.height_mm)
    return RenderedCard(sides[0], back, *size, _tracks(layout, content.values))


def render_checked(
    layout: Layout, fields: CardFields, portrait_jpeg: bytes | None, profile: PrinterProfile, brand: Brand = _PLAIN
) -> CheckedCard:
    """Render, read every code back from the finished picture, and say what looks wrong.

    Raises:
        LayoutError: as ``render_card``; or a code can't be read, or says something else.
        PortraitError: as ``render_card``.
    """
    card = render_card(layout, fields, portrait_jpeg, profile, brand)
    qr = prove_codes(layout, fields, card)
    found = card_findings(layout, fields, has_portrait=portrait_jpeg is not None, brand=brand)
    return CheckedCard(card, qr, found, fields.escn)


def prove_codes(layout: Layout, fields: CardFields, card: RenderedCard) -> str:
    """Read every code of a finished card back; return what the QR code with its number says, empty without one.

    Raises:
        LayoutError: a code can't be read, or says something else.
    """
    values = fields.values()
    seen = ""
    for elements, side in zip(layout.sides, (card.front, card.back), strict=False):
        for code in elements:
            if side is None or not isinstance(code, Code) or not applies(code, values):
                continue
            if wanted := filled(code.text, values):
                _prove(layout, code, wanted, (side, card))
                # The station's own address comes first; one of the institution's own counts where it leads to this
                # number.
                if isinstance(code, Qr) and (wanted == values["qr"] or (not seen and _is_number(wanted, fields.escn))):
                    seen = wanted
    return seen


def render_preview(
    layout: Layout,
    fields: CardFields,
    portrait_jpeg: bytes | None,
    brand: Brand = _PLAIN,
    view: View = _SCREEN,
) -> Preview:
    """Return both sides for a screen: the card's own size, without bleed, with its chip, stripe and zones.

    Raises:
        LayoutError, PortraitError: as ``render_card``, but not for a code that can't be made.
    """
    raster = Raster.of_card(layout, view.dpi)
    content = _content(layout, fields, portrait_jpeg, brand)
    seen = [
        bitmap(drawn_side(layout, side, content, raster, soft=True).planes.composite(view.shown))
        for side in range(len(layout.sides))
    ]
    found = card_findings(layout, fields, has_portrait=portrait_jpeg is not None, brand=brand)
    return Preview(seen[0], seen[1] if len(seen) > 1 else None, found)


def _content(layout: Layout, fields: CardFields, portrait: bytes | None, brand: Brand) -> Content:
    return Content(layout.name, fields.values(), portrait, brand, book_of(layout.files), layout.files)


def _prove(layout: Layout, code: AnyCode, text: str, seen: tuple[RenderedSide, RenderedCard]) -> None:
    side, card = seen
    raster = Raster(
        side.composite.width_px, side.composite.height_px, card.dpi_x, card.dpi_y, card.width_mm, card.height_mm
    )
    wanted = read_as(code, text)
    read = read_in_place(side.composite, code, raster)
    if wanted not in read:
        detail = N_("the code can't be read back from the finished card")
        raise LayoutError(file=layout.name, place=code.id, detail=detail, read=", ".join(read), wanted=wanted)


def _is_number(text: str, escn: str) -> bool:
    """Tell whether a QR code leads to this card's number, and not to a page of the institution's own."""
    try:
        return escn_from_qr(text) == escn
    except EscnError:
        return False


def _panels(layout: Layout, side: int) -> frozenset[Layer]:
    """Return which of the panels that are not always there a side of the layout asks for."""
    panels = {element.layer for element in layout.sides[side]}
    if any(isinstance(element, Zone) and leaves_hole(element) for element in layout.sides[side]):
        panels.add(Layer.OVERLAY)
    return frozenset(panels)


def _printed(drawn: DrawnSide, panels: frozenset[Layer], *, colour: bool, resin: bool) -> RenderedSide:
    overlay, uv = (drawn.bitmap(layer) if layer in panels else None for layer in (Layer.OVERLAY, Layer.UV))
    if not colour:
        black = bitmap(drawn.planes.composite({Layer.RESIN}))
        white = Bitmap("RGB", black.width_px, black.height_px, b"\xff" * len(black.data))
        return RenderedSide(white, drawn.bitmap(Layer.RESIN), black, overlay, uv)
    seen = bitmap(drawn.planes.composite())
    if resin:
        return RenderedSide(drawn.bitmap(Layer.COLOUR), drawn.bitmap(Layer.RESIN), seen, overlay, uv)
    none = Bitmap("1", seen.width_px, seen.height_px, bytes((seen.width_px + 7) // 8 * seen.height_px))
    return RenderedSide(seen, none, seen, overlay, uv)


def _tracks(layout: Layout, values: Mapping[str, Value]) -> tuple[str, str, str]:
    for side in layout.sides:
        for element in side:
            if isinstance(element, MagneticTracks) and applies(element, values):
                return track_contents(element, values).tracks
    return "", "", ""
