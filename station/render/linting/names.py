"""The names of a whole register against one layout: which will be small, broken over lines, or miss a letter.

Nearly every name fits at once, and that is seen from the widths of its letters alone, kept too large rather than too
small; only what does not fit for certain is set as the card would set it. So 30,000 people take seconds.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from station.domain.elements import AnyElement, Text, templates_of
from station.domain.errors import N_, LayoutError
from station.domain.layout import ISSUER_FIELDS, CardFields, applies, fields_shown, filled
from station.domain.lint import Level, LintFinding, worst_first
from station.domain.message import Message
from station.render.findings import text_findings
from station.render.fonts import FontBook, Ink, Run
from station.render.linting.forbidden import forbidden_in, forbidding
from station.render.linting.task import Placed, Task, finding
from station.render.paint import Content, setting_of
from station.render.text import SetText, fits

_FLOOR = N_("“{text}” is set as small as the layout allows ({size} pt).")
_WRAPPED = N_("“{text}” needs {lines} lines.")
_UNCOMPUTED = N_("The text can't be made: {detail}")
_LOOK = N_("Look at this card before it is printed.")
_MEND = N_("Correct the layout's expression, or what the register says of this person.")
_SOURCE = "Our own: the layout's designer would rather have seen it larger, or on one line"
_EXPRESSIONS = "Our own: a card must not fail at the desk because of a text"
# Kerning mostly draws letters together; where it pushes apart, or a mark needs room, this is more than it takes.
_EACH_MORE, _MARK_MORE_EM = 1.02, 0.12
_STEP_PT = 0.25
_WIDEST_EM = 1000.0


@dataclass(frozen=True, slots=True)
class _Measure:
    """A letter's width and reach in em, never less than in any line; ``known`` when the font has it."""

    width: float
    above: float
    below: float
    known: bool


class NameCheck:
    """One layout, asked about one person after the other; what it learns of letters and texts it keeps.

    Args:
        task: the layout with its rules and brand; its samples are not looked at.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._rules = forbidding(task)
        self._placed = [p for p in task.elements if templates_of(p.element) and _differs(p.element)]
        self._rooms = [_Room(p.element, task.book) if isinstance(p.element, Text) else None for p in self._placed]
        self._judged: dict[tuple[int, str], tuple[LintFinding, ...]] = {}

    def findings(self, fields: CardFields) -> tuple[LintFinding, ...]:
        """Return what will look wrong, or must not be printed, on the card of one person."""
        content = self._task.content(fields.values())
        found: list[LintFinding] = []
        for number, placed in enumerate(self._placed):
            try:
                found += self._of_element(number, placed, content)
            except LayoutError as error:
                words = Message(_UNCOMPUTED, {"detail": error.params["detail"]}), Message(_MEND)
                found.append(finding("text/expression", Level.ERROR, words, _EXPRESSIONS, placed))
        return worst_first(found) if found else ()

    def _of_element(self, number: int, placed: Placed, content: Content) -> Iterator[LintFinding]:
        if not applies(placed.element, content.values):
            return
        texts = [filled(template, content.values) for template in templates_of(placed.element)]
        for text in texts:
            yield from forbidden_in(self._task, placed, (text, content.values), self._rules)
        room = self._rooms[number]
        if room is None or room.fits_for_certain(texts[0]):
            return
        # Programmes and faculties come again and again, and are judged once.
        if (key := (number, texts[0])) not in self._judged:
            setting = setting_of(room.element, content)
            self._judged[key] = tuple(_judged(placed, room.element, texts[0], setting))
        yield from self._judged[key]


class _Room:
    """The room that one element has for its text, measured once."""

    def __init__(self, element: Text, book: FontBook) -> None:
        self.element, self._book = element, book
        steps = math.ceil((element.size_pt - element.floor_pt) / _STEP_PT)
        # The smallest size that is not yet the floor: what fits at this one is shown at it, or larger.
        self._size_pt = element.size_pt - _STEP_PT * max(0, steps - 1)
        self._widest_em = self._asked_width()
        self._heights: dict[tuple[tuple[float, float], ...], bool] = {}
        self._letters: dict[str, _Measure] = {}

    def fits_for_certain(self, text: str) -> bool:
        """Tell whether a text fits on the lines that it is given on, above the floor, in letters that the fonts have.

        ``False`` only says that it is not certain.
        """
        element = self.element
        lines = [line for line in text.split("\n") if line.strip()]
        if not lines:
            return True
        if len(lines) > element.max_lines or element.upper or element.turn:
            return False
        reaches = []
        for line in lines:
            measures = [self._letters.get(letter) or self._measure(letter) for letter in line]
            width = sum([measure.width for measure in measures]) + element.tracking_em * len(measures)
            if width > self._widest_em or not all(measure.known for measure in measures):
                return False
            reaches.append((max([m.above for m in measures]), max([m.below for m in measures])))
        return self._are_low_enough(tuple(reaches))

    def _are_low_enough(self, reaches: tuple[tuple[float, float], ...]) -> bool:
        if reaches not in self._heights:
            runs = [Run((), 0.0, (Ink(0.0, 0.0, above, below),)) for above, below in reaches]
            self._heights[reaches] = fits(self.element, runs, self._size_pt)
        return self._heights[reaches]

    def _asked_width(self) -> float:
        """Return the width of the widest line that fits, found by asking."""
        fitting, beyond = 0.0, _WIDEST_EM
        while beyond - fitting > 0.001:
            middle = (fitting + beyond) / 2
            fit = fits(self.element, [Run((), middle, (Ink(0.0, middle),))], self._size_pt)
            fitting, beyond = (middle, beyond) if fit else (fitting, middle)
        return fitting

    def _measure(self, letter: str) -> _Measure:
        element = self.element
        run = self._book.shape(letter, element.family, element.weight)
        ink, is_mark = run.ink, bool(unicodedata.combining(letter))
        width = max(run.width_em, ink.right - min(0.0, ink.left)) * _EACH_MORE
        # A letter that carries marks may have to stand further off; a lone mark says nothing.
        width += 0.0 if unicodedata.normalize("NFD", letter) == letter else _MARK_MORE_EM
        measure = _Measure(width, ink.above, ink.below, not run.replaced and not is_mark)
        self._letters[letter] = measure
        return measure


def _judged(placed: Placed, element: Text, text: str, setting: SetText) -> Iterator[LintFinding]:
    yield from text_findings(element, text, setting, placed.side)
    shown = " ".join(text.split())
    if not setting.too_small and setting.size_pt <= element.floor_pt < element.size_pt:
        words = Message(_FLOOR, {"text": shown, "size": f"{setting.size_pt:g}"}), Message(_LOOK)
        yield finding("text/at-the-floor", Level.NOTE, words, _SOURCE, placed)
    given = len([line for line in text.split("\n") if line.strip()])
    if len(setting.lines) > max(1, given):
        words = Message(_WRAPPED, {"text": shown, "lines": len(setting.lines)}), Message(_LOOK)
        yield finding("text/wrapped", Level.NOTE, words, _SOURCE, placed)


def _differs(element: AnyElement) -> bool:
    """Tell whether what an element shows is not the same on every card of the institution."""
    return not fields_shown(element) <= ISSUER_FIELDS
