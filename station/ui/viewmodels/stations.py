"""Which stations may work with this database: their rights, their card numbers; new codes, withdrawals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.enrolment import EnrolledStation, Invitation, Right
from station.domain.errors import StationError, StoreAwayError
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.services.enrolment import Enrolment

ASK_AGAIN_MS = 2000
"""So often a database that is away is asked whether it is back."""


@dataclass(frozen=True, slots=True)
class Stations:
    """What the page shows: ``here`` is this station's own id, empty where nobody was ever enrolled."""

    stations: tuple[EnrolledStation, ...] = ()
    waiting: tuple[Invitation, ...] = ()
    here: str = ""
    rights: frozenset[Right] = frozenset()

    @property
    def may_enrol(self) -> bool:
        """Tell whether codes can be made here."""
        return bool(self.stations) and Right.ADMIN in self.rights


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that was just made; it is shown until the page is left, and kept nowhere."""

    code: str
    invitation: Invitation


class StationsModel(QObject):
    """Read while somebody looks. ``changed`` says that anything stands otherwise."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.found = Stations()
        self.new: NewCode | None = None
        self.error: StationError | None = None
        self.known = self.busy = self.watched = False
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.setInterval(ASK_AGAIN_MS)
        self._away.timeout.connect(self._ask)

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks at the page; who leaves it takes the code off the screen."""
        self.watched = watched
        if watched:
            self._ask()
            return
        self._away.stop()
        if self.new is not None or self.error is not None:
            self.new = self.error = None
            self.changed.emit()

    def begin(self) -> None:
        """Make this station the first; from now on only enrolled ones may work here."""
        self._do(lambda enrolment: void(enrolment.begin()))

    def invite(self, name: str, rights: frozenset[Right]) -> None:
        """Make a code for a new station."""
        self._do(lambda enrolment: NewCode(*enrolment.invite(name, rights)))

    def withdraw(self, name: str, reason: str = "") -> None:
        """Take a station out of use."""
        self._do(lambda enrolment: void(enrolment.withdraw(name, reason)))

    def _ask(self) -> None:
        self._tasks.run(Lane.LOOKUP, lambda _c: self._read(), done=self._show, failed=self._failed)

    def _do(self, act: Callable[[Enrolment], NewCode | None]) -> None:
        if self.busy:
            return
        self.busy, self.error = True, None
        self.changed.emit()

        def work() -> tuple[NewCode | None, Stations]:
            return act(self._enrolment()), self._read()

        self._tasks.run(Lane.WORK, lambda _c: work(), done=self._done, failed=self._failed)

    def _enrolment(self) -> Enrolment:
        enrolment = self._desk.enrolment
        assert enrolment is not None  # noqa: S101 - for the type checker; whoever opens a desk brings it
        return enrolment

    def _read(self) -> Stations:
        enrolment = self._enrolment()
        here = enrolment.here()
        rights = here.rights if here is not None and here.withdrawn_at is None else frozenset()
        return Stations(enrolment.stations(), enrolment.open_invitations(), here.id if here else "", rights)

    def _done(self, found: tuple[NewCode | None, Stations]) -> None:
        self.busy = False
        self.new = found[0]
        self._show(found[1])

    def _show(self, found: Stations) -> None:
        self.found, self.known = found, True
        if isinstance(self.error, StoreAwayError):
            self.error = None  # it is back
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        asked_for, self.busy = self.busy, False
        if not isinstance(error, StationError):
            raise error
        if isinstance(error, StoreAwayError) and self.watched:
            self._away.start()
        before, self.error = self.error, error
        # A database that is away is asked every other second, and says the same each time.
        if asked_for or before is None or before.what != error.what:
            self.changed.emit()


def void(_value: object) -> None:
    """Forget what was returned."""
