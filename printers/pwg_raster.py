"""A card as PWG Raster (PWG 5102.4): every dot as it is, for printers that take no PDF.

Compressed only where it costs no time: rows of one colour and rows that repeat; a portrait packs badly anyway.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from printers.bitmap import MM_PER_INCH

if TYPE_CHECKING:
    from PIL import Image

_SYNC = b"RaS2"
_HEADER_BYTES = 1796
_MEDIA = b"om_card_54x86mm"
_SRGB = 19
_POINTS_PER_INCH = 72
# A run or a stretch of single dots has at most 128 of them, a row is repeated at most 256 times.
_RUN = 128
_ROWS = 256

SHEET_BACKS: dict[str, tuple[int, int]] = {
    "normal": (1, 1),
    "manual-tumble": (1, 1),
    "flipped": (1, -1),
    "rotated": (-1, -1),
}
"""How the printer wants the back (``pwg-raster-document-sheet-back``) of a card turned over its long edge."""


def raster(
    images: Sequence[Image.Image], dpi: tuple[int, int], page_mm: tuple[float, float], *, back: str = "normal"
) -> bytes:
    """Return a document of one page an image: the middle of each at the size of the page, lying on its short edge.

    A card goes through a printer lengthwise, and the medium ``om_card_54x86mm`` is as wide as the card is high.
    """
    turns = [(1, 1), SHEET_BACKS.get(back, (1, 1))]
    pages = [_page(image, dpi, page_mm, turn) for image, turn in zip(images, turns, strict=False)]
    # The page was turned, and dots need not be square.
    across_down = (dpi[1], dpi[0])
    parts = [_SYNC]
    for page, turn in zip(pages, turns, strict=False):
        parts.append(_header(page.size, across_down, len(pages), turn))
        parts.extend(_rows(page))
    return b"".join(parts)


def _page(image: Image.Image, dpi: tuple[int, int], page_mm: tuple[float, float], turn: tuple[int, int]) -> Image.Image:
    from PIL import Image

    width, height = (round(length / MM_PER_INCH * dots) for length, dots in zip(page_mm, dpi, strict=True))
    page = Image.new("RGB", (width, height), "white")
    page.paste(image.convert("RGB"), ((width - image.width) // 2, (height - image.height) // 2))
    # The short edge leads, as the name of the medium says it.
    page = page.transpose(Image.Transpose.ROTATE_90)
    if turn[0] < 0:
        page = page.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return page.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if turn[1] < 0 else page


def _header(size: tuple[int, int], dpi: tuple[int, int], pages: int, turn: tuple[int, int]) -> bytes:
    """Return a page's header, PWG 5102.4 table 5; what isn't named there is zero."""
    width, height = size
    points = [round(dots / each * _POINTS_PER_INCH) for dots, each in zip(size, dpi, strict=True)]
    header = bytearray(_HEADER_BYTES)
    header[0:9] = b"PwgRaster"
    header[1732 : 1732 + len(_MEDIA)] = _MEDIA
    numbers: dict[int, tuple[int, ...]] = {
        272: (int(pages > 1),),
        276: dpi,
        340: (1,),
        352: (points[0], points[1]),
        372: (width, height),
        384: (8, 24, width * 3, 0, _SRGB),
        420: (3,),
        452: (pages, turn[0], turn[1]),
    }
    for place, values in numbers.items():
        struct.pack_into(f">{len(values)}i", header, place, *values)
    return bytes(header)


def _rows(page: Image.Image) -> Iterator[bytes]:
    data, width = page.tobytes(), page.width * 3
    rows = [data[start : start + width] for start in range(0, len(data), width)]
    at = 0
    while at < len(rows):
        same = 1
        while same < _ROWS and at + same < len(rows) and rows[at + same] == rows[at]:
            same += 1
        yield bytes([same - 1])
        yield _row(rows[at])
        at += same


def _row(row: bytes) -> bytes:
    width, first = len(row) // 3, row[:3]
    if row == first * width:
        runs = [_RUN] * (width // _RUN) + ([width % _RUN] if width % _RUN else [])
        return b"".join(bytes([run - 1]) + first for run in runs)
    parts = []
    for start in range(0, width, _RUN):
        dots = row[start * 3 : (start + _RUN) * 3]
        count = len(dots) // 3
        # One dot alone is a run of one: the code for stretches begins at two.
        parts.append(bytes([257 - count if count > 1 else 0]) + dots)
    return b"".join(parts)
