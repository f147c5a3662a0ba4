"""One person at the desk, from the data to the card in hand, with everything that can come between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from station.app.tray import CardTray
from station.domain.card import Registration
from station.domain.portrait import PortraitSource
from station.domain.workflow import Cause, State
from station.ui.viewmodels.stages import ENTER, ESC, SPACE, Stage, Todo
from tests.helpers.desks import a_portrait
from tests.helpers.window import Bench, a_bench


def test_the_whole_path(bench: Bench) -> None:
    session = bench.reach(Stage.DONE)
    assert session.trouble is None
    assert session.card is not None
    assert session.card.registration is Registration.QUEUED
    assert session.issuance is not None
    assert session.card.escn == session.issuance.escn
    assert session.face is not None
    stored = bench.hands.desk.store.cards.get(session.card.escn)
    assert stored is not None
    assert stored.uid == session.card.uid


def test_keys_mean_what_the_screen_says(bench: Bench) -> None:
    session = bench.models.desk.serve(bench.hands.liga)
    assert session.by_key(ENTER) is Todo.CONFIRM_DATA
    assert session.by_key(ESC) is Todo.LATER
    assert session.by_key(SPACE) is None
    assert session.primary() is Todo.CONFIRM_DATA
    session.do(Todo.HAND_OVER)
    assert session.stage is Stage.CHECK, "what is not offered is not done"


def test_confirming_the_data_begins_the_card_and_notes_that_the_person_was_told(bench: Bench) -> None:
    bench.models.desk.serve(bench.hands.liga).show_check(whole=True)
    session = bench.reach(Stage.PHOTO)
    assert session.issuance is not None
    told = bench.hands.desk.store.consents.of_holder(session.holder.id)
    assert [(c.kind, c.language) for c in told] == [("informed", "lv")]


def test_nobody_was_told_what_was_never_on_the_screen(bench: Bench) -> None:
    session = bench.reach(Stage.PHOTO)
    assert session.issuance is not None
    assert not bench.hands.desk.store.consents.of_holder(session.holder.id)


def test_a_check_that_is_not_whole_in_sight_is_read_on_first(bench: Bench) -> None:
    session = bench.models.desk.serve(bench.hands.liga)
    session.show_check(whole=False)
    assert session.primary() is Todo.READ_ON
    session.do(Todo.CONFIRM_DATA)
    assert session.issuance is None
    session.show_check(whole=True)
    session.show_check(whole=False)
    assert session.primary() is Todo.CONFIRM_DATA, "what was seen once was seen"


def test_the_photo_can_be_taken_again(bench: Bench) -> None:
    session = bench.reach(Stage.CROP)
    assert session.portrait.has_still
    session.do(Todo.RETAKE)
    assert session.stage is Stage.PHOTO
    assert not session.portrait.has_still


def test_another_photo_before_the_card_is_made(bench: Bench) -> None:
    session = bench.reach(Stage.REVIEW)
    session.do(Todo.RETAKE)
    assert session.stage is Stage.PHOTO
    bench.until(lambda: session.preview.final(session.issuance) is None)


def test_a_picture_file_does_instead_of_the_camera(bench: Bench) -> None:
    session = bench.reach(Stage.PHOTO)
    session.take_file(Path(__file__).parents[4] / "assets" / "demo" / "portraits" / "person-1.jpg")
    bench.until(lambda: session.stage is Stage.CROP)
    session.do(Todo.ACCEPT_PORTRAIT)
    bench.until(lambda: session.stage is Stage.REVIEW)


def test_a_file_that_is_no_picture_is_trouble_in_place(bench: Bench, tmp_path: Path) -> None:
    session = bench.reach(Stage.PHOTO)
    file = tmp_path / "letter.jpg"
    file.write_text("Dear sir", encoding="utf-8")
    session.take_file(file)
    bench.until(lambda: session.trouble is not None)
    assert [offer.todo for offer in session.offers] == [Todo.RETRY, Todo.OTHER_SOURCES, Todo.LATER]
    assert session.offers[0].label.english() == "Back to the photo"
    session.do(Todo.RETRY)
    assert session.trouble is None
    assert session.stage is Stage.PHOTO


def test_a_file_that_is_no_picture_leaves_the_still_as_it_was(bench: Bench, tmp_path: Path) -> None:
    session = bench.reach(Stage.CROP)
    bench.until(lambda: not session.portrait.awaited)
    still, file = session.portrait.still, tmp_path / "letter.jpg"
    file.write_text("Dear sir", encoding="utf-8")
    session.take_file(file)
    bench.until(lambda: session.trouble is not None)
    session.do(Todo.RETRY)
    assert (session.trouble, session.stage, session.busy) == (None, Stage.CROP, False), "nothing was accepted by that"
    assert session.portrait.still is still
    session.do(Todo.ACCEPT_PORTRAIT)
    bench.until(lambda: session.stage is Stage.REVIEW)


def test_the_last_portrait_is_offered_and_taken(bench: Bench) -> None:
    first = bench.reach(Stage.DONE)
    bench.models.desk.leave()
    assert first not in bench.models.desk.sessions
    again = bench.reach(Stage.PHOTO)
    bench.until(lambda: not again.sources.looking)
    (last,) = again.sources.offers
    assert last.source is PortraitSource.LAST
    again.take_picture(lambda sources: sources.open(last))
    bench.until(lambda: again.stage is Stage.CROP)
    assert again.portrait.remarks == ()
    again.do(Todo.ACCEPT_PORTRAIT)
    bench.until(lambda: again.stage is Stage.REVIEW)
    kept = bench.hands.desk.store.portraits.last_of(again.holder.id)
    assert kept is not None
    assert (kept.source, kept.taken_at) == (PortraitSource.LAST, last.taken_at)
    assert kept.findings[-1].check == "age"


def test_an_old_portrait_is_taken_and_says_that_it_is_old(bench: Bench) -> None:
    store, liga = bench.hands.desk.store, bench.hands.liga
    store.portraits.add(replace(a_portrait(liga.id), taken_at=bench.hands.desk.clock.now() - timedelta(days=430)))
    session = bench.reach(Stage.PHOTO)
    bench.until(lambda: session.sources.offers)
    (old,) = session.sources.offers
    assert old.too_old
    session.take_picture(lambda sources: sources.open(old))
    bench.until(lambda: session.stage is Stage.CROP and session.portrait.remarks)
    assert "14 months old; here they may be 6" in session.portrait.remarks[0].english()
    session.do(Todo.RETAKE)
    assert session.portrait.remarks == ()


def test_the_card_that_is_printed_is_the_one_that_was_shown(bench: Bench) -> None:
    session = bench.reach(Stage.REVIEW)
    bench.until(lambda: session.preview.final(session.issuance) is not None)
    assert session.preview.qr_read
    shown = session.preview.final(session.issuance)
    bench.reach(Stage.HAND_OVER)
    assert session.preview.final(session.issuance) is shown


def test_giving_up_ends_it_before_anything_physical(bench: Bench) -> None:
    session = bench.reach(Stage.REVIEW)
    session.do(Todo.GIVE_UP)
    bench.until(lambda: session not in bench.models.desk.sessions)
    assert bench.hands.desk.store.issuances.open_issuances() == ()
    assert bench.models.desk.current is None


def test_trouble_at_the_printer_goes_on_with_the_same_card(bench: Bench) -> None:
    bench.hands.dial.set("printer", "ribbon-out")
    session = bench.reach(Stage.VERIFY)
    assert session.trouble is not None
    assert session.stage is Stage.PRINT
    assert session.needs_person
    before = session.issuance
    bench.hands.dial.clear("printer")
    session.do(Todo.RETRY)
    bench.until(lambda: session.stage is Stage.HAND_OVER)
    assert before is not None
    assert session.issuance is not None
    assert (session.issuance.escn, session.issuance.uid) == (before.escn, before.uid)
    assert session.issuance.prints == 1


def test_a_job_taken_back_can_be_printed_again(bench: Bench) -> None:
    bench.hands.dial.set("printer", "feeder-empty")
    session = bench.reach(Stage.VERIFY)
    session.do(Todo.NOTHING_CAME_OUT)
    bench.until(lambda: session.stage is Stage.PRINT and not session.busy and session.trouble is None)
    bench.hands.dial.clear("printer")
    session.do(Todo.RETRY)
    bench.until(lambda: session.stage is Stage.HAND_OVER)
    assert session.issuance is not None
    assert session.issuance.prints == 2


def test_a_spoiled_card_gets_a_successor_with_a_new_number(bench: Bench) -> None:
    bench.hands.dial.set("printer", "jam")
    session = bench.reach(Stage.VERIFY)
    spoiled = session.issuance
    session.do(Todo.SPOIL)
    bench.until(lambda: session.stage is Stage.SPOILED)
    bench.hands.dial.clear("printer")
    session.do(Todo.CARD_AGAIN)
    bench.until(lambda: session.stage is Stage.REVIEW)
    assert spoiled is not None
    assert session.issuance is not None
    assert session.issuance.escn != spoiled.escn
    assert session.issuance.portrait_id == spoiled.portrait_id
    kept = bench.hands.desk.store.issuances.get(spoiled.id)
    assert kept is not None
    assert (kept.state, kept.cause) == (State.SPOILED, Cause.MISPRINT.value)


def test_a_card_that_is_pulled_is_put_back_and_finished(bench: Bench) -> None:
    bench.hands.dial.set("card", "pulled", 20)
    session = bench.reach(Stage.PRINT)
    assert session.trouble is not None
    assert session.issuance is not None
    uid = session.issuance.uid
    assert uid, "writing had begun, so only this card can go on"
    bench.hands.dial.clear("card")
    session.do(Todo.RETRY)
    bench.until(lambda: session.stage is Stage.PRINT)
    assert session.issuance.uid == uid


def test_stopping_before_the_card_comes_leads_back(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CardTray, "hand", lambda _self, _issuance: None)  # nobody lays a card there
    with a_bench(qtbot, tmp_path / "desk") as bench:
        session = bench.reach(Stage.REVIEW)
        bench.until(lambda: session.preview.final(session.issuance) is not None)
        session.do(Todo.MAKE)
        bench.until(lambda: session.progress[0] == "wait_card")
        assert [offer.todo for offer in session.offers] == [Todo.STOP]
        session.do(Todo.STOP)
        bench.until(lambda: not session.busy)
        assert session.stage is Stage.REVIEW
        assert session.trouble is None


def test_a_card_is_checked_only_while_its_person_is_on_the_screen(bench: Bench) -> None:
    session = bench.reach(Stage.PRINT)
    session.attend(False)
    session.do(Todo.RETRY)
    bench.until(lambda: session.stage is Stage.VERIFY and not session.busy)
    session.attend(True)
    bench.until(lambda: session.stage is Stage.HAND_OVER)


def test_a_restart_goes_on_where_it_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path / "desk") as bench:
        first = bench.reach(Stage.PRINT).issuance
    with a_bench(qtbot, tmp_path / "desk") as bench:
        session = bench.models.desk.serve(bench.hands.liga)
        bench.until(lambda: session.stage is Stage.PRINT)
        assert first is not None
        assert session.issuance is not None
        assert session.issuance.escn == first.escn
        bench.until(lambda: session.preview.final(session.issuance) is not None)
        session.do(Todo.RETRY)
        bench.until(lambda: session.stage is Stage.HAND_OVER)


def test_a_card_without_a_chip_is_printed_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path / "desk", chip={"profile": "none"}) as bench:
        session = bench.reach(Stage.REVIEW)
        assert not session.uses_chip
        bench.until(lambda: session.preview.final(session.issuance) is not None)
        session.do(Todo.MAKE)
        bench.until(lambda: session.stage is Stage.HAND_OVER)


@pytest.mark.parametrize("stage", [Stage.CHECK, Stage.PHOTO, Stage.CROP, Stage.REVIEW, Stage.HAND_OVER, Stage.DONE])
def test_there_is_one_main_thing_to_do(bench: Bench, stage: Stage) -> None:
    session = bench.reach(stage)
    bench.until(lambda: not session.busy)
    assert len([offer for offer in session.offers if offer.primary]) == 1
