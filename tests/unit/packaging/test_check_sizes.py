"""packaging/check-sizes finds each kind of breach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.scripts import load_script

sizes = load_script("check-sizes")
UNFINISHED = "TO" + "DO"
SOMEBODY = "/ho" + "me/anna/station"


def breaches(tmp_path: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the script says about one file with this name and text."""
    monkeypatch.setattr(sizes, "ROOT", tmp_path)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    figures = sizes.Figures()
    sizes.measure(figures, path)
    return list(figures.breaches)


def body(lines: int) -> str:
    """Return a function body of that many lines."""
    return "    x = 1\n" * lines


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("station/domain/a.py", "x = 1\n" * 601, "lines 601, at most 600"),
        ("station/domain/a.py", "def f():\n" + body(60), "f(): lines 61, at most 60"),
        ("tests/unit/test_a.py", "def test_f():\n" + body(60), "test_f(): lines 61, at most 60"),
        ("printers/a.py", "class A:\n" + body(300), "class A: lines 301, at most 300"),
        ("station/a.py", "def f(a, b, c, d, e, f): ...\n", "f(): positional parameters 6, at most 5"),
        (
            "station/a.py",
            "try:\n    x = 1\nexcept (OSError, Exception):\n    x = 2\n",
            "station/a.py:3: catches everything",
        ),
        ("printers/a.py", "try:\n    x = 1\nexcept:\n    x = 2\n", "printers/a.py:3: catches everything"),
        ("README.md", f"{UNFINISHED}: write this\n", "README.md:1: unfinished"),
        ("packaging/script", f"#!/bin/sh\ncd {SOMEBODY}\n", "packaging/script:2: a path of somebody's own machine"),
    ],
)
def test_a_breach_is_named_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    (found,) = breaches(tmp_path, name, text, monkeypatch)
    assert said in found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("station/a.py", "def f(a, b, c, d, e, *, g, h): ...\n"),
        ("station/a.py", "class A:\n    def f(self, a, b, c, d, e): ...\n"),
        ("station/a.py", "def f():\n" + body(59)),
        ("station/ui/tasks.py", "try:\n    x = 1\nexcept Exception:\n    x = 2\n"),
        ("tests/unit/test_a.py", "try:\n    x = 1\nexcept Exception:\n    x = 2\n"),
        ("station/a.py", "try:\n    x = 1\nexcept (OSError, ValueError):\n    x = 2\n"),
        ("station/a.py", "try:\n    x = 1\nexcept BaseException:\n    x = 2\n    raise\n"),
        ("README.md", f"see https://example.org{SOMEBODY}\n"),
        ("assets/demo/picture.png", UNFINISHED),
    ],
)
def test_what_is_allowed_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    assert breaches(tmp_path, name, text, monkeypatch) == []


def test_the_figures_take_the_value_that_95_of_100_do_not_exceed() -> None:
    assert sizes.p95([]) == 0
    assert sizes.p95(list(range(1, 101))) == 95
    assert sizes.p95([7]) == 7
