"""A layout's own fonts: whether they may be passed on, have our letters, and are used at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePosixPath

from station.domain.elements import Text
from station.domain.errors import N_, LayoutError
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render.fonts import Face
from station.render.linting.task import Task, finding

_LETTERS = "ĀāČčĒēĢģĪīĶķĻļŅņŠšŪūŽž"
_LACKING = N_("The font {font} has no {letters}; those letters come from another font and look different.")
_OTHER_FONT = N_("Choose a font with all Latvian letters.")
_RESTRICTED = N_("The font {font} says that it may not be embedded in documents.")
_LICENCE = N_("Check its licence before the layout is passed on, or choose a font with an open licence.")
_UNUSED = N_("The font {font} is in the layout, and no text uses it.")
_LEAVE_OUT = N_("Leave it out: the file gets smaller.")
_LATVIAN = "Our own: every holder's name is set in one face"
_FSTYPE = "OpenType 1.9, OS/2 table, fsType: bit 1 alone is restricted licence embedding"
_SMALLER = "Our own"
_FSTYPE_AT, _RESTRICTED_BIT = 8, 0x0002


def own(task: Task) -> Iterator[LintFinding]:
    """Yield what is wrong with fonts that came with the layout."""
    used = {(p.element.family, p.element.weight) for p in task.elements if isinstance(p.element, Text)}
    taken = set()
    for family, weight in used:
        names = (f"{family}-{weight.value}", f"{family}-{weight.value.capitalize()}", family)
        taken |= {name for name in names[:2] if name in _own_fonts(task)} or {family}
    for stem, name in _own_fonts(task).items():
        params: dict[str, object] = {"font": stem}
        if stem not in taken:
            words = Message(_UNUSED, params), Message(_LEAVE_OUT)
            yield finding("font/unused", Level.NOTE, words, _SMALLER)
        lacking, restricted = _facts(task.layout.files[name])
        if lacking:
            words = Message(_LACKING, {**params, "letters": lacking}), Message(_OTHER_FONT)
            yield finding("font/letters", Level.WARNING, words, _LATVIAN)
        if restricted:
            words = Message(_RESTRICTED, params), Message(_LICENCE)
            yield finding("font/embedding", Level.WARNING, words, _FSTYPE)


def _own_fonts(task: Task) -> dict[str, str]:
    files = (name for name in task.layout.files if name.lower().endswith((".ttf", ".otf")))
    return {PurePosixPath(name).stem: name for name in files}


@lru_cache(maxsize=32)
def _facts(data: bytes) -> tuple[str, bool]:
    """Return the Latvian letters that a font lacks, and whether it says that it may not be embedded."""
    import uharfbuzz

    try:
        face = Face(data)
    except (OSError, ValueError, LayoutError):
        return "", False  # the layout doesn't load with it
    lacking = "".join(letter for letter in _LETTERS if not face.has(letter))
    table = bytes(uharfbuzz.Face(data).reference_table("OS/2").data)
    kind = int.from_bytes(table[_FSTYPE_AT : _FSTYPE_AT + 2], "big")
    return lacking, kind & 0x000F == _RESTRICTED_BIT
