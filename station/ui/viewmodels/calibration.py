"""One printer's calibration: what was read and typed, how the test card comes out, kept or taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from station.domain.errors import StationError
from station.domain.print_care import Correction
from station.ports.printer import JobReport, Printer
from station.ports.tasks import Cancel, Lane, Tasks
from station.services.calibration import CalibrationPreview, CalibrationWish, preview
from station.services.desk import Desk
from station.ui.viewmodels.preview import cut_to_card


@dataclass(frozen=True, slots=True)
class Shown:
    """One side of the test card: as it comes out now, and as it will."""

    now: QImage
    after: QImage


class CalibrationModel(QObject):
    """Work on one printer at a time. ``refused`` carries what is wrong; nothing that was typed is lost by it."""

    changed = Signal()
    refused = Signal(object)
    kept = Signal()
    printed = Signal(object)

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self.printer: Printer | None = None
        self.holds = Correction()
        self.wanted = Correction()
        self.wish = CalibrationWish()
        self.sides: tuple[Shown, ...] = ()
        self.printing = self.busy = False
        self._drawing = False
        self._drawn: Correction | None = None

    @property
    def name(self) -> str:
        """Return the printer's name."""
        return self.printer.name if self.printer is not None else ""

    @property
    def differs(self) -> bool:
        """Say whether there is something to keep."""
        return self.wanted != self.holds

    def open(self, name: str) -> None:
        """Turn to a printer."""
        self.printer = next((each for each in self._desk.printers if each.name == name), self._desk.printers[0])
        self.wish, self.sides, self._drawn = CalibrationWish(), (), None
        self._run(Lane.LOOKUP, self._desk.care.correction, self._holds)

    def look(self, wish: CalibrationWish) -> StationError | None:
        """Take what was typed so far and show its effect; return what is wrong with it, while that is only typed."""
        self.wish = wish
        try:
            self.wanted = wish.correction(self.holds)
        except StationError as error:
            return error
        self._draw()
        return None

    def keep(self) -> None:
        """Have it hold from the next card on."""
        error = self.look(self.wish)
        if error is not None:
            self.refused.emit(error)
        elif not self.busy:
            wanted = self.wanted
            self._run(Lane.WORK, lambda name: self._desk.care.calibrate(name, wanted), self._was_kept)

    def take_back(self) -> None:
        """Return to what held before the last one that was kept."""
        if not self.busy:
            self._run(Lane.WORK, self._desk.care.take_back, self._was_kept)

    def print_test_card(self, *, corrected: bool) -> None:
        """Print the test card: as the printer is, or with what holds, to see whether it is right."""
        printer = self.printer
        if printer is None or self.printing:
            return
        self.printing = True
        self.changed.emit()
        self._tasks.run(
            Lane.PRINTER,
            lambda cancel: self._test_card(printer, corrected, cancel),
            done=self._was_printed,
            failed=self._not_printed,
        )

    def _test_card(self, printer: Printer, corrected: bool, cancel: Cancel) -> JobReport:
        pool = self._desk.pool
        others = frozenset(each.name for each in self._desk.printers) - {printer.name}
        with pool.alone_with(printer.name) if pool is not None else nullcontext():
            return self._desk.care.test_card(
                printer, with_correction=corrected, others=others, cancel=cancel, progress=lambda _step, _share: None
            )

    def _run(self, lane: Lane, work: Callable[[str], Correction], done: Callable[[Correction], None]) -> None:
        """Have something done for the printer by its name; the answer is dropped once the page is another's."""
        self.busy, name = True, self.name
        self.changed.emit()
        self._tasks.run(lane, lambda _c: work(name), done=partial(self._answered, name, done), failed=self._failed)

    def _answered(self, name: str, done: Callable[[Correction], None], correction: Correction) -> None:
        if name == self.name:
            done(correction)

    def _holds(self, correction: Correction) -> None:
        self.busy = False
        self.holds = self.wanted = correction
        self._draw()
        self.changed.emit()

    def _was_kept(self, correction: Correction) -> None:
        self.wish = CalibrationWish()
        self._holds(correction)
        self.kept.emit()

    def _failed(self, error: Exception) -> None:
        self.busy = False
        self.changed.emit()
        _need_ours(error)
        self.refused.emit(error)

    def _was_printed(self, report: JobReport) -> None:
        self.printing = False
        self.changed.emit()
        self.printed.emit(report)

    def _not_printed(self, error: Exception) -> None:
        self.printing = False
        self.changed.emit()
        _need_ours(error)
        self.refused.emit(error)

    def _draw(self) -> None:
        """Draw the newest wish, one at a time."""
        wanted, printer = self.wanted, self.printer
        if self._drawing or printer is None or wanted == self._drawn:
            return
        self._drawing = True
        self._tasks.run(
            Lane.DESIGN,
            lambda _c: _pictures(preview(printer.profile, wanted)),
            done=partial(self._show, wanted),
            failed=self._not_drawn,
        )

    def _show(self, drawn: Correction, sides: tuple[Shown, ...]) -> None:
        self._drawing, self._drawn, self.sides = False, drawn, sides
        self.changed.emit()
        self._draw()  # something else may have been typed meanwhile

    def _not_drawn(self, error: Exception) -> None:
        self._drawing = False
        _need_ours(error)


def _pictures(cards: CalibrationPreview) -> tuple[Shown, ...]:
    pairs = [(cards.now.front, cards.after.front)]
    if cards.now.back is not None and cards.after.back is not None:
        pairs.append((cards.now.back, cards.after.back))
    return tuple(
        Shown(cut_to_card(cards.now, now.composite), cut_to_card(cards.after, after.composite)) for now, after in pairs
    )


def _need_ours(error: Exception) -> None:
    """Let a mistake of the program be seen."""
    if not isinstance(error, StationError):
        raise error
