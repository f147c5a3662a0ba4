"""A card as a file, without loss: PNG at the printer's own raster, PDF with pages of an exact size."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from printers.api import RenderedCard
from printers.bitmap import CARD_HEIGHT_MM, CARD_WIDTH_MM, MM_PER_INCH, size_mm, to_image

if TYPE_CHECKING:
    from PIL import Image

_POINTS_PER_INCH = 72
# Level 1 makes the file a little larger and the wait several times shorter than the default.
_PNG_LEVEL = 1
_PACKING = 1

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
    Written here, as there is nothing on a page but a picture: three times as fast as by a library for everything.
    """
    objects: list[bytes] = []
    page = _points(page_mm)
    pages = [4 + 3 * number for number in range(len(images))]
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    objects += [
        b"<< /Pages 2 0 R /Type /Catalog >>",
        b"<< /Count %d /Kids [ %s ] /Type /Pages >>" % (len(images), kids),
        b"<< /Title (%s) >>" % re.sub(r"([\\()])", r"\\\1", title).encode("ascii", "replace"),
    ]
    for number, image in zip(pages, images, strict=True):
        width, height = _points(size_mm(image.size, dpi))
        place = f"{width:.4f} 0 0 {height:.4f} {(page[0] - width) / 2:.4f} {(page[1] - height) / 2:.4f}"
        objects += [
            b"<< /Contents %d 0 R /MediaBox [ 0 0 %.4f %.4f ] /Parent 2 0 R /Type /Page "
            b"/Resources << /XObject << /Side %d 0 R >> >> >>" % (number + 1, *page, number + 2),
            _stream(b"", f"q {place} cm /Side Do Q".encode()),
            _stream(
                b"/BitsPerComponent 8 /ColorSpace /DeviceRGB /Height %d /Subtype /Image /Type /XObject /Width %d "
                % (image.height, image.width),
                (image if image.mode == "RGB" else image.convert("RGB")).tobytes(),
            ),
        ]
    return _file(objects)


def _stream(keys: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content, _PACKING)
    return b"<< /Filter /FlateDecode /Length %d %s>>\nstream\n%s\nendstream" % (len(packed), keys, packed)


def _file(objects: Sequence[bytes]) -> bytes:
    """Return the file of numbered objects, ISO 32000-1 section 7.5: header, body, cross-reference table, trailer."""
    parts = [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"]
    places, at = [], len(parts[0])
    for number, content in enumerate(objects, start=1):
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, content))
        places.append(at)
        at += len(parts[-1])
    count = len(objects) + 1
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n" % count)
    parts += [b"%010d 00000 n \n" % place for place in places]
    parts.append(b"trailer\n<< /Info 3 0 R /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (count, at))
    return b"".join(parts)


def _points(length_mm: tuple[float, float]) -> tuple[float, float]:
    return length_mm[0] / MM_PER_INCH * _POINTS_PER_INCH, length_mm[1] / MM_PER_INCH * _POINTS_PER_INCH
