"""What a frame, a portrait and a card before the camera cost; each beside the floor that the library itself sets."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.camera.virtual import VirtualCameras, demo_portraits
from station.adapters.clock import SystemClock
from station.domain.portrait import Crop
from station.photo.background import BackgroundMaker
from station.photo.checks import PrintTarget, check
from station.photo.crop import cut_out, router_picture
from station.photo.decoding import decode
from station.photo.faces import FaceEngine
from station.photo.inspection import QUICK_EDGE_PX, InspectionJob, inspect
from station.photo.models import ModelName, load_model
from station.photo.pictures import as_frame, as_pixels, load_picture, to_jpeg
from station.photo.portraits import Sitting, make_portrait
from station.photo.qr import read_qr
from station.ports.camera import Frame
from station.ports.faults import NoFaults
from station.services.capture import CaptureService
from tests.helpers.codes import qr_picture
from tests.helpers.pictures import saved
from tests.helpers.timed_window import rss_mib

SITTING = Sitting("p", "h", datetime(2026, 9, 1, tzinfo=UTC))
CLOCK = SystemClock()
FRAMES, SETTLED = 10_000, 1000


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


def test_floor_of_12_megapixels_decoded_at_half_their_size(
    benchmark: BenchmarkFixture, twelve_megapixels: bytes
) -> None:
    benchmark(decode, twelve_megapixels, edge_px=QUICK_EDGE_PX)


def test_the_routers_picture(benchmark: BenchmarkFixture, frame: Frame) -> None:
    portrait = make_portrait(SITTING, frame)
    benchmark(lambda: router_picture(portrait.image))


@pytest.mark.parametrize("held", [True, False], ids=["card", "no card"])
def test_a_code_looked_for_in_a_frame(benchmark: BenchmarkFixture, held: bool) -> None:
    cameras = VirtualCameras(CLOCK, NoFaults(), frames_per_s=1e6)
    if held:
        front = Image.new("RGB", (1012, 638), "white")
        front.paste(qr_picture("https://s.esc-r.eu/" + "0" * 36).resize((236, 236)), (740, 340))
        file = io.BytesIO()
        front.save(file, "PNG")
        cameras.present(file.getvalue())
    with cameras.open_camera("demo") as camera:
        seen = camera.read()
    assert (benchmark(lambda: read_qr(seen)) is not None) is held


@pytest.fixture(scope="module")
def engine() -> Iterator[FaceEngine]:
    threads = cv2.getNumThreads()
    # Figures of one core, whatever the machine has.
    cv2.setNumThreads(1)
    yield FaceEngine()
    cv2.setNumThreads(threads)


def test_a_frame_of_somebody_who_is_followed(benchmark: BenchmarkFixture, engine: FaceEngine, frame: Frame) -> None:
    """Everything for one frame of 1280 × 720: faces, mesh, blendshapes, measures, findings."""
    pixels = as_pixels(frame)
    seen = [engine.analyse(pixels)]

    def look() -> None:
        seen[0] = engine.analyse(pixels, near=seen[0])
        check(seen[0])

    benchmark.pedantic(look, rounds=200, warmup_rounds=20)
    assert seen[0].main


def test_a_frame_of_nobody(benchmark: BenchmarkFixture, engine: FaceEngine) -> None:
    empty = np.full((720, 1280, 3), 128, np.uint8)
    near = engine.analyse(empty)
    benchmark.pedantic(lambda: engine.analyse(empty, near=near), rounds=60, warmup_rounds=5)


def test_a_frame_by_itself(benchmark: BenchmarkFixture, engine: FaceEngine, frame: Frame) -> None:
    benchmark.pedantic(lambda: check(engine.analyse(as_pixels(frame))), rounds=30, warmup_rounds=3)


def test_floor_of_a_frame_the_mesh_alone(benchmark: BenchmarkFixture, engine: FaceEngine) -> None:
    mesh, blob = load_model(ModelName.LANDMARKS), np.full((1, 3, 256, 256), 0.5, np.float32)
    benchmark.pedantic(lambda: mesh.run(blob), rounds=100, warmup_rounds=10)


def test_crop_and_all_checks_of_12_megapixels(
    benchmark: BenchmarkFixture, engine: FaceEngine, twelve_megapixels: bytes
) -> None:
    """From pixels: what it costs to decode the file has a figure of its own."""
    pixels = load_picture(twelve_megapixels)

    def look() -> None:
        seen = engine.analyse(pixels)
        check(seen)
        crop = seen.crop()
        assert crop
        cut_out(pixels, crop.crop, crop.ratio, 720)

    benchmark.pedantic(look, rounds=20, warmup_rounds=2)


def test_a_file_of_12_megapixels_looked_at(
    benchmark: BenchmarkFixture, engine: FaceEngine, twelve_megapixels: bytes, tmp_path: Path
) -> None:
    """From the file to crop, all checks and a small picture, as the review does it; goal: 200 ms."""
    job = InspectionJob(tmp_path / "large.jpg", PrintTarget())
    job.path.write_bytes(twelve_megapixels)
    assert cv2.getNumThreads() == 1, "the engine's fixture keeps to one core"
    benchmark.pedantic(lambda: inspect(job), rounds=20, warmup_rounds=2)


def test_a_file_of_12_megapixels_to_its_portrait(
    benchmark: BenchmarkFixture, engine: FaceEngine, twelve_megapixels: bytes
) -> None:
    """From the file: decoded, looked at, judged, cut out and saved again."""

    def look() -> None:
        pixels = load_picture(twelve_megapixels)
        seen = engine.analyse(pixels)
        check(seen)
        crop = seen.crop()
        assert crop
        to_jpeg(cut_out(pixels, crop.crop, crop.ratio, 720))

    benchmark.pedantic(look, rounds=20, warmup_rounds=2)


@pytest.mark.timeout(1800)
def test_memory_over_10_000_frames(
    benchmark: BenchmarkFixture, engine: FaceEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the process grows by from the 1,000th frame to the 10,000th, each from the camera and analysed; goal: 0."""
    cameras = VirtualCameras(CLOCK, NoFaults(), frames_per_s=1e6)
    figures: dict[str, float] = {}

    def look() -> None:
        seen = None
        with cameras.open_camera("demo") as camera:
            for number in range(FRAMES + 1):
                seen = engine.analyse(as_pixels(camera.read()), near=seen)
                check(seen)
                if number in (SETTLED, FRAMES):
                    figures[f"mib_at_{number}"] = round(rss_mib(), 1)
        assert seen.main

    benchmark.pedantic(look, rounds=1)
    figures["grown_mib"] = round(figures[f"mib_at_{FRAMES}"] - figures[f"mib_at_{SETTLED}"], 1)
    benchmark.extra_info.update(figures)
    with capsys.disabled():
        print(f"\ntest_memory_over_10_000_frames: {figures}")


def test_a_plain_background(benchmark: BenchmarkFixture, engine: FaceEngine, frame: Frame) -> None:
    portrait = load_picture(make_portrait(SITTING, frame).image)
    maker = BackgroundMaker(engine.person)
    benchmark.pedantic(lambda: maker.make_plain(portrait), rounds=20, warmup_rounds=2)


def test_the_models_loaded(benchmark: BenchmarkFixture) -> None:
    benchmark.pedantic(FaceEngine, rounds=10)
