"""Texts: whether each fits in its box, in letters that its font has, and large enough to be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from station.domain.elements import Box, Text
from station.domain.errors import N_, LayoutError
from station.domain.expression_functions import Value
from station.domain.layout import fields_shown, filled
from station.domain.lint import Level, LintFinding
from station.domain.message import Message
from station.render.findings import text_findings
from station.render.linting.task import Task, finding
from station.render.paint import setting_of
from station.render.rules import LetterSize
from station.render.text import MM_PER_POINT, SetText

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
    try:
        setting = setting_of(element, task.content(values))
    except LayoutError:
        return element.box
    return element.box if element.turn else _ink(setting)


def _ink(setting: SetText) -> Box:
    em_mm = setting.size_pt * MM_PER_POINT
    lines = [line for line in setting.lines if line.run.glyphs]
    if not lines:
        return Box(setting.box.x_mm, setting.box.y_mm, 0, 0)
    left = min(line.x_mm + line.run.ink.left * em_mm for line in lines)
    right = max(line.x_mm + max(line.run.ink.right, 0.0) * em_mm for line in lines)
    top = min(line.baseline_mm - line.run.ink.above * em_mm for line in lines)
    bottom = max(line.baseline_mm + line.run.ink.below * em_mm for line in lines)
    return Box(left, top, right - left, bottom - top)
