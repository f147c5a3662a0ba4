"""Any card checked: what was tapped, scanned or typed, and what ESC-Router says of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from station.domain.card import Card, CardAct, state_after
from station.domain.errors import StationError
from station.ports.tasks import Cancel, Lane, Tasks
from station.services.card_check import CardCheck
from station.services.desk import Desk
from station.ui.viewmodels.reader import ReaderModel


class CardCheckModel(QObject):
    """The last check. While ``watched``, a card that is laid on the reader is checked by itself."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks, reader: ReaderModel) -> None:
        super().__init__()
        self._desk, self._tasks, self._reader = desk, tasks, reader
        self._asked = 0
        self._seen: object = None
        self.check: CardCheck | None = None
        self.error: StationError | None = None
        self.asking = self.watched = False
        reader.changed.connect(self._look)

    def watch(self, watched: bool) -> None:
        """Say whether somebody looks: then cards on the reader are checked. What was checked is forgotten after."""
        self.watched, self._seen = watched, None
        if watched:
            self._look()
        else:
            self.check, self.error, self.asking = None, None, False
            self._asked += 1

    @property
    def can_block(self) -> bool:
        """Say whether the card is one of ours that can be blocked."""
        return self._can(CardAct.BLOCK)

    @property
    def can_unblock(self) -> bool:
        """Say whether the card is one of ours that is blocked."""
        return self._can(CardAct.UNBLOCK)

    def block(self) -> None:
        """Block the card that is shown, and check it again."""
        self._do(self._desk.lifecycle.block)

    def unblock(self) -> None:
        """Let the card that is shown be used again, and check it again."""
        self._do(self._desk.lifecycle.unblock)

    def check_text(self, text: str) -> None:
        """Check the card whose number or QR this is."""
        if text.strip():
            self._ask(lambda _c: self._desk.card_checker.check_text(text))

    def _look(self) -> None:
        seen = self._reader.seen
        if self.watched and seen is not None and seen is not self._seen:
            self._seen = seen
            self._ask(lambda _c: self._desk.card_checker.check_seen(seen))

    def _can(self, act: CardAct) -> bool:
        card = self.check.card if self.check is not None else None
        return card is not None and not self.asking and state_after(card.state, act) is not None

    def _do(self, change: Callable[[str], Card]) -> None:
        if self.check is None:
            return
        escn = self.check.escn

        def work(_cancel: Cancel) -> CardCheck:
            change(escn)
            return self._desk.card_checker.check_text(escn)

        self._ask(work)

    def _ask(self, work: Callable[[Cancel], CardCheck]) -> None:
        self._asked += 1
        self.asking, self.check, self.error = True, None, None
        number = self._asked
        self._tasks.run(Lane.ASK, work, done=partial(self._answered, number), failed=partial(self._failed, number))
        self.changed.emit()

    def _answered(self, number: int, check: CardCheck) -> None:
        if number == self._asked:  # another card was asked for meanwhile, or nobody looks any more
            self.asking, self.check = False, check
            self.changed.emit()

    def _failed(self, number: int, error: Exception) -> None:
        if not isinstance(error, StationError):
            raise error
        if number == self._asked:
            self.asking, self.error = False, error
            self.changed.emit()
