"""Room between two letters where a mark would run into its neighbour: ``Vĩ``, ``Tî``, ``fī``.

Fonts kern letters by their bodies. A wide mark over a narrow letter may then touch the letter before, and two marks
each other. It is measured on the letters as they are drawn, once for each pair, in em: the same at every resolution.
"""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

# The least that the eye still sees as a gap in print: one dot of 300 dpi at 9 pt.
LEAST_GAP_EM = 0.027
MEASURED_PX = 128
_INK = b"\xff"

# From a row (counted upwards from the baseline) to its first and last column with ink.
Outline = dict[int, tuple[int, int]]


@lru_cache(maxsize=4096)
def marked(letter: str) -> bool:
    """Tell whether a letter carries something that the bare one does not."""
    return len(unicodedata.normalize("NFD", letter)) > 1 or letter in ("đ", "ħ", "ł", "ŧ")


def gap_em(before: Outline, after: Outline) -> float:
    """Return how far the ink of two glyphs is apart, in em, when both stand on one origin; negative where it meets."""
    rows = before.keys() & after.keys()
    return min((after[row][0] - before[row][1] - 1 for row in rows), default=math.inf) / MEASURED_PX


def outline(font: ImageFont.FreeTypeFont, sign: str) -> Outline:
    """Return where a glyph has ink, row by row; ``font`` is ``MEASURED_PX`` dots to the em."""
    picture = Image.new("1", (MEASURED_PX * 3, MEASURED_PX * 3))
    ImageDraw.Draw(picture).text((MEASURED_PX, MEASURED_PX * 2), sign, fill=255, font=font, anchor="ls")
    width, dots = picture.width, picture.convert("L").tobytes()
    rows = {y: dots[y * width : (y + 1) * width] for y in range(picture.height)}
    spans = {MEASURED_PX * 2 - y: (row.find(_INK), row.rfind(_INK)) for y, row in rows.items() if _INK in row}
    return {y: (first - MEASURED_PX, last - MEASURED_PX) for y, (first, last) in spans.items()}
