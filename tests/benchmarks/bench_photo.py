"""What a frame, a portrait and a card before the camera cost; each beside the floor that the library itself sets."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
import qrcode
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.camera.virtual import VirtualCameras, demo_portraits
from station.adapters.clock import SystemClock
from station.domain.portrait import Crop
from station.photo.crop import router_picture
from station.photo.pictures import as_frame, load_picture, to_jpeg
from station.photo.portraits import Sitting, make_portrait
from station.photo.qr import read_qr
from station.ports.camera import Frame
from station.ports.faults import NoFaults
from station.services.capture import CaptureService
from tests.helpers.pictures import saved

SITTING = Sitting("p", "h", datetime(2026, 9, 1, tzinfo=UTC))
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def frame() -> Frame:
    return as_frame(np.ascontiguousarray(load_picture(demo_portraits()[0])[:720, :1280]))


@pytest.fixture(scope="module")
def twelve_megapixels() -> bytes:
    person = cv2.resize(load_picture(demo_portraits()[1]), (4000, 3000), interpolation=cv2.INTER_CUBIC)
    return saved(np.asarray(person, dtype=np.uint8), "JPEG", quality=92)


def test_a_frame_of_the_demos_camera(benchmark: BenchmarkFixture) -> None:
    cameras = VirtualCameras(CLOCK, NoFaults(), frames_per_s=1e6)
    with cameras.open_camera("demo") as camera:
        camera.read()
        benchmark(camera.read)


def test_floor_of_a_frame_copied_once(benchmark: BenchmarkFixture, frame: Frame) -> None:
    benchmark(lambda: bytes(frame.pixels))


def test_the_first_frame_of_a_camera(benchmark: BenchmarkFixture) -> None:
    service = CaptureService(VirtualCameras(CLOCK, NoFaults(), frames_per_s=1e6), CLOCK)
    benchmark(lambda: service.snapshot("demo", threading.Event(), settle_frames=0))


def test_a_portrait_from_a_frame(benchmark: BenchmarkFixture, frame: Frame) -> None:
    benchmark(lambda: make_portrait(SITTING, frame))


def test_floor_of_a_portrait_two_jpegs(benchmark: BenchmarkFixture, frame: Frame) -> None:
    pixels = np.frombuffer(frame.pixels, np.uint8).reshape(720, 1280, 3)
    part = np.ascontiguousarray(pixels[:, 360:920])
    benchmark(lambda: (to_jpeg(part), to_jpeg(pixels)))


def test_a_turned_portrait_from_a_frame(benchmark: BenchmarkFixture, frame: Frame) -> None:
    benchmark(lambda: make_portrait(SITTING, frame, Crop(height=0.8, turn_deg=6)))


def test_a_portrait_from_a_photo_of_12_megapixels(benchmark: BenchmarkFixture, twelve_megapixels: bytes) -> None:
    benchmark(lambda: make_portrait(SITTING, twelve_megapixels))


def test_floor_of_12_megapixels_decoded(benchmark: BenchmarkFixture, twelve_megapixels: bytes) -> None:
    benchmark(lambda: Image.open(io.BytesIO(twelve_megapixels)).convert("RGB"))


def test_the_routers_picture(benchmark: BenchmarkFixture, frame: Frame) -> None:
    portrait = make_portrait(SITTING, frame)
    benchmark(lambda: router_picture(portrait.image))


@pytest.mark.parametrize("held", [True, False], ids=["card", "no card"])
def test_a_code_looked_for_in_a_frame(benchmark: BenchmarkFixture, held: bool) -> None:
    cameras = VirtualCameras(CLOCK, NoFaults(), frames_per_s=1e6)
    if held:
        front = Image.new("RGB", (1012, 638), "white")
        front.paste(qrcode.make("https://s.esc-r.eu/" + "0" * 36).convert("RGB").resize((236, 236)), (740, 340))
        file = io.BytesIO()
        front.save(file, "PNG")
        cameras.present(file.getvalue())
    with cameras.open_camera("demo") as camera:
        seen = camera.read()
    assert (benchmark(lambda: read_qr(seen)) is not None) is held
