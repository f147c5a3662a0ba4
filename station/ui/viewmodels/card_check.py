"""Any card checked: what was tapped, scanned, shown to the camera or typed, and what ESC-Router says of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from station.domain.errors import StationError
from station.domain.holder import Holder
from station.ports.tasks import Cancel, Lane, Tasks
from station.services.card_check import CardCheck
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.qr import QrWatch
from station.ui.viewmodels.reader import ReaderModel


class CardCheckModel(QObject):
    """The last check. While ``watched``, a card that is laid on the reader is checked by itself.

    ``scanning`` says that the camera looks for a card's QR; ``shown`` carries what it read.
    """

    changed = Signal()
    shown = Signal(str)

    def __init__(self, desk: DeskModel, tasks: Tasks, reader: ReaderModel) -> None:
        super().__init__()
        self._desk, self._tasks, self._reader = desk, tasks, reader
        self._qr = QrWatch(desk.camera, tasks)
        self._qr.seen.connect(self._qr_seen)
        self._asked = 0
        self._seen: object = None
        self.check: CardCheck | None = None
        self.holder: Holder | None = None
        """Whose card it is, where it was made here."""
        self.error: StationError | None = None
        self.asking = self.watched = self.scanning = False
        reader.changed.connect(self._look)

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks: then cards on the reader are checked. What was checked is forgotten after."""
        self.watched, self._seen = watched, None
        if watched:
            self._look()
        else:
            self.check, self.holder, self.error, self.asking = None, None, None, False
            self._asked += 1
            self.scan(False)

    def scan(self, wanted: bool) -> None:
        """Have the camera look for QR codes, one card after the other, until it is told to stop."""
        if wanted != self.scanning:
            self.scanning = wanted
            if wanted:
                self._qr.start()
            else:
                self._qr.stop()
            self._desk.scan(wanted)
            self.changed.emit()

    def check_text(self, text: str) -> None:
        """Check the card whose number or QR this is."""
        if text.strip():
            self._ask(lambda _c: self._desk.desk.card_checker.check_text(text))

    def holds_number(self, text: str) -> bool:
        """Say whether there is a whole card number in a text."""
        return self._desk.desk.card_checker.holds_number(text)

    def _qr_seen(self, text: str) -> None:
        if self.watched:
            self.shown.emit(text)
            self.check_text(text)

    def _look(self) -> None:
        seen = self._reader.seen
        if self.watched and seen is not None and seen is not self._seen:
            self._seen = seen
            self._ask(lambda _c: self._desk.desk.card_checker.check_seen(seen))

    def _ask(self, work: Callable[[Cancel], CardCheck]) -> None:
        self._asked += 1
        self.asking, self.check, self.holder, self.error = True, None, None, None
        number = self._asked

        def look(cancel: Cancel) -> tuple[CardCheck, Holder | None]:
            check = work(cancel)
            return check, self._desk.desk.store.holders.get(check.card.holder_id) if check.card else None

        self._tasks.run(Lane.ASK, look, done=partial(self._answered, number), failed=partial(self._failed, number))
        self.changed.emit()

    def _answered(self, number: int, answer: tuple[CardCheck, Holder | None]) -> None:
        if number == self._asked:  # another card was asked for meanwhile, or nobody looks any more
            self.asking, (self.check, self.holder) = False, answer
            self.changed.emit()

    def _failed(self, number: int, error: Exception) -> None:
        if not isinstance(error, StationError):
            raise error
        if number == self._asked:
            self.asking, self.error = False, error
            self.changed.emit()
