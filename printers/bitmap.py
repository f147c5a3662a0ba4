"""A side's raster as a picture, and as the plastic shows it: cut to the card's edge, corners rounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from printers.api import N_, Bitmap, PrinterError

if TYPE_CHECKING:
    from PIL import Image

CARD_WIDTH_MM = 85.60
CARD_HEIGHT_MM = 53.98
CORNER_RADIUS_MM = 3.18
"""ID-1 of ISO/IEC 7810: the outside of every card that these printers print."""

MM_PER_INCH = 25.4


def to_image(bitmap: Bitmap) -> Image.Image:
    """Return a bitmap as a Pillow picture of the same size: ``RGB``, or ``1`` with ink as black.

    Raises:
        PrinterError: its data is not as long as its size says.
    """
    from PIL import Image

    row_bytes = bitmap.width_px * 3 if bitmap.mode == "RGB" else (bitmap.width_px + 7) // 8
    if bitmap.mode not in {"RGB", "1"} or len(bitmap.data) != row_bytes * bitmap.height_px:
        raise PrinterError(
            N_("The picture of the card for the printer is damaged: {detail}"),
            N_("Start the print again. Nothing was printed."),
            detail=f"{bitmap.mode} {bitmap.width_px} x {bitmap.height_px}, {len(bitmap.data)} bytes",
        )
    size = (bitmap.width_px, bitmap.height_px)
    if bitmap.mode == "RGB":
        return Image.frombytes("RGB", size, bitmap.data)
    # Ink is 1 in the port, and 0 (black) in Pillow.
    return Image.frombytes("1", size, bitmap.data, "raw", "1;I")


def from_image(image: Image.Image) -> Bitmap:
    """Return a Pillow picture, ``RGB`` or ``1`` with ink as black, as a bitmap of the port."""
    data = image.tobytes() if image.mode == "RGB" else image.tobytes("raw", "1;I")
    return Bitmap(image.mode, image.width, image.height, data)


def size_mm(size_px: tuple[int, int], dpi: tuple[int, int]) -> tuple[float, float]:
    """Return width and height of a raster in millimetres."""
    return size_px[0] / dpi[0] * MM_PER_INCH, size_px[1] / dpi[1] * MM_PER_INCH


def on_plastic(image: Image.Image, dpi: tuple[int, int]) -> Image.Image:
    """Return what stays on the card: the middle of the raster at the size of ID-1, outside the corners transparent.

    No pixel is scaled or moved to a half. What the raster does not reach is white plastic.
    """
    from PIL import Image

    width = round(CARD_WIDTH_MM / MM_PER_INCH * dpi[0])
    height = round(CARD_HEIGHT_MM / MM_PER_INCH * dpi[1])
    plastic = Image.new("RGB", (width, height), "white")
    plastic.paste(image.convert("RGB"), ((width - image.width) // 2, (height - image.height) // 2))
    plastic.putalpha(_rounded(width, height, dpi))
    return plastic


def _rounded(width: int, height: int, dpi: tuple[int, int]) -> Image.Image:
    from PIL import Image, ImageDraw

    mask = Image.new("L", (width, height), 255)
    across, down = (round(CORNER_RADIUS_MM / MM_PER_INCH * each) for each in dpi)
    corner = Image.new("L", (across, down), 0)
    ImageDraw.Draw(corner).ellipse((0, 0, 2 * across, 2 * down), fill=255)
    # One quarter, turned four ways; dots need not be square, so the circle may be an ellipse.
    flips = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM
    mask.paste(corner, (0, 0))
    mask.paste(corner.transpose(flips[0]), (width - across, 0))
    mask.paste(corner.transpose(flips[1]), (0, height - down))
    mask.paste(corner.transpose(flips[0]).transpose(flips[1]), (width - across, height - down))
    return mask
