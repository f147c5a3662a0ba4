"""The rehearsal: every page once, unseen, and never while somebody is served."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QStackedWidget
from pytestqt.qtbot import QtBot

from station.ui.context import Ui
from station.ui.rehearsal import Rehearsal
from station.ui.widgets.base import View


class Page(View):
    """Counts what is done to it."""

    def __init__(self, ui: Ui) -> None:
        super().__init__(ui)
        self.prepared = 0
        self.painted: list[tuple[int, int]] = []

    def prepare(self) -> None:
        self.prepared += 1

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.painted.append((self.width(), self.height()))


def a_stack(qtbot: QtBot, ui: Ui, count: int = 2) -> tuple[QStackedWidget, list[Page]]:
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    stack.addWidget(View(ui))
    pages = [Page(ui) for _ in range(count)]
    for page in pages:
        stack.addWidget(page)
    stack.resize(500, 300)
    with qtbot.waitExposed(stack):
        stack.show()
    return stack, pages


def test_every_page_is_made_ready_and_painted_once_at_its_size(qtbot: QtBot, ui: Ui) -> None:
    stack, pages = a_stack(qtbot, ui)
    rehearsal = Rehearsal(pages, stack, lambda: True)
    rehearsal.start()
    qtbot.waitUntil(lambda: rehearsal.over)
    assert [page.prepared for page in pages] == [1, 1]
    assert [page.painted for page in pages] == [[(500, 300)], [(500, 300)]]
    assert not any(page.isVisible() for page in pages), "nobody saw it"


def test_nothing_is_rehearsed_while_somebody_is_served(qtbot: QtBot, ui: Ui) -> None:
    stack, pages = a_stack(qtbot, ui, 1)
    asked: list[bool] = []

    def quiet() -> bool:
        asked.append(len(asked) >= 3)
        return asked[-1]

    rehearsal = Rehearsal(pages, stack, quiet)
    rehearsal.start()
    qtbot.waitUntil(lambda: rehearsal.over)
    assert asked == [False, False, False, True]


def test_a_page_that_is_seen_already_is_left_alone(qtbot: QtBot, ui: Ui) -> None:
    stack, pages = a_stack(qtbot, ui, 1)
    stack.setCurrentWidget(pages[0])
    qtbot.waitUntil(lambda: bool(pages[0].painted))
    pages[0].painted.clear()
    rehearsal = Rehearsal(pages, stack, lambda: True)
    rehearsal.start()
    qtbot.waitUntil(lambda: rehearsal.over)
    assert pages[0].painted == []
