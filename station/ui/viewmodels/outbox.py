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


class OutboxModel(QObject):
    """The unfinished entries, oldest first."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.lines: tuple[QueueLine, ...] = ()

    def refresh(self) -> None:
        """Read the queue anew."""
        self._tasks.run(Lane.LOOKUP, lambda _c: self._read(), done=self._show)

    def retry_all(self) -> None:
        """Send everything again as soon as possible."""
        self.retry(None)

    def retry(self, key: str | None) -> None:
        """Send one entry, or all of them, again as soon as possible."""
        self._tasks.run(Lane.WORK, lambda _c: self._desk.outbox.retry(key), done=lambda _count: self.refresh())

    def _read(self) -> tuple[QueueLine, ...]:
        store = self._desk.store
        lines = []
        for entry in store.outbox.entries(unfinished=True):
            card = store.cards.get(entry.escn) if entry.escn else None
            lines.append(QueueLine(entry, store.holders.get(card.holder_id) if card else None))
        return tuple(lines)

    def _show(self, lines: tuple[QueueLine, ...]) -> None:
        if lines != self.lines:
            self.lines = lines
            self.changed.emit()
