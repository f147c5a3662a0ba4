"""From millimetres on the card to whole dots of one printer, and back to the port's bitmaps."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from station.domain.elements import Box
from station.domain.layout import Layout
from station.ports.printer import Bitmap, PrinterProfile

MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0

# Left, upper, right, lower edge in dots; right and lower are the first dot outside.
Dots = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Raster:
    """One side's dots. The card lies in the middle; what is left and right, above and below it is bleed."""

    width_px: int
    height_px: int
    dpi_x: int
    dpi_y: int
    card_width_mm: float
    card_height_mm: float

    @classmethod
    def of_printer(cls, layout: Layout, profile: PrinterProfile) -> Raster:
        """Return the raster that a printer wants."""
        size = (profile.width_px, profile.height_px, profile.dpi_x, profile.dpi_y)
        return cls(*size, layout.width_mm, layout.height_mm)

    @classmethod
    def of_card(cls, layout: Layout, dpi: int) -> Raster:
        """Return a raster without bleed, as a preview shows it."""
        width, height = (round(mm * dpi / MM_PER_INCH) for mm in (layout.width_mm, layout.height_mm))
        return cls(width, height, dpi, dpi, layout.width_mm, layout.height_mm)

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in dots."""
        return self.width_px, self.height_px

    @property
    def stretch(self) -> float:
        """Return how many dots across make the length of one dot down: 1 where dots are square."""
        return self.dpi_x / self.dpi_y

    def x_px(self, x_mm: float) -> float:
        """Return where a place on the card lies, in dots from the raster's left edge."""
        return self.width_px / 2 + (x_mm - self.card_width_mm / 2) * self.dpi_x / MM_PER_INCH

    def y_px(self, y_mm: float) -> float:
        """Return where a place on the card lies, in dots from the raster's upper edge."""
        return self.height_px / 2 + (y_mm - self.card_height_mm / 2) * self.dpi_y / MM_PER_INCH

    def dots(self, box: Box, *, bleed: bool = False) -> Dots:
        """Return the dots a box covers; with ``bleed`` a side on the card's edge goes on to the raster's edge."""
        left, upper = round(self.x_px(box.x_mm)), round(self.y_px(box.y_mm))
        right, lower = round(self.x_px(box.right_mm)), round(self.y_px(box.bottom_mm))
        if bleed:
            left = min(left, 0) if box.x_mm <= 0 else left
            upper = min(upper, 0) if box.y_mm <= 0 else upper
            right = max(right, self.width_px) if box.right_mm >= self.card_width_mm else right
            lower = max(lower, self.height_px) if box.bottom_mm >= self.card_height_mm else lower
        # A dot at least, or a fine line of the layout would be gone on a coarse printer.
        return left, upper, max(right, left + 1), max(lower, upper + 1)

    def down_px(self, length_mm: float) -> float:
        """Return a length in dots, measured downwards."""
        return length_mm * self.dpi_y / MM_PER_INCH


_HALF = [255 if level >= 128 else 0 for level in range(256)]


def hardened(mask: Image.Image) -> Image.Image:
    """Return a soft mask (``L``) as one of ink or no ink (``1``)."""
    return mask.point(_HALF).convert("1")


def bitmap(image: Image.Image) -> Bitmap:
    """Return a picture of mode ``RGB`` or ``1`` as the port's raster (in ``1`` a set bit is ink)."""
    return Bitmap(image.mode, image.width, image.height, image.tobytes())


def image_of(raster: Bitmap) -> Image.Image:
    """Return the port's raster as a picture, sharing its bytes where the mode allows it."""
    size = (raster.width_px, raster.height_px)
    if raster.mode == "1":
        return Image.frombytes("1", size, raster.data)
    return Image.frombuffer(raster.mode, size, raster.data, "raw", raster.mode, 0, 1)
