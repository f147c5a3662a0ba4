"""The student's mirror without a window: whom it shows, in which language, what it is told, what it forgets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from station.domain.card import Registration
from station.domain.errors import ModelError, RouterUnreachableError, StoreError
from station.photo.checks import CheckName
from station.ports.store import ConsentRecord
from station.services.notice import NOTICE_VERSION, AnsweredBy, Given, NameAnswer, note_told
from station.ui.preferences import MirrorWish
from station.ui.tone import Tone
from station.ui.viewmodels.mirror import MirrorModel, MirrorPage
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.saying import Saying
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.sitters import IN_UNIFORM, TOO_NEAR
from tests.helpers.standby import ready_desks
from tests.helpers.window import Bench, a_bench


@pytest.fixture
def mirror(bench: Bench) -> MirrorModel:
    bench.models.mirror.turn(True)
    return bench.models.mirror


def records(bench: Bench, kind: str) -> list[ConsentRecord]:
    return [c for c in bench.hands.desk.store.consents.of_holder(bench.hands.liga.id) if c.kind == kind]


def nobody(mirror: MirrorModel) -> bool:
    return (mirror.page, mirror.name, mirror.portrait.isNull(), mirror.live) == (MirrorPage.WELCOME, "", True, False)


def test_a_closed_mirror_holds_nobody(bench: Bench) -> None:
    bench.reach(Stage.REVIEW)
    assert nobody(bench.models.mirror)
    assert not bench.models.mirror.asks


def test_it_shows_the_one_whose_photo_is_taken(bench: Bench, mirror: MirrorModel) -> None:
    assert nobody(mirror)
    bench.models.desk.serve(bench.hands.liga)
    assert nobody(mirror), "who is looked up need not be who sits there"
    bench.reach(Stage.PHOTO)
    assert (mirror.page, mirror.name) == (MirrorPage.LIVE, bench.hands.liga.full_name)
    assert mirror.live
    bench.reach(Stage.CROP)
    assert mirror.page is MirrorPage.PORTRAIT
    bench.until(lambda: not mirror.portrait.isNull())


def test_the_portrait_follows_what_is_chosen(bench: Bench, mirror: MirrorModel) -> None:
    session = bench.reach(Stage.CROP)
    bench.until(lambda: not mirror.portrait.isNull())
    bench.until(lambda: session.portrait.area is not None and not mirror._fetching)
    before = mirror.portrait
    assert session.portrait.area is not None
    session.portrait.set_crop(session.portrait.area.zoom(session.portrait.crop, 1.5))
    bench.until(lambda: mirror.portrait != before)
    bench.reach(Stage.REVIEW)
    portrait_id = session.issuance.portrait_id if session.issuance else None
    kept = bench.hands.desk.store.portraits.get(portrait_id or "")
    assert kept is not None
    bench.until(lambda: mirror.portrait.size() == QSize(kept.width_px, kept.height_px))


def test_between_two_students_it_shows_nobody(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.REVIEW)
    bench.until(lambda: not mirror.portrait.isNull())
    bench.models.desk.serve(bench.hands.martins)
    assert nobody(mirror)
    bench.models.desk.leave()
    assert nobody(mirror)


def test_a_portrait_that_comes_too_late_is_shown_to_nobody(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.CROP)
    bench.models.desk.leave()
    bench.until(lambda: not mirror._fetching)
    assert nobody(mirror)


def test_once_the_card_is_being_made_nobody_is_shown(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PRINT)
    assert nobody(mirror)


def test_another_page_of_the_desk_stops_the_picture_and_keeps_the_name(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PHOTO)
    bench.models.desk.show_page(Page.QUEUE)
    assert (mirror.live, mirror.name) == (False, bench.hands.liga.full_name)


@pytest.mark.parametrize("language", ["lv", "en", "uk", "ru"])
def test_an_answer_is_recorded_with_what_was_in_sight(bench: Bench, mirror: MirrorModel, language: str) -> None:
    bench.reach(Stage.PHOTO)
    heard: list[Given] = []
    mirror.answered.connect(heard.append)
    mirror.was_in_sight()  # in the usual language, before another one is chosen
    mirror.choose_language(language)
    mirror.was_in_sight()
    mirror.answer(NameAnswer.RIGHT)
    bench.until(lambda: records(bench, "name"))
    assert heard == [Given(NameAnswer.RIGHT, AnsweredBy.HOLDER, language)]
    (answer,) = records(bench, "name")
    assert (answer.language, answer.extra["answer"]) == (language, "right")
    on_mirror = [c for c in records(bench, "informed") if c.extra.get("where") == "mirror"]
    assert {(c.language, c.text_version) for c in on_mirror} <= {(language, NOTICE_VERSION)}
    assert language in [c.language for c in records(bench, "informed")]


def test_what_was_not_in_sight_was_not_told(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PHOTO)
    mirror.choose_language("uk")
    mirror.answer(NameAnswer.WRONG)
    bench.until(lambda: records(bench, "name"))
    assert "uk" not in [c.language for c in records(bench, "informed")]


def test_what_one_has_read_does_not_count_for_the_next(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PHOTO)
    mirror.choose_language("uk")
    mirror.was_in_sight()
    bench.models.desk.leave()
    bench.reach(Stage.PHOTO)
    mirror.choose_language("uk")
    mirror.answer(NameAnswer.RIGHT)
    bench.until(lambda: records(bench, "name"))
    assert "uk" not in [c.language for c in records(bench, "informed")]


def test_the_same_answer_is_recorded_once_and_may_be_changed(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PHOTO)
    for answer in (NameAnswer.WRONG, NameAnswer.WRONG, NameAnswer.RIGHT):
        mirror.answer(answer)
    bench.until(lambda: len(records(bench, "name")) == 2)
    assert mirror.given == Given(NameAnswer.RIGHT, AnsweredBy.HOLDER, mirror.tr_.language)


def test_the_staff_may_answer_too(bench: Bench, mirror: MirrorModel) -> None:
    session = bench.reach(Stage.PHOTO)
    mirror.answer(NameAnswer.WRONG)
    bench.reach(Stage.PRINT)
    mirror.answer(NameAnswer.RIGHT, AnsweredBy.STAFF)  # the operator has looked at the document meanwhile
    bench.until(lambda: len(records(bench, "name")) == 2)
    given = mirror.given_by(session)
    assert given is not None
    assert given.by is AnsweredBy.STAFF


def test_nobody_there_nothing_answered(bench: Bench, mirror: MirrorModel) -> None:
    mirror.answer(NameAnswer.RIGHT)
    assert mirror.given is None


def test_an_answer_stays_with_its_student(bench: Bench, mirror: MirrorModel) -> None:
    first = bench.reach(Stage.PHOTO)
    mirror.answer(NameAnswer.WRONG)
    bench.models.desk.serve(bench.hands.martins)
    assert mirror.given_by(bench.models.desk.current) is None
    bench.models.desk.serve(bench.hands.liga)
    assert mirror.given == mirror.given_by(first)
    bench.models.desk._forget(first)
    bench.models.desk.leave()
    assert mirror.given_by(first) is None


def test_the_language_goes_with_the_student(bench: Bench, mirror: MirrorModel) -> None:
    usual = mirror.tr_.language
    bench.reach(Stage.PHOTO)
    mirror.choose_language("ru")
    bench.models.desk.set_language("en")
    assert mirror.tr_.language == "ru", "whatever the staff read"
    bench.models.desk.leave()
    assert mirror.tr_.language == usual
    mirror.choose_language("uk")  # who is about to sit down chooses
    bench.reach(Stage.PHOTO)
    assert mirror.tr_.language == "uk"


def test_a_language_that_was_chosen_before_comes_back(bench: Bench, mirror: MirrorModel) -> None:
    desk = bench.hands.desk
    note_told(desk.store, desk.clock, bench.hands.liga.id, "uk", where="mirror")
    bench.reach(Stage.PHOTO)
    bench.until(lambda: mirror.tr_.language == "uk")


def test_a_step_of_the_card_is_no_news_for_the_mirror(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PRINT)
    news: list[MirrorPage] = []
    mirror.changed.connect(lambda: news.append(mirror.page))
    bench.session.progress = ("write", 0.5)
    bench.session.changed.emit()
    assert not news


def test_what_is_wished_is_told_once(bench: Bench) -> None:
    wishes: list[MirrorWish] = []
    mirror = bench.models.mirror
    mirror.wished.connect(wishes.append)
    mirror.turn(True, "HDMI-2")
    mirror.turn(True)
    mirror.shut()
    assert wishes == [MirrorWish(True, "HDMI-2")], "closed with the main window, it is there again the next day"
    mirror.turn(False)
    assert wishes[-1] == MirrorWish(False, "HDMI-2")


def test_the_window_is_turned_off_for_good_with_a_photo_step(bench: Bench, mirror: MirrorModel) -> None:
    session = bench.reach(Stage.CROP)
    session.do(Todo.RETAKE)
    assert mirror.page is MirrorPage.LIVE
    mirror.turn(False)
    assert nobody(mirror)


def test_an_answer_is_there_again_after_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path / "desk") as bench:
        bench.models.mirror.turn(True)
        bench.reach(Stage.CROP)
        bench.models.mirror.choose_language("uk")
        bench.models.mirror.answer(NameAnswer.WRONG)
        bench.until(lambda: records(bench, "name"))
    with a_bench(qtbot, tmp_path / "desk") as bench:
        mirror, session = bench.models.mirror, bench.models.desk.serve(bench.hands.liga)
        bench.until(lambda: mirror.given_by(session) is not None)
        assert mirror.given_by(session) == Given(NameAnswer.WRONG, AnsweredBy.HOLDER, "uk")
        assert mirror.given_by(bench.models.desk.serve(bench.hands.martins)) is None
        mirror.turn(True)
        bench.models.desk.serve(bench.hands.liga)
        bench.until(lambda: session.stage is Stage.PHOTO)
        assert mirror.given == mirror.given_by(session), "the student sees what was pressed"


def test_an_answer_that_could_not_be_stored_is_told_of_its_student_and_can_be_given_again(
    bench: Bench, mirror: MirrorModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, store = bench.reach(Stage.PHOTO), bench.hands.desk.store

    def full(_consent: ConsentRecord) -> None:
        raise StoreError(detail="disk full")

    monkeypatch.setattr(store.consents, "add", full)
    mirror.answer(NameAnswer.WRONG)
    bench.until(lambda: mirror.problem_of(session) is not None)
    assert mirror.given is not None
    assert mirror.given.answer is NameAnswer.WRONG, "the operator is warned all the same"
    assert mirror.problem_of(bench.models.desk.serve(bench.hands.martins)) is None
    monkeypatch.undo()
    bench.models.desk.serve(bench.hands.liga)
    mirror.answer(NameAnswer.WRONG)
    assert mirror.problem_of(session) is None
    bench.until(lambda: records(bench, "name"))


def test_the_student_is_told_the_same_one_thing_as_the_operator(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PHOTO)
    bench.hands.seat(TOO_NEAR)
    bench.models.desk.people_changed.emit()
    live = bench.models.desk.live
    assert mirror.saying is not None
    assert mirror.saying.message.msgid == "Look into the camera."
    bench.until(lambda: live.hint is not None and live.hint.name is CheckName.FRAMING)
    assert live.hint is not None
    assert mirror.saying == Saying(live.hint.hint, Tone.WARN)
    bench.hands.seat(IN_UNIFORM)
    bench.until(lambda: live.hint is not None and live.hint.name is CheckName.BACKGROUND)
    assert mirror.saying is not None
    assert mirror.saying.tone is Tone.OK, "the wall behind is none of the student's doing"
    assert mirror.saying.message.msgid == "Good. Look into the camera.", "who presses the key is not the student"
    live.set_auto(True)
    counted = set[str]()
    mirror.changed.connect(lambda: counted.add(str(mirror.saying.message) if mirror.saying else ""))
    bench.until(lambda: bench.session.stage is Stage.CROP)
    assert {"Good. Hold still… 3", "Good. Hold still… 1"} <= counted
    assert mirror.saying is None


def test_without_its_models_the_mirror_says_nothing_of_files(bench: Bench, mirror: MirrorModel) -> None:
    bench.reach(Stage.PHOTO)
    live = bench.models.desk.live
    bench.models.desk.people_changed.emit()
    live.error = ModelError(file="face_detector.tflite", detail="it is missing")
    live.changed.emit()
    assert mirror.saying is not None
    assert mirror.saying.message.msgid == "Look into the camera."


def test_who_is_handed_a_card_without_a_network_is_promised_the_rest(bench: Bench, mirror: MirrorModel) -> None:
    desk = bench.hands.desk
    note_told(desk.store, desk.clock, bench.hands.liga.id, "uk", where="mirror")
    bench.reach(Stage.HAND_OVER)
    assert not mirror.promises, "nothing is known to be away"
    desk.link.answered(RouterUnreachableError(), desk.clock.now())
    session = bench.reach(Stage.DONE)
    bench.until(lambda: mirror.promises)
    assert nobody(mirror), "it is promised without a name"
    bench.until(lambda: mirror.tr_.language == "uk")
    assert session.card is not None
    desk.store.cards.set_registration(session.card.escn, Registration.REGISTERED)
    bench.models.desk.refresh_today()
    bench.until(lambda: not mirror.promises)
    assert mirror.tr_.language == "lv"


def test_who_is_handed_a_card_at_a_desk_that_is_alone_is_promised_the_rest(
    bench: Bench, mirror: MirrorModel, tmp_path: Path
) -> None:
    desks = ready_desks(tmp_path / "desks", ("id-1", "id-2"))
    bench.models.desk.desk = replace(bench.hands.desk, standby=desks.open["Desk 1"])
    bench.reach(Stage.HAND_OVER)
    assert not mirror.promises, "the database answers"
    desks.cut()
    desks.open["Desk 1"].holders.count()
    bench.models.desk.people_changed.emit()
    assert mirror.promises
    desks.close()


def test_with_the_next_one_the_promise_is_gone(bench: Bench, mirror: MirrorModel) -> None:
    desk = bench.hands.desk
    desk.link.answered(RouterUnreachableError(), desk.clock.now())
    bench.reach(Stage.DONE)
    bench.until(lambda: mirror.promises)
    bench.models.desk.serve(bench.hands.martins)
    assert not mirror.promises
    mirror.turn(False)
    assert not mirror.promises


def test_where_nothing_is_registered_nothing_is_promised(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path, router={"enabled": False}) as bench:
        bench.models.mirror.turn(True)
        bench.hands.desk.link.answered(RouterUnreachableError(), bench.hands.desk.clock.now())
        bench.reach(Stage.DONE)
        assert not bench.models.mirror.promises
