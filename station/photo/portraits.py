"""Make the portrait of a holder out of a frame or a picture file."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from station.domain.portrait import Crop, Portrait, PortraitSource
from station.photo.crop import PORTRAIT_RATIO, CropArea, cut
from station.photo.pictures import as_pixels, load_picture, to_jpeg
from station.ports.camera import Frame

if TYPE_CHECKING:
    from station.photo.pictures import Pixels

ORIGINAL_EDGE_PX = 2400
"""Longest edge of the original that is kept, for cropping it anew: above twice what 600 dpi print needs."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Whose portrait it is, when it was taken and from where; the caller gives the id and the time."""

    portrait_id: str
    holder_id: str
    taken_at: datetime
    source: PortraitSource = PortraitSource.CAMERA
    file: str = ""
    """What to call the picture in messages, where it is a file."""


@dataclass(frozen=True, slots=True)
class PortraitShape:
    """What the layout asks for: width to height, and the height in pixels at most."""

    ratio: float = PORTRAIT_RATIO
    height_px: int = 720


def make_portrait(
    sitting: Sitting, picture: Frame | bytes, crop: Crop | None = None, shape: PortraitShape | None = None
) -> Portrait:
    """Return the portrait cut from a frame, or from the bytes of a picture file.

    Args:
        sitting: whose it is, and when.
        picture: what the camera gave, or a picture file's contents.
        crop: the part to take; the largest in the middle when there is none.
        shape: ratio and height; 35 × 45 and 720 pixels when there is none.

    Raises:
        PortraitError: the bytes are no usable picture.
    """
    shape = shape or PortraitShape()
    pixels = as_pixels(picture) if isinstance(picture, Frame) else load_picture(picture, name=sitting.file)
    area = CropArea(pixels.shape[1], pixels.shape[0], shape.ratio)
    chosen = area.clamp(crop or Crop())
    image = cut(pixels, chosen, shape.ratio, shape.height_px)
    width, height = jpeg_size(image)
    return Portrait(
        id=sitting.portrait_id,
        holder_id=sitting.holder_id,
        image=image,
        width_px=width,
        height_px=height,
        taken_at=sitting.taken_at,
        source=sitting.source,
        crop=chosen,
        original=_original(pixels),
    )


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG from its frame header, without decoding it (ITU-T T.81, B.2.2).

    Raises:
        ValueError: it is not a JPEG.
    """
    at = 2
    while at + 9 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], struct.unpack_from(">H", jpeg, at + 2)[0]
        # DHT, JPG and DAC lie among the frame headers and are none (ITU-T T.81, table B.1).
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", jpeg, at + 5)
            return width, height
        at += 2 + length
    raise ValueError("no frame header: not a JPEG")


def _original(pixels: Pixels) -> bytes:
    import cv2
    import numpy as np

    scale = ORIGINAL_EDGE_PX / max(pixels.shape[:2])
    if scale < 1:
        # A crop is in shares of the picture, so it stays true on the smaller one.
        smaller = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        pixels = np.asarray(smaller, dtype=np.uint8)
    return to_jpeg(pixels)
