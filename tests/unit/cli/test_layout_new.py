"""``station layout new``: a layout of one's own, begun from one that is ready."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.cli import layout, layout_new
from station.cli.output import Output
from station.cli.run import main
from station.domain.errors import InputError, LayoutError
from station.render.layout_file import bundled_layout, load_layout
from tests.helpers.layout_words import Said, done, told, words


def test_is_a_ready_layout_under_another_name(tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "ours.zip"
    said = done(capsys, "new", "ours", "--like", "plain", "--title", "Our card", "--out", file)
    begun = load_layout(file)
    assert (begun.reference, begun.title, begun.front) == ("ours/1", "Our card", bundled_layout("plain").front)
    assert said["file"] == str(file)
    assert (said["layout"], said["digest"], said["state"]) == ("ours/1", begun.digest, "draft")
    assert (said["extends"], said["approved"]) == (None, None)


def test_may_extend_it(tmp_path: Path, capsys: Said) -> None:
    folder = tmp_path / "ours"
    said = done(capsys, "new", "ours", "--extends", "--out", folder)
    assert said["extends"] == bundled_layout("university").reference
    assert json.loads((folder / "layout.json").read_text("utf-8"))["front"] == []
    assert load_layout(folder).front == bundled_layout("university").front


def test_may_be_like_a_file(tmp_path: Path, capsys: Said) -> None:
    done(capsys, "new", "first", "--like", "plain", "--out", tmp_path / "first.zip")
    done(capsys, "new", "second", "--like", tmp_path / "first.zip", "--out", tmp_path / "second.zip")
    assert load_layout(tmp_path / "second.zip").front == bundled_layout("plain").front


def test_says_what_to_do_next(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "station layout lint ours.zip" in told(capsys, "new", "ours")
    assert load_layout(tmp_path / "ours.zip").name == "ours"


def test_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "ours.zip").write_bytes(b"mine")
    with pytest.raises(InputError, match="is there already; nothing was written"):
        layout.run(words("new", "ours", "--out", tmp_path / "ours.zip"), Output(as_json=True, language="en"))
    assert (tmp_path / "ours.zip").read_bytes() == b"mine"


def test_refuses_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't be called Our Card; .* Use small letters, digits and hyphens"):
        layout.run(words("new", "Our Card", "--out", tmp_path / "x.zip"), Output(as_json=True, language="en"))
    assert list(tmp_path.iterdir()) == []


def test_needs_no_profile(tmp_path: Path, capsys: Said) -> None:
    assert main(["layout", "new", "ours", "--out", str(tmp_path / "ours.zip"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "ours"
    assert main(["layout", "new", "ours", "--like", "none", "--out", str(tmp_path / "b.zip")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "none" in error


def test_a_word_means_a_ready_layout_or_a_file(tmp_path: Path) -> None:
    assert layout_new.layout_named("plain") == bundled_layout("plain")
    with pytest.raises(LayoutError, match="it is not there"):
        layout_new.layout_named(str(tmp_path / "none"))
