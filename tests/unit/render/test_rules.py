"""Rules come from dated files: the newest that has begun, checked to the last key."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from station.render import rules as module
from station.render.rules import (
    Contrast,
    Forbidden,
    MarkRequired,
    ModuleSize,
    OldMarks,
    QrContent,
    RulesError,
    load_rules,
    rules_for,
)
from station.resources import asset

RULE = (
    'id = "logo"\nkind = "mark_required"\nmark = "logo"\nlevel = "error"\napplies_to = "esc"\nsource = "a document"\n'
)
HEAD = 'schema_version = 1\ntitle = "Rules"\nvalid_from = 2026-01-01\n'


def written(folder: Path, text: str, name: str = "esc-2030.toml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


class TestShipped:
    @pytest.mark.parametrize("file", sorted(asset("rules").glob("*.toml")), ids=lambda file: file.stem)
    def test_every_file_can_be_read(self, file: Path) -> None:
        rules = load_rules(file)
        assert rules.name == file.stem
        assert all(rule.source for rule in rules.rules)

    def test_old_marks_end_with_2027(self) -> None:
        (old,) = rules_for(date(2026, 11, 22)).of(OldMarks)
        assert old.allowed_until == date(2027, 12, 31)

    def test_what_a_card_has_to_show_and_may_not_show(self) -> None:
        rules = rules_for(date(2026, 11, 22))
        assert {rule.mark for rule in rules.of(MarkRequired)} >= {"logo", "qr", "esi", "name"}
        assert {rule.what for rule in rules.of(Forbidden)} >= {"pic", "personal_code"}
        (content,) = rules.of(QrContent)
        assert content.prefixes[0] == "https://s.esc-r.eu/"
        assert "http://esc.gg/" in content.prefixes

    def test_figures_are_those_of_the_file(self) -> None:
        rules = rules_for(date(2026, 11, 22))
        text = {rule.of: rule.ratio for rule in rules.of(Contrast)}
        assert text == {"text": 4.5, "logo": 3.0}
        (size,) = rules.of(ModuleSize)
        assert size.least_mm < size.good_mm

    def test_every_kind_of_the_readme_is_one_of_the_loader(self) -> None:
        readme = asset("rules", "README.md").read_text("utf-8")
        table = {line.split("`")[1] for line in readme.splitlines() if line.startswith("| `")}
        document = tomllib.loads(asset("rules", "esc-2026.toml").read_text("utf-8"))
        assert table == {rule["kind"] for rule in document["rules"]}


class TestByDate:
    def test_the_newest_that_has_begun_is_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for year in (2024, 2026, 2028):
            written(tmp_path, HEAD.replace("2026", str(year)) + "[[rules]]\n" + RULE, f"esc-{year}.toml")
        monkeypatch.setattr(module, "asset", lambda *_: tmp_path)
        module._shipped.cache_clear()
        try:
            days = [date(2020, 1, 1), date(2024, 1, 1), date(2027, 12, 31), date(2028, 1, 1), date(2040, 1, 1)]
            names = [rules_for(day).name for day in days]
            assert names == ["esc-2024", "esc-2024", "esc-2026", "esc-2028", "esc-2028"]
        finally:
            module._shipped.cache_clear()


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "place", "detail"),
        [
            (HEAD + "[[rules]]\n" + RULE + "colour = 1\n", "rules/logo/colour", "no such key"),
            (HEAD + "[[rules]]\n" + RULE.replace('mark = "logo"\n', ""), "rules/logo/mark", "missing"),
            (HEAD + "[[rules]]\n" + RULE.replace('"mark_required"', '"magic"'), "rules/logo", "magic"),
            (HEAD + "[[rules]]\n" + RULE.replace('"error"', '"fatal"'), "rules/logo/level", "error"),
            (HEAD + "[[rules]]\n" + RULE + "[[rules]]\n" + RULE, "logo", "twice"),
            (HEAD + "rules = []\n", "rules", "at least 1"),
            ("schema_version = 2\n" + HEAD[19:] + "[[rules]]\n" + RULE, "schema_version", "1"),
            ("= nonsense", "-", ""),
        ],
    )
    def test_each_is_named_with_its_place(self, tmp_path: Path, text: str, place: str, detail: str) -> None:
        with pytest.raises(RulesError) as raised:
            load_rules(written(tmp_path, text))
        assert raised.value.params["file"] == "esc-2030.toml"
        assert raised.value.params["place"] == place
        assert detail in str(raised.value.params["detail"])

    def test_a_file_that_is_not_there_or_no_text_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(RulesError, match=r"none\.toml has a mistake at the whole file: it is not there"):
            load_rules(tmp_path / "none.toml")
        (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(RulesError, match="UTF-8"):
            load_rules(tmp_path / "bytes.toml")
        (tmp_path / "large.toml").write_bytes(b"#" * 300_000)
        with pytest.raises(RulesError, match="too large"):
            load_rules(tmp_path / "large.toml")
