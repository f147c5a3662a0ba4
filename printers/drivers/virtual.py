"""A printer that needs none: it writes what the plastic would show, takes its time, and can be told to fail.

A job's folder holds ``job.json``, and once the card is out ``front.png``, ``back.png`` and ``card.pdf``. What it does
not simulate: colours of a ribbon, a scratched card, a ribbon that is used up by itself (after the last card of one the
next begins), and printing on while the station is switched off.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from dataclasses import replace

from printers.api import (
    N_,
    Cancel,
    Cancelled,
    DriverConfig,
    JobReport,
    JobState,
    PrinterProfile,
    PrinterReason,
    PrinterState,
    PrinterStatus,
    PrintJob,
    PrintJobLostError,
    ProfileError,
    Progress,
    RenderedCard,
    refuse_unknown_options,
)
from printers.bitmap import on_plastic
from printers.document import ID1_MM, pdf, png, sides
from printers.records import JobBook, JobRecord, check_job_name, not_given_away, replace_file, still_waits
from printers.trouble import trouble_error

_FAULTS = {
    "jam": PrinterReason.MEDIA_JAM,
    "ribbon-out": PrinterReason.RIBBON_EMPTY,
    "feeder-empty": PrinterReason.MEDIA_EMPTY,
}
_RIBBON_CARDS = 250
_RIBBON_LOW_PERCENT = 10
_TICK_S = 0.05
_SPOOL = "spool"
_PROOF = "card.pdf"
_SIDES = ("front.png", "back.png")
# The printer's own note beside the jobs; no job's name begins with a dot.
_RIBBON_FILE = ".ribbon.json"


class VirtualPrinter:
    """Print on files. The same folder makes the same printer: jobs and ribbon are known again after a restart."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        refuse_unknown_options("virtual", config, ("ribbon_cards",))
        self._config = config
        self._ribbon_cards = _positive(config, "ribbon_cards", _RIBBON_CARDS)
        self._book = JobBook(config.folder)
        self._lock = threading.Lock()
        self._running: set[str] = set()
        self._revoked: set[str] = set()
        self._told: dict[str, PrinterReason] = {}

    @property
    def name(self) -> str:
        """Return the printer's name for people."""
        return self._config.name

    @property
    def profile(self) -> PrinterProfile:
        """Return the model that it plays."""
        return self._config.profile

    def status(self) -> PrinterStatus:
        """Return how it stands: the fault dial first, then what it does."""
        reason = self._trouble()
        percent = 0 if reason is PrinterReason.RIBBON_EMPTY else self._ribbon_percent()
        reasons = [reason] if reason is not None else []
        if 0 < percent <= _RIBBON_LOW_PERCENT:
            reasons.append(PrinterReason.RIBBON_LOW)
        state = PrinterState.READY
        if self._config.folder.exists() and not self._config.folder.is_dir():
            state = PrinterState.OFFLINE
        elif reason is not None:
            state = PrinterState.TROUBLE
        elif self._running:
            state = PrinterState.PRINTING
        return PrinterStatus(self.name, state, tuple(reasons), percent, self.profile.model)

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print one card; a job that is known already is not begun again but waited for."""
        if self._book.read(check_job_name(job.job)) is not None:
            return self.wait_job(job.job, cancel=cancel, progress=progress)
        if cancel.is_set():
            raise Cancelled
        try:
            self._spool(job)
            record = self._book.write(JobRecord(job.job, JobState.QUEUED, untouched=True))
        except OSError as error:
            raise not_given_away(self.name, self._config.folder, error) from error
        return self._run(record, cancel, progress)

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print on with a job that waits; return at once what became of one that has ended."""
        record = self._book.read(job)
        if record is None:
            raise PrintJobLostError(detail=N_("the printer has never heard of it"))
        if record.state is JobState.QUEUED:
            return self._run(record, cancel, progress)
        if record.state is JobState.CANCELLED and record.untouched:
            raise Cancelled
        report = self.job_report(job)
        if report.state is not JobState.DONE:
            raise PrintJobLostError(detail=report.detail)
        return report

    def job_report(self, job: str) -> JobReport:
        """Return what the job's record says; a card that was in the printer when the station died is in doubt."""
        record = self._book.read(job)
        if record is None:
            return JobReport(job, JobState.UNKNOWN)
        if record.state is JobState.PRINTING and job not in self._running:
            detail = N_("the station stopped while the card was in the printer")
            record = replace(record, state=JobState.UNKNOWN, untouched=False, detail=detail)
        return self._book.report(record)

    def cancel_job(self, job: str) -> None:
        """Take a job back; one that is printing stops before anything comes onto the plastic."""
        record = self._book.read(job)
        if record is None or record.state not in (JobState.QUEUED, JobState.PRINTING):
            return
        with self._lock:
            if job in self._running:
                self._revoked.add(job)
                return
        self._take_back(record, untouched=record.state is JobState.QUEUED)

    def _run(self, record: JobRecord, cancel: Cancel, progress: Progress) -> JobReport:
        with self._lock:
            self._running.add(record.job)
        try:
            while True:
                self._await_remedy(record, cancel, progress)
                if self._feed(record, cancel, progress):
                    return self._eject(record)
        finally:
            with self._lock:
                self._running.discard(record.job)
                self._revoked.discard(record.job)

    def _await_remedy(self, record: JobRecord, cancel: Cancel, progress: Progress) -> None:
        """Return when nothing keeps the card from being printed; raise each trouble once."""
        while (reason := self._trouble()) is not None:
            self._stop_if_asked(record, cancel)
            if self._told.get(record.job) is not reason:
                self._told[record.job] = reason
                if reason is PrinterReason.RIBBON_EMPTY:
                    self._write_ribbon(0)  # whoever repairs it puts in a new one
                self._note(replace(record, state=JobState.QUEUED, reasons=(reason,), untouched=True))
                raise trouble_error(self.name, (reason,))
            progress("waiting", 0.0)
            cancel.wait(_TICK_S)
        self._told.pop(record.job, None)

    def _feed(self, record: JobRecord, cancel: Cancel, progress: Progress) -> bool:
        """Take a card's time over it; say whether it got through without a fault."""
        self._note(replace(record, state=JobState.PRINTING, reasons=(), untouched=False))
        begun = time.monotonic()
        while (share := _share(time.monotonic() - begun, self._config.card_time_s)) < 1:
            self._stop_if_asked(record, cancel)
            if self._trouble() is not None:
                return False
            progress("printing", share)
            cancel.wait(min(_TICK_S, self._config.card_time_s))
        self._stop_if_asked(record, cancel)
        progress("printing", 1.0)
        return True

    def _eject(self, record: JobRecord) -> JobReport:
        place = self._book.place(record.job)
        spool = place / _SPOOL
        try:
            for file in sorted(spool.iterdir()):
                file.replace(place / file.name)
            shutil.rmtree(spool)
            self._write_ribbon(self._printed() + 1)
            done = replace(record, state=JobState.DONE, card_confirmed=True, untouched=False, reasons=(), proof=_PROOF)
            return self._book.report(self._book.write(done))
        except OSError as error:
            raise PrintJobLostError(detail=error.strerror or str(error)) from error

    def _stop_if_asked(self, record: JobRecord, cancel: Cancel) -> None:
        if cancel.is_set() or record.job in self._revoked:
            self._take_back(record, untouched=True)
            raise Cancelled

    def _take_back(self, record: JobRecord, *, untouched: bool) -> None:
        shutil.rmtree(self._book.place(record.job) / _SPOOL, ignore_errors=True)
        self._note(replace(record, state=JobState.CANCELLED, reasons=(), untouched=untouched))

    def _note(self, record: JobRecord) -> None:
        try:
            self._book.write(record)
        except OSError as error:
            raise still_waits(self.name, self._config.folder, error) from error

    def _spool(self, job: PrintJob) -> None:
        spool = self._book.place(job.job) / _SPOOL
        spool.mkdir(parents=True, exist_ok=True)
        for name, content in _files(job.job, job.card).items():
            replace_file(spool / name, content)

    def _trouble(self) -> PrinterReason | None:
        fault = self._config.faults.fault("printer")
        return _FAULTS.get(fault.kind) if fault is not None else None

    def _ribbon_percent(self) -> int:
        left = self._ribbon_cards - self._printed() % self._ribbon_cards
        return max(1, round(100 * left / self._ribbon_cards))

    def _printed(self) -> int:
        try:
            return max(0, int(json.loads((self._config.folder / _RIBBON_FILE).read_bytes())["printed"]))
        except (OSError, ValueError, TypeError, KeyError):
            return 0

    def _write_ribbon(self, printed: int) -> None:
        self._config.folder.mkdir(parents=True, exist_ok=True)
        replace_file(self._config.folder / _RIBBON_FILE, json.dumps({"printed": printed}).encode())


def _files(title: str, card: RenderedCard) -> dict[str, bytes]:
    """Return what the job will have made: each side as the plastic shows it, and both as a PDF of the card's size."""
    dpi = (card.dpi_x, card.dpi_y)
    images = sides(card)  # the plastic shows the back upright, however a model wants it fed
    files = {name: png(on_plastic(image, dpi), dpi) for name, image in zip(_SIDES, images, strict=False)}
    return {**files, _PROOF: pdf(title, images, dpi, ID1_MM)}


def _share(elapsed_s: float, whole_s: float) -> float:
    return min(1.0, elapsed_s / whole_s) if whole_s > 0 else 1.0


def _positive(config: DriverConfig, option: str, otherwise: int) -> int:
    value = config.options.get(option, str(otherwise))
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= 1_000_000):
        raise ProfileError(
            N_("The printer's option {option} can't be {value}."),
            N_("Ask IT to correct it in the station profile: it is a whole number from 1 up."),
            option=option,
            value=value,
        )
    return int(value)
