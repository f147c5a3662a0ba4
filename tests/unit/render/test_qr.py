"""The QR code: made as the European Student Card wants it, read by another program."""

from __future__ import annotations

from dataclasses import replace

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from station.domain.elements import Box, Qr
from station.domain.errors import LayoutError
from station.domain.escn import escn_from_qr
from station.domain.layout import Layout
from station.ports.printer import PrinterProfile
from station.render.card import render_card
from station.render.layout_file import bundled_layout
from station.render.paint import Planes
from station.render.qr import code_dots, draw_code, modules, read_back, read_bitmap
from station.render.raster import Raster, bitmap, image_of
from tests.helpers.layouts import CR80_300, CR80_600, ESCN, PRINTERS, WIDE_DOTS, card_fields, face

LAYOUT = Layout("x", 1, front=())
CODE = Qr(id="qr", box=Box(65.85, 34.25, 17.45, 17.45))
TEXT = f"https://s.esc-r.eu/{ESCN}"
hexes = st.text("0123456789abcdef", min_size=36, max_size=36)


def drawn(element: Qr, text: str, profile: PrinterProfile) -> Planes:
    raster = Raster.of_printer(LAYOUT, profile)
    planes = Planes.blank(raster, soft=False)
    draw_code(planes.colour, planes.resin, element, text, raster)
    return planes


def test_it_is_version_4_with_level_m() -> None:
    assert modules(TEXT).size == (33, 33)
    picture = modules(TEXT).resize((330, 330), Image.Resampling.NEAREST).convert("L").point(lambda v: 255 - v)
    framed = Image.new("L", (410, 410), 255)
    framed.paste(picture, (40, 40))
    found = zxingcpp.read_barcodes(framed)[0]
    assert (found.text, found.ec_level) == (TEXT, "M")


@given(hexes, st.sampled_from(["https://s.esc-r.eu/", "http://esc.gg/"]))
def test_another_program_reads_what_was_written(number: str, address: str) -> None:
    assert read_bitmap(bitmap(drawn(CODE, address + number, CR80_300).composite())) == address + number


def test_a_text_that_is_too_long_is_refused() -> None:
    assert modules("x" * 62).size == (33, 33)
    with pytest.raises(LayoutError, match="too long"):
        modules("x" * 63)


@pytest.mark.parametrize("profile", PRINTERS, ids=lambda p: p.name)
def test_every_module_is_whole_dots_with_four_clear_around(profile: PrinterProfile) -> None:
    field, code, (dots_x, dots_y) = code_dots(CODE, Raster.of_printer(LAYOUT, profile))
    assert (code[2] - code[0], code[3] - code[1]) == (33 * dots_x, 33 * dots_y)
    assert (code[0] - field[0], code[1] - field[1]) == (4 * dots_x, 4 * dots_y)
    assert (field[2] - code[2], field[3] - code[3]) == (4 * dots_x, 4 * dots_y)
    resin = drawn(CODE, TEXT, profile).resin
    assert resin.getbbox() == code
    shrunk = resin.crop(code).resize((33, 33), Image.Resampling.NEAREST)
    assert shrunk.tobytes() == modules(TEXT).tobytes()
    assert shrunk.resize((33 * dots_x, 33 * dots_y), Image.Resampling.NEAREST).tobytes() == resin.crop(code).tobytes()


def test_at_300_dpi_a_module_of_the_shipped_layout_is_five_dots() -> None:
    assert code_dots(CODE, Raster.of_printer(LAYOUT, CR80_300))[2] == (5, 5)
    assert code_dots(CODE, Raster.of_printer(LAYOUT, CR80_600))[2] == (10, 10)
    assert code_dots(CODE, Raster.of_printer(LAYOUT, WIDE_DOTS))[2] == (10, 5)


def test_a_box_too_small_for_the_printers_dots_is_refused() -> None:
    small = replace(CODE, box=Box(10, 10, 10, 10))
    with pytest.raises(LayoutError, match="2 dots a module"):
        code_dots(small, Raster.of_printer(LAYOUT, CR80_300))
    assert code_dots(small, Raster.of_printer(LAYOUT, CR80_600))[2] == (5, 5)


def test_the_field_is_cleared_of_what_was_below() -> None:
    raster = Raster.of_printer(LAYOUT, CR80_300)
    planes = Planes.blank(raster, soft=False)
    planes.colour.paste((200, 0, 0), (0, 0, *raster.size))
    planes.resin.paste(255, (0, 0, *raster.size))
    draw_code(planes.colour, planes.resin, CODE, TEXT, raster)
    field, code, _ = code_dots(CODE, raster)
    assert planes.colour.crop(field).getcolors() == [((field[2] - field[0]) * (field[3] - field[1]), (255, 255, 255))]
    assert planes.resin.crop((field[0], field[1], field[2], code[1])).getbbox() is None
    assert read_bitmap(bitmap(planes.composite())) == TEXT


class TestOnTheFinishedCard:
    @pytest.mark.parametrize("profile", PRINTERS, ids=lambda p: p.name)
    @pytest.mark.parametrize("name", ["university", "plain"])
    def test_it_is_read_back(self, name: str, profile: PrinterProfile) -> None:
        card = render_card(bundled_layout(name), card_fields(), face(), profile)
        text = read_back(card)
        assert text == TEXT
        assert escn_from_qr(text) == ESCN

    def test_a_card_without_one_says_so(self) -> None:
        fields = replace(card_fields(), escn="", qr="")
        assert read_back(render_card(bundled_layout("university"), fields, face(), CR80_300)) is None

    @pytest.mark.parametrize("turn", [0, 3, 90, 187])
    def test_a_telephone_reads_it_turned_and_a_little_out_of_focus(self, turn: int) -> None:
        card = render_card(bundled_layout("university"), card_fields(), face(), CR80_300)
        seen = image_of(card.front.composite).convert("L")
        seen = seen.rotate(turn, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
        found = zxingcpp.read_barcodes(seen.filter(ImageFilter.GaussianBlur(1.5)))
        assert [code.text for code in found] == [TEXT]
