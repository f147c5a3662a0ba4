"""Exposure and white balance: locked at what the camera found, told when it can't be, given back at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import pytest

from station.adapters.camera.controls import LightControls
from station.ports.camera import LightLock

AUTO_EXPOSURE, EXPOSURE = cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_EXPOSURE
AUTO_WHITE, WHITE = cv2.CAP_PROP_AUTO_WB, cv2.CAP_PROP_WB_TEMPERATURE


@dataclass
class FakeVideo:
    """A webcam's controls as a V4L2 driver has them; ``takes`` lists the values that each control accepts."""

    values: dict[int, float]
    takes: dict[int, tuple[float, ...]]
    asked: list[tuple[int, float]] = field(default_factory=list)
    says_yes_to_all: bool = False

    def get(self, prop: int, /) -> float:
        return self.values.get(prop, 0.0)

    def set(self, prop: int, value: float, /) -> bool:
        self.asked.append((prop, value))
        allowed = prop in self.takes and (not self.takes[prop] or value in self.takes[prop])
        if allowed:
            if prop == AUTO_EXPOSURE and value == 1.0:
                self.values[EXPOSURE] = 3.0  # the driver's own, much darker
            self.values[prop] = value
        return allowed or self.says_yes_to_all


@pytest.fixture
def webcam(monkeypatch: pytest.MonkeyPatch) -> FakeVideo:
    monkeypatch.setattr("sys.platform", "linux")
    return FakeVideo(
        {AUTO_EXPOSURE: 3.0, EXPOSURE: 157.0, AUTO_WHITE: 1.0, WHITE: 4600.0},
        {AUTO_EXPOSURE: (1.0, 3.0), EXPOSURE: (), AUTO_WHITE: (0.0, 1.0), WHITE: ()},
    )


def test_both_are_locked_at_what_the_camera_found(webcam: FakeVideo) -> None:
    assert LightControls(webcam).lock() is LightLock.LOCKED
    assert webcam.values == {AUTO_EXPOSURE: 1.0, EXPOSURE: 157.0, AUTO_WHITE: 0.0, WHITE: 4600.0}


def test_they_are_given_back_to_the_camera(webcam: FakeVideo) -> None:
    controls = LightControls(webcam)
    controls.lock()
    controls.let_go()
    assert (webcam.values[AUTO_EXPOSURE], webcam.values[AUTO_WHITE]) == (3.0, 1.0)


@pytest.mark.parametrize("missing", [AUTO_EXPOSURE, AUTO_WHITE])
def test_a_camera_that_can_lock_only_one_says_that_it_cannot(webcam: FakeVideo, missing: int) -> None:
    del webcam.takes[missing]
    assert LightControls(webcam).lock() is LightLock.AUTOMATIC


def test_a_driver_that_says_yes_to_everything_is_not_believed(webcam: FakeVideo) -> None:
    webcam.takes.clear()
    webcam.says_yes_to_all = True
    assert LightControls(webcam).lock() is LightLock.AUTOMATIC


def test_a_camera_that_tells_no_values_gets_none(webcam: FakeVideo) -> None:
    webcam.values.update({WHITE: -1.0})
    LightControls(webcam).lock()
    assert all(prop != WHITE for prop, _ in webcam.asked)
