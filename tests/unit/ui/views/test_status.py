"""The bottom line, before anything has answered."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from station.ui.context import Ui
from station.ui.views.status import StatusBar
from tests.helpers.window import Bench


def test_what_takes_the_keyboard_has_a_name_before_the_queue_was_counted(qtbot: QtBot, ui: Ui, bench: Bench) -> None:
    bar = StatusBar(ui, bench.models.devices, bench.models.reader)
    qtbot.addWidget(bar)
    assert bench.models.devices.of("queue") is None
    assert bar.queue.accessibleName() == "Queue to ESC-Router"
    assert all(light.accessibleName() for light in bar.lights.values())
    bench.models.devices.ask()
    bench.until(lambda: bar.queue.accessibleName() == "Everything is told to ESC-R")
