"""The European Student Card's logo, and the zones of which previews show what will be there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from PIL import Image, ImageDraw

from station.domain.elements import (
    BLACK,
    ESC_BLUE,
    WHITE,
    AnyZone,
    ChipZone,
    EscLogoColour,
    EscLogoForm,
    HologramZone,
    SignatureZone,
    StripeZone,
)
from station.render.colour import Rgb, mixed
from station.resources import asset

ESC_LOGO_INKS: Mapping[EscLogoColour, str] = {
    EscLogoColour.BLUE: ESC_BLUE,
    EscLogoColour.WHITE: WHITE,
    EscLogoColour.BLACK: BLACK,
}
STRIPE: Rgb = (38, 36, 36)
_GOLD: Rgb = (214, 178, 94)
_GOLD_EDGE: Rgb = (150, 118, 48)
_PAPER: Rgb = (250, 249, 244)
_PAPER_EDGE: Rgb = (168, 172, 180)
_SHEENS: tuple[Rgb, ...] = ((196, 208, 230), (214, 200, 232), (198, 228, 222), (232, 224, 200))
_FINER = 3


def esc_artwork(
    given: Mapping[str, bytes], form: EscLogoForm, colour: EscLogoColour
) -> tuple[bytes, EscLogoColour | None]:
    """Return the logo's artwork, and the colour in which it still has to be drawn, if any.

    ``given`` is what the institution put in: ``vertical`` and ``horizontal`` in the logo's own colours and, if it has
    them, ``vertical-white`` and so on. Where one is missing the form's own artwork is drawn in one colour; where there
    is none at all, our stand-in.
    """
    if (exact := given.get(f"{form}-{colour}")) is not None:
        return exact, None
    if (own := given.get(form.value)) is not None:
        return own, None if colour is EscLogoColour.BLUE else colour
    return _stand_in(form), colour


@cache
def _stand_in(form: EscLogoForm) -> bytes:
    return asset("esc-logo", f"stand-in-{form}.svg").read_bytes()


def leaves_hole(zone: AnyZone) -> bool:
    """Tell whether the overlay must be left out on a zone: ink, contacts and the stripe's reader need it bare."""
    return not isinstance(zone, HologramZone)


@lru_cache(maxsize=8)
def zone_picture(zone: AnyZone, size: tuple[int, int]) -> Image.Image:
    """Return how a zone will look on the finished card, for previews (``RGBA``)."""
    match zone:
        case StripeZone():
            return Image.new("RGBA", size, (*STRIPE, 255))
        case SignatureZone():
            return _signature(size)
        case ChipZone():
            return _contacts(size)
        case HologramZone():
            return _sheen(size)


def _signature(size: tuple[int, int]) -> Image.Image:
    width, height = size
    made = Image.new("RGBA", size, (*_PAPER, 255))
    draw = ImageDraw.Draw(made)
    line = max(1, height // 60)
    for y in range(height // 6, height, max(2, height // 6)):
        draw.line((0, y, width, y), fill=(*mixed(_PAPER, _PAPER_EDGE, 0.25), 255), width=line)
    draw.rectangle((0, 0, width - 1, height - 1), outline=(*_PAPER_EDGE, 255), width=line)
    return made


def _contacts(size: tuple[int, int]) -> Image.Image:
    """Return a chip's contacts: a gilded plate with eight fields around a middle (ISO/IEC 7816-2)."""
    width, height = size[0] * _FINER, size[1] * _FINER
    large = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(large)
    stroke = max(_FINER, min(width, height) // 40)
    draw.rounded_rectangle(
        (0, 0, width - 1, height - 1), min(width, height) / 7, fill=(*_GOLD, 255), outline=(*_GOLD_EDGE, 255),
        width=stroke,
    )  # fmt: skip
    edge = (*_GOLD_EDGE, 255)
    for share in (0.25, 0.5, 0.75):
        y = round(height * share)
        draw.line((0, y, round(width * 0.34), y), fill=edge, width=stroke)
        draw.line((round(width * 0.66), y, width, y), fill=edge, width=stroke)
    middle = (round(width * 0.34), round(height * 0.18), round(width * 0.66), round(height * 0.82))
    draw.rounded_rectangle(middle, min(width, height) / 14, outline=edge, width=stroke)
    return large.resize(size, Image.Resampling.BOX)


def _sheen(size: tuple[int, int]) -> Image.Image:
    """Return a pale shimmer in slanting bands, through which the card is seen."""
    width, height = size
    made = Image.new("RGBA", size)
    draw = ImageDraw.Draw(made)
    band = max(2, (width + height) // 12)
    for number, start in enumerate(range(-height, width, band)):
        colour = (*_SHEENS[number % len(_SHEENS)], 200)
        draw.polygon(((start, height), (start + band, height), (start + band + height, 0), (start + height, 0)), colour)
    rounded = Image.new("L", size, 200)
    if min(size) > _FINER:
        rounded.paste(0, (0, 0, width, height))
        ImageDraw.Draw(rounded).rounded_rectangle((0, 0, width - 1, height - 1), min(size) / 8, fill=200)
    made.putalpha(rounded)
    return made
