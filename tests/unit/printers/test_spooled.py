"""What every driver that prints through a queue does alike, on the queue of Windows; the rest is in their contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.api import (
    Cancel,
    Cancelled,
    JobReport,
    JobState,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    PrintJob,
    PrintJobLostError,
)
from printers.drivers.windows import WindowsPrinter
from printers.records import JobBook, JobRecord
from printers.spooled import NO_JOBS, SpooledPrinter, outcome, words_of
from printers.windows_spool import WindowsSpoolError
from tests.helpers.cards import sample_rendered_card
from tests.helpers.windows import WindowsBench, windows_bench

__all__ = ["windows_bench"]


@pytest.fixture
def printer(windows_bench: WindowsBench) -> WindowsPrinter:
    made = windows_bench.open()
    assert isinstance(made, SpooledPrinter)
    return made


def print_one(printer: SpooledPrinter, cancel: Cancel | None = None) -> JobReport:
    job = PrintJob("card-1", sample_rendered_card(two_sided=False))
    return printer.print_card(job, cancel=cancel or Cancel(), progress=lambda _step, _share: None)


@pytest.mark.parametrize(
    ("report", "ends"),
    [
        (JobReport("card-1", JobState.CANCELLED, untouched=True), Cancelled),
        (JobReport("card-1", JobState.CANCELLED), PrintJobLostError),
        (JobReport("card-1", JobState.FAILED, untouched=True), PrintJobLostError),
        (JobReport("card-1", JobState.UNKNOWN, detail="who knows"), PrintJobLostError),
    ],
    ids=lambda value: getattr(value, "state", ""),
)
def test_only_what_was_taken_back_untouched_was_never_printed(report: JobReport, ends: type[Exception]) -> None:
    with pytest.raises(ends):
        outcome(report)
    done = JobReport("card-1", JobState.DONE)
    assert outcome(done) is done


def test_the_words_are_those_of_the_other_side() -> None:
    assert words_of(WindowsSpoolError(5, "Access is denied.")) == "5 Access is denied."


def test_a_queue_that_takes_no_jobs_gets_none_and_the_job_can_go_later(
    windows_bench: WindowsBench, printer: WindowsPrinter
) -> None:
    windows_bench.spooler.status = 0x4
    with pytest.raises(PrinterMissingError) as caught:
        print_one(printer)
    assert caught.value.params["detail"] == NO_JOBS
    assert not windows_bench.spooler.jobs
    windows_bench.spooler.status = 0
    assert print_one(printer).state is JobState.DONE


def test_the_same_job_is_given_away_once(windows_bench: WindowsBench, printer: WindowsPrinter) -> None:
    print_one(printer)
    assert print_one(windows_bench.open()).state is JobState.DONE
    assert windows_bench.cards_out() == 1


def test_a_job_of_which_only_the_spooler_knows_is_followed_and_not_given_away_again(
    windows_bench: WindowsBench, printer: WindowsPrinter
) -> None:
    windows_bench.spooler.begin("card-1")
    windows_bench.spooler.end()
    assert print_one(printer).state is JobState.DONE
    assert windows_bench.cards_out() == 1


def test_who_wants_a_job_stopped_hears_of_no_trouble_again(
    windows_bench: WindowsBench, printer: WindowsPrinter
) -> None:
    windows_bench.break_(PrinterReason.MEDIA_EMPTY)
    with pytest.raises(PrinterTroubleError):
        print_one(printer)
    cancel = Cancel()
    cancel.set()
    with pytest.raises((Cancelled, PrintJobLostError)):
        print_one(printer, cancel)
    assert not windows_bench.spooler.jobs


def test_an_end_that_was_written_down_needs_no_spooler(
    windows_bench: WindowsBench, printer: WindowsPrinter, tmp_path: Path
) -> None:
    book = JobBook(tmp_path / "printer")
    book.write(JobRecord("card-1", JobState.CANCELLED, "7", untouched=True))
    windows_bench.spooler.running = False
    assert printer.job_report("card-1").state is JobState.CANCELLED
    with pytest.raises(Cancelled):
        print_one(printer)
