"""The design tokens: every colour, size and time of the window is here and nowhere else.

An institution sets ``accent`` only. ``with_accent`` derives what belongs to it and refuses a colour that could not
be read, by the contrast ratio of WCAG 2.2 (1.4.3: 4.5 for text).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from station.domain.errors import N_, InputError

MIN_CONTRAST: Final = 4.5

# Space is a multiple of 4; 16 and 24 between groups.
SPACE_XS, SPACE_S, SPACE_M, SPACE_L, SPACE_XL = 4, 8, 12, 16, 24
RADIUS_CONTROL, RADIUS_BUTTON, RADIUS_PANEL = 8, 12, 16
CONTROL_HEIGHT, PRIMARY_HEIGHT = 36, 44
HEADER_HEIGHT, STATUS_HEIGHT = 56, 36
LIST_WIDTH, LIST_FOLDED_WIDTH, CARD_COLUMN_WIDTH = 260, 72, 412
# Below the first the list folds to icons; below the second the card moves under the person.
FOLD_BELOW, STACK_BELOW = 1180, 980
# Below this height (200 % on 720 lines is 360) everything that can be spared makes room for what is done now.
LOW_BELOW, HEADER_LOW, STATUS_LOW = 460, 44, 30
# Below this height the card on the reader is told in one line: the card that will be printed needs the room.
FLAT_BELOW = 760
MOTION_MS = 120


@dataclass(frozen=True, slots=True)
class TextStyle:
    """One step of the type scale: size and line height in pixels at 100 %, and the weight."""

    size_px: int
    line_px: int
    weight: int = 400


PERSON = TextStyle(28, 34, 700)
TROUBLE = TextStyle(22, 28, 700)
INSTRUCTION = TextStyle(15, 22)
BODY = TextStyle(14, 20)
STRONG = TextStyle(14, 20, 600)
SECONDARY = TextStyle(12, 16)
SECONDARY_STRONG = TextStyle(12, 16, 600)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme, as ``#rrggbb``."""

    dark: bool
    background: str
    surface: str
    sunken: str
    line: str
    text: str
    muted: str
    accent: str
    accent_weak: str
    on_accent: str
    ok: str
    ok_weak: str
    warn: str
    warn_weak: str
    bad: str
    bad_weak: str
    on_bad: str
    shadow_alpha: int


LIGHT: Final = Tokens(
    dark=False,
    background="#f5f6f8",
    surface="#ffffff",
    sunken="#eceef2",
    line="#dfe3e9",
    text="#16202e",
    muted="#5b6878",
    accent="#2c4390",
    accent_weak="#e8ecf8",
    on_accent="#ffffff",
    ok="#1b7f4b",
    ok_weak="#e8f6ee",
    warn="#8a5a00",
    warn_weak="#fdf0d5",
    bad="#b3261e",
    bad_weak="#fbe9e7",
    on_bad="#ffffff",
    shadow_alpha=26,
)
DARK: Final = Tokens(
    dark=True,
    background="#12161d",
    surface="#1a2029",
    sunken="#10141a",
    line="#2b3441",
    text="#e8edf4",
    muted="#9aa7b8",
    accent="#8ea4f0",
    accent_weak="#222c4a",
    on_accent="#0e1530",
    ok="#6bd39b",
    ok_weak="#16301f",
    warn="#f0c060",
    warn_weak="#33270f",
    bad="#ff8a80",
    bad_weak="#3a1d1b",
    on_bad="#2b0a07",
    shadow_alpha=90,
)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def with_accent(tokens: Tokens, accent: str) -> Tokens:
    """Return ``tokens`` with the institution's accent and what follows from it.

    The dark scheme takes a lighter shade of the same colour, as far as it has to.

    Raises:
        InputError: in the light scheme the colour cannot be told from the page, and white on it cannot be read.
    """
    if tokens.dark:
        shade = _lightened_until_readable(accent, tokens.surface)
        ink = mixed(accent, "#000000", 0.75)
        return replace(
            tokens,
            accent=shade,
            accent_weak=mixed(tokens.surface, shade, 0.16),
            on_accent=ink if contrast(ink, shade) >= MIN_CONTRAST else "#000000",
        )
    if contrast(accent, tokens.surface) < MIN_CONTRAST:
        raise InputError(
            N_("The institution's colour {value} is too pale: white text on it can't be read."),
            N_("Ask IT to choose a darker accent in the station profile."),
            value=accent,
        )
    return replace(tokens, accent=accent, accent_weak=mixed(tokens.surface, accent, 0.11))


def mixed(base: str, other: str, share: float) -> str:
    """Return ``base`` with ``share`` (0..1) of ``other`` in it."""
    pairs = zip(_channels(base), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _lightened_until_readable(accent: str, surface: str) -> str:
    for step in range(21):
        shade = mixed(accent, "#ffffff", step / 20)
        if contrast(shade, surface) >= 6.5:
            return shade
    return "#ffffff"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    # The limit of sRGB itself (IEC 61966-2-1); the 0.03928 of older texts of WCAG comes to the same at 8 bits.
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
