"""Holders: which identifier and enrolment count, what is missing, and how names are folded for searching."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.holder import (
    Enrolment,
    EnrolmentStatus,
    Holder,
    Identifier,
    IdentifierKind,
    folded,
    missing_for_card,
)

ESI = Identifier(IdentifierKind.ESI, "urn:schac:personalUniqueCode:int:esi:rpu.example:051REB123", "register", True)
NATIONAL = Identifier(IdentifierKind.ESI, "urn:schac:personalUniqueCode:int:esi:lv:AB010190XZR12345", "viis")


def holder(**changes: object) -> Holder:
    values: dict[str, object] = {
        "id": "h1",
        "institution": "rpu",
        "given_names": "Līga",
        "family_name": "Bērziņa-Šķēle",
        "student_number": "051REB123",
        "email": "liga@rpu.example",
        "identifiers": (NATIONAL, ESI),
        "enrolments": (Enrolment(),),
    }
    return Holder(**{**values, **changes})  # type: ignore[arg-type]


def test_the_preferred_esi_counts_and_the_others_are_kept() -> None:
    assert holder().esi == ESI.value
    assert [i.source for i in holder().esis] == ["register", "viis"]
    assert holder(identifiers=()).esi is None


def test_an_active_enrolment_counts_before_any_other() -> None:
    left, active = Enrolment(EnrolmentStatus.EXMATRICULATED), Enrolment(EnrolmentStatus.ACTIVE, programme="CS")
    assert holder(enrolments=(left, active)).enrolment is active
    assert holder(enrolments=()).enrolment is None


def test_a_complete_holder_misses_nothing() -> None:
    assert missing_for_card(holder()) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"given_names": ""}, "name"),
        ({"identifiers": ()}, "Identifier"),
        ({"email": None}, "e-mail"),
        ({"enrolments": (Enrolment(EnrolmentStatus.ON_LEAVE),)}, "on_leave"),
        ({"enrolments": ()}, "unknown"),
        ({"vanished_on": date(2026, 9, 1)}, "since 2026-09-01"),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, object], words: str) -> None:
    (finding,) = missing_for_card(holder(**changes))
    assert words in finding.english()


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Bērziņš", "berzins"),
        ("Ģērmanis", "GERMANIS"),
        ("Ґрищук", "грищук"),
        ("Їжакевич", "іжакевич"),
        ("Łukasz", "lukasz"),
        ("Nguyễn", "nguyen"),
        ("Παπαδόπουλος", "παπαδοπουλοσ"),
        ("Øystein", "oystein"),
        ("Strauß", "strauss"),
        ("İnönü", "inonu"),
    ],
)
def test_names_are_found_however_they_are_typed(written: str, typed: str) -> None:
    assert folded(written) == folded(typed)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)
