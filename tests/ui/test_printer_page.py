"""The printers' page, by keyboard, on the simulated desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from station.ui.viewmodels.pages import Page
from station.ui.views.printers import PrintersView
from tests.helpers.window import Opening, a_window

K = Qt.Key


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    with a_window(qtbot, tmp_path / "desk") as made:
        yield made


def control_p(opening: Opening) -> None:
    QTest.keyClick(QApplication.focusWidget() or opening.window, K.Key_P, Qt.KeyboardModifier.ControlModifier)


def words(opening: Opening) -> str:
    view = opening.window.findChild(PrintersView)
    assert isinstance(view, PrintersView)
    return " | ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def test_state_ribbon_counters_and_what_became_of_each_card(opening: Opening) -> None:
    desk = opening.hands.desk
    desk.issuances.hand_over(opening.hands.verified(opening.hands.liga).id)
    opening.hands.printed(opening.hands.martins)
    control_p(opening)
    assert opening.models.desk.page is Page.PRINTERS
    opening.until(lambda: "2 cards were printed" in words(opening))
    assert "The ribbon is good for" in words(opening)
    assert "it was handed over" in words(opening)
    assert "Ģērmanis · came out, not checked yet" in words(opening)
    opening.hands.dial.set("printer", "cover-open")
    opening.until(lambda: "cover" in words(opening))
    opening.press(K.Key_Escape)
    assert opening.models.desk.page is Page.HOME


def test_the_keyboard_stays_on_the_button_that_was_pressed(opening: Opening) -> None:
    control_p(opening)
    view = opening.window.findChild(PrintersView)
    assert isinstance(view, PrintersView)
    opening.until(lambda: view.findChild(QPushButton, "ribbon_changed"))
    button = opening.widget("ribbon_changed")
    assert opening.models.printers.lines[0].name in button.accessibleName()
    button.setFocus()
    opening.press(K.Key_Space)
    opening.until(lambda: opening.models.printers.lines[0].report.cards_since_ribbon == 0)
    opening.until(lambda: opening.focus_name() == "ribbon_changed")
