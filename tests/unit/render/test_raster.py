"""Millimetres to dots, for every printer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from station.domain.elements import Box
from station.domain.layout import Layout
from station.ports.printer import PrinterProfile
from station.render.raster import Raster, bitmap, hardened, image_of
from tests.helpers.layouts import CR80_300, CR80_600, PRINTERS, RETRANSFER, WIDE_DOTS

LAYOUT = Layout("x", 1, front=())


@pytest.mark.parametrize("profile", PRINTERS, ids=lambda p: p.name)
def test_the_card_lies_in_the_middle(profile: PrinterProfile) -> None:
    raster = Raster.of_printer(LAYOUT, profile)
    assert raster.x_px(LAYOUT.width_mm / 2) == pytest.approx(profile.width_px / 2)
    assert raster.y_px(LAYOUT.height_mm / 2) == pytest.approx(profile.height_px / 2)


@pytest.mark.parametrize("profile", PRINTERS, ids=lambda p: p.name)
def test_a_millimetre_is_a_millimetre(profile: PrinterProfile) -> None:
    raster = Raster.of_printer(LAYOUT, profile)
    assert raster.x_px(35.4) - raster.x_px(10) == pytest.approx(profile.dpi_x)
    assert raster.y_px(35.4) - raster.y_px(10) == pytest.approx(profile.dpi_y)


def test_what_touches_the_edge_goes_on_into_the_bleed() -> None:
    raster = Raster.of_printer(LAYOUT, RETRANSFER)
    whole = Box(0, 0, 85.6, 53.98)
    assert raster.dots(whole, bleed=True) == (0, 0, 1036, 664)
    assert raster.dots(whole) == (12, 13, 1024, 651)
    assert raster.dots(Box(1, 0, 10, 5), bleed=True)[:2] == (24, 0)


def test_dots_need_not_be_square() -> None:
    raster = Raster.of_printer(LAYOUT, WIDE_DOTS)
    left, upper, right, lower = raster.dots(Box(10, 10, 10, 10))
    assert (right - left, lower - upper) == (236, 118)
    assert (raster.stretch, Raster.of_printer(LAYOUT, CR80_600).stretch) == (2, 1)


def test_a_preview_is_the_card_without_bleed() -> None:
    raster = Raster.of_card(LAYOUT, 300)
    assert raster.size == (1011, 638)
    assert raster.dots(Box(0, 0, 85.6, 53.98)) == (0, 0, 1011, 638)


@given(
    st.floats(-5, 90),
    st.floats(-5, 60),
    st.floats(0, 90),
    st.floats(0, 60),
    st.sampled_from(PRINTERS),
    st.booleans(),
)
def test_a_box_has_dots_whatever_it_is(x: float, y: float, w: float, h: float, p: PrinterProfile, bleed: bool) -> None:
    left, upper, right, lower = Raster.of_printer(LAYOUT, p).dots(Box(x, y, w, h), bleed=bleed)
    assert right > left
    assert lower > upper


def test_boxes_that_touch_on_the_card_touch_in_dots() -> None:
    raster = Raster.of_printer(LAYOUT, CR80_300)
    for tenth in range(1, 850):
        x = tenth / 10
        assert raster.dots(Box(0, 0, x, 10))[2] == raster.dots(Box(x, 0, 5, 10))[0]


class TestBitmaps:
    def test_colours_come_back_as_they_went(self) -> None:
        picture = Image.new("RGB", (5, 3), (1, 2, 3))
        picture.putpixel((4, 2), (250, 251, 252))
        raster = bitmap(picture)
        assert (raster.mode, raster.width_px, raster.height_px, len(raster.data)) == ("RGB", 5, 3, 45)
        assert image_of(raster).tobytes() == picture.tobytes()

    def test_a_set_bit_is_ink_and_rows_are_padded(self) -> None:
        plane = Image.new("1", (9, 2))
        plane.putpixel((0, 0), 255)
        plane.putpixel((8, 1), 255)
        raster = bitmap(plane)
        assert raster.data == bytes([0x80, 0x00, 0x00, 0x80])
        assert image_of(raster).getpixel((8, 1)) == 255

    def test_a_soft_mask_is_made_hard_at_one_half(self) -> None:
        mask = Image.frombytes("L", (4, 1), bytes([0, 127, 128, 255]))
        assert [hardened(mask).getpixel((x, 0)) for x in range(4)] == [0, 0, 255, 255]

    def test_a_picture_does_not_share_what_a_caller_may_change(self) -> None:
        raster = bitmap(Image.new("RGB", (2, 2)))
        assert replace(raster) == raster
