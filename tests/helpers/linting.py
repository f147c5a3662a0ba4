"""Small layouts to look for mistakes in, and what was found in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from station.domain.elements import AnyElement, Box, EscLogo, Photo, Qr, Text
from station.domain.layout import CardFields, Layout
from station.domain.lint import LintFinding
from station.ports.printer import PrinterProfile
from station.render.linting.lint import Check, quick_lint, render_lint
from station.render.linting.task import Task
from station.render.paint import Brand
from station.render.rules import Rules, rules_for
from tests.helpers.layouts import CR80_300, card_fields

TODAY = date(2026, 11, 22)
RULES = rules_for(TODAY)
NAME = Text(id="name", text="{full_name}", size_pt=9, min_size_pt=6, max_lines=2, box=Box(4, 4, 50, 8.5))
PHOTO = Photo(id="photo", box=Box(58, 5, 22, 28))
LOGO = EscLogo(id="logo", box=Box(4, 14, 18, 3.3))
QR = Qr(id="qr", box=Box(4.3, 19, 17.4, 17.4))
ESI = Text(id="esi", text="{esi_short}", size_pt=6, box=Box(4, 42, 50, 4))
EXPIRES = Text(id="expires", text="{expires_on}", size_pt=6, box=Box(30, 14, 24, 4))
ESC: tuple[AnyElement, ...] = (NAME, PHOTO, LOGO, QR, ESI, EXPIRES)
"""A European Student Card in which nothing is wrong."""


def text(words: str, box: Box | None = None, **more: object) -> Text:
    """Return a text element of 8 pt where there is room for it."""
    return Text(**{"id": "text", "text": words, "size_pt": 8.0, "box": box or Box(4, 47, 60, 4), **more})  # type: ignore[arg-type]


def layout(*front: AnyElement, back: Sequence[AnyElement] = (), **more: object) -> Layout:
    """Return a layout with these elements."""
    return Layout("small", 1, front, tuple(back), **more)  # type: ignore[arg-type]


def task(
    given: Layout, printer: PrinterProfile = CR80_300, samples: Sequence[CardFields] = (), rules: Rules = RULES
) -> Task:
    """Return what checks are given, with one usual card when no others are named."""
    return Task(given, printer, rules, tuple(samples) or (card_fields(),))


def checked(check: Check, *front: AnyElement, **more: object) -> list[LintFinding]:
    """Return what one check finds in a front."""
    return list(check(task(layout(*front), **more)))  # type: ignore[arg-type]


def names(findings: Sequence[LintFinding]) -> list[str]:
    """Return findings as ``rule element``, in order."""
    return [f"{each.rule} {each.element}".strip() for each in findings]


def linted(
    given: Layout, printer: PrinterProfile = CR80_300, samples: Sequence[CardFields] = (), brand: Brand | None = None
) -> tuple[LintFinding, ...]:
    """Return everything that is found in a layout."""
    quick = quick_lint(given, printer, today=TODAY, samples=samples, brand=brand)
    return quick + render_lint(given, printer, today=TODAY, samples=samples, brand=brand)
