"""Tests for ``station.cli.queue_export``: what it writes, what it says, and what it never writes over."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.cli.output import Output
from station.cli.parser import build_parser
from station.cli.queue import queue
from station.cli.queue_export import export, settle
from station.domain.errors import InputError, RouterError
from station.ports.router import CsvOperation
from station.services.import_form import Exported, FormFile, FormPart, path_of
from tests.helpers.desks import TestDesk, open_test_desk

Said = pytest.CaptureFixture[str]
COLUMNS = "personIdentifier,cardNumber,expiresAt"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk") as opened:
        opened.desk.issuances.hand_over(opened.verified().id)
        yield opened


def run(bench: TestDesk, *typed: str, as_json: bool = True) -> int:
    args = build_parser().parse_args(["queue", *typed])
    return {"export": export, "settle": settle}[typed[0]](args, Output(as_json=as_json, language="en"), bench.desk)


def value(capsys: Said) -> Any:
    return json.loads(capsys.readouterr().out)


def test_the_queue_is_written_and_marked_where_no_router_answers(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "cards.csv"
    assert run(bench, "export", "--csv", str(file), "--columns", COLUMNS) == 0
    said = value(capsys)
    assert said["files"] == [
        {"file": str(file), "operation": "CREATE", "cards": 1, "checked": False, "empty_columns": []}
    ]
    with file.open(encoding="utf-8", newline="") as opened:
        (row,) = csv.DictReader(opened)
    assert row["personIdentifier"] == bench.liga.esi
    assert bench.desk.store.queue_exports.open_numbers() == (row["cardNumber"],)
    with pytest.raises(InputError, match="Nothing in the queue"):
        run(bench, "export", "--csv", str(tmp_path / "more.csv"), "--columns", COLUMNS)
    assert run(bench, "export", "--csv", str(tmp_path / "more.csv"), "--columns", COLUMNS, "--again") == 0


def test_the_queue_says_what_left_and_that_it_still_waits(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    run(bench, "export", "--csv", str(tmp_path / "cards.csv"), "--columns", COLUMNS)
    capsys.readouterr()
    args = build_parser().parse_args(["queue"])
    queue(args, Output(as_json=True, language="en"), bench.desk)
    ways = {entry["kind"]: entry["left_in"] for entry in value(capsys)["entries"]}
    assert (ways["person"], ways["card"], ways["picture"]) == ("form", "form", None)
    queue(args, Output(as_json=False, language="en"), bench.desk)
    assert "Written to an import file on" in capsys.readouterr().out


def test_it_says_so_in_sentences(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    run(bench, "export", "--csv", str(tmp_path / "cards.csv"), "--columns", f"{COLUMNS},shoe", as_json=False)
    told = capsys.readouterr().out
    assert "cards to be created: 1" in told
    assert "could not look at it: ESC-Router can't be reached" in told
    assert "The column shoe is not known here" in told
    assert "station queue settle" in told


def test_a_file_that_is_there_is_not_written_over_and_nothing_is_marked(bench: TestDesk, tmp_path: Path) -> None:
    file = tmp_path / "cards.csv"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="can't be written"):
        run(bench, "export", "--csv", str(file), "--columns", COLUMNS)
    assert file.read_text(encoding="utf-8") == "mine"
    assert bench.desk.store.queue_exports.open_numbers() == ()


def test_nothing_is_settled_without_asking(bench: TestDesk, tmp_path: Path, capsys: Said) -> None:
    assert run(bench, "settle") == 0
    assert value(capsys) == {"registered": [], "open": []}
    run(bench, "export", "--csv", str(tmp_path / "cards.csv"), "--columns", COLUMNS)
    with pytest.raises(RouterError):
        run(bench, "settle")


def test_files_are_called_after_what_is_in_them() -> None:
    def name(operation: CsvOperation, *pics: str) -> str:
        files = tuple(FormFile(FormPart(pic, operation, ()), b"", checked=True) for pic in pics)
        return path_of(Path("/a/cards.csv"), files[0], Exported(files, ())).name

    assert name(CsvOperation.CREATE, "1") == "cards.csv"
    assert name(CsvOperation.UPDATE, "1") == "cards-update.csv"
    assert name(CsvOperation.DELETE, "1", "2") == "cards-1-delete.csv"
