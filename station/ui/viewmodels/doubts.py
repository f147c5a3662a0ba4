"""Cards in doubt: what the station does not know after a crash or a pulled plug, and how the card itself tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from station.domain.errors import N_, Cancelled, ChipUnsuitableError
from station.domain.holder import Holder
from station.domain.workflow import AFTERCARE, Act, Issuance
from station.ports.standby import MergeDoubt, Standby
from station.ports.tasks import Cancel, Handle, Lane, Tasks
from station.services.desk import Desk
from station.services.recovery import FINISHED_AT_ONCE, Doubt


@dataclass(frozen=True, slots=True)
class DoubtLine:
    """A card in doubt, and whose it is."""

    doubt: Doubt
    holder: Holder | None

    @property
    def ends_here(self) -> bool:
        """Say whether the card on the reader is all that is needed: nothing of it is made after that."""
        return self.doubt.need in FINISHED_AT_ONCE


@dataclass(frozen=True, slots=True)
class MergeLine:
    """What was recorded here while the database was away and contradicts what others recorded; and whose card it is."""

    doubt: MergeDoubt
    holder: Holder | None


class DoubtsModel(QObject):
    """List the cards in doubt; a card that is laid on the reader says which of them it is.

    ``recognised`` carries the holder of one that is being made; work on it goes on at the holder's page. One that was
    handed over is finished at once, and ``finished`` says so.
    """

    changed = Signal()
    recognised = Signal(object)
    finished = Signal()
    failed = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self._handle: Handle | None = None
        self.lines: tuple[DoubtLine, ...] = ()
        self.unmerged: tuple[MergeLine, ...] = ()

    @property
    def count(self) -> int:
        """Return how much a person has to decide."""
        return len(self.lines) + len(self.unmerged)

    @property
    def reading(self) -> bool:
        """Say whether a card is waited for."""
        return self._handle is not None

    def refresh(self) -> None:
        """Read the doubts anew."""
        self._tasks.run(Lane.LOOKUP, lambda _c: self._read(), done=self._show)

    def read_card(self, line: DoubtLine | None = None) -> None:
        """Wait for a card and find out whose it is, and finish it where it ends here; on the bench it is ``line``'s."""
        if self._handle is None and self.lines:
            expected = (line or self.lines[0]).doubt.issuance
            self._handle = self._tasks.run(
                Lane.CHIP, lambda cancel: self._whose(expected, cancel), done=self._found, failed=self._not_found
            )
            self.changed.emit()

    def merge_again(self, line: MergeLine) -> None:
        """Have it merged once more: its cause was put right."""
        self._decide(lambda standby: standby.try_again(line.doubt.number))

    def set_aside(self, line: MergeLine) -> None:
        """Let what the others recorded count."""
        self._decide(lambda standby: standby.set_aside(line.doubt.number))

    def stop(self) -> None:
        """Wait no longer."""
        if self._handle is not None:
            self._handle.cancel()

    def _read(self) -> tuple[tuple[DoubtLine, ...], tuple[MergeLine, ...]]:
        desk, holders = self._desk, self._desk.store.holders
        unmerged = desk.standby.doubts() if desk.standby is not None else ()
        return (
            tuple(DoubtLine(d, holders.get(d.issuance.holder_id)) for d in desk.recovery.doubts()),
            tuple(MergeLine(d, holders.get(d.holder_id) if d.holder_id else None) for d in unmerged),
        )

    def _show(self, lines: tuple[tuple[DoubtLine, ...], tuple[MergeLine, ...]]) -> None:
        self.lines, self.unmerged = lines
        self.changed.emit()

    def _decide(self, decide: Callable[[Standby], None]) -> None:
        standby = self._desk.standby
        if standby is not None:
            self._tasks.run(
                Lane.WORK, lambda _c: decide(standby), done=lambda _n: self.refresh(), failed=self.failed.emit
            )

    def _whose(self, expected: Issuance, cancel: Cancel) -> Holder | None:
        """Read the UID on the reader; return whose card it is, ``None`` for one that is finished; on the chip lane."""
        from station.chip.encoder import inspect  # only a desk with doubts needs it before a card is made

        desk, reader = self._desk, self._desk.settings.reader
        # A card that is still inside the printer can be laid on no reader: its encoder reads it there.
        if desk.one_pass is not None and expected.pending is Act.ENCODE and desk.one_pass.holds_card:
            inside = desk.one_pass.whose(cancel)
            if inside is not None:
                return desk.issuances.holder(inside)
        with desk.card_watch.hold():
            desk.hands(expected)
            name = desk.devices.readers.wait_card(reader.pattern, cancel=cancel, timeout_s=reader.wait_s)
            with desk.devices.readers.open_card(name) as connection:
                uid = inspect(connection).uid
        issuance = desk.recovery.which(uid)
        if issuance is None:
            raise ChipUnsuitableError(
                N_("The card on the reader is none of these."), N_("Put it back where it came from and take another.")
            )
        if issuance.pending not in AFTERCARE:
            return desk.issuances.holder(issuance)
        from station.services.aftercare import settle

        settle(desk, issuance, cancel=cancel, progress=lambda _step, _share: None)
        return None

    def _found(self, holder: Holder | None) -> None:
        self._handle = None
        self.changed.emit()
        if holder is not None:
            self.recognised.emit(holder)
            return
        self.finished.emit()
        self.refresh()

    def _not_found(self, error: Exception) -> None:
        self._handle = None
        self.changed.emit()
        if not isinstance(error, Cancelled):
            self.failed.emit(error)
