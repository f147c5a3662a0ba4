"""Frames and pixels are one thing, and a JPEG of ours holds nothing but the picture."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from station.photo.pictures import as_frame, as_pixels, load_picture, to_jpeg
from station.ports.camera import Frame
from tests.helpers.pictures import corners, quarters

UPRIGHT = (0, 1, 2, 3)


def test_a_frame_and_its_picture_share_memory() -> None:
    pixels = corners()
    frame = as_frame(pixels, number=7, grabbed_at_s=1.5)
    assert (frame.width_px, frame.height_px, frame.number, frame.grabbed_at_s) == (400, 300, 7, 1.5)
    assert np.shares_memory(as_pixels(frame), pixels)


def test_a_part_of_a_picture_becomes_a_frame_without_gaps() -> None:
    frame = as_frame(corners()[:150, 200:])
    assert len(frame.pixels) == 200 * 150 * 3
    assert quarters(as_pixels(frame)) == (1, 1, 1, 1)


def test_a_frame_of_plain_bytes_is_a_picture_too() -> None:
    assert as_pixels(Frame(bytes(range(12)), 2, 2)).tolist()[1] == [[6, 7, 8], [9, 10, 11]]


def test_a_jpeg_has_full_colour_and_nothing_but_the_picture() -> None:
    jpeg = to_jpeg(corners())
    with Image.open(io.BytesIO(jpeg)) as opened:
        assert opened.format == "JPEG"
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert [layer[1:3] for layer in opened.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
    assert quarters(load_picture(jpeg)) == UPRIGHT
