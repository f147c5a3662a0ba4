"""Files for people: a PNG of a bitmap, and a proof sheet in PDF at the card's exact size."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageChops

from station.ports.printer import Bitmap, RenderedCard
from station.render.colour import BLACK, WHITE
from station.render.raster import MM_PER_INCH, POINTS_PER_INCH, image_of

METRES_PER_INCH = MM_PER_INCH / 1000
# Bit depth, colour type, compression, filter, interlace (ISO/IEC 15948, 11.2.2).
_ONE_BIT = bytes((1, 0, 0, 0, 0))
_EIGHT_BITS_RGB = bytes((8, 2, 0, 0, 0))
_POINTS_PER_MM = POINTS_PER_INCH / MM_PER_INCH


def png(raster: Bitmap, dpi: int = 300, dpi_y: int | None = None) -> bytes:
    """Return a bitmap as a PNG that knows its resolution (fast rather than small).

    One that is only black and white is saved with one bit a dot. The bytes depend on the machine's zlib, the dots in
    them do not.
    """
    picture = image_of(raster)
    seen = picture.getcolors(2) if picture.mode == "RGB" else None
    if seen is not None and {colour for _, colour in seen} <= {WHITE, BLACK}:
        picture = picture.convert("1", dither=Image.Dither.NONE)
    if picture.mode == "1":
        stride, rows, kind = (picture.width + 7) // 8, picture.tobytes(), _ONE_BIT
        lines = (b"\0" + rows[start : start + stride] for start in range(0, len(rows), stride))
    else:
        # Each dot as its difference from the one above (filter 2): one pass where an encoder tries all five.
        above = Image.new("RGB", picture.size)
        above.paste(picture, (0, 1))
        stride, rows, kind = picture.width * 3, ImageChops.subtract_modulo(picture, above).tobytes(), _EIGHT_BITS_RGB
        lines = (b"\2" + rows[start : start + stride] for start in range(0, len(rows), stride))
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    packed = packer.compress(b"".join(lines)) + packer.flush()
    header = struct.pack(">II", *picture.size) + kind
    dots_a_metre = struct.pack(">IIB", *(round(each / METRES_PER_INCH) for each in (dpi, dpi_y or dpi)), 1)
    chunks = ((b"IHDR", header), (b"pHYs", dots_a_metre), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG (ISO/IEC 15948, 5.3)."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


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
