"""What is said of a file that is not as it should be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from station.adapters.register.csv import CsvRegister
from station.domain.errors import RegisterFileError
from station.ports.register import Register
from station.settings import Institution

RTU = Institution(key="rtu", name="RTU", pic="999465982", sho="rtu.lv", country="LV")
HEADER = "student_number;given_names;family_name;email;esi;status\n"


def register(folder: Path, text: str, **columns: str) -> CsvRegister:
    file = folder / "students.csv"
    file.write_text(text, encoding="utf-8")
    made = CsvRegister(file, RTU, columns=columns)
    _: Register = made
    return made


def complaint(folder: Path, text: str) -> RegisterFileError:
    with pytest.raises(RegisterFileError) as caught:
        list(register(folder, text).rows())
    assert str(caught.value).count("(") == str(caught.value).count(")")
    return caught.value


def test_wrong_columns_list_what_is_missing_and_what_is_there(tmp_path: Path) -> None:
    error = complaint(tmp_path, "Vārds;Telefons;;Kurss\nAnna;1;;2\n")
    assert error.params["missing"] == "student_number, family_name"
    assert error.params["found"] == "Vārds, Telefons, Kurss"
    assert "student_number" in error.todo


@pytest.mark.parametrize("text", ["", "\n\n", "  ;; \n"])
def test_an_empty_file_is_called_empty(tmp_path: Path, text: str) -> None:
    assert "is empty" in str(complaint(tmp_path, text))


def test_only_a_header_is_nobody(tmp_path: Path) -> None:
    assert list(register(tmp_path, HEADER).rows()) == []


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        (";Anna;Ozola;;;", "student_number", "has nothing in the column"),
        ("1;;Ozola;;;", "given_names", "has nothing in the column"),
        ("1;Anna;  ;;;", "family_name", "has nothing in the column"),
        ("1;An\x07na;Ozola;;;", "given_names", "can't be printed"),
        ("1;Anna;Ozola;anna;;", "email", "“anna” is not an e-mail address"),
        ("1;Anna;Ozola;;051REB123@rtu;", "esi", "“rtu” is not a domain name"),
        ("1;Anna;Ozola;;;dunno", "status", "status “dunno” is not known"),
    ],
)
def test_a_bad_line_is_named_with_column_and_remedy(tmp_path: Path, line: str, column: str, says: str) -> None:
    error = complaint(tmp_path, f"{HEADER}1;A;B;;;\n\n{line}\n")
    assert (error.params["file"], error.params["line"], error.params["column"]) == ("students.csv", 4, column)
    assert says in str(error)
    assert "line 4" in str(error)
    assert "import" in error.todo


def test_a_line_with_too_few_or_too_many_columns_is_named(tmp_path: Path) -> None:
    for line, found in (("1;A;B", 3), ("1;A;B;;;;", 7)):
        error = complaint(tmp_path, f"{HEADER}{line}\n")
        assert (error.params["line"], error.params["found"], error.params["expected"]) == (2, found, 6)


def test_a_quotation_mark_that_never_ends_is_named_where_it_begins(tmp_path: Path) -> None:
    error = complaint(tmp_path, f'{HEADER}1;A;B;;;\n2;"C;D;;;\n3;E;F;;;\n')
    assert error.params["line"] == 3


def test_lines_are_counted_also_after_a_cell_of_several_lines(tmp_path: Path) -> None:
    error = complaint(tmp_path, f'{HEADER}1;"A\nB";C;;;\n2;;D;;;\n')
    assert error.params["line"] == 4


def test_all_problems_can_be_had_at_once(tmp_path: Path) -> None:
    bad = register(tmp_path, f"{HEADER}1;;B;;;\n2;A;B;x;;\n3;A;B;;;\n4;A;;;;\n")
    assert [error.params["line"] for error in bad.problems()] == [2, 3, 5]
    assert len(bad.problems(limit=2)) == 2
    assert register(tmp_path, HEADER).problems() == ()
    (whole,) = register(tmp_path, "x;y\n").problems()
    assert "no column" in str(whole)


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    error = complaint(tmp_path, "numurs;vārds;first name;uzvārds\n1;A;B;C\n")
    assert error.params["found"] == "vārds, first name"


def test_columns_can_be_named_by_the_institution(tmp_path: Path) -> None:
    text = "Kods|Vārds\tUzvārds\tKods2\nx\tAnna\tOzola\n".replace("|", "\t")
    own = register(tmp_path, text.replace("\tKods2", ""), Kods="student_number")
    assert [row.holder.student_number for row in own.rows()] == ["x"]


def test_the_separator_is_the_one_that_makes_the_header(tmp_path: Path) -> None:
    text = 'Numurs,"Vārds; vārdi",Vārds,Uzvārds\n1,x,"Anna; Marija",Ozola\n'
    (row,) = register(tmp_path, text).rows()
    assert row.holder.given_names == "Anna; Marija"


def test_the_same_esi_twice_is_one(tmp_path: Path) -> None:
    text = "numurs;vārds;uzvārds;esi;esi2\n1;A;B;X1@rtu.lv;LV-999465982-x1\n"
    (row,) = register(tmp_path, text).rows()
    assert [i.source for i in row.holder.identifiers] == ["esi"]


def test_a_personal_code_is_never_in_a_message(tmp_path: Path) -> None:
    error = complaint(tmp_path, "numurs;vārds;uzvārds;personas kods\n1;A;B;010190-1234\n")
    assert "010190" not in f"{error} {error.params}"
    assert error.params["column"] == "personas kods"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(RegisterFileError) as caught:
            next(CsvRegister(path, RTU).rows())
        assert caught.value.params["file"] == str(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read_is_named(tmp_path: Path) -> None:
    made = register(tmp_path, HEADER)
    (tmp_path / "students.csv").chmod(0)
    with pytest.raises(RegisterFileError, match="can't be read"):
        next(made.rows())


@pytest.mark.parametrize("header", ["photo", "Foto", "Attēls", "photo_file"])
def test_a_portrait_is_named_relative_to_the_file(tmp_path: Path, header: str) -> None:
    text = f"numurs;vārds;uzvārds;{header}\n1;A;B;1.jpg\n2;A;C;new\\2 (1).png\n3;A;D;\n"
    found = [row.holder.photo for row in register(tmp_path, text).rows()]
    assert found == [str(tmp_path / "1.jpg"), str(tmp_path / "new" / "2 (1).png"), ""]


@pytest.mark.parametrize(
    "name",
    ["../1.jpg", "a/../../1.jpg", "/etc/passwd", "C:\\1.jpg", "C:1.jpg", "\\\\server\\share\\1.jpg", "..", "1\x07.jpg"],
)
def test_a_portrait_outside_the_files_folder_is_refused(tmp_path: Path, name: str) -> None:
    error = complaint(tmp_path, f"numurs;vārds;uzvārds;foto\n1;A;B;{name}\n")
    assert (error.params["line"], error.params["column"]) == (2, "foto")
