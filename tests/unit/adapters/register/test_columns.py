"""How columns are recognised by their names, and what may stand in them."""

from __future__ import annotations

from datetime import date

import pytest

from station.adapters.register.columns import (
    REQUIRED,
    Column,
    clean,
    date_of,
    email_of,
    level_of,
    meanings,
    personal_code_of,
    printable,
    squeezed,
    status_of,
)
from station.domain.errors import RegisterFileError
from station.domain.holder import AcademicLevel, EnrolmentStatus


@pytest.mark.parametrize("column", list(Column))
def test_every_column_is_found_by_its_own_name(column: Column) -> None:
    assert meanings([column.value], {}) == [column]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Apliecības Nr.", Column.STUDENT_NUMBER),
        ("Studenta apliecības numurs", Column.STUDENT_NUMBER),
        ("Vārds", Column.GIVEN_NAMES),
        ("VĀRDI", Column.GIVEN_NAMES),
        ("Uzvārds", Column.FAMILY_NAME),
        ("E-pasts", Column.EMAIL),
        ("e-mail address", Column.EMAIL),
        ("ESI", Column.ESI),
        ("esi_2", Column.ESI),
        ("ESI (VIIS)", Column.ESI),
        ("Personas kods", Column.PERSONAL_CODE),
        ("Studiju statuss", Column.STATUS),
        ("Studiju programma", Column.PROGRAMME),
        ("Fakultāte", Column.FACULTY),
        ("Studiju līmenis", Column.LEVEL),
        ("Studiju sākuma datums", Column.STUDY_BEGINS),
        ("Studiju beigu datums", Column.STUDY_ENDS),
        ("First name", Column.GIVEN_NAMES),
        ("Last_Name", Column.FAMILY_NAME),
        ("Tālrunis", None),
        ("", None),
    ],
)
def test_headers_in_both_languages_are_recognised(header: str, column: Column | None) -> None:
    assert meanings([header], {}) == [column]


def test_an_own_name_goes_before_what_names_usually_say() -> None:
    assert meanings(["Kods", "vārds"], {"KODS": "student_number", "Vārds": "family_name"}) == [
        Column.STUDENT_NUMBER,
        Column.FAMILY_NAME,
    ]


def test_an_own_name_for_a_column_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="phone"):
        meanings(["x"], {"x": "phone"})


def test_what_is_required_is_what_a_card_cannot_do_without() -> None:
    assert set(REQUIRED) == {Column.STUDENT_NUMBER, Column.GIVEN_NAMES, Column.FAMILY_NAME}


def test_cells_are_cleaned() -> None:
    assert clean("  Anna\u00a0  Marija\t") == "Anna Marija"
    assert clean("Be\u0304rzin\u0327s\u030c") == "Bērziņš"
    assert clean("\ufeffJā\u00adnis\u200b") == "Jānis"
    assert squeezed("Studiju beigu-datums.") == "studijubeigudatums"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", EnrolmentStatus.ACTIVE),
        ("Aktīvs", EnrolmentStatus.ACTIVE),
        ("akadēmiskais atvaļinājums", EnrolmentStatus.ON_LEAVE),
        ("on_leave", EnrolmentStatus.ON_LEAVE),
        ("Absolvējusi", EnrolmentStatus.GRADUATED),
        ("eksmatrikulēts", EnrolmentStatus.EXMATRICULATED),
    ],
)
def test_statuses_are_read_in_both_languages(text: str, status: EnrolmentStatus) -> None:
    assert status_of(text) is status


@pytest.mark.parametrize("status", list(EnrolmentStatus))
def test_every_status_is_read_by_its_own_word(status: EnrolmentStatus) -> None:
    assert status_of(status.value) is status


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("", None),
        ("koledža", None),
        ("6", AcademicLevel.BACHELOR),
        ("Maģistra", AcademicLevel.MASTER),
        ("doktorantūra", AcademicLevel.DOCTORATE),
        ("BACHELOR", AcademicLevel.BACHELOR),
    ],
)
def test_levels_are_read_in_both_languages(text: str, level: AcademicLevel | None) -> None:
    assert level_of(text) is level


@pytest.mark.parametrize("text", ["2027-06-30", "30.06.2027", "30.6.2027.", "2027.06.30.", "30/06/2027"])
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert date_of(text) == date(2027, 6, 30)
    assert date_of("") is None


@pytest.mark.parametrize("text", ["010190-12345", "01019012345", "010190 - 12345", "328673-00679"])
def test_latvian_personal_codes_get_their_hyphen(text: str) -> None:
    code = personal_code_of(text, "LV")
    assert code is not None
    assert (len(code), code[6]) == (12, "-")


def test_other_personal_codes_stay_as_they_are() -> None:
    assert personal_code_of("39001010012", "EE") == "39001010012"
    assert personal_code_of("", "LV") is None


def test_a_wrong_personal_code_is_not_repeated() -> None:
    with pytest.raises(RegisterFileError) as caught:
        personal_code_of("010190-1234", "LV")
    assert "010190" not in str(caught.value) + repr(caught.value.params)


def test_addresses_are_checked() -> None:
    assert email_of("") is None
    assert email_of("jānis.bērziņš@edu.rtu.lv") == "jānis.bērziņš@edu.rtu.lv"
    assert printable("Bērziņš-Ґрищук") == "Bērziņš-Ґрищук"


@pytest.mark.parametrize("text", ["anna", "anna@", "@rtu.lv", "anna@rtu", "a b@rtu.lv", "a@b@rtu.lv", "a@rtu..lv"])
def test_wrong_addresses_are_named(text: str) -> None:
    with pytest.raises(RegisterFileError) as caught:
        email_of(text)
    assert caught.value.params["value"] == text


@pytest.mark.parametrize("text", ["31.02.2027", "2027", "tomorrow", "13/31/2027", "1.1.27"])
def test_wrong_dates_are_named(text: str) -> None:
    with pytest.raises(RegisterFileError, match="not a date"):
        date_of(text)


def test_unknown_words_are_named() -> None:
    with pytest.raises(RegisterFileError, match="status “dunno” is not known"):
        status_of("dunno")
    with pytest.raises(RegisterFileError, match="level “dunno” is not known"):
        level_of("dunno")


@pytest.mark.parametrize("text", ["a\x07b", "\ue000", "x" * 256])
def test_what_cannot_be_printed_is_refused(text: str) -> None:
    with pytest.raises(RegisterFileError, match="can't be printed"):
        printable(text)
