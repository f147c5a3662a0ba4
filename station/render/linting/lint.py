"""Every check in one place: those that only look at the layout's figures, and those that look at finished bitmaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from station.domain.layout import CardFields, Layout
from station.domain.lint import LintFinding, worst_first
from station.ports.printer import PrinterProfile
from station.render.linting import (
    codes,
    contrast,
    fonts,
    forbidden,
    marks,
    on_printer,
    overlaps,
    pictures,
    readback,
    texts,
    zones,
)
from station.render.linting.samples import worst_cases
from station.render.linting.task import Task
from station.render.paint import Brand
from station.render.rules import Rules, rules_for

Check = Callable[[Task], Iterator[LintFinding]]

_QUICK: tuple[Check, ...] = (
    marks.required,
    marks.old_marks,
    forbidden.printed,
    texts.fit,
    codes.content,
    codes.quiet_zone,
    codes.size,
    codes.panel,
    marks.logo_size,
    marks.clear_zone,
    zones.keep_out,
    zones.places,
    overlaps.texts,
    overlaps.hidden,
    on_printer.sides,
    on_printer.panels,
    on_printer.abilities,
    on_printer.edges,
    on_printer.strokes,
    pictures.resolution,
    fonts.own,
    texts.letter_size,
)
_RENDERED: tuple[Check, ...] = (readback.codes, contrast.low)


def quick_lint(  # noqa: PLR0913 - what is looked at by position, how by name
    layout: Layout,
    printer: PrinterProfile,
    *,
    today: date,
    rules: Rules | None = None,
    samples: Sequence[CardFields] = (),
    brand: Brand | None = None,
) -> tuple[LintFinding, ...]:
    """Return what can be said without drawing: cheap enough to be asked after every edit.

    Args:
        layout: what is looked at.
        printer: the printer that it will be printed on.
        today: the day, which decides which rules hold.
        rules: other rules than those of the day.
        samples: texts of cards to try; the longest, shortest and strangest names when there are none.
        brand: the institution's colour and logo.

    Returns:
        The findings, errors first, one for each rule and element.
    """
    return _found(_QUICK, _task(layout, printer, rules or rules_for(today), samples or worst_cases(today), brand))


def render_lint(  # noqa: PLR0913 - as quick_lint
    layout: Layout,
    printer: PrinterProfile,
    *,
    today: date,
    rules: Rules | None = None,
    samples: Sequence[CardFields] = (),
    brand: Brand | None = None,
) -> tuple[LintFinding, ...]:
    """Return what only the finished bitmaps show: codes read back as the ribbon prints them, and contrast.

    Takes and returns what ``quick_lint`` does; the two have no finding in common.
    """
    return _found(_RENDERED, _task(layout, printer, rules or rules_for(today), samples or worst_cases(today), brand))


def full_lint(  # noqa: PLR0913 - as quick_lint
    layout: Layout,
    printer: PrinterProfile,
    *,
    today: date,
    rules: Rules | None = None,
    samples: Sequence[CardFields] = (),
    brand: Brand | None = None,
) -> tuple[LintFinding, ...]:
    """Return everything: what ``quick_lint`` and ``render_lint`` find."""
    return _found(
        _QUICK + _RENDERED, _task(layout, printer, rules or rules_for(today), samples or worst_cases(today), brand)
    )


def _task(
    layout: Layout, printer: PrinterProfile, rules: Rules, samples: Sequence[CardFields], brand: Brand | None
) -> Task:
    return Task(layout, printer, rules, tuple(samples), brand or Brand())


def _found(checks: tuple[Check, ...], task: Task) -> tuple[LintFinding, ...]:
    return worst_first(finding for check in checks for finding in check(task))
