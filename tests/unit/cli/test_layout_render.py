"""``station layout render``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from station.cli.layout_render import run
from station.cli.output import Output
from station.domain.errors import InputError, LayoutError
from tests.helpers.layout_words import Said, done, told, words
from tests.helpers.layouts import face

PANELS = ("", "-colour", "-resin")


def test_every_side_and_panel_has_a_picture_and_all_have_a_pdf(tmp_path: Path, capsys: Said) -> None:
    (photo := tmp_path / "me.jpg").write_bytes(face())
    out = tmp_path / "new" / "out"
    made = done(capsys, "render", "plain", "--printer", "fargo-hdp", "--photo", photo, "--out", out)
    names = {f"plain-front{panel}.png" for panel in PANELS} | {"plain.pdf"}
    assert {Path(file).name for file in made["files"]} == names
    assert {file.name for file in out.iterdir()} == names
    assert (made["raster_px"], made["dpi"], made["error"], made["findings"]) == ([1035, 661], [300, 300], None, [])
    assert made["qr"].startswith("https://s.esc-r.eu/")
    with Image.open(out / "plain-front.png") as seen:
        assert seen.size == (1035, 661)


def test_only_a_pdf_when_that_is_what_is_asked_for(tmp_path: Path, capsys: Said) -> None:
    said = told(capsys, "render", "university", "--out", tmp_path / "proof.pdf", "--marks")
    assert [file.name for file in tmp_path.iterdir()] == ["proof.pdf"]
    assert str(tmp_path / "proof.pdf") in said
    assert len(re.findall(rb"/TrimBox", (tmp_path / "proof.pdf").read_bytes())) == 2


def test_without_a_photo_it_says_so(tmp_path: Path, capsys: Said) -> None:
    assert [each["rule"] for each in done(capsys, "render", "plain", "--out", tmp_path)["findings"]] == ["photo/none"]


def test_the_test_card_is_for_the_printer(tmp_path: Path, capsys: Said) -> None:
    made = done(capsys, "render", "test-card", "--printer", "magicard", "--out", tmp_path)
    assert made["layout"] == "test-card/1"
    with Image.open(tmp_path / "test-card-front.png") as seen:
        assert seen.size == (1016, 642)


def test_every_strange_name_has_its_card(tmp_path: Path, capsys: Said) -> None:
    told(capsys, "render", "plain", "--examples", "--out", tmp_path / "all.pdf")
    assert len(list(tmp_path.glob("all-*.pdf"))) >= 5


@pytest.mark.parametrize(
    ("given", "error"),
    [(("nothing-like-it",), LayoutError), (("plain", "--photo", "/nowhere/me.jpg"), InputError)],
)
def test_what_is_not_there_is_said(tmp_path: Path, capsys: Said, given: tuple[str, ...], error: type) -> None:
    with pytest.raises(error):
        done(capsys, "render", *given, "--out", tmp_path)


def test_a_photo_that_is_none_is_a_card_that_can_not_be_drawn(tmp_path: Path, capsys: Said) -> None:
    (photo := tmp_path / "me.jpg").write_bytes(b"no picture")
    typed = words("render", "plain", "--photo", photo, "--out", tmp_path / "out")
    assert run(typed, Output(as_json=True, language="en")) == 1
    assert '"error": "Portrait"' in capsys.readouterr().out
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_in_the_folders_place_is_said(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="Nothing can be written"):
        done(capsys, "render", "plain", "--out", tmp_path / "out")
