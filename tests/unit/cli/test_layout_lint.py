"""``station layout lint``: findings for people and for programs, and an end that scripts can ask for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from station.cli import layout_lint
from station.cli.output import Output
from station.cli.run import main
from station.domain.elements import Box, HologramZone
from station.domain.layout import edited
from station.render.layout_file import bundled_layout, save_layout
from tests.helpers.layout_words import Said, words
from tests.helpers.layouts import CR80_300
from tests.helpers.linting import ESC, LOGO, NAME, layout, linted

SHIPPED = str(words("lint", "plain").layout)


def value(capsys: Said) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_a_finding_of_the_whole_card_has_no_place_for_programs(capsys: Said) -> None:
    (found,) = (each for each in linted(layout(NAME, back=[NAME]), replace(CR80_300, duplex=False)))
    value_of = layout_lint.finding_value(found)
    assert (value_of["rule"], value_of["side"], value_of["element"], value_of["box_mm"]) == (
        "printer/one-sided", None, None, None,
    )  # fmt: skip
    layout_lint.say_finding(Output(as_json=False, language="en"), found)
    assert capsys.readouterr().out.startswith("Error:  The layout has a back")


def test_a_finding_of_a_whole_side_names_the_side_alone(capsys: Said) -> None:
    (found,) = (each for each in linted(layout(NAME, back=[NAME]), replace(CR80_300, duplex=False)))
    layout_lint.say_finding(Output(as_json=False, language="en"), replace(found, side=1))
    assert capsys.readouterr().out.startswith("Error: back side  The layout has a back")


def old_card(folder: Path) -> Path:
    """Write a card with the marks of before, and return its file."""
    old = layout(*(each for each in ESC if each is not LOGO), HologramZone(id="hologram", box=Box(64, 36, 14, 14)))
    save_layout(edited(old, name="old"), folder / "old.zip")
    return folder / "old.zip"


def test_a_ready_layout_ends_with_0_and_says_on_which_printer(capsys: Said) -> None:
    assert main(["layout", "lint", SHIPPED, "--json"]) == 0
    found = value(capsys)
    assert (found["layout"], found["printer"], found["rules"]) == (
        bundled_layout(SHIPPED).reference, "generic-cr80-300", "esc-2026",
    )  # fmt: skip


def test_findings_have_rule_place_remedy_and_source(tmp_path: Path, capsys: Said) -> None:
    assert main(["layout", "lint", str(old_card(tmp_path)), "--day", "2026-11-22", "--json"]) == 1
    findings = value(capsys)["findings"]
    assert isinstance(findings, list)
    old = next(each for each in findings if each["rule"] == "esc-2026/old-marks")
    assert (old["level"], old["side"], old["element"]) == ("error", "front", "hologram")
    assert old["box_mm"] == [64.0, 36.0, 14.0, 14.0]
    assert "31.12.2027" in old["message"]
    assert old["remedy"]
    assert "31 December 2027" in old["source"]


def test_people_read_sentences_in_their_language(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert main(["layout", "lint", str(old_card(tmp_path))]) == 1
    said = capsys.readouterr().out
    assert "Error: front side/hologram  The card is valid until" in said
    assert "[esc-2026/old-marks]" in said
    assert "old/1 on Card printer, 300 dpi. Errors: 1, " in said
    monkeypatch.setenv("LC_ALL", "lv_LV.UTF-8")
    main(["layout", "lint", str(old_card(tmp_path))])
    latvian = capsys.readouterr().out
    assert "Kļūda: priekšpuse/hologram" in latvian
    assert "The card" not in latvian


def test_another_printer_and_other_rules_find_other_things(tmp_path: Path, capsys: Said) -> None:
    main(["layout", "lint", SHIPPED, "--printer", "evolis-primacy2-one-ribbon", "--json"])
    findings = value(capsys)["findings"]
    assert isinstance(findings, list)
    assert "esc-2026/qr-resin" in {each["rule"] for each in findings}
    rules = tmp_path / "ours.toml"
    rules.write_text(
        'schema_version = 1\ntitle = "Ours"\nvalid_from = 2026-01-01\n[[rules]]\nid = "large"\nkind = "letter_size"\n'
        'of = "any"\nleast_pt = 20.0\nlevel = "error"\napplies_to = "every"\nsource = "our own"\n',
        "utf-8",
    )
    assert main(["layout", "lint", SHIPPED, "--rules", str(rules), "--json"]) == 1
    found = value(capsys)
    assert found["rules"] == "ours"
    assert isinstance(found["findings"], list)
    assert {each["rule"] for each in found["findings"] if each["level"] == "error"} == {"ours/large"}


def test_a_file_printer_or_day_that_is_not_there_is_one_line(tmp_path: Path, capsys: Said) -> None:
    assert main(["layout", "lint", str(tmp_path / "none.zip")]) == 1
    assert main(["layout", "lint", SHIPPED, "--printer", "none"]) == 1
    assert main(["layout", "lint", SHIPPED, "--rules", str(tmp_path / "none.toml")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 3
    with pytest.raises(SystemExit):
        main(["layout", "lint", SHIPPED, "--day", "tomorrow"])
