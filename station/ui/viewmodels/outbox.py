"""The queue to ESC-Router as people read it: whose card, what was answered, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from station.domain.holder import Holder
from station.domain.message import Message
from station.domain.outbox import OutboxEntry
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One entry, and the person it tells of."""

    entry: OutboxEntry
    holder: Holder | None

    @property
    def answer(self) -> Message | None:
        """Return what was answered last, ``None`` before the first try."""
        return Message(self.entry.last_answer, self.entry.last_params) if self.entry.last_answer else None

    @property
    def todo(self) -> Message | None:
        """Return what to do about that answer, ``None`` when there is nothing."""
        todo = str(self.entry.last_params.get("todo", "")) if self.entry.last_answer else ""
        return Message(todo, self.entry.last_params) if todo else None


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds up the whole queue: what ESC-Router said, or that it said nothing, and what to do."""

    what: Message
    todo: Message
    calm: bool
    """It goes by itself; nobody has to do anything."""


class OutboxModel(QObject):
    """The unfinished entries, oldest first."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.lines: tuple[QueueLine, ...] = ()
        self.hold: Hold | None = None

    def refresh(self) -> None:
        """Read the queue anew."""
        self._tasks.run(Lane.LOOKUP, lambda _c: self._read(), done=self._show)

    def retry_all(self) -> None:
        """Send everything again as soon as possible."""
        self.retry(None)

    def retry(self, key: str | None) -> None:
        """Send one entry, or all of them, again as soon as possible."""
        self._tasks.run(Lane.WORK, lambda _c: self._desk.outbox.retry(key), done=lambda _count: self.refresh())

    def _hold(self) -> Hold | None:
        error = self._desk.link.error
        if error is None:
            return None
        return Hold(Message(error.what, error.params), Message(error.todo, error.params), error.retryable)

    def _read(self) -> tuple[QueueLine, ...]:
        store = self._desk.store
        lines = []
        for entry in store.outbox.entries(unfinished=True):
            card = store.cards.get(entry.escn) if entry.escn else None
            lines.append(QueueLine(entry, store.holders.get(card.holder_id) if card else None))
        return tuple(lines)

    def _show(self, lines: tuple[QueueLine, ...]) -> None:
        hold = self._hold()
        if (lines, hold) != (self.lines, self.hold):
            self.lines, self.hold = lines, hold
            self.changed.emit()
