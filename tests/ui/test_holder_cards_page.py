"""A person's cards in the window, by keyboard, against a real sandbox: each act, its question, what is found there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDateEdit
from pytestqt.qtbot import QtBot

from station.domain.card import Card, CardReplacement, CardState, Registration
from station.domain.errors import RouterNotFoundError
from station.ports.store import CardUpdate
from station.services.consent import agrees
from station.ui.viewmodels.holder_cards import HolderCardsModel
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage
from station.ui.views.holder_cards import HolderCardsView
from tests.helpers.window_online import OnlineOpening, a_sandbox, a_window_online

K = Qt.Key


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with a_sandbox(tmp_path_factory.mktemp("sandbox")) as address:
        yield address


@pytest.fixture
def online(qtbot: QtBot, tmp_path: Path, address: str) -> Iterator[OnlineOpening]:
    with a_window_online(qtbot, tmp_path / "desk", address) as made:
        yield made


def model_of(online: OnlineOpening) -> HolderCardsModel:
    return online.opening.models.holder_cards


def page(online: OnlineOpening) -> HolderCardsView:
    view = online.opening.window.findChild(HolderCardsView)
    assert isinstance(view, HolderCardsView)
    return view


def words(online: OnlineOpening) -> str:
    return online.words(page(online))


def opened(online: OnlineOpening) -> Card:
    """Hand a card over to Līga, serve her and open her cards; return the card when ESC-Router has answered."""
    card = online.handed_over()
    online.opening.models.desk.serve(online.opening.hands.liga)
    online.ctrl(K.Key_H)
    assert online.opening.models.desk.page is Page.HOLDER_CARDS
    online.opening.until(lambda: "is told now: Valid" in words(online))
    online.opening.until(lambda: online.opening.focus_name() == f"card-{card.escn}")
    return card


def test_the_keyboard_goes_from_what_can_be_done_to_the_consent_and_the_way_back(online: OnlineOpening) -> None:
    card = opened(online)
    passed = []
    while not passed or (passed[-1] != "pageBack" and len(passed) < 20):
        online.opening.press(K.Key_Tab)
        passed.append(online.opening.focus_name())
    shown = [f"step-{step.value}" for step in model_of(online).cards[0].steps]
    assert online.opening.models.holder_cards.chosen == card.escn
    assert set(passed[:-2]) == set(shown)
    assert passed[-2:] == [page(online).consent.objectName(), "pageBack"]


def now(online: OnlineOpening, card: Card) -> Card:
    found = online.opening.hands.desk.store.cards.get(card.escn)
    assert found is not None
    return found


def ask(online: OnlineOpening, step: str) -> None:
    """Go to what can be done and press Enter; wait until keys are meant for the question."""
    online.tab_to(f"step-{step}")
    online.opening.press(K.Key_Return)
    assert model_of(online).question is not None
    online.opening.until(lambda: page(online).panel.moments.over)


def type_reason(online: OnlineOpening, text: str) -> None:
    QTest.keyClicks(online.opening.widget("stepReason"), text)


def done(online: OnlineOpening) -> None:
    model = model_of(online)
    online.opening.until(lambda: model.question is None and not model.busy)
    online.opening.until(page(online).sections[0].line.hasFocus)


def test_a_card_is_blocked_and_used_again(online: OnlineOpening) -> None:
    card, opening = opened(online), online.opening
    ask(online, "block")
    assert opening.focus_name() == "stepReason"
    assert "Līga Bērziņa-Šķēle: block this card?" in words(online)
    assert "taken back" in words(online)
    type_reason(online, "left in the library")
    opening.press(K.Key_Return)
    done(online)
    assert now(online, card).state is CardState.BLOCKED
    opening.until(lambda: "left in the library" in words(online))
    online.send()
    model_of(online).look_again()
    opening.until(lambda: "is told now: Not valid: blocked" in words(online))
    assert now(online, card).registration is Registration.REGISTERED
    opening.until(lambda: opening.session.record and opening.session.record.cards[0].state is CardState.BLOCKED)
    ask(online, "unblock")
    opening.press(K.Key_Return)
    done(online)
    assert now(online, card).state is CardState.ACTIVE
    opening.press(K.Key_Escape)
    assert opening.models.desk.page is Page.PERSON
    assert model_of(online).cards == (), "whose cards were shown is forgotten"


def test_a_key_meant_for_the_list_changes_no_card(online: OnlineOpening) -> None:
    card, opening = opened(online), online.opening
    online.tab_to("step-lost")
    opening.press(K.Key_Return, K.Key_Return)
    held = QKeyEvent(QEvent.Type.KeyPress, K.Key_Return, Qt.KeyboardModifier.NoModifier, "", True)
    opening.until(lambda: page(online).panel.moments.over)
    QApplication.sendEvent(QApplication.focusWidget() or opening.window, held)
    assert not model_of(online).busy
    opening.press(K.Key_Escape)
    assert model_of(online).question is None
    assert opening.models.desk.page is Page.HOLDER_CARDS, "Esc left the question, not the page"
    opening.until(lambda: opening.focus_name() == f"card-{card.escn}")
    assert now(online, card) == card


def test_an_end_for_good_takes_a_reason_and_two_keys(online: OnlineOpening) -> None:
    card, opening = opened(online), online.opening
    ask(online, "revoke")
    yes = opening.widget("questionYes")
    opening.press(K.Key_Return)
    assert not yes.isEnabled()
    assert opening.focus_name() == "stepReason"
    type_reason(online, "exmatriculated")
    opening.press(K.Key_Return, K.Key_Return)
    assert opening.focus_name() == "questionYes", "Enter leads to the button; a second one at once is not meant for it"
    assert not model_of(online).busy
    assert now(online, card).state is CardState.ACTIVE
    opening.until(lambda: page(online).panel.moments.over)
    opening.press(K.Key_Return)
    done(online)
    assert now(online, card).state is CardState.REVOKED
    opening.until(lambda: "Revoked, until" in opening.widget(f"card-{card.escn}").accessibleName())
    assert not opening.widget("step-block").isVisible(), "nothing brings it back"


def test_a_later_last_day(online: OnlineOpening) -> None:
    card, opening = opened(online), online.opening
    ask(online, "extend")
    field = opening.widget("until")
    assert isinstance(field, QDateEdit)
    assert field.hasFocus()
    assert field.minimumDate().toPython() == card.expires_on + timedelta(days=1)
    opening.press(K.Key_Up)
    wanted = field.date().toPython()
    opening.press(K.Key_Return)
    done(online)
    assert now(online, card).expires_on == wanted
    online.send()
    assert opening.hands.desk.router.card_status(card.escn).expires_on == wanted


def test_a_new_card_takes_the_place_of_one(online: OnlineOpening) -> None:
    card, opening = opened(online), online.opening
    ask(online, "replace")
    assert opening.focus_name() == "questionYes"
    opening.press(K.Key_Return)
    opening.until(lambda: opening.models.desk.page is Page.PERSON)
    assert opening.session.holder == opening.hands.liga
    assert opening.session.stage is Stage.CHECK
    assert now(online, card) == card, "it stays as it is until the new one is handed over"


def test_a_card_that_breaks_in_the_hand_is_replaced_at_once(online: OnlineOpening) -> None:
    opening = online.opening
    broken = opening.reach(Stage.DONE).card
    assert broken is not None
    online.ctrl(K.Key_H)
    opening.until(lambda: opening.focus_name() == f"card-{broken.escn}")
    ask(online, "replace")
    opening.press(K.Key_Return)
    opening.until(lambda: opening.models.desk.page is Page.PERSON)
    assert opening.session.stage is Stage.CHECK, "from the beginning, not at the card that was just made"
    assert opening.session.holder == opening.hands.liga


def test_another_card_on_the_reader_does_not_take_the_question_away(online: OnlineOpening) -> None:
    other, card, opening = online.handed_over(martins=True), opened(online), online.opening
    ask(online, "block")
    opening.hands.tray.put(other.uid or "")
    opening.until(lambda: opening.models.reader.seen is not None)
    opening.press(K.Key_Return)
    done(online)
    assert now(online, card).state is CardState.BLOCKED
    assert now(online, other).state is CardState.ACTIVE
    assert model_of(online).holder == opening.hands.liga
    assert "Blocked." in words(online)


def test_the_number_goes_on_where_the_profile_says_so(qtbot: QtBot, tmp_path: Path, address: str) -> None:
    policy: dict[str, object] = {"replace": CardReplacement.SAME_NUMBER}
    with a_window_online(qtbot, tmp_path / "desk", address, card=policy) as online:
        card, opening = opened(online), online.opening
        shorter = Card(
            **{name: getattr(card, name) for name in Card.__slots__}
            | {"expires_on": card.expires_on.replace(year=2027)}
        )
        opening.hands.desk.store.cards.update(CardUpdate(now(online, card), shorter, opening.hands.desk.clock.now()))
        model_of(online).look_again()
        opening.until(lambda: model_of(online).cards[0].card.expires_on.year == 2027)
        ask(online, "replace")
        assert "let the number go on" in words(online)
        opening.press(K.Key_Return)
        done(online)
        assert now(online, card).expires_on == card.expires_on
        ask(online, "replace")
        opening.press(K.Key_Return)
        opening.until(lambda: model_of(online).error is not None)
        assert "valid longer" in words(online)


def test_a_consent_is_withdrawn_and_given_again(online: OnlineOpening) -> None:
    card, opening = opened(online), online.opening
    desk, holder = opening.hands.desk, opening.hands.liga
    online.tab_to("consent")
    opening.press(K.Key_Return)
    opening.until(lambda: page(online).panel.moments.over)
    assert opening.focus_name() == "questionNo", "a deletion begins where no key does it"
    opening.press(K.Key_Return)
    assert model_of(online).question is None
    assert agrees(desk.store, holder.id)
    opening.until(page(online).sections[0].line.hasFocus)
    online.tab_to("consent")
    opening.press(K.Key_Return)
    opening.until(lambda: page(online).panel.moments.over)
    online.tab_to("questionYes")
    opening.press(K.Key_Return)
    done(online)
    assert not agrees(desk.store, holder.id)
    assert now(online, card).state is CardState.ACTIVE
    online.send()
    with pytest.raises(RouterNotFoundError):
        desk.router.card_status(card.escn)
    opening.until(lambda: "doesn't agree" in words(online))
    online.tab_to("consent")
    opening.press(K.Key_Return)
    opening.until(lambda: page(online).panel.moments.over)
    opening.press(K.Key_Return)
    done(online)
    online.send()
    assert desk.router.card_status(card.escn).status == "ACTIVE"


def test_somebody_else_was_faster(online: OnlineOpening) -> None:
    card, opening = opened(online), online.opening
    ask(online, "stolen")
    opening.hands.desk.lifecycle.revoke(card.escn, "done at another desk")
    opening.press(K.Key_Return)
    opening.until(lambda: model_of(online).error is not None)
    assert "can't be done to the card" in words(online)
    opening.until(lambda: "done at another desk" in words(online))


def test_the_card_on_the_reader_leads_to_its_holders_cards(online: OnlineOpening) -> None:
    first, second = online.handed_over(), online.handed_over(martins=True)
    opening, tray = online.opening, online.opening.hands.tray
    online.ctrl(K.Key_H)
    assert "Whose cards?" in words(online)
    assert opening.focus_name() == "pageBack"
    tray.put(second.uid or "")
    opening.until(lambda: "Cards of Mārtiņš Ģērmanis" in page(online)._title.text())
    opening.until(lambda: model_of(online).cards)
    assert model_of(online).chosen == second.escn
    tray.take_off()
    opening.until(lambda: not opening.models.reader.presence.reader)
    tray.put(first.uid or "")
    opening.until(lambda: model_of(online).holder == opening.hands.liga)
    opening.until(lambda: opening.focus_name() == f"card-{first.escn}")
    ask(online, "block")
    opening.press(K.Key_Return)
    done(online)
    opening.until(lambda: "blocked" in opening.widget("cardOnReader").accessibleName())
    assert "Blocked." in words(online), "the newer record of the same card is no other card"
    opening.press(K.Key_Escape, K.Key_F7)
    opening.until(lambda: opening.widget("changeCardOnReader").isVisible())
    online.tab_to("changeCardOnReader")
    opening.press(K.Key_Return)
    opening.until(lambda: model_of(online).cards)
    assert model_of(online).chosen == first.escn


def test_arrows_go_from_card_to_card(online: OnlineOpening) -> None:
    older = online.handed_over()
    online.opening.hands.desk.lifecycle.revoke(older.escn, "chip broken")
    newer = opened(online)
    opening = online.opening
    assert f"Number {newer.escn}" in words(online)
    opening.press(K.Key_Down)
    assert opening.focus_name() == f"card-{older.escn}"
    opening.press(K.Key_Down, K.Key_Return)
    assert f"Number {older.escn}" in words(online)
    assert f"Number {newer.escn}" not in words(online)
    assert "chip broken" in words(online)
    opening.press(K.Key_Up)
    assert opening.focus_name() == f"card-{newer.escn}"


def test_without_a_network_the_same_can_be_done(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window_online(qtbot, tmp_path / "desk", "http://127.0.0.1:9") as online:
        card, opening = online.handed_over(), online.opening
        opening.models.desk.serve(opening.hands.liga)
        online.ctrl(K.Key_H)
        opening.until(lambda: "is told now: Can't be checked now" in words(online))
        opening.until(lambda: opening.focus_name() == f"card-{card.escn}")
        ask(online, "lost")
        opening.press(K.Key_Return)
        done(online)
        assert now(online, card).state is CardState.LOST
        assert now(online, card).registration is Registration.QUEUED
