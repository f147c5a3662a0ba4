"""What a driver does that gives its jobs to something which speaks IPP: follow each to its end, and believe little.

What is never done: believe that a card came out because a spooler says ``completed``; give the same job away twice; let
a job be printed a second time after a restart; leave a card's picture in the spooler.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Protocol

from printers.api import (
    N_,
    Cancel,
    Cancelled,
    CardFeeder,
    Consumables,
    DriverConfig,
    JobReport,
    JobState,
    PrinterMissingError,
    PrinterProfile,
    PrinterReason,
    PrinterState,
    PrinterStatus,
    PrinterTroubleError,
    PrinterUnfitError,
    PrintJob,
    PrintJobLostError,
    Progress,
    RenderedCard,
)
from printers.records import FINAL, JobBook, JobRecord, check_job_name, not_given_away, still_waits
from printers.spooler import QueueSnapshot, SpoolJob
from printers.trouble import SpoolerError, not_taken_back, trouble_error
from printers.watch import Watch

log = logging.getLogger(__name__)

NO_JOBS = N_("the queue takes no jobs")
_SERVICE = "print-service"


class Spool(Protocol):
    """A queue as it is looked at: CUPS', a network printer's own, Windows'. Every call may raise SpoolerError."""

    def now(self) -> QueueSnapshot:
        """Return how the queue stands."""

    def look(self, title: str, job_id: str = "") -> SpoolJob | None:
        """Return the job of that title, by its number while that still means the same job."""

    def revoke(self, job_id: int) -> None:
        """Take a job back; one that has ended or is not there is no error."""

    def wipe(self, job_id: int) -> None:
        """Delete a job's picture and its entry in the history."""


class SpooledPrinter(ABC):
    """Print through a spool; how a document gets there is the driver's."""

    def __init__(self, config: DriverConfig, queue: Spool) -> None:
        self._config, self._queue = config, queue
        self._book = JobBook(config.folder, config.open_jobs)
        self._told: dict[str, str] = {}

    # --- what the driver says ---------------------------------------------------------------------------------

    @abstractmethod
    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return the one message about what of ``card`` can't be handed over."""

    @abstractmethod
    def _document(self, job: PrintJob) -> bytes:
        """Return the card as it is handed over; nothing has been given away yet."""

    @abstractmethod
    def _give_away(self, job: PrintJob, document: bytes, record: JobRecord) -> JobRecord:
        """Hand the document over once; return the record with the spooler's number.

        Raises PrinterMissingError when it is certain that it was not taken (the record is then forgotten).
        """

    @abstractmethod
    def _missing(self, error: SpoolerError) -> PrinterMissingError:
        """Return the error for a printer that can't be asked before a job."""

    @abstractmethod
    def _away(self, error: SpoolerError) -> PrinterTroubleError:
        """Return the error for one that no longer answers while it has a job."""

    def _absent(self, error: SpoolerError) -> PrinterStatus:
        """Return how a printer stands that can't be asked."""
        said = words_of(error)
        if error.driver_missing:
            return PrinterStatus(self.name, PrinterState.MISSING, (PrinterReason.DRIVER_MISSING,), detail=said)
        if error.not_found:
            return PrinterStatus(self.name, PrinterState.MISSING, detail=said)
        return PrinterStatus(self.name, PrinterState.OFFLINE, (self._why_away(error),), detail=said)

    def _why_away(self, error: SpoolerError) -> PrinterReason:
        """Return the reason for who can't be asked."""
        return error.reason

    def _now(self) -> QueueSnapshot:
        """Return how the printer stands for somebody who looks; raises SpoolerError."""
        return self._queue.now()

    def _confirmed(self, found: SpoolJob) -> bool:
        """Say whether the end of a job is the printer's own word for a card that came out; a spooler's is none."""
        return False

    # --- the port ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Return the printer's name for people."""
        return self._config.name

    @property
    def profile(self) -> PrinterProfile:
        """Return the model behind the queue."""
        return self._config.profile

    def status(self) -> PrinterStatus:
        """Return how the queue stands; ``MISSING`` without the queue, ``OFFLINE`` without the print service."""
        try:
            return self._now().status(self.name)
        except SpoolerError as error:
            return self._absent(error)

    def consumables(self) -> Consumables:
        """Return what the queue's markers tell; nothing when it is away."""
        try:
            return self._now().consumables()
        except SpoolerError:
            return Consumables()

    @property
    def feeder(self) -> CardFeeder | None:
        """Return ``None``: a queue takes documents, it moves no cards."""
        return None

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Give the card to the queue, wait for its end. A job that was given away before is only waited for."""
        if self._book.read(check_job_name(job.job)) is not None:
            return self.wait_job(job.job, cancel=cancel, progress=progress)
        if cancel.is_set():
            raise Cancelled
        if (unable := self.unfit(job.card)) is not None:
            raise unable
        progress("sending", 0.0)
        document = self._document(job)
        try:
            found = self._there_already(job.job)
        except SpoolerError as error:
            raise self._missing(error) from error
        try:
            # Before it is given away: a station that dies in between looks for the job by its title, and gives none
            # away twice.
            record = self._book.write(JobRecord(job.job, JobState.QUEUED, str(found.job_id) if found else ""))
        except OSError as error:
            raise not_given_away(self.name, self._config.folder, error) from error
        if found is None:
            record = self._give_away(job, document, record)
        return self._follow(record, cancel, progress)

    def _there_already(self, job: str) -> SpoolJob | None:
        """Return the job that was given away although nothing says so; refuse a queue that takes none."""
        queue, found = self._queue.now(), self._queue.look(job)
        if found is None and not queue.accepting:
            raise self._refused(NO_JOBS)
        return found

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Wait for a job that was given away, by this run of the program or an earlier one."""
        # Without a record the spooler may still know the job, by its title.
        record = self._book.read(check_job_name(job)) or JobRecord(job, JobState.UNKNOWN)
        if record.state in FINAL:
            return outcome(self._book.report(record))
        return self._follow(record, cancel, progress)

    def job_report(self, job: str) -> JobReport:
        """Return what the record says of a job that has ended, what the spooler says of another."""
        record = self._book.read(check_job_name(job)) or JobRecord(job, JobState.UNKNOWN)
        if record.state in FINAL:
            return self._book.report(record)
        try:
            found = self._queue.look(job, record.spooler_id)
            if found is None:
                return JobReport(job, JobState.UNKNOWN, detail=N_("the print service doesn't know the job"))
            if found.ended:
                return self._settle(record, found)
            reasons = self._queue.now().reasons
        except SpoolerError as error:
            return JobReport(job, JobState.UNKNOWN, detail=words_of(error))
        return JobReport(job, found.job_state, reasons=reasons, detail=found.message, untouched=not found.begun)

    def cancel_job(self, job: str) -> None:
        """Take a job back, and its picture out of the spooler.

        Raises:
            PrinterTroubleError: the print service doesn't answer, or refuses; the job may still be printed.
        """
        record = self._book.read(check_job_name(job))
        if record is not None and record.state in FINAL:
            return
        try:
            found = self._queue.look(job, record.spooler_id if record else "")
            if found is not None:
                self._queue.revoke(found.job_id)
                found = self._queue.look(job, str(found.job_id))
        except SpoolerError as error:
            raise not_taken_back(self.name, words_of(error)) from error
        if found is not None and found.ended:
            self._settle(record or JobRecord(job, JobState.UNKNOWN), found)
        # The spooler has forgotten it, so nobody knows how far the card had come.
        elif record is not None:
            self._write(replace(record, state=JobState.CANCELLED, untouched=False))

    # --- following --------------------------------------------------------------------------------------------

    def _follow(self, record: JobRecord, cancel: Cancel, progress: Progress) -> JobReport:
        watch = Watch(self._config.card_time_s)
        while True:
            try:
                found = self._queue.look(record.job, record.spooler_id)
                if found is None:
                    raise PrintJobLostError(detail=N_("the print service doesn't know the job"))
                self._refuse_second_print(record, found)
                record = self._noted(record, found)
                if found.ended:
                    return outcome(self._settle(record, found))
                self._stop_if_asked(found, cancel, watch)
                queue = self._queue.now()
                reasons = queue.reasons or ((PrinterReason.PAUSED,) if found.held else ())
                lasting = watch.lasting(reasons, found)
                if not cancel.is_set():  # who wants it stopped needs no remedy
                    self._tell(record.job, reasons, lasting, queue.message)
                progress(*watch.progress(found))
            except SpoolerError as error:
                if error.not_found:  # the queue was deleted, its jobs with it
                    raise PrintJobLostError(detail=words_of(error)) from error
                self._service_away(record.job, watch, error, cancel)
            watch.pause()

    def _noted(self, record: JobRecord, found: SpoolJob) -> JobRecord:
        state = JobState.PRINTING if found.begun or record.state is JobState.PRINTING else JobState.QUEUED
        begun_at = record.begun_at or found.begun_at
        noted = replace(record, spooler_id=str(found.job_id), state=state, begun_at=begun_at)
        return noted if noted == record else self._write(noted)

    def _refuse_second_print(self, record: JobRecord, found: SpoolJob) -> None:
        # Some queues are set to try again by themselves, so quickly that a job is never seen waiting in between.
        anew = record.begun_at and found.begun_at and found.begun_at != record.begun_at
        if found.printed_again or anew:
            self.cancel_job(record.job)
            raise PrintJobLostError(detail=N_("the print service began anew while the card was in the printer"))

    def _stop_if_asked(self, found: SpoolJob, cancel: Cancel, watch: Watch) -> None:
        if cancel.is_set() and watch.first_asked():
            self._queue.revoke(found.job_id)
        elif cancel.is_set() and watch.asked_long_ago():
            raise PrintJobLostError(detail=N_("the printer doesn't give the job back"))

    def _tell(
        self, job: str, reasons: tuple[PrinterReason, ...], lasting: tuple[PrinterReason, ...], detail: str
    ) -> None:
        if lasting and self._told.get(job) != lasting[0]:
            self._told[job] = lasting[0]
            raise trouble_error(self.name, lasting, detail)
        # A trouble that flickers was told already; only when it is quite gone is the next one news.
        if not lasting and not reasons:
            self._told.pop(job, None)

    def _service_away(self, job: str, watch: Watch, error: SpoolerError, cancel: Cancel) -> None:
        if cancel.is_set():
            raise PrintJobLostError(detail=words_of(error)) from error
        if watch.lasting((PrinterReason.OFFLINE,)) and self._told.get(job) != _SERVICE:
            self._told[job] = _SERVICE
            raise self._away(error) from error

    def _settle(self, record: JobRecord, found: SpoolJob) -> JobReport:
        """Write down how a job ended, then take its picture out of the spooler."""
        detail = N_("the printer forgot the job before its end") if found.forgotten else found.message
        untouched = not found.begun and record.state is not JobState.PRINTING
        record = replace(record, spooler_id=str(found.job_id), state=found.job_state)
        ended = replace(record, untouched=untouched, detail=detail, card_confirmed=self._confirmed(found))
        # Written down first: once its picture is deleted, the spooler can't be asked about it any more.
        self._write(ended)
        self._told.pop(record.job, None)
        try:
            self._queue.wipe(found.job_id)
        except SpoolerError as error:
            log.warning("the print service keeps the picture of job %s: %s", record.job, error)
        return self._book.report(ended)

    # --- small things -----------------------------------------------------------------------------------------

    def _write(self, record: JobRecord) -> JobRecord:
        try:
            return self._book.write(record)
        except OSError as error:
            raise still_waits(self.name, self._config.folder, error) from error

    def _refused(self, detail: str) -> PrinterMissingError:
        return PrinterMissingError(
            N_("The printer {device} didn't take the card: {detail}"),
            N_("Ask IT to look at the printer's queue. Nothing was printed, and the card is not spoiled."),
            device=self.name,
            detail=detail,
        )


def outcome(report: JobReport) -> JobReport:
    """Return the report of a job that the spooler finished; raise for one that it ended otherwise."""
    if report.state is JobState.DONE:
        return report
    if report.state is JobState.CANCELLED and report.untouched:
        raise Cancelled
    raise PrintJobLostError(detail=report.detail or report.state.value)


def words_of(error: SpoolerError) -> str:
    """Return what the other side said."""
    return str(error.params["detail"])
