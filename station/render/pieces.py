"""One element alone, with what is behind it left clear: what a designer's window lays over one another and moves.

The painters are those of the printed card, so a piece looks as it will be printed. It is drawn twice, on white and on
black: where the two differ, what is behind the element shows through, and by how much they differ tells how far.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from PIL import Image as Pictures
from PIL import ImageChops

from station.domain.elements import AnyElement, Box, Code, EscLogo, Image, Layer, Line, MagneticTracks
from station.render.paint import Content, Planes, paint
from station.render.raster import MM_PER_INCH, Raster

_MARGIN_PX = 3
_CODE_DPI = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """An element in dots; its box begins ``margin_px`` right of and below the pictures' corner.

    ``colour`` is ``RGBA`` with the colours multiplied by how much they cover; ``ink`` is what of the black resin covers
    (``L``), and lies above the colours of everything else; ``unseen`` is what is printed in UV, or left out of the
    overlay (``L``). Each is ``None`` where the element has nothing of it.
    """

    colour: Pictures.Image | None
    ink: Pictures.Image | None
    unseen: Pictures.Image | None
    margin_px: int


def piece(element: AnyElement, content: Content, dpi: int) -> Piece:
    """Return an element drawn for a screen.

    Raises:
        LayoutError: it names what is not there, can't be computed, or doesn't fit its box.
        PortraitError: the portrait is not a picture.
    """
    if isinstance(element, MagneticTracks):
        return Piece(None, None, None, 0)
    finer = ceil(_CODE_DPI / dpi) if _in_whole_dots(element) else 1
    if finer > 1:
        # A screen's dots are too coarse for what is printed in whole dots, and say nothing of the printer's.
        return _reduced(piece(element, content, dpi * finer), finer)
    margin = _MARGIN_PX + (ceil(element.stroke_mm * dpi / MM_PER_INCH) if isinstance(element, Line) else 0)
    raster = _raster(element.box, margin, dpi)
    offset = margin * MM_PER_INCH / dpi
    at_corner = replace(element, box=replace(element.box, x_mm=offset, y_mm=offset))
    white = _painted(at_corner, content, raster, (255, 255, 255))
    black = _painted(at_corner, content, raster, (0, 0, 0))
    unseen = white.ink(element.layer) if element.layer in (Layer.UV, Layer.OVERLAY) else None
    return Piece(_difference(white.colour, black.colour), _inked(white.resin), _inked(unseen), margin)


def _in_whole_dots(element: AnyElement) -> bool:
    """Tell whether an element has no soft edges: codes, and marks on the resin panel."""
    return isinstance(element, Code) or (isinstance(element, EscLogo | Image) and element.layer is Layer.RESIN)


def _inked(plane: Pictures.Image | None) -> Pictures.Image | None:
    """Return a plane as ``L``, or ``None`` when nothing is on it."""
    return plane.convert("L") if plane is not None and plane.getbbox() else None


def _reduced(drawn: Piece, finer: int) -> Piece:
    """Return a piece that many times smaller; its box begins at a whole dot again."""
    pictures = [
        None if picture is None else _padded(picture, drawn.margin_px, finer)
        for picture in (drawn.colour, drawn.ink, drawn.unseen)
    ]
    return Piece(pictures[0], pictures[1], pictures[2], ceil(drawn.margin_px / finer))


def _padded(picture: Pictures.Image, margin: int, finer: int) -> Pictures.Image:
    more = ceil(margin / finer) * finer - margin
    wider = Pictures.new(picture.mode, (picture.width + more, picture.height + more))
    wider.paste(picture, (more, more))
    # Band by band: as a whole it would take the colours for ones that are not multiplied yet.
    return Pictures.merge(wider.mode, [band.reduce(finer) for band in wider.split()])


def _raster(box: Box, margin: int, dpi: int) -> Raster:
    """Return a raster of a box and its margin; dots and millimetres agree exactly, whatever the box's size."""
    width = ceil(box.width_mm * dpi / MM_PER_INCH) + 2 * margin
    height = ceil(box.height_mm * dpi / MM_PER_INCH) + 2 * margin
    return Raster(width, height, dpi, dpi, width * MM_PER_INCH / dpi, height * MM_PER_INCH / dpi)


def _painted(element: AnyElement, content: Content, raster: Raster, ground: tuple[int, int, int]) -> Planes:
    planes = replace(Planes.blank(raster, soft=True), colour=Pictures.new("RGB", raster.size, ground))
    paint(planes, element, content, raster)
    return planes


def _difference(white: Pictures.Image, black: Pictures.Image) -> Pictures.Image | None:
    """Return what lies on both grounds, premultiplied, or ``None`` when there is nothing."""
    clear = ImageChops.subtract(white, black)
    # Rounding may differ by one from channel to channel; the least covers as much as any of them.
    cover = ImageChops.invert(_least(clear))
    if cover.getbbox() is None:
        return None
    seen = ImageChops.darker(black, Pictures.merge("RGB", (cover, cover, cover)))
    seen.putalpha(cover)
    return seen


def _least(picture: Pictures.Image) -> Pictures.Image:
    red, green, blue = picture.split()
    return ImageChops.darker(red, ImageChops.darker(green, blue))
