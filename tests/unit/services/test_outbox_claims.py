"""One station at a time drains a lane; another one takes over; who withdrew meanwhile is forgotten all the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from station.domain.card import Registration
from station.domain.errors import RouterBusyError, RouterKeyError, RouterUnreachableError, RouterUnwellError
from station.domain.outbox import DOWNLOADS, UPLOADS, OutboxKind, OutboxState
from station.ports.claims import Claims, draining
from station.ports.store import ConsentRecord, Withdrawal
from station.services.lane import KeyRests, LaneRest
from station.services.outbox_claims import TAKE_OVER_S, LaneClaims
from station.services.outbox_worker import OutboxWorker, WorkerOptions
from station.services.registration import order_keys_of
from tests.helpers.claims import FakeBoard
from tests.helpers.finished_cards import NOW, FakeClock, a_student
from tests.helpers.router_bench import RouterBench


@dataclass
class OneLane:
    """As much of a lane as is claimed."""

    clock: FakeClock
    name: str = UPLOADS
    ours: bool = True
    still_ours: Callable[[], bool] = lambda: True
    counts: dict[OutboxState, int] = field(default_factory=lambda: dict.fromkeys(OutboxState, 0))

    def __post_init__(self) -> None:
        self.rest, self.keys = LaneRest(self.clock, 3), KeyRests(self.clock)


class TestLaneClaims:
    def test_a_station_alone_has_every_lane(self) -> None:
        clock = FakeClock()
        claims, lane = LaneClaims(None, clock), OneLane(clock, ours=False)
        claims.begin(lane)
        claims.end(lane)
        assert lane.ours

    def test_a_lane_is_one_stations_until_that_is_gone(self) -> None:
        board, clock = FakeBoard(), FakeClock()
        one, two = board.station("Desk 1"), board.station("Desk 2")
        mine, theirs = OneLane(clock), OneLane(clock)
        LaneClaims(one, clock).begin(mine)
        waiting = LaneClaims(two, clock)
        waiting.begin(theirs)
        assert (mine.ours, theirs.ours) == (True, False)
        one.close()
        waiting.begin(theirs)
        assert theirs.ours

    def test_who_lost_it_while_the_database_was_away_stops_within_a_moment(self) -> None:
        board, clock = FakeBoard(), FakeClock()
        claims, lane = LaneClaims(board.station("Desk 1"), clock), OneLane(clock)
        claims.begin(lane)
        clock.pass_time(1)
        board.away = True
        claims.look((lane,))
        assert not lane.ours
        board.away = False
        board.restart()
        board.station("Desk 2").take(draining(UPLOADS))
        claims.begin(lane)
        assert not lane.ours

    def test_who_gets_it_back_goes_on(self) -> None:
        board, clock = FakeBoard(), FakeClock()
        claims, lane = LaneClaims(board.station("Desk 1"), clock), OneLane(clock)
        board.away = True
        claims.begin(lane)
        assert not lane.ours
        board.away = False
        claims.begin(lane)
        assert lane.ours

    @pytest.mark.parametrize("error", [RouterUnreachableError(), RouterKeyError()])
    def test_who_can_not_send_leaves_it_to_others_for_a_while(self, error: RouterUnreachableError) -> None:
        board, clock = FakeBoard(), FakeClock()
        claims, lane = LaneClaims(board.station("Desk 1"), clock), OneLane(clock)
        claims.begin(lane)
        lane.rest.begin(error, timedelta(seconds=30))
        claims.end(lane)
        assert board.owners == {}
        claims.begin(lane)
        assert not lane.ours
        clock.pass_time(60)
        claims.begin(lane)
        assert lane.ours

    @pytest.mark.parametrize("error", [RouterUnwellError(), RouterBusyError()])
    def test_what_is_the_routers_own_trouble_is_the_same_for_all(self, error: RouterUnwellError) -> None:
        board, clock = FakeBoard(), FakeClock()
        claims, lane = LaneClaims(board.station("Desk 1"), clock), OneLane(clock)
        claims.begin(lane)
        lane.rest.begin(error, timedelta(seconds=30))
        claims.end(lane)
        assert board.owners == {draining(UPLOADS): "Desk 1"}


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


class TestTwoStations:
    @staticmethod
    def worker(bench: RouterBench, claims: Claims) -> OutboxWorker:
        return OutboxWorker(bench.desk.store, bench.router, bench.clock, WorkerOptions(claims=claims))

    def test_one_sends_and_the_other_takes_over(self, bench: RouterBench) -> None:
        board = FakeBoard()
        first, second = board.station("Desk 1"), board.station("Desk 2")
        one, two = self.worker(bench, first), self.worker(bench, second)
        assert one.run_once(threading.Event()).sent == 0
        card = bench.finish(1)
        report = two.run_once(threading.Event())
        assert (report.sent, bench.told()) == (0, [])
        assert report.next_at is not None
        assert (report.next_at - bench.clock.now()).total_seconds() == TAKE_OVER_S
        first.close()
        assert two.run_once(threading.Event()).sent == 2
        assert bench.registration(card) is Registration.REGISTERED
        assert set(board.owners) == {draining(UPLOADS), draining(DOWNLOADS)}

    @pytest.mark.parametrize("lost", [False, True])
    def test_what_was_on_its_way_when_its_holder_withdrew_is_taken_back(self, bench: RouterBench, lost: bool) -> None:
        board = FakeBoard()
        claims = board.station("Desk 1")
        worker, card = self.worker(bench, claims), bench.finish(2 + lost)
        student = a_student(2 + lost)

        def withdraws(method: str, path: str) -> dict[str, str]:
            if (method, path.endswith("/cards")) != ("POST", True):
                return {}
            record = ConsentRecord(student.id, "1", "lv", "export", NOW, withdrawn_at=NOW)
            bench.desk.store.consents.withdraw(Withdrawal(record, order_keys_of(student)))
            if lost:
                board.restart()
                board.station("Desk 2").take(draining(UPLOADS))
            return {}

        bench.server.added = withdraws
        worker.run_once(threading.Event())
        assert bench.registration(card) is Registration.NOT_NEEDED
        queued = [entry.kind for entry in bench.desk.store.outbox.entries(unfinished=False)]
        # Alone, the deletions of the withdrawal itself come after it; elsewhere they may have come before.
        assert (OutboxKind.DELETE_CARD in queued) is lost
