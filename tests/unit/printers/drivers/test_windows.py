"""The driver for Windows with a stand-in of pywin32: what is drawn, and what becomes of a job in the spooler."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from printers.api import (
    Bitmap,
    Cancel,
    Cancelled,
    JobState,
    PrinterMissingError,
    PrinterReason,
    PrinterState,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJob,
    PrintJobLostError,
    ProfileError,
)
from printers.drivers.windows import WindowsPrinter
from printers.windows_gdi import Stroke
from tests.helpers.cards import sample_image, sample_rendered_card, sample_side
from tests.helpers.windows import WindowsBench, windows_bench

__all__ = ["windows_bench"]


@pytest.fixture
def bench(windows_bench: WindowsBench) -> WindowsBench:
    return windows_bench


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def job(name: str = "card-1", *, two_sided: bool = True) -> PrintJob:
    return PrintJob(name, sample_rendered_card(two_sided=two_sided))


def print_one(printer: WindowsPrinter, *, two_sided: bool = True) -> JobState:
    return printer.print_card(job(two_sided=two_sided), cancel=Cancel(), progress=quiet).state


class TestPage:
    def test_every_dot_arrives(self, bench: WindowsBench) -> None:
        print_one(bench.open())
        ((front, back),) = bench.spooler.cards
        assert front.tobytes() == sample_image("front").tobytes()
        assert back.tobytes() == sample_image("back").tobytes()

    def test_black_resin_goes_as_a_bitmap_of_one_bit_over_the_colours(
        self, bench: WindowsBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        strokes: list[Stroke] = []
        monkeypatch.setattr(bench.spooler, "draw", lambda context, stroke: strokes.append(stroke))
        print_one(bench.open(), two_sided=False)
        assert [int.from_bytes(stroke.dib.info[14:16], "little") for stroke in strokes] == [24, 1]

    @pytest.mark.parametrize(
        ("options", "profile"), [({"black": "picture"}, "generic-cr80-300"), ({}, "evolis-primacy2-one-ribbon")]
    )
    def test_where_black_is_no_panel_of_its_own_one_picture_goes(
        self, bench: WindowsBench, monkeypatch: pytest.MonkeyPatch, options: dict[str, str], profile: str
    ) -> None:
        strokes: list[Stroke] = []
        monkeypatch.setattr(bench.spooler, "draw", lambda context, stroke: strokes.append(stroke))
        print_one(bench.open(options, profile=profile), two_sided=False)
        assert len(strokes) == 1

    def test_a_sheet_that_stands_gets_the_card_turned(self, bench: WindowsBench) -> None:
        bench.spooler.caps |= {110: 648, 111: 1016}
        print_one(bench.open(), two_sided=False)
        ((front,),) = bench.spooler.cards
        assert front.transpose(4).tobytes() == sample_image("front").tobytes()  # 4: back by 270 degrees

    def test_a_larger_sheet_has_the_card_in_its_middle_unscaled(self, bench: WindowsBench) -> None:
        bench.spooler.caps |= {110: 1036, 111: 664, 112: 6, 113: 4}
        print_one(bench.open(), two_sided=False)
        ((front,),) = bench.spooler.cards
        assert front.crop((4, 4, 4 + 1016, 4 + 648)).tobytes() == sample_image("front").tobytes()

    def test_another_resolution_is_refused_before_anything_is_sent(self, bench: WindowsBench) -> None:
        bench.spooler.caps |= {88: 600, 90: 600}
        with pytest.raises(PrinterMissingError, match="600 × 600 dpi"):
            print_one(bench.open())
        assert not bench.spooler.jobs

    @pytest.mark.parametrize(("two_sided", "duplex"), [(True, 2), (False, 1)])
    def test_the_driver_is_told_lying_one_copy_and_how_many_sides(
        self, bench: WindowsBench, two_sided: bool, duplex: int
    ) -> None:
        print_one(bench.open(), two_sided=two_sided)
        (mode,) = bench.spooler.modes
        assert (mode.Orientation, mode.Copies, mode.Duplex, mode.Fields) == (2, 1, duplex, 0x1101)

    def test_the_title_is_our_number_and_nothing_else(self, bench: WindowsBench) -> None:
        bench.spooler.trouble()
        printer = bench.open()
        bench.spooler.status = 0x10
        with pytest.raises(PrinterTroubleError):
            print_one(printer)
        assert [each["pDocument"] for each in bench.spooler.jobs.values()] == ["card-1"]


class TestRefusals:
    def test_a_spooler_that_opens_no_job_never_got_the_card(self, bench: WindowsBench) -> None:
        bench.spooler.refuses = "StartDoc"
        printer = bench.open()
        with pytest.raises(PrinterMissingError, match="Access is denied"):
            print_one(printer)
        assert printer.job_report("card-1").state is JobState.UNKNOWN
        bench.spooler.refuses = ""
        assert print_one(printer) is JobState.DONE

    def test_a_driver_that_cannot_draw_takes_the_job_back(self, bench: WindowsBench) -> None:
        bench.spooler.refuses = "draw"
        with pytest.raises(PrinterMissingError, match="StretchDIBits"):
            print_one(bench.open())
        assert not bench.spooler.jobs

    def test_a_job_that_cannot_be_taken_back_either_is_in_doubt(self, bench: WindowsBench) -> None:
        bench.spooler.refuses = "AbortDoc"
        with pytest.raises(PrintJobLostError, match="StretchDIBits"):
            print_one(bench.open())

    @pytest.mark.parametrize("panel", ["uv", "overlay"])
    def test_hidden_panels_cannot_be_handed_over(self, bench: WindowsBench, panel: str) -> None:
        side = sample_side()
        marked = replace(side, **{panel: side.resin})
        card = replace(sample_rendered_card(), front=marked)
        error = bench.open({"station.without": ""}).unfit(card)
        assert isinstance(error, PrinterUnfitError)
        assert error.lacks == (panel,)

    @pytest.mark.parametrize("options", [{"black": "red"}, {"PageSize": "CR80"}, {"station.without": "all"}])
    def test_options_that_it_does_not_know_are_refused(self, bench: WindowsBench, options: dict[str, str]) -> None:
        with pytest.raises(ProfileError, match=next(iter(options))):
            bench.open(options)

    def test_an_empty_resin_is_not_sent(self, bench: WindowsBench, monkeypatch: pytest.MonkeyPatch) -> None:
        strokes: list[Stroke] = []
        monkeypatch.setattr(bench.spooler, "draw", lambda context, stroke: strokes.append(stroke))
        side = sample_side()
        empty = Bitmap("1", side.resin.width_px, side.resin.height_px, bytes(len(side.resin.data)))
        card = replace(sample_rendered_card(two_sided=False), front=replace(side, resin=empty))
        bench.open().print_card(PrintJob("card-1", card), cancel=Cancel(), progress=quiet)
        assert len(strokes) == 1


class TestWhoIsThere:
    def test_a_printer_that_windows_does_not_know_is_missing(self, bench: WindowsBench) -> None:
        printer = bench.open(queue="Elsewhere")
        assert printer.status().state is PrinterState.MISSING
        with pytest.raises(PrinterMissingError):
            print_one(printer)

    def test_without_the_spooler_nothing_is_given_away(self, bench: WindowsBench) -> None:
        bench.spooler.running = False
        printer = bench.open()
        assert (printer.status().state, printer.status().reasons) == (PrinterState.OFFLINE, (PrinterReason.OFFLINE,))
        with pytest.raises(PrinterMissingError, match="RPC server"):
            print_one(printer)

    def test_without_pywin32_that_is_what_is_said(
        self, bench: WindowsBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "win32print", None)
        printer = bench.open()
        status = printer.status()
        assert (status.state, status.reasons) == (PrinterState.MISSING, (PrinterReason.DRIVER_MISSING,))
        with pytest.raises(PrinterMissingError, match="driver"):
            print_one(printer)


class TestJob:
    def held(self, bench: WindowsBench, job_bits: int = 0x10) -> WindowsPrinter:
        bench.spooler.trouble(0x10, job_bits)
        printer = bench.open()
        with pytest.raises(PrinterTroubleError):
            print_one(printer)
        return printer

    @pytest.mark.parametrize(
        ("bits", "reason"),
        [
            (0x40, PrinterReason.MEDIA_EMPTY),
            (0x20, PrinterReason.OFFLINE),
            (0x200, PrinterReason.DRIVER_MISSING),
            (0x400, PrinterReason.OTHER),
        ],
    )
    def test_a_trouble_that_only_the_job_tells_is_heard(
        self, bench: WindowsBench, bits: int, reason: PrinterReason
    ) -> None:
        bench.spooler.trouble(0, 0x10 | bits)
        with pytest.raises(PrinterTroubleError) as caught:
            print_one(bench.open())
        assert caught.value.reason == reason

    def test_a_job_that_somebody_deletes_is_no_card_that_came_out(self, bench: WindowsBench) -> None:
        printer = self.held(bench)
        for each in bench.spooler.jobs.values():
            each["Status"] = 0x10 | 0x4
        with pytest.raises(PrintJobLostError):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)

    def test_a_job_that_never_began_is_taken_back_untouched(self, bench: WindowsBench) -> None:
        printer = self.held(bench, 0)
        printer.cancel_job("card-1")
        report = printer.job_report("card-1")
        assert (report.state, report.untouched) == (JobState.CANCELLED, True)
        with pytest.raises(Cancelled):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)

    def test_a_job_that_is_restarted_is_taken_back_and_asked_about(self, bench: WindowsBench) -> None:
        printer = self.held(bench)
        for each in bench.spooler.jobs.values():
            each["Status"] = 0x800
        with pytest.raises(PrintJobLostError, match="began anew"):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert not bench.spooler.jobs

    def test_a_spooler_that_stops_under_a_job_is_told_and_the_job_found_again(self, bench: WindowsBench) -> None:
        printer = self.held(bench)
        bench.spooler.running = False
        with pytest.raises(PrinterTroubleError) as caught:
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert caught.value.reason == PrinterReason.OFFLINE
        bench.spooler.running = True
        bench.repair()
        report = bench.open().wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert (report.state, report.card_confirmed) == (JobState.DONE, False)

    def test_a_job_that_windows_keeps_after_printing_is_wiped(self, bench: WindowsBench) -> None:
        printer = self.held(bench)
        bench.spooler.status = 0
        for each in bench.spooler.jobs.values():
            each["Status"] = 0x80 | 0x2000
        report = printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert report.state is JobState.DONE
        assert not bench.spooler.jobs
