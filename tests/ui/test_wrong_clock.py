"""A clock that goes wrong is told in the status bar, and only then."""

from __future__ import annotations

from station.ui.viewmodels.stages import Stage
from tests.helpers.window import Opening


def test_the_status_bar_shows_the_clock_only_while_it_is_wrong(opening: Opening) -> None:
    opening.reach(Stage.PHOTO)
    light = opening.widget("light-clock")
    assert not light.isVisible()
    opening.hands.dial.set("clock", "wrong", -7200.0)
    opening.models.devices.ask()
    opening.until(light.isVisible)
    assert light.accessibleName().startswith("Clock: ")
    assert light.accessibleName().endswith("behind")
    assert light.accessibleDescription(), "it says what to do"
    opening.hands.dial.clear("clock")
    opening.until(lambda: not light.isVisible())
