"""Where the designer's window stands: one, made when it is asked for, gone with the main window, with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from station.services.designing import FRONT
from station.ui.context import Ui
from station.ui.designer_host import DesignerHost
from station.ui.views.designer.window import DesignerWindow
from station.ui.widgets.labels import OneLine
from tests.helpers.window import Bench


@pytest.fixture
def host(qtbot: QtBot, ui: Ui, bench: Bench) -> Iterator[DesignerHost]:
    main = QMainWindow()
    qtbot.addWidget(main)
    made = DesignerHost(main, ui, bench.models, bench.tasks)
    yield made
    made.shut()


def opened(host: DesignerHost) -> DesignerWindow:
    host.open()
    assert host.window is not None
    return host.window


def said(window: DesignerWindow) -> str:
    (told,) = window.foot.findChildren(OneLine, "designerTold")
    return told.text()


def drawn_on(window: DesignerWindow) -> None:
    """Leave something unsaved."""
    model = window.studio.model
    model.select(frozenset({model.design.keys[-1]}))
    model.nudge(1.0, 0.0)
    assert model.history.unsaved


def test_one_is_made_when_asked_for_and_another_after_that_was_closed(host: DesignerHost) -> None:
    assert host.window is None
    first = opened(host)
    assert first.isVisible()
    assert opened(host) is first
    first.close()
    assert host.window is None
    assert opened(host) is not first


def test_what_was_unsaved_is_back_and_said_so(host: DesignerHost) -> None:
    window = opened(host)
    assert said(window) == ""
    drawn_on(window)
    design = window.studio.model.design
    host.shut()
    assert host.window is None
    again = opened(host)
    assert again.studio.model.design.side(FRONT) == design.side(FRONT)
    assert said(again) == "Your unsaved work is back."


def test_its_help_is_the_main_windows(host: DesignerHost, qtbot: QtBot) -> None:
    window = opened(host)
    with qtbot.waitSignal(host.help_wanted):
        window.help_wanted.emit()


def test_a_draft_that_can_not_be_kept_is_said_once_and_never_keeps_the_main_window(
    host: DesignerHost, bench: Bench
) -> None:
    window = opened(host)
    drawn_on(window)
    (bench.hands.folder / "drafts").write_text("a file where the folder would be")
    stands = []
    for _time in range(2):
        window.close()
        stands.append(host.window is not None)
    assert stands == [True, False]
    drawn_on(opened(host))
    host.shut()
    assert host.window is None
