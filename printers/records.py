"""What became of each job, in one small file a job that survives a crash at any moment.

A record is replaced as a whole and is on the disk when the call returns. So it says what was last known for certain;
what happened after it is for the driver to find out, and never to assume.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path

from printers.api import (
    N_,
    InputError,
    JobReport,
    JobState,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    StationError,
)

_JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FILE = "job.json"

KEPT_S = 6 * 7 * 86_400.0
"""So long the record of a job that has ended is kept, in seconds; longer while its card is being made."""
_TIDY_EVERY_S = 86_400.0
# A year may leave 150,000 folders: what is left over of a large heap goes another day.
_TIDY_MAX = 2_000

FINAL = frozenset({JobState.DONE, JobState.CANCELLED, JobState.FAILED})
"""States that a job does not leave."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as it was last written down.

    ``spooler_id`` is the spooler's own name for it, empty while (or where) there is none; ``proof`` is a file in the
    job's folder; ``untouched`` says that it is certain that nothing came onto the plastic. ``begun_at`` is when the
    spooler first began it, by its own clock.
    """

    job: str
    state: JobState
    spooler_id: str = ""
    card_confirmed: bool = False
    untouched: bool = False
    reasons: tuple[PrinterReason, ...] = field(default=())
    proof: str = ""
    detail: str = ""
    begun_at: int = 0


def check_job_name(job: str) -> str:
    """Return ``job``; raises InputError for a name that is no file name, or could carry more than a number."""
    if not _JOB_NAME.fullmatch(job):
        raise InputError(detail=N_("a print job's name is 1 to 100 letters, digits, dots, dashes"))
    return job


class JobBook:
    """The records of one printer's jobs: a folder, and in it one folder a job."""

    def __init__(self, folder: Path, open_jobs: Callable[[], Collection[str]] | None = None) -> None:
        """Take the folder; ``open_jobs`` tells which jobs' cards are still being made, ``None``: nobody knows."""
        self.folder, self._open_jobs = folder, open_jobs
        self._tidied_at: float | None = None

    def place(self, job: str) -> Path:
        """Return the job's own folder; it need not be there."""
        return self.folder / check_job_name(job)

    def write(self, record: JobRecord) -> JobRecord:
        """Store a record durably, in place of the job's older one; raises OSError, and then the older one stands."""
        place = self.place(record.job)
        place.mkdir(parents=True, exist_ok=True)
        content = json.dumps(asdict(record), ensure_ascii=False, indent=1).encode()
        replace_file(place / _FILE, content, durable=True)
        if record.state in FINAL:
            self._tidy()
        return record

    def read(self, job: str) -> JobRecord | None:
        """Return the job's record, ``None`` when there is none that can be read."""
        try:
            content = (self.place(job) / _FILE).read_bytes()
        except OSError:
            return None
        return _parse(job, content)

    def forget(self, job: str) -> None:
        """Remove a job of which it is certain that nobody got it; it may be given away anew."""
        shutil.rmtree(self.place(job), ignore_errors=True)

    def _tidy(self) -> None:
        """Forget what ended weeks ago and nobody asks for any more; once a day, and not all of it at once."""
        now = time.monotonic()
        if self._open_jobs is None or (self._tidied_at is not None and now - self._tidied_at < _TIDY_EVERY_S):
            return
        self._tidied_at = now
        with suppress(OSError, StationError):  # a folder or a store that is away now is there another day
            still_open = frozenset(self._open_jobs())
            before = time.time() - KEPT_S
            with os.scandir(self.folder) as places:
                old = [each.name for each in places if each.is_dir() and each.stat().st_mtime < before]
            for job in islice((each for each in old if each not in still_open and self._is_over(each)), _TIDY_MAX):
                self.forget(job)

    def _is_over(self, job: str) -> bool:
        """Say whether a job has ended and nothing but its record is there: what came out is not ours to remove."""
        if not _JOB_NAME.fullmatch(job) or [each.name for each in self.place(job).iterdir()] != [_FILE]:
            return False
        record = self.read(job)
        return record is not None and record.state in FINAL

    def report(self, record: JobRecord) -> JobReport:
        """Return a record as the port tells it."""
        return JobReport(
            job=record.job,
            state=record.state,
            card_confirmed=record.card_confirmed,
            untouched=record.untouched,
            reasons=record.reasons,
            proof=str(self.place(record.job) / record.proof) if record.proof else "",
            detail=record.detail,
        )


_WHAT = N_("The folder {folder} of the printer {device} can't be written: {detail}")


def not_given_away(name: str, folder: Path, error: OSError) -> PrinterMissingError:
    """Return the error for a folder that can't be written, so that the printer never got the job."""
    todo = N_("Free some space, or ask IT to give the station the right to write there. Nothing was printed.")
    return PrinterMissingError(_WHAT, todo, folder=folder, device=name, detail=error.strerror or str(error))


def still_waits(name: str, folder: Path, error: OSError) -> PrinterTroubleError:
    """Return the error for a folder that can't be written while a job waits."""
    todo = N_("Free some space, or ask IT to give the station the right to write there; then go on. The card waits.")
    return PrinterTroubleError(_WHAT, todo, folder=folder, device=name, detail=error.strerror or str(error))


def replace_file(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a file so that whoever looks finds the old content or the new one, never a part; raises OSError."""
    # In the same folder: replacing is one step only within a file system.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
    if durable:
        # A file that is on the disk under a name that is not would be gone after a power cut.
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":  # there is no handle of a folder to sync; NTFS journals the rename itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parse(job: str, content: bytes) -> JobRecord | None:
    # A person may have edited the file. What makes no sense is as good as no record: the job is then unknown.
    try:
        document = json.loads(content)
        record = JobRecord(**document)
        return replace(
            record,
            job=job,
            state=JobState(record.state),
            reasons=tuple(PrinterReason(reason) for reason in record.reasons),
            card_confirmed=record.card_confirmed is True,
            untouched=record.untouched is True,
            begun_at=round(record.begun_at),
            **{name: str(getattr(record, name)) for name in ("spooler_id", "proof", "detail")},
        )
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
