"""A queue of the Windows spooler, looked at by pywin32 and told as the other queues are.

Names and values are those of winspool.h. A job leaves the list when the spooler has sent it: that is all that its
absence says.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from printers.api import N_
from printers.spooler import QueueSnapshot, SpoolJob, SpoolState
from printers.trouble import SpoolerError

# PRINTER_STATUS_…, as the keywords that RFC 8011 has for them; the rest asks for nobody.
_PRINTER_WORDS: dict[int, str] = {
    0x1: "paused",
    0x2: "other-error",
    0x8: "media-jam-error",
    0x10: "media-empty-error",
    0x20: "media-needed-error",
    0x40: "media-jam-error",
    0x80: "offline-error",
    0x800: "output-area-full-error",
    0x1000: "offline-error",
    0x20000: "marker-supply-low-warning",
    0x40000: "marker-supply-empty-error",
    0x100000: "other-error",
    0x400000: "cover-open-error",
    0x800000: "offline-error",
}
_PRINTER_BUSY = 0x200 | 0x400 | 0x4000
_PENDING_DELETION = 0x4
_WORKS_OFFLINE = 0x400  # PRINTER_ATTRIBUTE_WORK_OFFLINE

# JOB_STATUS_…
_JOB_WORDS: dict[int, str] = {
    0x2: "other-error",
    0x20: "offline-error",
    0x40: "media-empty-error",
    0x200: "cups-missing-filter-error",  # BLOCKED_DEVQ: the driver can't print it
    0x400: "other-error",
}
_PAUSED, _DELETING, _PRINTING, _PRINTED, _DELETED = 0x1, 0x4, 0x10, 0x80, 0x100
_RESTARTED, _COMPLETE, _RETAINED = 0x800, 0x1000, 0x2000
_BEGUN = _PRINTING | _PRINTED | _COMPLETE | _RETAINED

_CONTROL_DELETE = 5  # JOB_CONTROL_DELETE
_LEVEL = 2
_ALL_JOBS = 999
_IDLE, _BUSY, _STOPPED = 3, 4, 5

# winerror.h
_INVALID_PARAMETER = 87
_INVALID_PRINTER = (1801, 1804, 1905)  # …_NAME, PRINTER_DELETED


class WindowsSpoolError(SpoolerError):
    """Windows said no; ``number`` is its own, 0 when pywin32 is not installed."""

    what = N_("The print service of Windows said no: {detail}")
    todo = N_("Ask IT to look at the Print Spooler service.")

    def __init__(self, number: int, detail: str) -> None:
        super().__init__(detail=f"{number} {detail}" if number else detail)
        self.number = number
        self.driver_missing = not number

    @property
    def not_found(self) -> bool:
        """Say whether there is no such printer."""
        return self.number in _INVALID_PRINTER


def pywin32() -> ModuleType:
    """Return ``win32print``; raises WindowsSpoolError (driver_missing) where it isn't installed."""
    try:
        return import_module("win32print")
    except ImportError as error:
        raise WindowsSpoolError(0, f"pywin32: {error}") from error


class WindowsSpool:
    """A printer by its name in Windows."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        # What the list no longer tells: which jobs we deleted, and whether they were seen at the printer. With their
        # titles: a spooler that was restarted gives the same numbers again.
        self._titles: dict[int, str] = {}
        self._revoked: set[tuple[int, str]] = set()
        self._begun: set[tuple[int, str]] = set()

    def now(self) -> QueueSnapshot:
        """Return how the printer stands, with what its jobs say: many drivers tell of a trouble in the job alone."""
        with _Opened(self._queue) as (api, handle):
            printer = api.GetPrinter(handle, _LEVEL)
            jobs = api.EnumJobs(handle, 0, _ALL_JOBS, 1)
        status = int(printer["Status"])
        words = [word for bit, word in _PRINTER_WORDS.items() if status & bit]
        words += [word for job in jobs for bit, word in _JOB_WORDS.items() if int(job["Status"]) & bit]
        # "Use printer offline" is an attribute that a person sets, not a status of the printer.
        if int(printer["Attributes"]) & _WORKS_OFFLINE:
            words.append("offline-error")
        busy = status & _PRINTER_BUSY or any(int(job["Status"]) & _PRINTING for job in jobs)
        state = _STOPPED if "paused" in words else _BUSY if busy else _IDLE
        return QueueSnapshot(
            state,
            tuple(dict.fromkeys(words)),
            accepting=not status & _PENDING_DELETION,
            model=str(printer["pDriverName"]),
        )

    def look(self, title: str, job_id: str = "") -> SpoolJob | None:
        """Return the job of that title; one that had a number and is gone was sent, and no more is known of it."""
        with _Opened(self._queue) as (api, handle):
            jobs = api.EnumJobs(handle, 0, _ALL_JOBS, 1)
        mine = [job for job in jobs if job["pDocument"] == title]
        numbered = [job for job in mine if str(job["JobId"]) == job_id]
        # Of several with one title the newest counts: numbers grow until the spooler is restarted.
        found = max(numbered or mine, key=lambda job: int(job["JobId"]), default=None)
        if found is None:
            return self._gone(title, int(job_id)) if job_id.isdigit() else None
        number, status = int(found["JobId"]), int(found["Status"])
        self._titles[number] = title
        if status & (_BEGUN | _RESTARTED) or int(found["PagesPrinted"]) > 0:
            self._begun.add((number, title))
        begun, message = (number, title) in self._begun, str(found["pStatus"] or "")
        return SpoolJob(number, title, _state(status), begun=begun, message=message)

    def _gone(self, title: str, number: int) -> SpoolJob:
        if (number, title) in self._revoked:
            return SpoolJob(number, title, SpoolState.CANCELLED, begun=(number, title) in self._begun)
        # Begun, so that nobody takes its card for untouched: that it is gone says only that it was sent.
        return SpoolJob(number, title, SpoolState.COMPLETED, begun=True)

    def revoke(self, job_id: int) -> None:
        """Take a job back."""
        with _Opened(self._queue) as (api, handle):
            try:
                api.SetJob(handle, job_id, 0, None, _CONTROL_DELETE)
                self._revoked.add((job_id, self._titles.get(job_id, "")))
            except api.error as error:
                if _code(error) != _INVALID_PARAMETER:  # it is no longer there
                    raise

    def wipe(self, job_id: int) -> None:
        """Delete a job that Windows keeps after it was printed (an option of the printer)."""
        self.revoke(job_id)


class _Opened:
    """``win32print`` and a handle of the printer; what Windows says is raised as WindowsSpoolError."""

    def __init__(self, queue: str) -> None:
        self._queue = queue
        self._api: Any = pywin32()
        self._handle: Any = None

    def __enter__(self) -> tuple[Any, Any]:
        try:
            self._handle = self._api.OpenPrinter(self._queue)
        except self._api.error as error:
            raise WindowsSpoolError(_code(error), _said(error)) from error
        return self._api, self._handle

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._api.ClosePrinter(self._handle)
        if isinstance(error, self._api.error):
            raise WindowsSpoolError(_code(error), _said(error)) from error


def _state(status: int) -> SpoolState:
    if status & (_DELETING | _DELETED):
        return SpoolState.CANCELLED
    if status & (_PRINTED | _COMPLETE | _RETAINED):
        return SpoolState.COMPLETED
    if status & _RESTARTED:  # somebody, or the spooler, prints it once more from the beginning
        return SpoolState.PENDING
    if status & _PAUSED:
        return SpoolState.HELD
    return SpoolState.PROCESSING if status & _PRINTING else SpoolState.PENDING


def _code(error: BaseException) -> int:
    return int(error.args[0]) if error.args and isinstance(error.args[0], int) else -1


def _said(error: BaseException) -> str:
    return str(error.args[-1]) if error.args else type(error).__name__
