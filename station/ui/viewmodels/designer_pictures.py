"""Each element as a picture for the canvas, drawn by the card's own renderer once and kept until it changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from PIL import Image as Masks
from PySide6.QtGui import QImage

from station.domain.elements import AnyElement, Box, Code, Image, Layer, Zone
from station.domain.errors import LayoutError, PortraitError, StationError
from station.domain.layout import CardFields, Layout, applies, fields_shown
from station.render.paint import Brand, Content, book_of
from station.render.pieces import Piece, piece

MOST_BYTES = 96 * 1024 * 1024
MOST_DPI = 450
"""Beyond this a picture is stretched: nobody sees more of it, and each takes its square in memory."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An element to paint: colours below the ink of everything, each where the box begins less ``margin_px``.

    ``error`` is why it could not be drawn. ``dpi`` is what it was drawn for; the canvas stretches it to what it needs.
    """

    colour: QImage | None
    ink: QImage | None
    margin_px: int
    dpi: int
    error: StationError | None = None

    @property
    def size_bytes(self) -> int:
        """Return how much memory it takes."""
        return sum(image.sizeInBytes() for image in (self.colour, self.ink) if image is not None)


_NOTHING = Picture(None, None, 0, 1)


class PictureBook:
    """The pictures of one layout filled in for one person; asked again and again, drawn once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Picture] = OrderedDict()
        self._bytes = 0
        self._content = Content("", CardFields().values(), None, Brand(), book_of({}), {})

    def fill_in(self, layout: Layout, fields: CardFields, portrait: bytes | None, brand: Brand) -> None:
        """Show another person's card, or other files of the layout."""
        same_files = layout.files is self._content.files
        book = self._content.book if same_files else book_of(layout.files)
        self._content = Content(layout.name, fields.values(), portrait, brand, book, layout.files)

    def kept(self, element: AnyElement, dpi: int) -> Picture | None:
        """Return an element's picture if it is there already."""
        key = self._key(element, min(dpi, MOST_DPI))
        picture = self._kept.get(key)
        if picture is not None:
            self._kept.move_to_end(key)
        return picture

    def draw(self, element: AnyElement, dpi: int) -> Picture:
        """Return an element's picture, drawn now unless it is there."""
        there = self.kept(element, dpi)
        if there is not None:
            return there
        dpi = min(dpi, MOST_DPI)
        picture = self._drawn(element, dpi)
        self._keep(self._key(element, dpi), picture)
        return picture

    def shown(self, element: AnyElement) -> bool:
        """Say whether the element is on this person's card; one whose condition is wrong is shown, to be mended."""
        try:
            return applies(element, self._content.values)
        except LayoutError:
            return True

    def _drawn(self, element: AnyElement, dpi: int) -> Picture:
        try:
            drawn = piece(element, self._content, dpi)
        except (LayoutError, PortraitError) as error:
            return replace(_NOTHING, dpi=dpi, error=error)
        return _picture(drawn, element.layer, dpi)

    def _key(self, element: AnyElement, dpi: int) -> tuple[object, ...]:
        """Return what the picture depends on: not the name, not the place; of the person only what it shows."""
        box = element.box
        plain = replace(element, id="", when="", needs=(), box=Box(0.0, 0.0, box.width_mm, box.height_mm))
        content = self._content
        source = content.files.get(element.source) if isinstance(element, Image) else None
        return plain, dpi, self._person(element), content.brand, source, content.book

    def _person(self, element: AnyElement) -> object:
        values = self._content.values
        try:
            names = sorted(fields_shown(element))
        except LayoutError:
            return None
        shown = tuple(values[name] for name in names)
        if isinstance(element, Code | Zone):
            return shown
        return shown, self._content.portrait, values["institution"]

    def _keep(self, key: tuple[object, ...], picture: Picture) -> None:
        self._kept[key] = picture
        self._bytes += picture.size_bytes
        # The newest stays, however large it is: it is about to be painted.
        while self._bytes > MOST_BYTES and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= gone.size_bytes


# What the eye does not see is shown in a colour of its own: UV, and where the overlay is left out.
_TINTS = {Layer.OVERLAY: (0, 137, 123), Layer.UV: (124, 77, 255)}


def _picture(drawn: Piece, layer: Layer, dpi: int) -> Picture:
    colour = None if drawn.colour is None else _image(drawn.colour.tobytes(), drawn.colour.size)
    ink = None if drawn.ink is None else _tinted(drawn.ink, (0, 0, 0), 255)
    if drawn.unseen is not None:
        ink = _tinted(drawn.unseen, _TINTS[layer], 150)
    return Picture(colour, ink, drawn.margin_px, dpi)


def _tinted(mask: Masks.Image, colour: tuple[int, int, int], most: int) -> QImage:
    """Return a mask filled with one colour, covering by ``most`` of 255 at its densest."""
    cover = mask.point([level * most // 255 for level in range(256)])
    bands = [cover.point([level * channel // 255 for level in range(256)]) for channel in colour]
    return _image(Masks.merge("RGBA", (*bands, cover)).tobytes(), mask.size)


def _image(data: bytes, size: tuple[int, int]) -> QImage:
    whole = QImage(data, size[0], size[1], size[0] * 4, QImage.Format.Format_RGBA8888_Premultiplied)
    # Another order of the channels, which is painted several times as fast; and a copy, for the bytes go away.
    return whole.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
