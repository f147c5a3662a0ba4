"""A folder of pictures plays as a camera: in order, each for a while, whatever else lies there."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.adapters.camera import pictures
from station.adapters.camera.opencv import OpenCvCameras
from station.adapters.camera.pictures import FolderCamera
from station.adapters.clock import SystemClock
from station.domain.errors import CameraError, CameraMissingError, CameraUnpluggedError
from tests.helpers.pictures import COLOURS, colour_of, jpeg, plain, saved

CLOCK = SystemClock()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "FRAMES_PER_S", 500)
    monkeypatch.setattr(pictures, "FRAMES_EACH", 2)


def fill(folder: Path, names: dict[str, int]) -> Path:
    for name, colour in names.items():
        kind = "PNG" if name.endswith("png") else "JPEG"
        (folder / name).write_bytes(saved(plain(COLOURS[colour]), kind))
    return folder


def test_each_stays_for_a_while_and_the_first_follows_the_last(tmp_path: Path) -> None:
    camera = FolderCamera(fill(tmp_path, {"c.png": 2, "a.jpg": 0, "b.JPG": 1}), CLOCK)
    assert [colour_of(camera.read()) for _ in range(8)] == [0, 0, 1, 1, 2, 2, 0, 0]


def test_what_is_no_picture_and_what_is_broken_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy ribbons")
    (tmp_path / "a.jpg").write_bytes(b"broken")
    (tmp_path / "folder.jpg").mkdir()
    camera = FolderCamera(fill(tmp_path, {"b.jpg": 1, "c.jpg": 2}), CLOCK)
    assert [colour_of(camera.read()) for _ in range(6)] == [1, 1, 2, 2, 1, 1]


def test_a_picture_that_is_laid_in_meanwhile_comes_in_the_next_round(tmp_path: Path) -> None:
    camera = FolderCamera(fill(tmp_path, {"a.jpg": 0}), CLOCK)
    camera.read()
    fill(tmp_path, {"b.jpg": 1})
    assert [colour_of(camera.read()) for _ in range(5)] == [0, 0, 0, 1, 1]


def test_a_folder_without_pictures_is_no_camera(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("buy ribbons")
    with pytest.raises(CameraMissingError):
        FolderCamera(tmp_path, CLOCK)


def test_a_folder_of_broken_pictures_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"broken")
    with pytest.raises(CameraError, match=r"There is no picture in .* that can be used"):
        FolderCamera(tmp_path, CLOCK).read()


def test_a_folder_that_goes_away_is_unplugged(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    camera = FolderCamera(fill(folder, {"a.jpg": 0}), CLOCK)
    camera.read()
    folder.rename(tmp_path / "elsewhere")
    camera.read()  # the second of the two frames of the picture that is shown already
    with pytest.raises(CameraUnpluggedError):
        camera.read()


def test_one_picture_is_a_camera_too(tmp_path: Path) -> None:
    file = tmp_path / "one.jpg"
    file.write_bytes(jpeg(plain(COLOURS[4])))
    with OpenCvCameras(CLOCK).open_camera(str(file)) as camera:
        assert camera.name == "one.jpg"
        assert [colour_of(camera.read()) for _ in range(5)] == [4] * 5
