"""Cameras: a list that opens nothing, and frames from one that is open."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the camera: ``pixels`` is ``height_px`` rows of ``width_px`` × 3 bytes, BGR, rows without gaps.

    ``grabbed_at_s`` is the monotonic time of the grab. The picture is as the camera sees it, not mirrored.
    """

    pixels: bytes | memoryview
    width_px: int
    height_px: int
    number: int = 0
    grabbed_at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that could be opened: ``source`` is what ``open_camera`` takes."""

    source: str
    name: str


class FrameSize(NamedTuple):
    """How large a camera's pictures are to be, in pixels."""

    width_px: int
    height_px: int


USUAL_SIZE = FrameSize(1280, 720)


class LightLock(StrEnum):
    """Whether exposure and white balance stay as they are from picture to picture.

    ``STEADY`` is what never changes them (a film, a picture), ``LOCKED`` what was told not to, ``AUTOMATIC`` what
    can't be told.
    """

    STEADY = "steady"
    LOCKED = "locked"
    AUTOMATIC = "automatic"


class OpenCamera(Protocol):
    """A camera that is open."""

    @property
    def name(self) -> str:
        """Return the camera's name for people."""

    def read(self) -> Frame:
        """Wait for the next frame, at the camera's own rate.

        Raises:
            CameraUnpluggedError: it is gone; open it again later.
        """

    def lock_light(self) -> LightLock:
        """Keep exposure and white balance as they are now, until it is closed; return whether that is so."""


class Cameras(Protocol):
    """All cameras of this desk."""

    def list_cameras(self) -> tuple[CameraInfo, ...]:
        """Return the cameras that seem to be there; opens none."""

    def open_camera(self, source: str, size: FrameSize = USUAL_SIZE) -> AbstractContextManager[OpenCamera]:
        """Open a camera by index (``"0"``), name, file path or URL; leaving the context closes it.

        ``size`` is a wish: a camera that does not have it gives the nearest, a film or a stream what it is.

        Raises:
            CameraMissingError: no such camera.
        """
