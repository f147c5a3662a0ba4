"""``station layout check-names``: who will have to be looked at, of everyone in the register."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.cli import layout_names, verbs
from station.cli.output import Output
from station.domain.elements import Box
from station.domain.layout import edited
from station.ports.register import RegisterRow
from station.render.layout_file import save_layout
from tests.helpers.desks import NOW, TestDesk, a_holder, open_test_desk
from tests.helpers.layout_words import Said, words
from tests.helpers.linting import NAME, QR
from tests.helpers.linting import layout as small


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    """Yield a desk with two people in its register."""
    with open_test_desk(tmp_path / "desk") as desk:
        yield desk


def narrow(folder: Path) -> Path:
    """Write a layout with little room for names, and return its file."""
    tight = replace(NAME, box=Box(4, 4, 17, 4), max_lines=1)
    save_layout(edited(small(tight, QR), name="tight"), folder / "tight.zip")
    return folder / "tight.zip"


def run(bench: TestDesk, *typed: str | Path, as_json: bool = True) -> int:
    args, out = words("check-names", *typed), Output(as_json=as_json, language="en")
    return layout_names.check_names(args, out, bench.desk)


def test_nobody_is_listed_whose_name_fits(bench: TestDesk, capsys: Said) -> None:
    out = Output(as_json=False, language="en")
    assert verbs.layout(words("check-names"), out, bench.desk) == 0
    assert capsys.readouterr().out == "People looked at: 2. Cards to look at before they are printed: 0.\n"


def test_each_that_does_not_fit_is_one_line_of_json(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    assert run(bench, narrow(tmp_path)) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["student_number"], each["name"]) for each in lines] == [
        ("051REB123", "Līga Bērziņa-Šķēle"), ("041REB390", "Mārtiņš Ģērmanis"),
    ]  # fmt: skip
    assert [each["rule"] for each in lines[0]["findings"]] == ["text/too-small"]


def test_a_limit_shortens_the_list_and_not_the_sum(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    holders = bench.desk.store.holders
    more = [RegisterRow(a_holder(f"0{n}", "Kristiāna Magdalēna", "Vasariņa-Kalna")) for n in range(4)]
    holders.apply_import(holders.plan_import(more, "more"), "more", NOW)
    assert run(bench, narrow(tmp_path), "--limit", "2", as_json=False) == 0
    said = capsys.readouterr().out
    assert said.count("text/too-small") == 2
    assert said.endswith("People looked at: 6. Cards to look at before they are printed: 6.\n")
