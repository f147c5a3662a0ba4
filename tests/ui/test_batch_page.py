"""Many cards at once, by keyboard, on the simulated desk: looked for, printed, stopped, gone on with, listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from station.domain.holder import Holder
from station.domain.workflow import State
from station.ports.register import RegisterRow
from station.services.batch import Outcome
from station.settings import PrinterPart
from station.ui.viewmodels.batch import BatchModel
from station.ui.viewmodels.pages import Page
from station.ui.views.batch import BatchView
from tests.helpers.desks import NOW, a_holder, a_portrait
from tests.helpers.window import Opening, a_window

K = Qt.Key
NO_CHIP: dict[str, object] = {"profile": "none"}


def crowd(opening: Opening, count: int) -> list[Holder]:
    """Put people with portraits into the register."""
    people = [a_holder(f"77{number:04}", "Anna", f"Kalniņa-{number:02}") for number in range(count)]
    store = opening.hands.desk.store
    plan = store.holders.plan_import([RegisterRow(holder) for holder in people], "crowd")
    store.holders.apply_import(plan, "crowd", NOW)
    for holder in people:
        store.portraits.add(a_portrait(holder.id))
    return people


def control_b(opening: Opening) -> BatchModel:
    QTest.keyClick(QApplication.focusWidget() or opening.window, K.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert opening.models.desk.page is Page.BATCH
    opening.until(lambda: opening.focus_name() == "batchGo")
    opening.until(lambda: opening.models.batch.groups)
    return opening.models.batch


def words(opening: Opening) -> str:
    view = opening.window.findChild(BatchView)
    assert isinstance(view, BatchView)
    return " | ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def found(opening: Opening, batch: BatchModel) -> None:
    opening.press(K.Key_Return)
    opening.until(lambda: batch.plan is not None and not batch.planning)


def printed(opening: Opening, batch: BatchModel) -> None:
    opening.press(K.Key_Return)
    opening.until(lambda: batch.ended)


def test_enter_finds_who_gets_a_card_and_enter_prints_them(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP) as opening:
        people = crowd(opening, 3)
        opening.hands.printed(opening.hands.martins)
        batch = control_b(opening)
        found(opening, batch)
        opening.until(lambda: "3 cards can be printed." in words(opening))
        opening.until(lambda: "Without a portrait: 1 (Līga Bērziņa-Šķēle)" in words(opening))
        opening.until(lambda: "Their card is in the making: 1 (Mārtiņš Ģērmanis)" in words(opening))
        assert len(opening.hands.desk.store.issuances.open_issuances()) == 1, "nothing is begun by looking"
        printed(opening, batch)
        opening.until(lambda: "3 of 3 cards came out." in words(opening))
        made = opening.hands.desk.store.issuances.open_issuances()
        assert {each.holder_id for each in made if each.state is State.PRINTED} >= {each.id for each in people}
        batch.write(tmp_path / "lists")
        opening.until(lambda: "The list is written" in words(opening))
        assert len(list((tmp_path / "lists").iterdir())) == 2
        opening.press(K.Key_Escape)
        assert opening.models.desk.page is Page.HOME


def test_a_printer_that_stops_is_told_and_the_same_cards_go_on(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP) as opening:
        crowd(opening, 3)
        batch = control_b(opening)
        found(opening, batch)
        opening.hands.dial.set("printer", "ribbon-out")
        printed(opening, batch)
        assert batch.stuck
        opening.until(lambda: "No printer can go on" in words(opening))
        opening.until(lambda: "look whether it came out" in words(opening))
        opening.hands.dial.clear("printer")
        found(opening, batch)
        assert len(batch.lines) == 3, "the card that waits in the printer is one of them"
        printed(opening, batch)
        assert batch.counts == {Outcome.OUT: 3}
        assert [each.prints for each in opening.hands.desk.store.issuances.open_issuances()] == [1, 1, 1]


def test_stopped_it_ends_behind_the_cards_in_the_printers(qtbot: QtBot, tmp_path: Path) -> None:
    slow: dict[str, object] = {"seconds_a_card": 0.1}
    other = PrinterPart(driver="virtual", queue="second", seconds_a_card=0.1)
    changes: dict[str, object] = {"chip": NO_CHIP, "printer": slow, "more_printers": (other,)}
    with a_window(qtbot, tmp_path / "desk", **changes) as opening:  # type: ignore[arg-type]
        crowd(opening, 8)
        batch = control_b(opening)
        found(opening, batch)
        opening.press(K.Key_Return)
        opening.until(lambda: batch.done)
        opening.press(K.Key_Return)
        assert "It stops…" in opening.widget("batchGo").accessibleName()
        opening.until(lambda: batch.ended)
        assert 0 < batch.counts[Outcome.OUT] < 8
        assert batch.counts[Outcome.OUT] + batch.counts[Outcome.WAITS] == 8


def test_a_list_and_a_programme_narrow_it(qtbot: QtBot, tmp_path: Path) -> None:
    listed = tmp_path / "numbers.txt"
    listed.write_text("770000\n770001\n12345\n", encoding="utf-8")
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP) as opening:
        crowd(opening, 3)
        batch = control_b(opening)
        batch.take_list(listed)
        opening.until(lambda: batch.list_name)
        found(opening, batch)
        assert [line.holder.student_number for line in batch.lines] == ["770000", "770001"]
        opening.until(lambda: "Not in the register: 1 (12345)" in words(opening))
        batch.drop_list()
        box = opening.widget("batchProgramme")
        assert isinstance(box, QComboBox)
        assert [box.itemText(index) for index in range(box.count())] == ["every programme", "Datorzinātne"]
        box.setFocus()
        opening.press(K.Key_Down)
        assert batch.wish.programme == "Datorzinātne"
        batch.take_list(tmp_path / "none.txt")
        opening.until(lambda: "can't be read" in words(opening))


def test_where_chips_are_written_at_the_desk_it_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        batch = control_b(opening)
        opening.press(K.Key_Return)
        opening.until(lambda: batch.problem)
        opening.until(lambda: "Here chips are written at the desk" in words(opening))


def test_who_chooses_anew_is_not_shown_whom_they_chose_before(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP) as opening:
        crowd(opening, 2)
        batch = control_b(opening)
        batch.find()
        batch.choose("Another faculty", "")  # while the register is still being gone through
        opening.until(lambda: not batch.planning)
        opening.rest()
        assert (batch.wish.faculty, batch.plan) == ("Another faculty", None)
        found(opening, batch)
        assert batch.lines == ()


@pytest.mark.parametrize("language", ["en", "lv"])
def test_everything_has_a_name(qtbot: QtBot, tmp_path: Path, language: str) -> None:
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP, language=language, size=(1280, 720)) as opening:
        crowd(opening, 2)
        batch = control_b(opening)
        found(opening, batch)
        for name in ("batchFaculty", "batchProgramme", "batchList", "batchGo", "batchSave"):
            assert opening.widget(name).accessibleName(), name
