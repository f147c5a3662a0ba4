"""How long a card takes to draw; the figures to reach are in the comments, the floors were measured with Pillow alone.

The holder and the portrait differ in every round, as they do at a desk; only what an institution's cards share is warm.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageChops

from station.domain.elements import Qr
from station.domain.layout import CardFields, fields_of
from station.ports.printer import RenderedCard
from station.render.card import render_card, render_checked, render_preview
from station.render.codes import draw_code, fitted, symbol_of
from station.render.layout_file import bundled_layout
from station.render.paint import Planes
from station.render.pdf import png, proof_pdf
from station.render.raster import Raster, bitmap
from station.render.reading import read_bitmap
from tests.helpers.layouts import CR80_300, CR80_600, EXPIRES, ISSUED, ISSUER, as_jpeg, face, holder

UNIVERSITY = bundled_layout("university")
FAMILIES = ("Bērziņa-Šķēle", "Ozoliņš", "Kalniņa", "Ģērmanis", "Ļebedeva", "Zariņa-Kalniņa", "Ūdre", "Šķesters")
GIVEN = ("Līga", "Mārtiņš", "Žanete", "Kārlis", "Ņina", "Anna Marija", "Jānis", "Elīza")


def people() -> Callable[[], tuple[CardFields, bytes]]:
    """Return a function that gives another holder's texts and portrait at each call."""
    numbers = itertools.count(1)
    with Image.open(io.BytesIO(face())) as opened:
        original = opened.convert("RGB")
    portraits = [as_jpeg(ImageChops.offset(original, shift, 0)) for shift in range(0, 64, 4)]

    def another() -> tuple[CardFields, bytes]:
        n = next(numbers)
        who = holder(GIVEN[n % 8], FAMILIES[n // 8 % 8], f"{n % 1000:03d}REB{n // 7 % 1000:03d}")
        return fields_of(who, f"fcc5b4a0-7d4e-11ef-8000-{n:012d}", EXPIRES, ISSUER, ISSUED), portraits[n % 16]

    return another


@pytest.fixture
def measure(benchmark: Any) -> Callable[[Callable[[CardFields, bytes], object]], object]:
    """Give a function that measures another one, each round with another holder."""
    another = people()

    def measured(work: Callable[[CardFields, bytes], object]) -> object:
        return benchmark.pedantic(work, setup=lambda: (another(), {}), rounds=60, warmup_rounds=8)

    return measured


def test_both_sides_to_bitmaps_300_dpi(measure: Any) -> None:
    """To reach: 25 ms."""
    card = measure(lambda fields, portrait: render_card(UNIVERSITY, fields, portrait, CR80_300))
    assert isinstance(card, RenderedCard)


def test_both_sides_to_png_300_dpi(measure: Any) -> None:
    """To reach: 45 ms; the floor is 29 ms."""

    def work(fields: CardFields, portrait: bytes) -> list[bytes]:
        card = render_card(UNIVERSITY, fields, portrait, CR80_300)
        return [png(side.composite) for side in (card.front, card.back) if side]

    assert len(measure(work)) == 2


def test_both_sides_proven_300_dpi(measure: Any) -> None:
    """As it is done for every card: drawn, the QR code read back, the findings listed."""
    assert measure(lambda fields, portrait: render_checked(UNIVERSITY, fields, portrait, CR80_300)).qr


def test_both_sides_for_the_screen_300_dpi(measure: Any) -> None:
    """To reach: 16 ms."""
    assert measure(lambda fields, portrait: render_preview(UNIVERSITY, fields, portrait)).back


def test_both_sides_to_bitmaps_600_dpi(measure: Any) -> None:
    """To reach: 120 ms."""
    assert measure(lambda fields, portrait: render_card(UNIVERSITY, fields, portrait, CR80_600)).back


def test_proof_pdf(measure: Any) -> None:
    assert measure(lambda fields, portrait: proof_pdf(render_card(UNIVERSITY, fields, portrait, CR80_300)))


def test_code_made_and_read_back(measure: Any) -> None:
    """To reach: 5 ms, from the text to the text read off the whole side."""
    raster = Raster.of_printer(UNIVERSITY, CR80_300)
    qr = next(e for e in UNIVERSITY.front if e.id == "qr")
    assert isinstance(qr, Qr)
    seen = Planes.blank(raster, soft=False)

    def work(fields: CardFields, portrait: bytes) -> tuple[str, str | None]:
        del portrait
        symbol = symbol_of(qr, fields.qr)
        draw_code(seen.colour, seen.resin, symbol, fitted(symbol, qr, raster))
        return fields.qr, read_bitmap(bitmap(seen.composite()))

    wanted, read = measure(work)
    assert read == wanted
