"""What the tests of the window's parts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from station.ui.context import Ui
from tests.helpers.window import Bench, a_bench, a_ui


@pytest.fixture(autouse=True)
def _widgets_stay(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold on to what a test adds until Qt has deleted its parts that were told to go later.

    A window does so for its views. A part that is the last to know its view would take that away while it goes itself.
    """
    kept: list[QWidget] = []
    add = qtbot.addWidget

    def keep(widget: QWidget, **words: Any) -> None:
        kept.append(widget)
        add(widget, **words)

    monkeypatch.setattr(qtbot, "addWidget", keep)


@pytest.fixture
def ui(qtbot: QtBot) -> Iterator[Ui]:
    """Give English texts and the light theme."""
    with a_ui() as made:
        yield made


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    """Give the view-models of a simulated desk."""
    with a_bench(qtbot, tmp_path / "desk") as made:
        yield made
