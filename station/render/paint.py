"""How each kind of element gets onto the planes of one side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from PIL import Image as Pictures
from PIL import ImageDraw

from station.domain import elements as el
from station.domain import layout as lay
from station.domain.errors import LayoutError
from station.domain.expression_functions import Value
from station.render import artwork, picture
from station.render.codes import draw_code, fitted, symbol_of, turn_of
from station.render.colour import BLACK, DEFAULT_ACCENT, WHITE, Rgb, mixed, off_resin, palette, resolved, rgb
from station.render.fonts import FontBook, bundled_book
from station.render.marks import ESC_LOGO_INKS, esc_artwork, leaves_hole, zone_picture
from station.render.raster import MM_PER_INCH, Dots, Raster, hardened
from station.render.text import SetText, draw_text, set_text

SEEN = frozenset({el.Layer.COLOUR, el.Layer.RESIN})
_UV_GLOW: Rgb = (64, 112, 255)
_HOLE: Rgb = (255, 160, 40)
_UNMADE: Rgb = (236, 238, 242)
_STRIP = 16
_ROTATIONS = {
    90: Pictures.Transpose.ROTATE_270,
    180: Pictures.Transpose.ROTATE_180,
    270: Pictures.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Brand:
    """What an institution changes in any layout: its accent colour (``#rrggbb``), its logo, the ESC logo's artwork.

    ``logo`` is PNG, JPEG, SVG or PDF; ``esc_logo`` is pairs of a name and such a file, the names as
    ``station.render.marks.esc_artwork`` has them.
    """

    accent: str = DEFAULT_ACCENT
    logo: bytes | None = None
    esc_logo: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Planes:
    """One side's panels: the colours (``RGB``) and, each ``1`` for a printer and ``L`` with soft edges for a preview,
    the black resin, where the overlay is left out, and what is seen in UV only.
    """

    colour: Pictures.Image
    resin: Pictures.Image
    overlay: Pictures.Image
    uv: Pictures.Image

    @classmethod
    def blank(cls, raster: Raster, *, soft: bool) -> Planes:
        """Return a white side."""
        mode = "L" if soft else "1"
        inks = (Pictures.new(mode, raster.size) for _ in range(3))
        return cls(Pictures.new("RGB", raster.size, WHITE), *inks)

    @property
    def soft(self) -> bool:
        """Tell whether this is a preview."""
        return self.resin.mode == "L"

    def ink(self, layer: el.Layer) -> Pictures.Image:
        """Return the plane of a panel without colours."""
        return {el.Layer.RESIN: self.resin, el.Layer.OVERLAY: self.overlay, el.Layer.UV: self.uv}[layer]

    def composite(self, shown: Collection[el.Layer] = SEEN) -> Pictures.Image:
        """Return what the eye will see: resin over colour; what else is ``shown`` lies on it in a colour of its own."""
        seen = self.colour.copy() if el.Layer.COLOUR in shown else Pictures.new("RGB", self.colour.size, WHITE)
        if el.Layer.RESIN in shown:
            _blacken(seen, self.resin)
        for layer, colour in ((el.Layer.UV, _UV_GLOW), (el.Layer.OVERLAY, _HOLE)):
            if layer in shown:
                seen.paste(colour, mask=self.ink(layer).convert("L").point([level // 2 for level in range(256)]))
        return seen


def _blacken(seen: Pictures.Image, ink: Pictures.Image) -> None:
    """Lay black over a picture where there is ink.

    With soft edges each dot is weighed, which takes ten times longer than hard ones do: so only strips that have any.
    """
    if ink.mode == "1":
        seen.paste(BLACK, mask=ink)
        return
    for upper in range(0, ink.height, _STRIP):
        strip = ink.crop((0, upper, ink.width, min(ink.height, upper + _STRIP)))
        if (box := strip.getbbox()) is not None:
            seen.paste(BLACK, (box[0], upper + box[1], box[2], upper + box[3]), strip.crop(box))


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

    In a preview a code that can't be made, or doesn't fit, is drawn as the field that it would take.

    Raises:
        LayoutError: it names a colour, font or picture that is not there, or its code doesn't fit.
        PortraitError: the portrait is not a picture.
    """
    try:
        _PAINTERS[type(element)](planes, element, content, raster)
    except LayoutError as error:
        raise LayoutError(file=content.layout, place=element.id, detail=error.params["detail"]) from error


# --- texts ------------------------------------------------------------------------------------------------------


def setting_of(element: el.Text, content: Content) -> SetText:
    """Return an element's text as it will stand in its box; of one that is turned, as if its box were turned back."""
    return _set(element, lay.filled(element.text, content.values), content.book)


@lru_cache(maxsize=1024)
def _set(element: el.Text, text: str, book: FontBook) -> SetText:
    if element.turn in (90, 270):
        box = element.box
        element = replace(element, box=el.Box(box.x_mm, box.y_mm, box.height_mm, box.width_mm))
    return set_text(element, text, book)


def _text(planes: Planes, element: el.Text, content: Content, raster: Raster) -> None:
    setting = setting_of(element, content)
    plane, ink = _pen(planes, element.layer, element.colour, content)
    if element.turn == 0:
        draw_text(plane, setting, raster, ink)
        return
    dots = raster.dots(element.box)
    plane.paste(ink, dots, _turned_text(setting, element, dots, raster, hard=plane.mode == "1"))


def _turned_text(setting: SetText, element: el.Text, dots: Dots, raster: Raster, *, hard: bool) -> Pictures.Image:
    """Return a text as a mask of its box, drawn upright on a raster of its own and then turned."""
    size, dpi = (dots[2] - dots[0], dots[3] - dots[1]), (raster.dpi_x, raster.dpi_y)
    if element.turn in (90, 270):
        size, dpi = size[::-1], dpi[::-1]
    box = setting.box
    # The box in the middle of a raster of just its dots; what is left over by rounding is less than one.
    local = Raster(*size, *dpi, 2 * box.x_mm + box.width_mm, 2 * box.y_mm + box.height_mm)
    mask = Pictures.new("1" if hard else "L", size)
    draw_text(mask, setting, local, 255)
    return mask.transpose(_ROTATIONS[element.turn])


# --- pictures ---------------------------------------------------------------------------------------------------


def _photo(planes: Planes, element: el.Photo, content: Content, raster: Raster) -> None:
    dots = raster.dots(element.box, bleed=True)
    photo = _portrait(content, _size(dots), raster)
    form = picture.Form(corner=raster.down_px(element.corner_mm))
    _paste_picture(planes, element, photo, dots, picture.mask(_size(dots), form, raster.stretch))


def _ghost(planes: Planes, element: el.GhostImage, content: Content, raster: Raster) -> None:
    dots = raster.dots(element.box, bleed=True)
    size = _size(dots)
    if content.portrait is None:
        pale = _portrait(content, size, raster)
    else:
        pale = picture.ghost(content.portrait, size, raster.stretch, grey=element.grey)
    form = picture.Form(corner=raster.down_px(element.corner_mm), level=round(255 * element.opacity))
    _paste_picture(planes, element, pale, dots, picture.mask(size, form, raster.stretch))


def _portrait(content: Content, size: tuple[int, int], raster: Raster) -> Pictures.Image:
    if content.portrait is None:
        colours = palette(content.brand.accent)
        return picture.silhouette(size, colours["accent_weak"], colours["accent_tint"])
    return picture.portrait(content.portrait, size, raster.stretch)


def _paste_picture(
    planes: Planes, element: el.AnyElement, photo: Pictures.Image, dots: Dots, cover: Pictures.Image | None
) -> None:
    """Paste a picture on its panel: as it is on the colours, in dots of ink elsewhere."""
    if element.layer is el.Layer.COLOUR:
        planes.colour.paste(photo, dots[:2], cover)
        return
    seen = photo.convert("RGBA")
    if cover is not None:
        seen.putalpha(cover)
    _paste_ink(planes, element.layer, seen, dots, dithered=True)


def _paste_ink(planes: Planes, layer: el.Layer, seen: Pictures.Image, dots: Dots, *, dithered: bool) -> None:
    plane = planes.ink(layer)
    ink = artwork.ink(seen, hard=not planes.soft, dithered=dithered)
    plane.paste(255, dots[:2], ink)


def _image(planes: Planes, element: el.Image, content: Content, raster: Raster) -> None:
    dots = raster.dots(element.box, bleed=True)
    data = content.files[element.source]
    seen, place = artwork.placed(data, dots, element.fit, raster.stretch, element.page)
    if element.layer is el.Layer.COLOUR:
        picture.overlaid(planes.colour, seen, place[:2], element.opacity)
    else:
        _paste_ink(planes, element.layer, seen, place, dithered=element.layer is el.Layer.UV)


def _logo(planes: Planes, element: el.Logo, content: Content, raster: Raster) -> None:
    if content.brand.logo is not None:
        dots = raster.dots(element.box, bleed=True)
        seen, place = artwork.placed(content.brand.logo, dots, el.Fit.WHOLE, raster.stretch)
        picture.overlaid(planes.colour, seen, place[:2])
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


def _esc_logo(planes: Planes, element: el.EscLogo, content: Content, raster: Raster) -> None:
    data, one_colour = esc_artwork(dict(content.brand.esc_logo), element.form, element.colour)
    seen, place = artwork.placed(data, raster.dots(element.box), el.Fit.WHOLE, raster.stretch)
    if one_colour is not None:
        seen = artwork.tinted(seen, rgb(ESC_LOGO_INKS[one_colour]))
    if element.layer is el.Layer.COLOUR:
        picture.overlaid(planes.colour, seen, place[:2])
    else:
        _paste_ink(planes, element.layer, seen, place, dithered=False)


# --- shapes -----------------------------------------------------------------------------------------------------


def _shape(planes: Planes, element: el.Shape, content: Content, raster: Raster) -> None:
    dots = raster.dots(element.box, bleed=True)
    size = _size(dots)
    form = picture.Form(
        ellipse=element.kind is el.ShapeKind.ELLIPSE,
        corner=raster.down_px(element.corner_mm),
        stroke=None if element.stroke_mm is None else raster.down_px(element.stroke_mm),
        level=round(255 * element.opacity),
    )
    mask = picture.mask(size, form, raster.stretch)
    if element.layer is not el.Layer.COLOUR:
        planes.ink(element.layer).paste(255, dots, mask if mask is None or planes.soft else hardened(mask))
        return
    first = off_resin(resolved(element.fill, content.brand.accent))
    if element.fill_to is None:
        planes.colour.paste(first, dots, mask)
    else:
        last = off_resin(resolved(element.fill_to, content.brand.accent))
        planes.colour.paste(picture.gradient(size, first, last), dots[:2], mask)


def _line(planes: Planes, element: el.Line, content: Content, raster: Raster) -> None:
    box = element.box
    plane, ink = _pen(planes, element.layer, element.colour, content)
    # A dot at least, or a fine line would be gone on a coarse printer.
    across_px = max(1, round(element.stroke_mm * raster.dpi_x / MM_PER_INCH))
    down_px = max(1, round(raster.down_px(element.stroke_mm)))
    ends = (raster.x_px(box.x_mm), raster.y_px(box.y_mm), raster.x_px(box.right_mm), raster.y_px(box.bottom_mm))
    left, upper, right, lower = (round(end) for end in ends)
    if element.rising:
        upper, lower = lower, upper
    if upper == lower:
        plane.paste(ink, (left, upper - down_px // 2, max(right, left + 1), upper - down_px // 2 + down_px))
    elif left == right:
        start = left - across_px // 2
        plane.paste(ink, (start, min(upper, lower), start + across_px, max(upper, lower)))
    else:
        mask = picture.stroke((right - left, lower - upper), down_px, raster.stretch)
        corner = (left - (mask.width - right + left) // 2, min(upper, lower) - down_px)
        place = (*corner, corner[0] + mask.width, corner[1] + mask.height)
        plane.paste(ink, place, hardened(mask) if plane.mode == "1" else mask)


def _pen(planes: Planes, layer: el.Layer, colour: str, content: Content) -> tuple[Pictures.Image, Rgb | int]:
    """Return the plane that an element is drawn on, and what it is drawn with."""
    if layer is el.Layer.COLOUR:
        return planes.colour, off_resin(resolved(colour, content.brand.accent))
    return planes.ink(layer), 255


# --- codes, zones -----------------------------------------------------------------------------------------------


def _code(planes: Planes, element: el.AnyCode, content: Content, raster: Raster) -> None:
    try:
        text = lay.filled(element.text, content.values)
        if not text:
            return
        symbol = symbol_of(element, text)
        place = fitted(symbol, element, raster, 1 if planes.soft else None)
    except LayoutError:
        if not planes.soft:
            raise
        _unmade(planes, raster.dots(element.box))
        return
    draw_code(planes.colour, planes.resin, symbol, place, turn_of(element))


def _unmade(planes: Planes, dots: Dots) -> None:
    """Cross out the field of a code that there is not."""
    planes.colour.paste(_UNMADE, dots)
    planes.resin.paste(0, dots)
    draw = ImageDraw.Draw(planes.colour)
    edge = (dots[0], dots[1], dots[2] - 1, dots[3] - 1)
    stroke = mixed(_UNMADE, BLACK, 0.4)
    draw.line(edge, fill=stroke)
    draw.line((edge[0], edge[3], edge[2], edge[1]), fill=stroke)
    draw.rectangle(edge, outline=stroke)


def _zone(planes: Planes, element: el.AnyZone, content: Content, raster: Raster) -> None:
    del content
    dots = raster.dots(element.box, bleed=True)
    if leaves_hole(element):
        planes.overlay.paste(255, dots)
    if not planes.soft:
        # What lies under it is cut out: a ground may go on below a stripe.
        planes.colour.paste(WHITE, dots)
        planes.resin.paste(0, dots)
        planes.uv.paste(0, dots)
    else:
        seen = zone_picture(element, _size(dots))
        planes.colour.paste(seen.convert("RGB"), dots[:2], seen.getchannel("A"))


def _size(dots: Dots) -> tuple[int, int]:
    return dots[2] - dots[0], dots[3] - dots[1]


def _nothing(planes: Planes, element: el.MagneticTracks, content: Content, raster: Raster) -> None:
    """Draw nothing: what is written on the stripe is not seen."""


# Each painter takes its own kind of element, which a table of callables can't say.
_PAINTERS: dict[type[el.Element], Callable[[Planes, Any, Content, Raster], None]] = {
    el.Text: _text,
    el.Photo: _photo,
    el.GhostImage: _ghost,
    el.Image: _image,
    el.Logo: _logo,
    el.Shape: _shape,
    el.Line: _line,
    el.Qr: _code,
    el.Code128: _code,
    el.Ean13: _code,
    el.Pdf417: _code,
    el.DataMatrix: _code,
    el.EscLogo: _esc_logo,
    el.HologramZone: _zone,
    el.SignatureZone: _zone,
    el.StripeZone: _zone,
    el.ChipZone: _zone,
    el.MagneticTracks: _nothing,
}
