"""A font file in which every glyph can be asked for by its number, for a drawer that only knows characters.

What shaping chooses is often a glyph without a character of its own: an i without its dot under an accent, a flatter
accent over a capital. Pillow draws characters. So the copy that it gets has another character map, in which glyph *n*
is the character ``GLYPH_PLANE + n``; the letters stay in it, because FreeType fits each script to the dots in its own
way. File format: OpenType 1.9, "Organization of an OpenType Font" and "cmap".
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

# The first of the two planes that Unicode leaves to private use; with 65,536 places it holds every glyph of a font.
GLYPH_PLANE = 0xF0000
_HEADER, _ENTRY = struct.Struct(">4s4H"), struct.Struct(">4sIII")


def drawn_by_number(font: bytes, letters: Mapping[int, int], glyphs: int) -> bytes:
    """Return a font with the same glyphs, each under the character ``GLYPH_PLANE`` plus its number, too.

    ``letters`` is the font's own map from characters to glyphs.

    Raises:
        ValueError: the bytes are not a single OpenType font.
    """
    try:
        version, count, *search = _HEADER.unpack_from(font)
        entries = [_ENTRY.unpack_from(font, _HEADER.size + _ENTRY.size * i) for i in range(count)]
    except struct.error as error:
        raise ValueError("the font ends too early") from error
    if version not in (b"\0\1\0\0", b"OTTO", b"true") or glyphs < 1:
        raise ValueError("not a single OpenType font")
    tables = {tag: font[start : start + length] for tag, _, start, length in entries if start + length <= len(font)}
    tables[b"cmap"] = _map(letters, glyphs)
    directory, body = bytearray(), bytearray()
    first = _HEADER.size + _ENTRY.size * len(tables)
    for tag in sorted(tables):
        # No reader that we use looks at the sums of the tables.
        directory += _ENTRY.pack(tag, 0, first + len(body), len(tables[tag]))
        body += tables[tag] + bytes(-len(tables[tag]) % 4)
    return _HEADER.pack(version, len(tables), *search) + directory + body


def _map(letters: Mapping[int, int], glyphs: int) -> bytes:
    """Return a character map (format 12, Unicode's whole range): a group for each letter, one for all numbers."""
    groups = [(code, code, glyph) for code, glyph in sorted(letters.items()) if code < GLYPH_PLANE]
    groups.append((GLYPH_PLANE, GLYPH_PLANE + glyphs - 1, 0))
    packed = b"".join(struct.pack(">3I", *group) for group in groups)
    table = struct.pack(">HHIII", 12, 0, 16 + len(packed), 0, len(groups)) + packed
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table
