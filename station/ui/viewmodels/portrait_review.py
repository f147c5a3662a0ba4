"""The review of many portraits as the window sees it: what was looked at, what is under way, what went wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.errors import N_, Cancelled, InputError, StationError
from station.domain.message import Message
from station.ports.tasks import Cancel, Handle, Lane, Tasks
from station.services.desk import Desk

if TYPE_CHECKING:
    from station.services.portrait_review import ReviewGroup, ReviewItem


_GATHER_MS = 100
"""What comes within this time is shown at once: laying out the page for each picture alone would be the most work."""


class ReviewStage(StrEnum):
    """What is under way."""

    IDLE = "idle"
    LOOKING = "looking"
    KEEPING = "keeping"


class ReviewModel(QObject):
    """Look at pictures on a lane of its own, and carry out what is decided about them.

    ``came`` carries items that are new or stand otherwise, several at a time; ``cleared`` says that all are gone.
    """

    changed = Signal()
    came = Signal(object)
    cleared = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.folder: Path | None = desk.settings.photo.folder
        self.stage = ReviewStage.IDLE
        self.share = 0.0
        self.error: StationError | None = None
        self.said: Message | None = None
        self.items: dict[Path, ReviewItem] = {}
        self.counts: Counter[ReviewGroup] = Counter()
        self._handle: Handle | None = None
        self._lock = threading.Lock()
        self._arrived: list[ReviewItem] = []
        self._progress = 0.0
        self._gather = QTimer(self, singleShot=True, interval=_GATHER_MS)
        self._gather.timeout.connect(self._take)

    @property
    def busy(self) -> bool:
        """Say whether something is under way."""
        return self._handle is not None

    # --- what the operator says ----------------------------------------------------------------------------------

    def choose(self, folder: Path) -> None:
        """Take another folder, and look at what is in it."""
        if not self.busy:
            self.folder = folder
            self.look()

    def look(self) -> None:
        """Look at every picture in the folder and in the register."""
        if self.busy:
            return
        self.items, self.counts = {}, Counter()
        self.cleared.emit()

        def work(cancel: Cancel) -> Message:
            desk = self._desk
            order = desk.review_order(self.folder)
            count = desk.reviewer.look(order, cancel=cancel, progress=self._progressed, show=self._seen)
            return Message(_STOPPED if cancel.is_set() else _LOOKED if count else _NOTHING, {"count": count})

        self._begin(ReviewStage.LOOKING, work)

    def approve(self, items: Sequence[ReviewItem]) -> None:
        """Make these pictures portraits of their holders; those that can't be are left out."""
        chosen = [item for item in items if item.may_approve]
        if self.busy or not chosen:
            return

        def work(cancel: Cancel) -> Message:
            desk, order = self._desk, self._desk.review_order(self.folder)
            keep = desk.reviewer.approve
            count = keep(chosen, order, cancel=cancel, progress=self._progressed, show=self._seen)
            return Message(_KEPT, {"count": count})

        self._begin(ReviewStage.KEEPING, work)

    def approve_good(self) -> None:
        """Approve every picture in which nothing was found wrong."""
        self.approve(self.good)

    @property
    def good(self) -> list[ReviewItem]:
        """Return the pictures in which nothing was found wrong and about which nothing was decided."""
        return [item for item in self.items.values() if item.group == "ok"]

    def send_back(self, items: Sequence[ReviewItem], reason: str) -> None:
        """Note that these pictures can't be used, and why."""
        if self.busy:
            return

        def work(_cancel: Cancel) -> Message:
            count = self._desk.reviewer.send_back(items, reason, show=self._seen)
            return Message(_WENT_BACK, {"count": count})

        self._begin(ReviewStage.KEEPING, work)

    def save_list(self, target: Path, header: Sequence[str], day: Callable[[datetime], str]) -> None:
        """Write the list of what went back, to be sent to the students."""
        if self.busy:
            return

        def work(_cancel: Cancel) -> Message:
            from station.services.portrait_review import list_to_send

            returned = self._desk.reviewer.returned()
            try:
                target.write_bytes(list_to_send(returned, header, day))
            except OSError as error:
                raise InputError(_NOT_WRITTEN, _ELSEWHERE, file=target, detail=error.strerror or str(error)) from error
            return Message(_SAVED, {"count": len(returned), "file": target})

        self._begin(ReviewStage.KEEPING, work)

    def stop(self) -> None:
        """Look at no more; what was decided stays."""
        if self._handle is not None:
            self._handle.cancel()

    # --- inside --------------------------------------------------------------------------------------------------

    def _begin(self, stage: ReviewStage, work: Callable[[Cancel], Message]) -> None:
        self.stage, self.share, self.error, self.said = stage, 0.0, None, None
        self._handle = self._tasks.run(Lane.REVIEW, work, done=self._done, failed=self._failed)
        self.changed.emit()

    def _progressed(self, _step: str, share: float) -> None:
        self._progress = share

    def _seen(self, item: ReviewItem) -> None:
        """Lay an item where the window takes it from; on the review's lane. One wake-up for all that lie there."""
        with self._lock:
            first = not self._arrived
            self._arrived.append(item)
        if first:
            self._tasks.post(self._gather.start)

    def _take(self) -> None:
        # Whoever is at the end takes what is there: nothing is to come back to a page that is closed.
        self._gather.stop()
        with self._lock:
            arrived, self._arrived = self._arrived, []
        for item in arrived:
            before = self.items.get(item.candidate.path)
            if before is not None:
                self.counts[before.group] -= 1
            self.items[item.candidate.path] = item
            self.counts[item.group] += 1
        self.share = self._progress
        if arrived:
            self.came.emit(arrived)
            self.changed.emit()

    def _done(self, said: Message) -> None:
        self._take()
        self._handle, self.stage, self.said = None, ReviewStage.IDLE, said
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._take()
        self._handle, self.stage = None, ReviewStage.IDLE
        if not isinstance(error, Cancelled):
            self.error = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
        self.changed.emit()


_LOOKED = N_("Pictures looked at: {count}.")
_STOPPED = N_("Stopped; pictures looked at: {count}. Nothing was lost; look again to see the others.")
_NOTHING = N_("There are no pictures here. They are called as the student's number is: 051REB123.jpg")
_KEPT = N_("Portraits kept: {count}.")
_WENT_BACK = N_("Pictures sent back: {count}. Save the list when you are done, and send it.")
_SAVED = N_("The list was saved as {file}; people on it: {count}.")
_NOT_WRITTEN = N_("The list {file} can't be written: {detail}")
_ELSEWHERE = N_("Close it in the other program, or choose another place. Nothing was lost.")
