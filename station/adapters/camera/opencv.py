"""Cameras through OpenCV: by index or name, and what stands in for one: a film, a folder of pictures, a stream."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from station.adapters.camera.controls import LightControls
from station.adapters.camera.names import system_names
from station.adapters.camera.pace import Pacer
from station.adapters.camera.pictures import FolderCamera, is_picture
from station.domain.errors import N_, CameraError, CameraMissingError, CameraUnpluggedError
from station.photo.pictures import as_frame
from station.ports.camera import USUAL_SIZE, CameraInfo, Frame, FrameSize, LightLock, OpenCamera
from station.ports.clock import Clock

if TYPE_CHECKING:
    import cv2

FRAMES_PER_S = 30
_VIDEO_DEVICES = Path("/sys/class/video4linux")
_BUSY = N_("The camera {device} is there, but can't be used: another program may be using it.")
_BUSY_TODO = N_("Close the other program (a meeting, a browser). You can also take the portrait from a file.")


@dataclass(frozen=True, slots=True)
class StreamTimeouts:
    """How long a network camera may take to answer, and how long it may stand still before it counts as gone."""

    open_s: float = 5.0
    read_s: float = 3.0


class OpenCvCameras:
    """The cameras of this computer; ``open_camera`` also takes files, folders of pictures and addresses."""

    def __init__(
        self, clock: Clock, *, timeouts: StreamTimeouts | None = None, video_devices: Path = _VIDEO_DEVICES
    ) -> None:
        self._clock = clock
        self._timeouts = timeouts or StreamTimeouts()
        self._video_devices = video_devices

    def list_cameras(self) -> tuple[CameraInfo, ...]:
        """Return the cameras that seem to be there; opens none.

        Linux and macOS name them. Windows does not without opening them: there the first indices are listed.
        """
        if not sys.platform.startswith("linux"):
            return tuple(CameraInfo(str(index), name) for index, name in enumerate(system_names()))
        devices = self._named_devices()
        names = [name for _, name in devices]
        # A name stays when the cable moves to another socket and an index does not; twins have only the index.
        return tuple(
            CameraInfo(name if names.count(name) == 1 and name else str(index), name or f"Camera {index + 1}")
            for index, name in devices
        )

    @contextmanager
    def open_camera(self, source: str, size: FrameSize = USUAL_SIZE) -> Iterator[OpenCamera]:
        """Open a camera: an index (``"0"``), a name, a film, a picture, a folder of pictures, or an address.

        Raises:
            CameraMissingError: no such camera.
            CameraError: it is there, but another program holds it; or the file is no film or picture.
        """
        path = Path(source)
        if "://" not in source and (path.is_dir() or is_picture(path)):
            yield FolderCamera(path, self._clock)
            return
        camera = self._capture(source, path, size)
        try:
            yield camera
        finally:
            camera.close()

    def _capture(self, source: str, path: Path, size: FrameSize) -> _Capture:
        if "://" in source:
            return _StreamCapture(source, self._clock, self._timeouts)
        if path.is_file():
            return _FilmCapture(path, self._clock)
        index = self._index(source)
        name = dict(self._named_devices()).get(index)
        try:
            return _DeviceCapture(name or source, index, self._clock, size)
        except CameraMissingError as error:
            if name is None:
                raise
            # The system knows it and does not give it to us: a meeting in a browser holds it as a rule.
            raise CameraError(_BUSY, _BUSY_TODO, device=name) from error

    def _index(self, source: str) -> int:
        if source.isdecimal():
            return int(source)
        device = Path(source)
        if device.parent == Path("/dev") and device.name.removeprefix("video").isdecimal():
            return int(device.name.removeprefix("video"))
        wanted = source.casefold()
        devices = self._named_devices()
        # The exact name first: "Webcam" must not find "Webcam Pro" where both are plugged in.
        exact = [index for index, name in devices if name.casefold() == wanted]
        partly = [index for index, name in devices if wanted and wanted in name.casefold()]
        for index in exact or partly:
            return index
        raise CameraMissingError(device=source)

    def _named_devices(self) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        for folder in self._video_devices.glob("video*"):
            number = folder.name.removeprefix("video")
            # A webcam has a second node that gives metadata and no pictures; only the first has index 0.
            if number.isdecimal() and _first_line(folder / "index") in {"", "0"}:
                found.append((int(number), _first_line(folder / "name")))
        return sorted(found)


class _Capture:
    """A ``cv2.VideoCapture`` that is open."""

    def __init__(self, name: str, capture: cv2.VideoCapture, clock: Clock) -> None:
        self._name = name
        self._video = capture
        self._clock = clock
        self._number = 0
        if not capture.isOpened():
            capture.release()
            raise CameraMissingError(device=name)

    @property
    def name(self) -> str:
        """Return the camera's name for people."""
        return self._name

    def read(self) -> Frame:
        """Wait for the next frame, at the camera's own rate."""
        taken, pixels = self._grab()
        if not taken:
            raise CameraUnpluggedError(device=self._name)
        return self._frame(pixels)

    def _grab(self) -> tuple[bool, Any]:
        try:
            return self._video.read()
        except _cv2().error:
            # Some drivers raise where others say that there is nothing; it is tried again like any cable.
            return False, None

    def lock_light(self) -> LightLock:
        """Do nothing: what is played is as it is."""
        return LightLock.STEADY

    def close(self) -> None:
        """Give the camera back."""
        self._video.release()

    def _frame(self, pixels: Any) -> Frame:
        # cv2 gives every frame memory of its own, so it can be handed on as it is.
        frame = as_frame(pixels, number=self._number, grabbed_at_s=self._clock.monotonic())
        self._number += 1
        return frame


class _DeviceCapture(_Capture):
    """A camera on this computer."""

    def __init__(self, name: str, index: int, clock: Clock, size: FrameSize) -> None:
        cv2 = _cv2()
        capture = cv2.VideoCapture(index)
        super().__init__(name, capture, clock)
        # Uncompressed 720p does not fit through USB 2 at full rate; the order matters, format before size.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size.width_px)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size.height_px)
        capture.set(cv2.CAP_PROP_FPS, FRAMES_PER_S)
        # A buffer of old frames shows people what they did a moment ago.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._light = LightControls(capture)
        self._light.let_go()  # a program that crashed may have left it locked for a room that is darker now

    def lock_light(self) -> LightLock:
        """Keep exposure and white balance as the camera has found them."""
        return self._light.lock()

    def close(self) -> None:
        """Give the camera back as it was found: automatic, for the next program."""
        self._light.let_go()
        super().close()


class _StreamCapture(_Capture):
    """A network camera, or a phone that plays one: MJPEG over HTTP, RTSP. Its light is set on the camera itself."""

    def lock_light(self) -> LightLock:
        """Do nothing: a stream carries no controls."""
        return LightLock.AUTOMATIC

    def __init__(self, url: str, clock: Clock, timeouts: StreamTimeouts) -> None:
        cv2 = _cv2()
        limits = [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(timeouts.open_s * 1000)),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(timeouts.read_s * 1000)),
        ]
        # The host only: an address may carry a password.
        super().__init__(urlsplit(url).hostname or url, cv2.VideoCapture(url, cv2.CAP_FFMPEG, limits), clock)


class _FilmCapture(_Capture):
    """A film that plays at its own rate, again and again."""

    def __init__(self, path: Path, clock: Clock) -> None:
        cv2 = _cv2()
        self._path = path
        try:
            super().__init__(path.name, cv2.VideoCapture(str(path), cv2.CAP_FFMPEG), clock)
        except CameraMissingError as error:
            raise CameraError(N_("The file {device} is not a film or a picture."), device=path.name) from error
        self._pacer = Pacer(clock, _sane_rate(self._video.get(cv2.CAP_PROP_FPS)))

    def read(self) -> Frame:
        """Wait for the moment of the next frame; after the last comes the first."""
        self._pacer.wait()
        taken, pixels = self._grab()
        if not taken:
            # Opened anew rather than wound back: not every film can be.
            self._video.open(str(self._path), _cv2().CAP_FFMPEG)
            taken, pixels = self._grab()
        if not taken:
            raise CameraUnpluggedError(device=self.name)
        return self._frame(pixels)


@cache
def _cv2() -> ModuleType:
    """Import cv2 with its own chatter off; what goes wrong is told in our words."""
    # FFmpeg inside OpenCV looks here when the first film or stream is opened. A person's own choice stays.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    import cv2

    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2


def _sane_rate(frames_per_s: float) -> float:
    return frames_per_s if 1 <= frames_per_s <= 240 else float(FRAMES_PER_S)


def _first_line(file: Path) -> str:
    try:
        return file.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""
