"""The claim on the person of a session: nobody is served at two desks."""

from __future__ import annotations

from station.domain.holder import Holder
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.ui.viewmodels.person import Record, read_record


class Claim:
    """Claim somebody for this desk while their record is read; all of it on one lane, in order."""

    def __init__(self, desk: Desk, tasks: Tasks, holder: Holder) -> None:
        self._desk, self._tasks, self._holder = desk, tasks, holder
        self.held = False
        self._ended = False

    def read(self) -> Record:
        """Claim the person and read their record; on the lookup lane. Raises ClaimedError: another desk serves them."""
        if not self.held and not self._ended:
            self._desk.serving.begin(self._holder.id)
            self.held = True
        return read_record(self._desk, self._holder)

    def end(self) -> None:
        """Leave the person to any desk, as soon as what was asked before is read."""
        self._tasks.run(Lane.LOOKUP, lambda _c: self._end())

    def _end(self) -> None:
        # Who asks for the record after the end, in a late answer, must not claim somebody whom nobody here serves.
        self._ended = True
        if self.held:
            self.held = False
            self._desk.serving.end(self._holder.id)
