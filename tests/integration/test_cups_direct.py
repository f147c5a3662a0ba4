"""The IPP driver against a real IPP printer without CUPS in between: what arrives, and every way to fail."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from printers.api import (
    Cancel,
    DriverConfig,
    JobState,
    PrinterMissingError,
    PrinterReason,
    PrinterState,
    PrinterTroubleError,
    PrintJob,
    PrintJobLostError,
)
from printers.drivers.ipp import IppPrinter
from printers.registry import load_profile
from tests.helpers.cards import sample_image, sample_rendered_card
from tests.helpers.cupsd import PRINTER_URI, RIBBON_PERCENT, CupsBench, cups_bench, wait_until
from tests.unit.printers.test_pwg_raster import pages_of

__all__ = ["cups_bench"]

pytestmark = pytest.mark.bench_cups


@pytest.fixture
def cups(cups_bench: CupsBench) -> Iterator[CupsBench]:
    """Return the bench as if it had just been started; the printer has forgotten the jobs of the test before."""
    cups_bench.kill_printer()
    cups_bench.reset()
    yield cups_bench
    cups_bench.repair()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the driver's folder."""
    return tmp_path / "printer"


@pytest.fixture
def printer(cups: CupsBench, folder: Path) -> IppPrinter:
    """Return the driver on the bench's printer."""
    return driver(folder)


def driver(folder: Path) -> IppPrinter:
    return IppPrinter(DriverConfig("Desk printer", load_profile("generic-cr80-300"), folder, queue=PRINTER_URI))


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def job(name: str = "card-1", *, two_sided: bool = True) -> PrintJob:
    return PrintJob(name, sample_rendered_card(two_sided=two_sided))


def test_the_card_arrives_dot_for_dot_under_our_number_and_is_confirmed(cups: CupsBench, printer: IppPrinter) -> None:
    report = printer.print_card(job("card-4711"), cancel=Cancel(), progress=quiet)
    assert (report.state, report.card_confirmed) == (JobState.DONE, True)
    told = cups.arrived_with()
    assert (told["CONTENT_TYPE"], told["IPP_JOB_NAME"]) == ("application/pdf", "card-4711")
    assert told["IPP_SIDES"] == "two-sided-long-edge"
    (document,) = cups.cards_out()
    found = re.findall(rb"<<[^>]*/Height 648[^>]*/Width 1016[^>]*>>\s*stream\r?\n(.*?)endstream", document, re.DOTALL)
    assert [zlib.decompressobj().decompress(stream) for stream in found] == [
        sample_image("front").tobytes(),
        sample_image("back").tobytes(),
    ]


def test_a_printer_without_pdf_gets_the_dots_themselves(cups: CupsBench, printer: IppPrinter) -> None:
    cups.kill_printer()
    cups.start_printer(formats=("image/pwg-raster", "image/urf"))
    assert printer.print_card(job(), cancel=Cancel(), progress=quiet).card_confirmed
    assert cups.arrived_with()["CONTENT_TYPE"] == "image/pwg-raster"
    assert [page.size for _, page in pages_of(cups.cards_out()[0])] == [(638, 1011)] * 2
    cups.kill_printer()


def test_a_printer_that_takes_neither_is_told_so(cups: CupsBench, printer: IppPrinter) -> None:
    cups.kill_printer()
    cups.start_printer(formats=("image/jpeg",))
    with pytest.raises(PrinterMissingError, match="neither PDF nor PWG"):
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
    cups.kill_printer()


KEYWORDS = {
    "cover-open": PrinterReason.COVER_OPEN,
    "input-tray-missing": PrinterReason.MEDIA_EMPTY,
    "marker-supply-empty": PrinterReason.RIBBON_EMPTY,
    "marker-waste-full": PrinterReason.OUTPUT_FULL,
    "media-empty": PrinterReason.MEDIA_EMPTY,
    "media-jam": PrinterReason.MEDIA_JAM,
    "media-needed": PrinterReason.MEDIA_EMPTY,
    "other": PrinterReason.OTHER,
    "paused": PrinterReason.PAUSED,
    "spool-area-full": PrinterReason.SPOOL_FULL,
    "toner-empty": PrinterReason.RIBBON_EMPTY,
}


def test_every_reason_that_this_printer_can_give_is_named(cups: CupsBench, printer: IppPrinter) -> None:
    """All in one test, card after card: each is held for its reason, goes on after the remedy, and comes out once."""
    for number, (keyword, reason) in enumerate(KEYWORDS.items()):
        cups.fault(keyword)
        name = f"card-{number}"
        with pytest.raises(PrinterTroubleError) as caught:
            printer.print_card(job(name), cancel=Cancel(), progress=quiet)
        assert caught.value.reason == reason, keyword
        assert reason in printer.status().reasons, keyword
        cups.repair()
        assert printer.wait_job(name, cancel=Cancel(), progress=quiet).card_confirmed, keyword
        assert len(cups.cards_out()) == number + 1


@pytest.mark.parametrize(
    ("keyword", "reason"), [("media-low", PrinterReason.MEDIA_LOW), ("toner-low", PrinterReason.RIBBON_LOW)]
)
def test_what_only_warns_is_seen_and_stops_nothing(
    cups: CupsBench, printer: IppPrinter, keyword: str, reason: PrinterReason
) -> None:
    cups.fault(keyword)
    seen: list[PrinterReason] = []

    def look(step: str, share: float) -> None:
        seen.extend(printer.status().reasons)
        if seen:
            cups.repair()

    assert printer.print_card(job(), cancel=Cancel(), progress=look).card_confirmed
    assert reason in seen


def test_its_ribbon_is_told_before_the_first_card(printer: IppPrinter) -> None:
    found = printer.consumables()
    assert (found.ribbon, found.ribbon_percent) == ("YMCKO ribbon", RIBBON_PERCENT)


def test_a_printer_that_is_off_gets_nothing(cups: CupsBench, printer: IppPrinter) -> None:
    cups.kill_printer()
    assert (printer.status().state, printer.status().reasons) == (PrinterState.OFFLINE, (PrinterReason.OFFLINE,))
    with pytest.raises(PrinterMissingError, match="doesn't answer"):
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
    cups.start_printer()
    assert printer.print_card(job(), cancel=Cancel(), progress=quiet).card_confirmed


def test_a_printer_that_loses_its_power_with_the_card_in_it_leaves_a_doubt(
    cups: CupsBench, printer: IppPrinter, folder: Path
) -> None:
    cups.fault("media-empty-error")
    with pytest.raises(PrinterTroubleError):
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
    cups.kill_printer()
    with pytest.raises(PrinterTroubleError) as caught:
        printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
    assert caught.value.reason == PrinterReason.OFFLINE
    cups.repair()
    cups.start_printer()
    with pytest.raises(PrintJobLostError):
        driver(folder).wait_job("card-1", cancel=Cancel(), progress=quiet)
    assert cups.cards_out() == []


def test_a_printer_that_counts_nothing_is_not_believed(cups: CupsBench, printer: IppPrinter) -> None:
    command = cups.root / "print-command"
    kept = command.read_text()
    command.write_text(kept.replace("job-impressions-completed=1", "job-impressions-completed=0"))
    try:
        report = printer.print_card(job(), cancel=Cancel(), progress=quiet)
    finally:
        command.write_text(kept)
    assert (report.state, report.card_confirmed) == (JobState.DONE, False)


def test_a_printer_that_has_room_for_one_card_says_so_to_the_next(
    cups: CupsBench, printer: IppPrinter, tmp_path: Path
) -> None:
    cups.fault("media-empty-error")
    with pytest.raises(PrinterTroubleError):
        printer.print_card(job("card-1"), cancel=Cancel(), progress=quiet)
    other = driver(tmp_path / "other")
    with pytest.raises(PrinterMissingError, match="busy with another card"):
        other.print_card(job("card-2"), cancel=Cancel(), progress=quiet)
    cups.repair()
    assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).card_confirmed
    wait_until("the printer to be idle", lambda: printer.status().state is PrinterState.READY)
    assert other.print_card(job("card-2"), cancel=Cancel(), progress=quiet).card_confirmed
    assert len(cups.cards_out()) == 2
