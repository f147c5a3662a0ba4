"""From layout, texts and portrait to the bitmaps of one card, for one printer or for the eye."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from station.domain.elements import AnyElement, Layer, Photo, Qr
from station.domain.errors import N_, LayoutError
from station.domain.expression_functions import Value
from station.domain.layout import (
    ISSUER_FIELDS,
    CardFields,
    Layout,
    applies,
    fields_shown,
    filled,
)
from station.domain.lint import LintFinding
from station.ports.printer import Bitmap, PrinterProfile, RenderedCard, RenderedSide
from station.render.findings import card_findings
from station.render.paint import Brand, Content, Planes, book_of, paint
from station.render.qr import read_bitmap
from station.render.raster import Raster, bitmap

_PLAIN = Brand()


@dataclass(frozen=True, slots=True)
class CheckedCard:
    """A card whose QR code was read back from the finished picture (``qr`` is empty when the layout has none)."""

    card: RenderedCard
    qr: str
    findings: tuple[LintFinding, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """Both sides as the eye will see them, cut to the card, with soft edges; not for printing."""

    front: Bitmap
    back: Bitmap | None
    findings: tuple[LintFinding, ...]


def render_card(
    layout: Layout, fields: CardFields, portrait_jpeg: bytes | None, profile: PrinterProfile, brand: Brand = _PLAIN
) -> RenderedCard:
    """Return both sides at the printer's own raster, the resin panel apart, upright.

    The card lies in the middle of the raster; what is around it is bleed. The magnetic stripe stays clear. Where a
    side has no resin panel, its black is part of the colours.

    Raises:
        LayoutError: the layout can't be drawn on this printer.
        PortraitError: the portrait is not a picture.
    """
    raster = Raster.of_printer(layout, profile)
    content = _content(layout, fields, portrait_jpeg, brand)
    has_resin = (profile.resin_front, profile.resin_back)
    sides = [
        _printed(_drawn(layout, side, content, raster, soft=False), resin=has_resin[side])
        for side in range(len(layout.sides))
    ]
    back = sides[1] if len(sides) > 1 else None
    return RenderedCard(sides[0], back, profile.dpi_x, profile.dpi_y, layout.width_mm, layout.height_mm)


def render_checked(
    layout: Layout, fields: CardFields, portrait_jpeg: bytes | None, profile: PrinterProfile, brand: Brand = _PLAIN
) -> CheckedCard:
    """Render, read the QR code back from the finished picture, and say what looks wrong.

    Raises:
        LayoutError: as ``render_card``; or the QR code can't be read, or says something else.
        PortraitError: as ``render_card``.
    """
    card = render_card(layout, fields, portrait_jpeg, profile, brand)
    values = fields.values()
    read = ""
    for element, side in zip(layout.sides, (card.front, card.back), strict=False):
        for code in element:
            if isinstance(code, Qr) and side is not None and (wanted := filled(code.text, values)):
                read = _proven(layout, code, wanted, side)
    return CheckedCard(card, read, card_findings(layout, fields, has_portrait=portrait_jpeg is not None, brand=brand))


def render_preview(
    layout: Layout, fields: CardFields, portrait_jpeg: bytes | None, brand: Brand = _PLAIN, dpi: int = 300
) -> Preview:
    """Return both sides for a screen: the card's own size at ``dpi``, without bleed, the magnetic stripe shown.

    Raises:
        LayoutError, PortraitError: as ``render_card``.
    """
    raster = Raster.of_card(layout, dpi)
    content = _content(layout, fields, portrait_jpeg, brand)
    seen = [
        bitmap(_drawn(layout, side, content, raster, soft=True).planes.composite()) for side in range(len(layout.sides))
    ]
    found = card_findings(layout, fields, has_portrait=portrait_jpeg is not None, brand=brand)
    return Preview(seen[0], seen[1] if len(seen) > 1 else None, found)


def _proven(layout: Layout, code: Qr, wanted: str, side: RenderedSide) -> str:
    read = read_bitmap(side.composite)
    if read != wanted:
        detail = N_("the QR code can't be read back from the finished card")
        raise LayoutError(file=layout.name, place=code.id, detail=detail, read=read, wanted=wanted)
    return read


def _printed(drawn: _Drawn, *, resin: bool) -> RenderedSide:
    planes = drawn.planes
    composite = planes.composite()
    if resin:
        return RenderedSide(drawn.colour or bitmap(planes.colour), bitmap(planes.resin), bitmap(composite))
    seen = bitmap(composite)
    return RenderedSide(seen, Bitmap("1", seen.width_px, seen.height_px, bytes(len(planes.resin.tobytes()))), seen)


# --- what is the same on many cards is drawn once ----------------------------------------------------------------


def _content(layout: Layout, fields: CardFields, portrait: bytes | None, brand: Brand) -> Content:
    return Content(layout.name, fields.values(), portrait, brand, book_of(layout.files), layout.files)


@dataclass(frozen=True, slots=True)
class _Key:
    """What decides how the part of a side looks that is the same on many cards."""

    layout: Layout
    side: int
    raster: Raster
    brand: Brand
    issuer: tuple[tuple[str, Value], ...]
    present: tuple[bool, ...]
    soft: bool


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is the same on many cards: drawn, and its colours as bytes, for sides where nothing else is coloured."""

    planes: Planes
    colour: Bitmap


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One finished side, and its colours as bytes if they need not be made again."""

    planes: Planes
    colour: Bitmap | None


def _drawn(layout: Layout, side: int, content: Content, raster: Raster, *, soft: bool) -> _Drawn:
    split = _split(layout.sides[side])
    issuer = tuple((name, content.values[name]) for name in sorted(ISSUER_FIELDS))
    present = tuple(_needed(element, content) for element in split.same)
    ground = _ground(_Key(layout, side, raster, content.brand, issuer, present, soft))
    base = ground.planes
    planes = Planes(base.colour.copy() if split.recoloured else base.colour, base.resin.copy())
    for element in split.own:
        if _needed(element, content):
            paint(planes, element, content, raster)
    return _Drawn(planes, None if split.recoloured else ground.colour)


def _needed(element: AnyElement, content: Content) -> bool:
    return applies(element, content.values)


# A side at 300 dpi takes 5 MB: front and back, for printer and screen, and a spare pair while a choice is made.
@lru_cache(maxsize=6)
def _ground(key: _Key) -> _Ground:
    planes = Planes.blank(key.raster, soft=key.soft)
    content = Content(key.layout.name, dict(key.issuer), None, key.brand, book_of(key.layout.files), key.layout.files)
    for element, present in zip(_split(key.layout.sides[key.side]).same, key.present, strict=True):
        if present:
            paint(planes, element, content, key.raster)
    return _Ground(planes, bitmap(planes.colour))


@dataclass(frozen=True, slots=True)
class _Split:
    """A side's elements: the ``same`` on many cards, each card's ``own``, and whether those touch the colours."""

    same: tuple[AnyElement, ...]
    own: tuple[AnyElement, ...]
    recoloured: bool


@lru_cache(maxsize=64)
def _split(side: tuple[AnyElement, ...]) -> _Split:
    """Sort a side's elements; one that lies on a card's own element is drawn with those, so that the order stays."""
    same: list[AnyElement] = []
    own: list[AnyElement] = []
    for element in side:
        changes = isinstance(element, Photo) or not fields_shown(element) <= ISSUER_FIELDS
        covers = element.layer is Layer.COLOUR and any(element.box.meets(below.box) for below in own)
        (own if changes or covers else same).append(element)
    recoloured = any(element.layer is Layer.COLOUR or isinstance(element, Qr) for element in own)
    return _Split(tuple(same), tuple(own), recoloured)
