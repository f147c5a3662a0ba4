"""What the tests of the window's parts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from station.ui.context import Ui
from tests.helpers.window import Bench, a_bench, a_ui


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
