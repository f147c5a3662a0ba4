"""Which encodings are recognised, and what is said of the others."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.adapters.register.decoding import decoded
from station.domain.errors import RegisterFileError

LATVIAN = "vārds;uzvārds\nĢirts;Ķēniņš\n"


@pytest.mark.parametrize(
    "data",
    [
        LATVIAN.encode("utf-8"),
        LATVIAN.encode("utf-8-sig"),
        LATVIAN.encode("cp1257"),
        codecs.BOM_UTF16_LE + LATVIAN.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + LATVIAN.encode("utf-16-be"),
        LATVIAN.encode("utf-16-le"),
        LATVIAN.encode("utf-16-be"),
    ],
)
def test_the_usual_encodings_are_recognised(data: bytes) -> None:
    assert decoded(data, "a.csv") == LATVIAN


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff")))
def test_utf_8_is_never_taken_for_anything_else(text: str) -> None:
    assert decoded(("student_number;" + text).encode(), "a.csv") == "student_number;" + text


@pytest.mark.parametrize("data", [b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00"])
def test_a_workbook_is_named_for_what_it_is(data: bytes) -> None:
    with pytest.raises(RegisterFileError, match="workbook") as caught:
        decoded(data, "students.xlsx")
    assert "CSV UTF-8" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a;b\nc;\x81\n", 2),
        (codecs.BOM_UTF8 + b"a;b\nc;d\n\xff;e\n", 3),
        (codecs.BOM_UTF16_LE + "a;b\n".encode("utf-16-le") + b"\x00\xd8\x00", 2),
    ],
)
def test_the_line_that_cannot_be_read_is_named(data: bytes, line: int) -> None:
    with pytest.raises(RegisterFileError) as caught:
        decoded(data, "a.csv")
    assert caught.value.params["line"] == line
    assert caught.value.params["file"] == "a.csv"
