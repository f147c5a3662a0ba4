"""A lane that rests: after failures in a row, for a time that no clock on the wall can change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from station.domain.errors import RouterUnreachableError
from station.services.lane import KeyRests, LaneRest
from tests.helpers.finished_cards import FakeClock

WHY = RouterUnreachableError()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lane(clock: FakeClock) -> LaneRest:
    return LaneRest(clock, in_a_row_max=3)


def test_does_not_rest_at_first(lane: LaneRest) -> None:
    assert (lane.left(), lane.why, lane.rests) == (timedelta(), None, 0)


def test_so_many_failures_in_a_row_are_not_the_entries_fault(lane: LaneRest) -> None:
    assert [lane.failed() for _each in range(4)] == [False, False, True, True]


def test_one_success_begins_the_count_anew(lane: LaneRest) -> None:
    lane.failed()
    lane.failed()
    assert lane.end() is False
    assert [lane.failed() for _each in range(3)] == [False, False, True]


def test_a_rest_ends_by_itself_and_remembers_why_until_something_works(lane: LaneRest, clock: FakeClock) -> None:
    lane.begin(WHY, timedelta(seconds=10))
    clock.pass_time(9.5)
    assert lane.left() == timedelta(seconds=0.5)
    clock.pass_time(5)
    assert (lane.left(), lane.why, lane.rests) == (timedelta(), WHY, 1)
    assert lane.end() is True
    assert (lane.why, lane.rests) == (None, 0)


@pytest.mark.parametrize("days", [-400, 400])
def test_a_rest_does_not_follow_a_clock_that_is_set(lane: LaneRest, clock: FakeClock, days: int) -> None:
    lane.begin(WHY, timedelta(seconds=10))
    clock.set_wrong(timedelta(days=days))
    assert lane.left() == timedelta(seconds=10)


def test_a_person_can_end_a_rest(lane: LaneRest) -> None:
    lane.begin(WHY, timedelta(seconds=10))
    lane.end()
    assert lane.left() == timedelta()


def test_one_institution_s_rest_is_not_another_s(clock: FakeClock) -> None:
    keys = KeyRests(clock)
    keys.begin("1", WHY, timedelta(seconds=10))
    assert (keys.left("1"), keys.left("2")) == (timedelta(seconds=10), timedelta())
    assert keys.any_left()
    assert keys.end("2") is False
    assert keys.why is WHY
    clock.pass_time(10)
    assert not keys.any_left()
    assert keys.why is WHY  # until the key has worked
    assert keys.end("1") is True
    assert keys.why is None


def test_a_person_ends_every_institution_s_rest(clock: FakeClock) -> None:
    keys = KeyRests(clock)
    for pic in ("1", "2"):
        keys.begin(pic, WHY, timedelta(seconds=10))
    keys.end()
    assert not keys.any_left()
