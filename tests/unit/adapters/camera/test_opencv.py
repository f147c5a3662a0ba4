"""Cameras are found by index, name and device file, named without being opened; films and streams play as cameras."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from station.adapters.camera.opencv import OpenCvCameras, StreamTimeouts
from station.adapters.camera.pace import Pacer
from station.adapters.clock import SystemClock
from station.domain.errors import CameraError, CameraMissingError, CameraUnpluggedError
from station.ports.camera import CameraInfo
from tests.helpers.mjpeg import MjpegServer
from tests.helpers.pictures import COLOURS, colour_of, film, jpeg, plain

CLOCK = SystemClock()
NEVER_THERE = 63  # the kernel gives out low numbers first


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """Return a folder like /sys/class/video4linux."""
    folder = tmp_path / "video4linux"
    folder.mkdir()
    return folder


def add(devices: Path, number: int, name: str, index: str | None = "0") -> None:
    device = devices / f"video{number}"
    device.mkdir()
    (device / "name").write_text(f"{name}\n", "utf-8")
    if index is not None:
        (device / "index").write_text(f"{index}\n")


@pytest.mark.skipif("not __import__('sys').platform.startswith('linux')")
def test_cameras_are_listed_by_name_in_the_order_of_their_numbers(devices: Path) -> None:
    add(devices, 10, "Document camera")
    add(devices, 2, "HD Pro Webcam C920")
    add(devices, 3, "HD Pro Webcam C920", index="1")  # gives metadata, no pictures
    add(devices, 4, "Old driver", index=None)
    (devices / "v4l-subdev0").mkdir()
    assert OpenCvCameras(CLOCK, video_devices=devices).list_cameras() == (
        CameraInfo("HD Pro Webcam C920", "HD Pro Webcam C920"),
        CameraInfo("Old driver", "Old driver"),
        CameraInfo("Document camera", "Document camera"),
    )


@pytest.mark.skipif("not __import__('sys').platform.startswith('linux')")
def test_twins_and_the_nameless_are_told_apart_by_number(devices: Path) -> None:
    add(devices, 0, "Twin")
    add(devices, 2, "Twin")
    add(devices, 4, "")
    assert OpenCvCameras(CLOCK, video_devices=devices).list_cameras() == (
        CameraInfo("0", "Twin"),
        CameraInfo("2", "Twin"),
        CameraInfo("4", "Camera 5"),
    )


@pytest.mark.skipif("not __import__('sys').platform.startswith('linux')")
def test_a_computer_without_cameras_has_an_empty_list(devices: Path) -> None:
    assert OpenCvCameras(CLOCK, video_devices=devices).list_cameras() == ()
    assert OpenCvCameras(CLOCK, video_devices=devices / "none").list_cameras() == ()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_where_cameras_have_no_names_their_numbers_are_listed(
    platform: str, devices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    listed = OpenCvCameras(CLOCK, video_devices=devices).list_cameras()
    assert listed == (CameraInfo("0", "Camera 1"), CameraInfo("1", "Camera 2"))


@pytest.mark.parametrize("source", ["HD Pro Webcam C920", "hd pro webcam c920", "c920", "63", "/dev/video63"])
def test_a_camera_is_meant_by_name_part_of_it_number_or_device(devices: Path, source: str) -> None:
    add(devices, NEVER_THERE, "HD Pro Webcam C920")
    add(devices, 62, "Document camera")
    # Its index was found; the device itself is only pretended here, as one that another program holds would look.
    held = pytest.raises(
        CameraError, match="The camera HD Pro Webcam C920 is there, but can't be used: another program"
    )
    with held as raised, OpenCvCameras(CLOCK, video_devices=devices).open_camera(source):
        pytest.fail("there is no such device")
    assert not isinstance(raised.value, CameraMissingError)


def test_an_index_that_the_system_does_not_know_is_missing(devices: Path) -> None:
    not_found = pytest.raises(CameraMissingError, match="The camera 63 was not found")
    with not_found, OpenCvCameras(CLOCK, video_devices=devices).open_camera("63"):
        pytest.fail("there is no such device")


@pytest.mark.parametrize("source", ["", "Nobody's camera", "/dev/null-camera", "film.avi"])
def test_a_camera_that_nobody_knows_is_missing(devices: Path, source: str) -> None:
    add(devices, NEVER_THERE, "HD Pro Webcam C920")
    with pytest.raises(CameraMissingError), OpenCvCameras(CLOCK, video_devices=devices).open_camera(source):
        pytest.fail("there is no such camera")


def test_a_film_plays_in_order_and_begins_again(tmp_path: Path) -> None:
    file = film(tmp_path / "film.avi", frames=len(COLOURS), frames_per_s=120)
    with OpenCvCameras(CLOCK).open_camera(str(file)) as camera:
        seen = [colour_of(camera.read()) for _ in range(2 * len(COLOURS) + 1)]
    assert seen == [*range(len(COLOURS)), *range(len(COLOURS)), 0]


def test_a_film_plays_at_its_own_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = list[float]()

    class Noted(Pacer):
        def __init__(self, clock: SystemClock, frames_per_s: float) -> None:
            rates.append(frames_per_s)
            super().__init__(clock, 1000)

    monkeypatch.setattr("station.adapters.camera.opencv.Pacer", Noted)
    for rate in (12, 25, 60):
        with OpenCvCameras(CLOCK).open_camera(str(film(tmp_path / f"{rate}.avi", frames_per_s=rate))) as camera:
            camera.read()
    assert rates == pytest.approx([12, 25, 60])


@pytest.mark.parametrize("content", [b"", b"RIFF\x00\x00\x00\x00AVI LIST", b"no film at all\n" * 100])
def test_a_file_that_is_no_film_is_not_called_missing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.avi"
    file.write_bytes(content)
    refused = pytest.raises(CameraError, match=r"The file notes\.avi is not a film or a picture")
    with refused as raised, OpenCvCameras(CLOCK).open_camera(str(file)):
        pytest.fail("it was opened")
    assert not isinstance(raised.value, CameraMissingError)


def test_a_password_in_an_address_is_never_shown() -> None:
    address = "http://desk:secret@127.0.0.1:9/video.mjpg"
    missing = pytest.raises(CameraMissingError)
    with missing as raised, OpenCvCameras(CLOCK, timeouts=StreamTimeouts(1, 1)).open_camera(address):
        pytest.fail("nothing listens there")
    assert "secret" not in str(raised.value)
    assert "127.0.0.1" in str(raised.value)


def test_a_stream_is_called_by_its_host_and_closed_with_the_context() -> None:
    with MjpegServer([jpeg(plain(COLOURS[1]))]) as server:
        with OpenCvCameras(CLOCK).open_camera(server.url) as camera:
            assert camera.name == "127.0.0.1"
            assert colour_of(camera.read()) == 1
        assert server.connections == 1


def test_a_driver_that_raises_in_the_middle_is_a_cable_that_was_pulled(tmp_path: Path) -> None:
    class Raising:
        def read(self) -> tuple[bool, None]:
            raise cv2.error("Unknown C++ exception from OpenCV code")

        def open(self, *_how: object) -> bool:
            return False

        def release(self) -> None:
            """Nothing is held."""

    with OpenCvCameras(CLOCK).open_camera(str(film(tmp_path / "film.avi"))) as camera:
        camera.read()
        camera._video = Raising()  # type: ignore[attr-defined]  # as some drivers of Windows do when a cable is pulled
        with pytest.raises(CameraUnpluggedError):
            camera.read()
