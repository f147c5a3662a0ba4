"""The Evolis driver with a stand-in of the maker's SDK in a real process: what is printed, and every way to fail."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from printers.api import (
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
from printers.drivers.evolis import EvolisPrinter
from printers.evolis_link import EvolisLink
from printers.evolis_order import order_for
from printers.records import JobBook, JobRecord
from tests.helpers.cards import sample_image, sample_rendered_card, sample_side
from tests.helpers.evolis import QUEUE, EvolisBench, evolis_bench
from tests.helpers.late_cancel import cancelled_while_it_comes_out

__all__ = ["evolis_bench"]

ONE_SET = "evolis-primacy2-one-ribbon"
ended = pytest.mark.expects_log("printers.drivers.evolis", "the process of the printer")


@pytest.fixture
def bench(evolis_bench: EvolisBench) -> EvolisBench:
    return evolis_bench


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def job(name: str = "card-1", *, two_sided: bool = True) -> PrintJob:
    return PrintJob(name, sample_rendered_card(two_sided=two_sided))


def print_one(printer: EvolisPrinter, name: str = "card-1") -> JobState:
    return printer.print_card(job(name), cancel=Cancel(), progress=quiet).state


def plastic(bench: EvolisBench, side: str, number: int = 0) -> Image.Image:
    return Image.open(bench.root / "cards" / f"{number}-{side}.png").convert("RGB")


def black_dots(image: Image.Image) -> int:
    colours = image.getcolors(image.width * image.height) or []
    return sum(count for count, colour in colours if colour == (0, 0, 0))


def spooled(bench: EvolisBench, name: str = "card-1") -> list[Path]:
    return [path for path in (bench.folder / name).rglob("*") if path.name != "job.json"]


class TestPlastic:
    def test_both_sides_come_out_as_they_were_drawn(self, bench: EvolisBench) -> None:
        print_one(bench.open())
        assert plastic(bench, "FRONT").tobytes() == sample_image("front").tobytes()
        assert plastic(bench, "BACK").tobytes() == sample_image("back").tobytes()

    def test_with_one_set_of_panels_no_black_dot_of_the_front_is_lost(self, bench: EvolisBench) -> None:
        print_one(bench.open(profile=ONE_SET))
        assert plastic(bench, "FRONT").tobytes() == sample_image("front").tobytes()
        settings = [call for call in bench.calls() if call.startswith("set ")]
        assert "set GDuplexType DUPLEX_CM" in settings
        assert "set FBlackManagement NOBLACKPOINT" in settings

    def test_the_trap_is_there_without_that_setting(self, bench: EvolisBench) -> None:
        """The stand-in has the printer's manner, so that the test above can fail."""
        link = EvolisLink(QUEUE, print_timeout_s=20)
        order = order_for(bench.open(profile=ONE_SET).profile, sample_rendered_card())
        link.prepare(order.panels, order.pictures, {"GDuplexType": "DUPLEX_CM", "FBlackManagement": "ALLBLACKPOINT"})
        link.print_now()
        link.close()
        assert black_dots(plastic(bench, "FRONT")) == 0
        assert black_dots(sample_image("front")) > 100

    def test_the_settings_come_after_all_pictures_which_would_change_them(self, bench: EvolisBench) -> None:
        printer = bench.open(profile=ONE_SET)
        print_one(printer)
        assert bench.cards_out() == 1  # had a picture come later, reading back would have refused

    def test_a_setting_that_does_not_stay_prints_nothing(self, bench: EvolisBench) -> None:
        bench.set(stubborn="GDuplexType")
        with pytest.raises(PrinterMissingError, match="GDuplexType: DUPLEX_CC → CHANGED"):
            print_one(bench.open())
        assert bench.cards_out() == 0
        assert bench.open().job_report("card-1").state is JobState.UNKNOWN

    def test_what_the_sdk_refuses_prints_nothing_and_can_be_tried_again(self, bench: EvolisBench) -> None:
        printer = bench.open()
        small = PrintJob("card-1", sample_rendered_card(size=(600, 400)))
        with pytest.raises(PrinterMissingError, match=r"FRONT\.image"):
            printer.print_card(small, cancel=Cancel(), progress=quiet)
        assert print_one(printer) is JobState.DONE

    def test_hidden_panels_go_where_the_model_has_them(self, bench: EvolisBench) -> None:
        printer = bench.open()
        able = replace(printer.profile, uv=True, overlay_holes=True)
        side = sample_side()
        marked = replace(side, uv=side.resin, overlay=side.resin)
        order = order_for(able, replace(sample_rendered_card(two_sided=False), front=marked))
        assert order.panels == ("FRONT.image", "FRONT.black", "FRONT.overlay", "FRONT.uv")
        assert order.settings["FOverlayManagement"] == "BMPVARNISH"

    def test_the_stripe_is_written_before_the_card_is_printed(self, bench: EvolisBench) -> None:
        card = replace(sample_rendered_card(), tracks=("", "4711", ""))
        bench.open({"coercivity": "HICO"}).print_card(PrintJob("card-1", card), cancel=Cancel(), progress=quiet)
        calls = bench.calls()
        assert "coercivity HICO" in calls
        assert calls.index("stripe {1: 'ISO2 4711'}") < calls.index("print")

    def test_a_card_whose_stripe_cannot_be_written_is_rejected_and_told(self, bench: EvolisBench) -> None:
        bench.set(stripe="MAG_ERROR")
        card = replace(sample_rendered_card(), tracks=("", "4711", ""))
        with pytest.raises(PrintJobLostError, match="MAG_ERROR"):
            bench.open().print_card(PrintJob("card-1", card), cancel=Cancel(), progress=quiet)
        assert "reject" in bench.calls()
        assert "print" not in bench.calls()

    def test_what_the_model_cannot_do_is_said_before_anything_is_asked(self, bench: EvolisBench) -> None:
        side = replace(sample_side(), uv=sample_side().resin)
        card = replace(sample_rendered_card(), front=side)
        with pytest.raises(PrinterUnfitError, match="ultraviolet"):
            bench.open().print_card(PrintJob("card-1", card), cancel=Cancel(), progress=quiet)
        assert bench.calls() == []
        without = bench.open({"station.without": "uv"})
        assert without.print_card(PrintJob("card-1", card), cancel=Cancel(), progress=quiet).card_confirmed


class TestPictures:
    def test_nothing_is_left_after_the_card(self, bench: EvolisBench) -> None:
        print_one(bench.open())
        assert spooled(bench) == []

    @ended
    @pytest.mark.parametrize("how", ["crash", "exit"])
    def test_nothing_is_left_after_a_doubt(self, bench: EvolisBench, how: str) -> None:
        bench.set(print=how)
        with pytest.raises(PrintJobLostError):
            print_one(bench.open())
        assert spooled(bench) == []

    def test_nothing_is_left_after_a_job_was_taken_back(self, bench: EvolisBench) -> None:
        bench.break_(PrinterReason.RIBBON_EMPTY)
        printer = bench.open()
        with pytest.raises(PrinterTroubleError):
            print_one(printer)
        assert spooled(bench)
        printer.cancel_job("card-1")
        assert spooled(bench) == []

    def test_a_card_that_came_out_meanwhile_is_not_taken_back(
        self, bench: EvolisBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        printer = bench.open()
        ended = cancelled_while_it_comes_out(printer, JobBook(bench.folder), monkeypatch)
        assert printer.job_report("card-1").state is ended.state is JobState.DONE

    def test_a_job_whose_pictures_were_removed_was_never_printed(self, bench: EvolisBench) -> None:
        bench.break_(PrinterReason.RIBBON_EMPTY)
        with pytest.raises(PrinterTroubleError):
            print_one(bench.open())
        (bench.folder / "card-1" / "spool" / "FRONT.image.bmp").unlink()
        bench.repair()
        with pytest.raises(PrinterMissingError, match="pictures"):
            bench.open().wait_job("card-1", cancel=Cancel(), progress=quiet)


@ended
class TestProcess:
    @pytest.mark.parametrize(("how", "told"), [("crash", "SIGSEGV"), ("kill", "SIGKILL"), ("exit", "exit status 3")])
    def test_dying_with_a_card_in_it_leaves_the_card_in_doubt(self, bench: EvolisBench, how: str, told: str) -> None:
        bench.set(print=how)
        printer = bench.open()
        with pytest.raises(PrintJobLostError, match=told):
            print_one(printer)
        report = printer.job_report("card-1")
        assert (report.state, report.untouched, report.card_confirmed) == (JobState.UNKNOWN, False, False)
        with pytest.raises(PrintJobLostError, match=told):
            bench.open().wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert bench.calls().count("print") == 1

    def test_after_a_crash_the_next_card_is_printed_as_ever(self, bench: EvolisBench) -> None:
        bench.set(print="once")
        printer = bench.open()
        with pytest.raises(PrintJobLostError):
            print_one(printer)
        assert print_one(printer, "card-2") is JobState.DONE

    def test_hanging_with_a_card_in_it_ends_in_a_doubt_and_not_in_a_wait_for_ever(self, bench: EvolisBench) -> None:
        bench.set(print="hang")
        printer = bench.open({"print_timeout_s": "1"})
        with pytest.raises(PrintJobLostError, match="no answer after 1 s"):
            print_one(printer)
        bench.set()
        assert printer.status().state is PrinterState.READY

    @pytest.mark.parametrize("where", ["state", "prepare"])
    def test_dying_once_before_the_card_costs_nothing(self, bench: EvolisBench, where: str) -> None:
        bench.set(**{where: "once"})
        assert print_one(bench.open()) is JobState.DONE
        assert bench.cards_out() == 1

    @pytest.mark.parametrize("how", ["crash", "strange"])
    def test_dying_always_before_the_card_gives_it_back(self, bench: EvolisBench, how: str) -> None:
        bench.set(prepare=how)
        printer = bench.open()
        with pytest.raises(PrinterMissingError, match="didn't take"):
            print_one(printer)
        assert "print" not in bench.calls()
        assert printer.job_report("card-1").state is JobState.UNKNOWN
        bench.repair()
        assert print_one(printer) is JobState.DONE

    def test_nonsense_before_the_card_is_a_trouble_that_can_be_waited_out(self, bench: EvolisBench) -> None:
        bench.set(garbage=True)
        printer = bench.open()
        with pytest.raises(PrinterTroubleError) as caught:
            print_one(printer)
        assert caught.value.reason == PrinterReason.OTHER
        bench.repair()
        assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).card_confirmed


class TestReturnCodes:
    def test_a_printer_that_wants_something_first_gets_it_and_prints_the_same_card(self, bench: EvolisBench) -> None:
        bench.set(code="PRINT_NEEDACTION", minor_after="DEF_COVER_OPEN")
        printer = bench.open()
        with pytest.raises(PrinterTroubleError) as caught:
            print_one(printer)
        assert caught.value.reason == PrinterReason.COVER_OPEN
        assert printer.job_report("card-1").untouched
        bench.repair()
        assert bench.open().wait_job("card-1", cancel=Cancel(), progress=quiet).card_confirmed
        assert bench.cards_out() == 1

    def test_a_jam_with_a_card_in_it_is_a_doubt_and_cleared(self, bench: EvolisBench) -> None:
        bench.set(code="PRINT_EMECHANICAL", minor_after="ERR_MECHANICAL")
        with pytest.raises(PrintJobLostError, match="PRINT_EMECHANICAL, ERR_MECHANICAL"):
            print_one(bench.open())
        assert "clear_mechanical_errors" in bench.calls()

    def test_a_ribbon_that_ends_in_mid_card_is_a_doubt(self, bench: EvolisBench) -> None:
        bench.set(code="PRINT_NEEDACTION", minor_after="ERR_RIBBON_ENDED")
        with pytest.raises(PrintJobLostError, match="ERR_RIBBON_ENDED"):
            print_one(bench.open())

    def test_an_ok_that_the_state_contradicts_is_not_believed(self, bench: EvolisBench) -> None:
        bench.set(code="OK", minor_after="ERR_MECHANICAL")
        with pytest.raises(PrintJobLostError):
            print_one(bench.open())

    def test_a_time_out_is_a_doubt(self, bench: EvolisBench) -> None:
        bench.set(code="ETIMEOUT")
        with pytest.raises(PrintJobLostError, match="ETIMEOUT"):
            print_one(bench.open())

    def test_data_that_the_printer_refuses_are_no_card(self, bench: EvolisBench) -> None:
        bench.set(code="PRINT_WSETTING")
        printer = bench.open()
        with pytest.raises(PrinterMissingError, match="PRINT_WSETTING"):
            print_one(printer)
        assert print_one(printer) is JobState.DONE


class TestWhoIsThere:
    def test_a_printer_that_is_off_is_offline_and_takes_nothing(self, bench: EvolisBench) -> None:
        bench.set(away=True)
        printer = bench.open()
        assert printer.status().state is PrinterState.OFFLINE
        assert printer.status().reasons == (PrinterReason.OFFLINE,)
        assert printer.consumables().ribbon == ""
        with pytest.raises(PrinterMissingError):
            print_one(printer)
        bench.repair()
        assert print_one(printer) is JobState.DONE

    def test_another_programs_printer_is_left_to_it(self, bench: EvolisBench) -> None:
        bench.set(reserved=True)
        with pytest.raises(PrinterMissingError, match="Another program"):
            print_one(bench.open())
        assert bench.cards_out() == 0

    def test_without_the_makers_library_that_is_what_is_said(
        self, bench: EvolisBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = tmp_path / "broken"
        broken.mkdir()
        (broken / "evolis.py").write_text("raise OSError('libevolis.so: cannot open shared object file')\n")
        monkeypatch.syspath_prepend(str(broken))
        printer = bench.open()
        status = printer.status()
        assert (status.state, status.reasons) == (PrinterState.MISSING, (PrinterReason.DRIVER_MISSING,))
        with pytest.raises(PrinterMissingError, match="libevolis"):
            print_one(printer)

    def test_ribbon_counters_and_serial_are_told(self, bench: EvolisBench) -> None:
        found = bench.open().consumables()
        assert (found.ribbon, found.ribbon_percent, found.ribbon_cards) == ("YMCKO", 40, 120)
        assert (found.cards_printed, found.cards_to_cleaning, found.cleaning_due) == (4321, 77, False)
        assert found.serial == "PRIM-1"

    def test_counters_that_make_no_sense_are_not_told(self, bench: EvolisBench) -> None:
        bench.set(ribbon="many")
        assert bench.open().consumables().ribbon_percent is None

    def test_a_card_that_was_in_the_printer_when_the_station_died_is_in_doubt(self, bench: EvolisBench) -> None:
        JobBook(bench.folder).write(JobRecord("card-1", JobState.PRINTING))
        report = bench.open().job_report("card-1")
        assert (report.state, report.untouched) == (JobState.UNKNOWN, False)

    def test_stopped_before_the_word_print_nothing_was_printed(self, bench: EvolisBench) -> None:
        cancel, printer = Cancel(), bench.open()

        def stop(step: str, share: float) -> None:
            cancel.set()

        with pytest.raises(Cancelled):
            printer.print_card(job(), cancel=cancel, progress=stop)
        assert printer.job_report("card-1").untouched
        assert "print" not in bench.calls()

    @pytest.mark.parametrize(
        ("option", "value"),
        [("encoders", "oven"), ("print_timeout_s", "soon"), ("station.without", "soul"), ("colour", "red")],
    )
    def test_options_that_it_does_not_know_are_refused(self, bench: EvolisBench, option: str, value: str) -> None:
        with pytest.raises(ProfileError, match=option):
            bench.open({option: value})


def test_the_order_on_the_disk_is_for_this_card_only(bench: EvolisBench) -> None:
    bench.break_(PrinterReason.RIBBON_EMPTY)
    with pytest.raises(PrinterTroubleError):
        print_one(bench.open())
    told = json.loads((bench.folder / "card-1" / "spool" / "order.json").read_bytes())
    assert sorted(told) == ["panels", "settings", "tracks"]
