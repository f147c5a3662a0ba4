"""How long it takes to check a layout: after every edit without drawing, with drawing, and for a whole register."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

from station.domain.elements import AnyElement, Box, Shape, Text
from station.domain.layout import CardFields, Layout, edited, fields_of
from station.render.layout_file import bundled_layout
from station.render.linting.lint import quick_lint, render_lint
from station.render.linting.names import NameCheck
from station.render.linting.samples import worst_cases
from station.render.linting.task import Task
from station.render.rules import rules_for
from tests.helpers.layouts import CR80_300, ESCN, EXPIRES, ISSUER, holder

TODAY = date(2026, 11, 22)
UNIVERSITY = bundled_layout("university")


def crowded() -> Layout:
    """Return the university's card with so many texts and shapes more that there are sixty elements."""
    more: list[AnyElement] = []
    for number in range(60 - len(UNIVERSITY.front) - len(UNIVERSITY.back)):
        box = Box(34 + number % 3 * 8, 30 + number // 3 % 8 * 2.2, 7, 2)
        if number % 3:
            more.append(Text(id=f"text_{number}", text="{student_number}", size_pt=5, min_size_pt=4, box=box))
        else:
            more.append(Shape(id=f"shape_{number}", fill="accent_weak", box=box))
    return edited(UNIVERSITY, front=(*UNIVERSITY.front, *more))


def test_quick_lint_after_an_edit_of_a_card_of_sixty_elements(benchmark: Any) -> None:
    """Whoever drags moves an element a little with each frame; the samples are the seven worst names."""
    layout, steps, samples = crowded(), itertools.count(1), worst_cases(TODAY)
    last = layout.front[-1]

    def drag() -> object:
        x = 30 + next(steps) % 200 / 10
        moved = edited(layout, front=(*layout.front[:-1], replace(last, box=replace(last.box, x_mm=x))))
        return quick_lint(moved, CR80_300, today=TODAY, samples=samples)

    benchmark(drag)


def test_quick_lint_of_the_university_card(benchmark: Any) -> None:
    benchmark(quick_lint, UNIVERSITY, CR80_300, today=TODAY)


def test_render_lint_of_the_university_card(benchmark: Any) -> None:
    """Both sides drawn for two people, every code read twice, contrast of every text."""
    benchmark(render_lint, UNIVERSITY, CR80_300, today=TODAY)


def register(size: int) -> list[CardFields]:
    """Return the texts of so many people's cards; family names come again, as they do, student numbers don't."""
    given = ("Līga", "Mārtiņš", "Anna Marija", "Kārlis", "Ņina", "Žanete", "Kristiāna Magdalēna", "Ģirts")
    parts = ("Bērz", "Kaln", "Ozol", "Vītol", "Ģērman", "Šķēl", "Ļebed", "Zariņ", "Ūdr", "Krūmiņ", "Dārziņ", "Žagar")
    ends = ("iņš", "iņa", "s", "a", "āne", "ovskis", "ovska", "evičs", "iņa-Kalna", "e", "is", "ietis")
    names = [part + end for part in parts for end in ends]
    people = (holder(given[n % 8], names[n // 8 % len(names)], f"{n:06d}") for n in range(size))
    return [fields_of(each, ESCN, EXPIRES, ISSUER) for each in people]


def test_names_of_a_register_of_30_000(benchmark: Any) -> None:
    people = register(30_000)

    def check() -> int:
        names = NameCheck(Task(UNIVERSITY, CR80_300, rules_for(TODAY), ()))
        return sum(bool(names.findings(fields)) for fields in people)

    benchmark.pedantic(check, rounds=3)
