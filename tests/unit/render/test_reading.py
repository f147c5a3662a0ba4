"""Reading codes back from bitmaps."""

from __future__ import annotations

from dataclasses import replace

from station.domain.elements import Box, Code128, Qr
from station.domain.layout import Layout
from station.ports.printer import Bitmap
from station.render.card import render_card
from station.render.raster import Raster
from station.render.reading import read_bitmap, read_in_place, read_like
from tests.helpers.layouts import CR80_300, ESCN, card_fields
from tests.helpers.reading import read_back

NUMBER = Code128(id="bars", box=Box(5, 30, 50, 10), text="{student_number}")
LEFT = Qr(id="left", box=Box(5, 5, 18, 18))
RIGHT = Qr(id="right", box=Box(50, 5, 18, 18), text="{student_number}")
LAYOUT = Layout("x", 1, front=(NUMBER,), back=(LEFT, RIGHT))
RASTER = Raster.of_printer(LAYOUT, CR80_300)


def test_each_code_is_read_in_its_own_place() -> None:
    card = render_card(LAYOUT, card_fields(), None, CR80_300)
    assert card.back is not None
    assert read_in_place(card.back.composite, LEFT, RASTER) == (f"https://s.esc-r.eu/{ESCN}",)
    assert read_in_place(card.back.composite, RIGHT, RASTER) == ("051REB123",)
    assert set(read_like(card.back.composite, LEFT)) == {f"https://s.esc-r.eu/{ESCN}", "051REB123"}


def test_only_codes_of_the_kind_are_read() -> None:
    card = render_card(LAYOUT, card_fields(), None, CR80_300)
    assert read_in_place(card.front.composite, NUMBER, RASTER) == ("051REB123",)
    assert read_like(card.front.composite, LEFT) == ()


def test_the_qr_code_may_be_on_the_back() -> None:
    assert read_back(render_card(LAYOUT, card_fields(), None, CR80_300)) in {f"https://s.esc-r.eu/{ESCN}", "051REB123"}


def test_nothing_is_read_where_nothing_is() -> None:
    white = Bitmap("RGB", 100, 60, b"\xff" * 18000)
    assert read_bitmap(white) is None
    assert read_in_place(white, replace(LEFT, box=Box(500, 500, 18, 18)), RASTER) == ()
