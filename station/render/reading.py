"""Reading the codes of a finished card back, by another program than the one that made them."""

from __future__ import annotations

import zxingcpp

from station.domain.elements import AnyCode, Code128, DataMatrix, Ean13, Pdf417, Qr
from station.ports.printer import Bitmap
from station.render.codes import turn_of
from station.render.raster import MM_PER_INCH, Raster

# Read with what is beside it, which could disturb a real reader, too.
_AROUND_MM = 2.0

_FORMATS: dict[type[AnyCode], str] = {
    Qr: "QRCode",
    Code128: "Code128",
    Ean13: "EAN13",
    Pdf417: "PDF417",
    DataMatrix: "DataMatrix",
}


def read_bitmap(raster: Bitmap) -> str | None:
    """Return the text of the first QR code in a picture (``RGB``), or ``None``."""
    found = _read(raster, "QRCode")
    return found[0] if found else None


def read_like(seen: Bitmap, element: AnyCode) -> tuple[str, ...]:
    """Return what every code of an element's kind in a picture (``RGB``) says."""
    return _read(seen, _FORMATS[type(element)], turned=turn_of(element) != 0)


def read_in_place(seen: Bitmap, element: AnyCode, raster: Raster) -> tuple[str, ...]:
    """Return what every code of an element's kind says that is in its place on a side (``RGB``), or close around it."""
    left, upper, right, lower = raster.dots(element.box)
    around_x, around_y = (round(_AROUND_MM * dpi / MM_PER_INCH) for dpi in (raster.dpi_x, raster.dpi_y))
    left, right = max(0, left - around_x), min(seen.width_px, right + around_x)
    upper, lower = max(0, upper - around_y), min(seen.height_px, lower + around_y)
    if right <= left or lower <= upper:
        return ()
    row = seen.width_px * 3
    data = memoryview(seen.data)
    cut = b"".join(data[y * row + left * 3 : y * row + right * 3] for y in range(upper, lower))
    return read_like(Bitmap("RGB", right - left, lower - upper, cut), element)


def _read(raster: Bitmap, kind: str, *, turned: bool = False) -> tuple[str, ...]:
    dots = memoryview(raster.data).cast("B", (raster.height_px, raster.width_px, 3))
    # Upright, black on white, and of one kind: twelve times faster than looking for every code in every way.
    found = zxingcpp.read_barcodes(
        dots,
        formats=zxingcpp.barcode_formats_from_str(kind),
        try_rotate=turned,
        try_downscale=False,
        try_invert=False,
    )
    return tuple(code.text for code in found)
