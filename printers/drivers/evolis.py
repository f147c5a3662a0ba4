"""Evolis printers by the maker's own SDK: the printer's own word for each card, supplies, encoder, every panel.

The SDK is loaded in a process of its own (``printers.evolis_sdk``) which may crash, hang or talk nonsense. Before the
word "print" that costs nothing but a moment: the process is begun anew. After it, the card is in doubt, and a person
has to look; nothing is printed twice. Until a card has come out its pictures wait in the job's folder, so that a job
that a printer in trouble keeps can go on after a restart of the station.
"""

from __future__ import annotations

import logging
import shutil
import threading
from contextlib import suppress
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
    PrinterMissingError,
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
    encoders_of,
    refuse_unknown_options,
)
from printers.capability import DEFAULT_WITHOUT, WITHOUT, abilities, check_without, unfit
from printers.child import ChildBusyError, ChildError
from printers.evolis_feeder import EvolisFeeder, not_there
from printers.evolis_link import EvolisLink, SdkAwayError, SdkBusyError, SdkMissingError, SdkRefusedError
from printers.evolis_order import Order, order_for
from printers.evolis_words import End, changed, end_of
from printers.records import FINAL, JobBook, JobRecord, check_job_name, not_given_away, still_waits
from printers.trouble import STOPPING, trouble_error

log = logging.getLogger(__name__)

_OPTIONS = ("encoders", "reader", "coercivity", "print_timeout_s", WITHOUT)
_SPOOL = "spool"
_OK = "OK"
_POLL_S = 0.25
# While a card is printed the process answers nothing else.
_BUSY_S = 0.2
_ATTEMPTS = 3


class EvolisPrinter:
    """Print on the Evolis printer whose name in the system is ``queue``."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        refuse_unknown_options("evolis", config, _OPTIONS)
        self._config = config
        self._without = check_without(config.options.get(WITHOUT, DEFAULT_WITHOUT))
        self._link = EvolisLink(config.queue or config.name, print_timeout_s=_seconds(config))
        self._book = JobBook(config.folder, config.open_jobs)
        self._running: set[str] = set()
        self._revoked: set[str] = set()
        self._lock = threading.Lock()
        self._told: dict[str, PrinterReason] = {}
        encoders = encoders_of(config)
        self._feeder = EvolisFeeder(config, encoders, self._link) if encoders else None

    @property
    def name(self) -> str:
        """Return the printer's name for people."""
        return self._config.name

    @property
    def profile(self) -> PrinterProfile:
        """Return what is known of the model."""
        return self._config.profile

    @property
    def feeder(self) -> CardFeeder | None:
        """Return the way to its encoder, when the station profile names one."""
        return self._feeder

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what the model can't do of it; the SDK takes every panel and the tracks."""
        return unfit(self.name, abilities(self.profile), card, self._without)

    def status(self) -> PrinterStatus:
        """Return how it stands; while a card is printed nothing can be asked, and then it prints."""
        try:
            state = self._link.state(wait_s=_BUSY_S)
        except ChildBusyError:
            return PrinterStatus(self.name, PrinterState.PRINTING, model=self.profile.model)
        except SdkMissingError as error:
            missing = (PrinterReason.DRIVER_MISSING,)
            return PrinterStatus(self.name, PrinterState.MISSING, missing, detail=error.detail)
        except ChildError as error:
            return PrinterStatus(self.name, PrinterState.OFFLINE, (PrinterReason.OFFLINE,), detail=error.detail)
        reason = (state.reason,) if state.reason is not None else ()
        found = PrinterState.PRINTING if self._running and not reason else state.state
        return PrinterStatus(self.name, found, reason, model=self.profile.model, detail=state.minor)

    def consumables(self) -> Consumables:
        """Return ribbon and counters; nothing when it can't be asked now."""
        try:
            return self._link.supplies(wait_s=_BUSY_S)
        except ChildError:
            return Consumables()

    def print_card(self, job: PrintJob, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print one card; a job that is known already is not begun again but waited for."""
        if self._book.read(check_job_name(job.job)) is not None:
            return self.wait_job(job.job, cancel=cancel, progress=progress)
        if cancel.is_set():
            raise Cancelled
        if (unable := self.unfit(job.card)) is not None:
            raise unable
        progress("sending", 0.0)
        order = order_for(self.profile, job.card)
        try:
            # Before there is a record: a library or a printer that is missing then costs nothing but this message.
            self._link.state()
        except (SdkMissingError, SdkAwayError) as error:
            raise not_there(self.name, error) from error
        except ChildError as error:
            log.warning("the process of the printer %s: %s", self.name, error)  # it is asked again below
        try:
            order.keep(self._book.place(job.job) / _SPOOL)
            record = self._book.write(JobRecord(job.job, JobState.QUEUED, untouched=True))
        except OSError as error:
            raise not_given_away(self.name, self._config.folder, error) from error
        return self._run(record, order, cancel, progress)

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Print on with a job that waits; return at once what became of one that has ended."""
        record = self._book.read(check_job_name(job))
        if record is None:
            raise PrintJobLostError(detail=N_("the printer has never heard of it"))
        if record.state is JobState.QUEUED:
            order = Order.kept(self._book.place(job) / _SPOOL)
            if order is None:
                raise self._refused(record, N_("its pictures are no longer there"))
            return self._run(record, order, cancel, progress)
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
        """Take a job back that waits; one that the printer has begun can't be stopped."""
        with self._lock:
            if job in self._running:
                self._revoked.add(job)
                return
            # Not before: a card that comes out just now must not be written down as taken back.
            record = self._book.read(job)
            if record is not None and record.state not in FINAL and record.state is not JobState.UNKNOWN:
                self._take_back(record, untouched=record.state is JobState.QUEUED)

    def close(self) -> None:
        """End the process that holds the maker's library; the next question begins another."""
        self._link.close()

    # --- one job ----------------------------------------------------------------------------------------------

    def _run(self, record: JobRecord, order: Order, cancel: Cancel, progress: Progress) -> JobReport:
        with self._lock:
            self._running.add(record.job)
        try:
            for _ in range(_ATTEMPTS):
                self._await_remedy(record, cancel, progress)
                progress("printing", 0.0)
                self._stop_if_asked(record, cancel)
                if (report := self._attempt(record, order)) is not None:
                    progress("printing", 1.0)
                    return report
            raise self._refused(record, N_("it says neither what it needs nor that it is ready"))
        finally:
            with self._lock:
                self._running.discard(record.job)
                self._revoked.discard(record.job)

    def _await_remedy(self, record: JobRecord, cancel: Cancel, progress: Progress) -> None:
        """Return when nothing keeps the card from being printed; raise each trouble once."""
        while (found := self._trouble()) is not None:
            reason, detail = found
            self._stop_if_asked(record, cancel)
            if self._told.get(record.job) is not reason:
                self._told[record.job] = reason
                self._note(replace(record, state=JobState.QUEUED, reasons=(reason,), untouched=True))
                raise trouble_error(self.name, (reason,), detail)
            progress("waiting", 0.0)
            cancel.wait(_POLL_S)
        self._told.pop(record.job, None)

    def _trouble(self) -> tuple[PrinterReason, str] | None:
        try:
            state = self._link.state()
        except SdkMissingError as error:
            return PrinterReason.DRIVER_MISSING, error.detail
        except SdkAwayError as error:
            return PrinterReason.OFFLINE, error.detail
        except ChildError as error:  # nothing is being printed: the next question begins the process anew
            log.warning("the process of the printer %s: %s", self.name, error)
            try:
                state = self._link.state()
            except ChildError as again:
                return PrinterReason.OTHER, again.detail
        return (state.reason, state.minor) if state.reason is not None and state.reason in STOPPING else None

    def _attempt(self, record: JobRecord, order: Order) -> JobReport | None:
        """Try once; ``None`` when the card is as it was, and it is worth another look at the printer."""
        try:
            found = self._link.prepare(order.panels, order.pictures, order.settings)
        except SdkBusyError as error:
            self._forget(record)
            raise not_there(self.name, error) from error
        except SdkRefusedError as error:
            raise self._refused(record, error.detail) from error
        except ChildError as error:
            log.warning("the process of the printer %s, before the card: %s", self.name, error)
            return None
        if wrong := changed(order.settings, found):
            self._let_go()
            raise self._refused(record, wrong)
        # Before the word "print": a station that dies now has to find this card in doubt.
        self._note(replace(record, state=JobState.PRINTING, reasons=(), untouched=False))
        try:
            return self._print(record, order)
        except ChildError as error:
            log.warning("the process of the printer %s, with a card in it: %s", self.name, error)
            raise self._lost(record, error.detail) from error

    def _print(self, record: JobRecord, order: Order) -> JobReport | None:
        if order.tracks:
            code = self._link.stripe(order.tracks, self._config.options.get("coercivity", "AUTO"))
            # A stripe that was not taken may be half written, and no other card is to be made of this one.
            if code != _OK:
                self._link.out(reject=True)
                raise self._lost(record, code)
        code, after = self._link.print_now()
        end = end_of(code, after)
        if end is End.DONE:
            self._wipe(record)
            done = replace(record, state=JobState.DONE, card_confirmed=True, untouched=False, reasons=())
            return self._book.report(self._note(done))
        if end is End.LOST:
            raise self._lost(record, f"{code}, {after.minor}")
        if end is End.REFUSED:
            raise self._refused(record, code)
        self._note(replace(record, state=JobState.QUEUED, untouched=True))
        return None

    def _let_go(self) -> None:
        """Leave a printer to others that didn't take the card, unless that is in it."""
        with suppress(ChildError):
            if self._link.place() is CardPlace.NONE:
                self._link.release()

    # --- ends that are none ----------------------------------------------------------------------------------

    def _stop_if_asked(self, record: JobRecord, cancel: Cancel) -> None:
        if cancel.is_set() or record.job in self._revoked:
            self._take_back(record, untouched=True)
            raise Cancelled

    def _take_back(self, record: JobRecord, *, untouched: bool) -> None:
        self._wipe(record)
        self._note(replace(record, state=JobState.CANCELLED, reasons=(), untouched=untouched))
        self._told.pop(record.job, None)

    def _forget(self, record: JobRecord) -> None:
        """Let go of a job of which it is certain that nothing was printed: it may be given away anew."""
        self._book.forget(record.job)
        self._told.pop(record.job, None)

    def _refused(self, record: JobRecord, detail: str) -> PrinterMissingError:
        self._forget(record)
        return PrinterMissingError(
            N_("The printer {device} didn't take the card: {detail}"),
            N_("Ask IT to look at the printer's driver and settings. Nothing was printed; the card is not spoiled."),
            device=self.name,
            detail=detail,
        )

    def _lost(self, record: JobRecord, detail: str) -> PrintJobLostError:
        self._wipe(record)
        self._note(replace(record, state=JobState.UNKNOWN, reasons=(), untouched=False, detail=detail))
        return PrintJobLostError(detail=detail)

    def _wipe(self, record: JobRecord) -> None:
        shutil.rmtree(self._book.place(record.job) / _SPOOL, ignore_errors=True)

    def _note(self, record: JobRecord) -> JobRecord:
        try:
            return self._book.write(record)
        except OSError as error:
            raise still_waits(self.name, self._config.folder, error) from error


def _seconds(config: DriverConfig) -> float:
    # The SDK itself gives a print up after 300 s (its PRINT_TIMEOUT), and its own word is worth more than our silence.
    value = config.options.get("print_timeout_s", "330")
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= 3600):
        raise ProfileError(
            N_("The printer's option {option} can't be {value}."),
            N_("Ask IT to correct it in the station profile: it is a whole number from 1 up."),
            option="print_timeout_s",
            value=value,
        )
    return float(value)
