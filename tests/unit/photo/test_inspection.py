"""A portrait that came as a file is looked at, and becomes the holder's with what was found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from station.domain.errors import ModelError, PortraitError
from station.domain.portrait import PortraitSource
from station.photo import inspection
from station.photo.checks import CheckName, PrintTarget, Verdict
from station.photo.decoding import load_picture
from station.photo.inspection import InspectionJob, PortraitJob, inspect, portrait_of
from station.photo.portraits import PortraitShape, Sitting, jpeg_size
from station.resources import asset
from tests.helpers.pictures import corners, saved

TARGET = PrintTarget(20.0, 25.0, 300.0)
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """Give a portrait that is large enough to be printed."""
    file = tmp_path / "051REB123.jpg"
    file.write_bytes(asset("demo", "portraits", "person-2.jpg").read_bytes())
    return file


def test_a_portrait_is_cropped_and_judged(person: Path) -> None:
    seen = inspect(InspectionJob(person, TARGET))
    assert [finding.check for finding in seen.findings] == [name.value for name in CheckName]
    assert seen.size_px == load_picture(person).shape[1::-1]
    assert 0 < seen.crop.height < 1
    width, height = jpeg_size(seen.thumbnail)
    assert (height, round(width / height, 2)) == (inspection.THUMBNAIL_PX, 0.8)
    assert seen.verdict is not Verdict.BAD


def test_a_picture_without_a_person_is_bad_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / "wall.png"
    file.write_bytes(saved(corners(), "PNG"))
    seen = inspect(InspectionJob(file, TARGET))
    assert seen.verdict is Verdict.BAD
    assert seen.hint is not None
    assert "No face" in seen.hint.english()


def test_a_large_picture_is_judged_as_its_small_copy_is(person: Path, tmp_path: Path) -> None:
    large = cv2.resize(load_picture(person), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    file = tmp_path / "large.jpg"
    file.write_bytes(saved(np.asarray(large, np.uint8), "JPEG", quality=92))
    small, big = inspect(InspectionJob(person, TARGET)), inspect(InspectionJob(file, TARGET))
    assert big.size_px == (small.size_px[0] * 3, small.size_px[1] * 3)
    assert big.crop.height == pytest.approx(small.crop.height, abs=0.02)
    assert big.crop.centre_x == pytest.approx(small.crop.centre_x, abs=0.02)


def test_only_what_seems_too_small_is_decoded_in_full(person: Path, tmp_path: Path) -> None:
    """The face is a small part of a large picture: enough pixels in the file, too few in the quick copy."""
    picture = load_picture(person)
    picture = np.asarray(cv2.resize(picture, None, fx=1.4, fy=1.4, interpolation=cv2.INTER_CUBIC), np.uint8)
    room = np.full((4000, 4000, 3), picture[0, 0], np.uint8)
    top, left = (4000 - picture.shape[0]) // 2, (4000 - picture.shape[1]) // 2
    room[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    file = tmp_path / "far.jpg"
    file.write_bytes(saved(room, "JPEG", quality=92))
    seen = inspect(InspectionJob(file, TARGET))
    (resolution,) = (f for f in seen.findings if f.check == CheckName.RESOLUTION)
    assert resolution.verdict == Verdict.OK


def test_without_models_it_says_so_and_the_picture_can_still_be_seen(
    person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ModelError(file="face_detector.tflite", detail="it is missing")

    monkeypatch.setattr(inspection, "_engine", missing)
    seen = inspect(InspectionJob(person, TARGET))
    assert seen.unchecked is not None
    assert "face_detector.tflite" in seen.unchecked.english()
    assert (seen.findings, seen.verdict) == ((), Verdict.WARN)
    assert jpeg_size(seen.thumbnail)[1] == inspection.THUMBNAIL_PX


def job_for(person: Path, digest: str) -> PortraitJob:
    seen = inspect(InspectionJob(person, TARGET))
    sitting = Sitting("p1", "h1", NOON, PortraitSource.FOLDER, person.name)
    return PortraitJob(person, digest or seen.digest, sitting, PortraitShape(0.8), seen.crop, seen.findings)


def test_it_becomes_the_holders_portrait_with_what_was_found(person: Path) -> None:
    made = portrait_of(job_for(person, ""))
    assert (made.id, made.holder_id, made.source, made.taken_at) == ("p1", "h1", PortraitSource.FOLDER, NOON)
    assert len(made.findings) == len(CheckName)
    assert made.original is not None
    assert made.width_px / made.height_px == pytest.approx(0.8, abs=0.01)


def test_a_file_that_was_replaced_meanwhile_is_not_taken(person: Path) -> None:
    with pytest.raises(PortraitError, match=r"051REB123\.jpg is another picture than the one that was looked at"):
        portrait_of(job_for(person, "0" * 64))


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut off"])
def test_what_is_no_picture_is_one_message(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.jpg"
    file.write_bytes(data)
    with pytest.raises(PortraitError, match=r"x\.jpg"):
        inspect(InspectionJob(file, TARGET))
