"""The QR code: made in whole printer dots, and read back by another program than the one that made it."""

from __future__ import annotations

from functools import lru_cache

import qrcode
import zxingcpp
from PIL import Image

from station.domain.elements import Qr
from station.domain.errors import N_, LayoutError
from station.domain.message import Message
from station.ports.printer import Bitmap, RenderedCard
from station.render.raster import Dots, Raster

# What the European Student Card's own generator makes: version 4 (33 modules), error correction M.
VERSION = 4
LEVEL = qrcode.constants.ERROR_CORRECT_M


@lru_cache(maxsize=64)
def modules(text: str) -> Image.Image:
    """Return the code as a picture of mode ``1``, one dot a module, set where it is black, without quiet zone.

    Raises:
        LayoutError: the text is too long for version 4 with level M (62 bytes).
    """
    code = qrcode.QRCode(version=VERSION, error_correction=LEVEL, border=0)
    code.add_data(text, optimize=0)
    try:
        code.make(fit=False)
    except qrcode.exceptions.DataOverflowError as error:
        detail = Message(N_("“{text}” is too long for the QR code of the card"), {"text": text})
        raise LayoutError(file="", place="qr", detail=detail) from error
    side = len(code.modules)
    picture = Image.new("1", (side, side))
    picture.putdata([255 if black else 0 for row in code.modules for black in row])
    return picture


def code_dots(element: Qr, raster: Raster) -> tuple[Dots, Dots, tuple[int, int]]:
    """Return where the white field and the code itself lie, and how many dots across and down one module has.

    Raises:
        LayoutError: the box is too small for ``min_dots`` a module.
    """
    across = modules_across(element)
    left, upper, right, lower = raster.dots(element.box)
    # On square dots modules are square; elsewhere each direction has its own whole number.
    dots_x, dots_y = (right - left) // across, (lower - upper) // across
    if raster.stretch == 1:
        dots_x = dots_y = min(dots_x, dots_y)
    if min(dots_x, dots_y) < element.min_dots:
        params: dict[str, object] = {"dots": min(dots_x, dots_y), "least": element.min_dots}
        detail = Message(N_("the QR code would have {dots} dots a module on this printer, fewer than {least}"), params)
        raise LayoutError(file="", place=element.id, detail=detail)
    field = _centred((left, upper, right, lower), (across * dots_x, across * dots_y))
    quiet = element.quiet_modules
    code = (
        field[0] + quiet * dots_x, field[1] + quiet * dots_y, field[2] - quiet * dots_x, field[3] - quiet * dots_y
    )  # fmt: skip
    return field, code, (dots_x, dots_y)


def modules_across(element: Qr) -> int:
    """Return how many modules the code and its quiet zone have in a row."""
    return 17 + 4 * VERSION + 2 * element.quiet_modules


def _centred(dots: Dots, size: tuple[int, int]) -> Dots:
    left, upper = dots[0] + (dots[2] - dots[0] - size[0]) // 2, dots[1] + (dots[3] - dots[1] - size[1]) // 2
    return left, upper, left + size[0], upper + size[1]


def draw_code(colour: Image.Image, resin: Image.Image, element: Qr, text: str, raster: Raster) -> None:
    """Draw the white field on the colours, and nothing but the modules in resin."""
    field, code, _ = code_dots(element, raster)
    colour.paste((255, 255, 255), field)
    resin.paste(0, field)
    size = (code[2] - code[0], code[3] - code[1])
    resin.paste(modules(text).resize(size, Image.Resampling.NEAREST), code[:2])


def read_back(card: RenderedCard) -> str | None:
    """Return what the QR code of the finished card says, the front's first; ``None`` when none can be read."""
    for side in (card.front, card.back):
        if side is not None and (text := read_bitmap(side.composite)) is not None:
            return text
    return None


def read_bitmap(raster: Bitmap) -> str | None:
    """Return the text of the first QR code in a picture (``RGB``), or ``None``."""
    dots = memoryview(raster.data).cast("B", (raster.height_px, raster.width_px, 3))
    # Upright, black on white, and of one kind: twelve times faster than looking for every code in every way.
    only_qr = zxingcpp.barcode_formats_from_str("QRCode")
    found = zxingcpp.read_barcodes(
        dots,
        formats=only_qr,
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
    )
    return found[0].text if found else None
