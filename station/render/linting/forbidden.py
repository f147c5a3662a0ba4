"""What must not come onto a card: the PIC, personal codes; written out, or made by an expression."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from station.domain.elements import templates_of
from station.domain.errors import N_, EsiError, LayoutError
from station.domain.esi import discloses, parse_esi
from station.domain.expression_functions import Value
from station.domain.layout import fields_shown, filled
from station.domain.lint import LintFinding
from station.domain.message import Message
from station.domain.personal_code import personal_codes_in
from station.render.linting.task import Placed, Task, text_of
from station.render.rules import Forbidden

_PIC = N_("The institution's PIC ({pic}) would be on the card.")
_CODE = N_("What looks like a personal code would be on the card.")
_LEGACY = N_("An identifier in the form of before would be on the card: {text}.")
_BIRTH = N_("The student's identifier contains what looks like a date of birth, and it would be on the card.")
_TAKE_OUT = N_("Take it out of the text. In the card's number (ESCN) it may stay.")
_OTHER_NUMBER = N_("Print the student number or the European Student Identifier instead.")
_NEW_ESI = N_("Print the identifier in its form of today ({field}).")
_SHORTER = N_("Leave the identifier out of the printed side, or ask for one without a date.")
_LEGACY_ESI = re.compile(r"\b[A-Z]{2}-(\d{9})-\S+", re.ASCII)
_PIC_WRITTEN = re.compile(r"\bPIC\b\D{0,8}(\d{9})(?!\d)", re.ASCII | re.IGNORECASE)
# Numbers are printed in groups: however those are parted, it is the same number.
_SEPARATORS = str.maketrans("", "", "  .-–\u202f")
_ESI_FIELDS = frozenset({"esi", "esi_short"})


def printed(task: Task) -> Iterator[LintFinding]:
    """Yield what nobody may read on the cards of the samples, or on their stripes."""
    for values in task.values:
        yield from on_card(task, values)


def on_card(task: Task, values: Mapping[str, Value]) -> Iterator[LintFinding]:
    """Yield what nobody may read on one card, or on its stripe."""
    rules = forbidding(task)
    for placed in task.elements:
        for template in templates_of(placed.element):
            try:
                if task.is_shown(placed, values):
                    yield from forbidden_in(task, placed, (filled(template, values), values), rules)
            except LayoutError:
                continue  # a finding of its own


def forbidding(task: Task) -> tuple[Forbidden, ...]:
    """Return the rules that forbid something on this card."""
    return tuple(rule for rule in task.rules.of(Forbidden) if task.applies(rule))


def forbidden_in(
    task: Task, placed: Placed, shown: tuple[str, Mapping[str, Value]], rules: Iterable[Forbidden]
) -> Iterator[LintFinding]:
    """Yield what may not be in an element's text; ``shown`` is the text, and the fields that it was made of."""
    text, values = shown
    if text:
        for rule in rules:
            if words := _FOUND[rule.what](text, placed, values):
                yield task.breach(rule, *words, placed)


_Words = tuple[Message, Message] | None


def _pic(text: str, placed: Placed, values: Mapping[str, Value]) -> _Words:
    """Look for the PIC that the card's number ends with, wherever it is not part of that number."""
    del placed
    escn = text_of(values, "escn").lower()
    rest = text.lower().replace(escn, " ") if escn else text.lower()
    written = _PIC_WRITTEN.search(rest)
    pic = written.group(1) if written else escn[-9:]
    if written or (len(pic) == 9 and pic in rest.translate(_SEPARATORS)):
        return Message(_PIC, {"pic": pic}), Message(_TAKE_OUT)
    return None


def _personal_code(text: str, placed: Placed, values: Mapping[str, Value]) -> _Words:
    del placed
    escn = text_of(values, "escn")
    rest = text.replace(escn, " ") if escn else text
    # The message doesn't repeat it: findings are written into logs and lists.
    return (Message(_CODE), Message(_OTHER_NUMBER)) if personal_codes_in(rest) else None


def _legacy_esi(text: str, placed: Placed, values: Mapping[str, Value]) -> _Words:
    del placed, values
    found = _LEGACY_ESI.search(text)
    return (Message(_LEGACY, {"text": found.group()}), Message(_NEW_ESI, {"field": "{esi}"})) if found else None


def _birth_date(text: str, placed: Placed, values: Mapping[str, Value]) -> _Words:
    if not text or not fields_shown(placed.element) & _ESI_FIELDS:
        return None
    try:
        esi = parse_esi(text_of(values, "esi"))
    except EsiError:
        return None
    return (Message(_BIRTH), Message(_SHORTER)) if discloses(esi) else None


_FOUND = {"pic": _pic, "personal_code": _personal_code, "legacy_esi": _legacy_esi, "birth_date": _birth_date}
