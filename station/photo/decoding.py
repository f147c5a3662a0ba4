"""Decode whatever picture people bring: upright, sRGB, 8 bits, without metadata, or one clear message why not.

This is the only way into the program for a picture file, be it from a disk, the clipboard or the register. Nothing of
a file but its pixels goes on: where and when it was taken, and with what, stays behind.
"""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from station.domain.errors import N_, PortraitError
from station.domain.message import Message

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

    Pixels: TypeAlias = npt.NDArray[np.uint8]

MAX_FILE_BYTES = 60_000_000
MAX_PIXELS = 64_000_000
"""What is decoded at most: 192 MB of memory. A JPEG of a larger camera is decoded at half its size instead."""
MIN_EDGE_PX = 96
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff", ".bmp", ".gif")
"""How the names of picture files end; what is in them is seen from their contents alone."""

# What cameras, phones and scanners write. Formats that run programs (EPS) or hold no photos are not even tried.
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "PPM")
# Brands of ISO/IEC 23008-12 (HEIF) with pictures in HEVC: what telephones of Apple write.
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_EXIF_PART, _EXIF_TAKEN, _EXIF_ZONE = 0x8769, 0x9003, 0x9011  # EXIF 2.32
# Pillow's decoders have no error of their own for a file that is broken inside.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error, OverflowError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A picture out of a file.

    ``size_px`` is the width and height of the whole, upright, which is more than ``pixels`` where it was decoded
    smaller; ``taken_at`` is what the camera noted, to tell its age, and ``notes`` are words for the operator.
    """

    pixels: Pixels
    size_px: tuple[int, int]
    taken_at: datetime | None = None
    notes: tuple[Message, ...] = ()


def load_picture(source: Path | bytes, *, name: str = "") -> Pixels:
    """Return the picture in a file, or in the bytes of one: upright, sRGB, 8 bits, on white, first frame, no metadata.

    Args:
        source: the file, or its contents.
        name: what to call it in messages; a file's own name otherwise.

    Raises:
        PortraitError: it can't be read, is no picture, is damaged, too large or too small; the message says which.
    """
    return decode(source, name=name).pixels


def decode(source: Path | bytes, *, name: str = "", edge_px: int | None = None) -> Decoded:
    """Return the picture in a file, or in the bytes of one, and what is to be said about it.

    Args:
        source: the file, or its contents.
        name: what to call it in messages; a file's own name otherwise.
        edge_px: how long the longer edge has to be; a JPEG that is twice as large is then decoded smaller, quicker.

    Raises:
        PortraitError: it can't be read, is no picture, is damaged, too large or too small; the message says which.
    """
    from PIL import Image, UnidentifiedImageError

    shown = name or (source.name if isinstance(source, Path) else "—")
    data = read_file(source, shown)
    formats = _formats_for(data, shown)
    try:
        with Image.open(io.BytesIO(data), formats=formats) as opened:
            return _decoded(opened, shown, edge_px)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _too_large(shown) from error
    except UnidentifiedImageError as error:
        raise PortraitError(N_("The file {file} is not a picture that the station knows."), file=shown) from error
    except _BROKEN as error:
        raise PortraitError(N_("The picture {file} is damaged: it can't be read to its end."), file=shown) from error


def read_file(source: Path | bytes, shown: str) -> bytes:
    """Return the contents of a picture file, called ``shown`` in messages, unless there are too many of them.

    Raises:
        PortraitError: it can't be opened, or is larger than any photo.
    """
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


@cache
def _known_formats() -> tuple[str, ...]:
    from PIL import Image

    Image.preinit()
    # The rest by name: Pillow would load fifty more kinds of files with them.
    for kind in ("Avif", "Tiff", "WebP"):
        import_module(f"PIL.{kind}ImagePlugin")
    # A Pillow that was built without one of them must still open the others.
    return tuple(name for name in _FORMATS if name in Image.OPEN)


def _formats_for(data: bytes, shown: str) -> tuple[str, ...]:
    """Return the formats to try; HEIF only for a file that says it is, for its library is loaded only then."""
    if not _is_heic(data):
        return _known_formats()
    if not _can_heic():
        raise PortraitError(
            N_("The picture {file} is in a telephone's own format (HEIC), which this station can't open."),
            N_("Ask for it as a JPEG, or ask IT to add the reading of HEIC to the station."),
            file=shown,
        )
    return ("HEIF",)


def _is_heic(data: bytes) -> bool:
    if data[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, length - 3, 4))}
    # An AVIF file lists the general brands too; Pillow opens it by itself.
    return not brands & {b"avif", b"avis"} and bool(brands & _HEIC_BRANDS)


@cache
def _can_heic() -> bool:
    # The decoder alone first: it is LGPL, while the one that encodes too brings a GPL library with it.
    for module in ("pi_heif", "pillow_heif"):
        try:
            import_module(module).register_heif_opener(thumbnails=False)
        except ImportError:
            continue
        return True
    return False


def _decoded(opened: Image.Image, shown: str, edge_px: int | None) -> Decoded:
    size = opened.size
    _refuse_by_size(opened, shown, edge_px)
    notes = _notes(opened, shown)
    taken_at = _taken_at(opened)
    # Only now: a JPEG that is decoded smaller has another size from here on, which is no turn.
    before = opened.size
    picture = _upright(opened)
    lies = picture.size != before
    pixels = _pixels(_srgb(picture))
    return Decoded(pixels, (size[1], size[0]) if lies else size, taken_at, notes)


def _notes(opened: Image.Image, shown: str) -> tuple[Message, ...]:
    # Telephones hide a second picture (a depth map, a larger copy) behind the one that everybody sees.
    several = False
    if opened.format in ("GIF", "PNG", "WEBP", "TIFF", "AVIF"):
        with suppress(*_BROKEN):
            several = bool(getattr(opened, "is_animated", False))
    return (Message(_SEVERAL, {"file": shown}),) if several else ()


def _taken_at(opened: Image.Image) -> datetime | None:
    # Whatever stands there may be wrong or damaged: then nothing is known, which hinders nobody.
    with suppress(*_BROKEN):
        part = opened.getexif().get_ifd(_EXIF_PART)
        text, zone = str(part.get(_EXIF_TAKEN, "")).strip("\0 "), str(part.get(_EXIF_ZONE, "")).strip("\0 ")
        if zone:
            return datetime.strptime(f"{text} {zone}", "%Y:%m:%d %H:%M:%S %z")
        # Older cameras note no zone: theirs is taken for the desk's own.
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").astimezone()
    return None


def _refuse_by_size(opened: Image.Image, shown: str, edge_px: int | None) -> None:
    """Refuse what is too large or too small; have a JPEG decoded smaller where that will do."""
    width, height = opened.size
    if min(width, height) < MIN_EDGE_PX:
        raise PortraitError(
            N_("The picture {file} is too small for a portrait: {width} × {height} pixels."),
            file=shown,
            width=width,
            height=height,
        )
    # JPEG alone can be decoded at 1/2, 1/4 or 1/8 of its size: far more than a card needs, in memory that there is.
    enough = [part for part in (1, 2, 4) if width * height / part**2 <= MAX_PIXELS]
    least = enough[0] if enough else 8
    wanted = max((part for part in (1, 2, 4, 8) if edge_px and max(width, height) / part >= edge_px), default=1)
    part = max(least, wanted)
    if part > 1:
        opened.draft(None, (width // part, height // part))
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise _too_large(shown)


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
        # There is nothing to convert, and to convert it all the same would take time and round.
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


_SEVERAL = N_("There is more than one picture in {file}; the first of them is used.")
