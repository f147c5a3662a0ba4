"""What the ribbon leaves on the plastic: black resin over dyes, seen by a scanner that is held a little askew."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageFilter

from station.ports.printer import PrinterProfile, RenderedSide
from station.render.raster import Dots, image_of

_WHITE = 255
# Resin reflects a few per cent, and so do three dyes on each other, which is as black as they get.
_RESIN, _DARKEST_DYE = 10, 28
_TURN_DEGREES = 1.7
_BLUR_DOTS = 0.6


def printed(side: RenderedSide, profile: PrinterProfile, dots: Dots) -> Image.Image:
    """Return a part of a side as it will be on white plastic, in grey (``L``), with square dots.

    Args:
        side: a rendered side.
        profile: the printer; its ``dye_gamma`` is used where it is known.
        dots: left, upper, right and lower edge of the part, in dots of the printer.
    """
    width, height = side.colour.width_px, side.colour.height_px
    left, upper = min(max(0, dots[0]), width - 1), min(max(0, dots[1]), height - 1)
    part = (left, upper, max(left + 1, min(dots[2], width)), max(upper + 1, min(dots[3], height)))
    grey = image_of(side.colour).crop(part).convert("L").point(_dye(profile.dye_gamma))
    grey.paste(_RESIN, mask=image_of(side.resin).crop(part))
    if profile.dpi_x == profile.dpi_y:
        return grey
    finer = max(profile.dpi_x, profile.dpi_y)
    size = (grey.width * finer // profile.dpi_x, grey.height * finer // profile.dpi_y)
    return grey.resize(size, Image.Resampling.NEAREST)


def askew(picture: Image.Image, dots_a_module: float) -> Image.Image:
    """Return a picture (``L``) turned and blurred a little, as a hand-held scanner or a telephone sees it.

    The blur is a share of the narrowest bar or module, so that a finer code is not judged more kindly.
    """
    wide = Image.new("L", (picture.width + picture.width // 4, picture.height + picture.height // 4), _WHITE)
    wide.paste(picture, ((wide.width - picture.width) // 2, (wide.height - picture.height) // 2))
    turned = wide.rotate(_TURN_DEGREES, Image.Resampling.BICUBIC, fillcolor=_WHITE)
    return turned.filter(ImageFilter.GaussianBlur(max(_BLUR_DOTS, dots_a_module / 5)))


@lru_cache(maxsize=8)
def _dye(gamma: float | None) -> list[int]:
    """Return how light each level comes out: never quite black, and bent where the dyes' answer is known."""
    power = gamma or 1.0
    return [round(_DARKEST_DYE + (_WHITE - _DARKEST_DYE) * (level / 255) ** power) for level in range(256)]
