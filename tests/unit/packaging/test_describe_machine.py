"""packaging/describe-machine names the machine, so that a figure can be compared with another."""

from __future__ import annotations

import platform

import pytest

from tests.helpers.scripts import load_script


def test_it_names_what_a_figure_depends_on(capsys: pytest.CaptureFixture[str]) -> None:
    load_script("describe-machine").main()
    facts = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    assert list(facts) == ["taken", "processor", "system", "libraries"]
    assert platform.python_version() in facts["system"]
    assert " cores, " in facts["processor"]
    assert "PySide6-Essentials 6" in facts["libraries"]
