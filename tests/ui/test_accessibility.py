"""Everything that takes the keyboard has a name, is reached by Tab, and is in the window, at any size and scale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage
from station.ui.widgets.labels import OneLine
from tests.helpers.window import Opening, a_window

STAGES = (Stage.CHECK, Stage.PHOTO, Stage.CROP, Stage.REVIEW, Stage.PRINT, Stage.HAND_OVER, Stage.DONE)
PAGES = (
    Page.HOME, Page.CARD, Page.CHECK, Page.HOLDER_CARDS, Page.QUEUE, Page.RECONCILE, Page.DOUBTS, Page.PRINTERS,
    Page.STOCK, Page.CALIBRATION, Page.HELP, Page.FAULTS,
)  # fmt: skip


def takes_keyboard(opening: Opening) -> list[QWidget]:
    return [
        widget
        for widget in opening.window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()!r}"


def nameless(opening: Opening) -> list[str]:
    found = []
    for widget in takes_keyboard(opening):
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface is not None, described(widget)
        if not interface.text(QAccessible.Text.Name):
            found.append(described(widget))
    return found


def by_tab(opening: Opening) -> list[QWidget]:
    """Return the widgets that Tab goes through, until it comes round."""
    seen: list[QWidget] = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget() or opening.window, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if widget is None or widget in seen:
            break
        seen.append(widget)
    return seen


def outside(opening: Opening) -> list[str]:
    """Return what could be pressed but lies outside the window and cannot be scrolled to."""
    found = []
    for widget in takes_keyboard(opening):
        area = widget.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        place = QRect(widget.mapTo(opening.window, QPoint(0, 0)), widget.size())
        if area is None and not opening.window.rect().contains(place):
            found.append(f"{described(widget)} at {place.getRect()}")
        if place.isEmpty():
            found.append(f"{described(widget)} has no area")
    return found


def come_to_rest(opening: Opening, where: str) -> None:
    """Let the window finish its layout; then nothing is outside."""

    def nothing_lost() -> None:
        assert not outside(opening), where

    opening.qtbot.waitUntil(nothing_lost)


def walk(opening: Opening) -> Iterator[str]:
    """Visit every page and every stage, and say where we are."""
    for page in PAGES:
        opening.models.desk.show_page(page)
        opening.rest()
        yield page.value
    for stage in STAGES:
        opening.reach(stage)
        opening.models.desk.show_page(Page.PERSON)
        opening.until(lambda: not opening.session.busy)
        if stage is Stage.REVIEW:
            opening.until(lambda: opening.widget("todo-make" if opening.window.width() < 980 else "make").isEnabled())
        opening.rest()
        yield stage.value


def test_everything_has_a_name_and_is_reached_by_tab(opening: Opening) -> None:
    for place in walk(opening):
        assert not nameless(opening), place
        reached = by_tab(opening)
        missed = [described(w) for w in takes_keyboard(opening) if w not in reached]
        assert not missed, place


def test_trouble_has_names_too(opening: Opening) -> None:
    opening.hands.dial.set("printer", "jam")
    session = opening.reach(Stage.DONE)
    opening.models.desk.show_page(Page.PERSON)
    assert session.trouble is not None
    opening.rest()
    assert not nameless(opening)
    assert "todo-retry" in [widget.objectName() for widget in by_tab(opening)]


@pytest.mark.parametrize("size", [(1280, 720), (1180, 720), (1024, 768), (960, 540), (640, 360)], ids=str)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_no_control_is_lost(qtbot: QtBot, tmp_path: Path, size: tuple[int, int], language: str) -> None:
    with a_window(qtbot, tmp_path / "desk", language=language, size=size) as opening:
        assert (opening.window.width(), opening.window.height()) == size, "nothing inside may force the window larger"
        for place in walk(opening):
            come_to_rest(opening, f"{place} at {size}")
            if place == Stage.REVIEW.value:
                made = [w.objectName() for w in takes_keyboard(opening)]
                assert {"make", "todo-make"} & set(made)


def seen_texts(opening: Opening) -> set[str]:
    labels = opening.window.findChildren(QLabel) + opening.window.findChildren(OneLine)
    buttons = opening.window.findChildren(QPushButton)
    return {w.text() for w in (*labels, *buttons) if w.isVisible() and " " in w.text()}


def test_no_text_of_one_language_is_left_in_the_other(qtbot: QtBot, tmp_path: Path) -> None:
    names = ("Rīgas", "Līga", "Mārtiņš", "·", "ESI", "Datorzinātne", "Virtual card printer")
    with a_window(qtbot, tmp_path / "desk", language="en") as opening:
        for place in walk(opening):
            english = seen_texts(opening)
            opening.ui.tr_.set_language("lv")
            same = {text for text in english & seen_texts(opening) if not text.startswith(names)}
            opening.ui.tr_.set_language("en")
            assert not same, place


def test_scroll_bars_are_not_in_the_way_of_tab(opening: Opening) -> None:
    bars = [bar for bar in opening.window.findChildren(QScrollBar) if bar.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert not bars
