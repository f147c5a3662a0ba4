"""What is wrong with a card or its layout: which rule says so, where, how bad it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from station.domain.elements import Box
from station.domain.message import Message


class Level(StrEnum):
    """How bad a finding is; the members stand in order, the worst first."""

    ERROR = "error"
    """The card would be refused, unreadable, or show what nobody may see."""
    WARNING = "warning"
    """The card works, but somebody will be sorry."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One finding.

    ``rule`` names what was broken: of a dated rule file as ``esc-2026/qr-size``, else as ``text/too-small``; ``source``
    says in plain English where the rule comes from. ``side`` is 0 for the front and 1 for the back, ``None`` where it
    is the whole card; ``element`` and ``box`` (in millimetres on the card) are empty where it is no single element.
    """

    rule: str
    level: Level
    message: Message
    remedy: Message
    source: str
    side: int | None = None
    element: str = ""
    box: Box | None = None


def worst_level(findings: Iterable[LintFinding]) -> Level | None:
    """Return the worst level among findings; ``None`` when there is none at all."""
    return min((finding.level for finding in findings), key=list(Level).index, default=None)


def worst_first(findings: Iterable[LintFinding]) -> tuple[LintFinding, ...]:
    """Return the first finding of each rule at each place: errors first, then as they were found."""
    kept: dict[tuple[str, int | None, str], LintFinding] = {}
    for finding in findings:
        kept.setdefault((finding.rule, finding.side, finding.element), finding)
    return tuple(sorted(kept.values(), key=lambda each: list(Level).index(each.level)))
