"""A printer calibrated in the window, by keyboard: test card, rulers, the effect, kept and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from station.domain.print_care import CareAct, Correction
from station.domain.stock import StockAct
from station.services.calibration import CalibrationWish
from station.services.stock import StockService
from station.settings import PrinterPart
from station.ui.viewmodels.calibration import CalibrationModel
from station.ui.viewmodels.pages import Page
from station.ui.views.calibration import CalibrationView
from station.ui.views.printers import PrintersView
from tests.helpers.window import Opening, a_window

K = Qt.Key
SECOND = PrinterPart(driver="virtual", queue="Second", seconds_a_card=0.0)


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    with a_window(qtbot, tmp_path / "desk", more_printers=(SECOND,)) as made:
        yield made


def opened(opening: Opening, printer: str) -> CalibrationView:
    """Open the page from the printers' page, with the keyboard."""
    opening.models.desk.show_page(Page.PRINTERS)
    printers = opening.window.findChild(PrintersView)
    assert isinstance(printers, PrintersView)
    buttons = [b for b in printers._made if b.objectName() == "calibrate"]
    opening.until(lambda: [b for b in printers._made if b.objectName() == "calibrate"])
    buttons = [b for b in printers._made if b.accessibleName() == f"Calibrate: {printer}"]
    buttons[0].setFocus()
    opening.press(K.Key_Space)
    assert opening.models.desk.page is Page.CALIBRATION
    model = opening.models.calibration
    assert isinstance(model, CalibrationModel)
    opening.until(lambda: model.name == printer and not model.busy and model.sides)
    view = opening.window.findChild(CalibrationView)
    assert isinstance(view, CalibrationView)
    return view


def says(opening: Opening) -> str:
    found = opening.widget("calibrationSays")
    assert isinstance(found, QLabel)
    return found.text()


def typed(view: CalibrationView, **values: str) -> None:
    for name, text in values.items():
        view.fields[name].edit.setFocus()
        view.fields[name].edit.selectAll()
        QTest.keyClicks(QApplication.focusWidget(), text)


def test_what_the_rulers_show_is_seen_kept_and_taken_back(opening: Opening) -> None:
    care, model = opening.hands.desk.care, opening.models.calibration
    view = opened(opening, "Second")
    straight = model.sides[0].now
    typed(view, left="1,4", right="87.0", upper="0.5")
    assert says(opening).startswith("Would hold: front +1.40 mm right, +0.50 mm down")
    opening.until(lambda: model.sides[0].now != straight)
    assert model.sides[0].now != model.sides[0].after, "it comes out askew, and will come out right"
    assert care.correction("Second") == Correction(), "nothing holds before it is kept"
    opening.press(K.Key_Return)
    opening.until(lambda: care.correction("Second") == Correction(x_mm=1.4, y_mm=0.5))
    opening.until(lambda: says(opening).startswith("Kept."))
    first = opening.hands.desk.printers[0].name
    assert care.correction(first) == Correction(), "the other printer is as it was"
    assert view.wish.empty
    opening.widget("calibrationTakeBack").setFocus()
    opening.press(K.Key_Return)
    opening.until(lambda: care.correction("Second") == Correction())


def test_what_no_printer_could_need_is_refused_and_stays_typed(opening: Opening) -> None:
    view = opened(opening, "Second")
    for field, text, words in (
        ("left", "abc", "abc is not a number."),
        ("upper", "9", "An offset is at most 5.0 mm"),
        ("cyan", "7", "Gamma and dyes lie between 0.5 and 2"),
    ):
        typed(view, **{field: text})
        opening.press(K.Key_Return)
        opening.until(lambda what=words: says(opening).startswith(what))
        assert view.fields[field].text == text
        assert opening.focus_name() == f"calibrate_{field}"
        view.fields[field].edit.clear()
    assert opening.hands.desk.store.printer_care.of_printer("Second") == ()


def test_what_was_kept_for_one_printer_is_not_shown_for_the_next(opening: Opening) -> None:
    desk, model = opening.hands.desk, opening.models.calibration
    first = desk.printers[0].name
    opened(opening, "Second")
    model.look(CalibrationWish(left="1.4"))
    model.keep()
    model.open(first)  # before the answer has come
    opening.until(lambda: not model.busy)
    opening.rest()
    assert desk.care.correction("Second").x_mm == 1.4
    assert (model.name, model.holds, model.wanted) == (first, Correction(), Correction())


def test_the_test_card_is_printed_and_what_hinders_it_is_said(opening: Opening) -> None:
    desk = opening.hands.desk
    StockService(desk.journal).add(StockAct.RECEIVED, 9)
    opened(opening, "Second")
    opening.widget("testCard").setFocus()
    opening.press(K.Key_Space)
    opening.until(lambda: says(opening).startswith("The test card was given to the printer."))
    (noted,) = desk.store.printer_care.of_printer("Second")
    assert (noted.act, noted.data["corrected"]) == (CareAct.TEST_CARD, False)
    opening.hands.dial.set("printer-2", "cover-open")
    opening.widget("testCardCorrected").setFocus()
    opening.press(K.Key_Space)
    opening.until(lambda: "The test card was taken back." in says(opening))
    assert StockService(desk.journal).report().balance.test == 1, "the second never left the feeder"
