"""A raster as a picture, and as the plastic shows it."""

from __future__ import annotations

import math

import pytest
from PIL import Image

from printers.api import Bitmap, PrinterError
from printers.bitmap import on_plastic, size_mm, to_image
from tests.helpers.cards import sample_image, sample_side


def test_a_colour_raster_becomes_the_same_picture() -> None:
    assert to_image(sample_side().composite).tobytes() == sample_image().tobytes()


def test_ink_is_black_whatever_bit_says_so() -> None:
    # Ten dots wide: the second byte of each row is padding but for its first two bits. 1 is ink.
    image = to_image(Bitmap("1", 10, 2, bytes([0b10000000, 0b01000000, 0b00000001, 0b10000000])))
    ink = {(x, y) for x in range(10) for y in range(2) if image.getpixel((x, y)) == 0}
    assert ink == {(0, 0), (9, 0), (7, 1), (8, 1)}


@pytest.mark.parametrize(
    "bitmap",
    [
        Bitmap("RGB", 4, 4, bytes(47)),
        Bitmap("RGB", 4, 4, bytes(49)),
        Bitmap("1", 9, 2, bytes(3)),
        Bitmap("CMYK", 1, 1, bytes(4)),
    ],
)
def test_a_raster_that_is_not_whole_is_refused(bitmap: Bitmap) -> None:
    with pytest.raises(PrinterError, match="damaged"):
        to_image(bitmap)


@pytest.mark.parametrize("size", [(1016, 648), (1016, 642), (1035, 661), (1036, 664)])
def test_the_plastic_is_as_large_as_a_card_whatever_the_raster(size: tuple[int, int]) -> None:
    plastic = on_plastic(sample_image(size=size), (300, 300))
    width, height = size_mm(plastic.size, (300, 300))
    # ISO/IEC 7810 ID-1, to half a dot.
    assert width == pytest.approx(85.60, abs=0.05)
    assert height == pytest.approx(53.98, abs=0.05)


def test_what_stays_on_the_plastic_is_the_middle_dot_for_dot() -> None:
    image = sample_image()
    plastic = on_plastic(image, (300, 300)).convert("RGB")
    inside = plastic.crop((40, 0, plastic.width - 40, plastic.height))
    # The middle may fall between two dots: then either side of it is right.
    lefts = {math.floor((image.width - plastic.width) / 2), math.ceil((image.width - plastic.width) / 2)}
    top = (image.height - plastic.height) // 2
    crops = [image.crop((left + 40, top, left + plastic.width - 40, top + plastic.height)) for left in lefts]
    assert inside.tobytes() in [crop.tobytes() for crop in crops]


def test_outside_the_round_corners_there_is_no_plastic() -> None:
    plastic = on_plastic(sample_image(), (300, 300))
    alpha = plastic.getchannel("A")
    corners = [(0, 0), (plastic.width - 1, 0), (0, plastic.height - 1), (plastic.width - 1, plastic.height - 1)]
    assert [alpha.getpixel(corner) for corner in corners] == [0, 0, 0, 0]
    # Radius 3.18 mm is 37.6 dots: where the arc ends, the edge is plastic again.
    assert [alpha.getpixel(dot) for dot in ((38, 0), (0, 38), (plastic.width // 2, 0), (11, 11))] == [255] * 4
    assert alpha.getpixel((10, 10)) == 0
    assert alpha.transpose(Image.Transpose.ROTATE_180).tobytes() == alpha.tobytes()


def test_a_raster_smaller_than_the_card_leaves_a_white_edge() -> None:
    plastic = on_plastic(Image.new("RGB", (1000, 600), (1, 2, 3)), (300, 300)).convert("RGB")
    assert plastic.getpixel((505, 3)) == (255, 255, 255)
    assert plastic.getpixel((505, 319)) == (1, 2, 3)


def test_dots_need_not_be_square() -> None:
    plastic = on_plastic(sample_image(size=(2032, 648)), (600, 300))
    assert plastic.size == (2022, 638)
