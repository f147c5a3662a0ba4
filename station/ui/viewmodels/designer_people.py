"""Whose card is shown in the designer's window; looked up away from the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from station.domain.errors import N_
from station.domain.holder import Holder
from station.ports.tasks import Lane, Tasks
from station.services.design_samples import Sample, SampleKind, sample_of, shipped_sample
from station.services.desk import Desk

KIND_NAMES = {
    SampleKind.NEXT: N_("The next person"),
    SampleKind.LONGEST: N_("The longest name"),
    SampleKind.SHORTEST: N_("The shortest name"),
    SampleKind.STRANGEST: N_("The strangest name"),
}


class PeopleModel(QObject):
    """The card that is shown. ``changed`` says that it is somebody else's."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks, waiting: Callable[[], Sequence[Holder]]) -> None:
        super().__init__()
        self._desk, self._tasks, self._waiting = desk, tasks, waiting
        self.kind = SampleKind.NEXT
        self.sample: Sample | None = None

    def choose(self, kind: SampleKind) -> None:
        """Show the card of that kind; of two wishes the later one counts."""
        self.kind = kind
        waiting = tuple(self._waiting())
        self._tasks.run(
            Lane.LOOKUP,
            lambda _cancel: sample_of(self._desk, kind, waiting),
            done=self._came,
            failed=lambda _error: self._came(shipped_sample(self._desk, kind)),
        )

    def next_kind(self) -> None:
        """Go round the kinds."""
        kinds = list(SampleKind)
        self.choose(kinds[(kinds.index(self.kind) + 1) % len(kinds)])

    def _came(self, sample: Sample) -> None:
        if sample.kind is self.kind:
            self.sample = sample
            self.changed.emit()
