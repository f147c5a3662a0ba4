"""The QR of a card, drawn as the router draws it: version 4, error correction M, a place for the logo."""

from __future__ import annotations

import base64
from typing import TypeVar

from station.domain.escn import qr_text
from station.render.codes import qr_rows
from station.sandbox.router.errors import bad_request

T = TypeVar("T")

_LOGO_BLUE = "#2c4390"
_SCALES = {"XS": 1.0, "S": 1.5, "M": 4.0}
_COLOURS = {"normal": ("#000000", _LOGO_BLUE), "inverted": ("#ffffff", "#ffffff")}
# In modules: the code with its quiet zone of 4, and the box of the logo above or at the right.
_CODE = 41
_QUIET = 4
_LOGO_BOXES = {"vertical": (41, 10), "horizontal": (24, 41)}


def qr_svg(escn: str, *, orientation: str, colours: str, size: str) -> str:
    """Return the QR as SVG with a transparent background; the logo is a marked stand-in.

    Raises:
        ApiError: 400 for an orientation, colours or size that there is not.
    """
    box = _choice("orientation", orientation.lower(), _LOGO_BOXES)
    dark, logo = _choice("colours", colours.lower(), _COLOURS)
    scale = _choice("size", size.upper(), _SCALES)
    above = orientation.lower() == "vertical"
    width, height = (_CODE, _CODE + box[1]) if above else (_CODE + box[0], _CODE)
    logo_x, logo_y = (0, 0) if above else (_CODE, 0)
    text_size = 8 if above else 9
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * scale:g}" height="{height * scale:g}"'
        f' viewBox="0 0 {width} {height}">'
        f'<path transform="translate(0 {box[1] if above else 0})" fill="{dark}" d="{_path(qr_text(escn))}"/>'
        f'<text x="{logo_x + box[0] / 2:g}" y="{logo_y + box[1] / 2:g}" fill="{logo}" font-family="sans-serif"'
        f' font-size="{text_size}" text-anchor="middle" dominant-baseline="central">ESC?</text></svg>'
    )


def qr_base64(svg: str) -> str:
    """Return the SVG as the router's ``text/plain`` has it."""
    return base64.b64encode(svg.encode()).decode("ascii")


def _path(text: str) -> str:
    rows = enumerate(qr_rows(text), _QUIET)
    return "".join(f"M{x} {y}h1v1h-1z" for y, row in rows for x, is_dark in enumerate(row, _QUIET) if is_dark)


def _choice(name: str, value: str, choices: dict[str, T]) -> T:
    if value not in choices:
        raise bad_request(name, f"must be one of {', '.join(choices)}")
    return choices[value]
