"""The capture service on a real stream through cv2.VideoCapture: what a cable, a network and a camera can do to it."""

from __future__ import annotations

import contextlib
import itertools
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.adapters.camera.opencv import OpenCvCameras, StreamTimeouts
from station.adapters.clock import SystemClock
from station.domain.errors import CameraUnpluggedError
from station.ports.camera import Frame
from station.services.capture import CameraReport, CameraState, CaptureService, LatestFrame
from tests.helpers.mjpeg import MjpegServer
from tests.helpers.pictures import COLOURS, colour_of, jpeg, plain

DEADLINE_S = 20.0
CLOCK = SystemClock()


class Watcher:
    """Runs the service on a thread of its own, as the camera's lane does, and keeps what it reports."""

    def __init__(self, url: str, on_frame: Callable[[Frame], object] | None = None, *, read_s: float = 5.0) -> None:
        self.states: queue.Queue[CameraReport] = queue.Queue()
        self.latest = LatestFrame()
        self.cancel = threading.Event()
        cameras = OpenCvCameras(CLOCK, timeouts=StreamTimeouts(open_s=2.0, read_s=read_s))
        service = CaptureService(cameras, CLOCK, reopen_every_s=0.02)
        frames = on_frame or self.latest.put
        run = {"on_frame": frames, "on_state": self.states.put, "cancel": self.cancel}
        self.thread = threading.Thread(target=service.run, args=(url,), kwargs=run, name="camera")

    def state(self) -> CameraReport:
        return self.states.get(timeout=DEADLINE_S)

    def frame(self) -> Frame:
        frame = self.latest.take(DEADLINE_S)
        assert frame is not None, "no frame came"
        return frame

    def frame_of(self, colour: int) -> Frame:
        end = CLOCK.monotonic() + DEADLINE_S
        while CLOCK.monotonic() < end:
            frame = self.frame()
            if colour_of(frame) == colour:
                return frame
        pytest.fail(f"colour {colour} was never seen")


@contextlib.contextmanager
def watching(watcher: Watcher) -> Iterator[Watcher]:
    watcher.thread.start()
    try:
        assert watcher.state().state is CameraState.OPENING
        yield watcher
    finally:
        watcher.cancel.set()
        watcher.thread.join(DEADLINE_S)
    assert not watcher.thread.is_alive()


@pytest.fixture
def server() -> Iterator[MjpegServer]:
    with MjpegServer([jpeg(plain(COLOURS[0]))]) as camera:
        yield camera


def test_a_camera_that_is_unplugged_comes_back_by_itself(server: MjpegServer) -> None:
    with watching(Watcher(server.url)) as watcher:
        assert watcher.state().state is CameraState.LIVE
        assert colour_of(watcher.frame()) == 0
        for colour in (1, 2):
            server.unplug()
            away = watcher.state()
            assert away.state is CameraState.AWAY
            assert isinstance(away.error, CameraUnpluggedError)
            server.pictures = [jpeg(plain(COLOURS[colour]))]
            server.plug()
            assert watcher.state().state is CameraState.LIVE
            watcher.frame_of(colour)
    assert watcher.state().state is CameraState.CLOSED
    assert watcher.states.empty(), "a change was reported twice"


def test_a_camera_that_is_not_there_yet_is_found_when_it_comes(server: MjpegServer) -> None:
    server.unplug()
    with watching(Watcher(server.url)) as watcher:
        assert watcher.state().state is CameraState.AWAY
        server.plug()
        live = watcher.state()
        assert live.state is CameraState.LIVE
        assert live.first_frame_s > 0
        assert live.name == "127.0.0.1"


def test_a_picture_that_stands_still_counts_as_unplugged(server: MjpegServer) -> None:
    with watching(Watcher(server.url, read_s=0.3)) as watcher:
        assert watcher.state().state is CameraState.LIVE
        server.freeze()
        assert watcher.state().state is CameraState.AWAY
        server.thaw()
        assert watcher.state().state is CameraState.LIVE


def test_broken_frames_are_left_out_and_the_stream_goes_on(server: MjpegServer) -> None:
    with watching(Watcher(server.url)) as watcher:
        watcher.frame()
        server.pictures = [jpeg(plain(COLOURS[3]))]
        server.corrupt(25)
        watcher.frame_of(3)
        seen = {colour_of(watcher.frame()) for _ in range(5)}
    assert seen == {3}


def test_a_slow_camera_is_live_and_not_away(server: MjpegServer) -> None:
    server.slow(4)
    with watching(Watcher(server.url)) as watcher:
        numbers = [watcher.frame().number for _ in range(3)]
        assert watcher.state().state is CameraState.LIVE
        assert watcher.states.empty()
    assert numbers == sorted(set(numbers))


def test_who_looks_too_slowly_gets_the_newest_frame(server: MjpegServer) -> None:
    arrived = threading.Semaphore(0)
    latest = LatestFrame()

    def keep(frame: Frame) -> None:
        latest.put(frame)
        arrived.release()

    with watching(Watcher(server.url, keep)):
        for _ in range(20):
            assert arrived.acquire(timeout=DEADLINE_S)
        frame = latest.take()
    assert frame is not None
    assert frame.number >= 19
    assert latest.dropped >= 19


def test_stopping_ends_the_work_while_the_camera_is_away(server: MjpegServer) -> None:
    server.unplug()
    with watching(Watcher(server.url)) as watcher:
        assert watcher.state().state is CameraState.AWAY
    assert watcher.state().state is CameraState.CLOSED


def test_a_snapshot_lets_the_camera_settle(server: MjpegServer) -> None:
    server.pictures = [jpeg(plain(colour)) for colour in (COLOURS[4], *itertools.repeat(COLOURS[5], 400))]
    service = CaptureService(OpenCvCameras(CLOCK), CLOCK)
    frame = service.snapshot(server.url, threading.Event())
    assert frame.number == 5
    assert colour_of(frame) == 5


_ALONE = """
import contextlib, sys
from station.adapters.camera.opencv import OpenCvCameras, StreamTimeouts
from station.adapters.clock import SystemClock
from station.domain.errors import StationError
cameras = OpenCvCameras(SystemClock(), timeouts=StreamTimeouts(open_s=0.5, read_s=0.5))
for source in sys.argv[1:]:
    with contextlib.suppress(StationError), cameras.open_camera(source):
        sys.exit(f"{source} was opened")
"""


def test_opencv_says_nothing_on_its_own(tmp_path: Path) -> None:
    # In a process of its own, as the station is: whoever used FFmpeg first in this one decided how loud it is.
    broken = tmp_path / "no film.mp4"
    broken.write_bytes(b"\x00" * 64)
    command = [sys.executable, "-c", _ALONE, "7", "http://127.0.0.1:9/none.mjpg", str(broken)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
