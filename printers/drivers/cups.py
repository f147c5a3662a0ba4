"""Any queue of CUPS: ``lp`` gives the card away, IPP tells what becomes of it.

What this driver never does: believe that a card came out because the spooler says ``completed``; give the same job
away twice; let the spooler print a card a second time after a restart; leave a card's picture in the spooler.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import replace

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
    ProfileError,
    Progress,
    RenderedCard,
)
from printers.bitmap import size_mm
from printers.capability import DEFAULT_WITHOUT, WITHOUT, abilities, check_without, unfit
from printers.document import ID1_MM, pdf, png, sides
from printers.ipp import IppError
from printers.ipp_client import IppClient, IppStatusError, IppUnreachableError, Server, user_name
from printers.lp import Answer, Order, submit
from printers.records import FINAL, JobBook, JobRecord, check_job_name, not_given_away, still_waits
from printers.spooler import SpoolJob, SpoolQueue
from printers.trouble import not_taken_back, trouble_error

log = logging.getLogger(__name__)

OWN_OPTIONS = {
    "station.server": "",
    "station.document": "pdf",
    "station.page": "card",
    WITHOUT: DEFAULT_WITHOUT,
}
"""Options that are ours, and what they are when nobody says; all others go to the queue as they are."""

_POLL_S = 0.25
_CANCEL_DEADLINE_S = 10.0
# How long a trouble must last before a person hears of it. A reason is left over from the last job until CUPS has
# looked at the printer again; a connection may take a moment; a restarted spooler comes back by itself.
_GRACE_S = 0.5
_GRACE_AWAY_S = 3.0
_SERVICE = "print-service"
# How a model's profile says which of the queue's options carries which magnetic track.
_TRACK = re.compile(r"\{track([123])\}")


class CupsPrinter:
    """Print on a CUPS queue."""

    api_version = 1

    def __init__(self, config: DriverConfig) -> None:
        options = {**OWN_OPTIONS, **config.profile.options, **config.options}
        _check_options(options)
        self._config = config
        self._own = {name: options.pop(name) for name in OWN_OPTIONS}
        self._options = options
        self._without = check_without(self._own[WITHOUT])
        server = self._own["station.server"]
        self._client = IppClient(Server.parse(server) if server else Server.of_this_computer())
        self._queue_name = config.queue or config.name
        self._queue = SpoolQueue(self._client, self._queue_name)
        self._book = JobBook(config.folder)
        self._told: dict[str, str] = {}

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
            return self._queue.now().status(self.name)
        except IppError as error:
            missing = isinstance(error, IppStatusError) and error.not_found
            state, reasons = (PrinterState.MISSING, ()) if missing else (PrinterState.OFFLINE, (PrinterReason.OFFLINE,))
            return PrinterStatus(self.name, state, reasons, detail=_words(error))

    def consumables(self) -> Consumables:
        """Return what the queue's markers tell; nothing when it is away."""
        try:
            return self._queue.now().consumables()
        except IppError:
            return Consumables()

    @property
    def feeder(self) -> CardFeeder | None:
        """Return ``None``: a queue takes documents, it moves no cards."""
        return None

    def unfit(self, card: RenderedCard) -> PrinterUnfitError | None:
        """Return what can't be handed over: a queue takes what the eye sees, and tracks where an option names them."""
        able = abilities(self.profile) - {"uv", "overlay"}
        if not any(_TRACK.search(value) for value in self._options.values()):
            able -= {"magnetic"}
        return unfit(self.name, able, card, self._without)

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
            queue, found = self._queue.now(), self._queue.look(job.job)
        except IppError as error:
            raise self._missing(error) from error
        if found is None and not queue.accepting:
            raise self._refused(N_("the queue takes no jobs"))
        try:
            record = self._book.write(JobRecord(job.job, JobState.QUEUED, str(found.job_id) if found else ""))
        except OSError as error:
            raise not_given_away(self.name, self._config.folder, error) from error
        if found is None:
            record = self._give_away(job, document, record)
        return self._follow(record, cancel, progress)

    def wait_job(self, job: str, *, cancel: Cancel, progress: Progress) -> JobReport:
        """Wait for a job that was given away, by this run of the program or an earlier one."""
        record = self._book.read(check_job_name(job)) or JobRecord(job, JobState.UNKNOWN)
        if record.state in FINAL:
            return _outcome(self._book.report(record))
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
        except IppError as error:
            return JobReport(job, JobState.UNKNOWN, detail=_words(error))
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
        except IppError as error:
            raise not_taken_back(self.name, _words(error)) from error
        if found is not None and found.ended:
            self._settle(record or JobRecord(job, JobState.UNKNOWN), found)
        elif record is not None:
            self._write(replace(record, state=JobState.CANCELLED, untouched=False))

    # --- giving away ------------------------------------------------------------------------------------------

    def _document(self, job: PrintJob) -> bytes:
        dpi = (job.card.dpi_x, job.card.dpi_y)
        images = sides(job.card, rotate_back=self.profile.rotate_back)
        if self._own["station.document"] == "png" and len(images) == 1:
            return png(images[0], dpi)
        page = size_mm(images[0].size, dpi) if self._own["station.page"] == "raster" else ID1_MM
        return pdf(job.job, images, dpi, page)

    def _give_away(self, job: PrintJob, document: bytes, record: JobRecord) -> JobRecord:
        options = spooler_options(self._options, job.card)
        order = Order(self._queue_name, job.job, user_name(), self._client.server.address, options)
        try:
            answer = submit(order, document, self._config.folder)
        except OSError as error:
            self._book.forget(job.job)
            if isinstance(error, FileNotFoundError) and error.filename == "lp":
                raise self._refused(N_("the program lp is not installed")) from error
            raise not_given_away(self.name, self._config.folder, error) from error
        job_id = answer.job_id if answer.job_id is not None else self._without_answer(job.job, answer)
        return self._write(replace(record, spooler_id=str(job_id)))

    def _without_answer(self, job: str, answer: Answer) -> int:
        """Return the number of a job for which ``lp`` told none, when the spooler has it all the same."""
        try:
            found = self._queue.look(job)
            queue = self._queue.now()
        except IppStatusError as error:
            self._book.forget(job)  # the queue is gone, and took nothing
            raise self._missing(error) from error
        except IppError as error:
            raise PrintJobLostError(detail=answer.words) from error
        if found is not None:
            return found.job_id
        if not answer.certain:
            raise PrintJobLostError(detail=answer.words)
        self._book.forget(job)
        raise self._refused(answer.words if queue.accepting else N_("the queue takes no jobs"))

    # --- following --------------------------------------------------------------------------------------------

    def _follow(self, record: JobRecord, cancel: Cancel, progress: Progress) -> JobReport:
        watch = _Watch(self._config.card_time_s)
        while True:
            try:
                found = self._queue.look(record.job, record.spooler_id)
                if found is None:
                    raise PrintJobLostError(detail=N_("the print service doesn't know the job"))
                record = self._noted(record, found)
                if found.ended:
                    return _outcome(self._settle(record, found))
                self._refuse_second_print(record, found)
                self._stop_if_asked(found, cancel, watch)
                queue = self._queue.now()
                reasons = queue.reasons or ((PrinterReason.PAUSED,) if found.held else ())
                self._tell(record.job, reasons, watch.lasting(reasons, found), queue.message)
                progress(*watch.progress(found))
            except IppError as error:
                if isinstance(error, IppStatusError) and error.not_found:  # the queue was deleted, its jobs with it
                    raise PrintJobLostError(detail=_words(error)) from error
                self._service_away(record.job, watch, error, cancel)
            watch.pause()

    def _noted(self, record: JobRecord, found: SpoolJob) -> JobRecord:
        state = JobState.PRINTING if found.begun or record.state is JobState.PRINTING else JobState.QUEUED
        noted = replace(record, spooler_id=str(found.job_id), state=state)
        return noted if noted == record else self._write(noted)

    def _refuse_second_print(self, record: JobRecord, found: SpoolJob) -> None:
        if found.printed_again:
            self.cancel_job(record.job)
            raise PrintJobLostError(detail=N_("the print service began anew while the card was in the printer"))

    def _stop_if_asked(self, found: SpoolJob, cancel: Cancel, watch: _Watch) -> None:
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
        if not lasting and not reasons:
            self._told.pop(job, None)

    def _service_away(self, job: str, watch: _Watch, error: IppError, cancel: Cancel) -> None:
        if cancel.is_set():
            raise PrintJobLostError(detail=_words(error)) from error
        if watch.lasting((PrinterReason.OFFLINE,)) and self._told.get(job) != _SERVICE:
            self._told[job] = _SERVICE
            raise PrinterTroubleError(
                IppUnreachableError.what,
                N_("Ask IT to start it (CUPS). The station finds the job again by itself; nothing is printed twice."),
                reason=PrinterReason.OFFLINE.value,
                device=self.name,
                detail=_words(error),
            ) from error

    def _settle(self, record: JobRecord, found: SpoolJob) -> JobReport:
        """Write down how a job ended, then take its picture out of the spooler."""
        detail = N_("the printer forgot the job before its end") if found.forgotten else found.message
        untouched = not found.begun and record.state is not JobState.PRINTING
        ended = replace(record, spooler_id=str(found.job_id), state=found.job_state, untouched=untouched, detail=detail)
        self._write(ended)
        self._told.pop(record.job, None)
        try:
            self._queue.wipe(found.job_id)
        except IppError as error:
            log.warning("the print service keeps the picture of job %s: %s", record.job, error)
        return self._book.report(ended)

    # --- small things -----------------------------------------------------------------------------------------

    def _write(self, record: JobRecord) -> JobRecord:
        try:
            return self._book.write(record)
        except OSError as error:
            raise still_waits(self.name, self._config.folder, error) from error

    def _missing(self, error: IppError) -> PrinterMissingError:
        if isinstance(error, IppStatusError) and error.not_found:
            return PrinterMissingError(device=self.name, detail=_words(error))
        return PrinterMissingError(error.what, error.todo, device=self.name, detail=_words(error))

    def _refused(self, detail: str) -> PrinterMissingError:
        return PrinterMissingError(
            N_("The printer {device} didn't take the card: {detail}"),
            N_("Ask IT to look at the printer's queue. Nothing was printed, and the card is not spoiled."),
            device=self.name,
            detail=detail,
        )


class _Watch:
    """How long things have lasted while a job is followed."""

    def __init__(self, card_time_s: float) -> None:
        self._card_time_s = card_time_s
        self._since: dict[PrinterReason, float] = {}
        self._printing_since: float | None = None
        self._asked_at: float | None = None
        self._pause = threading.Event()

    def pause(self) -> None:
        self._pause.wait(_POLL_S)

    def lasting(self, reasons: tuple[PrinterReason, ...], found: SpoolJob | None = None) -> tuple[PrinterReason, ...]:
        """Return those reasons that have been there long enough to bother a person; a stalled job is one, too."""
        now = time.monotonic()
        self._since = {reason: self._since.get(reason, now) for reason in reasons}
        lasting = tuple(reason for reason, since in self._since.items() if now - since >= _grace(reason))
        return lasting or ((PrinterReason.OTHER,) if found is not None and not reasons and self._stalled(found) else ())

    def progress(self, found: SpoolJob) -> tuple[str, float]:
        """Return the step and, by the model's time for a card, a guess how much of it is done."""
        if found.job_state is not JobState.PRINTING:
            return "queued", 0.0
        return "printing", min(0.95, self._printing_s(found) / max(self._card_time_s, 0.1))

    def first_asked(self) -> bool:
        """Say whether this is the first time that it is asked to stop."""
        if self._asked_at is not None:
            return False
        self._asked_at = time.monotonic()
        return True

    def asked_long_ago(self) -> bool:
        """Say whether the spooler has had time enough to stop."""
        return self._asked_at is not None and time.monotonic() - self._asked_at > _CANCEL_DEADLINE_S

    def _stalled(self, found: SpoolJob) -> bool:
        return self._printing_s(found) > max(60.0, 4 * self._card_time_s)

    def _printing_s(self, found: SpoolJob) -> float:
        if found.job_state is not JobState.PRINTING:
            self._printing_since = None
            return 0.0
        self._printing_since = self._printing_since or time.monotonic()
        return time.monotonic() - self._printing_since


def _grace(reason: PrinterReason) -> float:
    return _GRACE_AWAY_S if reason is PrinterReason.OFFLINE else _GRACE_S


def _outcome(report: JobReport) -> JobReport:
    """Return the report of a job that the spooler finished; raise for one that it ended otherwise."""
    if report.state is JobState.DONE:
        return report
    if report.state is JobState.CANCELLED and report.untouched:
        raise Cancelled
    raise PrintJobLostError(detail=report.detail or report.state.value)


def spooler_options(options: dict[str, str], card: RenderedCard) -> dict[str, str]:
    """Return the options for one card: no scaling, no banner page in the feeder, both sides; the profile's win."""
    ours = {
        "print-scaling": "none",
        "number-up": "1",
        "job-sheets": "none,none",
        "sides": "one-sided" if card.back is None else "two-sided-long-edge",
    }
    if "PageSize" not in options:
        ours["media"] = "om_card_54x86mm"  # PWG 5101.1: the name says its size
    chosen = {**ours, **_with_tracks(options, card.tracks)}
    return {**chosen, "sides": "one-sided"} if card.back is None else chosen


def _with_tracks(options: dict[str, str], tracks: tuple[str, str, str]) -> dict[str, str]:
    """Return the options with the tracks in their places; an option whose track is empty is not given at all."""

    def filled(value: str) -> str:
        return _TRACK.sub(lambda found: tracks[int(found[1]) - 1], value)

    asked = {
        name: value
        for name, value in options.items()
        if all(tracks[int(number) - 1] for number in _TRACK.findall(value))
    }
    return {name: filled(value) for name, value in asked.items()}


def _check_options(options: dict[str, str]) -> None:
    wrong = next((name for name, value in options.items() if not _good_option(name, value)), None)
    if wrong is not None:
        raise ProfileError(
            N_("The printer's option {option} can't be {value}."),
            N_("Ask IT to correct it in the station profile or the printer profile."),
            option=wrong,
            value=options[wrong],
        )


def _good_option(name: str, value: str) -> bool:
    allowed = {"station.document": ("pdf", "png"), "station.page": ("card", "raster")}
    if name in allowed:
        return value in allowed[name]
    if name.startswith("station."):
        return name in OWN_OPTIONS
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*", name) is not None and value.isprintable()


def _words(error: IppError) -> str:
    return str(error.params["detail"])
