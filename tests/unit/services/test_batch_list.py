"""The list beside the stacks: one stack a printer, in the order in which the cards lie."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.domain.errors import InputError
from station.domain.workflow import Issuance
from station.services.batch import BatchLine, Outcome
from station.services.batch_list import need_folder, write_list
from tests.helpers.desks import a_holder


def line(place: int, printer: str, group: str = "DITF") -> BatchLine:
    issuance = Issuance(str(place), escn=f"number-{place}", printer=printer)
    return BatchLine(place, issuance, a_holder(str(place), "Anna", f"Liepa {place}"), group, Outcome.OUT)


def rows(files: list[Path]) -> list[dict[str, str]]:
    (table,) = [file for file in files if file.suffix == ".csv"]
    return list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))


def test_one_stack_a_printer_each_in_order(tmp_path: Path) -> None:
    lines = [line(1, "Left"), line(2, "Right"), line(3, "Left"), line(4, "Right")]
    files = write_list(tmp_path / "lists", lines, "Desk 1", datetime(2026, 9, 1, 22, 0, tzinfo=UTC))
    assert [(row["printer"], row["place"], row["group"]) for row in rows(files)] == [
        ("Left", "1", "Left · DITF"), ("Left", "3", "Left · DITF"), ("Right", "2", "Right · DITF"),
        ("Right", "4", "Right · DITF"),
    ]  # fmt: skip
    assert all(file.name.startswith("cards-2026090") for file in files)
    assert files[0].read_bytes().startswith(b"%PDF")


def test_one_printer_alone_is_not_named_in_every_heading(tmp_path: Path) -> None:
    waits = BatchLine(2, None, a_holder("2", "Anna", "Liepa"))
    files = write_list(tmp_path, [line(1, "Left"), waits], "Desk 1", datetime(2026, 9, 1, tzinfo=UTC))
    assert [(row["group"], row["escn"], row["outcome"]) for row in rows(files)] == [
        ("", "", "waits"),
        ("DITF", "number-1", "out"),
    ]


def test_a_second_list_within_the_minute_takes_nothing_from_the_first(tmp_path: Path) -> None:
    at = datetime(2026, 9, 1, tzinfo=UTC)
    first, second = (write_list(tmp_path, [line(place, "Left")], "Desk 1", at) for place in (1, 2))
    assert not set(first) & set(second)
    assert [rows(files)[0]["escn"] for files in (first, second)] == ["number-1", "number-2"]
    assert {file.stem for file in second} == {f"{first[0].stem}-2"}, "both of its files have one name"


def test_where_no_list_can_be_written_is_said_with_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file"):
        need_folder(tmp_path / "file" / "lists")
    with pytest.raises(InputError, match="file"):
        write_list(tmp_path / "file", [line(1, "Left")], "Desk 1", datetime(2026, 9, 1, tzinfo=UTC))
