"""The layout verbs as a test types them: done for programs, or told to people."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from station.cli import layout, verbs
from station.cli.output import Output
from station.cli.parser import build_parser
from tests.helpers.desks import TestDesk

Said = pytest.CaptureFixture[str]


def words(*typed: str | Path) -> Namespace:
    """Return what was typed after ``station layout``."""
    return build_parser().parse_args(["layout", *(str(word) for word in typed)])


def done(said: Said, *typed: str | Path, bench: TestDesk | None = None) -> Any:
    """Do what was typed and return the JSON that it printed."""
    args, out = words(*typed), Output(as_json=True, language="en")
    code = layout.run(args, out) if bench is None else verbs.layout(args, out, bench.desk)
    assert code == 0
    return json.loads(said.readouterr().out)


def told(said: Said, *typed: str | Path, bench: TestDesk | None = None) -> str:
    """Do what was typed and return what it said to people."""
    args, out = words(*typed), Output(as_json=False, language="en")
    assert (layout.run(args, out) if bench is None else verbs.layout(args, out, bench.desk)) == 0
    return said.readouterr().out
