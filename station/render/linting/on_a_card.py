"""What the rules say of one card, just before it is printed: it takes no drawing, and about a millisecond."""

from __future__ import annotations

from datetime import date

from station.domain.layout import CardFields, Layout
from station.domain.lint import Level, LintFinding, worst_first
from station.ports.printer import PrinterProfile
from station.render.linting import codes, forbidden, marks
from station.render.linting.task import Task
from station.render.rules import rules_for


def card_lint(layout: Layout, printer: PrinterProfile, fields: CardFields, *, today: date) -> tuple[LintFinding, ...]:
    """Return what is wrong with this one card by the rules of the day: what it must not show, and how long it lasts.

    What is the same on every card of the layout was said when the layout was checked; and whether its texts fit is
    said by ``station.render.findings.card_findings``.
    """
    task = Task(layout, printer, rules_for(today), (fields,))
    found = (each for check in (forbidden.printed, marks.old_marks, codes.content) for each in check(task))
    return worst_first(each for each in found if each.level is not Level.NOTE)
