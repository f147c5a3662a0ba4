"""Run the window: show it first, open the desk behind it, close everything in reverse order."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtWidgets import QApplication

from station.domain.errors import StationError
from station.i18n import Translator
from station.ports.tasks import Cancel, Lane
from station.settings import Settings
from station.ui.context import Ui
from station.ui.main_window import MainWindow
from station.ui.preferences import Preferences
from station.ui.tasks import QtTasks
from station.ui.theme.theme import Theme

if TYPE_CHECKING:
    from station.services.desk import Desk
    from station.ui.rehearsal import Rehearsal
    from station.ui.viewmodels.models import Models, Opened

log = logging.getLogger(__name__)

Opener = Callable[[], "AbstractContextManager[Opened]"]
_SIZE = (1280, 800)
# How long a worker thread may keep the interpreter while the window waits for it; Python's own 5 ms add up to a stall.
_TURN_S = 0.0002
_SETTLE_MS = 300
_M_MMAP_THRESHOLD, _PICTURE_BYTES = -3, 500_000  # malloc.h


class WindowRun:
    """One run of the window. ``opener`` opens the desk, away from the GUI thread, after the first paint."""

    def __init__(self, app: QApplication, settings: Settings, opener: Opener, preferences: Preferences) -> None:
        self._opener = opener
        self._closing = ExitStack()
        self._models: Models | None = None
        self.tasks = QtTasks(app)
        self._rehearsal: Rehearsal | None = None
        theme = Theme(app, settings.institution.accent, preferences.look(settings.station.theme))
        ui = Ui(Translator(preferences.language(settings.station.language)), theme)
        self._preferences = preferences  # a signal holds on to nobody
        ui.chosen.connect(preferences.keep)
        self.window = MainWindow(ui, settings)
        self.window.opening.again.connect(self.open_desk)

    def show(self) -> None:
        """Show the window, then open the desk."""
        available = self.window.screen().availableGeometry()
        self.window.resize(min(_SIZE[0], available.width()), min(_SIZE[1], available.height()))
        if available.width() <= _SIZE[0] or available.height() <= _SIZE[1]:
            self.window.showMaximized()
        else:
            self.window.show()
        QTimer.singleShot(0, self.window, self.open_desk)

    def open_desk(self) -> None:
        """Open the desk on a worker thread, or what of it could not be opened before; the window says what happens."""
        self.window.opening.show_error(None)
        if self._models is None:
            self.tasks.run(Lane.WORK, self._open, done=self._opened, failed=self._not_opened)
        else:
            self._complete(self._models)

    def close(self) -> None:
        """Stop the lanes, then close the desk and what it was opened with."""
        # The window first, so that nothing new is asked; then the lanes, so that nobody uses the store and the devices
        # that are closed last.
        self.window.close()
        self.tasks.close()
        self._closing.close()
        self.window.deleteLater()

    def _open(self, _cancel: Cancel) -> Opened:
        opened = self._closing.enter_context(self._opener())
        _load_people()
        return opened

    def _opened(self, opened: Opened) -> None:
        """Let people be found; how cards are made is loaded behind the first answers of the store."""
        from station.ui.viewmodels.models import make_models

        printers = len(opened.desk.printers)
        self.tasks.widen(Lane.PRINTER, printers)
        self.tasks.widen(Lane.STATUS, printers)  # one that doesn't answer keeps nobody from hearing of the others
        models = self._models = make_models(opened, self.tasks, self._preferences)
        self.window.show_people(models)
        # The lane works in order: this nothing ends behind the lists that the window has just asked for, so that they
        # have the processor first.
        self.tasks.run(Lane.LOOKUP, lambda _c: None, done=lambda _none: self._complete(models))

    def _complete(self, models: Models) -> None:
        self.tasks.run(
            Lane.WORK,
            lambda _c: _load_making(models.opened.desk),
            done=lambda _none: self._completed(models),
            failed=self._not_opened,
        )

    def _completed(self, models: Models) -> None:
        self.window.bring_to_life(models)
        QTimer.singleShot(_SETTLE_MS, self.window, lambda: self._settle(models.opened))

    def _settle(self, opened: Opened) -> None:
        """Begin what may take the processor away from the first sight of the desk."""
        self.tasks.run(Lane.NETWORK, opened.desk.outbox.run_forever)
        if self._models is not None:
            self._models.news.start()
        # What is heavy and not needed at once: the camera's and the card's libraries, before somebody waits for them.
        self.tasks.run(Lane.WORK, lambda _c: _warm_up(opened.desk), done=lambda _none: self._rehearse())

    def _rehearse(self) -> None:
        """Show the pages of a card once, unseen."""
        from station.ui.rehearsal import Rehearsal

        middle = self.window.middle
        pages = (middle.check, middle.photo, middle.review, middle.making)
        self._rehearsal = Rehearsal(pages, middle.stack, lambda: middle.desk.current is None)
        self._rehearsal.start()

    def _not_opened(self, error: Exception) -> None:
        gc.enable()
        shown = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
        self.window.opening.show_error(shown)


def run_window(settings: Settings, opener: Opener, preferences: Preferences) -> int:
    """Run the window until it is closed; return the exit status.

    Args:
        settings: the station profile.
        opener: opens the desk; what it opened is closed after the window, on the way back.
        preferences: what was chosen in the menu before, and what is chosen now.
    """
    sys.setswitchinterval(_TURN_S)
    QLocale.setDefault(QLocale(settings.station.language))
    # Qt takes this only before there is an application.
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("there is a Qt application already, and it has no windows")
    app.setApplicationName("esc-station")
    app.setApplicationDisplayName("")
    run = WindowRun(app, settings, opener, preferences)
    run.show()
    try:
        return app.exec()
    finally:
        run.close()


def _load_people() -> None:
    """Import what people are found with, away from the GUI thread."""
    import station.ui.viewmodels.models
    import station.ui.views.people
    import station.ui.views.search  # noqa: F401


def _load_making(desk: Desk) -> None:
    """Load what cards are made to, and what shows it; raises StationError when IT has to correct something."""
    import station.ui.keys
    import station.ui.viewmodels.session
    import station.ui.views.card
    import station.ui.views.status  # noqa: F401

    desk.making.portrait_shape  # noqa: B018 - loads it


def _map_pictures_singly() -> None:
    """Have memory for a picture asked from the system and given back each time, where the C library is GNU's.

    It learns otherwise to keep such blocks between the small ones, and tens of megabytes of every thread stay taken.
    """
    import ctypes

    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, _PICTURE_BYTES)


def _warm_up(desk: Desk) -> None:
    """Load and draw once what the first card needs, and let the collector leave alone what will never go away."""
    _map_pictures_singly()
    import cv2  # noqa: F401

    import station.chip.encoder
    import station.photo.portraits  # noqa: F401

    try:
        desk.making.warm_up()
    except StationError as error:
        # The first real card meets the same mistake, in front of somebody who can be told.
        log.warning("warming up: %s", error)
    gc.enable()
    # What was loaded stays until the end. Frozen, it is not walked through again by each full collection, which holds
    # up every thread.
    gc.collect()
    gc.freeze()
