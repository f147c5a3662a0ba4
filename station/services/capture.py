"""Run a camera: the newest frame wins, and a cable that was pulled may be put back at any time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from station.domain.errors import CameraError, CameraMissingError, CameraUnpluggedError, Cancelled
from station.ports.camera import USUAL_SIZE, CameraInfo, Cameras, Frame, FrameSize, LightLock, OpenCamera
from station.ports.clock import Clock
from station.ports.tasks import Cancel

REOPEN_EVERY_S = 0.5
SETTLE_FRAMES = 5
"""Frames that a camera needs to find exposure and colour; the first ones are dark or tinted."""


SIZES = (FrameSize(640, 480), USUAL_SIZE, FrameSize(1920, 1080))
"""The sizes of picture that are offered; most cameras have all of them."""
LIGHT_FOUND_S = 1.0
"""How long exposure and white balance may find their values, before they are locked."""


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """Which camera, and how large its pictures are to be."""

    source: str
    size: FrameSize = USUAL_SIZE


class CameraState(StrEnum):
    """Where the camera stands."""

    OPENING = "opening"
    LIVE = "live"
    AWAY = "away"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CameraReport:
    """A change of the camera's state.

    ``error`` says why it is away. ``first_frame_s`` is the time from opening to the first picture, when it went live.
    """

    state: CameraState
    name: str
    error: CameraError | None = None
    first_frame_s: float = 0.0


_Read = tuple[CameraReport | None, Frame, OpenCamera]


class LatestFrame:
    """A slot of one between the camera's thread and the one that shows or analyses: older frames are dropped."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._dropped = 0

    def put(self, frame: Frame) -> bool:
        """Lay a frame in; return whether the slot was empty, so that somebody must be told there is one."""
        with self._changed:
            # One wake-up for each time the slot fills: a signal a frame would pile up behind a window that is busy.
            was_empty = self._frame is None
            self._dropped += not was_empty
            self._frame = frame
            self._changed.notify()
            return was_empty

    def take(self, timeout_s: float = 0.0) -> Frame | None:
        """Take the newest frame out, waiting for one at most ``timeout_s``; ``None`` when there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    @property
    def dropped(self) -> int:
        """Return how many frames nobody had the time for."""
        return self._dropped


class CaptureService:
    """Read one camera on the camera's lane, for as long as the window wants."""

    def __init__(self, cameras: Cameras, clock: Clock, *, reopen_every_s: float = REOPEN_EVERY_S) -> None:
        self._cameras = cameras
        self._clock = clock
        self._reopen_every_s = reopen_every_s
        self._seen: set[str] = set()

    def cameras(self) -> tuple[CameraInfo, ...]:
        """Return the cameras that seem to be there; opens none."""
        return self._cameras.list_cameras()

    def run(
        self,
        choice: str | CameraChoice,
        *,
        on_frame: Callable[[Frame], None],
        on_state: Callable[[CameraReport], None],
        cancel: Cancel,
        on_light: Callable[[LightLock], None] = lambda _light: None,
    ) -> None:
        """Read a camera until ``cancel``; report every change of state once, and every frame.

        The camera is chosen by its source alone, or with the size of its pictures.
        A camera that is missing or goes away is tried again and again: it comes back without anybody's doing.
        What it is called with is called on this thread; lay the frame into a ``LatestFrame`` and return. ``on_light``
        is told once after each opening, when exposure and white balance were to be locked, whether they are.
        """
        source, size = (choice, USUAL_SIZE) if isinstance(choice, str) else (choice.source, choice.size)
        on_state(CameraReport(CameraState.OPENING, source))
        away, lock_at_s = False, float("inf")
        while not cancel.is_set():
            try:
                # Closed here and not by the collector: a camera that nobody closes stays taken for every other program.
                with closing(self._frames(source, cancel, size)) as frames:
                    for report, frame, camera in frames:
                        if report is not None:
                            self._seen.add(source)
                            on_state(report)
                            away, lock_at_s = False, frame.grabbed_at_s + LIGHT_FOUND_S
                        on_frame(frame)
                        # By the frame's own time: a camera that gives five frames a second in the dark is waited for as
                        # long as a quick one.
                        if frame.grabbed_at_s >= lock_at_s:
                            lock_at_s = float("inf")
                            on_light(camera.lock_light())
            except CameraError as error:
                # While it is away it is "unplugged" at first and "missing" at every try; the first says enough.
                if not away:
                    on_state(CameraReport(CameraState.AWAY, source, self._explained(source, error)))
                away = True
                cancel.wait(self._reopen_every_s)
        on_state(CameraReport(CameraState.CLOSED, source))

    def snapshot(self, source: str, cancel: Cancel, *, settle_frames: int = SETTLE_FRAMES) -> Frame:
        """Open the camera, let it settle, return one frame and close it again; for the command line.

        Raises:
            CameraError: it is not there, or went away.
            Cancelled: the person said stop.
        """
        with closing(self._frames(source, cancel)) as frames:
            for _, frame, _ in frames:
                if frame.number >= settle_frames:
                    return frame
        raise Cancelled

    def _explained(self, source: str, error: CameraError) -> CameraError:
        """Call a camera unplugged that has given pictures before, also when its cable was pulled between two people."""
        if isinstance(error, CameraMissingError) and source in self._seen:
            return CameraUnpluggedError(device=error.params.get("device", source))
        return error

    def _frames(self, source: str, cancel: Cancel, size: FrameSize = USUAL_SIZE) -> Generator[_Read, None, None]:
        """Yield frames, the first one with the report that the camera is live: an open camera may still be blind."""
        asked_at_s = self._clock.monotonic()
        with self._cameras.open_camera(source, size) as camera:
            # Opening can take seconds; whoever said stop meanwhile must not wait for a frame too.
            if cancel.is_set():
                return
            frame = camera.read()
            yield CameraReport(CameraState.LIVE, camera.name, None, self._clock.monotonic() - asked_at_s), frame, camera
            while not cancel.is_set():
                yield None, camera.read(), camera
