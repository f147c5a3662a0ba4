"""A key that was meant for the page before does nothing that can't be taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from station.ui.viewmodels.stages import Stage
from tests.helpers.window import Opening


def press_at(opening: Opening, stage: Stage) -> None:
    """Press Enter in the very moment in which a stage begins."""
    session = opening.session

    def press() -> None:
        if session.stage is stage and not session.busy:
            opening.press(Qt.Key.Key_Return)

    session.stage_changed.connect(press)


def test_an_enter_for_the_check_does_not_hand_the_card_over(opening: Opening) -> None:
    opening.reach(Stage.PRINT)
    press_at(opening, Stage.HAND_OVER)
    session = opening.reach(Stage.HAND_OVER)
    opening.until(lambda: opening.focus_name() == "todo-hand_over")
    opening.press(Qt.Key.Key_Return)
    QTest.mouseClick(opening.widget("todo-hand_over"), Qt.MouseButton.LeftButton)
    assert not opening.window.first_moments.over
    assert session.stage is Stage.HAND_OVER
    assert not session.busy
    opening.meant()
    opening.press(Qt.Key.Key_Return)
    opening.until(lambda: session.stage is Stage.DONE)


def test_a_second_enter_for_the_last_card_does_not_confirm_the_next_person(opening: Opening) -> None:
    first = opening.reach(Stage.DONE)
    opening.until(lambda: opening.focus_name() == "todo-next")
    opening.press(Qt.Key.Key_Return)
    opening.until(lambda: opening.models.desk.current is not first)
    opening.press(Qt.Key.Key_Return)
    second = opening.session
    assert second.stage is Stage.CHECK
    assert not second.busy
    opening.meant()
    opening.until(lambda: opening.focus_name() == "todo-confirm_data")
    opening.press(Qt.Key.Key_Return)
    opening.until(lambda: second.stage is Stage.PHOTO)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_N])
def test_a_key_that_is_held_down_was_pressed_once(opening: Opening, key: Qt.Key) -> None:
    session = opening.models.desk.serve(opening.hands.liga)
    opening.until(lambda: opening.focus_name() == "todo-confirm_data")
    opening.meant()
    held = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", True)
    QApplication.sendEvent(QApplication.focusWidget() or opening.window, held)
    assert opening.models.desk.current is session
    assert session.stage is Stage.CHECK
    assert not session.busy
