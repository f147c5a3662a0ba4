"""Read the QR code in a picture, with a decoder that is not the encoder's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.photo.pictures import as_pixels
from station.ports.camera import Frame

if TYPE_CHECKING:
    import zxingcpp

    from station.photo.pictures import Pixels


def read_qr(picture: Frame | Pixels) -> str | None:
    """Return the text of the QR code in a frame or picture, ``None`` when no whole one is to be seen.

    Where there are several, the largest counts: the card that is held nearest to the camera.
    """
    import zxingcpp

    pixels = as_pixels(picture) if isinstance(picture, Frame) else picture
    # Asking for QR codes only is ten times faster than asking for all kinds.
    found = zxingcpp.read_barcodes(pixels, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return str(max(found, key=_diagonal_px).text) if found else None


def _diagonal_px(code: zxingcpp.Barcode) -> float:
    one, other = code.position.top_left, code.position.bottom_right
    return float((one.x - other.x) ** 2 + (one.y - other.y) ** 2)
