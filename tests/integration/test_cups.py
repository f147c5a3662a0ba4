"""The CUPS driver against a real cupsd with a real IPP printer behind it: what arrives, and every way to fail."""

from __future__ import annotations

import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from printers.api import (
    Cancel,
    Cancelled,
    DriverConfig,
    JobState,
    Printer,
    PrinterMissingError,
    PrinterReason,
    PrinterState,
    PrinterTroubleError,
    PrintJob,
    PrintJobLostError,
)
from printers.document import ID1_MM, pdf, sides
from printers.drivers.cups import CupsPrinter
from printers.drivers.ipp import IppPrinter
from printers.ipp import Attribute, Group, GroupTag, Message, ValueTag, encode, text
from printers.ipp_client import IppClient, Operation, Server
from printers.records import JobBook, JobRecord
from printers.registry import load_profile
from tests.helpers.cards import sample_image, sample_rendered_card
from tests.helpers.cupsd import PRINTER_URI, QUEUE, RIBBON_PERCENT, CupsBench, cups_bench, wait_until
from tests.helpers.cutting_proxy import cutting_proxy

__all__ = ["cups_bench"]

pytestmark = pytest.mark.bench_cups


@pytest.fixture
def cups(cups_bench: CupsBench) -> Iterator[CupsBench]:
    """Return the bench as if it had just been started."""
    cups_bench.reset()
    yield cups_bench
    cups_bench.repair()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the driver's folder."""
    return tmp_path / "printer"


@pytest.fixture
def printer(cups: CupsBench, folder: Path) -> Printer:
    """Return the driver on the bench's queue."""
    return driver(cups, folder)


def driver(cups: CupsBench, folder: Path, options: Mapping[str, str] | None = None, queue: str = QUEUE) -> Printer:
    options = {"station.server": cups.address, **(options or {})}
    config = DriverConfig("Desk printer", load_profile("generic-cr80-300"), folder, queue=queue, options=options)
    return CupsPrinter(config)


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def job(name: str = "card-1", *, two_sided: bool = True) -> PrintJob:
    return PrintJob(name, sample_rendered_card(two_sided=two_sided))


def held(cups: CupsBench, printer: Printer, name: str = "card-1", keyword: str = "media-empty-error") -> None:
    """Print a card that the printer keeps until it is repaired."""
    cups.fault(keyword)
    with pytest.raises(PrinterTroubleError):
        printer.print_card(job(name), cancel=Cancel(), progress=quiet)


def client(cups: CupsBench) -> IppClient:
    return IppClient(Server.parse(cups.address))


def named(title: str) -> list[Attribute]:
    """Return what a job has to say of itself."""
    return [
        text(ValueTag.NAME, "job-name", title),
        text(ValueTag.MIME_TYPE, "document-format", "application/pdf"),
        text(ValueTag.KEYWORD, "media", "om_card_54x86mm"),
    ]


def _print_job(title: str) -> bytes:
    """Return the beginning of a request to print, with more document to come than there will be."""
    charset = text(ValueTag.CHARSET, "attributes-charset", "utf-8")
    language = text(ValueTag.LANGUAGE, "attributes-natural-language", "en")
    uri = text(ValueTag.URI, "printer-uri", f"ipp://localhost/printers/{QUEUE}")
    group = Group(GroupTag.OPERATION, (charset, language, uri, *named(title)[:2]))
    document = pdf(title, sides(sample_rendered_card()), (300, 300), ID1_MM)
    return encode(Message(Operation.PRINT_JOB, 1, (group,), document=document))


def given_away(cups: CupsBench, title: str) -> None:
    """Give a card to the queue behind the driver's back."""
    document = pdf(title, sides(sample_rendered_card()), (300, 300), ID1_MM)
    assert client(cups).print_job(named(title), document, queue=QUEUE)


class TestWhatArrives:
    def test_two_sides_are_a_pdf_of_two_pages_of_the_cards_exact_size(self, cups: CupsBench, printer: Printer) -> None:
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
        (document,) = cups.cards_out()
        assert document.startswith(b"%PDF")
        # 85.60 × 53.98 mm in points of 1/72 inch; a filter of the queue may turn the page to the feeder's direction.
        pages = re.findall(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", document)
        assert [sorted(round(float(side), 2) for side in page) for page in pages] == [[153.01, 242.65]] * 2

    def test_no_dot_is_lost_on_the_way(self, cups: CupsBench, printer: Printer) -> None:
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
        image = rb"<<[^>]*/Height 648[^>]*/Width 1016[^>]*>>\s*stream\r?\n(.*?)endstream"
        found = re.findall(image, cups.cards_out()[0], re.DOTALL)
        assert [zlib.decompressobj().decompress(stream) for stream in found] == [
            sample_image("front").tobytes(),
            sample_image("back").tobytes(),
        ]

    def test_the_queue_hears_of_size_sides_and_no_scaling(self, cups: CupsBench, printer: Printer) -> None:
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
        told = cups.arrived_with()
        assert told["CONTENT_TYPE"] == "application/pdf"
        assert told["IPP_SIDES"] == "two-sided-long-edge"
        assert "x-dimension=5398 y-dimension=8560" in told["IPP_MEDIA_COL"]

    def test_one_side_alone_is_one_page(self, cups: CupsBench, printer: Printer) -> None:
        printer.print_card(job(two_sided=False), cancel=Cancel(), progress=quiet)
        assert cups.cards_out()[0].count(b"/MediaBox") == 1
        assert cups.arrived_with()["IPP_SIDES"] == "one-sided"

    def test_one_side_as_png_arrives_dot_for_dot(self, cups: CupsBench, folder: Path) -> None:
        printer = driver(cups, folder, {"station.document": "png"})
        printer.print_card(job(two_sided=False), cancel=Cancel(), progress=quiet)
        assert cups.arrived_with()["CONTENT_TYPE"] == "image/png"
        arrived = Image.open(io.BytesIO(cups.cards_out()[0]))
        assert arrived.tobytes() == sample_image().tobytes()
        assert [round(dots) for dots in arrived.info["dpi"]] == [300, 300]

    def test_the_title_is_our_number_for_the_job_and_nothing_else(self, cups: CupsBench, printer: Printer) -> None:
        printer.print_card(job("card-4711"), cancel=Cancel(), progress=quiet)
        told = cups.arrived_with()
        assert told["IPP_JOB_NAME"] == "card-4711"
        assert b"/Title (card-4711)" in cups.cards_out()[0]

    def test_the_ribbons_level_is_known_from_the_first_card_on(self, cups: CupsBench, printer: Printer) -> None:
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
        status = printer.status()
        assert status.ribbon_percent == RIBBON_PERCENT
        assert status.model

    def test_the_picture_is_wiped_from_the_spooler(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer)
        assert cups.spooled_documents()
        cups.repair()
        printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert cups.spooled_documents() == []
        assert "card-" not in cups.titles()

    def test_the_picture_is_wiped_after_a_cancel_too(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer)
        printer.cancel_job("card-1")
        assert cups.spooled_documents() == []


class TestTrouble:
    @pytest.mark.parametrize(
        ("keyword", "reason"),
        [
            ("cover-open-error", PrinterReason.COVER_OPEN),
            ("media-needed-report", PrinterReason.MEDIA_EMPTY),
            ("marker-waste-full", PrinterReason.OUTPUT_FULL),
            ("other-error", PrinterReason.OTHER),
            ("media-jam-warning", PrinterReason.MEDIA_JAM),
            ("toner-empty-error", PrinterReason.RIBBON_EMPTY),
            ("input-tray-missing-error", PrinterReason.MEDIA_EMPTY),
        ],
    )
    def test_each_reason_is_told_whatever_its_severity(
        self, cups: CupsBench, printer: Printer, keyword: str, reason: PrinterReason
    ) -> None:
        cups.fault(keyword)
        with pytest.raises(PrinterTroubleError) as caught:
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        assert caught.value.reason == reason
        assert printer.status().reasons == (reason,)

    def test_a_ribbon_that_runs_low_stops_nothing(self, cups: CupsBench, printer: Printer) -> None:
        cups.fault("marker-supply-low-warning")
        seen: list[PrinterReason] = []

        def repair_when_seen(step: str, share: float) -> None:
            seen.extend(printer.status().reasons)
            if PrinterReason.RIBBON_LOW in seen:
                cups.repair()

        report = printer.print_card(job(), cancel=Cancel(), progress=repair_when_seen)
        assert report.state is JobState.DONE
        assert PrinterReason.RIBBON_LOW in seen

    def test_a_card_behind_one_in_trouble_hears_of_the_trouble_too(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer, "card-1", "cover-open-error")
        with pytest.raises(PrinterTroubleError) as caught:
            printer.print_card(job("card-2"), cancel=Cancel(), progress=quiet)
        assert caught.value.reason == PrinterReason.COVER_OPEN
        assert printer.job_report("card-2").untouched
        cups.repair()
        for name in ("card-1", "card-2"):
            assert printer.wait_job(name, cancel=Cancel(), progress=quiet).state is JobState.DONE

    def test_a_document_that_cups_cannot_read_is_a_failed_job_at_once(self, cups: CupsBench, printer: Printer) -> None:
        client(cups).print_job(named("card-1"), b"%PDF-1.4 torn", queue=QUEUE)
        with pytest.raises(PrintJobLostError):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert printer.job_report("card-1").state in (JobState.FAILED, JobState.DONE)
        assert cups.spooled_documents() == []

    def test_a_paused_queue_keeps_the_card_and_goes_on_when_it_may(self, cups: CupsBench, printer: Printer) -> None:
        cups.admin("cupsdisable", QUEUE)
        assert printer.status().state is PrinterState.PAUSED
        with pytest.raises(PrinterTroubleError) as caught:
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        assert caught.value.reason == PrinterReason.PAUSED
        report = printer.job_report("card-1")
        assert (report.state, report.untouched) == (JobState.QUEUED, True)
        cups.admin("cupsenable", QUEUE)
        assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_out()) == 1

    def test_a_card_that_waits_in_a_paused_queue_is_taken_back_untouched(
        self, cups: CupsBench, printer: Printer
    ) -> None:
        cups.admin("cupsdisable", QUEUE)
        cancel = Cancel()
        with pytest.raises(PrinterTroubleError):
            printer.print_card(job(), cancel=cancel, progress=quiet)
        cancel.set()
        with pytest.raises(Cancelled):
            printer.wait_job("card-1", cancel=cancel, progress=quiet)
        assert printer.job_report("card-1").untouched
        cups.admin("cupsenable", QUEUE)
        assert printer.print_card(job("card-2"), cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_out()) == 1

    def test_a_job_that_is_held_waits_for_whoever_holds_it(self, cups: CupsBench, folder: Path) -> None:
        printer = driver(cups, folder, {"job-hold-until": "indefinite"})
        with pytest.raises(PrinterTroubleError) as caught:
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        assert caught.value.reason == PrinterReason.PAUSED
        assert printer.job_report("card-1").untouched
        number = json.loads((folder / "card-1" / "job.json").read_text())["spooler_id"]
        cups.admin("lp", "-i", f"{QUEUE}-{number}", "-H", "resume")
        assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_out()) == 1

    def test_a_queue_paused_in_mid_card_does_not_print_it_again(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer, keyword="cover-open-error")
        cups.admin("cupsdisable", QUEUE)
        with pytest.raises(PrintJobLostError, match="anew"):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        cups.repair()
        cups.admin("cupsenable", QUEUE)
        assert printer.print_card(job("card-2"), cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_arrived()) == 2

    def test_a_queue_that_takes_no_jobs_never_got_the_card(self, cups: CupsBench, printer: Printer) -> None:
        cups.admin("cupsreject", QUEUE)
        assert printer.status().state is PrinterState.PAUSED
        with pytest.raises(PrinterMissingError, match="takes no jobs"):
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        cups.admin("cupsaccept", QUEUE)
        # Nothing was given away, so the same job may be tried again.
        assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE

    def test_stopped_while_the_printer_has_it_nobody_promises_anything(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer, keyword="cover-open-error")
        cancel = Cancel()
        cancel.set()
        with pytest.raises(PrintJobLostError):
            printer.wait_job("card-1", cancel=cancel, progress=quiet)
        report = printer.job_report("card-1")
        assert (report.state, report.untouched, report.card_confirmed) == (JobState.CANCELLED, False, False)


class TestStatus:
    """An idle queue hears of its printer only what the last job left behind: the driver asks the printer itself."""

    def test_a_trouble_is_seen_although_the_queue_prints_nothing(
        self, cups: CupsBench, printer: Printer, tmp_path: Path
    ) -> None:
        direct = IppPrinter(DriverConfig("Bench", load_profile("generic-cr80-300"), tmp_path / "d", queue=PRINTER_URI))
        held(cups, direct, "card-8", "cover-open-error")
        wait_until("the open cover", lambda: printer.status().reasons == (PrinterReason.COVER_OPEN,))
        assert printer.status().state is PrinterState.TROUBLE
        assert printer.consumables().ribbon_percent == RIBBON_PERCENT
        cups.repair()
        wait_until("the closed cover", lambda: printer.status().state is PrinterState.READY)
        direct.wait_job("card-8", cancel=Cancel(), progress=quiet)

    def test_a_printer_that_is_switched_off_is_seen_without_a_job(self, cups: CupsBench, printer: Printer) -> None:
        assert printer.status().state is PrinterState.READY
        cups.kill_printer()
        assert (printer.status().state, printer.status().reasons) == (PrinterState.OFFLINE, (PrinterReason.OFFLINE,))
        cups.start_printer()
        assert printer.status().state is PrinterState.READY


class TestPulledPlugs:
    def test_the_printer_dies_with_the_card_in_it(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer, keyword="media-jam-error")
        cups.kill_printer()
        assert printer.job_report("card-1").state is JobState.PRINTING
        cups.repair()
        cups.start_printer()
        report = printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        # CUPS calls it completed. No card came out.
        assert (report.state, report.card_confirmed) == (JobState.DONE, False)
        assert "forgot" in report.detail
        assert cups.cards_out() == []

    def test_a_printer_that_is_off_is_told_and_prints_when_it_is_back(self, cups: CupsBench, printer: Printer) -> None:
        cups.kill_printer()
        with pytest.raises(PrinterTroubleError) as caught:
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        assert caught.value.reason == PrinterReason.OFFLINE
        assert printer.status().state is PrinterState.OFFLINE
        cups.start_printer()
        assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_out()) == 1

    def test_the_queue_is_deleted_under_a_job(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer)
        cups.delete_queue()
        with pytest.raises(PrintJobLostError):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        report = printer.job_report("card-1")
        assert (report.card_confirmed, report.untouched) == (False, False)
        assert printer.status().state is PrinterState.MISSING

    def test_without_the_queue_nothing_is_given_away(self, cups: CupsBench, folder: Path) -> None:
        printer = driver(cups, folder, queue="nobody")
        assert printer.status().state is PrinterState.MISSING
        with pytest.raises(PrinterMissingError) as caught:
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        assert "Desk printer" in str(caught.value)
        assert printer.job_report("card-1").state is JobState.UNKNOWN

    def test_without_the_print_service_nothing_is_given_away(self, cups: CupsBench, printer: Printer) -> None:
        cups.stop_cupsd()
        assert printer.status().state is PrinterState.OFFLINE
        with pytest.raises(PrinterMissingError, match="print service"):
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        assert printer.job_report("card-1").state is JobState.UNKNOWN
        cups.start_cupsd()
        assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE

    def test_a_restarted_print_service_does_not_print_the_card_again(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer)
        cups.stop_cupsd()
        with pytest.raises(PrinterTroubleError) as caught:
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert caught.value.reason == PrinterReason.SERVICE_AWAY
        cups.repair()
        wait_until("the card", lambda: len(cups.cards_out()) == 1)
        cups.start_cupsd()
        with pytest.raises(PrintJobLostError, match="anew"):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert printer.job_report("card-1").state is JobState.CANCELLED
        printer.print_card(job("card-2"), cancel=Cancel(), progress=quiet)
        assert len(cups.cards_out()) == 2

    def test_a_print_service_that_forgot_the_job_leaves_it_to_a_person(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer)
        cups.kill_cupsd()
        cups.repair()
        cups.start_cupsd()
        report = printer.job_report("card-1")
        assert (report.card_confirmed, report.untouched) == (False, False)
        with pytest.raises(PrintJobLostError):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)

    def test_somebody_else_cancels_the_job(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer)
        cups.admin("cancel", "-a", QUEUE)
        with pytest.raises(PrintJobLostError):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)

    def test_a_job_cannot_be_taken_back_from_a_service_that_is_away(self, cups: CupsBench, printer: Printer) -> None:
        held(cups, printer)
        cups.stop_cupsd()
        with pytest.raises(PrinterTroubleError, match="taken back"):
            printer.cancel_job("card-1")
        cups.start_cupsd()
        printer.cancel_job("card-1")
        assert printer.job_report("card-1").state is JobState.CANCELLED


class TestOnlyOnce:
    def test_a_job_whose_number_was_never_noted_is_found_by_its_title(
        self, cups: CupsBench, printer: Printer, folder: Path
    ) -> None:
        # The station died between giving the card away and writing down the spooler's number.
        JobBook(folder).write(JobRecord("card-1", JobState.QUEUED))
        given_away(cups, "card-1")
        assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_arrived()) == 1

    def test_without_any_record_the_title_alone_is_enough(self, cups: CupsBench, printer: Printer) -> None:
        given_away(cups, "card-1")
        assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_arrived()) == 1

    def test_a_job_that_may_have_been_given_away_is_not_given_away_again(
        self, cups: CupsBench, printer: Printer, folder: Path
    ) -> None:
        JobBook(folder).write(JobRecord("card-1", JobState.QUEUED))
        with pytest.raises(PrintJobLostError):
            printer.print_card(job(), cancel=Cancel(), progress=quiet)
        assert cups.cards_arrived() == []

    def test_a_card_that_arrived_without_an_answer_is_found_by_its_title(self, cups: CupsBench, folder: Path) -> None:
        with cutting_proxy(f"http://{cups.address}") as cable:
            cable.cut_large = "down"
            printer = driver(cups, folder, {"station.server": urlsplit(cable.address).netloc})
            assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE
            assert cable.cut_large == "", "the cable was pulled"
        assert len(cups.cards_arrived()) == 1

    def test_half_a_document_is_no_job_and_a_person_is_asked(self, cups: CupsBench, folder: Path) -> None:
        with cutting_proxy(f"http://{cups.address}") as cable:
            cable.cut_large = "up"
            printer = driver(cups, folder, {"station.server": urlsplit(cable.address).netloc})
            with pytest.raises(PrintJobLostError):
                printer.print_card(job(), cancel=Cancel(), progress=quiet)
            assert cable.cut_large == "", "the cable was pulled"
        assert (cups.cards_arrived(), cups.spooled_documents()) == ([], [])
        assert driver(cups, folder).print_card(job("card-2"), cancel=Cancel(), progress=quiet).state is JobState.DONE

    def test_a_station_that_dies_in_the_middle_of_giving_away_gave_nothing(self, cups: CupsBench, folder: Path) -> None:
        path = Path(f"/printers/{QUEUE}")
        with socket.create_connection(("127.0.0.1", int(cups.address.rpartition(":")[2]))) as dying:
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nContent-Length: 99999"
            dying.sendall(head.encode() + b"\r\n\r\n" + _print_job("card-1")[:30_000])
        JobBook(folder).write(JobRecord("card-1", JobState.QUEUED))
        with pytest.raises(PrintJobLostError):
            driver(cups, folder).print_card(job(), cancel=Cancel(), progress=quiet)
        assert (cups.cards_arrived(), cups.spooled_documents()) == ([], [])

    def test_the_station_is_killed_while_the_printer_has_the_card(
        self, cups: CupsBench, printer: Printer, folder: Path
    ) -> None:
        cups.fault("media-empty-error")
        station = subprocess.Popen(
            [sys.executable, "-c", _STATION, cups.address, str(folder)], cwd=Path(__file__).parents[2]
        )
        try:
            wait_until("the card to arrive", lambda: len(cups.cards_arrived()) == 1)
        finally:
            station.send_signal(signal.SIGKILL)
            station.wait(10)
        assert printer.job_report("card-1").state is JobState.PRINTING
        cups.repair()
        assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_arrived()) == 1


_STATION = """
import sys
from pathlib import Path
from printers.api import Cancel, DriverConfig, PrintJob, PrinterTroubleError
from printers.registry import load_profile, open_printer
from tests.helpers.cards import sample_rendered_card
options = {"station.server": sys.argv[1]}
printer = open_printer("cups", DriverConfig("d", load_profile("virtual"), Path(sys.argv[2]), "card", options))
job = PrintJob("card-1", sample_rendered_card())
while True:
    try:
        printer.print_card(job, cancel=Cancel(), progress=lambda step, share: None)
    except PrinterTroubleError:
        pass
"""


class TestWhereTheServiceIs:
    def test_cups_server_names_it(self, cups: CupsBench, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CUPS_SERVER", cups.address)
        printer = CupsPrinter(DriverConfig(QUEUE, load_profile("virtual"), folder))
        assert printer.status().state is PrinterState.READY
        assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE

    def test_else_it_is_the_socket_of_this_computer(
        self, cups: CupsBench, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CUPS_SERVER", raising=False)
        printer = CupsPrinter(DriverConfig(QUEUE, load_profile("virtual"), folder))
        assert printer.print_card(job(), cancel=Cancel(), progress=quiet).state is JobState.DONE
        assert len(cups.cards_out()) == 1

    def test_where_a_cancel_needs_a_login_the_socket_is_one(
        self, cups: CupsBench, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("CUPS_SERVER", raising=False)
        cups.add_queue(policy="authenticated")
        printer = CupsPrinter(DriverConfig(QUEUE, load_profile("virtual"), folder))
        held(cups, printer)
        printer.cancel_job("card-1")
        assert printer.job_report("card-1").state is JobState.CANCELLED
        assert cups.spooled_documents() == []

    @pytest.mark.parametrize("address", ["localhost:1", "/nowhere/cups.sock", "no such host", "::::", "[::1]:99999"])
    def test_status_never_raises(self, folder: Path, address: str) -> None:
        profile = load_profile("virtual")
        printer = CupsPrinter(DriverConfig("x", profile, folder, options={"station.server": address}))
        status = printer.status()
        assert status.state is PrinterState.OFFLINE
        assert status.detail


def test_two_desks_share_a_queue_without_mixing_up_their_cards(cups: CupsBench, tmp_path: Path) -> None:
    ended: dict[str, JobState] = {}

    def desk(name: str) -> None:
        printer = driver(cups, tmp_path / name)
        for number in range(3):
            report = printer.print_card(job(f"{name}-{number}"), cancel=Cancel(), progress=quiet)
            ended[report.job] = report.state

    desks = [threading.Thread(target=desk, args=(name,)) for name in ("left", "right")]
    for each in desks:
        each.start()
    for each in desks:
        each.join(60)
    assert set(ended.values()) == {JobState.DONE}
    assert len(ended) == len(cups.cards_out()) == 6


def test_the_record_on_disk_says_what_became_of_the_job(cups: CupsBench, printer: Printer, folder: Path) -> None:
    printer.print_card(job(), cancel=Cancel(), progress=quiet)
    record = json.loads((folder / "card-1" / "job.json").read_text())
    assert (record["state"], record["card_confirmed"]) == ("done", False)
    assert record["spooler_id"].isdigit()
    assert sorted(path.name for path in (folder / "card-1").iterdir()) == ["job.json"]
