"""How each kind of element gets onto the planes of one side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image as Pictures
from PIL import ImageDraw

from station.domain import elements as el
from station.domain import layout as lay
from station.domain.errors import LayoutError
from station.domain.expression_functions import Value
from station.render import picture
from station.render.colour import BLACK, DEFAULT_ACCENT, Rgb, off_resin, palette, resolved
from station.render.fonts import FontBook, bundled_book
from station.render.qr import draw_code
from station.render.raster import Raster, hardened
from station.render.text import SetText, draw_text, set_text

ESC_LOGO_INKS = {
    el.EscLogoColour.BLUE: el.ESC_BLUE,
    el.EscLogoColour.WHITE: el.WHITE,
    el.EscLogoColour.BLACK: el.BLACK,
}
STRIPE: Rgb = (38, 36, 36)


@dataclass(frozen=True, slots=True)
class Brand:
    """What an institution changes in any layout: its accent colour (``#rrggbb``) and its logo (PNG or JPEG)."""

    accent: str = DEFAULT_ACCENT
    logo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Planes:
    """The colours (``RGB``) and the resin of one side: ``1`` for a printer, ``L`` with soft edges for a preview."""

    colour: Pictures.Image
    resin: Pictures.Image

    @classmethod
    def blank(cls, raster: Raster, *, soft: bool) -> Planes:
        """Return a white side."""
        return cls(Pictures.new("RGB", raster.size, (255, 255, 255)), Pictures.new("L" if soft else "1", raster.size))

    @property
    def soft(self) -> bool:
        """Tell whether this is a preview."""
        return self.resin.mode == "L"

    def composite(self) -> Pictures.Image:
        """Return what the eye will see: resin over colour."""
        seen = self.colour.copy()
        seen.paste(BLACK, mask=self.resin)
        return seen


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into a layout for one card; ``layout`` is its name, for messages."""

    layout: str
    values: Mapping[str, Value]
    portrait: bytes | None
    brand: Brand
    book: FontBook
    files: Mapping[str, bytes]


def book_of(files: Mapping[str, bytes]) -> FontBook:
    """Return the fonts for a layout with these files: its own before the bundled ones."""
    own = {name: data for name, data in files.items() if name.lower().endswith((".ttf", ".otf"))}
    return _own_book(tuple(sorted(own.items()))) if own else bundled_book()


@lru_cache(maxsize=8)
def _own_book(files: tuple[tuple[str, bytes], ...]) -> FontBook:
    return FontBook(dict(files))


def paint(planes: Planes, element: el.AnyElement, content: Content, raster: Raster) -> None:
    """Draw one element.

    Raises:
        LayoutError: it names a colour, font or picture that is not there, or its QR code doesn't fit.
        PortraitError: the portrait is not a picture.
    """
    try:
        _PAINTERS[type(element)](planes, element, content, raster)
    except LayoutError as error:
        raise LayoutError(file=content.layout, place=element.id, detail=error.params["detail"]) from error


def setting_of(element: el.Text, content: Content) -> SetText:
    """Return an element's text as it will stand in its box."""
    return _set(element, lay.filled(element.text, content.values), content.book)


@lru_cache(maxsize=1024)
def _set(element: el.Text, text: str, book: FontBook) -> SetText:
    return set_text(element, text, book)


def _text(planes: Planes, element: el.Text, content: Content, raster: Raster) -> None:
    setting = setting_of(element, content)
    if element.layer is el.Layer.RESIN:
        draw_text(planes.resin, setting, raster, 255)
    else:
        draw_text(planes.colour, setting, raster, off_resin(resolved(element.colour, content.brand.accent)))


def _photo(planes: Planes, element: el.Photo, content: Content, raster: Raster) -> None:
    dots = raster.dots(element.box, bleed=True)
    size = (dots[2] - dots[0], dots[3] - dots[1])
    if content.portrait is None:
        colours = palette(content.brand.accent)
        photo = picture.silhouette(size, colours["accent_weak"], colours["accent_tint"])
    else:
        photo = picture.portrait(content.portrait, size, raster.stretch)
    form = picture.Form(corner=raster.down_px(element.corner_mm))
    planes.colour.paste(photo, dots[:2], picture.mask(size, form, raster.stretch))


def _image(planes: Planes, element: el.Image, content: Content, raster: Raster) -> None:
    source = picture.artwork(element.source, content.files[element.source])
    picture.place_whole(planes.colour, source, raster.dots(element.box, bleed=True), raster.stretch)


def _logo(planes: Planes, element: el.Logo, content: Content, raster: Raster) -> None:
    if content.brand.logo is not None:
        source = picture.artwork("logo", content.brand.logo)
        picture.place_whole(planes.colour, source, raster.dots(element.box, bleed=True), raster.stretch)
        return
    tile = el.Shape(id=element.id, box=element.box, fill=element.tile, corner_mm=element.corner_mm)
    _shape(planes, tile, content, raster)
    letter = el.Text(
        id=element.id,
        box=element.box,
        layer=el.Layer.COLOUR,
        text=next((c for c in str(content.values["institution"]) if c.isalnum()), "").upper(),
        weight=el.Weight.BOLD,
        size_pt=element.box.height_mm * 1.9,
        min_size_pt=3.0,
        colour=element.ink,
        align=el.Align.CENTRE,
        valign=el.VerticalAlign.MIDDLE,
    )
    _text(planes, letter, content, raster)


def _shape(planes: Planes, element: el.Shape, content: Content, raster: Raster) -> None:
    dots = raster.dots(element.box, bleed=True)
    size = (dots[2] - dots[0], dots[3] - dots[1])
    form = picture.Form(
        ellipse=element.kind is el.ShapeKind.ELLIPSE,
        corner=raster.down_px(element.corner_mm),
        stroke=None if element.stroke_mm is None else raster.down_px(element.stroke_mm),
        level=round(255 * element.opacity),
    )
    mask = picture.mask(size, form, raster.stretch)
    if element.layer is el.Layer.RESIN:
        planes.resin.paste(255, dots, mask if mask is None or planes.soft else hardened(mask))
        return
    first = off_resin(resolved(element.fill, content.brand.accent))
    if element.fill_to is None:
        planes.colour.paste(first, dots, mask)
    else:
        last = off_resin(resolved(element.fill_to, content.brand.accent))
        planes.colour.paste(picture.gradient(size, first, last), dots[:2], mask)


def _line(planes: Planes, element: el.Line, content: Content, raster: Raster) -> None:
    box = element.box
    ends = (
        round(raster.x_px(box.x_mm)),
        round(raster.y_px(box.y_mm)),
        round(raster.x_px(box.right_mm)),
        round(raster.y_px(box.bottom_mm)),
    )
    stroke = max(1, round(raster.down_px(element.stroke_mm)))
    if element.layer is el.Layer.RESIN:
        ImageDraw.Draw(planes.resin).line(ends, fill=255, width=stroke)
    else:
        ink = off_resin(resolved(element.colour, content.brand.accent))
        ImageDraw.Draw(planes.colour).line(ends, fill=ink, width=stroke)


def _esc_logo(planes: Planes, element: el.EscLogo, content: Content, raster: Raster) -> None:
    """Draw the words in a frame: nobody takes it for the official artwork, which goes in as a picture instead."""
    box = element.box
    ink = ESC_LOGO_INKS[element.colour]
    frame = el.Shape(id=element.id, box=box, layer=element.layer, fill=ink, corner_mm=box.height_mm / 6, stroke_mm=0.18)
    _shape(planes, frame, content, raster)
    inset = box.height_mm * 0.1
    mark = el.Text(
        id=element.id,
        box=el.Box(box.x_mm + inset, box.y_mm + inset, box.width_mm - 2 * inset, box.height_mm - 2 * inset),
        layer=element.layer,
        text="EUROPEAN\nSTUDENT CARD",
        weight=el.Weight.BOLD,
        size_pt=box.height_mm * 1.25,
        min_size_pt=2.0,
        colour=ink,
        align=el.Align.CENTRE,
        valign=el.VerticalAlign.MIDDLE,
        max_lines=2,
        leading=1.1,
        tracking_em=0.02,
    )
    _text(planes, mark, content, raster)


def _qr(planes: Planes, element: el.Qr, content: Content, raster: Raster) -> None:
    text = lay.filled(element.text, content.values)
    if text:
        draw_code(planes.colour, planes.resin, element, text, raster)


def _stripe(planes: Planes, element: el.StripeZone, content: Content, raster: Raster) -> None:
    del content
    if planes.soft:
        planes.colour.paste(STRIPE, raster.dots(element.box, bleed=True))


def _nothing(planes: Planes, element: el.AnyElement, content: Content, raster: Raster) -> None:
    """Draw nothing: what is written on the stripe is not seen."""


# Each painter takes its own kind of element, which a table of callables can't say.
_PAINTERS: dict[type[el.Element], Callable[[Planes, Any, Content, Raster], None]] = {
    el.Text: _text,
    el.Photo: _photo,
    el.Image: _image,
    el.Logo: _logo,
    el.Shape: _shape,
    el.Line: _line,
    el.Qr: _qr,
    el.EscLogo: _esc_logo,
    el.StripeZone: _stripe,
    el.MagneticTracks: _nothing,
    el.GhostImage: _nothing,
    el.Code128: _nothing,
    el.Ean13: _nothing,
    el.Pdf417: _nothing,
    el.DataMatrix: _nothing,
    el.HologramZone: _nothing,
    el.SignatureZone: _nothing,
    el.ChipZone: _nothing,
}
