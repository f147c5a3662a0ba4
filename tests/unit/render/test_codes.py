"""Codes for machines: in whole dots, each read by another program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from station.domain.elements import AnyCode, Box, Code128, DataMatrix, Ean13, Pdf417, Qr
from station.domain.errors import LayoutError
from station.domain.escn import escn_from_qr
from station.domain.layout import Layout
from station.ports.printer import PrinterProfile
from station.render.card import render_card
from station.render.codes import draw_code, fitted, qr_rows, read_as, symbol_of, turn_of
from station.render.layout_file import bundled_layout
from station.render.paint import Planes
from station.render.raster import Raster, bitmap, image_of
from station.render.reading import read_in_place
from tests.helpers.layouts import (
    CR80_300,
    CR80_600,
    ESCN,
    FARGO,
    PRINTERS,
    WIDE_DOTS,
    WIDEST_DOTS,
    card_fields,
    face,
)
from tests.helpers.reading import read_back

LAYOUT = Layout("x", 1, front=())
CODE = Qr(id="qr", box=Box(65.85, 34.25, 17.45, 17.45))
TEXT = f"https://s.esc-r.eu/{ESCN}"
FINE = PrinterProfile("tall", "Card printer, 300 × 1200 dpi", 1016, 2592, 300, 1200)
LONG_RUN = settings.default.max_examples > 1000
hexes = st.text("0123456789abcdef", min_size=36, max_size=36)


def drawn(element: AnyCode, text: str, profile: PrinterProfile) -> Planes:
    raster = Raster.of_printer(LAYOUT, profile)
    planes = Planes.blank(raster, soft=False)
    symbol = symbol_of(element, text)
    draw_code(planes.colour, planes.resin, symbol, fitted(symbol, element, raster), turn_of(element))
    return planes


def read(element: AnyCode, text: str, profile: PrinterProfile) -> tuple[str, ...]:
    seen = bitmap(drawn(element, text, profile).composite())
    return read_in_place(seen, element, Raster.of_printer(LAYOUT, profile))


class TestQr:
    def test_is_version_4_with_level_m(self) -> None:
        modules = symbol_of(CODE, TEXT).modules
        assert modules.size == (33, 33)
        picture = modules.resize((330, 330), Image.Resampling.NEAREST).convert("L").point(lambda v: 255 - v)
        framed = Image.new("L", (410, 410), 255)
        framed.paste(picture, (40, 40))
        found = zxingcpp.read_barcodes(framed)[0]
        assert (found.text, found.ec_level) == (TEXT, "M")
        assert [dot for row in qr_rows(TEXT) for dot in row] == [dot > 0 for dot in modules.convert("L").tobytes()]

    @given(hexes, st.sampled_from(["https://s.esc-r.eu/", "http://esc.gg/"]))
    def test_another_program_reads_what_was_written(self, number: str, address: str) -> None:
        assert read(CODE, address + number, CR80_300) == (address + number,)

    def test_a_text_that_is_too_long_is_refused(self) -> None:
        assert symbol_of(CODE, "x" * 62).modules.size == (33, 33)
        with pytest.raises(LayoutError, match="too long"):
            symbol_of(CODE, "x" * 63)

    @pytest.mark.parametrize("profile", [*PRINTERS, FINE], ids=lambda p: p.name)
    def test_every_module_is_whole_dots_with_four_clear_around(self, profile: PrinterProfile) -> None:
        symbol = symbol_of(CODE, TEXT)
        place = fitted(symbol, CODE, Raster.of_printer(LAYOUT, profile))
        field, code, (dots_x, dots_y) = place.field, place.code, place.dots
        assert (code[2] - code[0], code[3] - code[1]) == (33 * dots_x, 33 * dots_y)
        assert (code[0] - field[0], code[1] - field[1]) == (4 * dots_x, 4 * dots_y)
        assert (field[2] - code[2], field[3] - code[3]) == (4 * dots_x, 4 * dots_y)
        resin = drawn(CODE, TEXT, profile).resin
        assert resin.getbbox() == code
        shrunk = resin.crop(code).resize((33, 33), Image.Resampling.NEAREST)
        assert shrunk.tobytes() == symbol.modules.tobytes()
        large = shrunk.resize((33 * dots_x, 33 * dots_y), Image.Resampling.NEAREST)
        assert large.tobytes() == resin.crop(code).tobytes()

    def test_a_module_is_square_whatever_the_dots(self) -> None:
        def dots(profile: PrinterProfile, element: Qr = CODE) -> tuple[int, int]:
            return fitted(symbol_of(element, TEXT), element, Raster.of_printer(LAYOUT, profile)).dots

        assert (dots(CR80_300), dots(CR80_600), dots(WIDE_DOTS), dots(FINE)) == ((5, 5), (10, 10), (10, 5), (5, 20))
        # Also where the box is not: the code doesn't follow it.
        assert dots(WIDE_DOTS, replace(CODE, box=Box(5, 5, 40, 17.45))) == (10, 5)

    def test_a_box_too_small_for_the_printers_dots_is_refused(self) -> None:
        small = replace(CODE, box=Box(10, 10, 10, 10))
        with pytest.raises(LayoutError, match="2 dots a module"):
            fitted(symbol_of(small, TEXT), small, Raster.of_printer(LAYOUT, CR80_300))
        assert fitted(symbol_of(small, TEXT), small, Raster.of_printer(LAYOUT, CR80_300), 1).dots == (2, 2)
        assert fitted(symbol_of(small, TEXT), small, Raster.of_printer(LAYOUT, CR80_600)).dots == (5, 5)

    def test_the_field_is_cleared_of_what_was_below(self) -> None:
        raster = Raster.of_printer(LAYOUT, CR80_300)
        planes = Planes.blank(raster, soft=False)
        planes.colour.paste((200, 0, 0), (0, 0, *raster.size))
        planes.resin.paste(255, (0, 0, *raster.size))
        symbol = symbol_of(CODE, TEXT)
        place = fitted(symbol, CODE, raster)
        draw_code(planes.colour, planes.resin, symbol, place)
        field = place.field
        area = (field[2] - field[0]) * (field[3] - field[1])
        assert planes.colour.crop(field).getcolors() == [(area, (255, 255, 255))]
        assert planes.resin.crop((field[0], field[1], field[2], place.code[1])).getbbox() is None
        assert read_in_place(bitmap(planes.composite()), CODE, raster) == (TEXT,)


class TestOnTheFinishedCard:
    @pytest.mark.parametrize("profile", [*PRINTERS, FARGO, WIDEST_DOTS], ids=lambda p: p.name)
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


WIDE, TALL = Box(8, 8, 62, 20), Box(8, 4, 20, 46)
OTHERS = [
    (Code128(id="c", box=WIDE, text=""), "051REB123"),
    (Code128(id="c", box=TALL, text="", turn=90), "051REB123"),
    (Ean13(id="e", box=WIDE, text=""), "4750000000017"),
    (Ean13(id="e", box=TALL, text="", turn=270), "475000000001"),
    (Ean13(id="e", box=WIDE, text="", turn=180), "475000000001"),
    (Pdf417(id="p", box=WIDE, text=""), "Žanete Ozoliņa-Ķēniņa; rpu.example:051REB123; 2028-06-30"),
    (Pdf417(id="p", box=TALL, text="", turn=90), "Žanete Ozoliņa-Ķēniņa; rpu.example:051REB123"),
    (Pdf417(id="p", box=WIDE, text="", columns=4), "051REB123"),
    (DataMatrix(id="d", box=WIDE, text=""), "051REB123 Žā"),
]


class TestOthers:
    @pytest.mark.parametrize("profile", [*PRINTERS, FINE], ids=lambda p: p.name)
    @pytest.mark.parametrize(("element", "text"), OTHERS, ids=lambda e: getattr(e, "id", None))
    def test_are_read_back_and_stay_in_their_box(self, element: AnyCode, text: str, profile: PrinterProfile) -> None:
        assert read(element, text, profile) == (read_as(element, text),)
        raster = Raster.of_printer(LAYOUT, profile)
        box = raster.dots(element.box)
        field = fitted(symbol_of(element, text), element, raster).field
        assert (box[0] <= field[0], box[1] <= field[1], field[2] <= box[2], field[3] <= box[3]) == (True,) * 4

    @given(st.text([chr(c) for c in range(32, 127)], min_size=1, max_size=14))
    @settings(max_examples=2000 if LONG_RUN else 30)
    def test_a_code_128_holds_what_a_keyboard_has(self, text: str) -> None:
        assert read(OTHERS[0][0], text, CR80_600) == (text,)

    @given(st.text("0123456789", min_size=12, max_size=12))
    @settings(max_examples=2000 if LONG_RUN else 30)
    def test_an_ean_13_gets_its_check_digit(self, digits: str) -> None:
        (said,) = read(OTHERS[2][0], digits, CR80_300)
        assert said == read_as(OTHERS[2][0], digits)
        assert said[:12] == digits

    @given(st.text(min_size=1, max_size=40).filter(lambda text: "\x00" not in text and text.isprintable()))
    @settings(max_examples=2000 if LONG_RUN else 30)
    def test_a_data_matrix_holds_every_letter(self, text: str) -> None:
        assert read(DataMatrix(id="d", box=Box(8, 4, 46, 46), text=""), text, CR80_600) == (text,)

    def test_columns_are_chosen_for_the_largest_modules(self) -> None:
        def module(element: Pdf417) -> int:
            raster = Raster.of_printer(LAYOUT, CR80_600)
            return fitted(symbol_of(element, "051REB123" * 6), element, raster, 1).dots[0]

        chosen = Pdf417(id="p", box=WIDE, text="")
        assert module(chosen) >= max(module(replace(chosen, columns=columns)) for columns in range(1, 13))

    @pytest.mark.parametrize(
        ("kind", "text", "detail"),
        [
            (Code128, "Ķ12", "can't hold Ķ"),
            (Code128, "x" * 3000, "too long"),
            (Ean13, "12345", "12 digits"),
            (Ean13, "12345678901a", "12 digits"),
            (Ean13, "４７５０００００００１７", "12 digits"),
            (Ean13, "4750000000011", "should be 7"),
            (DataMatrix, "x" * 4000, "too long"),
            (Pdf417, "x" * 4000, "too long"),
        ],
    )
    def test_what_a_code_can_not_hold_is_refused(self, kind: Any, text: str, detail: str) -> None:
        with pytest.raises(LayoutError, match=detail):
            symbol_of(kind(id="c", box=WIDE, text=""), text)
