"""Pictures on the card: the portrait, the layout's own, the institution's logo, the stand-in for the ESC logo."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

from station.domain.errors import LayoutError, PortraitError
from station.render.colour import picture_off_resin
from station.render.raster import Dots

_FINER = 4
# Larger than any portrait or card artwork has a reason to be, and small enough to be harmless.
_MOST_PIXELS = 40_000_000


@lru_cache(maxsize=2)
def portrait(jpeg: bytes, size: tuple[int, int]) -> Image.Image:
    """Return a portrait cut around its middle to the ratio of ``size``, at that size, kept off the resin panel.

    The last two are remembered: a card is seen before it is printed. Don't draw on the result.

    Raises:
        PortraitError: the bytes are not a picture, or it is too large to be one of a face.
    """
    try:
        with Image.open(BytesIO(jpeg)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise PortraitError(file="", detail=f"it has {opened.width} × {opened.height} dots")
            # JPEG can leave out what is not wanted while it unpacks: twice the size is enough to scale well.
            opened.draft("RGB", (size[0] * 2, size[1] * 2))
            ImageOps.exif_transpose(opened, in_place=True)
            coloured = opened if opened.mode == "RGB" else opened.convert("RGB")
            fitted = ImageOps.fit(coloured, size, Image.Resampling.LANCZOS)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PortraitError(file="", detail="the file is damaged, or it is not a picture") from error
    return picture_off_resin(fitted)


def artwork(name: str, data: bytes) -> Image.Image:
    """Return a picture that belongs to a layout or an institution, with its transparency.

    Raises:
        LayoutError: the bytes are not a picture.
    """
    try:
        with Image.open(BytesIO(data)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise LayoutError(file="", place=name, detail=f"the picture has {opened.width} × {opened.height} dots")
            return opened.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise LayoutError(file="", place=name, detail="this is not a picture that can be read") from error


def place_whole(plane: Image.Image, picture: Image.Image, dots: Dots) -> None:
    """Paste a picture whole and centred, as large as its place allows."""
    fitted = ImageOps.contain(picture, (dots[2] - dots[0], dots[3] - dots[1]), Image.Resampling.LANCZOS)
    left = dots[0] + (dots[2] - dots[0] - fitted.width) // 2
    upper = dots[1] + (dots[3] - dots[1] - fitted.height) // 2
    solid = picture_off_resin(fitted.convert("RGB"))
    plane.paste(solid, (left, upper), fitted.getchannel("A"))


@lru_cache(maxsize=16)
def rounded(size: tuple[int, int], corner_px: tuple[float, float]) -> Image.Image | None:
    """Return a soft-edged mask with round corners, or ``None`` when they are square."""
    if min(corner_px) < 0.5:
        return None
    large = Image.new("L", (size[0] * _FINER, size[1] * _FINER), 0)
    radius = corner_px[0] * _FINER
    ImageDraw.Draw(large).rounded_rectangle((0, 0, large.width - 1, large.height - 1), radius, fill=255)
    return large.reduce(_FINER)
