"""QR codes to be held before a camera."""

from __future__ import annotations

from PIL import Image

from station.render.codes import qr_rows


def qr_picture(text: str, border: int = 4) -> Image.Image:
    """Return the QR code of a text, ten dots a module, with that many clear modules around it."""
    rows = qr_rows(text)
    code = Image.new("L", (len(rows) + 2 * border,) * 2, 255)
    for y, row in enumerate(rows, border):
        for x, is_dark in enumerate(row, border):
            code.putpixel((x, y), 0 if is_dark else 255)
    return code.resize((code.width * 10, code.height * 10), Image.Resampling.NEAREST).convert("RGB")
