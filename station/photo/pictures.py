"""Turn picture files and camera frames into one kind of picture, safely, and pictures into JPEG."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from station.domain.errors import N_, PortraitError
from station.ports.camera import Frame

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

    Pixels: TypeAlias = npt.NDArray[np.uint8]
    """A picture: rows × columns × 3, blue first, sRGB."""

MAX_FILE_BYTES = 60_000_000
MAX_PIXELS = 64_000_000
"""What is decoded at most: 192 MB of memory. A JPEG of a larger camera is decoded at half its size instead."""
MIN_EDGE_PX = 96
JPEG_QUALITY = 92

# What cameras, phones and scanners write. Formats that run programs (EPS) or hold no photos are not even tried.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "PPM")
# Pillow's decoders have no error of their own for a file that is broken inside.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error, OverflowError)


def load_picture(source: Path | bytes, *, name: str = "") -> Pixels:
    """Return the picture in a file, or in the bytes of one: upright, sRGB, 8 bits, on white, first frame, no metadata.

    Args:
        source: the file, or its contents.
        name: what to call it in messages; a file's own name otherwise.

    Raises:
        PortraitError: it can't be read, is no picture, is damaged, too large or too small; the message says which.
    """
    from PIL import Image, UnidentifiedImageError

    shown = name or (source.name if isinstance(source, Path) else "—")
    data = _contents(source, shown)
    try:
        with Image.open(io.BytesIO(data), formats=_known_formats()) as opened:
            _refuse_by_size(opened, shown)
            return _pixels(_srgb(_upright(opened)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _too_large(shown) from error
    except UnidentifiedImageError as error:
        raise PortraitError(N_("The file {file} is not a picture that the station knows."), file=shown) from error
    except _BROKEN as error:
        raise PortraitError(N_("The picture {file} is damaged: it can't be read to its end."), file=shown) from error


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


@cache
def _known_formats() -> tuple[str, ...]:
    from PIL import Image

    Image.preinit()
    # The rest by name: Pillow would load fifty more kinds of files with them.
    for kind in ("Avif", "Tiff", "WebP"):
        import_module(f"PIL.{kind}ImagePlugin")
    # A Pillow that was built without one of them must still open the others.
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _contents(source: Path | bytes, shown: str) -> bytes:
    try:
        size = source.stat().st_size if isinstance(source, Path) else len(source)
        if size > MAX_FILE_BYTES:
            raise PortraitError(
                N_("The file {file} is too large: {size_mb} MB. Pictures up to {limit_mb} MB can be used."),
                file=shown,
                size_mb=round(size / 1e6),
                limit_mb=round(MAX_FILE_BYTES / 1e6),
            )
        return source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise PortraitError(
            N_("The file {file} can't be opened: {detail}"), file=shown, detail=error.strerror or str(error)
        ) from error


def _refuse_by_size(opened: Image.Image, shown: str) -> None:
    width, height = opened.size
    # JPEG alone can be decoded at 1/2, 1/4 or 1/8 of its size: far more than a card needs, in memory that there is.
    part = next((part for part in (1, 2, 4) if width * height / part**2 <= MAX_PIXELS), 8)
    opened.draft(None, (width // part, height // part))
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise _too_large(shown)
    if min(width, height) < MIN_EDGE_PX:
        raise PortraitError(
            N_("The picture {file} is too small for a portrait: {width} × {height} pixels."),
            file=shown,
            width=width,
            height=height,
        )


def _too_large(shown: str) -> PortraitError:
    return PortraitError(N_("The picture {file} has too many pixels to be a photo of a person."), file=shown)


def _upright(opened: Image.Image) -> Image.Image:
    from PIL import ImageOps

    opened.load()
    # The picture is whole even where the note on how the camera was held is not: then it stays as it lies.
    with suppress(*_BROKEN):
        ImageOps.exif_transpose(opened, in_place=True)
    return opened


def _srgb(picture: Image.Image) -> Image.Image:
    """Return ``picture`` as 8-bit RGB on white, through its own colour profile where it has one."""
    from PIL import Image

    if picture.mode.startswith("I"):
        picture = _eight_bits(picture)
    if picture.mode in {"P", "PA", "LA", "La", "RGBa"} or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    if picture.mode == "RGBA":
        white = Image.new("RGBA", picture.size, "white")
        white.alpha_composite(picture)
        white.info = {"icc_profile": picture.info.get("icc_profile")}
        picture = white.convert("RGB")
    picture = _through_profile(picture)
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    import numpy as np
    from PIL import Image

    deep = np.asarray(picture).astype(np.int64)
    # 16 bits of grey; Pillow alone would clip everything above 255 to white.
    return Image.fromarray((deep.clip(0, 65535) // 257).astype(np.uint8))


def _through_profile(picture: Image.Image) -> Image.Image:
    from PIL import ImageCms

    profile: bytes | None = picture.info.get("icc_profile")
    if not profile:
        return picture
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(theirs).casefold():
            return picture
        ours = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, theirs, ours, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, OSError):
        # A profile that does not fit its picture is common; the colours are then taken as they are.
        return picture


def _pixels(picture: Image.Image) -> Pixels:
    import numpy as np

    # Packed blue first by Pillow itself: one copy, where an array and then another order would take two.
    packed = np.frombuffer(picture.tobytes("raw", "BGR"), dtype=np.uint8)
    return packed.reshape(picture.height, picture.width, 3)
