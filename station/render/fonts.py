"""Fonts: which face has a letter, how letters stand beside each other, and how they look at a size.

Shaping is HarfBuzz's, in the font's own units, so a line breaks and shrinks alike at every resolution. Pillow only
draws single glyphs, with its basic engine: its Raqm engine is there only where the system has FriBiDi, and a card
must come out the same on every machine.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

import uharfbuzz as hb
from PIL import ImageFont

from station.domain.elements import Weight
from station.domain.errors import N_, LayoutError
from station.render.sfnt import GLYPH_PLANE, drawn_by_number
from station.render.spacing import LEAST_GAP_EM, MEASURED_PX, Outline, gap_em, marked, outline
from station.resources import asset

# Which file stands for each weight: a family that has two of them takes the nearer one.
_TWO = {Weight.REGULAR: 0, Weight.MEDIUM: 0, Weight.SEMIBOLD: 1, Weight.BOLD: 1}
_INTER = ("Regular", "Medium", "SemiBold", "Bold")
_FAMILIES: dict[str, dict[Weight, str]] = {
    "Inter": {weight: f"Inter-{name}.ttf" for weight, name in zip(Weight, _INTER, strict=True)},
    "Literata": {w: f"Literata-{('Regular', 'SemiBold')[i]}.ttf" for w, i in _TWO.items()},
    "Manrope": {w: f"Manrope-{('Medium', 'ExtraBold')[i]}.ttf" for w, i in _TWO.items()},
}
# What helps out where a family lacks a script, in this order; none of them is there to be asked for by name.
_HELPERS = (
    _FAMILIES["Inter"],
    {w: f"NotoSansGeorgian-{('Medium', 'Bold')[i]}.ttf" for w, i in _TWO.items()},
    {w: f"NotoSansArmenian-{('Medium', 'Bold')[i]}.ttf" for w, i in _TWO.items()},
)
FAMILY_NAMES = tuple(_FAMILIES)
_REPLACEMENT = "?"
# They choose between pictures of a letter, and are none themselves.
_VARIATION_SELECTORS = frozenset(chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
# Letters of one word may carry marks of another block.
_SHARED = frozenset({"COMBINING", "MODIFIER"})


class Face:
    """One font file: its letters, its measures in em, its drawing at a size."""

    def __init__(self, data: bytes) -> None:
        hb_face = hb.Face(data)
        self._shaper = hb.Font(hb_face)
        self._units = hb_face.upem
        self._letters: frozenset[int] = frozenset(hb_face.unicodes)
        forms = {code: self._shaper.get_nominal_glyph(code) or 0 for code in self._letters}
        self._data = drawn_by_number(data, forms, hb_face.glyph_count)
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
        # By default HarfBuzz puts a mark into its letter's cluster, and which glyph stands for what would be lost.
        buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
        hb.shape(self._shaper, buffer, {"liga": False, "calt": False, "clig": False})
        infos = buffer.glyph_infos
        letters = _letters_of(text, [info.cluster for info in infos])
        glyphs: list[Glyph] = []
        inks: list[Ink] = []
        pen, before = 0.0, list[Glyph]()
        for info, place, letter in zip(infos, buffer.glyph_positions, letters, strict=True):
            if place.x_advance and buffer.direction == "ltr":
                pen += self._push(before, info.codepoint, letter, pen + place.x_offset / self._units)
            glyph = Glyph(
                self, info.codepoint, letter, pen + place.x_offset / self._units, place.y_offset / self._units
            )
            glyphs.append(glyph)
            ink = self._shaper.get_glyph_extents(info.codepoint)
            if ink is not None and ink.width:
                inks.append(self._ink(ink, glyph.x_em, glyph.y_em))
            # A mark that stands on the letter before has no width, and belongs to it.
            before = [glyph] if place.x_advance else [*before, glyph]
            if place.x_advance:
                pen += place.x_advance / self._units + tracking_em
        return Run(tuple(glyphs), max(0.0, pen - tracking_em), tuple(inks))

    def _push(self, before: list[Glyph], number: int, letter: str, x_em: float) -> float:
        """Return how much further right a glyph must stand, so that no mark meets the letter before."""
        if len(before) < 2 and not marked(letter) and not any(marked(glyph.letter) for glyph in before):
            return 0.0
        gaps = (self._gap(glyph.number, number) + x_em - glyph.x_em for glyph in before)
        return max(0.0, LEAST_GAP_EM - min(gaps, default=LEAST_GAP_EM))

    @lru_cache(maxsize=2048)  # noqa: B019 - faces live as long as the program
    def _gap(self, before: int, after: int) -> float:
        return gap_em(self._outline(before), self._outline(after))

    @lru_cache(maxsize=512)  # noqa: B019 - faces live as long as the program
    def _outline(self, number: int) -> Outline:
        return outline(self.at(float(MEASURED_PX)), chr(GLYPH_PLANE + number))

    def _ink(self, extents: hb.GlyphExtents, x: float, y: float) -> Ink:
        left, top = x + extents.x_bearing / self._units, y + extents.y_bearing / self._units
        return Ink(left, left + extents.width / self._units, top, -(top + extents.height / self._units))

    @lru_cache(maxsize=64)  # noqa: B019 - faces live as long as the program
    def at(self, size_px: float) -> ImageFont.FreeTypeFont:
        """Return the face ready to draw, ``size_px`` dots to the em; it takes a glyph's ``sign``, not its letter."""
        return ImageFont.truetype(BytesIO(self._data), size_px, layout_engine=ImageFont.Layout.BASIC)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn form: its number in which face, the letters it stands for, its origin in em from the run's (y up)."""

    face: Face
    number: int
    letter: str
    x_em: float
    y_em: float

    @property
    def sign(self) -> str:
        """Return the character under which ``Face.at`` draws it."""
        return chr(GLYPH_PLANE + self.number)


@dataclass(frozen=True, slots=True)
class Ink:
    """How far the drawn letters reach from the run's origin, in em; ``above`` and ``below`` the baseline.

    ``left`` is positive where the first letter begins right of the origin, as nearly every one does.
    """

    left: float = 0.0
    right: float = 0.0
    above: float = 0.0
    below: float = 0.0


@dataclass(frozen=True, slots=True)
class Run:
    """A line of text as glyphs; ``inks`` is each visible one's own, ``replaced`` holds the letters that no font has."""

    glyphs: tuple[Glyph, ...]
    width_em: float
    inks: tuple[Ink, ...] = ()
    replaced: str = ""

    @property
    def ink(self) -> Ink:
        """Return how far the whole line reaches."""
        return _together(self.inks)


class FontBook:
    """The bundled families and, before them, a layout's own; a script that one face lacks comes from the next."""

    def __init__(self, own: Mapping[str, bytes] | None = None) -> None:
        self._own = {Path(name).stem: _loaded(name, data) for name, data in (own or {}).items()}

    def faces(self, family: str, weight: Weight) -> tuple[Face, ...]:
        """Return the faces to try, the wanted one first.

        Raises:
            LayoutError: there is no such family, neither bundled nor in the layout.
        """
        helpers = [helper[weight] for helper in _HELPERS]
        for name in (f"{family}-{weight.value}", f"{family}-{weight.value.capitalize()}", family):
            if name in self._own:
                return (self._own[name], *map(_bundled, helpers))
        if family in _FAMILIES:
            return tuple(map(_bundled, dict.fromkeys((_FAMILIES[family][weight], *helpers))))
        raise LayoutError(file="", place=family, detail=N_("there is no font of this name"))

    @lru_cache(maxsize=4096)  # noqa: B019 - one book a layout, kept with it
    def shape(self, text: str, family: str, weight: Weight, tracking_em: float = 0.0, within: str = "") -> Run:
        """Return one line of text as glyphs of as few faces as possible.

        ``within`` is the whole text that the line belongs to: a script in it is set in one face, so that no name has
        single letters of another.
        """
        faces = self.faces(family, weight)
        kept, replaced = _drawable(unicodedata.normalize("NFC", text), faces)
        chosen = _by_script(_drawable(unicodedata.normalize("NFC", within), faces)[0] + kept, faces)
        glyphs: list[Glyph] = []
        width, inks = 0.0, list[Ink]()
        for face, part in _by_face(kept, faces, chosen):
            run = face.shape(part, tracking_em)
            width += tracking_em if glyphs else 0.0
            glyphs += [Glyph(g.face, g.number, g.letter, g.x_em + width, g.y_em) for g in run.glyphs]
            inks += [Ink(ink.left + width, ink.right + width, ink.above, ink.below) for ink in run.inks]
            width += run.width_em
        return Run(tuple(glyphs), width, tuple(inks), replaced)


@lru_cache(maxsize=1024)
def _together(inks: tuple[Ink, ...]) -> Ink:
    if not inks:
        return Ink()
    left, right = min(ink.left for ink in inks), max(ink.right for ink in inks)
    return Ink(left, right, max(0.0, *(ink.above for ink in inks)), max(0.0, *(ink.below for ink in inks)))


def _letters_of(text: str, clusters: list[int]) -> Iterable[str]:
    """Return for each glyph the letters it stands for; several of one cluster share them, the first takes the rest."""
    starts = sorted(set(clusters))
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    taken = {start: [*text[start : ends[start]]] for start in starts}
    count = {start: clusters.count(start) for start in starts}
    for cluster in clusters:
        letters = taken[cluster]
        count[cluster] -= 1
        if count[cluster] == 0 or len(letters) <= 1:
            yield "".join(letters)
            letters.clear()
        else:
            yield letters.pop(0)


@lru_cache(maxsize=4096)
def _spellings(letter: str) -> tuple[str, ...]:
    """Return what looks the same as a letter: itself, its parts, and the two that only old encodings have as one."""
    parts = unicodedata.normalize("NFD", letter)
    is_pair = unicodedata.category(letter).startswith("L") and unicodedata.decomposition(letter).startswith("<compat>")
    return (letter, parts, unicodedata.normalize("NFKC", letter)) if is_pair else (letter, parts)


def _drawable(text: str, faces: tuple[Face, ...]) -> tuple[str, str]:
    """Return the text in letters that the faces have, and those letters of it that had to be replaced."""
    kept, replaced = "", ""
    for letter in text:
        if not letter.isprintable() or letter in _VARIATION_SELECTORS:
            kept += " " if letter.isspace() else ""
        elif same := next((s for s in _spellings(letter) if _known(s, faces)), ""):
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


@lru_cache(maxsize=1024)
def _script(letter: str) -> str:
    """Return the script of a letter by the first word of its name (``LATIN``, ``GREEK``); empty for what all share."""
    first = unicodedata.name(letter, "").split(" ")[0] if letter.isalpha() else ""
    return "" if first in _SHARED else first


def _by_script(text: str, faces: tuple[Face, ...]) -> dict[str, Face]:
    """Return for each script the first face that has every letter of it in the text."""
    letters: dict[str, set[str]] = {}
    script = ""
    for letter in text:
        # A mark counts with its letter: in another face it would not know where to stand.
        script = script if unicodedata.combining(letter) else _script(letter)
        if script:
            letters.setdefault(script, set()).add(letter)
    whole = {script: next((f for f in faces if f.has("".join(s))), None) for script, s in letters.items()}
    return {script: face for script, face in whole.items() if face is not None}


def _by_face(text: str, faces: tuple[Face, ...], chosen: Mapping[str, Face]) -> list[tuple[Face, str]]:
    parts: list[tuple[Face, str]] = []
    for letter in text:
        before = parts[-1][0] if parts else None
        face = chosen.get(_script(letter))
        if face is None or not face.has(letter):
            # A mark stays with its letter, and a space or a hyphen with its word, whichever face that came from.
            near = (before, *faces) if before is not None else faces
            face = next(f for f in near if f.has(letter))
        if before is face:
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
