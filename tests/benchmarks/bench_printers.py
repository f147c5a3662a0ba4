"""What a card costs on its way to the printer: the document, the spooler's yes, the virtual printer's own share.

To reach: from "produce" to the job accepted by the spooler at most 150 ms together with the render; software's own
share of a demo card at most 250 ms. A card with a portrait is measured: noise stands for it, as it packs badly, too.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from printers.api import Bitmap, Cancel, DriverConfig, JobState, PrinterState, PrintJob, RenderedCard
from printers.document import ID1_MM, pdf, png, sides
from printers.drivers.cups import CupsPrinter
from printers.drivers.ipp import IppPrinter
from printers.drivers.virtual import VirtualPrinter
from printers.ipp import ValueTag, decode, encode, text
from printers.ipp_client import IppClient, Server
from printers.registry import load_profile
from station.domain.layout import CardFields
from station.domain.workflow import Issuance
from station.ports.register import RegisterRow
from station.render.card import render_card
from station.render.layout_file import bundled_layout
from tests.benchmarks.bench_render import people
from tests.helpers.cards import sample_image, sample_rendered_card
from tests.helpers.cupsd import PRINTER_URI, QUEUE, CupsBench, cups_bench, wait_until
from tests.helpers.desks import NOW, a_holder, open_test_desk

__all__ = ["cups_bench"]

RECORDED = Path(__file__).parents[1] / "fixtures" / "ipp" / "printer-all.bin"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def card() -> RenderedCard:
    """Return a two-sided card whose front has a portrait's worth of detail."""
    image = sample_image()
    image.paste(Image.effect_noise((300, 400), 40).convert("RGB"), (60, 180))
    plain = sample_rendered_card()
    composite = Bitmap("RGB", image.width, image.height, image.tobytes())
    return replace(plain, front=replace(plain.front, composite=composite))


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def test_the_pdf_of_both_sides(benchmark: BenchmarkFixture, card: RenderedCard) -> None:
    document = benchmark(lambda: pdf("card-1", sides(card), (300, 300), ID1_MM))
    assert document.startswith(b"%PDF")


def test_the_png_of_one_side(benchmark: BenchmarkFixture, card: RenderedCard) -> None:
    assert benchmark(lambda: png(sides(card)[0], (300, 300)))


def test_an_ipp_answer_read_and_written(benchmark: BenchmarkFixture) -> None:
    """The longest there is: every attribute of a printer, 8 kB."""
    octets = RECORDED.read_bytes()
    assert benchmark(lambda: encode(decode(octets))) == octets


def test_the_virtual_printers_own_share_of_a_card(
    benchmark: BenchmarkFixture, card: RenderedCard, tmp_path: Path
) -> None:
    """Two PNG, a PDF and four durable records; the printer itself takes no time."""
    printer = VirtualPrinter(DriverConfig("Bench", load_profile("virtual"), tmp_path / "p", seconds_a_card=0))

    def print_one() -> JobState:
        job = PrintJob(f"card-{next(_numbers)}", card)
        return printer.print_card(job, cancel=Cancel(), progress=quiet).state

    assert benchmark(print_one) is JobState.DONE


class _Accepted(Exception):  # noqa: N818 - not an error: the moment that is waited for
    """The spooler has the job."""


def _until_accepted(step: str, share: float) -> None:
    if step != "sending":
        raise _Accepted


@pytest.mark.bench_cups
def test_from_the_render_to_the_spoolers_yes(
    benchmark: BenchmarkFixture, card: RenderedCard, cups_bench: CupsBench, tmp_path: Path
) -> None:
    """The document, two questions, the job, two durable records, one look at the job; the queue is paused."""
    cups_bench.admin("cupsdisable", QUEUE)
    options = {"station.server": cups_bench.address}
    printer = CupsPrinter(DriverConfig(QUEUE, load_profile("virtual"), tmp_path / "p", options=options))

    def give_away() -> None:
        job = PrintJob(f"card-{next(_numbers)}", card)
        with pytest.raises(_Accepted):
            printer.print_card(job, cancel=Cancel(), progress=_until_accepted)

    benchmark.pedantic(give_away, rounds=20, warmup_rounds=1)


@pytest.mark.bench_cups
def test_from_produce_to_the_spoolers_yes(benchmark: BenchmarkFixture, cups_bench: CupsBench, tmp_path: Path) -> None:
    """To reach: 150 ms. The render of a ready layout with another holder and portrait each time, then all the above."""
    cups_bench.admin("cupsdisable", QUEUE)
    options = {"station.server": cups_bench.address, "station.without": "uv overlay magnetic"}
    profile = load_profile("generic-cr80-300")
    printer = CupsPrinter(DriverConfig(QUEUE, profile, tmp_path / "p", options=options))
    layout, another = bundled_layout("university"), people()

    def produce(fields: CardFields, portrait: bytes) -> None:
        job = PrintJob(f"card-{next(_numbers)}", render_card(layout, fields, portrait, profile))
        with pytest.raises(_Accepted):
            printer.print_card(job, cancel=Cancel(), progress=_until_accepted)

    benchmark.pedantic(produce, setup=lambda: (another(), {}), rounds=20, warmup_rounds=3)


@pytest.mark.bench_cups
def test_from_a_persons_word_to_the_spoolers_yes(
    benchmark: BenchmarkFixture, cups_bench: CupsBench, tmp_path: Path
) -> None:
    """To reach: 150 ms. All that the station does: the card drawn and its QR read back, the journal, the job."""
    cups_bench.admin("cupsdisable", QUEUE)
    options = {"station.server": cups_bench.address, "station.without": "uv overlay magnetic"}
    printer = {"driver": "cups", "queue": QUEUE, "profile": "generic-cr80-300", "options": options}
    with open_test_desk(tmp_path / "desk", chip={"profile": "none"}, printer=printer) as hands:
        desk, numbers = hands.desk, itertools.count()

        def encoded() -> tuple[tuple[Issuance], dict[str, object]]:
            holder = a_holder(f"9{next(numbers):06}", "Līga", "Bērziņa-Šķēle")
            rows = [RegisterRow(holder)]
            desk.store.holders.apply_import(desk.store.holders.plan_import(rows, holder.id), holder.id, NOW)
            return (hands.encoded(holder),), {}

        def produce(issuance: Issuance) -> None:
            card = desk.render(issuance)
            desk.printing.check(card)
            with pytest.raises(_Accepted):
                desk.printing.print_card(issuance.id, card, cancel=Cancel(), progress=_until_accepted)

        benchmark.pedantic(produce, setup=encoded, rounds=20, warmup_rounds=3)


@pytest.mark.bench_cups
def test_from_produce_to_the_printers_yes(benchmark: BenchmarkFixture, cups_bench: CupsBench, tmp_path: Path) -> None:
    """The same to an IPP printer itself, without CUPS; each card comes out before the next."""
    cups_bench.reset()
    profile = load_profile("generic-cr80-300")
    cups_bench.slow(0.5)  # so that a card is still in it when its acceptance is seen
    printer = IppPrinter(DriverConfig("Bench", profile, tmp_path / "p", queue=PRINTER_URI))
    layout, another = bundled_layout("university"), people()

    def ready() -> tuple[tuple[CardFields, bytes], dict[str, object]]:
        wait_until("an idle printer", lambda: printer.status().state is PrinterState.READY)
        return another(), {}

    def produce(fields: CardFields, portrait: bytes) -> None:
        job = PrintJob(f"card-{next(_numbers)}", render_card(layout, fields, portrait, profile))
        with pytest.raises(_Accepted):
            printer.print_card(job, cancel=Cancel(), progress=_until_accepted)

    benchmark.pedantic(produce, setup=ready, rounds=20, warmup_rounds=1)
    cups_bench.repair()


@pytest.mark.bench_cups
def test_a_changed_state_of_the_printer_is_seen(
    benchmark: BenchmarkFixture, cups_bench: CupsBench, tmp_path: Path
) -> None:
    """To reach: 1 s on screen, of which the window's own turn (it asks every half second) is the rest.

    The printer is switched off behind an idle queue; it counts until the driver says so.
    """
    cups_bench.reset()
    options = {"station.server": cups_bench.address}
    printer = CupsPrinter(DriverConfig(QUEUE, load_profile("virtual"), tmp_path / "p", options=options))

    def switched_off() -> None:
        cups_bench.start_printer()
        wait_until("a printer that is on", lambda: printer.status().state is PrinterState.READY)
        cups_bench.kill_printer()

    def seen() -> None:
        wait_until("a printer that is off", lambda: printer.status().state is PrinterState.OFFLINE)

    cups_bench.kill_printer()
    benchmark.pedantic(seen, setup=switched_off, rounds=5)
    cups_bench.start_printer()


@pytest.mark.bench_cups
def test_floor_of_the_spooler_alone(benchmark: BenchmarkFixture, card: RenderedCard, cups_bench: CupsBench) -> None:
    """The same document handed over and nothing else: what nobody can be faster than."""
    cups_bench.admin("cupsdisable", QUEUE)
    document = pdf("card-1", sides(card), (300, 300), ID1_MM)
    client = IppClient(Server.parse(cups_bench.address))

    def give_away() -> int:
        return client.print_job([text(ValueTag.NAME, "job-name", f"card-{next(_numbers)}")], document, queue=QUEUE)

    assert benchmark.pedantic(give_away, rounds=20, warmup_rounds=1)


@pytest.mark.bench_cups
def test_the_printers_state(benchmark: BenchmarkFixture, cups_bench: CupsBench, tmp_path: Path) -> None:
    """What the status bar asks again and again."""
    options = {"station.server": cups_bench.address}
    printer = CupsPrinter(DriverConfig(QUEUE, load_profile("virtual"), tmp_path / "p", options=options))
    assert benchmark(lambda: printer.status().name) == QUEUE
