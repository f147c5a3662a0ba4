"""The designer's window on a simulated desk, and a hand that presses only what is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from station.domain.elements import AnyElement
from station.services.designing import Key
from station.ui.context import Ui
from station.ui.tasks import QtTasks
from station.ui.viewmodels.designer import DesignerModel
from station.ui.viewmodels.designer_studio import Studio
from station.ui.views.designer.window import DesignerWindow
from tests.helpers.desks import TestDesk, open_test_desk
from tests.helpers.window import a_ui

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier,
)  # fmt: skip


@dataclass(frozen=True)
class Hand:
    """Whoever sits before a designer's window."""

    window: DesignerWindow
    qtbot: QtBot

    @property
    def studio(self) -> Studio:
        """Return what is behind the window."""
        return self.window.studio

    @property
    def model(self) -> DesignerModel:
        """Return the design."""
        return self.window.studio.model

    def until(self, condition: Callable[[], object]) -> None:
        """Let the window live until ``condition`` holds."""
        self.qtbot.waitUntil(lambda: bool(condition()))

    def widget(self, name: str) -> QWidget:
        """Return a widget that can be seen and used."""
        found = [w for w in self.window.findChildren(QWidget, name) if w.isVisible()]
        assert found, f"no {name} is on the screen"
        assert found[-1].isEnabled(), f"{name} can't be used"
        return found[-1]

    def press(self, name: str) -> None:
        """Press a button with the mouse."""
        button = self.widget(name)
        assert button.accessibleName(), f"{name} has no name"
        QTest.mouseClick(button, LEFT, NONE, button.rect().center())

    def choose(self, label: str) -> None:
        """Choose a line of the menu that is open, with the mouse."""
        self.until(lambda: self._menus() and self._action(label))
        menu, action = self._action(label) or (QMenu(), QAction())
        if action.menu() is not None:
            menu.setActiveAction(action)
            QTest.keyClick(menu, Qt.Key.Key_Right)
        else:
            QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())

    def type_into(self, name: str, text: str) -> None:
        """Put the keyboard into a field, write a text in place of what is there, and leave it by Enter."""
        field = self.widget(name)
        QTest.mouseClick(field, LEFT, NONE, field.rect().center())
        QTest.keyClick(field, Qt.Key.Key_A, CTRL)
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        """Press a key where the keyboard is."""
        QTest.keyClick(self.window.focusWidget() or self.window, key, held)

    # --- the card ------------------------------------------------------------------------------------------------

    def point(self, side: int, x_mm: float, y_mm: float) -> QPoint:
        """Return where a place of a side is in the canvas."""
        sight = self.window.canvas.sight
        x, y = sight.placement.point_px(side, x_mm, y_mm)
        return QPointF(sight.left + x, sight.top + y).toPoint()

    def element(self, key: Key) -> AnyElement:
        """Return an element that must be there."""
        found = self.model.design.get(key)
        assert found is not None, f"there is no {key}"
        return found

    def middle(self, key: Key) -> tuple[float, float]:
        """Return the middle of an element in millimetres."""
        box = self.element(key).box
        return box.x_mm + box.width_mm / 2, box.y_mm + box.height_mm / 2

    def click(self, side: int, x_mm: float, y_mm: float, held: Qt.KeyboardModifier = NONE) -> None:
        """Click on a place of the card."""
        view = self.window.canvas.viewport()
        QTest.mouseMove(view, self.point(side, x_mm, y_mm))
        QTest.mouseClick(view, LEFT, held, self.point(side, x_mm, y_mm))

    def drag(self, side: int, start: tuple[float, float], end: tuple[float, float], *, steps: int = 8) -> None:
        """Drag from one place of a side to another."""
        self.drag_px(self.point(side, *start), self.point(side, *end), steps=steps)

    def drag_px(self, start: QPoint, end: QPoint, *, steps: int = 8, let_go: bool = True) -> None:
        """Drag from one point of the canvas to another, in steps."""
        view = self.window.canvas.viewport()
        QTest.mouseMove(view, start)
        QTest.mousePress(view, LEFT, NONE, start)
        for step in range(1, steps + 1):
            QTest.mouseMove(view, start + (end - start) * step / steps)
        if let_go:
            QTest.mouseRelease(view, LEFT, NONE, end)

    def save_as(self, path: Path) -> None:
        """Write a file's name into the dialog that asks for it."""
        self.until(lambda: self._dialog() is not None)
        dialog = self._dialog()
        assert dialog is not None
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        assert field is not None
        field.setText(str(path))  # pasted: Qt's own dialog completes what is typed by what lies in the folders
        buttons = dialog.findChild(QDialogButtonBox)
        assert buttons is not None
        save = buttons.button(QDialogButtonBox.StandardButton.Save)
        self.until(save.isEnabled)
        QTest.mouseClick(save, LEFT, NONE, save.rect().center())
        self.until(lambda: self._dialog() is None)

    # --- inside --------------------------------------------------------------------------------------------------

    def _menus(self) -> list[QMenu]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()]

    def _action(self, label: str) -> tuple[QMenu, QAction] | None:
        for menu in self._menus():
            for action in menu.actions():
                if action.text().partition("\t")[0] == label and action.isEnabled():
                    return menu, action
        return None

    def _dialog(self) -> QFileDialog | None:
        found = [w for w in self.window.findChildren(QFileDialog) if w.isVisible()]
        return found[0] if found else None


@contextmanager
def a_designer(qtbot: QtBot, folder: Path, *, checks: bool = False, **look: Any) -> Iterator[Hand]:
    """Open the designer on a simulated desk, in a ``language``, ``mode``, ``size``; with ``checks`` the linter runs."""
    language, mode = look.get("language", "en"), look.get("mode", "light")
    with a_ui(language, mode) as ui, open_test_desk(folder) as hands:
        tasks = QtTasks()
        try:
            with a_designer_on(qtbot, hands, tasks, ui, size=look.get("size", (1280, 800)), checks=checks) as hand:
                yield hand
        finally:
            tasks.close()


@contextmanager
def a_designer_on(
    qtbot: QtBot,
    hands: TestDesk,
    tasks: QtTasks,
    ui: Ui,
    *,
    size: tuple[int, int] = (1280, 800),
    checks: bool = False,
) -> Iterator[Hand]:
    """Open the designer on a desk that is there."""
    window = DesignerWindow(ui, Studio(hands.desk, tasks, lambda: [hands.liga]))
    window.resize(*size)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.studio.begin()
    hand = Hand(window, qtbot)
    if not checks:
        window.studio.checks.stop()
    hand.until(lambda: window.studio.people.sample is not None and window.studio.checks.settled)
    window.canvas.setFocus()
    try:
        yield hand
    finally:
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
