"""Texts: whether each fits in its box, in letters that its font has, and large enough to be read."""

from __future__ import annotations

from collections.abc import Iterator

from station.domain.elements import Text
from station.domain.layout import filled
from station.domain.lint import LintFinding
from station.render.findings import text_findings
from station.render.linting.task import Task
from station.render.paint import Content, setting_of


def fit(task: Task) -> Iterator[LintFinding]:
    """Yield what is wrong with the texts of the samples as they are set."""
    for values in task.values:
        content = Content(task.layout.name, values, None, task.brand, task.book, task.layout.files)
        for placed in task.elements:
            if isinstance(placed.element, Text) and task.is_shown(placed, values):
                text = filled(placed.element.text, values)
                yield from text_findings(placed.element, text, setting_of(placed.element, content), placed.side)
