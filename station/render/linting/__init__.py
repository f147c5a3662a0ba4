"""Check a layout before cards depend on it: the dated rules, this printer, and the texts that will come."""

from __future__ import annotations

from station.render.linting.lint import full_lint, quick_lint, render_lint
from station.render.linting.names import NameCheck
from station.render.linting.on_a_card import card_lint
from station.render.linting.samples import worst_cases

__all__ = ["NameCheck", "card_lint", "full_lint", "quick_lint", "render_lint", "worst_cases"]
