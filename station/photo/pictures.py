"""Pictures as arrays: frames to pixels and back without a copy, and pixels into JPEG."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from station.photo.decoding import load_picture
from station.ports.camera import Frame

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pixels: TypeAlias = npt.NDArray[np.uint8]
    """A picture: rows × columns × 3, blue first, sRGB."""

__all__ = ["as_frame", "as_pixels", "load_picture", "to_jpeg"]

JPEG_QUALITY = 92


def as_pixels(frame: Frame) -> Pixels:
    """Return a frame as a picture that shares its memory; nothing is copied."""
    import numpy as np

    return np.frombuffer(frame.pixels, dtype=np.uint8).reshape(frame.height_px, frame.width_px, 3)


def as_frame(pixels: Pixels, *, number: int = 0, grabbed_at_s: float = 0.0) -> Frame:
    """Return a picture as a frame; copies only where its rows have gaps."""
    import numpy as np

    whole = np.ascontiguousarray(pixels)
    return Frame(whole.data.cast("B"), whole.shape[1], whole.shape[0], number, grabbed_at_s)


def to_jpeg(pixels: Pixels, *, quality: int = JPEG_QUALITY) -> bytes:
    """Return a picture as a JPEG with full colour (4:4:4), without metadata."""
    import cv2

    full_colour = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality, *full_colour])
    return encoded.tobytes()
