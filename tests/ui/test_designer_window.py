"""The designer's window beside the desk: opened from its menu, used by keyboard alone, whole at any size."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from station.domain.layout_state import LayoutState
from station.domain.lint import Level
from station.services.designing import BACK, FRONT
from station.ui.viewmodels.pages import Page
from station.ui.views.designer.window import DesignerWindow
from station.ui.widgets.labels import OneLine
from tests.helpers.designer import ALT, CTRL, NONE, SHIFT, Hand, a_designer
from tests.helpers.window import Opening, a_window

K = Qt.Key
NAME = (FRONT, "name")


def test_it_opens_from_the_menu_and_by_its_key_and_goes_with_the_desk(opening: Opening) -> None:
    menu = opening.window.header.build_menu()
    action = next(each for each in menu.actions() if each.objectName() == "designerAction")
    assert action.text() == "Card designer\tCtrl+L"
    action.trigger()
    menu.close()
    window = opening.window.designer.window
    assert isinstance(window, DesignerWindow)
    QTest.keyClick(opening.window, K.Key_L, CTRL)
    assert opening.window.designer.window is window, "one is enough"
    QTest.keyClick(window, K.Key_F1)
    assert opening.models.desk.page is Page.HELP
    QTest.keyClick(window, K.Key_W, CTRL)
    assert opening.window.designer.window is None
    QTest.keyClick(opening.window, K.Key_L, CTRL)
    opening.until(lambda: opening.window.designer.window is not None)


def takes_keyboard(window: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
    ]  # fmt: skip


def nameless(window: QWidget) -> list[str]:
    found = []
    for widget in takes_keyboard(window):
        interface = QAccessible.queryAccessibleInterface(widget)
        if not interface.text(QAccessible.Text.Name) and widget.objectName() != "qt_spinbox_lineedit":
            found.append(f"{type(widget).__name__} {widget.objectName()!r}")
    return found


def test_everything_has_a_name_and_is_reached_by_tab(qtbot: QtBot, tmp_path: Path) -> None:
    with a_designer(qtbot, tmp_path / "desk") as hand:
        for keys in (frozenset(), frozenset({NAME}), frozenset({(FRONT, "photo"), NAME})):
            hand.model.select(keys)
            assert not nameless(hand.window)
        hand.window.canvas.setFocus()
        hand.model.select(frozenset({NAME}))
        names: set[str] = set()
        last: QWidget | None = None
        for _ in range(160):
            QTest.keyClick(hand.window.focusWidget(), K.Key_Tab)
            widget = hand.window.focusWidget()
            if widget is hand.window.canvas and last is not widget and len(names) > 1:
                break
            last = widget
            names.add(widget.objectName())
        missed = {widget.objectName() for widget in takes_keyboard(hand.window)} - names
        assert not missed - {"qt_spinbox_lineedit", "set-title", "set-preprinted"}, "two show when nothing is selected"


def test_a_card_is_made_by_keyboard_alone(qtbot: QtBot, tmp_path: Path) -> None:
    with a_designer(qtbot, tmp_path / "desk") as hand:
        hand.window.new()
        button = hand.widget("add-photo")
        button.setFocus()
        hand.key(K.Key_Space)
        assert hand.model.selected == {(FRONT, "photo")}
        assert hand.window.focusWidget() is hand.window.canvas
        before = hand.element((FRONT, "photo")).box
        for key, held in ((K.Key_Left, SHIFT), (K.Key_Down, NONE), (K.Key_Right, ALT)):
            hand.key(key, held)
        after = hand.element((FRONT, "photo")).box
        assert after.x_mm == pytest.approx(before.x_mm - 1)
        assert after.y_mm == pytest.approx(before.y_mm + 0.1)
        assert after.width_mm == pytest.approx(before.width_mm + 0.1)
        hand.key(K.Key_C, CTRL)
        hand.key(K.Key_V, CTRL)
        hand.key(K.Key_D, CTRL | SHIFT)
        assert len(hand.model.design.side(FRONT)) == 2
        assert len(hand.model.design.side(BACK)) == 1
        hand.key(K.Key_Delete)
        assert hand.model.design.side(BACK) == ()
        hand.key(K.Key_Tab)
        assert hand.model.selected == {(FRONT, "photo")}
        hand.key(K.Key_Tab)
        assert hand.model.selected == {(FRONT, "photo_2")}
        hand.key(K.Key_Backtab, SHIFT)
        assert hand.model.selected == {(FRONT, "photo")}
        hand.key(K.Key_L)
        hand.key(K.Key_Right)
        assert hand.element((FRONT, "photo")).box == after, "locked"
        hand.key(K.Key_L)
        hand.key(K.Key_Return)
        assert hand.window.focusWidget() is not hand.window.canvas, "Enter goes to what can be set"
        hand.key(K.Key_F2)
        assert hand.window.focusWidget().objectName() == "set-name"
        QTest.keyClick(hand.window.focusWidget(), K.Key_A, CTRL)
        QTest.keyClicks(hand.window.focusWidget(), "Face")
        hand.key(K.Key_Return)
        assert hand.model.selected == {(FRONT, "face")}
        for _ in range(4):
            hand.key(K.Key_F6)
        assert hand.window.focusWidget() is not None


def test_a_field_leaves_undo_to_the_card(qtbot: QtBot, tmp_path: Path) -> None:
    with a_designer(qtbot, tmp_path / "desk") as hand:
        hand.model.select(frozenset({NAME}))
        before = hand.element(NAME)
        field = hand.widget("set-text")
        field.setFocus()
        QTest.keyClicks(field, "abc")
        assert hand.element(NAME) != before
        QTest.keyClick(field, K.Key_Z, CTRL)
        assert hand.element(NAME) == before
        QTest.keyClick(field, K.Key_Y, CTRL)
        assert hand.element(NAME) != before


def outside(window: QWidget) -> list[str]:
    found = []
    for widget in takes_keyboard(window):
        area = widget.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
        if place.isEmpty() or (area is None and not window.rect().contains(place)):
            found.append(f"{type(widget).__name__} {widget.objectName()!r} at {place.getRect()}")
    return found


@pytest.mark.parametrize("size", [(1280, 720), (940, 600), (640, 360)], ids=str)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_no_control_is_lost(qtbot: QtBot, tmp_path: Path, size: tuple[int, int], language: str) -> None:
    with a_designer(qtbot, tmp_path / "desk", language=language, size=size) as hand:
        assert (hand.window.width(), hand.window.height()) == size, "nothing inside may force the window larger"
        for keys in (frozenset(), frozenset({NAME}), frozenset({(FRONT, "photo"), NAME, (FRONT, "qr")})):
            hand.model.select(keys)
            hand.until(lambda: not outside(hand.window))
        panels = [hand.window.properties, hand.window.findings]
        panels += [hand.window.layers, hand.window.palette_] if size[0] < 940 else []
        for panel in panels:
            hand.window._show_tab(panel)
            hand.until(lambda: not outside(hand.window))
            assert panel.isVisible()


def test_no_text_of_one_language_is_left_in_the_other(qtbot: QtBot, tmp_path: Path) -> None:
    def texts(window: QWidget) -> set[str]:
        widgets = window.findChildren(QLabel) + window.findChildren(OneLine) + window.findChildren(QPushButton)
        return {w.text() for w in widgets if w.isVisible() and " " in w.text()}

    with a_designer(qtbot, tmp_path / "desk") as hand:
        for keys in (frozenset(), frozenset({NAME})):
            hand.model.select(keys)
            hand.window.ui.tr_.set_language("en")
            english = texts(hand.window)
            hand.window.ui.tr_.set_language("lv")
            same = english & texts(hand.window)
            assert not {t for t in same if not t.startswith(("Līga", "Student card", "university")) and "%" not in t}


def test_an_approved_layout_makes_cards_and_an_edit_makes_it_a_draft_again(qtbot: QtBot, tmp_path: Path) -> None:
    with a_designer(qtbot, tmp_path / "desk", checks=True) as hand:
        document = hand.studio.document
        hand.model.select(frozenset({NAME}))
        hand.model.nudge(0.1, 0)
        assert document.save(tmp_path / "card.zip", "ours")
        hand.until(lambda: hand.studio.checks.settled)
        if hand.studio.checks.counts[Level.ERROR]:
            pytest.fail(f"the ready layout has errors: {hand.studio.checks.findings}")
        told: list[object] = []
        document.told.connect(told.append)
        hand.window.approve()
        hand.until(lambda: told)
        if document.state is LayoutState.APPROVED:
            kept = [k for k in hand.studio.desk.layouts.all() if k.name == "ours"]
            assert [(k.version, k.state) for k in kept][-1] == (1, LayoutState.APPROVED)
            hand.model.nudge(0.1, 0)
            assert document.state is LayoutState.DRAFT
            assert document.save()
            assert hand.model.design.layout.version == 2, "the approved version stays what it was"
        else:
            assert hand.window.foot._told.text(), "without a key to sign with it says so"


def test_errors_keep_a_layout_from_being_approved(qtbot: QtBot, tmp_path: Path) -> None:
    with a_designer(qtbot, tmp_path / "desk", checks=True) as hand:
        hand.model.select(frozenset({(FRONT, "qr")}))
        hand.model.place(width_mm=4.0, height_mm=4.0)
        hand.until(lambda: hand.studio.checks.settled and hand.studio.checks.counts[Level.ERROR])
        assert (FRONT, "qr") in hand.studio.checks.worst
        hand.window.approve()
        assert "approved" in hand.window.foot._told.text()
        assert hand.window.findings.isVisible()
        assert hand.window.findings.lines()


def test_what_was_found_is_told_at_its_sign(qtbot: QtBot, tmp_path: Path) -> None:
    with a_designer(qtbot, tmp_path / "desk", checks=True) as hand:
        hand.model.select(frozenset({(FRONT, "qr")}))
        hand.model.place(width_mm=4.0, height_mm=4.0)
        hand.until(lambda: (FRONT, "qr") in hand.studio.checks.worst)
        words = hand.studio.checks.words_about((FRONT, "qr"), hand.window.ui.tr_)
        assert "\n" in words, "what is wrong, and what to do"
        hand.model.undo()
        hand.until(lambda: (FRONT, "qr") not in hand.studio.checks.worst)


def test_a_desk_that_is_at_work_is_not_in_the_way(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        QTest.keyClick(opening.window, K.Key_L, CTRL)
        window = opening.window.designer.window
        assert window is not None
        hand = Hand(window, qtbot)
        hand.until(lambda: hand.studio.people.sample is not None)
        assert hand.studio.people.sample is not None
        assert hand.studio.people.sample.fields.full_name == "Līga Bērziņa-Šķēle", "who is next at the desk"
        if not hand.window.left.isVisible():
            hand.press("tabAddSmall")
        hand.press("add-text")
        opening.window.close()
        assert not [w for w in QApplication.topLevelWidgets() if w.objectName() == "designer" and w.isVisible()]
        assert list((tmp_path / "desk" / "drafts").glob("*.zip")), "closed with the desk, and nothing is lost"
