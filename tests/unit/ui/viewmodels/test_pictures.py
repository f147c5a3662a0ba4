"""Frames and bitmaps become images of their own memory, mirrored and scaled where asked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor

from station.ports.camera import Frame
from station.ports.printer import Bitmap
from station.ui.viewmodels.pictures import image_of_bitmap, image_of_frame, mirrored_to_cover, thumbnail
from tests.helpers.desks import a_portrait

# One row, blue first: red, then black.
RED_THEN_BLACK = Frame(bytes((0, 0, 255, 0, 0, 0)), 2, 1)


def test_a_frame_keeps_its_colours() -> None:
    image = image_of_frame(RED_THEN_BLACK)
    assert [QColor(image.pixel(x, 0)).name() for x in (0, 1)] == ["#ff0000", "#000000"]


def test_the_preview_is_mirrored() -> None:
    image = mirrored_to_cover(RED_THEN_BLACK, QSize())
    assert [QColor(image.pixel(x, 0)).name() for x in (0, 1)] == ["#000000", "#ff0000"]


def test_a_large_frame_is_made_as_small_as_it_may_be() -> None:
    frame = Frame(bytes(640 * 480 * 3), 640, 480)
    assert mirrored_to_cover(frame, QSize(100, 100)).size() == QSize(133, 100)
    assert mirrored_to_cover(frame, QSize(800, 100)).size() == QSize(640, 480), "never larger than it is"


def test_a_rendered_side_is_red_first() -> None:
    image = image_of_bitmap(Bitmap("RGB", 1, 1, bytes((255, 0, 0))))
    assert QColor(image.pixel(0, 0)).name() == "#ff0000"
    with pytest.raises(ValueError, match="not of 1"):
        image_of_bitmap(Bitmap("1", 8, 1, b"\x00"))


def test_a_thumbnail_of_a_portrait_and_of_nothing() -> None:
    small = thumbnail(a_portrait("x").image, 80)
    assert small is not None
    assert small.height() == 80
    assert thumbnail(b"no picture") is None
