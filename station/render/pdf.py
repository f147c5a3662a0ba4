"""Files for people: a PNG of a bitmap, and a proof sheet in PDF at the card's exact size."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from station.ports.printer import Bitmap, RenderedCard
from station.render.colour import BLACK, WHITE
from station.render.raster import MM_PER_INCH, POINTS_PER_INCH, image_of

# zlib.Z_RLE: for drawn pictures as small as the default strategy, and a little faster.
_RUN_LENGTHS = 3
_POINTS_PER_MM = POINTS_PER_INCH / MM_PER_INCH


def png(raster: Bitmap, dpi: int = 300) -> bytes:
    """Return a bitmap as a PNG that knows its resolution (fast rather than small).

    One that is only black and white is saved with one bit a dot.
    """
    picture = image_of(raster)
    seen = picture.getcolors(2) if picture.mode == "RGB" else None
    if seen is not None and {colour for _, colour in seen} <= {WHITE, BLACK}:
        picture = picture.convert("1", dither=Image.Dither.NONE)
    target = BytesIO()
    picture.save(target, "PNG", compress_level=1, compress_type=_RUN_LENGTHS, dpi=(dpi, dpi))
    return target.getvalue()


def proof_pdf(card: RenderedCard, title: str = "") -> bytes:
    """Return a PDF with one page a side, each of the card's exact size; the bleed lies outside the page.

    Its metadata holds the title only, and no time: the same card gives the same bytes.
    """
    from reportlab import rl_config
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # plain bytes: a quarter shorter
    width, height = card.width_mm * _POINTS_PER_MM, card.height_mm * _POINTS_PER_MM
    target = BytesIO()
    sheet = Canvas(target, pagesize=(width, height), invariant=1, pageCompression=1)
    sheet.setTitle(title)
    for side in (card.front, card.back):
        if side is None:
            continue
        seen = side.composite
        full = (seen.width_px / card.dpi_x * POINTS_PER_INCH, seen.height_px / card.dpi_y * POINTS_PER_INCH)
        place = ((width - full[0]) / 2, (height - full[1]) / 2)
        sheet.drawImage(ImageReader(image_of(seen)), *place, width=full[0], height=full[1])
        sheet.showPage()
    sheet.save()
    return target.getvalue()
