"""What every driver that prints through a queue does alike, on the queue of Windows; the rest is in their contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.api import (
    Cancel,
    Cancelled,
    DriverConfig,
    JobReport,
    JobState,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJob,
    PrintJobLostError,
    RenderedCard,
)
from printers.drivers.windows import WindowsPrinter
from printers.records import JobBook, JobRecord
from printers.registry import load_profile
from printers.spooled import NO_JOBS, SpooledPrinter, outcome, words_of
from printers.spooler import QueueSnapshot, SpoolJob, SpoolState
from printers.trouble import SpoolerError
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


class AsksAgain:
    """A queue that tells one job once as begun, and then as begun anew, until it is taken back."""

    def __init__(self, *begun_at: int) -> None:
        self._begun_at, self._cancelled = list(begun_at), False

    def now(self) -> QueueSnapshot:
        """Return that it is printing."""
        return QueueSnapshot(4)

    def look(self, title: str, job_id: str = "") -> SpoolJob | None:
        """Return the job, each time with the next moment."""
        moment = self._begun_at.pop(0) if len(self._begun_at) > 1 else self._begun_at[0]
        state = SpoolState.CANCELLED if self._cancelled else SpoolState.PROCESSING
        return SpoolJob(1, title, state, begun=True, begun_at=moment)

    def revoke(self, job_id: int) -> None:
        """Take it back."""
        self._cancelled = True

    def wipe(self, job_id: int) -> None:
        """Keep nothing anyway."""


class Asking(SpooledPrinter):
    """A printer behind such a queue, to which a job was given by an earlier run of the program."""

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return nothing: it prints all."""
        return None

    def _document(self, job: PrintJob) -> bytes:
        raise AssertionError("it was given away before")

    def _give_away(self, job: PrintJob, document: bytes, record: JobRecord) -> JobRecord:
        raise AssertionError("it was given away before")

    def _missing(self, error: SpoolerError) -> PrinterMissingError:
        raise AssertionError("it answers") from error

    def _away(self, error: SpoolerError) -> PrinterTroubleError:
        raise AssertionError("it answers") from error


@pytest.mark.parametrize("known", [0, 100], ids=["by this run", "by an earlier run"])
def test_a_job_that_begins_anew_is_stopped_whoever_saw_it_begin(tmp_path: Path, known: int) -> None:
    JobBook(tmp_path).write(JobRecord("card-1", JobState.PRINTING, "1", begun_at=known))
    config = DriverConfig("Desk", load_profile("generic-cr80-300"), tmp_path)
    printer = Asking(config, AsksAgain(*(() if known else (100, 100)), 107))
    with pytest.raises(PrintJobLostError, match="anew"):
        print_one(printer)
    report = printer.job_report("card-1")
    assert (report.state, report.untouched) == (JobState.CANCELLED, False)
