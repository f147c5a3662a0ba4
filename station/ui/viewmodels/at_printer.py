"""Which of several printers has one person's card, or is to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from station.domain.errors import StationError
from station.domain.workflow import Act, Issuance
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk
from station.services.printer_pool import AtPrinter

if TYPE_CHECKING:
    from station.render.card import CheckedCard


class PrinterChoice(QObject):
    """Ask the pool where a card is to be carried, before somebody carries it; ``changed`` when that is known."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self._asking = False

    def of(self, issuance: Issuance | None) -> AtPrinter | None:
        """Return which printer has the card or is to get it; ``None`` where there is but one, or nobody knows yet."""
        pool = self._desk.pool
        if pool is None or issuance is None:
            return None
        return pool.where(issuance.id) or (AtPrinter(issuance.printer) if issuance.printer else None)

    def goes_on_elsewhere(self, issuance: Issuance | None) -> bool:
        """Say whether a card waits at a dead printer and can go on at another."""
        pool = self._desk.pool
        if pool is None or issuance is None or issuance.doubt or issuance.pending is not Act.PRINT:
            return False
        return pool.goes_on_elsewhere(issuance.id)

    def ask(self, issuance: Issuance, card: CheckedCard) -> None:
        """Have a printer chosen for a card that a person carries to it."""
        pool = self._desk.pool
        if pool is not None and not self._asking:
            self._asking = True
            wanted = pool
            self._tasks.run(
                Lane.STATUS,
                lambda _c: wanted.promise(issuance.id, card),
                done=lambda _chosen: self._known(),
                failed=self._unknown,
            )

    def _known(self) -> None:
        self._asking = False
        self.changed.emit()

    def _unknown(self, error: Exception) -> None:
        """Leave it open: what is wrong is said when the card is printed."""
        self._asking = False
        if not isinstance(error, StationError):
            raise error
