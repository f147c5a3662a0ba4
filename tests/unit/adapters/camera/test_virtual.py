"""The demo's camera shows people who move a little, holds up a card so that its code is read, and can be unplugged."""

from __future__ import annotations

import io
import itertools
import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from station.adapters.camera.virtual import VirtualCameras, demo_portraits
from station.adapters.clock import SystemClock
from station.domain.errors import CameraMissingError, CameraUnpluggedError, PortraitError
from station.photo.pictures import as_pixels, load_picture
from station.photo.qr import read_qr
from station.ports.camera import Frame
from station.ports.faults import Fault, NoFaults
from tests.helpers.codes import qr_picture
from tests.helpers.pictures import COLOURS, colour_of, jpeg, plain

CLOCK = SystemClock()
ADDRESS = "https://s.esc-r.eu/f0a1b2c3-7dd1-11f1-8001-001999000001"


@dataclass
class Dial:
    faults: dict[str, Fault] = field(default_factory=dict)

    def fault(self, device: str) -> Fault | None:
        return self.faults.get(device)


def quick(*portraits: Path) -> VirtualCameras:
    return VirtualCameras(CLOCK, NoFaults(), portraits=portraits, frames_per_s=2000)


def frames(cameras: VirtualCameras, count: int) -> list[Frame]:
    with cameras.open_camera("demo") as camera:
        return [camera.read() for _ in range(count)]


def card(text: str = ADDRESS) -> bytes:
    """Return the front of a card as PNG, 1012 × 638, with a code of the size that ours has."""
    front = Image.new("RGB", (1012, 638), "white")
    front.paste(qr_picture(text, border=2).resize((236, 236)), (740, 340))
    file = io.BytesIO()
    front.save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def people(tmp_path: Path) -> list[Path]:
    files = [tmp_path / f"person-{number}.jpg" for number in range(3)]
    for file, colour in zip(files, COLOURS, strict=False):
        file.write_bytes(jpeg(plain(colour, 640, 360)))
    return files


def test_frames_are_720p_and_two_runs_show_the_same() -> None:
    one, two = frames(quick(), 5), frames(quick(), 5)
    assert all((frame.width_px, frame.height_px) == (1280, 720) for frame in one)
    assert [bytes(frame.pixels) for frame in one] == [bytes(frame.pixels) for frame in two]


def test_the_person_moves_a_little_and_never_out_of_the_picture() -> None:
    shown = [as_pixels(frame)[::4, ::4].astype(int) for frame in frames(quick(), 160)]
    moved = [bool((one != other).any()) for one, other in itertools.pairwise(shown)]
    assert sum(moved) > len(moved) / 4
    assert max(np.abs(picture - shown[0]).mean() for picture in shown) < 40
    assert min(picture[:, :2].max() for picture in shown) > 0, "an empty edge came into view"


def test_seats_are_taken_by_number_and_anyone_may_sit(people: list[Path]) -> None:
    cameras = quick(*people)
    seen = []
    for seed in (0, 1, 2, 3, 4, -1, 2**63):
        cameras.seat(seed)
        seen.append(colour_of(frames(cameras, 1)[0]))
    assert seen == [0, 1, 2, 0, 1, 2, 2**63 % 3]


def test_who_sits_at_another_distance_is_another_picture() -> None:
    cameras, pictures = quick(), set[bytes]()
    for seed in range(6):
        cameras.seat(seed)
        pictures.add(bytes(frames(cameras, 1)[0].pixels))
    assert len(pictures) == 6


def test_a_new_person_is_seen_by_a_camera_that_is_open_already(people: list[Path]) -> None:
    cameras = quick(*people)
    with cameras.open_camera("demo") as camera:
        before = colour_of(camera.read())
        cameras.seat(1)
        after = camera.read()
    assert (before, colour_of(after), after.number) == (0, 1, 1)


def test_a_card_that_is_held_up_can_be_read_wherever_the_hand_sways() -> None:
    cameras = quick()
    cameras.present(card())
    assert {read_qr(frame) for frame in frames(cameras, 60)[::6]} == {ADDRESS}
    cameras.present(None)
    assert read_qr(frames(cameras, 1)[0]) is None


def test_another_persons_card_can_be_held_up_and_a_tall_one() -> None:
    cameras = quick()
    cameras.seat(1)
    tall = io.BytesIO()
    Image.open(io.BytesIO(card("tall"))).rotate(90, expand=True).save(tall, "PNG")
    cameras.present(card("first"))
    assert read_qr(frames(cameras, 1)[0]) == "first"
    cameras.present(tall.getvalue())
    assert read_qr(frames(cameras, 1)[0]) == "tall"


def test_what_is_no_picture_is_not_held_up(people: list[Path]) -> None:
    cameras = quick(*people)
    with pytest.raises(PortraitError):
        cameras.present(b"no picture")
    assert colour_of(frames(cameras, 1)[0]) == 0


def test_the_fault_dial_pulls_the_cable_of_an_open_camera_and_puts_it_back() -> None:
    dial = Dial()
    cameras = VirtualCameras(CLOCK, dial, frames_per_s=2000)
    with cameras.open_camera("demo") as camera:
        camera.read()
        dial.faults["camera"] = Fault("camera", "unplugged")
        with pytest.raises(CameraUnpluggedError, match="The camera Demo camera was unplugged"):
            camera.read()
        assert cameras.list_cameras() == ()
        dial.faults.clear()
        assert camera.read().number == 1
    assert [info.source for info in cameras.list_cameras()] == ["demo"]


def test_the_fault_of_another_device_is_not_the_cameras() -> None:
    cameras = VirtualCameras(CLOCK, Dial({"printer": Fault("printer", "jam")}), frames_per_s=2000)
    assert len(frames(cameras, 2)) == 2


@pytest.mark.parametrize("source", ["demo", "DEMO", "Demo camera", "0", ""])
def test_it_answers_to_its_names(source: str) -> None:
    with quick().open_camera(source) as camera:
        assert camera.name == "Demo camera"


def test_it_is_no_other_camera() -> None:
    with pytest.raises(CameraMissingError), quick().open_camera("HD Pro Webcam C920"):
        pytest.fail("it was opened")


def test_it_can_be_steered_while_it_plays(people: list[Path]) -> None:
    cameras, stop, front = quick(*people), threading.Event(), card()

    def steer() -> None:
        seed = 0
        while not stop.is_set():
            seed += 1
            cameras.seat(seed)
            cameras.present(front if seed % 2 else None)

    steering = threading.Thread(target=steer)
    steering.start()
    try:
        shown = frames(cameras, 60)
    finally:
        stop.set()
        steering.join()
    assert [frame.number for frame in shown] == list(range(60))


def test_the_demos_people_are_small_files_in_the_shape_of_a_camera() -> None:
    files = demo_portraits()
    assert len(files) >= 2
    for file in files:
        height, width = load_picture(file).shape[:2]
        assert (width, height) == (1344, 756)
        assert file.stat().st_size <= 120_000
        assert file.name in (file.parents[1] / "README.md").read_text("utf-8"), "its licence is not stated"
