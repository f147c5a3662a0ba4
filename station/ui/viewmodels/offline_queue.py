"""The queue without a network: in ESC-Router's own form, or on a stick; each away from the window, one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from station.domain.errors import N_, StationError
from station.domain.message import Message
from station.domain.station_errors import QueueFileSentError
from station.ports.tasks import Cancel, Lane, Tasks
from station.services.desk import Desk

if TYPE_CHECKING:
    from station.services.import_form import RowTrouble


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: sentences, and beside each holder why their card is in no file. ``good``: nothing is left."""

    lines: tuple[Message, ...]
    left_out: tuple[RowTrouble, ...] = ()
    good: bool = True


class OfflineQueueModel(QObject):
    """Write, ask, carry, send, bring home. ``changed`` says that something began or ended."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.busy = False
        self.outcome: Outcome | None = None
        self.error: StationError | None = None
        self._taking: Path | None = None

    def export(self, file: Path) -> None:
        """Write what waits in the router's own form."""
        self._do(lambda _cancel: self._export(file))

    def settle(self) -> None:
        """Ask the router for what left in its form."""
        self._do(self._settle)

    def carry(self, file: Path) -> None:
        """Write the queue to a sealed file."""
        self._do(lambda _cancel: self._carry(file))

    def take(self, file: Path, *, again: bool = False) -> None:
        """Send another station's queue, and write the answer beside it; ``again`` although it was sent before."""
        self._do(lambda cancel: self._take(file, cancel, again=again))
        self._taking = file

    @property
    def sent_before(self) -> Path | None:
        """Return the file that was not sent because it was sent before; its answer may have been lost."""
        return self._taking if isinstance(self.error, QueueFileSentError) else None

    def answer(self, file: Path) -> None:
        """Bring an answer home."""
        self._do(lambda _cancel: self._answer(file))

    def _do(self, work: Callable[[Cancel], Outcome]) -> None:
        if self.busy:
            return
        self.busy, self.outcome, self.error = True, None, None
        self.changed.emit()
        # It may take as long as the network does, and nobody at the desk waits behind it.
        self._tasks.run(Lane.COMPARE, work, done=self._done, failed=self._failed)

    def _done(self, outcome: Outcome) -> None:
        self.busy, self.outcome = False, outcome
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.busy = False
        if not isinstance(error, StationError):
            self.changed.emit()
            raise error
        self.error = error
        self.changed.emit()

    def _export(self, file: Path) -> Outcome:
        from station.services.files import write_over
        from station.services.import_form import path_of

        form = self._desk.import_form
        found = form.export()
        lines = []
        for each in found.files:
            path = path_of(file, each, found)
            write_over(path, each.data)
            lines.append(Message(_WRITTEN, {"file": path.name, "count": len(each.part.rows)}))
            if each.unchecked is not None:
                lines.append(Message(_UNCHECKED, {"why": each.unchecked}))
        # Marked when all are written: the other way round, a crash would leave cards marked that are in no file.
        form.mark(found.files)
        if found.files:
            lines.append(Message(_THEN_IMPORT))
        return Outcome(tuple(lines), found.left_out, good=not found.left_out)

    def _settle(self, cancel: Cancel) -> Outcome:
        found = self._desk.import_form.settle(cancel)
        if not found.registered and not found.open:
            return Outcome((Message(_NOTHING_LEFT),))
        values: dict[str, object] = {"registered": len(found.registered), "open": len(found.open)}
        return Outcome((Message(_SETTLED, values),), good=not found.open)

    def _carry(self, file: Path) -> Outcome:
        from station.services.files import write_over

        courier = self._desk.courier
        carried = courier.carry()
        write_over(file, carried.data)
        courier.mark(carried)
        cards = len({mark.escn for mark in carried.marks})
        lines = [Message(_CARRIED, {"file": file.name, "cards": cards})]
        if carried.left_out:
            lines.append(Message(_LEFT_OUT, {"count": carried.left_out}))
        if carried.behind:
            lines.append(Message(_BEHIND, {"count": carried.behind}))
        return Outcome(tuple(lines), good=not carried.left_out and not carried.behind)

    def _take(self, file: Path, cancel: Cancel, *, again: bool) -> Outcome:
        from station.services.files import free_name, read_file, write_new
        from station.services.queue_file import LARGEST

        data, place = read_file(file, LARGEST + 1), free_name(file, ".answer")
        write_new(place, b"")
        place.unlink()  # it can be written: known before anything is sent
        taken = self._desk.courier.take(
            data, file.name, cancel=cancel, progress=lambda _step, _share: None, again=again
        )
        write_new(place, taken.answer)
        counts: dict[str, object] = {"station": taken.station, "told": taken.told, "entries": taken.entries}
        lines = [Message(_TAKEN, {**counts, "refused": taken.refused})]
        if taken.trouble is not None:
            lines.append(Message(taken.trouble.what, taken.trouble.params))
        if taken.blocked:
            lines.append(Message(_BLOCKED, {"count": taken.blocked}))
        lines.append(Message(_ANSWER_IS, {"file": place.name}))
        return Outcome(tuple(lines), good=taken.told == taken.entries)

    def _answer(self, file: Path) -> Outcome:
        from station.services.files import read_file
        from station.services.queue_file import LARGEST

        applied = self._desk.courier.answer(read_file(file, LARGEST + 1), file.name)
        self._desk.outbox.queue_changed()
        done: dict[str, object] = {"station": applied.station, "done": applied.done, "refused": applied.refused}
        lines = [Message(_HOME, done)]
        if applied.changed or applied.left:
            lines.append(Message(_STILL, {"count": applied.changed + applied.left}))
        if applied.withdrawn:
            lines.append(Message(_WITHDRAWN, {"count": applied.withdrawn}))
        return Outcome(tuple(lines), good=not (applied.refused or applied.changed or applied.left))


_WRITTEN = N_("{file} is written; cards in it: {count}.")
_UNCHECKED = N_("ESC-Router could not look at it: {why}")
_THEN_IMPORT = N_("Have it imported at ESC-Router, then ask here what was imported.")
_NOTHING_LEFT = N_("Nothing that left in an import file is still in the queue.")
_SETTLED = N_("ESC-Router has {registered} of these cards; {open} it has not yet, or otherwise.")
_CARRIED = N_("{file} is written; cards in it: {cards}. Nobody without the stations' key can read it.")
_LEFT_OUT = N_("Entries left out, because their people have no European Student Identifier: {count}.")
_BEHIND = N_("One file holds no more; entries that stay for the next: {count}. Bring this one's answer home first.")
_TAKEN = N_("From “{station}”: {told} of {entries} told, {refused} refused.")
_ANSWER_IS = N_("Carry the answer back to that station: {file}")
_HOME = N_("“{station}” told ESC-Router: {done} done, {refused} refused.")
_STILL = N_("{count} are still to be told and wait in the queue.")
_BLOCKED = N_("Cards that are blocked at ESC-Router and stay so: {count}. Their own station decides.")
_WITHDRAWN = N_("People withdrew meanwhile; ESC-Router will be asked to forget what it was told of them: {count}.")
