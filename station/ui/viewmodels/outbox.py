"""The queue to ESC-Router as people read it: whose card, what was answered, what to do; what was promised; the day."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.card import Card
from station.domain.errors import RouterStrangeError
from station.domain.holder import Holder
from station.domain.message import Message
from station.domain.outbox import OutboxEntry, OutboxKind, OutboxState
from station.domain.queue_export import Export
from station.ports.store import QueueSummary
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.services.health import HealthState, standby_health
from station.services.promises import Promises, promises, slip_at
from station.services.router_day import RouterDay, router_day

SHOWN = 10
"""So many of each kind are shown at first; more when they are asked for: a page of thousands is read by nobody."""
AGES_EVERY_MS = 30_000
_ENTRIES_A_PERSON = 3


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One entry, the person it tells of, and what waits behind it for the same person."""

    entry: OutboxEntry
    holder: Holder | None
    behind: tuple[OutboxKind, ...] = ()
    left: Message | None = None
    """That it left in a file, and how; it waits all the same."""

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
    tries: bool = True
    """Whether sending now is worth a try; it is not before something else was done."""


@dataclass(frozen=True, slots=True)
class _Content:
    """Everything that is read at a time; ``more`` says that there are more entries than lines."""

    lines: tuple[QueueLine, ...] = ()
    more: bool = False
    summary: QueueSummary = field(default_factory=QueueSummary)
    promises: Promises = field(default_factory=Promises)
    day: RouterDay | None = None
    away: Hold | None = None


class OutboxModel(QObject):
    """What needs a decision first, then what waits, oldest first. ``slip_written`` carries the file of a slip."""

    changed = Signal()
    slip_written = Signal(str)

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self._shown = SHOWN
        self._content = _Content()
        self._asking = self._again = False
        self.hold: Hold | None = None
        self.tried_at: datetime | None = None
        """When somebody last had all of it sent, while the queue is held up all the same."""
        self.watched = False
        # How long something has waited is said in words, which grow old although nothing happens.
        self._ages = QTimer(self)
        self._ages.setInterval(AGES_EVERY_MS)
        self._ages.timeout.connect(self._older)

    @property
    def lines(self) -> tuple[QueueLine, ...]:
        """Return the entries that are shown."""
        return self._content.lines

    @property
    def more(self) -> bool:
        """Say whether there are more entries than are shown."""
        return self._content.more

    @property
    def summary(self) -> QueueSummary:
        """Return how many wait, and need a decision."""
        return self._content.summary

    @property
    def promises(self) -> Promises:
        """Return what was promised to those whose card is not registered yet, and what was kept today."""
        return self._content.promises

    @property
    def day(self) -> RouterDay | None:
        """Return the day so far, ``None`` before it was read."""
        return self._content.day

    @property
    def now(self) -> datetime:
        """Return the time of day."""
        return self._desk.clock.now()

    @property
    def alone(self) -> bool:
        """Say whether the database has to be spoken of: what waits in it may not be known here."""
        return self._content.away is not None

    @property
    def can_try(self) -> bool:
        """Say whether sending now could change anything."""
        return self.hold is None or self.hold.tries

    def watch(self, on: bool) -> None:
        """Follow the queue while it is on the screen."""
        self.watched = on
        if on:
            self._ages.start()
            self.refresh()
        else:
            self._ages.stop()
            self._shown = SHOWN

    def moved(self) -> None:
        """Read the queue anew if it is on the screen: something has happened to it."""
        if self.watched:
            self.refresh()

    def show_more(self) -> None:
        """Show more entries."""
        self._shown += 2 * SHOWN
        self.refresh()

    def refresh(self) -> None:
        """Read the queue anew."""
        if self._asking:
            self._again = True
            return
        self._asking, self._again = True, False
        self._tasks.run(Lane.LOOKUP, lambda _c: self._read(), done=self._show, failed=self._not_read)

    def retry_all(self) -> None:
        """Send everything again as soon as possible."""
        if self.hold is not None:
            self.tried_at = self.now
            self.changed.emit()
        self.retry(None)

    def retry(self, key: str | None) -> None:
        """Send one entry, or all of them, again as soon as possible."""
        self._tasks.run(Lane.WORK, lambda _c: self._desk.outbox.retry(key), done=lambda _count: self.refresh())

    def write_slip(self, card: Card) -> None:
        """Write the slip for somebody who was promised something; ``slip_written`` says where it is."""
        self._tasks.run(Lane.WORK, lambda _c: self._slip(card), done=self.slip_written.emit)

    def _older(self) -> None:
        self.changed.emit()
        self.refresh()

    # --- inside --------------------------------------------------------------------------------------------------

    def _slip(self, card: Card) -> str:
        from station.render.slip import slip_pdf

        folder = self._desk.data or Path(tempfile.mkdtemp())
        file = folder / "slips" / f"{card.escn}.pdf"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(slip_pdf([slip_at(self._desk, card)]))
        return str(file)

    def _away(self) -> Hold | None:
        """Return what to say of the database, where something is to be said; reads a file."""
        standby = self._desk.standby
        state = standby.state() if standby is not None else None
        store = standby_health(state) if state is not None else None
        if state is None or store is None or store.todo is None:
            return None
        answers = state.alone_since is None and state.trouble is None
        held = self._hold() if answers else None
        tries = answers and (held is None or held.tries)
        return Hold(store.message, store.todo, store.state is not HealthState.BAD, tries)

    def _hold(self) -> Hold | None:
        error = self._desk.link.error
        if error is None:
            return None
        # A router that looks like another one is told nothing before somebody has looked: to send now would change
        # nothing.
        what, todo = Message(error.what, error.params), Message(error.todo, error.params)
        return Hold(what, todo, error.retryable, not isinstance(error, RouterStrangeError))

    def _read(self) -> _Content:
        store, now = self._desk.store, self._desk.clock.now()
        parked = store.outbox.parked(limit=self._shown + 1).entries
        found = store.outbox.entries(limit=len(parked) + _ENTRIES_A_PERSON * (self._shown + 1))
        queues: dict[str, list[OutboxEntry]] = {}
        for entry in sorted((*parked, *found), key=lambda each: (each.state is not OutboxState.PARKED, each.sequence)):
            # Of one person's entries only the first can be sent: what stands behind it is told with it, not in lines of
            # its own.
            if entry not in queues.setdefault(entry.lane + entry.order_key, []):
                queues[entry.lane + entry.order_key].append(entry)
        heads = sorted(queues.values(), key=lambda queue: queue[0].created_at)
        stuck = [queue for queue in heads if queue[0].state is OutboxState.PARKED]
        waiting = [queue for queue in heads if queue[0].state is not OutboxState.PARKED]
        day = router_day(store, now)
        shown = (*stuck[: self._shown], *waiting[: self._shown])
        left = store.queue_exports.latest([entry.key for queue in shown for entry in queue])
        return _Content(
            tuple(self._line(left, *queue) for queue in shown),
            len(stuck) > self._shown or len(waiting) > self._shown,
            store.outbox.summary(),
            promises(store, now, since=day.midnight),
            day,
            self._away(),
        )

    def _line(self, left: Mapping[str, Export], entry: OutboxEntry, *behind: OutboxEntry) -> QueueLine:
        store = self._desk.store
        card = store.cards.get(entry.escn) if entry.escn else None
        holder = store.holders.get(card.holder_id) if card else None
        exported = next((left[each.key] for each in (entry, *behind) if each.key in left), None)
        said = exported.message if exported is not None else None
        return QueueLine(entry, holder, tuple(each.kind for each in behind), said)

    def _show(self, content: _Content) -> None:
        self._asking = False
        hold = content.away or self._hold()
        news = (content, hold) != (self._content, self.hold)
        self._content, self.hold = content, hold
        if hold is None:
            self.tried_at = None
        if news:
            self.changed.emit()
        if self._again:
            self.refresh()

    def _not_read(self, error: Exception) -> None:
        self._asking = False
        raise error
