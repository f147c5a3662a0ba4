"""Search as you type: the newest text wins, and its answer comes from the lookup lane."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from station.domain.holder import Holder
from station.ports.tasks import Lane, Tasks
from station.services.desk import Desk

_LIMIT = 20


class SearchModel(QObject):
    """Hold what was typed and who was found."""

    changed = Signal()

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        super().__init__()
        self._desk, self._tasks = desk, tasks
        self._asked = False
        self.text = ""
        self.answered = ""
        self.found: tuple[Holder, ...] = ()

    @property
    def nothing_found(self) -> bool:
        """Say whether the search has ended without anybody."""
        return bool(self.text) and self.answered == self.text and not self.found

    def search(self, text: str) -> None:
        """Look for ``text``; what was found for an older text is seen until the answer to this one is there."""
        self.text = text.strip()
        if not self.text:
            self.found, self.answered = (), ""
            self.changed.emit()
        elif not self._asked:
            self._ask()

    def look_again(self) -> None:
        """Look anew for what is typed, because the register has changed."""
        if self.text and not self._asked:
            self._ask()

    def _ask(self) -> None:
        wanted = self.text
        self._asked = True
        self._tasks.run(
            Lane.LOOKUP,
            lambda _c: self._desk.store.holders.search(wanted, limit=_LIMIT),
            done=lambda found: self._answer(wanted, found),
            failed=lambda _error: self._answer(wanted, ()),
        )

    def _answer(self, wanted: str, found: tuple[Holder, ...]) -> None:
        self._asked = False
        if not self.text:
            return
        # The list follows the typing a step behind rather than going away; Enter waits until ``answered`` is the text.
        self.found, self.answered = found, wanted
        self.changed.emit()
        if wanted != self.text:
            self._ask()
