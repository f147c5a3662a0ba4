"""How long a card takes to draw; the figures to reach are in the comments, the floors were measured with Pillow alone.

The holder and the portrait differ in every round, as they do at a desk; only what an institution's cards share is warm.
"both sides" is both sides with all their panels.
"""

from __future__ import annotations

import io
import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PIL import Image, ImageChops

from station.adapters.workers import InlineWorkers, ProcessWorkers
from station.domain.elements import Qr
from station.domain.layout import CardFields, fields_of
from station.ports.printer import RenderedCard
from station.render import paint, picture, text
from station.render.batch import BatchPlan, CardOrder, DrawnCard, draw_all
from station.render.card import render_card, render_checked, render_preview
from station.render.codes import draw_code, fitted, symbol_of
from station.render.layout_file import bundled_layout
from station.render.paint import Planes
from station.render.pdf import png, proof_pdf
from station.render.raster import Raster, bitmap
from station.render.reading import read_bitmap
from tests.helpers.layouts import CR80_300, CR80_600, EXPIRES, ISSUED, ISSUER, as_jpeg, face, holder
from tests.helpers.renders import everything

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


def test_every_kind_of_element_300_dpi(measure: Any) -> None:
    """A card with five codes, a ghost image in UV and holes in the overlay, each code read back."""
    assert measure(lambda fields, portrait: render_checked(everything(), fields, portrait, CR80_300)).qr


def test_first_preview_of_a_holder(benchmark: Any) -> None:
    """To reach: 100 ms from the choice of a holder to the picture, after nothing but the start's warming up."""
    another = people()
    render_preview(UNIVERSITY, *another())

    def choice() -> tuple[Any, dict[str, Any]]:
        # Nothing of the texts and the portrait was seen before, nor were the fonts' letters in these sizes.
        for kept in (paint._set, text._stamp, picture.portrait):
            kept.cache_clear()
        return another(), {}

    seen = benchmark.pedantic(
        lambda fields, portrait: render_preview(UNIVERSITY, fields, portrait), setup=choice, rounds=30
    )
    assert seen.back


@pytest.mark.parametrize("processes", [0, 2])
def test_a_thousand_cards_as_png(benchmark: Any, tmp_path: Path, processes: int) -> None:
    """To reach: 25 s with two processes on two cores, and none of them growing by 40 MB once it has begun."""
    another = people()
    plan = BatchPlan(UNIVERSITY, CR80_300, tmp_path)
    workers = ProcessWorkers(processes) if processes else InlineWorkers()
    render_preview(UNIVERSITY, *another())
    idle: dict[int, float] = {}
    most: dict[int, float] = {}

    def orders() -> Iterator[CardOrder]:
        for number in range(1000):
            if number >= 100 and number % 50 == 0:
                for process in (os.getpid(), *children()):
                    idle.setdefault(process, resident_mb(process))
                    most[process] = max(most.get(process, 0.0), resident_mb(process))
            yield CardOrder(f"{number % 8}", *another())

    def batch() -> int:
        made = draw_all(plan, orders(), workers, cancel=Event())
        return sum(isinstance(each, DrawnCard) and bool(each.qr) for each in made)

    before = os.times()
    assert benchmark.pedantic(batch, rounds=1, iterations=1) == 1000
    spent = [after - start for after, start in zip(os.times(), before, strict=True)]
    benchmark.extra_info["processor_s"] = round(sum(spent[:4]), 1)
    benchmark.extra_info["grown_mb"] = [round(most[process] - idle[process]) for process in most]
    benchmark.extra_info["most_mb"] = [round(each) for each in most.values()]


def resident_mb(process: int) -> float:
    """Return how much memory a process has, in MB; 0 where the system does not say."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text("ascii").split()[1]
    except OSError:
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def children() -> list[int]:
    """Return this process's children."""
    return [child.pid for child in multiprocessing.active_children() if child.pid is not None]


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
