"""The verbs of ``station layout``."""

from __future__ import annotations

from station.cli import layout
from station.cli.parser import build_parser


def test_every_verb_is_done_by_somebody() -> None:
    actions = next(a.choices for a in build_parser()._actions if isinstance(a.choices, dict))["layout"]
    actions.learn()
    names = set(next(a.choices for a in actions._actions if isinstance(a.choices, dict)))
    assert names == set(layout.ON_FILES) | set(layout.WITH_DESK)
    assert not set(layout.ON_FILES) & set(layout.WITH_DESK)
    assert not layout.needs_desk("new")
    assert layout.needs_desk("sign")
