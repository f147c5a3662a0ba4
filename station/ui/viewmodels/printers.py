"""The station's printers: their state twice a second, their care and their last cards when somebody looks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from station.domain.errors import StationError
from station.domain.holder import Holder
from station.domain.print_care import CareAct
from station.ports.printer import PrinterStatus
from station.ports.store import PrintedCard
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.services.print_care import CareReport
from station.ui.viewmodels.devices import DevicesModel

ASK_EVERY_MS = 500
"""A changed state is to be on the screen within a second, the answer's own time included."""

_SHOWN_JOBS = 12


@dataclass(frozen=True, slots=True)
class JobLine:
    """A card that a printer was given, and whose it is."""

    job: PrintedCard
    holder: Holder | None


@dataclass(frozen=True, slots=True)
class PrinterLine:
    """One printer as the page shows it."""

    name: str
    report: CareReport
    jobs: tuple[JobLine, ...] = ()


class PrintersModel(QObject):
    """Ask the printers; ``changed`` when a state or, while ``watched``, anything else is different from before."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks, devices: DevicesModel) -> None:
        super().__init__()
        self._desk, self._tasks, self._devices = desk, tasks, devices
        self._asking = self._reading = False
        self._statuses: tuple[PrinterStatus, ...] = ()
        self.lines: tuple[PrinterLine, ...] = ()
        self.watched = False
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_EVERY_MS)
        self._timer.timeout.connect(self._ask)
        devices.changed.connect(self._look)

    def start(self) -> None:
        """Ask again and again."""
        self._ask()
        self._timer.start()

    def stop(self) -> None:
        """Ask no more."""
        self._timer.stop()

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks at the page: only then is the store read."""
        self.watched = watched
        if watched:
            self.refresh()

    def refresh(self) -> None:
        """Read everything anew, unless that is being done."""
        if not self._reading:
            self._reading = True
            # Printers are asked, too: a slow one must not hold up what a person searches.
            self._tasks.run(Lane.STATUS, lambda _c: self._read(), done=self._show, failed=self._not_read)

    def note(self, printer: str, act: CareAct) -> None:
        """Write down what was done to a printer."""
        self._tasks.run(Lane.LOOKUP, lambda _c: self._desk.care.note(printer, act), done=lambda _none: self.refresh())

    def _look(self) -> None:
        if self.watched:
            self.refresh()

    def _ask(self) -> None:
        if not self._asking:
            self._asking = True
            self._tasks.run(Lane.STATUS, lambda _c: self._statuses_now(), done=self._answered, failed=self._not_asked)

    def _statuses_now(self) -> tuple[PrinterStatus, ...]:
        return tuple(printer.status() for printer in self._desk.printers)

    def _answered(self, statuses: tuple[PrinterStatus, ...]) -> None:
        self._asking = False
        if statuses != self._statuses:
            self._statuses = statuses
            self._devices.printer_is(statuses[0])
            self._look()

    def _read(self) -> tuple[PrinterLine, ...]:
        store = self._desk.store
        lines = []
        for printer in self._desk.printers:
            report = self._desk.care.report(printer)
            jobs = [JobLine(job, store.holders.get(job.issuance.holder_id)) for job in report.jobs[:_SHOWN_JOBS]]
            lines.append(PrinterLine(printer.name, report, tuple(jobs)))
        return tuple(lines)

    def _show(self, lines: tuple[PrinterLine, ...]) -> None:
        self._reading = False
        if lines != self.lines:
            self.lines = lines
            self.changed.emit()

    def _not_asked(self, error: Exception) -> None:
        self._asking = False
        _need_ours(error)

    def _not_read(self, error: Exception) -> None:
        self._reading = False
        _need_ours(error)


def _need_ours(error: Exception) -> None:
    """Let a mistake of the program be seen; a store that is away is told elsewhere."""
    if not isinstance(error, StationError):
        raise error
