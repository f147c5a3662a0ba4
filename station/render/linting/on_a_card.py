"""What the rules say of one card, just before it is printed: it takes no drawing, and about a millisecond."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from station.domain.elements import AnyElement
from station.domain.errors import LayoutError
from station.domain.layout import CardFields, Layout, applies
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
    rules = rules_for(today)
    card = Task(_as_shown(layout, fields), printer, rules, (fields,))
    found = [each for check in (forbidden.printed, marks.old_marks, codes.content) for each in check(card)]
    # A mark that no card of the layout has was told when the layout was checked, not again at each card.
    missing_on_all = {each.rule for each in marks.required(Task(layout, printer, rules, (fields,)))}
    found += [each for each in marks.required(card) if each.rule not in missing_on_all]
    return worst_first(each for each in found if each.level is not Level.NOTE)


def _as_shown(layout: Layout, fields: CardFields) -> Layout:
    """Return a layout of only what is on this card: a mark with a condition is no mark where it doesn't hold."""
    values = fields.values()

    def is_shown(element: AnyElement) -> bool:
        try:
            return applies(element, values)
        except LayoutError:
            return True  # a finding of its own, when the card is drawn

    front, back = (tuple(each for each in side if is_shown(each)) for side in (layout.front, layout.back))
    return replace(layout, front=front, back=back)
