"""The queue without a network, in the window: a stick written, sent and brought home; an import file; refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from station.domain.message import Message
from station.services.import_form import RowTrouble
from station.ui.viewmodels.offline_queue import OfflineQueueModel, Outcome
from station.ui.viewmodels.pages import Page
from station.ui.views.offline_queue import OfflineQueueView
from tests.helpers.window import Opening, a_window

K = Qt.Key


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    with a_window(qtbot, tmp_path / "desk", size=(1280, 720)) as made:
        made.hands.desk.issuances.hand_over(made.hands.verified().id)
        yield made


def open_page(opening: Opening) -> OfflineQueueModel:
    QTest.keyClick(QApplication.focusWidget() or opening.window, K.Key_U, Qt.KeyboardModifier.ControlModifier)
    assert opening.models.desk.page is Page.OFFLINE_QUEUE
    return opening.models.offline_queue


def said(opening: Opening) -> str:
    panel, model = opening.widget("offlineSays"), opening.models.offline_queue

    def words() -> str:
        return " ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())

    opening.until(lambda: not model.busy and bool(words()) and "A moment" not in words())
    return words()


def choose(opening: Opening, button: str, file: Path) -> None:
    """Press a button by keyboard and choose a file in the dialog that opens."""
    opening.window.activateWindow()
    opening.until(lambda: opening.window.isActiveWindow() and not opening.models.offline_queue.busy)
    opening.widget(button).setFocus()
    opening.press(K.Key_Space)
    view = opening.window.findChild(OfflineQueueView)
    assert isinstance(view, OfflineQueueView)
    opening.until(lambda: bool(view.findChildren(QFileDialog)))
    dialog = view.findChildren(QFileDialog)[-1]
    dialog.fileSelected.emit(str(file))
    dialog.close()


def test_the_queue_goes_onto_a_stick_and_its_answer_comes_home(opening: Opening, tmp_path: Path) -> None:
    open_page(opening)
    stick = tmp_path / "q.escqueue"
    choose(opening, "offlineCarry", stick)
    assert "q.escqueue is written; cards in it: 1" in said(opening)
    assert stick.stat().st_size > 500
    # No router answers on this bench: what was not sent is said, and the answer says as much.
    choose(opening, "offlineTake", stick)
    told = said(opening)
    assert "0 of 2 told" in told or "0 of 3 told" in told
    assert "can't be reached" in told
    assert "q.escqueue.answer" in told
    choose(opening, "offlineAnswer", tmp_path / "q.escqueue.answer")
    assert "still to be told" in said(opening)


def test_what_can_t_be_done_says_why_and_what_to_do(opening: Opening, tmp_path: Path) -> None:
    open_page(opening)
    (tmp_path / "x").write_bytes(b"holiday picture")
    choose(opening, "offlineTake", tmp_path / "x")
    assert "not a queue file" in said(opening)
    choose(opening, "offlineExport", tmp_path / "cards.csv")
    assert "columns of ESC-Router's import form are not known" in said(opening)
    assert not (tmp_path / "cards.csv").exists()


def test_an_import_file_is_written_when_the_columns_are_known(opening: Opening, tmp_path: Path) -> None:
    opening.hands.desk.store.outbox.keep_fact(
        "csv-columns", '{"columns": ["cardNumber", "personIdentifier"], "at": "2026-09-01T08:00:00+00:00"}'
    )
    model = open_page(opening)
    choose(opening, "offlineExport", tmp_path / "cards.csv")
    assert "cards.csv is written; cards in it: 1" in said(opening)
    assert (tmp_path / "cards.csv").read_text(encoding="utf-8").startswith("cardNumber,personIdentifier")
    opening.window.activateWindow()
    opening.until(opening.window.isActiveWindow)
    opening.widget("offlineSettle").setFocus()
    opening.press(K.Key_Space)
    assert "can't be reached" in said(opening)
    assert model.error is not None


def test_a_stick_whose_answer_was_lost_is_sent_again_by_keyboard(opening: Opening, tmp_path: Path) -> None:
    open_page(opening)
    desk, stick = opening.hands.desk, tmp_path / "q.escqueue"
    choose(opening, "offlineCarry", stick)
    said(opening)
    (file_id,) = {mark.file for mark in desk.store.queue_exports.latest(_keys(opening)).values()}
    desk.store.outbox.keep_fact(f"taken:{file_id}", desk.clock.now().isoformat())
    choose(opening, "offlineTake", stick)
    told = said(opening)
    assert "was sent from here on" in told
    assert "send it again: what was told is not told twice" in told
    assert "--again" not in told
    opening.window.activateWindow()
    opening.until(opening.window.isActiveWindow)
    opening.widget("offlineSettle").setFocus()
    opening.press(K.Key_Tab)
    assert opening.focus_name() == "offlineAgain"
    opening.press(K.Key_Space)
    opening.until((tmp_path / "q.escqueue.answer").exists)
    assert "0 of" in said(opening)


def test_what_one_file_does_not_hold_is_said(opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.services.courier.ENTRIES_MAX", 1)
    open_page(opening)
    choose(opening, "offlineCarry", tmp_path / "q.escqueue")
    assert "One file holds no more; entries that stay for the next: 2." in said(opening)


def test_a_row_that_would_be_refused_is_named_with_its_column(opening: Opening) -> None:
    model = open_page(opening)
    trouble = RowTrouble("e1", "Anna Kalniņa", Message("too long"), "fullName")
    model.outcome = Outcome((Message("written"),), (trouble, replace(trouble, column="")), good=False)
    model.changed.emit()
    told = said(opening)
    assert "Anna Kalniņa, column fullName: too long" in told
    assert "Anna Kalniņa: too long" in told


def test_on_a_small_screen_what_came_of_it_is_in_sight(opening: Opening, tmp_path: Path) -> None:
    opening.window.resize(640, 360)
    open_page(opening)
    (tmp_path / "x").write_bytes(b"holiday picture")
    choose(opening, "offlineTake", tmp_path / "x")
    assert "not a queue file" in said(opening)
    head = opening.widget("offlineSays").findChildren(QLabel)[0]
    opening.until(lambda: head.visibleRegion().boundingRect().height() == head.height())


def _keys(opening: Opening) -> list[str]:
    return [entry.key for entry in opening.hands.desk.store.outbox.entries()]


def test_it_is_left_by_its_key_and_by_escape(opening: Opening) -> None:
    open_page(opening)
    opening.press(K.Key_Escape)
    assert opening.models.desk.page is Page.HOME
