"""What every camera does, whichever it is: the demo's, a film, a folder of pictures, a network stream."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from station.adapters.camera.opencv import OpenCvCameras, StreamTimeouts
from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import SystemClock
from station.domain.errors import CameraMissingError, CameraUnpluggedError
from station.photo.pictures import as_pixels
from station.ports.camera import Cameras, FrameSize, LightLock, OpenCamera
from station.ports.faults import Fault
from tests.helpers.mjpeg import MjpegServer
from tests.helpers.pictures import COLOURS, film, jpeg, plain

CLOCK = SystemClock()
# More than a second of any of these cameras; a stream may still hold frames that it had before the cable was pulled.
ENOUGH_FRAMES = 300


@dataclass
class Dial:
    """The fault dial, with the one fault that a camera can have."""

    faults: dict[str, Fault] = field(default_factory=dict)

    def fault(self, device: str) -> Fault | None:
        return self.faults.get(device)


@dataclass(frozen=True)
class Bench:
    """One kind of camera, and how to pull its cable and put it back."""

    cameras: Cameras
    source: str
    unplug: Callable[[], object]
    plug: Callable[[], object]
    running: AbstractContextManager[object] = field(default_factory=nullcontext)


def _virtual(_: Path) -> Bench:
    dial = Dial()
    return Bench(
        VirtualCameras(CLOCK, dial, frames_per_s=120),
        "demo",
        unplug=lambda: dial.faults.update(camera=Fault("camera", "unplugged")),
        plug=dial.faults.clear,
    )


def _film(folder: Path) -> Bench:
    file, away = film(folder / "film.avi"), folder / "away"
    return Bench(OpenCvCameras(CLOCK), str(file), lambda: file.rename(away), lambda: away.rename(file))


def _folder(folder: Path) -> Bench:
    shown, away = folder / "shown", folder / "away"
    shown.mkdir()
    for number, colour in enumerate(COLOURS[:2]):
        (shown / f"{number}.jpg").write_bytes(jpeg(plain(colour)))
    return Bench(OpenCvCameras(CLOCK), str(shown), lambda: shown.rename(away), lambda: away.rename(shown))


def _stream(_: Path) -> Bench:
    server = MjpegServer([jpeg(plain(colour)) for colour in COLOURS])
    cameras = OpenCvCameras(CLOCK, timeouts=StreamTimeouts(open_s=5, read_s=5))
    with server:
        url = server.url
    return Bench(cameras, url, server.unplug, server.plug, server)


@pytest.fixture(params=[_virtual, _film, _folder, _stream], ids=["virtual", "film", "folder", "stream"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    # Two pictures, two frames each: so that the end of a round comes soon.
    monkeypatch.setattr("station.adapters.camera.pictures.FRAMES_EACH", 2)
    made: Bench = request.param(tmp_path)
    with made.running:
        yield made


def read_on(camera: OpenCamera) -> None:
    """Read as long as frames come, with a limit."""
    for _ in range(ENOUGH_FRAMES):
        camera.read()


def test_frames_are_whole_and_numbered_in_order(bench: Bench) -> None:
    with bench.cameras.open_camera(bench.source) as camera:
        frames = [camera.read() for _ in range(8)]
    assert [frame.number for frame in frames] == list(range(8))
    assert all(len(frame.pixels) == frame.width_px * frame.height_px * 3 > 0 for frame in frames)
    assert all(one.grabbed_at_s <= next_.grabbed_at_s for one, next_ in itertools.pairwise(frames))


def test_a_frame_stays_as_it_was_when_the_next_one_is_read(bench: Bench) -> None:
    with bench.cameras.open_camera(bench.source) as camera:
        first = camera.read()
        before = bytes(first.pixels)
        later = [camera.read() for _ in range(6)]
    assert bytes(first.pixels) == before
    assert any(bytes(frame.pixels) != before for frame in later), "the camera shows a still"


def test_a_camera_has_a_name_for_people_without_the_way_to_it(bench: Bench) -> None:
    with bench.cameras.open_camera(bench.source) as camera:
        assert camera.name
        assert "/" not in camera.name


def test_it_can_be_closed_and_opened_again(bench: Bench) -> None:
    for _ in range(2):
        with bench.cameras.open_camera(bench.source) as camera:
            assert as_pixels(camera.read()).shape[2] == 3


def test_pulling_the_cable_is_noticed_and_putting_it_back_is_enough(bench: Bench) -> None:
    with bench.cameras.open_camera(bench.source) as camera:
        camera.read()
        bench.unplug()
        with pytest.raises(CameraUnpluggedError, match="was unplugged"):
            read_on(camera)
    with pytest.raises(CameraMissingError), bench.cameras.open_camera(bench.source):
        pytest.fail("a camera that is not there was opened")
    bench.plug()
    with bench.cameras.open_camera(bench.source) as camera:
        assert camera.read().number == 0


def test_a_wish_for_a_size_is_no_condition_and_the_light_answers(bench: Bench) -> None:
    with bench.cameras.open_camera(bench.source, FrameSize(640, 480)) as camera:
        before = camera.read()
        assert camera.lock_light() in LightLock
        after = camera.read()
    assert (after.width_px, after.height_px) == (before.width_px, before.height_px)


def test_an_unknown_camera_is_missing_and_named(bench: Bench) -> None:
    with (
        pytest.raises(CameraMissingError, match="The camera no such camera was not found"),
        bench.cameras.open_camera("no such camera"),
    ):
        pytest.fail("a camera that is not there was opened")


def test_listing_opens_nothing_and_gives_sources(bench: Bench) -> None:
    listed = bench.cameras.list_cameras()
    assert len({info.source for info in listed}) == len(listed)
    assert all(info.source and info.name for info in listed)
