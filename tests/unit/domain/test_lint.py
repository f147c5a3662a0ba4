"""Findings: the worst, and each of them once."""

from __future__ import annotations

from dataclasses import replace

from station.domain.elements import Box
from station.domain.lint import Level, LintFinding, worst_first, worst_level
from station.domain.message import Message

FINDING = LintFinding(
    rule="esc-2026/qr",
    level=Level.NOTE,
    message=Message("{n} is wrong", {"n": 1}),
    remedy=Message("Mend it."),
    source="a document",
    side=0,
    element="qr",
    box=Box(1, 2, 3, 4),
)


def test_the_worst_comes_first_and_each_rule_is_said_once_at_a_place() -> None:
    again = replace(FINDING, message=Message("{n} is wrong", {"n": 2}))
    other_place = replace(FINDING, element="logo")
    other_side = replace(FINDING, side=1)
    error = replace(FINDING, rule="esc-2026/logo", level=Level.ERROR)
    warning = replace(FINDING, rule="text/too-small", level=Level.WARNING)
    found = worst_first([FINDING, again, warning, other_place, error, other_side])
    assert found == (error, warning, FINDING, other_place, other_side)


def test_the_worst_level_is_that_of_the_worst_finding() -> None:
    assert worst_level([]) is None
    assert worst_level([FINDING]) is Level.NOTE
    assert worst_level([FINDING, replace(FINDING, level=Level.ERROR), replace(FINDING, level=Level.WARNING)]) == "error"
