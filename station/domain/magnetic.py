"""What goes onto a magnetic stripe: each track's own letters and length (ISO/IEC 7811-2 and -6).

The start and end sentinels and the check character are the printer's to add, so they can't be part of a content.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from station.domain.elements import MagneticTracks
from station.domain.errors import N_
from station.domain.expression_functions import Value
from station.domain.layout import filled
from station.domain.message import Message

# Track 1 has the 64 signs of ASCII from the space on, of which ``%`` and ``?`` are its sentinels.
_ALPHANUMERIC = frozenset(chr(code) for code in range(0x20, 0x60)) - frozenset("%?")
# Tracks 2 and 3 have sixteen signs; ``;`` and ``?`` are the sentinels, ``=`` separates fields.
_NUMERIC = frozenset("0123456789:<=>")
_SIGNS = (_ALPHANUMERIC, _NUMERIC, _NUMERIC)
# What ISO/IEC 7811-6 gives each track, less its two sentinels and its check character.
LONGEST = (76, 37, 104)

NOT_ON_TRACK = N_("Track {track} of the magnetic stripe can't hold {letters}; nothing will be written on it.")
TOO_LONG = N_("Track {track} of the magnetic stripe holds {most} signs and would need {needed}; it stays empty.")

# Letters that do not fall apart into a Latin one and a mark.
_SPELT = str.maketrans({"ß": "SS", "Æ": "AE", "Ø": "O", "Œ": "OE", "Ł": "L", "Đ": "D", "Þ": "TH", "Ð": "D", "ı": "I"})


@dataclass(frozen=True, slots=True)
class TrackContents:
    """What is to be written on the three tracks, and what could not be: that track is empty, never cut short."""

    tracks: tuple[str, str, str] = ("", "", "")
    problems: tuple[Message, ...] = ()


def track_contents(element: MagneticTracks, values: Mapping[str, Value]) -> TrackContents:
    """Return what an element writes for a card with these fields.

    Raises:
        LayoutError: a template names no field, or can't be computed.
    """
    tracks: list[str] = []
    problems: list[Message] = []
    templates = (element.track1, element.track2, element.track3)
    for number, (template, spell) in enumerate(zip(templates, _SPELLINGS, strict=True), 1):
        text = spell(filled(template, values))
        problem = _problem(text, number)
        tracks.append("" if problem else text)
        problems += [problem] if problem else []
    return TrackContents((tracks[0], tracks[1], tracks[2]), tuple(problems))


def _problem(text: str, track: int) -> Message | None:
    strange = sorted(set(text) - _SIGNS[track - 1])
    if strange:
        return Message(NOT_ON_TRACK, {"track": track, "letters": " ".join(strange)})
    if len(text) > LONGEST[track - 1]:
        return Message(TOO_LONG, {"track": track, "most": LONGEST[track - 1], "needed": len(text)})
    return None


def _capitals(text: str) -> str:
    """Return a text as track 1 can hold it: capitals, Latin letters without their marks (as in ICAO 9303-3, 6.A)."""
    spelt = text.upper().translate(_SPELT)
    return "".join(c for c in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(c))


_SPELLINGS: tuple[Callable[[str], str], ...] = (_capitals, str, str)
