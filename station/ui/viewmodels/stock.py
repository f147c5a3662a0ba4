"""The stock of blanks: where each is, whether it adds up, how long it lasts; and lines written into the ledger."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from station.domain.errors import StationError
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.services.stock import StockReport, StockService, StockWish
from station.ui.viewmodels.devices import DevicesModel


class StockModel(QObject):
    """The ledger as it stands; read while somebody looks. ``written`` or ``refused`` answers what was to be written."""

    changed = Signal()
    written = Signal(object)
    refused = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks, devices: DevicesModel) -> None:
        super().__init__()
        self._tasks = tasks
        self._service = StockService(desk.journal)
        self.report = StockReport.empty()
        self.known = self.writing = self._watched = False
        self._writes = 0
        devices.changed.connect(self._look)

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks at the page: only then is the store read."""
        self._watched = watched
        self._look()

    def write(self, wish: StockWish) -> None:
        """Write a line; what can't be written is refused, and nothing is lost of what was typed."""
        if not self.writing:
            self.writing = True
            self._writes += 1
            self.changed.emit()
            self._tasks.run(
                Lane.WORK,
                lambda _c: self._service.write(wish),
                done=lambda report: self._done(report, wish),
                failed=self._failed,
            )

    def _look(self) -> None:
        if self._watched:
            done = partial(self._show, self._writes)
            self._tasks.run(Lane.LOOKUP, lambda _c: self._service.report(), done=done, failed=_need_ours)

    def _show(self, writes: int, report: StockReport) -> None:
        if writes != self._writes:
            return  # read before the last line was written: that line's own answer is the newer one
        if report != self.report or not self.known:
            self.report, self.known = report, True
            self.changed.emit()

    def _done(self, report: StockReport, wish: StockWish) -> None:
        self.writing = False
        self.report, self.known = report, True
        self.changed.emit()
        self.written.emit(wish)

    def _failed(self, error: Exception) -> None:
        self.writing = False
        self.changed.emit()
        self._look()
        _need_ours(error)
        self.refused.emit(error)


def _need_ours(error: Exception) -> None:
    """Let a mistake of the program be seen; a store that is away is told elsewhere."""
    if not isinstance(error, StationError):
        raise error
