"""The station's printers: their state twice a second, their care and their last cards when somebody looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from station.domain.card import CardScheme
from station.domain.errors import StationError
from station.domain.holder import Holder
from station.domain.print_care import CareAct
from station.domain.workflow import Act, Issuance
from station.ports.printer import PrinterStatus
from station.ports.store import PrintedCard
from station.ports.tasks import Lane, Tasks
from station.services.print_care import CareReport
from station.services.printer_pool import worst
from station.services.printer_ranking import Standing
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.devices import DevicesModel
from station.ui.viewmodels.pictures import thumbnail
from station.ui.viewmodels.stages import Stage

if TYPE_CHECKING:
    from station.ui.viewmodels.session import Session

ASK_EVERY_MS = 500
"""A changed state is to be on the screen within a second, the answer's own time included."""

_SHOWN_JOBS = 12
_FACES_KEPT = 4


@dataclass(frozen=True, slots=True)
class JobLine:
    """A card that a printer was given, and whose it is; ``face`` while the printer has it."""

    job: PrintedCard
    holder: Holder | None
    face: QImage | None = None


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A card that a printer had to give back: when, whose it is where that is known, and where it went on."""

    at: datetime
    holder: Holder | None
    to: str


@dataclass(frozen=True, slots=True)
class PrinterLine:
    """One printer as the page shows it.

    ``standing`` is how it stands beside others, ``None`` where it is the only one; ``next_kinds`` are the kinds of card
    of which it gets the next.
    """

    name: str
    report: CareReport
    jobs: tuple[JobLine, ...] = ()
    moved: tuple[MovedLine, ...] = ()
    standing: Standing | None = None
    next_kinds: tuple[CardScheme, ...] = ()


class PrintersModel(QObject):
    """Ask the printers; ``changed`` when a state or, while ``watched``, anything else is different from before."""

    changed = Signal()

    def __init__(self, desk: DeskModel, tasks: Tasks, devices: DevicesModel) -> None:
        super().__init__()
        self._people, self._desk = desk, desk.desk
        self._tasks, self._devices = tasks, devices
        self._asking: set[str] = set()
        self._reading = False
        self._statuses: dict[str, PrinterStatus] = {}
        self._faces: dict[str, QImage | None] = {}
        self.lines: tuple[PrinterLine, ...] = ()
        self.watched = False
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_EVERY_MS)
        self._timer.timeout.connect(self._ask)
        devices.changed.connect(self._look)
        desk.people_changed.connect(self._look_at_people)
        self._shown_people: tuple[tuple[str, Stage, bool], ...] = ()

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

    @property
    def kinds(self) -> tuple[CardScheme, ...]:
        """Return the kinds of card that are made here, the main one first."""
        settings = self._desk.settings
        return tuple(dict.fromkeys((settings.card.scheme, *(part.scheme for part in settings.card_types))))

    def session_of(self, holder: Holder) -> Session | None:
        """Return the person who is being served: their picture, and the colour that marks them."""
        return self._people.session_of(holder.id)

    @property
    def several_people(self) -> bool:
        """Say whether several people are in flight, so that each needs a colour."""
        return len(self._people.sessions) > 1

    def _look_at_people(self) -> None:
        """Read anew when somebody's card went a step on; a step's progress is none."""
        people = tuple((s.holder.id, s.stage, s.busy) for s in self._people.sessions)
        if people != self._shown_people:
            self._shown_people = people
            self._look()

    def _look(self) -> None:
        if self.watched:
            self.refresh()

    def _ask(self) -> None:
        """Ask each printer by itself: one that takes long to answer holds up none of the others."""
        for printer in self._desk.printers:
            name = printer.name
            if name not in self._asking:
                self._asking.add(name)
                self._tasks.run(
                    Lane.STATUS,
                    lambda _c, which=printer: which.status(),  # type: ignore[misc]  # bound, not asked
                    done=partial(self._answered, name),
                    failed=partial(self._not_asked, name),
                )

    def _answered(self, name: str, status: PrinterStatus) -> None:
        self._asking.discard(name)
        pool = self._desk.pool
        if pool is not None:
            pool.heard(status)
            for session in tuple(self._people.sessions):
                session.printers_heard()
        if status != self._statuses.get(name):
            self._statuses[name] = status
            known = [self._statuses[p.name] for p in self._desk.printers if p.name in self._statuses]
            if len(known) == len(self._desk.printers):  # else the worst may be one that hasn't answered yet
                self._devices.printer_is(worst(known))
            self._look()

    def _read(self) -> tuple[PrinterLine, ...]:
        store, pool = self._desk.store, self._desk.pool
        reports = [self._desk.care.report(printer) for printer in self._desk.printers]
        holders = {j.issuance.escn: store.holders.get(j.issuance.holder_id) for r in reports for j in r.jobs}
        standings = pool.standings() if pool is not None else (None,)
        following = pool.next_printers(self.kinds) if pool is not None else {}
        lines = []
        for printer, report, standing in zip(self._desk.printers, reports, standings, strict=True):
            name = printer.name
            shown = report.jobs[:_SHOWN_JOBS]
            jobs = tuple(JobLine(job, holders[job.issuance.escn], self._face(job.issuance)) for job in shown)
            moves = [entry for entry in report.done if entry.act is CareAct.MOVED_ON][:_SHOWN_JOBS]
            moved = tuple(MovedLine(e.at, holders.get(str(e.data["escn"])), str(e.data["to"])) for e in moves)
            kinds = tuple(kind for kind, taker in following.items() if taker == name)
            lines.append(PrinterLine(name, report, jobs, moved, standing, kinds))
        return tuple(lines)

    def _face(self, issuance: Issuance) -> QImage | None:
        """Return whose card a printer has, from the store: it may have been begun by a batch, or last night."""
        if issuance.pending is not Act.PRINT or not issuance.portrait_id:
            return None
        if issuance.portrait_id not in self._faces:
            portrait = self._desk.store.portraits.get(issuance.portrait_id)
            self._faces = {issuance.portrait_id: thumbnail(portrait.image) if portrait is not None else None,
                           **dict(list(self._faces.items())[: _FACES_KEPT - 1])}  # fmt: skip
        return self._faces[issuance.portrait_id]

    def _show(self, lines: tuple[PrinterLine, ...]) -> None:
        self._reading = False
        if lines != self.lines:
            self.lines = lines
            self.changed.emit()

    def _not_asked(self, name: str, error: Exception) -> None:
        self._asking.discard(name)
        _need_ours(error)

    def _not_read(self, error: Exception) -> None:
        self._reading = False
        _need_ours(error)


def _need_ours(error: Exception) -> None:
    """Let a mistake of the program be seen; a store that is away is told elsewhere."""
    if not isinstance(error, StationError):
        raise error
