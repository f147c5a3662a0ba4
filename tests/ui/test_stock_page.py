"""The stock of blanks in the window, by keyboard: written down, refused without losing anything, and added up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from station.domain.stock import SerialRange, StockAct
from station.ports.tasks import Lane
from station.services.stock import StockReport, StockService, StockWish
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stock import StockModel
from station.ui.views.stock import StockView
from station.ui.views.stock_form import StockForm
from station.ui.widgets.field import Field
from tests.helpers.window import Opening, a_window

K = Qt.Key


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    with a_window(qtbot, tmp_path / "desk", size=(1280, 720)) as made:
        yield made


def open_page(opening: Opening) -> StockView:
    QTest.keyClick(QApplication.focusWidget() or opening.window, K.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert opening.models.desk.page is Page.STOCK
    opening.until(lambda: opening.models.stock.known)
    view = opening.window.findChild(StockView)
    assert isinstance(view, StockView)
    assert isinstance(view.form, StockForm)
    assert isinstance(view.form.number, Field)
    assert isinstance(opening.models.stock, StockModel)
    return view


def text_of(opening: Opening, name: str) -> str:
    # What is drawn anew leaves its old self behind, hidden, until Qt has the time to delete it.
    shown = [each.text() for each in opening.window.findChildren(QLabel, name) if each.isVisible()]
    return shown[-1] if shown else ""


def lines(view: StockView) -> str:
    return " | ".join(label.text() for label in view.findChildren(QLabel) if label.isVisibleTo(view))


def typed(opening: Opening, text: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)


def test_a_box_is_received_and_written_off_by_keyboard_alone(opening: Opening) -> None:
    view = open_page(opening)
    opening.until(lambda: "Nobody counts blanks here yet" in text_of(opening, "stockEmpty"))
    opening.until(lambda: opening.focus_name() == "stockBegin")
    opening.press(K.Key_Return)
    assert opening.focus_name() == "stockAct"
    opening.press(K.Key_Tab, K.Key_Tab)
    assert opening.focus_name() == "stockFirst"
    typed(opening, "A-001")
    opening.press(K.Key_Tab)
    typed(opening, "A-500")
    opening.press(K.Key_Return)
    opening.until(lambda: opening.models.stock.report.balance.received == 500)
    opening.until(lambda: "Written down: Blank cards came, 500." in text_of(opening, "stockSays"))
    good = "✓ It adds up: 500 blanks came, and the place of each is known."
    opening.until(lambda: text_of(opening, "stockVerdict") == good)
    act = opening.widget("stockAct")
    assert isinstance(act, QComboBox)
    act.setFocus()
    opening.press(K.Key_Down, K.Key_Down)
    assert act.currentData() == StockAct.SPOILED.value
    opening.press(K.Key_Tab)
    typed(opening, "2")
    opening.press(K.Key_Return)
    opening.until(lambda: opening.models.stock.report.balance.spoiled == 2)
    assert view.write.text() == "Write it down"
    opening.until(lambda: "lost 2" in lines(view))
    assert "A-001 – A-500" in lines(view)


REFUSED = (
    (("", "", ""), "It is not said how many blanks.", "stockNumber"),
    (("ten", "", ""), "ten is not a whole number.", "stockNumber"),
    (("", "B-1", ""), "Only one of the two serial numbers was typed.", "stockLast"),
    (("", "B-9", "B-1"), "B-9 to B-1 is no range of serial numbers.", "stockFirst"),
    (("", "A-400", "A-700"), "the numbers A-001 to A-500 were written down before", "stockFirst"),
    (("7", "C-1", "C-9"), "the numbers and the count don't agree", "stockFirst"),
)


def test_what_is_wrong_is_said_and_stays_as_it_was_typed(opening: Opening) -> None:
    StockService(opening.hands.desk.journal).add(StockAct.RECEIVED, 500, serials=SerialRange("A-001", "A-500"))
    form = open_page(opening).form
    for wrong, says, at in REFUSED:
        for field, text in zip((form.number, form.first, form.last), wrong, strict=True):
            field.edit.setText(text)
        form.note.setFocus()
        opening.press(K.Key_Return)
        opening.until(lambda words=says: words in text_of(opening, "stockSays"))
        assert "what you typed is still here" in text_of(opening, "stockSays")
        assert (form.number.text, form.first.text, form.last.text) == wrong
        assert opening.focus_name() == at
    assert len(opening.models.stock.report.ledger) == 1


def test_what_was_read_before_a_line_was_written_does_not_hide_it(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page(opening)
    model, read, old, go = opening.models.stock, StockService.report, threading.Event(), threading.Event()

    def slow(service: StockService) -> StockReport:
        report = read(service)
        if not old.is_set():
            old.set()
            go.wait(20)
        return report

    monkeypatch.setattr(StockService, "report", slow)
    model.watch(True)
    opening.until(old.is_set)
    model.write(StockWish(StockAct.RECEIVED, "5"))
    opening.until(lambda: model.report.balance.received == 5)
    seen: list[int] = []
    model.changed.connect(lambda: seen.append(model.report.balance.received))
    go.set()
    after = threading.Event()
    opening.tasks.run(Lane.LOOKUP, lambda _c: None, done=lambda _none: after.set())
    opening.until(after.is_set)
    assert (model.report.balance.received, [each for each in seen if each != 5]) == (5, [])


def test_by_how_much_it_does_not_add_up_and_how_long_it_lasts(opening: Opening) -> None:
    desk = opening.hands.desk
    service = StockService(desk.journal)
    service.add(StockAct.RECEIVED, 12)
    desk.issuances.hand_over(opening.hands.verified(opening.hands.liga).id)
    open_page(opening)
    opening.until(lambda: "the pace of the last month, they last for 11 days" in text_of(opening, "stockForecast"))
    opening.until(lambda: "The last day is" in text_of(opening, "stockForecast"))
    opening.press(K.Key_Escape)
    service.add(StockAct.COUNTED, 8)
    open_page(opening)
    opening.until(lambda: text_of(opening, "stockVerdict").startswith("! It does not add up. 3 are missing"))
