"""Show every page once, unseen, before somebody needs it: the first time takes Qt twice as long as the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from station.ui.widgets.base import View

_EVERY_MS = 60


class Rehearsal(QObject):
    """Take one page at a time, and only while ``quiet`` says that nobody waits; end by itself after the last.

    ``place`` is where the pages will be seen, and how large.
    """

    def __init__(self, pages: Sequence[QWidget], place: QWidget, quiet: Callable[[], bool]) -> None:
        super().__init__(place)
        self._pages, self._place, self._quiet = list(pages), place, quiet
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._next)

    @property
    def over(self) -> bool:
        """Say whether every page was shown."""
        return not self._pages

    def start(self) -> None:
        """Begin with the first page, soon."""
        self._timer.start(_EVERY_MS)

    def _next(self) -> None:
        if not self._quiet():
            return
        page = self._pages.pop(0)
        if isinstance(page, View):
            page.prepare()
        if not page.isVisible():
            page.resize(self._place.size())
            # Laid out and painted like any page, into a picture that nobody keeps.
            page.grab()
        if self.over:
            self._timer.stop()
