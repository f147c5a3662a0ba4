"""The demo's camera: plays a person before it, or the card that is held up to it, and can be unplugged."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from station.adapters.camera.pace import Pacer
from station.domain.errors import CameraMissingError, CameraUnpluggedError
from station.photo.pictures import as_frame, load_picture
from station.ports.camera import USUAL_SIZE, CameraInfo, Frame, FrameSize, LightLock, OpenCamera
from station.ports.clock import Clock
from station.ports.faults import FaultSource
from station.resources import asset

if TYPE_CHECKING:
    from station.photo.pictures import Pixels

WIDTH_PX, HEIGHT_PX, FRAMES_PER_S = 1280, 720, 30
SOURCE = "demo"
_NAME = "Demo camera"
# Nobody sits still: the picture sways by this much, in these times, which never meet in the same place twice.
_SWAY_PX, _SWAY_X_FRAMES, _SWAY_Y_FRAMES = 14, 150, 97
_MARGIN = 1.05
_DISTANCES = (1.0, 1.04, 1.08)
_CARD_SHARE = (0.66, 0.85)
_CARD_TURN_DEG = 2.5


def demo_portraits() -> tuple[Path, ...]:
    """Return the portraits that come with the station, in the order of their names.

    Raises:
        AssetError: the installation is damaged.
    """
    return tuple(sorted(asset("demo", "portraits").glob("*.jpg")))


class VirtualCameras:
    """One camera, ``demo``, that shows whoever was seated before it; safe to steer from any thread.

    Frames follow from the seat and the frame's number alone, so that two runs show the same.
    """

    def __init__(
        self, clock: Clock, faults: FaultSource, *, portraits: Sequence[Path] = (), frames_per_s: float = FRAMES_PER_S
    ) -> None:
        """Prepare the camera; ``portraits`` are pictures of people, those of the demo when there are none."""
        self._clock = clock
        self._faults = faults
        self._portraits = tuple(portraits) or demo_portraits()
        self._frames_per_s = frames_per_s
        self._lock = threading.Lock()
        self._seed = 0
        self._card: bytes | None = None
        self._scene: Pixels | None = None

    def seat(self, seed: int) -> None:
        """Seat another person before the camera: the same one for the same ``seed``, any whole number."""
        with self._lock:
            self._seed = seed
            self._scene = None

    def present(self, png: bytes | None) -> None:
        """Hold a card with this front up to the camera; ``None`` takes it away.

        Raises:
            PortraitError: the bytes are no picture.
        """
        # Now, where it can be said who gave it: the frame that would fail comes on another thread.
        if png is not None:
            load_picture(png)
        with self._lock:
            self._card = png
            self._scene = None

    def list_cameras(self) -> tuple[CameraInfo, ...]:
        """Return the demo camera, unless it is unplugged."""
        return () if self.unplugged else (CameraInfo(SOURCE, _NAME),)

    @contextmanager
    def open_camera(self, source: str, size: FrameSize = USUAL_SIZE) -> Iterator[OpenCamera]:
        """Open the demo camera, by its source or its name; it has one size of picture.

        Raises:
            CameraMissingError: another camera is asked for, or this one is unplugged.
        """
        if source.casefold() not in {SOURCE, _NAME.casefold(), "0", ""}:
            raise CameraMissingError(device=source)
        if self.unplugged:
            raise CameraMissingError(device=_NAME)
        yield _VirtualCamera(self, Pacer(self._clock, self._frames_per_s))

    @property
    def unplugged(self) -> bool:
        """Tell whether the fault dial has pulled its cable."""
        fault = self._faults.fault("camera")
        return fault is not None and fault.kind == "unplugged"

    def scene(self) -> Pixels:
        """Return what is before the camera now: a little more than one frame shows."""
        with self._lock:
            if self._scene is None:
                scene = _room(self._portraits, self._seed)
                self._scene = scene if self._card is None else _with_card(scene, self._card)
            return self._scene


class _VirtualCamera:
    def __init__(self, cameras: VirtualCameras, pacer: Pacer) -> None:
        self._cameras = cameras
        self._pacer = pacer
        self._number = 0

    @property
    def name(self) -> str:
        """Return the camera's name for people."""
        return _NAME

    def read(self) -> Frame:
        """Wait for the next frame, 30 a second."""
        grabbed_at_s = self._pacer.wait()
        if self._cameras.unplugged:
            raise CameraUnpluggedError(device=_NAME)
        frame = as_frame(_view(self._cameras.scene(), self._number), number=self._number, grabbed_at_s=grabbed_at_s)
        self._number += 1
        return frame

    def lock_light(self) -> LightLock:
        """Do nothing: its light never changes."""
        return LightLock.STEADY


def _view(scene: Pixels, number: int) -> Pixels:
    """Return the part of the scene that frame ``number`` shows; whole pixels, so that a frame costs one copy."""
    height, width = scene.shape[:2]
    spare_x, spare_y = (width - WIDTH_PX) / 2, (height - HEIGHT_PX) / 2
    sway_x = math.sin(math.tau * number / _SWAY_X_FRAMES) * min(_SWAY_PX, spare_x)
    sway_y = math.sin(math.tau * number / _SWAY_Y_FRAMES) * min(_SWAY_PX / 2, spare_y)
    left, top = round(spare_x + sway_x), round(spare_y + sway_y)
    return scene[top : top + HEIGHT_PX, left : left + WIDTH_PX]


# Decoding a portrait takes longer than a frame lasts, and the same people come again and again.
@cache
def _person(path: Path) -> Pixels:
    return load_picture(path)


def _room(portraits: Sequence[Path], seed: int) -> Pixels:
    """Return the person for ``seed``, at one of a few distances, filling a frame and its margin."""
    import cv2
    import numpy as np

    person = _person(portraits[seed % len(portraits)])
    distance = _DISTANCES[seed // len(portraits) % len(_DISTANCES)]
    scale = max(WIDTH_PX / person.shape[1], HEIGHT_PX / person.shape[0]) * _MARGIN * distance
    return np.asarray(cv2.resize(person, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _with_card(scene: Pixels, png: bytes) -> Pixels:
    """Return the scene with a card held into it, a little askew, as a hand does."""
    import cv2
    import numpy as np

    card = load_picture(png)
    height, width = scene.shape[:2]
    scale = min(WIDTH_PX * _CARD_SHARE[0] / card.shape[1], HEIGHT_PX * _CARD_SHARE[1] / card.shape[0])
    # Shrunk by averaging before it is turned, or the QR code on it would break up.
    card = np.asarray(cv2.resize(card, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    middle = (card.shape[1] / 2, card.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, _CARD_TURN_DEG, 1.0)
    matrix[0, 2] += width / 2 - middle[0]
    matrix[1, 2] += height / 2 - middle[1]
    held = cv2.warpAffine(card, matrix, (width, height), flags=cv2.INTER_LINEAR)
    # The mask by nearest neighbour: softened, it would mix the room into the card's edge.
    mask = cv2.warpAffine(np.full(card.shape[:2], 255, np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST)
    return np.where(mask[..., None] > 0, held, scene).astype(np.uint8)
