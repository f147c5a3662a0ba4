"""Small pictures whose content a test can tell apart after any camera, decoder or printer has had them."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from station.photo.pictures import as_pixels
from station.ports.camera import Frame

# Blue, green, red. Far apart, so that JPEG and film coding cannot turn one into another.
COLOURS = ((230, 40, 40), (40, 230, 40), (40, 40, 230), (220, 220, 30), (30, 220, 220), (220, 30, 220))

Bgr = tuple[int, int, int]
Pixels = npt.NDArray[np.uint8]


def plain(colour: Bgr, width_px: int = 320, height_px: int = 240) -> Pixels:
    """Return a picture of one colour."""
    return np.full((height_px, width_px, 3), colour, np.uint8)


def jpeg(pixels: Pixels) -> bytes:
    """Return the picture as JPEG."""
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def colour_of(picture: Frame | Pixels) -> int:
    """Return which of COLOURS a picture is nearest to."""
    pixels = as_pixels(picture) if isinstance(picture, Frame) else picture
    mean = pixels.reshape(-1, 3).mean(axis=0)
    return int(np.argmin([np.abs(mean - colour).sum() for colour in COLOURS]))


def film(file: Path, frames: int = 12, frames_per_s: float = 60.0) -> Path:
    """Write a film that shows COLOURS in turn, each for one frame."""
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), frames_per_s, (320, 240))
    assert writer.isOpened()
    for number in range(frames):
        writer.write(plain(COLOURS[number % len(COLOURS)]))
    writer.release()
    return file


def saved(pixels: Pixels, kind: str, **options: object) -> bytes:
    """Return the picture as a file of that kind, made by Pillow with its options."""
    file = io.BytesIO()
    Image.fromarray(pixels[..., ::-1]).save(file, kind, **options)
    return file.getvalue()


def corners(width_px: int = 400, height_px: int = 300) -> Pixels:
    """Return a picture with another colour in each quarter: clockwise from the top left, the first four of COLOURS."""
    picture = np.zeros((height_px, width_px, 3), np.uint8)
    half_x, half_y = width_px // 2, height_px // 2
    picture[:half_y, :half_x], picture[:half_y, half_x:] = COLOURS[0], COLOURS[1]
    picture[half_y:, half_x:], picture[half_y:, :half_x] = COLOURS[2], COLOURS[3]
    return picture


def quarters(pixels: Pixels) -> tuple[int, int, int, int]:
    """Return the colour of each quarter of a picture, clockwise from the top left."""
    half_y, half_x = pixels.shape[0] // 2, pixels.shape[1] // 2
    inner = pixels[:half_y, :half_x], pixels[:half_y, half_x:], pixels[half_y:, half_x:], pixels[half_y:, :half_x]
    first, second, third, fourth = (colour_of(np.ascontiguousarray(part)) for part in inner)
    return first, second, third, fourth
