"""The file behind the sandbox: all of a change or nothing, and names of organisations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.sandbox.router.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "new folder" / "router.sqlite", {"1": "Pirmā"})
    yield database
    database.close()


def add(database: Database, esi: str) -> int:
    return database.execute("INSERT INTO persons (esi, esi_key, full_name) VALUES (?, ?, '')", (esi, esi.casefold()))


def test_a_change_that_fails_leaves_nothing(database: Database) -> None:
    def twice() -> None:
        with database.transaction():
            add(database, "A")
            add(database, "a")

    with pytest.raises(sqlite3.IntegrityError):
        twice()
    assert database.count("SELECT count(*) FROM persons") == 0


def test_a_change_that_works_is_kept(database: Database) -> None:
    with database.transaction():
        assert add(database, "A") == 1
    row = database.one("SELECT esi FROM persons")
    assert row is not None
    assert row["esi"] == "A"
    assert [r["esi_key"] for r in database.all("SELECT * FROM persons")] == ["a"]


def test_letters_are_compared_without_regard_to_case(database: Database) -> None:
    add(database, "ĀŽ")
    assert database.count("SELECT count(*) FROM persons WHERE fold(esi) = ?", ("āž",)) == 1


def test_an_organisation_has_a_name_even_when_nobody_gave_it_one(database: Database) -> None:
    assert (database.organisation_name("1"), database.organisation_name("2")) == ("Pirmā", "Organisation 2")


def test_it_is_opened_again_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "router.sqlite"
    first = Database(file, {"1": "Pirmā"})
    add(first, "A")
    first.close()
    second = Database(file, {"1": "Cita"})
    assert second.count("SELECT count(*) FROM persons") == 1
    assert second.organisation_name("1") == "Cita"
    second.close()
