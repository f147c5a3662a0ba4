"""The printers' page, by keyboard, on the simulated desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from station.domain.card import CardScheme
from station.domain.errors import PrintJobLostError
from station.domain.print_care import CareAct, CareEntry
from station.settings import PrinterPart
from station.ui.viewmodels.pages import Page
from station.ui.views.printers import PrintersView
from station.ui.widgets.person_line import PersonLine
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


def test_which_printer_is_for_what_whose_card_is_in_it_and_where_one_went_on(qtbot: QtBot, tmp_path: Path) -> None:
    second = PrinterPart(driver="virtual", queue="Second", seconds_a_card=0.0, card_types=(CardScheme.ESC,))
    with a_window(qtbot, tmp_path / "desk", more_printers=(second,), chip={"profile": "none"}) as opening:
        desk, hands = opening.hands.desk, opening.hands
        first = desk.printers[0].name
        done = hands.printed(hands.liga)
        desk.store.printer_care.add(
            CareEntry("Second", CareAct.MOVED_ON, desk.clock.now(), {"escn": done.escn, "to": first})
        )
        hands.dial.set("printer", "lost")
        hands.dial.set("printer-2", "off")
        with pytest.raises(PrintJobLostError):
            hands.printed(hands.martins)
        opening.models.desk.serve(hands.martins)
        opening.models.desk.serve(hands.liga)
        control_p(opening)
        opening.until(lambda: "It prints: every kind of card." in words(opening))
        assert "It prints: student cards." in words(opening)
        opening.until(lambda: "Somebody's card waits in it; others go round it." in words(opening))
        assert "No card is given to it now; they go to the others." in words(opening)
        assert f"Līga Bērziņa-Šķēle · went on in {first}" in words(opening)
        inside = opening.widget("inPrinter")
        assert isinstance(inside, PersonLine)
        session = opening.models.desk.session_of(hands.martins.id)
        assert session is not None
        assert (inside.row.name, inside.row.mark) == (hands.martins.full_name, session.mark)
        assert "nobody knows" in inside.accessibleName()
        hands.dial.clear()
        opening.until(lambda: "The next card comes here: it has the least to do." in words(opening))
        opening.widget("toStock").setFocus()
        opening.press(K.Key_Return)
        assert opening.models.desk.page is Page.STOCK


def test_everything_of_the_page_is_reached_by_keyboard(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", size=(640, 360)) as opening:
        opening.hands.printed(opening.hands.liga)
        control_p(opening)
        view = opening.window.findChild(PrintersView)
        assert isinstance(view, PrintersView)
        opening.until(lambda: [b for b in view.findChildren(QPushButton, "calibrate") if b.isVisible()])
        opening.until(lambda: opening.focus_name() == "pageBack")
        names = []
        for _ in range(4):
            QTest.keyClick(QApplication.focusWidget(), K.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
            names.append(opening.focus_name())
        assert names == ["toStock", "calibrate", "cleaned", "ribbon_changed"]
        bar = view._area.verticalScrollBar()
        opening.until(lambda: bar.maximum() > 0)  # what was made anew is laid out a moment later
        opening.press(K.Key_PageDown, K.Key_PageDown, K.Key_PageDown)
        assert bar.value() == bar.maximum() > 0
        opening.press(K.Key_PageUp)
        assert bar.value() < bar.maximum()


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
