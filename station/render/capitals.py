"""Capitals as each language writes them, where Unicode's own mapping is not what its readers expect.

Source of the rules: CLDR's transforms ``tr-Upper``, ``az-Upper``, ``lt-Upper``, ``el-Upper`` and ``hy-Upper``; for the
German capital ẞ, the official orthography since 2024.
"""

from __future__ import annotations

import re
import unicodedata

# Letters that no other language of Europe uses: where one stands, a small i keeps its dot as a capital.
_TURKIC = frozenset("ıİğĞəƏ")
_DOTTED = str.maketrans({"i": "İ", "ı": "I"})
_TONOS = "\u0301\u0300\u0342\u0313\u0314\u0345"
_DIALYTIKA = "\u0308"
_GREEK_LETTER = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff][\u0300-\u036f]*")
_GEORGIAN = re.compile(r"[\u10d0-\u10ff]+")
_LITHUANIAN_DOT = re.compile("([iIjJįĮ])\u0307")


def capitals(text: str, language: str = "") -> str:
    """Return a text in capitals, composed (NFC); ``language`` (ISO 639-1) empty lets the letters themselves tell.

    Turkish and Azerbaijani i keeps its dot; Greek loses its accents and keeps apart the vowels that they kept apart;
    Lithuanian loses the dot that it writes under an accent; ß becomes ẞ, so that Weiß and Weiss stay two names.
    Georgian has no capitals that a name is written with, and stays.
    """
    given = unicodedata.normalize("NFC", text)
    if language in ("tr", "az") or (not language and _TURKIC & set(given)):
        given = given.translate(_DOTTED)
    if language == "lt":
        given = unicodedata.normalize("NFC", _LITHUANIAN_DOT.sub(r"\1", unicodedata.normalize("NFD", given)))
    given = given.replace("ß", "ẞ").replace("և", "ԵՎ")
    kept = _GEORGIAN.findall(given)
    parts = [_greek(part) if _is_greek(part) else part.upper() for part in _GEORGIAN.split(given)]
    joined = "".join(part + same for part, same in zip(parts, [*kept, ""], strict=True))
    return unicodedata.normalize("NFC", joined)


def _is_greek(text: str) -> bool:
    return any("\u0370" <= c <= "\u03ff" or "\u1f00" <= c <= "\u1fff" for c in text)


def _greek(text: str) -> str:
    """Return Greek capitals, letter by letter: ά is Α, but άι is ΑΪ, for it was two sounds."""
    shown, was_accented = "", False
    place = 0
    decomposed = unicodedata.normalize("NFD", text)
    for match in _GREEK_LETTER.finditer(decomposed):
        shown += decomposed[place : match.start()].upper()
        if match.start() != place:
            was_accented = False
        letter, marks = match.group()[0], match.group()[1:]
        kept = "".join(m for m in marks if m not in _TONOS)
        if was_accented and letter in "ιυ" and not marks:
            kept = _DIALYTIKA
        # The iota that is written below a vowel stands beside its capital.
        shown += letter.upper() + kept + ("Ι" if "\u0345" in marks else "")
        was_accented = letter.lower() in "αεηουι" and "\u0301" in marks and _DIALYTIKA not in marks
        place = match.end()
    return shown + decomposed[place:].upper()
