"""What every register must do: CSV in each shape that people export it in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.adapters.register.csv import CsvRegister
from station.domain.errors import RegisterFileError
from station.domain.holder import AcademicLevel, EnrolmentStatus, IdentifierKind
from station.ports.register import Register
from station.settings import Institution

RTU = Institution(key="rtu", name="Rīgas Tehniskā universitāte", pic="999465982", sho="rtu.lv", country="LV")
COLUMNS = (
    "student_number", "given_names", "family_name", "email", "esi", "esi_2", "personal_code",
    "status", "programme", "faculty", "level", "study_begins", "study_ends",
)  # fmt: skip
LATVIAN = (
    "Apliecības Nr.", "Vārds", "Uzvārds", "E-pasts", "ESI", "ESI (VIIS)", "Personas kods",
    "Statuss", "Studiju programma", "Fakultāte", "Līmenis", "Studiju sākums", "Studiju beigas",
)  # fmt: skip
SHAPES = {
    "utf-8, comma": ("utf-8", ",", COLUMNS),
    "utf-8 with mark, semicolon": ("utf-8-sig", ";", LATVIAN),
    "windows-1257, semicolon": ("cp1257", ";", LATVIAN),
    "utf-16, tab": ("utf-16", "\t", COLUMNS),
    "utf-16 without mark, comma": ("utf-16-le", ",", LATVIAN),
}
ANNA = (
    "051REB123", "Anna Marija", "Bērziņa-Šķēle", "anna@rtu.lv", "051REB123@rtu.lv", "AB010190XZR12345@viis.gov.lv",
    "01019012345", "Aktīvs", "Datorzinātne; tīkli, \"drošība\"", "DITF", "Bakalaura", "01.09.2026", "2029-06-30",
)  # fmt: skip
JURIS = ("061RDB001", "Juris", "Ozols", "", "", "", "", "", "", "", "", "", "")

Make = Callable[[Sequence[Sequence[str]]], Register]


@pytest.fixture(params=list(SHAPES))
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Give a maker of registers with these rows."""
    encoding, separator, header = SHAPES[request.param]
    file = tmp_path / "students.csv"

    def made(rows: Sequence[Sequence[str]]) -> Register:
        with file.open("w", encoding=encoding, newline="") as out:
            csv.writer(out, delimiter=separator).writerows([header, *rows])
        return CsvRegister(file, RTU)

    return made


def test_a_register_gives_every_holder_whole(make: Make) -> None:
    register = make([ANNA, JURIS])
    anna, juris = register.rows()
    assert register.name == "students.csv"
    assert (anna.holder.student_number, anna.holder.full_name) == ("051REB123", "Anna Marija Bērziņa-Šķēle")
    assert (anna.holder.institution, anna.holder.source, anna.holder.email) == ("rtu", "students.csv", "anna@rtu.lv")
    assert anna.personal_code == "010190-12345"
    assert [(i.kind, i.value, i.preferred) for i in anna.holder.identifiers] == [
        (IdentifierKind.ESI, "urn:schac:personalUniqueCode:int:esi:rtu.lv:051REB123", True),
        (IdentifierKind.ESI, "urn:schac:personalUniqueCode:int:esi:lv:AB010190XZR12345", False),
    ]
    (study,) = anna.holder.enrolments
    assert (study.status, study.level) == (EnrolmentStatus.ACTIVE, AcademicLevel.BACHELOR)
    assert (study.programme, study.faculty) == ('Datorzinātne; tīkli, "drošība"', "DITF")
    assert (study.begins_on, study.ends_on) == (date(2026, 9, 1), date(2029, 6, 30))
    assert (juris.holder.email, juris.holder.identifiers, juris.personal_code) == (None, (), None)
    assert juris.holder.enrolments[0].status is EnrolmentStatus.ACTIVE


def test_a_holder_is_the_same_one_every_time(make: Make) -> None:
    first = [row.holder for row in make([ANNA, JURIS]).rows()]
    again = [row.holder for row in make([JURIS, ("051reb123", "Anna", "Kalniņa", *ANNA[3:])]).rows()]
    assert first[0].id == again[1].id
    assert first[1] == again[0]
    assert len({holder.id for holder in first}) == 2


def test_every_row_says_where_it_stands(make: Make) -> None:
    assert [row.place for row in make([ANNA, JURIS]).rows()] == ["students.csv:2", "students.csv:3"]


def test_good_rows_before_a_bad_one_are_given_and_the_bad_one_is_named(make: Make) -> None:
    rows = make([ANNA, replace_cell(JURIS, 3, "juris")]).rows()
    assert next(rows).holder.given_names == "Anna Marija"
    with pytest.raises(RegisterFileError) as caught:
        next(rows)
    params = caught.value.params
    assert (params["file"], params["line"], params["value"]) == ("students.csv", 3, "juris")
    assert params["column"] in {"email", "E-pasts"}
    assert "Nothing was imported" in str(caught.value)


def replace_cell(row: Sequence[str], place: int, text: str) -> tuple[str, ...]:
    return (*row[:place], text, *row[place + 1 :])


# Letters that Windows-1257 has too, so that one strategy serves every shape.
baltic = st.text("abcABCāčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽąęėįųł'-.;,\"\t ", min_size=1, max_size=20).filter(
    lambda t: bool(t.split())
)
numbers = st.text("0123456789REBDCM", min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(people=st.lists(st.tuples(numbers, baltic, baltic), min_size=1, max_size=8))
def test_any_names_survive(make: Make, people: list[tuple[str, str, str]]) -> None:
    rows = [(number, given_, family, *[""] * 10) for number, given_, family in people]
    found = [(r.holder.student_number, r.holder.given_names, r.holder.family_name) for r in make(rows).rows()]
    assert found == [(number, " ".join(g.split()), " ".join(f.split())) for number, g, f in people]


def test_identity_depends_on_the_institution(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("student_number,given_names,family_name\n1,A,B\n", encoding="utf-8")
    ids = {next(CsvRegister(file, each).rows()).holder.id for each in (RTU, replace(RTU, key="lu"))}
    assert len(ids) == 2
