"""A card as a file, without loss: PNG at the printer's own raster, PDF with pages of an exact size."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from printers.api import RenderedCard
from printers.bitmap import CARD_HEIGHT_MM, CARD_WIDTH_MM, MM_PER_INCH, size_mm, to_image

if TYPE_CHECKING:
    from PIL import Image

_POINTS_PER_INCH = 72
# Level 1 makes the file a little larger and the wait several times shorter than the default.
_PNG_LEVEL = 1

ID1_MM = (CARD_WIDTH_MM, CARD_HEIGHT_MM)


def sides(card: RenderedCard, *, rotate_back: bool = False) -> list[Image.Image]:
    """Return the composite of each side, upright; for a model that feeds it so, the back upside down."""
    from PIL import Image

    images = [to_image(card.front.composite)]
    if card.back is not None:
        back = to_image(card.back.composite)
        images.append(back.transpose(Image.Transpose.ROTATE_180) if rotate_back else back)
    return images


def png(image: Image.Image, dpi: tuple[int, int]) -> bytes:
    """Return a picture as PNG that knows its resolution."""
    stream = io.BytesIO()
    image.save(stream, "PNG", dpi=dpi, compress_level=_PNG_LEVEL)
    return stream.getvalue()


def pdf(title: str, images: Sequence[Image.Image], dpi: tuple[int, int], page_mm: tuple[float, float]) -> bytes:
    """Return a PDF with one page an image, each image at its own size in the middle of a page of exactly ``page_mm``.

    What reaches beyond the page is in the file, but not on the page: a printer that prints over the edge can use it.
    """
    from reportlab import rl_config
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # plain bytes: a quarter shorter, and made in half the time
    stream = io.BytesIO()
    page = _points(page_mm)
    canvas = Canvas(stream, pagesize=page, invariant=True)
    canvas.setTitle(title)
    for image in images:
        width, height = _points(size_mm(image.size, dpi))
        canvas.drawImage(ImageReader(image), (page[0] - width) / 2, (page[1] - height) / 2, width, height)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _points(length_mm: tuple[float, float]) -> tuple[float, float]:
    return length_mm[0] / MM_PER_INCH * _POINTS_PER_INCH, length_mm[1] / MM_PER_INCH * _POINTS_PER_INCH
