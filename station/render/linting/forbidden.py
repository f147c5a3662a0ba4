"""What must not come onto a card: the PIC, personal codes; written out, or made by an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

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
_SEPARATORS = str.maketrans("", "", "  .-–\u202f")
_ESI_FIELDS = frozenset({"esi", "esi_short"})


def printed(task: Task) -> Iterator[LintFinding]:
    """Yield what nobody may read on the card, or on its stripe."""
    rules = [rule for rule in task.rules.of(Forbidden) if task.applies(rule)]
    for values in task.values:
        for placed in task.elements:
            if templates_of(placed.element):
                yield from _on_element(task, placed, values, rules)


def _on_element(
    task: Task, placed: Placed, values: Mapping[str, Value], rules: list[Forbidden]
) -> Iterator[LintFinding]:
    try:
        if not task.is_shown(placed, values):
            return
        texts = [filled(template, values) for template in templates_of(placed.element)]
    except LayoutError:
        return  # a finding of its own
    for rule in rules:
        for text in texts:
            if words := _FOUND[rule.what](text, placed, values):
                yield task.breach(rule, *words, placed)
                break


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
