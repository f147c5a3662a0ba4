"""Serving somebody at one desk, and what the other desks may not do meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.errors import ClaimedError
from station.domain.workflow import Abandoned, Cause
from station.services.journal import Journal, Who
from station.services.serving import Serving
from tests.helpers.claims import FakeBoard
from tests.helpers.desks import found, open_test_desk
from tests.helpers.finished_cards import FakeClock

ANN, BOB = "id-ann", "id-bob"


def test_a_station_alone_serves_whom_it_likes() -> None:
    serving = Serving(None)
    with serving.of(ANN), serving.of(ANN):
        pass


def test_somebody_is_served_at_one_desk_which_the_others_can_name() -> None:
    board = FakeBoard()
    here, there = Serving(board.station("Desk 1")), Serving(board.station("Desk 3"))
    with there.of(ANN):
        with pytest.raises(ClaimedError) as caught:
            here.begin(ANN)
        here.begin(BOB)
    assert str(caught.value).startswith("Desk 3 is serving this student. Send the student there")
    with here.of(ANN), pytest.raises(ClaimedError, match="Desk 1"):
        there.begin(ANN)


def test_whoever_can_not_be_named_is_another_desk() -> None:
    board = FakeBoard(owners={f"holder:{ANN}": ""})
    with pytest.raises(ClaimedError, match="Another desk is serving this student"):
        Serving(board.station("Desk 1")).begin(ANN)


def test_served_twice_here_it_ends_with_the_second_end() -> None:
    board = FakeBoard()
    here, there = Serving(board.station("Desk 1")), Serving(board.station("Desk 2"))
    with here.of(ANN):
        with here.of(ANN):
            pass
        with pytest.raises(ClaimedError):
            there.begin(ANN)
    there.begin(ANN)


def test_work_goes_on_while_the_database_is_away_and_the_first_one_has_it_then() -> None:
    board = FakeBoard(away=True)
    here, there = Serving(board.station("Desk 1")), board.station("Desk 2")
    here.begin(ANN)
    board.away = False
    there.take(f"holder:{ANN}")
    with pytest.raises(ClaimedError, match="Desk 2"):
        here.begin(ANN)


def test_nothing_is_written_behind_another_desks_back(tmp_path: Path) -> None:
    board = FakeBoard()
    with open_test_desk(tmp_path) as bench:
        desk, holder = bench.desk, found(bench.desk, "051REB123")
        issuance = desk.begin(holder)
        journal = Journal(desk.store, FakeClock(), Who("Anna", "Desk 1"), board.station("Desk 1"))
        other = board.station("Desk 2")
        other.take(f"holder:{holder.id}")
        with pytest.raises(ClaimedError, match="Desk 2"):
            journal.step(issuance, Abandoned(Cause.HOLDER_LEFT))
        assert len(desk.store.issuances.journal(issuance.id)) == 1
        board.away = True
        journal.step(issuance, Abandoned(Cause.HOLDER_LEFT))
        assert desk.store.issuances.get(issuance.id) != issuance
