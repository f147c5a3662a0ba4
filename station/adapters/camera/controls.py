"""Keep a camera's exposure and white balance as they are: each system and driver has its own numbers for "by hand"."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from station.ports.camera import LightLock

if TYPE_CHECKING:

    class Video(Protocol):
        """What is used of ``cv2.VideoCapture``."""

        def get(self, prop: int, /) -> float:
            """Return a property; 0 or -1 for one that the camera does not have."""

        def set(self, prop: int, value: float, /) -> bool:
            """Set a property; return whether the camera took it."""


_NO_VALUE = (0.0, -1.0)


@dataclass(frozen=True, slots=True)
class _Control:
    """One automatic and the value that it steers; ``by_hand`` and ``automatic`` are tried in turn."""

    auto: int
    value: int
    by_hand: tuple[float, ...]
    automatic: tuple[float, ...]


@cache
def _controls() -> tuple[_Control, _Control]:
    import cv2

    # V4L2 counts 1 as manual and 3 as aperture priority, the only automatic that most webcams have; OpenCV's drivers
    # for Windows and macOS take 0.25 and 0.75, some of them 0 and 1 (OpenCV, videoio).
    linux = sys.platform.startswith("linux")
    by_hand, automatic = ((1.0,), (3.0, 0.0)) if linux else ((0.25, 0.0), (0.75, 1.0))
    exposure = _Control(cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_EXPOSURE, by_hand, automatic)
    white = _Control(cv2.CAP_PROP_AUTO_WB, cv2.CAP_PROP_WB_TEMPERATURE, (0.0,), (1.0,))
    return exposure, white


class LightControls:
    """Exposure and white balance of one open camera."""

    def __init__(self, video: Video) -> None:
        self._video = video

    def lock(self) -> LightLock:
        """Take both out of the camera's hands, at the values that it has found."""
        done = [self._lock(control) for control in _controls()]
        return LightLock.LOCKED if all(done) else LightLock.AUTOMATIC

    def let_go(self) -> None:
        """Give both back to the camera."""
        for control in _controls():
            any(self._video.set(control.auto, value) for value in control.automatic)

    def _lock(self, control: _Control) -> bool:
        # Read before the automatic goes off: afterwards it may be the driver's own.
        found = self._video.get(control.value)
        if not any(self._takes(control.auto, value) for value in control.by_hand):
            return False
        # Some drivers fall back to a value of their own when the automatic goes off.
        if found not in _NO_VALUE:
            self._video.set(control.value, found)
        return True

    def _takes(self, prop: int, value: float) -> bool:
        """Set a property; return whether it is so now: some drivers say yes to everything."""
        return self._video.set(prop, value) and abs(self._video.get(prop) - value) < 0.01
