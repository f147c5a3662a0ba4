"""Somebody who is served at another desk: said in plain words, and gone on with when they are free."""

from __future__ import annotations

import pytest

from station.ports.claims import serving
from station.ui.viewmodels.stages import ENTER, ESC, Stage, Todo
from station.ui.viewmodels.trouble import Trouble
from tests.helpers.claims import FakeBoard, FakeClaims
from tests.helpers.window import Bench


@pytest.fixture
def board(bench: Bench) -> FakeBoard:
    """Give a board on which the bench's desk is Desk 1."""
    board = FakeBoard()
    bench.hands.desk.journal.claims = board.station("Desk 1")
    return board


def taken(bench: Bench, board: FakeBoard) -> FakeClaims:
    """Have Desk 3 serve Līga."""
    other = board.station("Desk 3")
    other.take(serving(bench.hands.liga.id))
    return other


def trouble_of(bench: Bench) -> Trouble:
    session = bench.models.desk.serve(bench.hands.liga)
    bench.until(lambda: session.trouble)
    assert session.trouble is not None
    return session.trouble


def test_whoever_is_turned_to_is_served_here_until_the_desk_turns_away(bench: Bench, board: FakeBoard) -> None:
    session = bench.models.desk.serve(bench.hands.liga)
    bench.until(lambda: session.record)
    assert board.owners == {serving(bench.hands.liga.id): "Desk 1"}
    session.do(Todo.LATER)
    bench.until(lambda: not board.owners)


def test_it_is_said_which_desk_serves_them_and_what_can_be_done(bench: Bench, board: FakeBoard) -> None:
    taken(bench, board)
    trouble = trouble_of(bench)
    assert trouble.title.params["station"] == "Desk 3"
    assert trouble.title.msgid == "{station} is serving this student."
    assert trouble.calm
    assert [(offer.todo, offer.key, offer.label.msgid) for offer in trouble.offers] == [
        (Todo.RETRY, ENTER, "Look again"),
        (Todo.LATER, ESC, "Later"),
    ]


def test_looked_at_again_they_are_served_here_when_they_are_free(bench: Bench, board: FakeBoard) -> None:
    other = taken(bench, board)
    trouble_of(bench)
    session = bench.session
    session.do(Todo.RETRY)
    bench.until(lambda: session.trouble)
    other.close()
    session.do(Todo.RETRY)
    bench.until(lambda: session.record)
    assert session.trouble is None
    assert session.stage is Stage.CHECK
    assert board.owners == {serving(session.holder.id): "Desk 1"}


def test_what_is_heard_of_them_is_looked_at_by_itself(bench: Bench, board: FakeBoard) -> None:
    other = taken(bench, board)
    trouble_of(bench)
    other.close()
    bench.models.desk.heard_of(frozenset({"somebody else"}))
    assert bench.session.trouble is not None
    bench.models.desk.heard_of(frozenset({bench.hands.liga.id}))
    bench.until(lambda: bench.session.record)
    assert bench.session.trouble is None


def test_they_wait_again_when_they_are_left(bench: Bench, board: FakeBoard) -> None:
    taken(bench, board)
    trouble_of(bench)
    bench.session.do(Todo.LATER)
    bench.until(lambda: bench.models.desk.current is None)
    assert [holder.id for holder in bench.models.desk.waiting] == [bench.hands.liga.id]
    assert board.owners == {serving(bench.hands.liga.id): "Desk 3"}


def test_a_claim_that_was_lost_stops_the_next_step(bench: Bench, board: FakeBoard) -> None:
    session = bench.models.desk.serve(bench.hands.liga)
    bench.until(lambda: session.record)
    board.restart()
    taken(bench, board)
    session.do(Todo.CONFIRM_DATA)
    bench.until(lambda: session.trouble)
    assert session.trouble is not None
    assert session.trouble.title.params["station"] == "Desk 3"
    assert bench.hands.desk.store.issuances.open_issuances() == ()
