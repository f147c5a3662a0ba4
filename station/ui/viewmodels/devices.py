"""How camera, reader, printer, router and queue stand: asked every other second, away from the window."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.errors import StationError
from station.ports.printer import PrinterStatus
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk, nobody_listens
from station.services.health import Health, HealthState, printer_health
from station.ui.viewmodels.camera import CameraModel

ASK_EVERY_MS = 2000
SETTLE_MS = 300
"""News of the queue wait so long for more of their kind."""


class DevicesModel(QObject):
    """The newest health of every device. A device that is slow to answer delays its light, nothing else."""

    changed = Signal()
    queue_moved = Signal()
    """Something was registered, or refused: at most a few times a second."""

    def __init__(self, desk: Desk, tasks: Tasks, camera: CameraModel) -> None:
        super().__init__()
        self._desk, self._tasks, self._camera = desk, tasks, camera
        self._asking = self._again = False
        self.health: tuple[Health, ...] = ()
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_EVERY_MS)
        self._timer.timeout.connect(self._ask)
        camera.changed.connect(self._ask)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self.queue_moved)

    def start(self) -> None:
        """Ask now, again and again, and at once when ESC-Router's answer is another than before."""
        # The link speaks from its own thread.
        self._desk.link.heard = lambda: self._tasks.post(self.ask)
        self._desk.link.moved = lambda: self._tasks.post(self._moved)
        self.ask()
        self._timer.start()

    def stop(self) -> None:
        """Ask no more."""
        self._desk.link.heard = self._desk.link.moved = nobody_listens
        self._again = False
        self._timer.stop()
        self._settling.stop()

    def of(self, device: str) -> Health | None:
        """Return how one device stands."""
        return next((h for h in self.health if h.device == device), None)

    def printer_is(self, status: PrinterStatus) -> None:
        """Show at once how the printer stands: whoever looks at it more often has seen it change."""
        known = self.of("printer")
        now = printer_health(status)
        if known is not None and known != now:
            self.health = tuple(now if each is known else each for each in self.health)
            self.changed.emit()

    @property
    def offline(self) -> bool:
        """Say whether ESC-Router can be told nothing now: it is away, or the database that its queue is in."""
        router, standby = self.of("router"), self._desk.standby
        if standby is not None and standby.alone:
            return True
        return router is not None and router.state in (HealthState.WARN, HealthState.BAD)

    @property
    def asking(self) -> bool:
        """Say whether an answer is still to come."""
        return self._asking

    def ask(self) -> None:
        """Ask every device. What is asked while an answer is still to come is asked once more after it."""
        self._ask(again=True)

    def _ask(self, *, again: bool = False) -> None:
        if self._asking:
            self._again = self._again or again
        else:
            self._asking, self._again = True, False
            error = self._camera.report.error if self._camera.report else None
            source = self._camera.choice.source
            self._tasks.run(
                Lane.STATUS, lambda _c: self._desk.health(error, source), done=self._answered, failed=self._not_answered
            )

    def _moved(self) -> None:
        # A full queue moves many times a second; what is shown of it need not.
        if not self._settling.isActive():
            self._settling.start()

    def _answered(self, health: tuple[Health, ...]) -> None:
        self._asking = False
        if health != self.health:
            self.health = health
            self.changed.emit()
        if self._again:
            self._ask()

    def _not_answered(self, error: Exception) -> None:
        self._asking = self._again = False
        if not isinstance(error, StationError):
            raise error
