"""What can be done to a card that stands so, and the questions: whom they are about, and whether they are final."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from station.domain.card import Card, CardReplacement, CardState, state_after
from station.i18n import Translator
from station.ui.tone import Tone
from station.ui.viewmodels.holder_cards_words import ACTS, STEP_NAMES, About, Step, question_for, standing, steps_for
from tests.helpers.finished_cards import NOW, a_card, a_student

TODAY = NOW.date()
CARD = a_card(a_student(1))
NEW, SAME = CardReplacement.NEW_NUMBER, CardReplacement.SAME_NUMBER


def about(card: Card | None = CARD, **changes: object) -> About:
    return replace(About("Žanete Ķirse", TODAY, card, new_day=date(2031, 8, 31), count=2), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", CardState)
def test_what_is_offered_is_what_can_be_done(state: CardState) -> None:
    offered = steps_for(replace(CARD, state=state), TODAY, NEW)
    assert list(offered) == [step for step, act in ACTS.items() if state_after(state, act) is not None]


def test_a_number_goes_on_only_while_the_card_is_in_use_or_expired() -> None:
    assert Step.REPLACE in steps_for(CARD, TODAY, SAME)
    blocked = replace(CARD, state=CardState.BLOCKED)
    assert Step.REPLACE in steps_for(blocked, TODAY, NEW)
    assert Step.REPLACE not in steps_for(blocked, TODAY, SAME)


def test_what_expired_is_not_unblocked_and_says_so() -> None:
    late = CARD.expires_on + timedelta(days=1)
    blocked = replace(CARD, state=CardState.BLOCKED)
    assert Step.UNBLOCK in steps_for(blocked, TODAY, NEW)
    assert Step.UNBLOCK not in steps_for(blocked, late, NEW)
    words, tone = standing(CARD, late)
    assert (words.msgid, tone) == ("expired", Tone.WARN)
    assert standing(CARD, TODAY)[1] is Tone.OK
    assert standing(replace(CARD, state=CardState.STOLEN), TODAY)[1] is Tone.WARN
    assert standing(replace(CARD, state=CardState.REVOKED), TODAY)[1] is Tone.PLAIN


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("language", ["en", "lv"])
def test_every_question_names_the_person_and_has_its_words(step: Step, language: str) -> None:
    tr, question = Translator(language), question_for(step, about())
    assert tr.message(question.title).startswith("Žanete Ķirse: ")
    assert tr.message(question.title).endswith("?")
    said = [question.yes, *question.lines]
    assert all(tr.message(line).strip() for line in said)
    if language == "lv":
        assert all(tr.message(line) != line.english() for line in (*said, question.title))
        assert tr.text(STEP_NAMES[step]) != STEP_NAMES[step]


def test_only_what_nothing_takes_back_is_final() -> None:
    final = {step for step in Step if question_for(step, about()).final}
    assert final == {Step.REVOKE, Step.WITHDRAW}
    assert not [step for step in final if "taken back: " in question_for(step, about()).lines[-1].msgid]


def test_the_new_last_day_is_always_a_later_one() -> None:
    question = question_for(Step.EXTEND, about())
    assert question.least == CARD.expires_on + timedelta(days=1)
    assert question.until == date(2031, 8, 31)
    for day in (None, date(2020, 1, 1)):
        early = question_for(Step.EXTEND, about(new_day=day))
        assert early.until is not None
        assert early.least is not None
        assert early.until >= early.least
    expired = question_for(Step.EXTEND, about(today=CARD.expires_on + timedelta(days=40)))
    assert expired.least == CARD.expires_on + timedelta(days=41)


def test_it_says_whether_the_router_is_told() -> None:
    told, untold = (question_for(Step.BLOCK, about(told=told)).lines for told in (True, False))
    assert "is told as soon as" in told[1].msgid
    assert "is not told" in untold[1].msgid
