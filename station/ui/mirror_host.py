"""Where the student's mirror stands: on a screen of its own where there is one, and gone with the main window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QKeyEvent, QScreen
from PySide6.QtWidgets import QMainWindow

from station.ui.context import Ui
from station.ui.viewmodels.mirror import MirrorModel

if TYPE_CHECKING:
    from station.ui.views.mirror import MirrorWindow

_USUAL = (1024, 600)


def screen_for(screens: Sequence[QScreen], main: QScreen | None, remembered: str) -> QScreen | None:
    """Return the screen for the mirror: the remembered one, else any that is not the main window's, else ``None``."""
    others = [screen for screen in screens if screen is not main]
    return next((screen for screen in others if screen.name() == remembered), others[0] if others else None)


class MirrorHost(QObject):
    """Opens the mirror beside a main window, and closes it with that; the mirror is made when it is first opened."""

    def __init__(self, main: QMainWindow, ui: Ui, mirror: MirrorModel) -> None:
        super().__init__(main)
        self._main, self._theme, self.mirror = main, ui.theme, mirror
        self._ui: Ui | None = None
        self.window: MirrorWindow | None = None
        mirror.turned.connect(self._turned)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            # A second screen's cable is plugged in and pulled while people are served: the mirror goes there and comes
            # back.
            app.screenAdded.connect(self._screens_changed)
            app.screenRemoved.connect(self._screens_changed)

    def begin(self) -> None:
        """Open the mirror if it was open the last time."""
        if self.mirror.wish.open:
            self.mirror.turn(True)

    def toggle(self) -> None:
        """Open the mirror, or close it."""
        self.mirror.turn(not self.mirror.open)

    def shut(self) -> None:
        """Close with the main window."""
        self.mirror.shut()
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None
        if self._ui is not None:
            self._ui.deleteLater()
            self._ui = None

    def _turned(self, is_open: bool) -> None:
        if not is_open:
            if self.window is not None:
                self.window.close()
            return
        if self.window is None:
            from station.ui.views.mirror import MirrorWindow

            # Texts of its own: the student reads another language than the operator at the same moment.
            self._ui = Ui(self.mirror.tr_, self._theme)
            self.window = MirrorWindow(self._ui, self.mirror)
            # A press on the mirror makes it the active window; the operator's keys go on to theirs.
            self.window.touched.connect(self._main.activateWindow)
            self.window.key_passed.connect(self._key_passed)
        self._place(self.window)

    def _place(self, window: MirrorWindow) -> None:
        """Put the mirror onto a screen of its own, full-size; with one screen it is a window like others."""
        screen = screen_for(QGuiApplication.screens(), self._main.screen(), self.mirror.wish.screen)
        if screen is not None:
            window.showNormal()
            # The place is set besides the screen: where several screens make up one desktop, Qt's setScreen moves no
            # window.
            window.setScreen(screen)
            window.setGeometry(screen.geometry())
            window.showFullScreen()
            # Only a screen of its own is remembered: what was chosen is there again when its cable is.
            self.mirror.remember(True, screen.name())
            return
        room = self._main.screen().availableGeometry()
        window.resize(min(_USUAL[0], room.width()), min(_USUAL[1], room.height()))
        window.showNormal()

    def _screens_changed(self, _screen: QScreen) -> None:
        if self.window is not None and self.mirror.open:
            self._place(self.window)

    def _key_passed(self, event: QKeyEvent) -> None:
        self._main.keyPressEvent(event)
