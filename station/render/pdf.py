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
_NEGATIVE = bytes(255 - byte for byte in range(256))
_ONE_BIT = bytes((1, 0, 0, 0, 0))
_EIGHT_BITS_RGB = bytes((8, 2, 0, 0, 0))
_MARGIN_MM = 8.0
_MARK_PT = 0.25
_POINTS_PER_MM = POINTS_PER_INCH / MM_PER_INCH


def png(raster: Bitmap, dpi: int = 300, dpi_y: int | None = None) -> bytes:
    """Return a bitmap as a PNG that knows its resolution (fast rather than small).

    One that is only black and white is saved with one bit a dot; of a panel without colours the ink is black. The
    bytes depend on the machine's zlib, the dots in them do not.
    """
    picture = image_of(raster)
    seen = picture.getcolors(2) if picture.mode == "RGB" else None
    if seen is not None and {colour for _, colour in seen} <= {WHITE, BLACK}:
        picture = picture.convert("1", dither=Image.Dither.NONE)
    if picture.mode == "1":
        stride, kind = (picture.width + 7) // 8, _ONE_BIT
        rows = raster.data.translate(_NEGATIVE) if raster.mode == "1" else picture.tobytes()
        lines = (b"\0" + rows[start : start + stride] for start in range(0, len(rows), stride))
    else:
        # Each dot as its difference from the one above (filter 2): one pass where an encoder tries all five.
        above = Image.new("RGB", picture.size)
        above.paste(picture, (0, 1))
        stride, rows, kind = picture.width * 3, ImageChops.subtract_modulo(picture, above).tobytes(), _EIGHT_BITS_RGB
        lines = (b"\2" + rows[start : start + stride] for start in range(0, len(rows), stride))
    # Runs alone are looked for: even ground is most of a card, and nothing else is worth the time.
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    packed = packer.compress(b"".join(lines)) + packer.flush()
    header = struct.pack(">II", *picture.size) + kind
    dots_a_metre = struct.pack(">IIB", *(round(each / METRES_PER_INCH) for each in (dpi, dpi_y or dpi)), 1)
    chunks = ((b"IHDR", header), (b"pHYs", dots_a_metre), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG (ISO/IEC 15948, 5.3)."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def proof_pdf(card: RenderedCard, title: str = "", *, marks: bool = False) -> bytes:
    """Return a PDF with one page a side, each of the card's exact size; the bleed lies outside the page.

    With ``marks`` the page is larger: it shows the bleed, and marks where the card is cut, which its trim box says too
    (ISO 32000-1, 14.11.2). Its metadata holds the title only, and no time: the same card gives the same bytes.
    """
    from reportlab import rl_config
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    rl_config.useA85 = 0  # plain bytes: a quarter shorter
    width, height = card.width_mm * _POINTS_PER_MM, card.height_mm * _POINTS_PER_MM
    around = _MARGIN_MM * _POINTS_PER_MM if marks else 0.0
    target = BytesIO()
    sheet = Canvas(target, pagesize=(width + 2 * around, height + 2 * around), invariant=1, pageCompression=1)
    sheet.setTitle(title)
    for side in (card.front, card.back):
        if side is None:
            continue
        seen = side.composite
        full = (seen.width_px / card.dpi_x * POINTS_PER_INCH, seen.height_px / card.dpi_y * POINTS_PER_INCH)
        bleed = ((full[0] - width) / 2, (full[1] - height) / 2)
        sheet.drawImage(
            ImageReader(image_of(seen)), around - bleed[0], around - bleed[1], width=full[0], height=full[1]
        )
        if marks:
            sheet.setTrimBox((around, around, around + width, around + height))
            corner = (around - bleed[0], around - bleed[1])
            sheet.setBleedBox((*corner, corner[0] + full[0], corner[1] + full[1]))
            sheet.setLineWidth(_MARK_PT)
            sheet.lines(_cut_marks(around, (width, height), max(bleed)))
        sheet.showPage()
    sheet.save()
    return target.getvalue()


def _cut_marks(around: float, card: tuple[float, float], bleed: float) -> list[tuple[float, float, float, float]]:
    """Return lines that point at the card's four corners and end outside of its bleed, in points."""
    gap, reach = bleed + _POINTS_PER_MM, around - _POINTS_PER_MM
    lines = []
    for x, outward in ((around, -1), (around + card[0], 1)):
        for y, upward in ((around, -1), (around + card[1], 1)):
            lines.append((x + outward * gap, y, x + outward * reach, y))
            lines.append((x, y + upward * gap, x, y + upward * reach))
    return lines
