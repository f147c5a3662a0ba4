"""PIC and personal codes don't come onto a card, however they are written into the layout."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.elements import AnyElement, Box, Code128, MagneticTracks
from station.domain.holder import Identifier, IdentifierKind
from station.domain.layout import CardFields, fields_of
from station.render.linting import forbidden
from tests.helpers.layouts import ESCN, EXPIRES, ISSUER, card_fields, holder
from tests.helpers.linting import ESI, QR, checked, names, text

PIC = "999888777"


@pytest.mark.parametrize(
    "words",
    [
        f"PIC {PIC}", f"No. {PIC}", "999 888 777", "{last(escn, 9)}", "{last(escn, 12)}", "PIC: {last(escn, 9)}",
        "pic 123456789", "{escn} / {last(escn, 9)}", "LV-{last(escn, 9)}-{student_number}",
    ],
)  # fmt: skip
def test_a_pic_is_found_written_out_or_computed(words: str) -> None:
    assert "esc-2026/no-pic text" in names(checked(forbidden.printed, text(words)))


@pytest.mark.parametrize(
    "words", ["{escn}", "{qr}", "{upper(escn)}", "{student_number}", "{esi}", "Tel. 26 123 456", "picnic 12345678"]
)
def test_what_only_contains_the_number_of_the_card_is_fine(words: str) -> None:
    assert checked(forbidden.printed, text(words)) == []


@pytest.mark.parametrize(
    "element",
    [
        text("{student_number}"),
        Code128(id="text", text="{student_number}", box=Box(4, 4, 40, 8)),
        MagneticTracks(id="text", track1="{full_name}", track2="{student_number}"),
        replace(QR, id="text", text="https://library.example/{student_number}"),
    ],
)
def test_a_personal_code_as_student_number_is_found_in_print_codes_and_stripe(element: AnyElement) -> None:
    someone = fields_of(holder(number="32503511782"), "", EXPIRES, ISSUER)
    (found,) = checked(forbidden.printed, element, samples=[someone])
    assert found.rule == "esc-2026/no-personal-code"
    # Findings go into lists and logs, and must not carry what may not be printed.
    assert "32503511782" not in str(found.message) + str(found.remedy)


def with_esi(code: str) -> CardFields:
    esi = Identifier(IdentifierKind.ESI, f"urn:schac:personalUniqueCode:int:esi:{code}", preferred=True)
    return fields_of(replace(holder(), identifiers=(esi,)), ESCN, EXPIRES, ISSUER)


def test_an_identifier_that_tells_the_birth_date_is_noted() -> None:
    assert checked(forbidden.printed, ESI, samples=[with_esi("rpu.example:051REB123")]) == []
    dated = with_esi("lv:AB010190XZR12345")
    assert names(checked(forbidden.printed, ESI, samples=[dated])) == ["esc-2026/birth-date-in-esi esi"]
    assert checked(forbidden.printed, text("{full_name}"), samples=[dated]) == []


def test_the_identifier_of_before_is_found() -> None:
    found = checked(forbidden.printed, ESI, text("LV-123456789-{student_number}"))
    assert names(found) == ["esc-2026/no-legacy-esi text"]


def test_what_is_not_shown_is_not_judged() -> None:
    assert checked(forbidden.printed, text(f"PIC {PIC}", when="status == 'nobody'")) == []
    assert checked(forbidden.printed, text(f"PIC {PIC}", needs=("contact",))) == []


def test_a_card_of_no_scheme_may_not_show_them_either() -> None:
    plain = replace(card_fields(), escn="", qr="", esi="", esi_short="")
    assert names(checked(forbidden.printed, text("161175-19997"), samples=[plain])) == [
        "esc-2026/no-personal-code text"
    ]
