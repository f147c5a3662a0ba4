"""One side of a card, drawn: what is the same on many cards once, each card's own on a copy of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from station.domain.elements import AnyElement, Code, GhostImage, Layer, MagneticTracks, Photo, Zone
from station.domain.expression_functions import Value
from station.domain.layout import ISSUER_FIELDS, Layout, applies, compiled, fields_shown
from station.ports.printer import Bitmap
from station.render.paint import Brand, Content, Planes, book_of, paint
from station.render.raster import Raster, bitmap


@dataclass(frozen=True, slots=True)
class DrawnSide:
    """One finished side, and those of its panels as bytes that need not be made again."""

    planes: Planes
    ready: Mapping[Layer, Bitmap]

    def bitmap(self, layer: Layer) -> Bitmap:
        """Return a panel as the port's raster."""
        plane = self.planes.colour if layer is Layer.COLOUR else self.planes.ink(layer)
        return self.ready.get(layer) or bitmap(plane)


def drawn_side(layout: Layout, side: int, content: Content, raster: Raster, *, soft: bool) -> DrawnSide:
    """Return a side of one card; ``soft`` for a preview.

    Raises:
        LayoutError, PortraitError: as ``station.render.paint.paint``.
    """
    split = _split(layout.sides[side])
    issuer = tuple((name, content.values[name]) for name in sorted(ISSUER_FIELDS))
    present = tuple(applies(element, content.values) for element in split.same)
    files = tuple(sorted(layout.files.items()))
    ground = _ground(_Key(layout, files, side, raster, content.brand, issuer, present, soft))
    planes = _copied(ground.planes, split.touched)
    for element in split.own:
        if applies(element, content.values):
            paint(planes, element, content, raster)
    return DrawnSide(planes, {layer: made for layer, made in ground.ready.items() if layer not in split.touched})


def panels_of(element: AnyElement) -> frozenset[Layer]:
    """Return the panels that an element changes: a code also clears the colours behind it."""
    if isinstance(element, Code):
        return frozenset({Layer.COLOUR, Layer.RESIN})
    if isinstance(element, Zone):
        return frozenset(Layer)
    return frozenset() if isinstance(element, MagneticTracks) else frozenset({element.layer})


def _copied(base: Planes, touched: frozenset[Layer]) -> Planes:
    """Return planes of which those that will be drawn on are copies."""
    return Planes(
        base.colour.copy() if Layer.COLOUR in touched else base.colour,
        base.resin.copy() if Layer.RESIN in touched else base.resin,
        base.overlay.copy() if Layer.OVERLAY in touched else base.overlay,
        base.uv.copy() if Layer.UV in touched else base.uv,
    )


@dataclass(frozen=True, slots=True)
class _Key:
    """What decides how the part of a side looks that is the same on many cards."""

    layout: Layout
    files: tuple[tuple[str, bytes], ...]
    side: int
    raster: Raster
    brand: Brand
    issuer: tuple[tuple[str, Value], ...]
    present: tuple[bool, ...]
    soft: bool


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is the same on many cards: drawn, and as bytes the panels on which nothing else comes."""

    planes: Planes
    ready: Mapping[Layer, Bitmap]


# A side at 300 dpi takes 7 MB: front and back, for printer and screen, and a spare pair while a choice is made.
@lru_cache(maxsize=6)
def _ground(key: _Key) -> _Ground:
    planes = Planes.blank(key.raster, soft=key.soft)
    files = key.layout.files
    content = Content(key.layout.name, dict(key.issuer), None, key.brand, book_of(files), files)
    split = _split(key.layout.sides[key.side])
    for element, present in zip(split.same, key.present, strict=True):
        if present:
            paint(planes, element, content, key.raster)
    ready = DrawnSide(planes, {})
    kept = () if key.soft else (Layer.COLOUR, Layer.OVERLAY)
    return _Ground(planes, {layer: ready.bitmap(layer) for layer in kept if layer not in split.touched})


@dataclass(frozen=True, slots=True)
class _Split:
    """A side's elements: the ``same`` on many cards, each card's ``own``, and which panels those touch."""

    same: tuple[AnyElement, ...]
    own: tuple[AnyElement, ...]
    touched: frozenset[Layer]


@lru_cache(maxsize=64)
def _split(side: tuple[AnyElement, ...]) -> _Split:
    """Sort a side's elements; one that lies on a card's own element is drawn with those, so that the order stays."""
    same: list[AnyElement] = []
    own: list[AnyElement] = []
    for element in side:
        panels = panels_of(element)
        covers = any(panels & panels_of(below) and element.box.meets(below.box) for below in own)
        (own if covers or _changes(element) else same).append(element)
    touched = frozenset(panel for element in own for panel in panels_of(element))
    return _Split(tuple(same), tuple(own), touched)


def _changes(element: AnyElement) -> bool:
    """Tell whether an element looks another way, or is there at all, from card to card."""
    shown = fields_shown(element) | (compiled(element.when).names if element.when else frozenset())
    return isinstance(element, Photo | GhostImage) or not shown <= ISSUER_FIELDS
