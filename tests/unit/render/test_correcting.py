"""A printer's correction on a whole card: whole dots, panels that stay on each other, codes that can be read."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from PIL import Image, ImageChops

from printers.profile_files import load_profile
from station.domain.print_care import Correction
from station.ports.printer import Bitmap, RenderedCard, RenderedSide
from station.render.correcting import corrected
from station.render.raster import image_of
from station.render.reading import read_bitmap
from station.render.testcard import QR_TEXT, render_test_card

DOT_MM = 25.4 / 300


@cache
def card(profile: str = "generic-cr80-300") -> RenderedCard:
    return render_test_card(load_profile(profile))


def shifted(plane: Bitmap, dx: int, dy: int) -> Image.Image:
    image = image_of(plane)
    onto = Image.new(image.mode, image.size, 0)
    onto.paste(image, (dx, dy))
    return onto


def test_no_correction_changes_nothing() -> None:
    assert corrected(card(), Correction()) is card()


def test_an_offset_is_a_move_by_whole_dots_on_every_panel() -> None:
    done = corrected(card(), Correction(x_mm=3 * DOT_MM, y_mm=-2 * DOT_MM, back_x_mm=-1 * DOT_MM))
    assert image_of(done.front.resin).tobytes() == shifted(card().front.resin, 3, -2).tobytes()
    inside = (3, 0, card().front.colour.width_px, card().front.colour.height_px - 2)
    before = image_of(card().front.colour).crop((0, 2, inside[2] - 3, card().front.colour.height_px))
    assert ImageChops.difference(image_of(done.front.colour).crop(inside), before).getbbox() is None
    back, was = done.back, card().back
    assert back is not None
    assert was is not None
    assert image_of(back.resin).tobytes() == shifted(was.resin, -1, 0).tobytes()
    assert back.overlay is not None
    assert was.overlay is not None
    assert image_of(back.overlay).tobytes() == shifted(was.overlay, -1, 0).tobytes()
    assert read_bitmap(done.front.composite) == QR_TEXT


def test_an_offset_smaller_than_half_a_dot_moves_nothing() -> None:
    done = corrected(card(), Correction(x_mm=0.4 * DOT_MM, y_mm=-0.4 * DOT_MM))
    assert done == card()


def test_a_ground_still_reaches_the_edge() -> None:
    red = Bitmap("RGB", 40, 30, bytes((200, 0, 0)) * 1200)
    none = Bitmap("1", 40, 30, bytes(5 * 30))
    whole = RenderedCard(RenderedSide(red, none, red), None, 300, 300, 3.4, 2.5)
    for moved in (Correction(x_mm=0.5, y_mm=-0.7), Correction(x_mm=-0.5, scale_x=0.97, scale_y=0.97)):
        done = corrected(whole, moved)
        assert done.front.colour == red
        assert done.front.composite == red


@pytest.mark.parametrize("scale", [0.99, 0.997, 1.003, 1.01])
@pytest.mark.parametrize("profile", ["generic-cr80-300", "evolis-primacy2-one-ribbon"])
def test_a_stretch_brings_the_rulers_apart_and_leaves_the_codes_alone(scale: float, profile: str) -> None:
    whole = card(profile)
    done = corrected(whole, Correction(scale_x=scale, scale_y=scale))
    assert read_bitmap(done.front.composite) == QR_TEXT
    before, after = _outline(whole.front.composite), _outline(done.front.composite)
    plane = whole.front.composite  # what is stretched over its edge is cut off there
    assert after[2] - after[0] == pytest.approx(min(plane.width_px, (before[2] - before[0]) * scale), abs=2)
    assert after[3] - after[1] == pytest.approx(min(plane.height_px, (before[3] - before[1]) * scale), abs=2)
    middle = (before[0] + before[2]) / 2
    assert (after[0] + after[2]) / 2 == pytest.approx(middle, abs=2)
    code = _finder_codes(whole.front.composite)
    assert code
    assert all(_found(done.front.composite, part) for part in code), "a module of the QR lost or got a dot"


def test_all_panels_are_stretched_in_the_same_places() -> None:
    plane = card().front.resin
    colour = Image.new("RGB", (plane.width_px, plane.height_px), (255, 255, 255))
    colour.paste((0, 0, 0), mask=image_of(plane))
    both = Bitmap("RGB", plane.width_px, plane.height_px, colour.tobytes())
    side = replace(card().front, colour=both, composite=both, overlay=plane, uv=plane)
    done = corrected(replace(card(), front=side, back=None), Correction(scale_x=0.985, scale_y=1.015, x_mm=1, y_mm=1))
    assert done.front.overlay == done.front.resin == done.front.uv
    seen = image_of(done.front.colour).convert("L").point([255 if level < 128 else 0 for level in range(256)])
    ink = image_of(done.front.resin).convert("L")
    inside = (60, 60, plane.width_px - 60, plane.height_px - 60)
    assert ImageChops.difference(seen.crop(inside), ink.crop(inside)).getbbox() is None


def test_dyes_are_given_more_or_less_and_white_stays_white() -> None:
    levels = Bitmap("RGB", 3, 1, bytes((255, 255, 255, 100, 100, 100, 0, 0, 0)))
    none = Bitmap("1", 3, 1, b"\x20")
    whole = RenderedCard(RenderedSide(levels, none, levels), None, 300, 300, 3, 1)
    done = corrected(whole, Correction(cyan=1.2, magenta=0.8)).front
    assert done.colour.data[:3] == b"\xff\xff\xff"
    red, green, blue = done.colour.data[3:6]
    assert red < 100 < green, "more cyan takes red away, less magenta gives green"
    assert blue == 100
    assert done.composite.data[6:] == b"\0\0\0", "resin is black whatever the dyes are"
    lighter = corrected(whole, Correction(gamma=1.3)).front.colour.data
    assert lighter[3] > 100
    assert (lighter[0], lighter[6]) == (255, 0)


def test_the_stripe_stays_as_it_is() -> None:
    striped = replace(card(), tracks=("A", "1", ""))
    assert corrected(striped, Correction(x_mm=1)).tracks == ("A", "1", "")


def _outline(plane: Bitmap) -> tuple[int, int, int, int]:
    dark = image_of(plane).convert("L").point([255 if level < 128 else 0 for level in range(256)])
    found = dark.getbbox()
    assert found is not None
    return found


def _finder_codes(plane: Bitmap) -> list[Image.Image]:
    """Return pictures of the QR codes of the test card, dot by dot."""
    import zxingcpp

    image = image_of(plane).convert("L")
    codes = []
    for read in zxingcpp.read_barcodes(image):
        if read.format == zxingcpp.BarcodeFormat.QRCode:
            place = read.position
            xs = (place.top_left.x, place.bottom_right.x)
            ys = (place.top_left.y, place.bottom_right.y)
            codes.append(image.crop((min(xs) + 2, min(ys) + 2, max(xs) - 1, max(ys) - 1)))
    return codes


def _found(plane: Bitmap, part: Image.Image) -> bool:
    """Say whether a picture is part of another, to the dot."""
    image = image_of(plane).convert("L")
    row = part.crop((0, 0, part.width, 1)).tobytes()
    data, width = image.tobytes(), image.width
    at = data.find(row)
    while at >= 0:
        x, y = at % width, at // width
        if image.crop((x, y, x + part.width, y + part.height)).tobytes() == part.tobytes():
            return True
        at = data.find(row, at + 1)
    return False
