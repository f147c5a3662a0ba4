"""What students are told and asked: which text, language and time is on record, and that no word changes unnoticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.domain.workflow import Cause
from station.i18n import MIRROR_LANGUAGES, Translator
from station.services.notice import (
    NOTICE,
    NOTICE_VERSION,
    NOTICE_WITH_PICTURE,
    QUESTION,
    QUESTION_VERSION,
    RIGHTS,
    AnsweredBy,
    Given,
    NameAnswer,
    answer_of,
    language_of,
    note_answer,
    note_told,
    notice_text,
)
from tests.helpers.desks import TestDesk, open_test_desk

IN_FORCE = {
    ("2026-1", "2026-1"): "4d275f230b4f07d6dfaa6ff4702cca1afdefb9a1241bdeffe8630032d1249030",
}
"""The versions that were ever in force, and a digest of all their words in all languages."""


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk") as made:
        yield made


def test_other_words_have_another_version() -> None:
    said = []
    for language in sorted(MIRROR_LANGUAGES):
        tr = Translator(language, MIRROR_LANGUAGES)
        said += [tr.text(text) for text in (NOTICE, NOTICE_WITH_PICTURE, RIGHTS, QUESTION)]
    digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
    versions = (NOTICE_VERSION, QUESTION_VERSION)
    assert IN_FORCE.get(versions) == digest, "words were changed: raise the version, and note its digest here"


def test_the_notice_says_whether_the_picture_is_sent() -> None:
    assert "small photo" in notice_text(with_picture=True)
    assert "small photo" not in notice_text(with_picture=False)


def test_an_answer_is_on_record_with_version_language_and_time(hands: TestDesk) -> None:
    store, clock = hands.desk.store, hands.desk.clock
    note_answer(store, clock, hands.liga, Given(NameAnswer.WRONG, AnsweredBy.HOLDER, "uk"), told=True)
    records = {record.kind: record for record in store.consents.of_holder(hands.liga.id)}
    answer, told = records["name"], records["informed"]
    assert (answer.text_version, answer.language) == (QUESTION_VERSION, "uk")
    name = hands.liga.full_name
    assert answer.extra == {"answer": "wrong", "by": "holder", "name": name, "where": "mirror"}
    assert (told.text_version, told.language, told.extra) == (NOTICE_VERSION, "uk", {"where": "mirror"})
    assert abs((answer.at - clock.now()).total_seconds()) < 60


def test_nothing_is_told_that_was_not_in_sight(hands: TestDesk) -> None:
    store, clock = hands.desk.store, hands.desk.clock
    note_answer(store, clock, hands.liga, Given(NameAnswer.RIGHT, AnsweredBy.STAFF, "lv"), told=False)
    assert [record.kind for record in store.consents.of_holder(hands.liga.id)] == ["name"]


def test_the_same_words_are_told_once_a_language(hands: TestDesk) -> None:
    store, clock = hands.desk.store, hands.desk.clock
    note_told(store, clock, "id-1", "lv")
    note_told(store, clock, "id-1", "en")
    assert len(store.consents.of_holder("id-1")) == 1, "at the desk they are read out once"
    for language in ("uk", "uk", "ru"):
        note_told(store, clock, "id-1", language, where="mirror")
    assert sorted(record.language for record in store.consents.of_holder("id-1")) == ["lv", "ru", "uk"]


def test_the_mirror_remembers_a_students_language(hands: TestDesk) -> None:
    store, clock = hands.desk.store, hands.desk.clock
    note_told(store, clock, "id-1", "lv")
    assert language_of(store, "id-1", MIRROR_LANGUAGES) is None, "what the staff speak says nothing of the student"
    note_told(store, clock, "id-1", "uk", where="mirror")
    assert language_of(store, "id-1", MIRROR_LANGUAGES) == "uk"
    assert language_of(store, "id-1", ("lv", "en")) is None


def test_an_answer_holds_for_this_card_and_this_name(hands: TestDesk) -> None:
    desk, liga = hands.desk, hands.liga
    store, clock = desk.store, desk.clock
    note_answer(store, clock, liga, Given(NameAnswer.RIGHT, AnsweredBy.HOLDER, "uk"), told=False)
    assert answer_of(store, liga) is None, "of no card that is being made"
    issuance = desk.begin(liga)
    assert answer_of(store, liga) is None, "it was about the card before"
    wrong = Given(NameAnswer.WRONG, AnsweredBy.HOLDER, "ru")
    note_answer(store, clock, liga, wrong, told=False)
    assert answer_of(store, liga) == wrong
    right = Given(NameAnswer.RIGHT, AnsweredBy.STAFF, "lv")
    note_answer(store, clock, liga, right, told=False)
    assert answer_of(store, liga) == right, "the newest"
    assert answer_of(store, hands.martins) is None
    assert answer_of(store, replace(liga, family_name="Bērziņa-Kalniņa")) is None, "another name is asked about anew"
    desk.issuances.give_up(issuance.id, Cause.HOLDER_LEFT)
    assert answer_of(store, liga) is None
