"""Colours by name, derived from the institution's one accent; and the rule that keeps colours off the resin panel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from PIL import Image, ImageChops

from station.domain.errors import N_, LayoutError

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
BLACK: Rgb = (0, 0, 0)
DEFAULT_ACCENT = "#2c4390"

# A driver may take a dot for resin when all three channels are this dark ("near black"); see `off_resin`.
RESIN_CEILING = 26
_WRITTEN = re.compile("#[0-9a-fA-F]{6}")
_LIFT = RESIN_CEILING + 2


def rgb(colour: str) -> Rgb:
    """Return ``#rrggbb`` as three numbers.

    Raises:
        LayoutError: it is not of that form.
    """
    if not _WRITTEN.fullmatch(colour):
        raise LayoutError(file="", place=colour, detail=N_("a colour is written #rrggbb, or is a name"))
    value = int(colour[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


@lru_cache(maxsize=64)
def palette(accent: str) -> Mapping[str, Rgb]:
    """Return the named colours for an accent; ``on_accent`` is white or near black, whichever is read better on it."""
    base = rgb(accent)
    dark_text: Rgb = (28, 32, 44)
    return {
        "accent": base,
        "accent_dark": mixed(base, (8, 12, 40), 0.28),
        "accent_light": mixed(base, WHITE, 0.16),
        "accent_weak": mixed(base, WHITE, 0.90),
        "accent_tint": mixed(base, WHITE, 0.72),
        "on_accent": WHITE if contrast(base, WHITE) >= contrast(base, dark_text) else dark_text,
        "white": WHITE,
        "black": BLACK,
        "muted": (91, 104, 120),
    }


def resolved(colour: str, accent: str) -> Rgb:
    """Return a colour of a layout, written or named.

    Raises:
        LayoutError: neither a name that is known nor ``#rrggbb``.
    """
    return palette(accent)[colour] if colour in palette(accent) else rgb(colour)


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Return ``one`` with ``share`` (0..1) of ``other``."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(one, other, strict=True))
    return r, g, b


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast ratio, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Rgb) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def off_resin(colour: Rgb) -> Rgb:
    """Return a colour that no driver takes for resin, nor any blend of two such colours.

    Lifting every channel of a colour whose brightest is below twice the ceiling keeps blends safe too: in a blend of
    two colours one has at least half the weight, and half of its brightest channel is above the ceiling.
    """
    if max(colour) >= 2 * _LIFT:
        return colour
    r, g, b = (max(c, _LIFT) for c in colour)
    return r, g, b


def picture_off_resin(picture: Image.Image) -> Image.Image:
    """Return an RGB picture with ``off_resin`` done to every dot (dark hair would else speckle on the resin panel)."""
    red, green, blue = picture.split()
    brightest = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    if brightest.getextrema()[0] >= 2 * _LIFT:  # type: ignore[operator]  # a single band gives two numbers
        return picture
    dark = brightest.point([255 if v < 2 * _LIFT else 0 for v in range(256)])
    lifted = picture.point([max(v, _LIFT) for v in range(256)] * 3)
    return Image.composite(lifted, picture, dark)
