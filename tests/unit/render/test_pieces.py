"""An element drawn alone and laid over anything looks as it does in the finished card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from station.domain.elements import AnyElement, Box, Code128, Layer, Line, MagneticTracks, Photo, Qr, Shape, Text
from station.domain.errors import LayoutError
from station.domain.layout import CardFields
from station.render.paint import Brand, Content, Planes, book_of, paint
from station.render.pieces import piece
from station.render.raster import Raster
from station.resources import asset

PORTRAIT = asset("demo", "portraits", "person-2.jpg").read_bytes()
FIELDS = CardFields(full_name="Līga Bērziņa", qr="https://s.esc-r.eu/14625400-9326-103f-8001-001999465982")
CONTENT = Content("try", FIELDS.values(), PORTRAIT, Brand(), book_of({}), {})
BOX = Box(0, 0, 25.4, 12.7)
DPI = 300


def alone_over(element: AnyElement, ground: tuple[int, int, int]) -> Image.Image:
    """Lay the piece over a ground as a window does: premultiplied colours, then the ink."""
    drawn = piece(element, CONTENT, DPI)
    margin = drawn.margin_px
    seen = Image.new("RGB", (300 + 2 * margin, 150 + 2 * margin), ground)
    if drawn.colour is not None:
        cover = drawn.colour.getchannel("A")
        below = ImageChops.multiply(seen, Image.merge("RGB", [ImageChops.invert(cover)] * 3))
        seen = ImageChops.add(below, Image.merge("RGB", drawn.colour.split()[:3]))
    if drawn.ink is not None:
        seen.paste((0, 0, 0), mask=drawn.ink)
    return seen.crop((margin, margin, margin + 300, margin + 150))


def painted_on(element: AnyElement, ground: tuple[int, int, int]) -> Image.Image:
    """Paint the element onto a whole plane of that colour."""
    # A little larger than the box, so that nothing goes on into the bleed.
    raster = Raster(320, 170, DPI, DPI, 320 * 25.4 / DPI, 170 * 25.4 / DPI)
    planes = replace(Planes.blank(raster, soft=True), colour=Image.new("RGB", raster.size, ground))
    inset = 10 * 25.4 / DPI
    paint(planes, replace(element, box=replace(BOX, x_mm=inset, y_mm=inset)), CONTENT, raster)
    return planes.composite().crop((10, 10, 310, 160))


@pytest.mark.parametrize("ground", [(255, 255, 255), (30, 60, 160), (200, 180, 20)])
@pytest.mark.parametrize(
    "element",
    [
        Shape(id="a", box=BOX, fill="accent", fill_to="white", corner_mm=3, opacity=0.5),
        Text(id="b", box=BOX, text="{full_name}", size_pt=14, layer=Layer.COLOUR, colour="accent"),
        Text(id="c", box=BOX, text="{full_name}", size_pt=14),
        Photo(id="d", box=BOX, corner_mm=2),
        Qr(id="e", box=BOX),
    ],
    ids=lambda value: value.id if isinstance(value, Shape | Text | Photo | Qr) else str(value),
)
def test_a_piece_over_any_ground_is_what_would_be_printed(element: AnyElement, ground: tuple[int, int, int]) -> None:
    difference = ImageChops.difference(alone_over(element, ground), painted_on(element, ground))
    worst = max(high for _, high in difference.getextrema())  # type: ignore[misc]  # three bands give pairs
    assert worst <= 4, "rounding twice may differ by a little"


def test_what_lies_outside_the_box_is_there_too() -> None:
    drawn = piece(Line(id="l", box=Box(0, 0, 20, 0), stroke_mm=2.0, layer=Layer.RESIN), CONTENT, DPI)
    assert drawn.ink is not None
    assert drawn.colour is None
    box = drawn.ink.getbbox()
    assert box is not None
    assert box[3] - box[1] >= 22, "two millimetres are 24 dots"


def test_a_code_is_drawn_finely_and_shown_coarsely() -> None:
    drawn = piece(Qr(id="q", box=Box(0, 0, 17.45, 17.45)), CONTENT, 100)
    assert drawn.ink is not None
    assert drawn.colour is not None
    width = 17.45 / 25.4 * 100
    assert abs(drawn.ink.width - 2 * drawn.margin_px - width) <= 3
    corner = drawn.colour.getpixel((0, 0))
    assert corner == (0, 0, 0, 0), "nothing beside the box"


def test_the_unseen_panels_are_apart() -> None:
    hole = piece(Shape(id="o", box=BOX, fill="#000000", layer=Layer.OVERLAY), CONTENT, DPI)
    assert hole.unseen is not None
    assert hole.unseen.getbbox() is not None
    assert hole.ink is None
    assert piece(MagneticTracks(id="t"), CONTENT, DPI).colour is None


def test_what_cannot_be_computed_says_so() -> None:
    with pytest.raises(LayoutError):
        piece(Text(id="t", box=BOX, text="{nobody}", size_pt=8), CONTENT, DPI)
    with pytest.raises(LayoutError):
        piece(Shape(id="s", box=BOX, fill="no colour"), CONTENT, DPI)
    assert piece(Code128(id="c", box=Box(0, 0, 0.5, 0.5), text="{full_name}"), CONTENT, DPI) is not None
