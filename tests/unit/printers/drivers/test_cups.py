"""What the CUPS driver decides by itself; what it does with a print service is in tests/integration/test_cups.py."""

from __future__ import annotations

from dataclasses import replace
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
    ProfileError,
)
from printers.drivers.cups import CupsPrinter, spooler_options
from printers.records import JobBook, JobRecord
from printers.registry import list_profiles, load_profile
from tests.helpers.cards import sample_rendered_card
from tests.helpers.scripted_web import ScriptedWeb, scripted_web

__all__ = ["scripted_web"]

NOBODY = {"station.server": "127.0.0.1:1"}


@pytest.fixture
def printer(tmp_path: Path) -> CupsPrinter:
    """Return a printer whose print service does not run."""
    return CupsPrinter(DriverConfig("Desk", load_profile("virtual"), tmp_path / "printer", options=NOBODY))


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


class TestOptions:
    def test_a_card_is_never_scaled_nor_given_a_banner_page(self) -> None:
        options = spooler_options({}, sample_rendered_card())
        assert options == {
            "copies": "1",
            "print-scaling": "none",
            "number-up": "1",
            "job-sheets": "none,none",
            "sides": "two-sided-long-edge",
            "media": "om_card_54x86mm",
        }

    def test_what_the_profile_says_wins(self) -> None:
        told = {"PageSize": "1XCR80", "sides": "two-sided-short-edge"}
        options = spooler_options(told, sample_rendered_card())
        assert (options["PageSize"], options["sides"]) == ("1XCR80", "two-sided-short-edge")
        assert "media" not in options

    def test_a_one_sided_card_is_printed_on_one_side_whatever_the_profile_says(self) -> None:
        options = spooler_options({"sides": "two-sided-short-edge"}, sample_rendered_card(two_sided=False))
        assert options["sides"] == "one-sided"

    @pytest.mark.parametrize("name", list_profiles())
    def test_every_model_that_ships_has_options_that_fit(self, tmp_path: Path, name: str) -> None:
        assert CupsPrinter(DriverConfig("Desk", load_profile(name), tmp_path)).profile.name == name

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("station.document", "jpeg"),
            ("station.page", "A4"),
            ("station.colour", "yes"),
            ("-o", "x"),
            ("a b", "x"),
            ("", "x"),
            ("media", "A4\nraw"),
            ("copies", "2"),
            ("job-name", "Anna"),
            ("print-quality", "best"),
            ("media-col", "{media-source=rear}"),
        ],
    )
    def test_an_option_that_cannot_be_is_refused(self, tmp_path: Path, option: str, value: str) -> None:
        profile = load_profile("virtual")
        for config in (
            DriverConfig("Desk", profile, tmp_path, options={option: value}),
            DriverConfig("Desk", replace(profile, options={option: value}), tmp_path),
        ):
            with pytest.raises(ProfileError):
                CupsPrinter(config)


class TestWithoutAPrintService:
    def test_it_is_offline_and_says_where_it_looked(self, printer: CupsPrinter) -> None:
        status = printer.status()
        assert (status.state, status.reasons) == (PrinterState.OFFLINE, (PrinterReason.SERVICE_AWAY,))
        assert "127.0.0.1:1" in status.detail

    def test_a_card_is_not_given_away(self, printer: CupsPrinter, tmp_path: Path) -> None:
        with pytest.raises(PrinterMissingError, match="print service"):
            printer.print_card(PrintJob("card-1", sample_rendered_card()), cancel=Cancel(), progress=quiet)
        assert not (tmp_path / "printer").exists()

    def test_of_a_job_that_was_given_away_nothing_is_claimed(self, printer: CupsPrinter, tmp_path: Path) -> None:
        JobBook(tmp_path / "printer").write(JobRecord("card-1", JobState.PRINTING, "7"))
        report = printer.job_report("card-1")
        assert (report.state, report.card_confirmed, report.untouched) == (JobState.UNKNOWN, False, False)

    def test_waiting_tells_the_person_once_and_goes_on(self, printer: CupsPrinter, tmp_path: Path) -> None:
        JobBook(tmp_path / "printer").write(JobRecord("card-1", JobState.PRINTING, "7"))
        with pytest.raises(PrinterTroubleError, match="print service") as caught:
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
        assert caught.value.reason == PrinterReason.SERVICE_AWAY

    def test_a_job_is_not_said_to_be_taken_back(self, printer: CupsPrinter, tmp_path: Path) -> None:
        JobBook(tmp_path / "printer").write(JobRecord("card-1", JobState.PRINTING, "7"))
        with pytest.raises(PrinterTroubleError, match="taken back"):
            printer.cancel_job("card-1")

    def test_what_became_of_a_finished_job_is_known_from_its_record(self, printer: CupsPrinter, tmp_path: Path) -> None:
        JobBook(tmp_path / "printer").write(JobRecord("card-1", JobState.DONE, "7"))
        assert printer.job_report("card-1").state is JobState.DONE
        assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).state is JobState.DONE


@pytest.mark.parametrize("answer", [b"", b"<html>It works!</html>", b"\x01\x01\x05\x07\x00\x00\x00\x01\x03"])
def test_a_service_that_talks_nonsense_or_is_busy_keeps_the_job(
    scripted_web: ScriptedWeb, tmp_path: Path, answer: bytes
) -> None:
    scripted_web.body = answer
    options = {"station.server": f"127.0.0.1:{scripted_web.server_port}"}
    printer = CupsPrinter(DriverConfig("Desk", load_profile("virtual"), tmp_path, options=options))
    assert printer.status().state is PrinterState.OFFLINE
    assert printer.job_report("card-1").state is JobState.UNKNOWN
    JobBook(tmp_path).write(JobRecord("card-1", JobState.PRINTING, "7"))
    with pytest.raises(PrinterTroubleError, match="print service"):
        printer.wait_job("card-1", cancel=Cancel(), progress=quiet)


class TestTracks:
    NAMED = {"MagTrack1": "%{track1}?", "MagTrack2": "{track2}", "GMagCoercivity": "HICO"}  # noqa: RUF012 - read only

    def test_an_option_carries_a_track_where_the_model_says_so(self) -> None:
        card = replace(sample_rendered_card(), tracks=("", "4711", ""))
        options = spooler_options(self.NAMED, card)
        assert options["MagTrack2"] == "4711"
        assert "MagTrack1" not in options
        assert options["GMagCoercivity"] == "HICO"

    @pytest.mark.parametrize(("named", "lacks"), [(NAMED, None), ({"GMagCoercivity": "HICO"}, ("magnetic",))])
    def test_without_such_an_option_a_stripe_cannot_be_written(
        self, tmp_path: Path, named: dict[str, str], lacks: tuple[str, ...] | None
    ) -> None:
        printer = CupsPrinter(DriverConfig("Desk", load_profile("evolis-primacy2"), tmp_path, options=named))
        error = printer.unfit(replace(sample_rendered_card(), tracks=("", "4711", "")))
        assert (error.lacks if error else None) == lacks
