"""A portrait is cut to the layout's shape, keeps where it came from, and carries nothing that nobody asked for."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from station.domain.errors import PortraitError
from station.domain.portrait import Crop, PortraitSource
from station.photo.crop import cut
from station.photo.pictures import as_frame, load_picture, to_jpeg
from station.photo.portraits import ORIGINAL_EDGE_PX, PortraitShape, Sitting, jpeg_size, make_portrait
from tests.helpers.pictures import COLOURS, corners, plain, quarters, saved

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
SITTING = Sitting("portrait-1", "holder-1", NOON)


def test_a_frame_becomes_the_largest_portrait_in_its_middle() -> None:
    portrait = make_portrait(SITTING, as_frame(corners(1280, 720)))
    assert (portrait.id, portrait.holder_id, portrait.taken_at) == ("portrait-1", "holder-1", NOON)
    assert portrait.source is PortraitSource.CAMERA
    assert (portrait.width_px, portrait.height_px) == (560, 720)
    assert portrait.crop == Crop(0.5, 0.5, 1.0)
    loaded = load_picture(portrait.image)
    assert (loaded.shape[1], loaded.shape[0]) == (560, 720)
    assert quarters(loaded) == (0, 1, 2, 3)


def test_the_layouts_shape_and_the_chosen_crop_are_followed() -> None:
    crop = Crop(0.25, 0.25, 0.4)
    portrait = make_portrait(SITTING, as_frame(corners(1280, 720)), crop, PortraitShape(ratio=0.75, height_px=240))
    assert (portrait.width_px, portrait.height_px, portrait.crop) == (180, 240, crop)
    assert quarters(load_picture(portrait.image)) == (0, 0, 0, 0)


def test_the_crop_that_is_kept_is_the_one_that_was_cut() -> None:
    portrait = make_portrait(SITTING, as_frame(corners()), Crop(5, 5, 0.5))
    assert portrait.original is not None
    assert portrait.crop != Crop(5, 5, 0.5)
    again = cut(load_picture(portrait.original), portrait.crop, 35 / 45, 720)
    assert quarters(load_picture(again)) == quarters(load_picture(portrait.image)) == (2, 2, 2, 2)


def test_where_a_photo_was_taken_is_neither_in_the_portrait_nor_in_the_original() -> None:
    notes = Image.Exif()
    notes[0x010F] = "CameraMaker"
    notes[0x8825] = {1: "N", 2: (56.0, 57.0, 0.0)}
    data = saved(corners(), "JPEG", exif=notes.tobytes(), comment=b"a secret remark")
    assert b"CameraMaker" in data
    sitting = Sitting("p", "h", NOON, PortraitSource.FILE, file="photo.jpg")
    portrait = make_portrait(sitting, data)
    assert portrait.source is PortraitSource.FILE
    assert portrait.original is not None
    for kept in (portrait.image, portrait.original):
        assert b"CameraMaker" not in kept
        assert b"a secret remark" not in kept
        with Image.open(io.BytesIO(kept)) as opened:
            assert not opened.getexif()


def test_a_large_original_is_kept_smaller_and_its_crop_stays_true() -> None:
    portrait = make_portrait(SITTING, as_frame(corners(3000, 4000)), Crop(0.75, 0.25, 0.2))
    assert portrait.original is not None
    assert max(jpeg_size(portrait.original)) == ORIGINAL_EDGE_PX
    assert quarters(load_picture(portrait.original)) == (0, 1, 2, 3)
    assert quarters(load_picture(cut(load_picture(portrait.original), portrait.crop, 35 / 45, 300))) == (1, 1, 1, 1)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    file = tmp_path / "041REB390.jpg"
    file.write_bytes(b"not a picture at all")
    sitting = Sitting("p", "h", NOON, PortraitSource.FILE, file=file.name)
    with pytest.raises(PortraitError, match=r"The file 041REB390\.jpg is not a picture"):
        make_portrait(sitting, file.read_bytes())


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_size_of_a_jpeg_is_read_from_its_header(width: int, height: int) -> None:
    assert jpeg_size(to_jpeg(plain(COLOURS[0], width, height))) == (width, height)


@pytest.mark.parametrize("options", [{"progressive": True}, {"exif": b"Exif\x00\x00" + bytes(900)}, {"comment": b"x"}])
def test_the_size_is_found_in_other_peoples_jpegs(options: dict[str, object]) -> None:
    assert jpeg_size(saved(corners(), "JPEG", **options)) == (400, 300)


@given(st.binary(max_size=64))
def test_what_is_no_jpeg_has_no_size(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a JPEG"):
        jpeg_size(data.replace(b"\xff", b"\x00"))


def test_a_portrait_is_made_from_memory_that_a_camera_lends() -> None:
    pixels = np.ascontiguousarray(corners(640, 480))
    frame = as_frame(pixels)
    portrait = make_portrait(SITTING, frame)
    before = portrait.image
    pixels[:] = 0
    assert portrait.image == before
    assert quarters(load_picture(portrait.image)) == (0, 1, 2, 3)
