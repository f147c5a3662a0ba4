"""The window on a whole simulated desk, inside the test's own process; and view-models without any window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from station.i18n import Translator
from station.ports.camera import Cameras
from station.ui.context import Ui
from station.ui.main_window import MainWindow
from station.ui.theme.theme import Theme
from station.ui.viewmodels.models import Models, Opened, make_models
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.counted_tasks import CountedTasks
from tests.helpers.desks import TestDesk, open_test_desk
from tests.helpers.patience import PATIENCE_S


@contextmanager
def a_ui(language: str = "en", mode: str = "light") -> Iterator[Ui]:
    """Yield texts and theme; put the application's look back afterwards."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    font, palette = app.font(), app.palette()
    theme = Theme(app, mode=mode)
    yield Ui(Translator(language), theme)
    theme.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.setStyleSheet("")
    app.setFont(font)
    app.setPalette(palette)


@dataclass(frozen=True)
class Bench:
    """The view-models of a simulated desk, and the hands around it."""

    models: Models
    tasks: CountedTasks
    hands: TestDesk
    qtbot: QtBot

    def until(self, condition: Callable[[], object]) -> None:
        """Let the window live until ``condition`` holds."""
        self.qtbot.waitUntil(lambda: bool(condition()))

    def rest(self) -> None:
        """Wait until all that was asked for the window has come, and has been shown."""
        self.until(lambda: self.tasks.at_rest)
        QCoreApplication.sendPostedEvents()

    @property
    def session(self) -> Session:
        """Return the person being served."""
        session = self.models.desk.current
        assert session is not None
        return session

    def read_on(self) -> None:
        """Read the data check to its end, where there is a window that shows it."""

    def reach(self, stage: Stage) -> Session:
        """Serve Līga up to ``stage``, or up to the trouble on the way."""
        session = self.models.desk.serve(self.hands.liga)
        steps = {
            Stage.CHECK: Todo.CONFIRM_DATA,
            Stage.PHOTO: Todo.SHUTTER,
            Stage.CROP: Todo.ACCEPT_PORTRAIT,
            Stage.REVIEW: Todo.MAKE,
            Stage.PRINT: Todo.RETRY,
            Stage.ASK: Todo.CAME_OUT,
            Stage.HAND_OVER: Todo.HAND_OVER,
        }
        self.models.camera.start()
        while session.stage is not stage and session.trouble is None:
            before = session.stage
            if before is Stage.PHOTO:
                self.until(lambda: self.models.camera.newest is not None)
            if before is Stage.REVIEW:
                self.until(lambda: session.preview.final(session.issuance) is not None)
            if before is Stage.CHECK:
                self.read_on()
            if before in steps and not session.busy:
                session.do(steps[before])
            self.until(lambda b=before: session.stage is not b or session.trouble is not None)
        self.models.camera.stop()
        return session


@contextmanager
def a_bench(
    qtbot: QtBot, folder: Path, *, cameras: Cameras | None = None, **changes: dict[str, object]
) -> Iterator[Bench]:
    """Open a simulated desk and its view-models; close both in order."""
    with open_test_desk(folder, cameras=cameras, **changes) as hands:
        tasks = CountedTasks()
        opened = Opened(hands.desk, waiting=(hands.liga, hands.martins), dial=hands.dial)
        models = make_models(opened, tasks)
        try:
            yield Bench(models, tasks, hands, qtbot)
        finally:
            models.mirror.shut()
            models.devices.stop()
            models.camera.stop()
            tasks.close(PATIENCE_S)
            _end(models)


def _end(models: Models) -> None:
    """Delete the view-models: their connections keep them, and each person's pictures, for as long as the process."""
    held = [*vars(models).values(), *vars(models.desk).values(), *models.desk.sessions]
    for each in held:
        if isinstance(each, QObject):
            each.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@dataclass(frozen=True)
class Opening(Bench):
    """A bench with its window."""

    window: MainWindow
    ui: Ui

    def press(self, *keys: Qt.Key) -> None:
        """Press keys where the keyboard is."""
        for key in keys:
            QTest.keyClick(QApplication.focusWidget() or self.window, key)

    def read_on(self) -> None:
        """Scroll the data check to its end."""
        self.until(lambda: self.session.notice_shown or self.session.more_below)
        while self.session.more_below:
            self.window.middle.read_on()
            self.window.middle.look()

    def meant(self) -> None:
        """Wait until a key is meant for the page that is shown."""
        self.until(lambda: self.window.first_moments.over)

    def widget(self, name: str) -> QWidget:
        """Return a widget of the window by its object name."""
        found = self.window.findChild(QWidget, name)
        assert found is not None, f"there is no widget named {name}"
        return found

    def focus_name(self) -> str:
        """Return the object name of the widget that has the keyboard."""
        widget = QApplication.focusWidget()
        return widget.objectName() if widget is not None else ""


@contextmanager
def a_window(
    qtbot: QtBot,
    folder: Path,
    *,
    language: str = "en",
    mode: str = "light",
    size: tuple[int, int] = (1280, 800),
    before: Callable[[MainWindow], None] = lambda window: None,
    cameras: Cameras | None = None,
    **changes: dict[str, object],
) -> Iterator[Opening]:
    """Open the window on a simulated desk, with two people in the queue; ``before`` acts while the desk opens."""
    with a_ui(language, mode) as ui, a_bench(qtbot, folder, cameras=cameras, **changes) as bench:
        window = MainWindow(ui, bench.hands.desk.settings)
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        before(window)
        window.bring_to_life(bench.models)
        window.activateWindow()
        try:
            yield Opening(bench.models, bench.tasks, bench.hands, qtbot, window, ui)
        finally:
            window.close()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
