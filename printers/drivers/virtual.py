"""A printer that needs none: it writes what the plastic would show, takes its time, and can be told to fail.

A job's folder holds ``job.json``, and once the card is out ``front.png``, ``back.png`` and ``card.pdf``; where the
layout asks for them also ``front-uv.png``, ``front-overlay.png`` (black where the overlay is left out), the same of the
back, and ``tracks.txt``. With the option ``encoders`` it has an in-line encoder. What it does not simulate: colours of
a ribbon, a scratched card, a ribbon or feeder that is used up by itself (after the last card of one the next begins),
and printing on while the station is switched off.
"""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace

from printers.api import (
    N_,
    Cancel,
    Cancelled,
    CardFeeder,
    CardPlace,
    Consumables,
    DriverConfig,
    JobReport,
    JobState,
    PrinterProfile,
    PrinterReason,
    PrinterState,
    PrinterStatus,
    PrinterUnfitError,
    PrintJob,
    PrintJobLostError,
    ProfileError,
    Progress,
    RenderedCard,
    RenderedSide,
    encoders_of,
    refuse_unknown_options,
)
from printers.bitmap import on_plastic, to_image
from printers.capability import DEFAULT_WITHOUT, WITHOUT, abilities, check_without, unfit
from printers.document import ID1_MM, pdf, png, sides
from printers.records import JobBook, JobRecord, check_job_name, not_given_away, replace_file, still_waits
from printers.simulated import Faults, Mechanism, Sizes, VirtualFeeder
from printers.trouble import driver_missing, trouble_error

_OPTIONS = ("ribbon_cards", "feeder_cards", "encoders", WITHOUT)
_RIBBON_CARDS = 250
_FEEDER_CARDS = 100
_RIBBON_LOW_PERCENT = 10
_TICK_S = 0.05
_SPOOL = "spool"
_PROOF = "card.pdf"
_SIDES = ("front.png", "back.png")
_STATES = {
    PrinterReason.OFFLINE: PrinterState.OFFLINE,
    PrinterReason.PAUSED: PrinterState.PAUSED,
    PrinterReason.DRIVER_MISSING: PrinterState.MISSING,
}


class VirtualPrinter:
    """Print on files. The same folder makes the same printer: jobs and ribbon are known again after a restart."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        refuse_unknown_options("virtual", config, _OPTIONS)
        self._config = config
        self._without = check_without(config.options.get(WITHOUT, DEFAULT_WITHOUT))
        sizes = Sizes(
            _positive(config, "ribbon_cards", _RIBBON_CARDS), _positive(config, "feeder_cards", _FEEDER_CARDS)
        )
        self._inside = Mechanism(config.folder, sizes, config.moved)
        self._faults = Faults(self._fault)
        encoders = encoders_of(config)
        self._feeder = VirtualFeeder(config.name, encoders, self._inside, self._faults) if encoders else None
        self._book = JobBook(config.folder, config.open_jobs)
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
        reason = self._faults.reason()
        percent = 0 if reason is PrinterReason.RIBBON_EMPTY else self._inside.ribbon_percent
        reasons = [reason] if reason is not None else []
        if 0 < percent <= _RIBBON_LOW_PERCENT:
            reasons.append(PrinterReason.RIBBON_LOW)
        state = PrinterState.READY
        if self._config.folder.exists() and not self._config.folder.is_dir():
            state = PrinterState.OFFLINE
        elif reason is not None:
            state = _STATES.get(reason, PrinterState.TROUBLE)
        elif self._running:
            state = PrinterState.PRINTING
        return PrinterStatus(self.name, state, tuple(reasons), percent, self.profile.model)

    def consumables(self) -> Consumables:
        """Return the counters; nothing when it is off."""
        reason = self._faults.reason()
        if reason in (PrinterReason.OFFLINE, PrinterReason.DRIVER_MISSING):
            return Consumables()
        return self._inside.consumables(
            ribbon_out=reason is PrinterReason.RIBBON_EMPTY, feeder_empty=reason is PrinterReason.MEDIA_EMPTY
        )

    @property
    def feeder(self) -> CardFeeder | None:
        """Return the way to its encoder, when the option ``encoders`` gave it one."""
        return self._feeder

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what the model that it plays can't do of it."""
        return unfit(self.name, abilities(self.profile), card, self._without)

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print one card; a job that is known already is not begun again but waited for."""
        if self._book.read(check_job_name(job.job)) is not None:
            return self.wait_job(job.job, cancel=cancel, progress=progress)
        if cancel.is_set():
            raise Cancelled
        if (unable := self.unfit(job.card)) is not None:
            raise unable
        if self._faults.reason() is PrinterReason.DRIVER_MISSING:
            raise driver_missing(self.name)
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
        with self._lock:
            if job in self._running:
                self._revoked.add(job)
                return
            # Not before: a card that comes out just now must not be written down as taken back.
            record = self._book.read(job)
            if record is not None and record.state in (JobState.QUEUED, JobState.PRINTING):
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
                    self._inside.new_ribbon()  # whoever repairs it puts in a new one
                self._note(replace(record, state=JobState.QUEUED, reasons=(reason,), untouched=True))
                raise trouble_error(self.name, (reason,))
            progress("waiting", 0.0)
            cancel.wait(_TICK_S)
        self._told.pop(record.job, None)

    def _feed(self, record: JobRecord, cancel: Cancel, progress: Progress) -> bool:
        """Take a card's time over it; say whether it got through without a fault."""
        self._note(replace(record, state=JobState.PRINTING, reasons=(), untouched=False))
        if self._faults.loses_jobs():
            self._lose(record)
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

    def _lose(self, record: JobRecord) -> None:
        detail = N_("the printer has never heard of it")
        shutil.rmtree(self._book.place(record.job) / _SPOOL, ignore_errors=True)
        self._note(replace(record, state=JobState.UNKNOWN, reasons=(), untouched=False, detail=detail))
        raise PrintJobLostError(detail=detail)

    def _eject(self, record: JobRecord) -> JobReport:
        place = self._book.place(record.job)
        spool = place / _SPOOL
        try:
            for file in sorted(spool.iterdir()):
                file.replace(place / file.name)
            shutil.rmtree(spool)
            self._inside.printed()
            # The record last: a station that is killed in between finds the card in doubt, as with any printer.
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
        reason = self._faults.reason()
        # The card to print is in the printer already: no feeder is needed.
        if reason is PrinterReason.MEDIA_EMPTY and self._inside.place is not CardPlace.NONE:
            return None
        return reason

    def _fault(self) -> str:
        fault = self._config.faults.fault("printer")
        return fault.kind if fault is not None else ""


def _files(title: str, card: RenderedCard) -> dict[str, bytes]:
    """Return what the job will have made: each side as the plastic shows it, and both as a PDF of the card's size."""
    dpi = (card.dpi_x, card.dpi_y)
    images = sides(card)  # the plastic shows the back upright, however a model wants it fed
    files = {name: png(on_plastic(image, dpi), dpi) for name, image in zip(_SIDES, images, strict=False)}
    for side, name in ((card.front, "front"), (card.back, "back")):
        files |= _hidden(side, name, dpi) if side is not None else {}
    if any(card.tracks):
        files["tracks.txt"] = "\n".join(card.tracks).encode()
    return {**files, _PROOF: pdf(title, images, dpi, ID1_MM)}


def _hidden(side: RenderedSide, name: str, dpi: tuple[int, int]) -> dict[str, bytes]:
    """Return the panels that the eye doesn't see."""
    panels = {"uv": side.uv, "overlay": side.overlay}
    return {f"{name}-{panel}.png": png(to_image(bits), dpi) for panel, bits in panels.items() if bits is not None}


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
