"""What ESC-Router is told of a card, and what never is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from station.domain.card import CardScheme, CardState, Registration, RouterCardType
from station.domain.holder import AcademicLevel, Enrolment
from station.domain.outbox import OutboxKind, OutboxState
from station.ports.router import RouterCard, RouterCardStatus, RouterPerson
from station.services.registration import (
    LANE,
    NO_ESI,
    RegistrationPolicy,
    card_of,
    entries_for,
    person_of,
    refreshed,
    registration_of,
    taking_back,
)
from tests.helpers.finished_cards import NOW, POLICY, a_card, a_student
from tests.helpers.sandbox import PIC

STUDENT = a_student(1)
ESI = STUDENT.esi or ""


def test_a_card_is_told_person_first() -> None:
    card = a_card(STUDENT)
    entries = entries_for(card, STUDENT, POLICY, NOW)
    assert [(e.key, e.kind, e.sequence) for e in entries] == [
        (f"person:{ESI.casefold()}:{card.escn}", OutboxKind.PERSON, 0),
        (f"card:{card.escn}", OutboxKind.CARD, 1),
    ]
    assert {(e.lane, e.order_key, e.escn, e.state, e.created_at) for e in entries} == {
        (LANE, ESI.casefold(), card.escn, OutboxState.WAITING, NOW)
    }


@pytest.mark.parametrize(("send", "portrait", "count"), [(True, "p1", 3), (True, None, 2), (False, "p1", 2)])
def test_the_picture_goes_only_when_the_profile_says_so(send: bool, portrait: str | None, count: int) -> None:
    card = a_card(STUDENT, portrait_id=portrait)
    entries = entries_for(card, STUDENT, replace(POLICY, send_picture=send), NOW)
    assert len(entries) == count
    if count == 3:
        assert entries[-1].payload == {"esi": ESI, "pic": PIC, "portrait": "p1"}


def test_what_was_told_of_who_had_withdrawn_is_forgotten_the_person_last() -> None:
    card = a_card(STUDENT, portrait_id="p1")
    told = entries_for(card, STUDENT, replace(POLICY, send_picture=True), NOW)
    back = taking_back(told, NOW)
    assert [entry.kind for entry in sorted(back, key=lambda entry: entry.sequence)] == [
        OutboxKind.DELETE_CARD, OutboxKind.DELETE_PICTURE, OutboxKind.DELETE_PERSON,
    ]  # fmt: skip
    assert {(e.order_key, e.escn, e.payload["esi"], e.payload["pic"]) for e in back} == {
        (ESI.casefold(), card.escn, ESI, PIC)
    }
    assert taking_back(back, NOW) == ()


def test_payloads_survive_json_and_come_back_whole() -> None:
    policy = RegistrationPolicy(PIC, processor="LV40001234567")
    card = a_card(STUDENT)
    person, told_card = (json.loads(json.dumps(e.payload)) for e in entries_for(card, STUDENT, policy, NOW))
    assert person_of(person) == RouterPerson(
        ESI, "Žanete Ķirse 1", "student@example.lv", PIC, academic_level=AcademicLevel.MASTER
    )
    assert card_of(told_card) == RouterCard(
        escn=card.escn,
        esi=ESI,
        issuer_pic=PIC,
        card_type=RouterCardType.SMART_CDZ,
        status=RouterCardStatus.ACTIVE,
        issued_on=date(2026, 9, 1),
        expires_on=date(2030, 8, 31),
        processor="LV40001234567",
    )


def test_what_the_register_does_not_know_is_not_made_up() -> None:
    bare = replace(STUDENT, email=None, enrolments=(Enrolment(),))
    person = person_of(entries_for(a_card(bare), bare, POLICY, NOW)[0].payload)
    assert (person.email, person.academic_level) == (None, None)
    unknown = replace(STUDENT, enrolments=())
    assert person_of(entries_for(a_card(unknown), unknown, POLICY, NOW)[0].payload).academic_level is None


def test_what_is_personal_stays_here() -> None:
    card = a_card(STUDENT, portrait_id="p1")
    entries = entries_for(card, STUDENT, replace(POLICY, send_picture=True), NOW)
    assert card.uid is not None
    for secret in (card.uid, STUDENT.student_number):
        assert secret not in json.dumps([e.payload for e in entries])


@pytest.mark.parametrize("scheme", [CardScheme.STAFF, CardScheme.GUEST])
def test_staff_and_guest_cards_are_not_told(scheme: CardScheme) -> None:
    entries = entries_for(a_card(STUDENT, scheme=scheme), STUDENT, POLICY, NOW)
    assert entries == ()
    assert registration_of(entries) is Registration.NOT_NEEDED


def test_isic_cards_are_told() -> None:
    assert len(entries_for(a_card(STUDENT, scheme=CardScheme.ISIC_ESC), STUDENT, POLICY, NOW)) == 2


def test_a_profile_without_a_router_tells_nothing() -> None:
    assert entries_for(a_card(STUDENT), STUDENT, replace(POLICY, enabled=False), NOW) == ()


def test_a_holder_without_an_esi_waits_for_one() -> None:
    nobody = a_student(2, esi=False)
    entries = entries_for(a_card(nobody), nobody, POLICY, NOW)
    assert [e.state for e in entries] == [OutboxState.PARKED, OutboxState.WAITING]
    assert entries[0].last_answer == NO_ESI
    assert "todo" in entries[0].last_params
    assert {e.order_key for e in entries} == {"holder:holder-2"}
    assert registration_of(entries) is Registration.PARKED


def test_how_a_card_stands_follows_from_what_is_told_of_it() -> None:
    person, card = entries_for(a_card(STUDENT), STUDENT, POLICY, NOW)
    done = {e.kind: replace(e, state=OutboxState.DONE) for e in (person, card)}
    parked = replace(person, state=OutboxState.PARKED)
    assert registration_of([person, card]) is Registration.QUEUED
    assert registration_of([done[OutboxKind.PERSON], card]) is Registration.QUEUED
    assert registration_of([parked, card]) is Registration.PARKED
    assert registration_of(list(done.values())) is Registration.REGISTERED


def test_a_blocked_card_is_told_as_inactive() -> None:
    card = replace(a_card(STUDENT), state=CardState.BLOCKED)
    assert card_of(entries_for(card, STUDENT, POLICY, NOW)[1].payload).status is RouterCardStatus.INACTIVE


def test_corrected_records_make_new_payloads_in_the_old_place() -> None:
    card = a_card(STUDENT, portrait_id="p1")
    policy = replace(POLICY, send_picture=True)
    corrected = replace(STUDENT, family_name="Bērziņa", email=None)
    old = entries_for(card, STUDENT, policy, NOW)
    new = [refreshed(e, replace(card, portrait_id="p2"), corrected, policy) for e in old]
    assert [(e.key, e.order_key, e.sequence) for e in new] == [(e.key, e.order_key, e.sequence) for e in old]
    assert (new[0].payload["full_name"], new[0].payload["email"]) == ("Žanete Bērziņa", None)
    assert new[1].payload == old[1].payload
    assert new[2].payload["portrait"] == "p2"
