"""The desk: a queue, several people in flight, and pages that come and go."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from station.ui.viewmodels.desk import Page
from station.ui.viewmodels.models import make_models
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.window import Bench, a_bench


@pytest.fixture
def queued(bench: Bench) -> Bench:
    for holder in bench.models.opened.waiting:
        bench.models.desk.wait(holder)
    return bench


def test_nobody_is_twice_in_the_queue(queued: Bench) -> None:
    desk = queued.models.desk
    desk.wait(queued.hands.liga)
    assert [h.student_number for h in desk.waiting] == ["051REB123", "041REB390"]
    assert desk.next_name == "Līga Bērziņa-Šķēle"


def test_the_next_person_leaves_the_queue(queued: Bench) -> None:
    desk = queued.models.desk
    assert desk.next_person()
    assert queued.session.holder == queued.hands.liga
    assert desk.page is Page.PERSON
    assert [h.id for h in desk.waiting] == [queued.hands.martins.id]
    desk.serve(queued.hands.liga)
    assert len(desk.sessions) == 1


def test_two_people_in_flight_have_different_marks(queued: Bench) -> None:
    desk = queued.models.desk
    desk.next_person()
    desk.next_person()
    assert [s.mark for s in desk.sessions] == [0, 1]
    assert desk.current is desk.sessions[1]
    assert not desk.next_person(), "nobody else waits, and nobody needs help"
    desk.pick(queued.hands.liga.id)
    assert desk.current is desk.sessions[0]


def test_while_one_card_waits_the_next_person_is_served(queued: Bench) -> None:
    desk = queued.models.desk
    queued.hands.dial.set("printer", "ribbon-out")
    first = queued.reach(Stage.VERIFY)
    assert first.trouble is not None
    desk.next_person()
    assert queued.session.holder == queued.hands.martins
    desk.next_person()
    assert desk.current is first, "a card in trouble comes before the queue"


def test_put_in_the_queue_before_anything_has_begun(queued: Bench) -> None:
    desk = queued.models.desk
    desk.next_person()
    queued.session.do(Todo.LATER)
    assert desk.current is None
    assert desk.page is Page.HOME
    assert [h.id for h in desk.waiting] == [queued.hands.martins.id, queued.hands.liga.id]
    assert desk.sessions == []


def test_a_finished_person_leaves_and_the_card_is_in_todays_list(queued: Bench) -> None:
    desk = queued.models.desk
    session = queued.reach(Stage.DONE)
    queued.until(lambda: desk.today.count == 1)
    assert desk.today.cards[0].holder == queued.hands.liga
    assert desk.today.cards[0].picture is not None
    session.do(Todo.NEXT)
    assert queued.session.holder == queued.hands.martins
    assert session not in desk.sessions


def test_after_the_last_one_the_desk_is_empty(bench: Bench) -> None:
    session = bench.reach(Stage.DONE)
    session.do(Todo.NEXT)
    assert bench.models.desk.current is None
    assert bench.models.desk.page is Page.HOME


def test_a_page_is_left_for_the_person(bench: Bench) -> None:
    desk = bench.models.desk
    desk.show_page(Page.PERSON)
    assert desk.page is Page.HOME
    desk.serve(bench.hands.liga)
    desk.show_page(Page.HELP)
    desk.back()
    assert desk.page is Page.PERSON


def test_a_restart_finds_who_was_being_served(qtbot: QtBot, tmp_path: Path) -> None:
    with a_bench(qtbot, tmp_path / "desk") as bench:
        bench.reach(Stage.REVIEW)
    with a_bench(qtbot, tmp_path / "desk") as bench:
        desk = make_models(bench.models.opened, bench.tasks).desk
        desk.load()
        bench.until(lambda: [h.id for h in desk.waiting] == [bench.hands.liga.id])


def test_the_language_goes_to_everybody(bench: Bench) -> None:
    session = bench.models.desk.serve(bench.hands.liga)
    bench.models.desk.set_language("en")
    assert session.language == "en"


def test_the_views_hear_of_another_person_once_and_first(queued: Bench) -> None:
    desk, heard = queued.models.desk, list[str]()
    desk.people_changed.connect(lambda: heard.append(f"people on {desk.page.value}"))
    desk.current_changed.connect(lambda: heard.append("current"))
    desk.page_changed.connect(lambda: heard.append("page"))
    desk.next_person()
    assert heard == [f"people on {Page.PERSON.value}", "current", "page"]
    heard.clear()
    desk.next_person()
    assert heard == [f"people on {Page.PERSON.value}", "current"]
