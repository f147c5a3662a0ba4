"""Pictures on the card: the portrait and its ghost, shapes as masks, gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

from station.domain.errors import N_, PortraitError
from station.domain.message import Message
from station.render.artwork import MOST_PIXELS, UNREADABLE
from station.render.colour import Rgb, mixed, picture_off_resin

_FINER = 4


def load_codecs() -> None:
    """Load what reads the kinds of pictures; Pillow does it at the first picture, while somebody waits for that."""
    Image.init()


@lru_cache(maxsize=2)
def portrait(jpeg: bytes, size: tuple[int, int], stretch: float = 1.0) -> Image.Image:
    """Return a portrait cut around its middle, at ``size`` dots, kept off the resin panel.

    ``stretch`` is how many dots across make the length of one dot down. The last two results are remembered, since a
    card is seen before it is printed: don't draw on them.

    Raises:
        PortraitError: the bytes are not a picture, or it is too large to be one of a face.
    """
    try:
        with Image.open(BytesIO(jpeg)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PortraitError(file="portrait", detail=_too_large(opened))
            # JPEG can leave out what is not wanted while it unpacks: twice the size is enough to scale well.
            opened.draft("RGB", (size[0] * 2, size[1] * 2))
            ImageOps.exif_transpose(opened, in_place=True)
            coloured = opened if opened.mode == "RGB" else opened.convert("RGB")
            middle = _middle(coloured.size, size[0] / stretch / size[1])
            fitted = coloured.resize(size, Image.Resampling.BICUBIC, box=middle)
    except UNREADABLE as error:
        raise PortraitError(file="portrait", detail=N_("the file is damaged, or it is not a picture")) from error
    return picture_off_resin(fitted)


def _middle(size: tuple[int, int], ratio: float) -> tuple[float, float, float, float]:
    """Return the largest part of this ratio around a picture's middle."""
    width, height = min(size[0], size[1] * ratio), min(size[1], size[0] / ratio)
    left, upper = (size[0] - width) / 2, (size[1] - height) / 2
    return left, upper, left + width, upper + height


@lru_cache(maxsize=2)
def ghost(jpeg: bytes, size: tuple[int, int], stretch: float = 1.0, *, grey: bool = True) -> Image.Image:
    """Return a portrait to be laid palely on the card, in greys or its own colours; remembered, as ``portrait``.

    Raises:
        PortraitError: as ``portrait``.
    """
    fitted = portrait(jpeg, size, stretch)
    return picture_off_resin(fitted.convert("L").convert("RGB")) if grey else fitted


def _too_large(picture: Image.Image) -> Message:
    size: dict[str, object] = {"width": picture.width, "height": picture.height}
    return Message(N_("the picture is too large: {width} × {height} dots"), size)


def overlaid(plane: Image.Image, picture: Image.Image, place: tuple[int, int], opacity: float = 1.0) -> None:
    """Paste a picture (``RGBA``) on the colours of a side, as far as it covers them."""
    cover = picture.getchannel("A")
    if opacity < 1:
        cover = cover.point([round(level * opacity) for level in range(256)])
    plane.paste(picture_off_resin(picture.convert("RGB")), place, cover)


@dataclass(frozen=True, slots=True)
class Form:
    """A shape: lengths in dots down, filled when it has no ``stroke``, covering by ``level`` of 255."""

    ellipse: bool = False
    corner: float = 0.0
    stroke: float | None = None
    level: int = 255


@lru_cache(maxsize=32)
def mask(size: tuple[int, int], form: Form, stretch: float = 1.0) -> Image.Image | None:
    """Return a shape of ``size`` dots as a mask with soft edges, or ``None`` when it covers all of them wholly."""
    if not form.ellipse and form.corner < 0.5 and form.stroke is None:
        return None if form.level >= 255 else Image.new("L", size, form.level)
    # Drawn large, in dots that are square, because that is all that a circle or an even stroke can be drawn in.
    large = Image.new("L", (max(1, round(size[0] * _FINER / stretch)), size[1] * _FINER))
    edge = (0, 0, large.width - 1, large.height - 1)
    fill = form.level if form.stroke is None else None
    width = 0 if form.stroke is None else max(1, round(form.stroke * _FINER))
    draw = ImageDraw.Draw(large)
    if form.ellipse:
        draw.ellipse(edge, fill=fill, outline=form.level, width=width)
    else:
        draw.rounded_rectangle(edge, form.corner * _FINER, fill=fill, outline=form.level, width=width)
    return large.resize(size, Image.Resampling.BOX)


@lru_cache(maxsize=32)
def stroke(size: tuple[int, int], width: int, stretch: float = 1.0) -> Image.Image:
    """Return a slanting line as a mask with soft edges; it has a margin of its ``width`` (in dots down) all around.

    It goes from the upper left to the lower right; a negative height makes it rise.
    """
    margin_x = max(1, round(width * stretch))
    # In dots that are square, four times finer.
    across, down = size[0] / stretch, size[1]
    length = math.hypot(across, down)
    off_x, off_y = -down / length * width / 2, across / length * width / 2
    start = (width, width + max(0, -down))
    end = (start[0] + across, start[1] + down)
    corners = [
        (start[0] - off_x, start[1] - off_y), (end[0] - off_x, end[1] - off_y),
        (end[0] + off_x, end[1] + off_y), (start[0] + off_x, start[1] + off_y),
    ]  # fmt: skip
    whole = (abs(size[0]) + 2 * margin_x, abs(size[1]) + 2 * width)
    large = Image.new("L", (max(1, round(whole[0] / stretch * _FINER)), whole[1] * _FINER))
    ImageDraw.Draw(large).polygon([(x * _FINER, y * _FINER) for x, y in corners], fill=255)
    return large.resize(whole, Image.Resampling.BOX)


@lru_cache(maxsize=8)
def silhouette(size: tuple[int, int], ground: Rgb, figure: Rgb) -> Image.Image:
    """Return the outline of a person, for where the portrait will be."""
    width, height = size[0] * _FINER, size[1] * _FINER
    large = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(large)
    draw.ellipse((width * 0.31, height * 0.22, width * 0.69, height * 0.57), fill=figure)
    draw.ellipse((width * 0.12, height * 0.64, width * 0.88, height * 1.30), fill=figure)
    return large.reduce(_FINER)


def gradient(size: tuple[int, int], first: Rgb, last: Rgb) -> Image.Image:
    """Return a field that goes from one colour on the left to another on the right."""
    row = Image.new("RGB", (size[0], 1))
    steps = max(1, size[0] - 1)
    row.putdata([mixed(first, last, x / steps) for x in range(size[0])])
    return row.resize(size, Image.Resampling.NEAREST)
