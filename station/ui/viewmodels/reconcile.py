"""Cards here against cards at ESC-Router in the window: compared on a lane of its own, decided by a person.

Nothing is queued before it was shown what would be: the dry run asks the same services, and writes nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.errors import N_, Cancelled, StationError
from station.domain.message import Message
from station.domain.outbox import OutboxKind
from station.ports.tasks import Cancel, Handle, Lane, Tasks
from station.services.desk import Desk
from station.ui.viewmodels.reconcile_list import FindingList, Line, Mark

if TYPE_CHECKING:
    from station.services.reconcile import Finding, Tally

_GATHER_MS = 200
"""What comes within this time is shown at once."""


class Doing(StrEnum):
    """What is under way."""

    NOTHING = "nothing"
    COMPARING = "comparing"
    LOOKING_AHEAD = "looking_ahead"
    QUEUING = "queuing"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be queued: for which lines, how many of each kind; ``left`` are those for which nothing can be."""

    lines: tuple[Line, ...]
    left: tuple[Line, ...]
    kinds: dict[OutboxKind, int] = field(default_factory=dict)

    @property
    def deletes(self) -> bool:
        """Say whether something is deleted at ESC-Router."""
        return OutboxKind.DELETE_CARD in self.kinds


class ReconcileModel(QObject):
    """Compare, show, look ahead, queue. ``changed`` says that anything of it stands otherwise."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.findings = FindingList(self)
        self.doing = Doing.NOTHING
        self.share = 0.0
        self.tally: Tally | None = None
        """How many cards were compared until now; whole at the end."""
        self.whole = False
        """Say whether everything was compared."""
        self.dry_run: DryRun | None = None
        self.said: Message | None = None
        self.error: StationError | None = None
        self._handle: Handle | None = None
        self._lock = threading.Lock()
        self._found: list[Finding] = []
        self._marks: list[tuple[Line, Mark]] = []
        self._progress, self._told = 0.0, False
        self._gather = QTimer(self, singleShot=True, interval=_GATHER_MS)
        self._gather.timeout.connect(self._take)

    @property
    def busy(self) -> bool:
        """Say whether something is under way."""
        return self._handle is not None

    # --- what the operator says ----------------------------------------------------------------------------------

    def compare(self, *, thorough: bool = False) -> None:
        """Walk through the cards there, then those here; what was found before is forgotten."""
        if self.busy:
            return
        self.findings.clear()
        self.tally, self.whole, self.dry_run = None, False, None
        self._begin(Doing.COMPARING, lambda cancel: self._compare(cancel, thorough=thorough), self._compared)

    def look_ahead(self, lines: Sequence[Line]) -> None:
        """Find out what would be queued for these; nothing is written."""
        open_lines = tuple(line for line in lines if line.open)
        if open_lines and not self.busy:
            self.dry_run = None
            self._begin(Doing.LOOKING_AHEAD, lambda cancel: self._look_ahead(open_lines, cancel), self._looked_ahead)

    def leave_it(self) -> None:
        """Queue nothing."""
        if self.dry_run is not None and not self.busy:
            self.dry_run = None
            self.changed.emit()

    def leave_as_it_is(self, lines: Sequence[Line]) -> None:
        """Keep in mind that nothing is to be done about these differences, at this comparison and at later ones."""
        left = tuple(line for line in lines if line.mark is None)
        if left and not self.busy:
            self._begin(Doing.LEAVING, lambda _cancel: self._leave(left), self._end)

    def queue(self) -> None:
        """Queue what was shown."""
        planned = self.dry_run
        if planned is not None and planned.lines and not self.busy:
            self.dry_run = None
            self._begin(Doing.QUEUING, lambda cancel: self._queue(planned.lines, cancel), self._queued)

    def stop(self) -> None:
        """Stop; what was found or queued until then stands."""
        if self._handle is not None:
            self._handle.cancel()

    # --- on the lane ---------------------------------------------------------------------------------------------

    def _compare(self, cancel: Cancel, *, thorough: bool) -> Message:
        from station.services.reconcile import comparison

        run = comparison(self._desk)
        self.tally = run.tally
        for finding in run.findings(cancel=cancel, progress=self._progressed, thorough=thorough):
            self._lay(finding)
        left, count = run.tally.left, run.tally.groups.total() - run.tally.left
        said = _SAME if run.tally.same else _COMPARED if not left else _COMPARED_LEFT if count else _ONLY_LEFT
        return Message(said, {"count": count, "left": left})

    def _look_ahead(self, lines: tuple[Line, ...], cancel: Cancel) -> DryRun:
        from station.services.reconcile import would_queue

        kinds: Counter[OutboxKind] = Counter()
        able: list[Line] = []
        left: list[Line] = []
        for number, line in enumerate(lines, 1):
            if cancel.is_set():
                raise Cancelled
            entries = would_queue(line.finding, self._desk.lifecycle, self._desk.store)
            kinds.update(entry.kind for entry in entries)
            (able if entries else left).append(line)
            self._progressed("", number / len(lines))
        return DryRun(tuple(able), tuple(left), dict(kinds))

    def _queue(self, lines: tuple[Line, ...], cancel: Cancel) -> Message:
        from station.services.reconcile import settle

        count = 0
        for number, line in enumerate(lines, 1):
            if cancel.is_set():
                return Message(_QUEUED_SOME, {"count": count, "all": len(lines)})
            queued = settle(line.finding, self._desk.lifecycle, self._desk.store)
            count += queued
            self._lay((line, Mark.QUEUED if queued else Mark.NOTHING))
            self._progressed("", number / len(lines))
        return Message(_QUEUED, {"count": count})

    def _leave(self, lines: tuple[Line, ...]) -> Message:
        from station.services.reconcile import leave

        for line in lines:
            leave(line.finding, self._desk.lifecycle, self._desk.store)
            self._lay((line, Mark.LEFT))
        return Message(_LEFT, {"count": len(lines)})

    def _progressed(self, _step: str, share: float) -> None:
        self._progress = share
        self._wake()

    def _lay(self, what: Finding | tuple[Line, Mark]) -> None:
        """Lay something where the window takes it from."""
        with self._lock:  # which list that is, too, is only sure in here
            if isinstance(what, tuple):
                self._marks.append(what)
            else:
                self._found.append(what)
        self._wake()

    def _wake(self) -> None:
        """Have the window take what lies there; one wake-up for all that comes within a moment."""
        with self._lock:
            told, self._told = self._told, True
        if not told:
            self._tasks.post(self._gather.start)

    # --- in the window -------------------------------------------------------------------------------------------

    def _begin(self, doing: Doing, work: Callable[[Cancel], object], done: Callable[[object], None]) -> None:
        self.doing, self.share, self.error, self.said = doing, 0.0, None, None
        self._progress = 0.0
        self._handle = self._tasks.run(Lane.COMPARE, work, done=done, failed=self._failed)
        self.changed.emit()

    def _take(self) -> None:
        self._gather.stop()
        with self._lock:
            found, self._found = self._found, []
            marks, self._marks = self._marks, []
            self._told = False
        self.share = self._progress
        if found:
            self.findings.put(found)
        if marks:
            self.findings.note(marks)
        self.changed.emit()

    def _compared(self, said: object) -> None:
        self.whole = True
        self._end(said)

    def _queued(self, said: object) -> None:
        self._end(said)

    def _looked_ahead(self, planned: object) -> None:
        self.dry_run = planned if isinstance(planned, DryRun) else None
        self._end(None)

    def _end(self, said: object) -> None:
        self._handle, self.doing = None, Doing.NOTHING
        self.said = said if isinstance(said, Message) else None
        self._take()

    def _failed(self, error: Exception) -> None:
        comparing = self.doing is Doing.COMPARING
        self._handle, self.doing = None, Doing.NOTHING
        if isinstance(error, Cancelled):
            self.said = Message(_STOPPED if comparing else _NOTHING_DONE)
        else:
            self.error = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
        self._take()


_SAME = N_("Here and there everything is the same.")
_COMPARED = N_("Compared. Cards that differ: {count}. Choose what is told; you see first what that would be.")
_COMPARED_LEFT = N_(
    "Compared. Cards that differ: {count}, and left as they are: {left}. Choose what is told; you see first what that"
    " would be."
)
_ONLY_LEFT = N_("Compared. Nothing differs but cards that were left as they are: {left}.")
_LEFT = N_("Left as they are: {count}. As long as nothing else differs about them, they stay so.")
_STOPPED = N_("Stopped. What was found until then stands below; the rest was not compared.")
_NOTHING_DONE = N_("Stopped. Nothing was queued.")
_QUEUED = N_("Cards put in the queue: {count}. They go out by themselves; compare again later.")
_QUEUED_SOME = N_("Stopped. Cards put in the queue: {count} of {all}; nothing was done about the others.")
