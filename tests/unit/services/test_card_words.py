"""A card in plain words: every standing has some, in both languages, and a tree is text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from station.chip.explore.node import Node
from station.chip.glance import Glance
from station.domain.card import Card, CardScheme, CardState, RouterCardType
from station.domain.message import Message
from station.domain.workflow import Act, Issuance, State
from station.i18n import Translator
from station.services.card_watch import SeenCard, Standing
from station.services.card_words import (
    advice_of,
    brief_of,
    contents_of,
    facts_of,
    is_usual,
    memory_of,
    state_of,
    title_of,
    tree_lines,
)
from tests.helpers.chip import ESC_AID, ESCN
from tests.helpers.desks import a_holder

GLANCE = Glance("04A1", "DESFire EV1 8K", has_esc=True, escn=ESCN, applications=(ESC_AID,), free_memory=7200)
ISSUANCE = Issuance("i", "h", escn=ESCN, layout="university/1", chip_profile="deuinfo", state=State.HANDED_OVER)
CARD = Card(
    escn=ESCN, holder_id="h", institution="rpu", issuance_id="i", scheme=CardScheme.ESC,
    card_type=RouterCardType.SMART_CDZ, layout="university/1", chip_profile="deuinfo",
    issued_at=datetime(2026, 9, 1, tzinfo=UTC), expires_on=date(2028, 6, 30),
)  # fmt: skip
OURS = SeenCard(
    Standing.OURS, GLANCE, ISSUANCE, a_holder("1", "Līga", "Bērziņa"), CARD, (Message("European Student Card"),)
)


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("language", ["en", "lv"])
def test_every_standing_is_said(standing: Standing, language: str) -> None:
    seen, tr = replace(OURS, standing=standing), Translator(language)
    assert tr.message(title_of(seen))
    assert tr.message(state_of(seen))
    if not is_usual(seen):
        assert advice_of(seen) is not None
    if language == "lv" and standing is not Standing.OURS:
        assert tr.message(state_of(seen)) != state_of(seen).english()


@pytest.mark.parametrize("state", list(CardState))
def test_a_cards_own_state_is_said(state: CardState) -> None:
    seen = replace(OURS, card=replace(CARD, state=state))
    assert state_of(seen).english()
    assert is_usual(seen) is (state is CardState.ACTIVE)


@pytest.mark.parametrize("state", list(State))
def test_a_card_in_work_says_how_far_it_is(state: State) -> None:
    seen = SeenCard(Standing.IN_WORK, GLANCE, replace(ISSUANCE, state=state), OURS.holder)
    assert state_of(seen).english()
    begun = replace(seen, issuance=replace(ISSUANCE, state=State.CAPTURED, pending=Act.ENCODE))
    assert "not finished" in state_of(begun).english()


@pytest.mark.parametrize("act", [Act.RENEW, Act.ERASE])
def test_a_card_whose_chip_is_half_changed_says_so(act: Act) -> None:
    seen = SeenCard(Standing.IN_WORK, GLANCE, replace(ISSUANCE, pending=act), OURS.holder)
    assert "not finished" in state_of(seen).english()
    assert not is_usual(seen)
    advice = advice_of(seen)
    assert advice is not None
    assert "in doubt" in advice.english()


def test_a_name_is_the_title_and_one_line_says_the_rest() -> None:
    assert title_of(OURS).english() == "Līga Bērziņa"
    assert [str(part) for part in brief_of(OURS)] == [
        "in use", "DESFire EV1 8K", "European Student Card", "7200 bytes free",
    ]  # fmt: skip
    assert title_of(replace(OURS, holder=None)).english() == "?"


def test_what_is_not_known_is_left_out() -> None:
    bare = SeenCard(Standing.UNKNOWN, Glance("", "unknown chip (ATR 3B00)", known_kind=False))
    labels = [str(label) for label, _ in facts_of(bare)]
    assert labels == ["Whose", "State", "Chip"]
    assert memory_of(bare) is None
    assert contents_of(bare) == ()


def test_what_is_on_it() -> None:
    blank = SeenCard(Standing.BLANK, Glance("04A1", "DESFire EV1 8K", applications=()))
    assert str(contents_of(blank)[0]) == "nothing is on it"
    locked = SeenCard(Standing.ELSEWHERE, replace(GLANCE, applications=None))
    assert "European Student Card" in str(contents_of(locked)[0])


def test_a_uid_that_changes_is_said_to() -> None:
    hidden = replace(OURS, seen=replace(GLANCE, random_uid=True))
    said = {str(label): str(values[0]) for label, values in facts_of(hidden)}
    assert "another one each time" in said["UID"]
    assert said["Valid until"] != ""


def test_a_tree_is_indented_text() -> None:
    leaf = Node(Message("File {n}", {"n": 1}), "16 bytes", ("00 01",))
    tree = Node(Message("Card"), Message("DESFire"), (), (leaf, Node(Message("Empty"))))
    assert list(tree_lines(tree, Message.english)) == [
        "Card: DESFire", "  File 1: 16 bytes", "      00 01", "  Empty",
    ]  # fmt: skip
