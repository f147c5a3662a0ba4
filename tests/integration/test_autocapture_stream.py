"""Automatic capture on a real stream through cv2.VideoCapture: the newest frame wins, and nothing touches the disk."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.adapters.camera.opencv import OpenCvCameras
from station.adapters.clock import SystemClock
from station.photo.autocapture import BURST_FRAMES, Phase
from station.photo.checks import CheckName, PrintTarget
from station.ports.camera import Frame
from station.services.autocapture import FaceWatch, Rules, Seen, Shot
from station.services.capture import CaptureService, LatestFrame
from tests.helpers.mjpeg import MjpegServer
from tests.helpers.sitters import IN_UNIFORM, TOO_NEAR, stream_of

CLOCK = SystemClock()
DEADLINE_S = 50.0
CARD = PrintTarget(25.0, 32.0, 300.0)


@pytest.fixture(scope="module")
def server() -> Iterator[MjpegServer]:
    with MjpegServer(stream_of(IN_UNIFORM), 30) as camera:
        yield camera


class Lanes:
    """The camera's lane and the analysis' lane, as the window has them."""

    def __init__(self, url: str, rules: Rules) -> None:
        self.cancel, self.enough = threading.Event(), threading.Event()
        self.frames, self.seen, self.shots = LatestFrame(), list[Seen](), list[Shot]()
        self.came: list[Frame] = []
        self.until: Callable[[], bool] = lambda: bool(self.shots)
        self._capture = CaptureService(OpenCvCameras(CLOCK), CLOCK)
        self._watch = FaceWatch()
        self._watch.rules = rules
        self._url = url

    def run(self) -> None:
        """Run both until there is enough."""
        lanes = [threading.Thread(target=self._film), threading.Thread(target=self._look)]
        for lane in lanes:
            lane.start()
        came = self.enough.wait(DEADLINE_S)
        self.cancel.set()
        for lane in lanes:
            lane.join(DEADLINE_S)
        assert came, f"after {len(self.seen)} analysed frames: {self.seen[-1:]}"

    def _film(self) -> None:
        self._capture.run(self._url, on_frame=self._frame, on_state=lambda _: None, cancel=self.cancel)

    def _frame(self, frame: Frame) -> None:
        self.came.append(Frame(b"", frame.width_px, frame.height_px, frame.number, frame.grabbed_at_s))
        self.frames.put(frame)
        self._done()

    def _look(self) -> None:
        self._watch.watch(self.frames, CARD, on_seen=self._saw, on_shot=self._shot, cancel=self.cancel)

    def _shot(self, shot: Shot) -> None:
        self.shots.append(shot)
        self._done()

    def _saw(self, seen: Seen) -> None:
        self.seen.append(seen)
        self._done()

    def _done(self) -> None:
        if self.until():
            self.enough.set()


def test_the_face_is_followed_in_every_analysed_frame_and_the_best_of_a_burst_is_kept(server: MjpegServer) -> None:
    lanes = Lanes(server.url, Rules())
    lanes.run()
    assert all(seen.outline is not None for seen in lanes.seen)
    numbers = [seen.number for seen in lanes.seen]
    assert numbers == sorted(set(numbers)), "the newest frame each time, never one twice"
    burst = [seen.number for seen in lanes.seen if seen.auto.phase in (Phase.BURST, Phase.TAKEN)]
    [shot] = lanes.shots
    assert len(burst) == BURST_FRAMES
    assert shot.frame.number in burst
    assert shot.judged.crop is not None
    assert {finding.name for finding in shot.judged.findings} == set(CheckName)


def test_the_camera_is_read_at_its_own_rate_while_faces_are_looked_for(server: MjpegServer) -> None:
    lanes = Lanes(server.url, Rules(auto=False))
    lanes.until = lambda: len(lanes.came) >= 90 and bool(lanes.seen)
    lanes.run()
    assert not lanes.shots, "switched off, it takes nothing"
    numbers = [frame.number for frame in lanes.came]
    assert numbers == list(range(len(numbers))), "no frame waits for an analysis"
    assert {seen.auto.phase for seen in lanes.seen} == {Phase.RESTING}


def test_what_a_person_went_over_no_longer_keeps_the_photo_from_being_taken() -> None:
    with MjpegServer(stream_of(TOO_NEAR), 30) as near:
        held = Lanes(near.url, Rules())
        held.until = lambda: len(held.seen) >= 60
        held.run()
        assert not held.shots
        assert {seen.hint.name for seen in held.seen if seen.hint} == {CheckName.FRAMING}
        gone_over = Lanes(near.url, Rules(overridden=frozenset({CheckName.FRAMING})))
        gone_over.run()
        assert gone_over.shots


_ALONE = """
import resource, signal, sys, threading
# From here on the first byte that anybody, C or Python, writes to a file ends this process.
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from station.adapters.camera.opencv import OpenCvCameras
from station.adapters.clock import SystemClock
from station.photo.checks import PrintTarget
from station.services.autocapture import FaceWatch
from station.services.capture import CaptureService, LatestFrame
cancel, frames, shots, watch = threading.Event(), LatestFrame(), [], FaceWatch()
capture = CaptureService(OpenCvCameras(SystemClock()), SystemClock())
film = threading.Thread(
    target=capture.run, args=(sys.argv[1],), kwargs=dict(on_frame=frames.put, on_state=lambda _: None, cancel=cancel)
)
film.start()
def taken(shot):
    shots.append(shot)
    if len(shots) == 2:
        cancel.set()
watch.watch(frames, PrintTarget(25, 32, 300), on_seen=lambda _: None, on_shot=taken, cancel=cancel)
film.join()
print(len(shots))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for the size of files")
def test_neither_the_kept_nor_the_rejected_frames_touch_the_disk(server: MjpegServer, tmp_path: Path) -> None:
    forbidden = [sys.executable, "-B", "-c", _ALONE, server.url]
    done = subprocess.run(forbidden, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "2"), done.stderr
    # The guard itself works: with it, not even one byte can be written.
    guard = _ALONE.split("from station", maxsplit=1)[0] + f"open({str(tmp_path / 'x')!r}, 'w').write('x')"
    assert subprocess.run([sys.executable, "-c", guard], capture_output=True, timeout=60, check=False).returncode < 0
