"""One queue of CUPS: how it stands and what became of a job, as values; taking a job back.

RFC 8011 sections 5.3.7 and 5.4.11 number the states.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum

from printers.api import N_, Consumables, JobState, PrinterReason, PrinterState, PrinterStatus
from printers.ipp import Data, Group
from printers.ipp_client import IppClient, IppStatusError
from printers.trouble import reason_of, reasons_of, stopping

QUEUE_ATTRIBUTES = (
    "printer-state",
    "printer-state-reasons",
    "printer-state-message",
    "printer-is-accepting-jobs",
    "printer-make-and-model",
    "marker-levels",
    "marker-names",
    "marker-types",
    "device-uri",
)
JOB_ATTRIBUTES = (
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-printer-state-message",
    "job-printer-state-reasons",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "time-at-processing",
)

# Backends tell by words alone that they can't reach the printer; they speak English because the job says `en`.
_AWAY = re.compile(r"unavailable|not responding|unreachable|unable to locate|waiting for printer to become", re.I)
_CONNECTING = "connecting-to-device"
# RFC 8011 section 5.3.8. The other is CUPS' own word for: the printer forgot the job, so I call it completed.
_SUCCESS = "job-completed-successfully"
_FORGOTTEN = "cups-ipp-missing-job-history"


class _Queue(IntEnum):
    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


class SpoolState(IntEnum):
    """State of a job at the spooler, RFC 8011 section 5.3.7; CUPS stops a job when its own filter failed."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELLED = 7
    ABORTED = 8
    COMPLETED = 9


_JOB_STATES: dict[int, JobState] = {
    SpoolState.PENDING: JobState.QUEUED,
    SpoolState.HELD: JobState.QUEUED,
    SpoolState.PROCESSING: JobState.PRINTING,
    SpoolState.STOPPED: JobState.FAILED,
    SpoolState.CANCELLED: JobState.CANCELLED,
    SpoolState.ABORTED: JobState.FAILED,
    SpoolState.COMPLETED: JobState.DONE,
}


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """A queue at one moment. ``reasons`` are those that keep a card from being printed, worst first."""

    state: int
    keywords: tuple[str, ...] = ()
    message: str = ""
    accepting: bool = True
    ribbon_percent: int | None = None
    model: str = ""
    markers: tuple[str, ...] = ()
    device_uri: str = ""

    @classmethod
    def read(cls, group: Group) -> QueueSnapshot:
        """Return the snapshot in the answer to Get-Printer-Attributes."""
        return cls(
            state=_first_int(group.get("printer-state")) or _Queue.IDLE,
            keywords=_strings(group.get("printer-state-reasons")),
            message=" ".join(_strings(group.get("printer-state-message"))),
            accepting=False not in group.get("printer-is-accepting-jobs"),
            ribbon_percent=_lowest(group.get("marker-levels")),
            model=" ".join(_strings(group.get("printer-make-and-model"))),
            markers=_strings(group.get("marker-names")),
            device_uri=next(iter(_strings(group.get("device-uri"))), ""),
        )

    @property
    def idle(self) -> bool:
        """Say whether it has nothing to do, and takes jobs."""
        return self.state == _Queue.IDLE and self.accepting

    def seen_at(self, device: QueueSnapshot) -> QueueSnapshot:
        """Return this idle queue with what the printer behind it says of itself now."""
        return replace(device, model=device.model or self.model, device_uri=self.device_uri)

    def unreachable(self) -> QueueSnapshot:
        """Return this idle queue with a printer behind it that doesn't answer."""
        return replace(self, keywords=("offline-error",))

    @property
    def reasons(self) -> tuple[PrinterReason, ...]:
        """Return what keeps a card from being printed, as far as the words are current."""
        found = list(stopping(reasons_of(self.keywords)))
        away = _AWAY.search(self.message) or any(word.startswith(_CONNECTING) for word in self.keywords)
        # The words of an idle queue are left over from its last job.
        if away and self.state == _Queue.PROCESSING and PrinterReason.OFFLINE not in found:
            found.append(PrinterReason.OFFLINE)
        if self.state == _Queue.STOPPED and not found:
            found.append(PrinterReason.PAUSED)
        return tuple(found)

    def status(self, name: str) -> PrinterStatus:
        """Return the queue as the port tells it."""
        reasons = reasons_of(self.keywords)
        reasons += tuple(reason for reason in self.reasons if reason not in reasons)
        if not self.accepting and PrinterReason.PAUSED not in reasons:
            reasons += (PrinterReason.PAUSED,)
        detail = self.message if self.accepting else N_("the queue takes no jobs")
        return PrinterStatus(name, self._state(), reasons, self.ribbon_percent, self.model, detail)

    def consumables(self) -> Consumables:
        """Return what the markers tell."""
        ribbon = next((name for name in self.markers if name), "")
        low = any(reason_of(word) is PrinterReason.CLEANING_DUE for word in self.keywords)
        return Consumables(ribbon=ribbon, ribbon_percent=self.ribbon_percent, cleaning_due=True if low else None)

    def _state(self) -> PrinterState:
        if not self.accepting or "paused" in self.keywords or self.reasons == (PrinterReason.PAUSED,):
            return PrinterState.PAUSED
        # An idle queue keeps the warnings of its last job: CUPS looks at the printer again with the next one.
        fresh = self.state != _Queue.IDLE or not all(word.endswith(("-warning", "-report")) for word in self.keywords)
        if self.reasons and fresh:
            offline = self.reasons[0] is PrinterReason.OFFLINE
            return PrinterState.OFFLINE if offline else PrinterState.TROUBLE
        return PrinterState.PRINTING if self.state == _Queue.PROCESSING else PrinterState.READY


@dataclass(frozen=True, slots=True)
class SpoolJob:
    """A job at one moment.

    ``begun`` says that it has been at the printer, be it for a moment; ``successful`` that whoever ended it says so,
    and ``sides`` how many sheets or sides it counted. ``begun_at`` is when it last began, by the spooler's clock, and
    0 where that isn't told.
    """

    job_id: int
    title: str
    state: int
    begun: bool = False
    message: str = ""
    forgotten: bool = False
    successful: bool = False
    sides: int = 0
    begun_at: int = 0

    @classmethod
    def read(cls, group: Group) -> SpoolJob:
        """Return the snapshot in the answer to Get-Job-Attributes, or one of those to Get-Jobs."""
        state = _first_int(group.get("job-state")) or SpoolState.PENDING
        return cls(
            job_id=_first_int(group.get("job-id")) or 0,
            title=" ".join(_strings(group.get("job-name"))),
            state=state,
            begun=bool(group.get("time-at-processing")) or state in (SpoolState.PROCESSING, SpoolState.COMPLETED),
            message=" ".join(_strings(group.get("job-printer-state-message"))),
            successful=_SUCCESS in _strings(group.get("job-state-reasons")),
            sides=max(
                _first_int(group.get("job-media-sheets-completed")) or 0,
                _first_int(group.get("job-impressions-completed")) or 0,
            ),
            forgotten=_FORGOTTEN in _strings(group.get("job-printer-state-reasons")),
            begun_at=_first_int(group.get("time-at-processing")) or 0,
        )

    @property
    def ended(self) -> bool:
        """Say whether the spooler does nothing more for it by itself."""
        return self.state >= SpoolState.STOPPED

    @property
    def job_state(self) -> JobState:
        """Return the state as the port names it."""
        return _JOB_STATES.get(self.state, JobState.UNKNOWN)

    @property
    def held(self) -> bool:
        """Say whether it waits until somebody lets it go."""
        return self.state == SpoolState.HELD

    @property
    def printed_again(self) -> bool:
        """Say whether the spooler means to print it a second time: it was at the printer, and waits once more."""
        return self.begun and self.state in (SpoolState.PENDING, SpoolState.HELD)


class SpoolQueue:
    """A queue by its name. Every call asks the print service and may raise what ``IppClient`` raises."""

    def __init__(self, client: IppClient, queue: str) -> None:
        self._client, self._queue = client, queue

    def now(self) -> QueueSnapshot:
        """Return how the queue stands; raises IppStatusError (not_found) when there is no such queue."""
        return QueueSnapshot.read(self._client.printer(self._queue, QUEUE_ATTRIBUTES))

    def look(self, title: str, job_id: str = "") -> SpoolJob | None:
        """Return the job of that title: by its number while that still means the same job, else by its title."""
        found = self._numbered(int(job_id)) if job_id.isdigit() else None
        # A site may hide titles; and a number may be given anew after a clean-up of the history.
        if found is not None and found.title in ("", title):
            return found
        try:
            jobs = [SpoolJob.read(group) for group in self._client.jobs(self._queue, JOB_ATTRIBUTES)]
        except IppStatusError as error:
            if error.not_found:
                return None
            raise
        return max((job for job in jobs if job.title == title), key=lambda job: job.job_id, default=None)

    def _numbered(self, job_id: int) -> SpoolJob | None:
        try:
            return SpoolJob.read(self._client.job(job_id, JOB_ATTRIBUTES))
        except IppStatusError as error:
            if error.not_found:
                return None
            raise

    def revoke(self, job_id: int) -> None:
        """Take a job back; one that has ended or is not there is no error."""
        self._cancel(job_id, purge=False)

    def wipe(self, job_id: int) -> None:
        """Delete a job's document and its entry in the history."""
        self._cancel(job_id, purge=True)

    def _cancel(self, job_id: int, *, purge: bool) -> None:
        try:
            self._client.cancel_job(job_id, purge=purge)
        except IppStatusError as error:
            if not (error.not_found or error.not_possible):
                raise


def _first_int(values: tuple[Data, ...]) -> int | None:
    return values[0] if values and isinstance(values[0], int) else None


def _strings(values: tuple[Data, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str))


def _lowest(levels: tuple[Data, ...]) -> int | None:
    # PWG 5100.9: per cent; -1 unavailable, -2 unknown, -3 some left.
    known = [level for level in levels if isinstance(level, int) and 0 <= level <= 100]
    return min(known) if known else None
