"""Bitmaps as Windows takes them, read back by somebody else's reader of the same format."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from printers.api import Bitmap
from printers.windows_gdi import SRCCOPY, Dib, Stroke, dib, draw


def opened(found: Dib) -> Image.Image:
    """Return a DIB as a picture: with a file header before it, it is a BMP file."""
    start = 14 + len(found.info)
    header = b"BM" + (start + len(found.bits)).to_bytes(4, "little") + bytes(4) + start.to_bytes(4, "little")
    return Image.open(io.BytesIO(header + found.info + found.bits))


@pytest.mark.parametrize("width", [1, 2, 3, 4, 7, 8, 9, 31, 32, 33])
def test_colours_stay_and_rows_are_padded(width: int) -> None:
    data = bytes((number * 37) % 256 for number in range(width * 5 * 3))
    picture = opened(dib(Bitmap("RGB", width, 5, data)))
    assert (picture.mode, picture.size, picture.tobytes()) == ("RGB", (width, 5), data)


@pytest.mark.parametrize("width", [1, 7, 8, 9, 31, 32, 33])
def test_ink_is_black_and_one_bit_deep(width: int) -> None:
    rows = bytes((number * 91 + 5) % 256 for number in range((width + 7) // 8 * 5))
    picture = opened(dib(Bitmap("1", width, 5, rows)))
    assert picture.size == (width, 5)
    expected = Image.frombytes("1", (width, 5), rows, "raw", "1;I")
    assert picture.convert("L").tobytes() == expected.convert("L").tobytes()
    assert int.from_bytes(dib(Bitmap("1", width, 5, rows)).info[14:16], "little") == 1


def test_elsewhere_than_on_windows_nothing_is_drawn() -> None:
    with pytest.raises(OSError, match="Windows"):
        draw(1, Stroke(dib(Bitmap("1", 8, 1, b"\xff")), 0, 0, SRCCOPY))
