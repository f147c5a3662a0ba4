"""What will look wrong on one card: the texts that don't fit or have no letters, and a portrait that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from station.domain.elements import AnyCode, AnyElement, Code, MagneticTracks, Photo, Text
from station.domain.errors import N_, LayoutError
from station.domain.layout import CardFields, Layout, applies, filled
from station.domain.lint import Level, LintFinding
from station.domain.magnetic import track_contents
from station.domain.message import Message
from station.render.codes import symbol_of
from station.render.paint import Brand, Content, book_of, setting_of
from station.render.text import SetText

TOO_SMALL = N_("“{text}” only fits at {size} pt, smaller than the layout allows ({floor} pt).")
NO_GLYPH = N_("No font of the station has the letter {letters} in “{text}”; it was replaced.")
NO_PORTRAIT = N_("There is no portrait for this card yet.")
_WIDEN = N_("Make the box larger or the letters smaller in the layout, allow one line more, or print a shorter form.")
_ADD_FONT = N_("Add a font that has this letter to the layout, or ask how the name is written in Latin letters.")
_TAKE_PORTRAIT = N_("Take a portrait, or choose one.")
_UNMADE = N_("The code can't be made for this card: {detail}.")
_OTHER_CODE = N_("Correct what the register says of this person, or choose another kind of code in the layout.")
_OTHER_TRACK = N_("Correct what the register says of this person, or let the layout write something else on the track.")
_CODES = "Our own: a code that says something else than its layout wants is worse than none"
_TRACKS = "ISO/IEC 7811-2 and -6 say which signs each track holds, and how many"
_LEGIBLE = "Our own: a name is never cut, and what does not fit is set smaller than its designer meant it to be"
_COMPLETE = "Our own: a name is never printed with a letter missing"
_PORTRAIT = "Our own: the layout has a place for a portrait"


def card_findings(
    layout: Layout, fields: CardFields, *, has_portrait: bool = True, brand: Brand | None = None
) -> tuple[LintFinding, ...]:
    """Return what will look wrong on this card, without drawing it."""
    content = Content(layout.name, fields.values(), None, brand or Brand(), book_of(layout.files), layout.files)
    found: list[LintFinding] = []
    for side, elements in enumerate(layout.sides):
        for element in elements:
            if isinstance(element, Photo) and not has_portrait:
                words = Message(NO_PORTRAIT), Message(_TAKE_PORTRAIT)
                found.append(_finding("photo/none", words, _PORTRAIT, side, element))
            elif not applies(element, content.values):
                continue
            elif isinstance(element, Text):
                text = filled(element.text, content.values)
                found += text_findings(element, text, setting_of(element, content), side)
            elif isinstance(element, Code):
                found += _code_findings(element, filled(element.text, content.values), side)
            elif isinstance(element, MagneticTracks):
                problems = track_contents(element, content.values).problems
                found += [
                    _finding("track/left-empty", (each, Message(_OTHER_TRACK)), _TRACKS, side, element)
                    for each in problems
                ]
    return tuple(found)


def text_findings(element: Text, text: str, setting: SetText, side: int) -> Iterator[LintFinding]:
    """Yield what is wrong with a text as it was set in its box."""
    shown = " ".join(text.split())
    if setting.too_small:
        size, floor = f"{setting.size_pt:.1f}", f"{element.floor_pt:g}"
        words = Message(TOO_SMALL, {"text": shown, "size": size, "floor": floor}), Message(_WIDEN)
        yield _finding("text/too-small", words, _LEGIBLE, side, element)
    if setting.replaced:
        words = Message(NO_GLYPH, {"letters": setting.replaced, "text": shown}), Message(_ADD_FONT)
        yield _finding("text/no-letter", words, _COMPLETE, side, element)


def _code_findings(element: AnyCode, text: str, side: int) -> Iterator[LintFinding]:
    if not text:
        return
    try:
        symbol_of(element, text)
    except LayoutError as error:
        words = Message(_UNMADE, {"detail": error.params["detail"]}), Message(_OTHER_CODE)
        yield _finding("code/unmade", words, _CODES, side, element)


_LEVELS = {"text/no-letter": Level.ERROR, "code/unmade": Level.ERROR}


def _finding(rule: str, words: tuple[Message, Message], source: str, side: int, element: AnyElement) -> LintFinding:
    message, remedy = words
    return LintFinding(
        rule=rule,
        level=_LEVELS.get(rule, Level.WARNING),
        message=message,
        remedy=remedy,
        source=source,
        side=side,
        element=element.id,
        box=element.box,
    )
