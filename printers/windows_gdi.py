"""Draw a card on a Windows printer dot for dot: colours as a 24-bit bitmap, black resin as one of 1 bit.

Drivers of card printers decide by the kind of an object what goes on the black panel: bitmaps of one bit do, black dots
of coloured ones don't, or only where a search for black is switched on. So both are sent apart, the second laid over
the first (``SRCAND``: white leaves what is there), at the printer's own raster and never scaled.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from dataclasses import dataclass

from printers.api import Bitmap

SRCCOPY, SRCAND = 0x00CC0020, 0x008800C6
_HEADER = "<IiiHHIIiiII"
_HEADER_BYTES = 40


@dataclass(frozen=True, slots=True)
class Dib:
    """A device-independent bitmap: BITMAPINFO (wingdi.h) with its palette, and rows from the bottom up."""

    width_px: int
    height_px: int
    info: bytes
    bits: bytes


@dataclass(frozen=True, slots=True)
class Stroke:
    """A bitmap, where its upper left corner lies on the page, and how it is laid on."""

    dib: Dib
    x: int
    y: int
    operation: int


Draw = Callable[[int, Stroke], None]
"""Lay a stroke on a device context; raises OSError when the driver refuses."""


def dib(bitmap: Bitmap) -> Dib:
    """Return a bitmap of the port as Windows takes it: ``RGB`` with 24 bits a dot, ``1`` with one, ink being black."""
    mono = bitmap.mode == "1"
    row = (bitmap.width_px + 7) // 8 if mono else bitmap.width_px * 3
    # Rows of a DIB begin at whole doublewords, the lowest row first (wingdi.h, BITMAPINFOHEADER).
    padding = bytes(-row % 4)
    data = bitmap.data if mono else _swapped(bitmap.data)
    rows = [data[start : start + row] + padding for start in range(0, row * bitmap.height_px, row)]
    bits = b"".join(reversed(rows))
    depth, colours = (1, 2) if mono else (24, 0)
    size = (bitmap.width_px, bitmap.height_px)
    info = struct.pack(_HEADER, _HEADER_BYTES, *size, 1, depth, 0, len(bits), 0, 0, colours, 0)
    palette = bytes((255, 255, 255, 0, 0, 0, 0, 0)) if mono else b""  # 0 is the card, 1 is ink
    return Dib(*size, info + palette, bits)


# A DIB has blue first.
def _swapped(data: bytes) -> bytes:
    swapped = bytearray(data)
    swapped[0::3], swapped[2::3] = data[2::3], data[0::3]
    return bytes(swapped)


def draw(context: int, stroke: Stroke) -> None:
    """Lay a stroke on a device context by StretchDIBits, one dot on one dot."""
    library = getattr(ctypes, "WinDLL", None)
    if library is None:
        raise OSError("this is not Windows")
    size = (stroke.dib.width_px, stroke.dib.height_px)
    place = (stroke.x, stroke.y, *size, 0, 0, *size)
    gdi = library("gdi32")
    # A bare number travels through ctypes as 32 bits, and a handle may have 64.
    handle = ctypes.c_void_p(context)
    if not gdi.StretchDIBits(handle, *place, stroke.dib.bits, stroke.dib.info, 0, stroke.operation):
        raise OSError("StretchDIBits")
