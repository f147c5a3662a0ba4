"""Where in a station profile something stands, in the words of the person who wrote it: table, key, name and line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from station.domain.errors import N_
from station.domain.message import Message

Location = Sequence[str | int]
"""The way to a value: keys of tables, and places in lists counted from 0."""

_TABLE = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-]+)\s*=")


def place_of(location: Location, document: Mapping[str, object], text: str = "") -> Message | str:
    """Return how a person finds ``location``: the key, in which table or of which institution, and the line.

    ``text`` is the file's own text; without it, and where nothing can be pointed at, no line is named.
    """
    if not location:
        return N_("the whole file")
    line = line_of(location, text)
    if location[0] == "institutions" and len(location) > 1 and isinstance(location[1], int):
        key = ".".join(map(str, location[2:]))
        params: dict[str, object] = {"key": key, "name": _named(document, location[1]), "line": line}
        if key:
            return Message(_OF_INSTITUTION_LINE if line else _OF_INSTITUTION, params)
        return Message(_INSTITUTION_LINE if line else _INSTITUTION, params)
    key = ".".join(map(str, location))
    return Message(_KEY_LINE, {"key": key, "line": line}) if line else key


def line_of(location: Location, text: str) -> int:
    """Return the line of a value, of its table where the key itself is missing, 0 where neither is found.

    This reads what people write: a header a line, a key a line. Dotted keys, and tables written within a line, are
    told by the line of their table.
    """
    names = [part for part in location if isinstance(part, str)]
    wanted_table, nth = (names[0], location[1]) if len(location) > 1 and isinstance(location[1], int) else ("", 0)
    if not wanted_table:
        wanted_table = ".".join(names[:-1])
    key, table, header, seen = names[-1], "", 0, -1
    for number, written in enumerate(text.splitlines(), 1):
        if found := _TABLE.match(written):
            table = found[2]
            here = table == wanted_table or table == ".".join(names)
            seen += here
            if here and (found[1] == "[" or seen == nth):
                header = number
            elif here:
                table = ""  # another institution than the one that is looked for
        elif table == wanted_table and (found := _KEY.match(written)) and found[1] == key:
            return number
    return header


def _named(document: Mapping[str, object], index: int) -> Message:
    """Return an institution's name, else its key, else its number in the file, counted as people count."""
    institutions = document.get("institutions")
    written = institutions[index] if isinstance(institutions, list) and index < len(institutions) else {}
    for key in ("name", "key"):
        value = written.get(key) if isinstance(written, Mapping) else None
        if isinstance(value, str) and value.strip():
            return Message(N_("“{name}”"), {"name": value.strip()})
    return Message(N_("number {count}"), {"count": index + 1})


_OF_INSTITUTION = N_("{key} of the institution {name}")
_OF_INSTITUTION_LINE = N_("{key} of the institution {name}, line {line}")
_INSTITUTION = N_("the institution {name}")
_INSTITUTION_LINE = N_("the institution {name}, line {line}")
_KEY_LINE = N_("{key}, line {line}")
