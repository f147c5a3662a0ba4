"""Fonts: which face has a letter, how letters stand beside each other, and how they look at a size.

Shaping is HarfBuzz's, in the font's own units, so a line breaks and shrinks alike at every resolution. Pillow only
draws single glyphs, with its basic engine: its Raqm engine is there only where the system has FriBiDi, and a card
must come out the same on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

import uharfbuzz as hb
from PIL import ImageFont

from station.domain.elements import Weight
from station.domain.errors import N_, LayoutError
from station.resources import asset

_INTER = {
    Weight.REGULAR: "Inter-Regular.ttf",
    Weight.MEDIUM: "Inter-Medium.ttf",
    Weight.SEMIBOLD: "Inter-SemiBold.ttf",
    Weight.BOLD: "Inter-Bold.ttf",
}
_REPLACEMENT = "?"
# They choose between pictures of a letter, and are none themselves.
_VARIATION_SELECTORS = frozenset(chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


class Face:
    """One font file: its letters, its measures in em, its drawing at a size."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        hb_face = hb.Face(data)
        self._shaper = hb.Font(hb_face)
        self._units = hb_face.upem
        self._letters: frozenset[int] = frozenset(hb_face.unicodes)
        self._letter_of = {self._shaper.get_nominal_glyph(c): chr(c) for c in sorted(self._letters, reverse=True)}
        extents = self._shaper.get_font_extents("ltr")
        self.ascent_em = extents.ascender / self._units
        self.descent_em = -extents.descender / self._units

    def has(self, text: str) -> bool:
        """Tell whether the font has a glyph for every character."""
        return all(ord(c) in self._letters for c in text)

    def shape(self, text: str, tracking_em: float) -> Run:
        """Return the glyphs of a text in this face alone, kerned, marks on their letters."""
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(self._shaper, buffer, {"liga": False, "calt": False, "clig": False})
        glyphs: list[Glyph] = []
        pen, top, bottom, left, right = 0.0, 0.0, 0.0, 0.0, 0.0
        for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            x, y = pen + place.x_offset / self._units, place.y_offset / self._units
            glyphs.append(Glyph(self, self._letter_of.get(info.codepoint, text[info.cluster]), x, y))
            ink = self._shaper.get_glyph_extents(info.codepoint)
            if ink is not None and ink.width:
                top = max(top, y + ink.y_bearing / self._units)
                bottom = min(bottom, y + (ink.y_bearing + ink.height) / self._units)
                left = min(left, x + ink.x_bearing / self._units)
                right = max(right, x + (ink.x_bearing + ink.width) / self._units)
            if place.x_advance:
                pen += place.x_advance / self._units + tracking_em
        return Run(tuple(glyphs), max(0.0, pen - tracking_em), Ink(left, right, top, -bottom))

    @lru_cache(maxsize=64)  # noqa: B019 - faces live as long as the program
    def at(self, size_px: float) -> ImageFont.FreeTypeFont:
        """Return the face ready to draw, ``size_px`` dots to the em."""
        return ImageFont.truetype(BytesIO(self._data), size_px, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter of a run: which, from which face, and where its origin is, in em from the run's (y upwards)."""

    face: Face
    letter: str
    x_em: float
    y_em: float


@dataclass(frozen=True, slots=True)
class Ink:
    """How far the drawn letters reach from the run's origin, in em; ``above`` and ``below`` the baseline."""

    left: float = 0.0
    right: float = 0.0
    above: float = 0.0
    below: float = 0.0

    def joined(self, other: Ink, x_em: float) -> Ink:
        """Return both together, the other's origin ``x_em`` to the right."""
        return Ink(
            min(self.left, x_em + other.left),
            max(self.right, x_em + other.right),
            max(self.above, other.above),
            max(self.below, other.below),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A line of text as glyphs; ``replaced`` holds the letters that no font has."""

    glyphs: tuple[Glyph, ...]
    width_em: float
    ink: Ink
    replaced: str = ""


class FontBook:
    """The bundled families and, before them, a layout's own; a letter that one face lacks comes from the next."""

    def __init__(self, own: Mapping[str, bytes] | None = None) -> None:
        self._own = {Path(name).stem: _loaded(name, data) for name, data in (own or {}).items()}

    def faces(self, family: str, weight: Weight) -> tuple[Face, ...]:
        """Return the faces to try, the wanted one first.

        Raises:
            LayoutError: there is no such family, neither bundled nor in the layout.
        """
        bundled = (_bundled(_INTER[weight]),)
        if family == "Inter":
            return bundled
        for name in (f"{family}-{weight.value}", f"{family}-{weight.value.capitalize()}", family):
            if name in self._own:
                return (self._own[name], *bundled)
        raise LayoutError(file="", place=family, detail=N_("there is no font of this name"))

    @lru_cache(maxsize=4096)  # noqa: B019 - one book a layout, kept with it
    def shape(self, text: str, family: str, weight: Weight, tracking_em: float = 0.0) -> Run:
        """Return one line of text as glyphs of as few faces as possible."""
        faces = self.faces(family, weight)
        kept, replaced = _drawable(unicodedata.normalize("NFC", text), faces)
        glyphs: list[Glyph] = []
        width, ink = 0.0, Ink()
        for face, part in _by_face(kept, faces):
            run = face.shape(part, tracking_em)
            width += tracking_em if glyphs else 0.0
            glyphs += [Glyph(g.face, g.letter, g.x_em + width, g.y_em) for g in run.glyphs]
            ink = ink.joined(run.ink, width)
            width += run.width_em
        return Run(tuple(glyphs), width, ink, replaced)


def _drawable(text: str, faces: tuple[Face, ...]) -> tuple[str, str]:
    """Return the text in letters that the faces have, and those letters of it that had to be replaced."""
    kept, replaced = "", ""
    for letter in text:
        if not letter.isprintable() or letter in _VARIATION_SELECTORS:
            kept += " " if letter.isspace() else ""
        elif _known(letter, faces):
            kept += letter
        elif _known(same := unicodedata.normalize("NFD", letter), faces):
            kept += same
        else:
            kept += _nearest(letter, faces)
            replaced += letter
    return kept, replaced


def _known(text: str, faces: tuple[Face, ...]) -> bool:
    return all(any(face.has(letter) for face in faces) for letter in text)


def _nearest(letter: str, faces: tuple[Face, ...]) -> str:
    """Return what stands for a letter that no face has: its plain form, nothing for a mark, a question mark at last."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    if unicodedata.category(letter).startswith("M"):
        return ""
    return plain if plain and _known(plain, faces) else _REPLACEMENT


def _by_face(text: str, faces: tuple[Face, ...]) -> list[tuple[Face, str]]:
    parts: list[tuple[Face, str]] = []
    for letter in text:
        # A mark stays with its letter, whichever face that came from.
        same = bool(parts) and parts[-1][0].has(letter) and (bool(unicodedata.combining(letter)) or letter == " ")
        face = parts[-1][0] if same else next(f for f in faces if f.has(letter))
        if parts and parts[-1][0] is face:
            parts[-1] = (face, parts[-1][1] + letter)
        else:
            parts.append((face, letter))
    return parts


def _loaded(name: str, data: bytes) -> Face:
    try:
        face = Face(data)
        face.at(16.0)
    except (OSError, ValueError) as error:
        raise LayoutError(file="", place=name, detail=N_("this is not a font that can be read")) from error
    return face


@cache
def _bundled(name: str) -> Face:
    return Face(asset("fonts", name).read_bytes())


@cache
def bundled_book() -> FontBook:
    """Return the book of the fonts that ship with the station."""
    return FontBook()
