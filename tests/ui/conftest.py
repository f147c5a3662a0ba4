"""What the journeys through the window share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.helpers.window import Opening, a_window


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    """Give the window in English, with two people in the queue."""
    with a_window(qtbot, tmp_path / "desk") as made:
        yield made
