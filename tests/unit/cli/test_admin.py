"""Tests for ``station.cli.admin`` and ``station.cli.enrol``: from the first station to one that is withdrawn."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from station.cli.admin import qr_png
from station.cli.run import main
from station.domain.enrolment import QR_BEGINS, make_code, read_code
from station.photo.qr import read_qr

Said = pytest.CaptureFixture[str]


class Bench:
    """The demo bench's station, asked verb by verb, each in a desk of its own."""

    def __init__(self, folder: Path, capsys: Said) -> None:
        self.folder, self._capsys = folder, capsys

    def told(self, *words: str) -> str:
        """Run a verb that must work; return what it prints for people."""
        assert main([*words, "--demo", "--data", str(self.folder)]) == 0
        return self._capsys.readouterr().out

    def said(self, *words: str) -> Any:
        """Run a verb that must work; return its JSON."""
        return json.loads(self.told(*words, "--json"))

    def refused(self, *words: str) -> str:
        """Run a verb that must be refused; return why."""
        assert main([*words, "--json", "--demo", "--data", str(self.folder)]) == 1
        return str(json.loads(self._capsys.readouterr().err)["what"])


@pytest.fixture
def bench(tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Bench(tmp_path / "demo", capsys)


def test_nobody_is_enrolled_before_somebody_begins(bench: Bench) -> None:
    assert "every station that reaches this database may work" in bench.told("admin", "stations")
    assert "No station was ever enrolled" in bench.refused("admin", "enrol", "--name", "Desk 2")
    assert "To do it, add --yes" in bench.told("admin", "begin")
    assert bench.said("admin", "stations") == {"stations": [], "codes": []}


def test_the_first_station_enrols_others_and_withdraws_them(bench: Bench, tmp_path: Path) -> None:
    first = bench.said("admin", "begin", "--yes")
    assert len(first["rights"]) == 5
    made = bench.said("admin", "enrol", "--name", "Desk 2", "--right", "issue", "--qr", str(tmp_path / "code.png"))
    assert (made["name"], made["rights"]) == ("Desk 2", ["issue"])
    assert read_code(made["code"]) == made["code"]
    assert (tmp_path / "code.png").read_bytes() == qr_png(made["code"])
    assert [each["name"] for each in bench.said("admin", "stations")["codes"]] == ["Desk 2"]
    file = tmp_path / "campus.enrol"
    away = bench.said("admin", "enrol", "--name", "Campus", "--file", str(file), "--days", "30")
    assert file.stat().st_size > 500
    assert away["prefixes"] != first["prefixes"]
    gone = bench.said("admin", "withdraw", "--name", "Campus", "--reason", "closed")
    assert (gone["reason"], gone["prefixes"]) == ("closed", away["prefixes"])
    assert "withdrawn on" in bench.told("admin", "stations")


def test_what_it_says_to_people_names_rights_in_words(bench: Bench) -> None:
    bench.told("admin", "begin", "--yes")
    told = bench.told("admin", "enrol", "--name", "Desk 2")
    assert "It may make new cards." in told
    assert "It may not enrol and withdraw stations." in told
    assert "station enrol " in told


def test_a_file_that_is_there_is_not_written_over(bench: Bench, tmp_path: Path) -> None:
    bench.told("admin", "begin", "--yes")
    (tmp_path / "there").write_bytes(b"mine")
    assert "can't be written" in bench.refused("admin", "enrol", "--name", "X", "--file", str(tmp_path / "there"))
    assert (tmp_path / "there").read_bytes() == b"mine"
    assert len(bench.said("admin", "stations")["stations"]) == 1


def test_what_is_refused_leaves_no_file(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "campus.enrol"
    assert "No station was ever enrolled" in bench.refused("admin", "enrol", "--name", "X", "--file", str(file))
    assert not file.exists()
    bench.told("admin", "begin", "--yes")
    bench.refused("admin", "enrol", "--name", " ", "--file", str(file))
    assert not file.exists()


def test_a_station_with_a_store_of_its_own_is_enrolled_by_a_file(
    bench: Bench, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.told("admin", "begin", "--yes")
    file = tmp_path / "campus.enrol"
    made = bench.said("admin", "enrol", "--name", "Campus", "--file", str(file))
    campus = Bench(tmp_path / "campus", capsys)
    assert "not an enrolment code" in campus.refused("enrol", "nonsense", "--file", str(file))
    monkeypatch.setattr(sys, "stdin", io.StringIO(made["code"].lower() + "\n"))
    told = campus.told("enrol", "--file", str(file))
    assert "“Campus” from now on" in told
    assert "Its enrolment ends on" in told
    assert [each["name"] for each in campus.said("admin", "stations")["stations"]] == ["Campus"]
    assert "right to enrol and withdraw stations" in campus.refused("admin", "enrol", "--name", "X")
    assert "used here already" in campus.refused("enrol", made["code"], "--file", str(file))


def test_without_a_code_nothing_is_enrolled(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert bench.refused("enrol") == "No enrolment code was given."


def test_a_code_that_nobody_gave_out(bench: Bench) -> None:
    assert bench.refused("enrol", make_code(b"1234567")) == "Nobody gave out this code here."


def test_the_qr_of_a_code_is_read_as_the_code() -> None:
    code = make_code(b"1234567")
    with Image.open(io.BytesIO(qr_png(code))) as picture:
        assert read_qr(np.asarray(picture.convert("RGB"))) == QR_BEGINS + code
