"""Texts: whether each fits in its box, in letters that its font has, and large enough to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from station.domain.elements import Box, Text
from station.domain.errors import N_, LayoutError
from station.domain.expression_functions import Value
from station.domain.layout import fields_shown, filled
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render.findings import text_findings
from station.render.fonts import FontBook
from station.render.linting.task import Task, finding
from station.render.paint import setting_of
from station.render.rules import LetterSize
from station.render.text import MM_PER_POINT, set_text

_NAMES = frozenset({"full_name", "family_name", "given_names"})
_ESI = frozenset({"esi", "esi_short"})
_UNCOMPUTED = N_("The text can't be made for every card: {detail}")
_MEND = N_("Correct the expression, or leave the element out where there is nothing to show (needs, when).")
_EXPRESSIONS = "Our own: a card must not fail at the desk because of a text"
_SMALL = N_("Letters may shrink to {size} pt here; below {least} pt they are hard to read.")
_LARGER = N_("Set a larger size (size_pt, min_size_pt), and give the text more room or one line more.")


def fit(task: Task) -> Iterator[LintFinding]:
    """Yield what is wrong with the texts of the samples as they are set."""
    for values in task.values:
        content = task.content(values)
        for placed in task.elements:
            element = placed.element
            try:
                if not task.is_shown(placed, values) or not isinstance(element, Text):
                    continue
                text, setting = filled(element.text, values), setting_of(element, content)
            except LayoutError as error:
                words = Message(_UNCOMPUTED, {"detail": error.params["detail"]}), Message(_MEND)
                yield finding("text/expression", Level.ERROR, words, _EXPRESSIONS, placed)
                continue
            yield from text_findings(element, text, setting, placed.side)


def letter_size(task: Task) -> Iterator[LintFinding]:
    """Yield texts whose letters are, or may become, too small for the eye."""
    judged: set[tuple[int, str]] = set()
    for rule in sorted(task.rules.of(LetterSize), key=lambda each: each.of == "any"):
        for placed in task.elements:
            element = placed.element
            if not isinstance(element, Text) or not task.applies(rule) or (placed.side, element.id) in judged:
                continue
            wanted = {"name": _NAMES, "esi": _ESI}.get(rule.of)
            if wanted is not None and not fields_shown(element) & wanted:
                continue
            judged.add((placed.side, element.id))
            if element.floor_pt < rule.least_pt:
                params: dict[str, object] = {"size": f"{element.floor_pt:g}", "least": f"{rule.least_pt:g}"}
                yield task.breach(rule, Message(_SMALL, params), Message(_LARGER), placed)


def ink_box(task: Task, element: Text, values: Mapping[str, Value]) -> Box:
    """Return where the letters of a text really are, in its box; an empty one lies at the box's corner.

    Where the letters are turned, or can't be set, it is the whole box.
    """
    if element.turn:
        return element.box
    try:
        return _ink(element, filled(element.text, values), task.book)
    except LayoutError:
        return element.box


# After an edit everything but what was edited is asked for again.
@lru_cache(maxsize=4096)
def _ink(element: Text, text: str, book: FontBook) -> Box:
    setting = set_text(element, text, book)
    em_mm = setting.size_pt * MM_PER_POINT
    inks = [(line, line.run.ink) for line in setting.lines if line.run.glyphs]
    if not inks:
        return Box(setting.box.x_mm, setting.box.y_mm, 0, 0)
    left = min(line.x_mm + ink.left * em_mm for line, ink in inks)
    right = max(line.x_mm + max(ink.right, 0.0) * em_mm for line, ink in inks)
    top = min(line.baseline_mm - ink.above * em_mm for line, ink in inks)
    bottom = max(line.baseline_mm + ink.below * em_mm for line, ink in inks)
    return Box(left, top, right - left, bottom - top)
