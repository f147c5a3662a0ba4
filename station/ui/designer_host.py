"""Where the designer's window stands: made when it is first asked for, closed with the main window, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMainWindow

from station.ui.context import Ui

if TYPE_CHECKING:
    from station.ports.tasks import Tasks
    from station.ui.viewmodels.models import Models
    from station.ui.views.designer.window import DesignerWindow

_USUAL = (1280, 800)


class DesignerHost(QObject):
    """Opens the designer beside a main window; ``help_wanted`` asks that for the page about designing."""

    help_wanted = Signal()

    def __init__(self, main: QMainWindow, ui: Ui, models: Models, tasks: Tasks) -> None:
        super().__init__(main)
        self._main, self._ui, self._models, self._tasks = main, ui, models, tasks
        self.window: DesignerWindow | None = None

    def open(self) -> None:
        """Show the designer, with what was left unsaved if there is any."""
        if self.window is not None:
            self.window.show()
            self.window.raise_()
            self.window.activateWindow()
            return
        from station.domain.errors import N_
        from station.ui.viewmodels.designer_studio import Studio
        from station.ui.views.designer.window import DesignerWindow

        desk = self._models.desk
        studio = Studio(self._models.opened.desk, self._tasks, lambda: desk.waiting)
        window = self.window = DesignerWindow(self._ui, studio)
        window.help_wanted.connect(self.help_wanted)
        window.closed.connect(self._closed)
        room = self._main.screen().availableGeometry()
        window.resize(min(_USUAL[0], room.width()), min(_USUAL[1], room.height()))
        if room.width() <= _USUAL[0] or room.height() <= _USUAL[1]:
            window.showMaximized()
        else:
            window.show()
        if studio.begin():
            window.foot.tell(self._ui.text(N_("Your unsaved work is back.")))
        window.canvas.setFocus()

    def shut(self) -> None:
        """Close with the main window."""
        for _ in range(2):  # the first time it may stay to say that a draft can't be kept
            if self.window is not None:
                self.window.close()

    def _closed(self) -> None:
        if self.window is not None:
            self.window.deleteLater()
            self.window = None
