"""A wrong clock is noticed by the router's time, else by the journal; it is advice, and says by how much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.store import SqlStore, open_store
from station.i18n import Translator
from station.services.clock_check import WRONG_BY, ClockCheck
from station.services.health import HealthState
from tests.helpers.desks import TestDesk
from tests.helpers.finished_cards import NOW, FakeClock, a_student
from tests.helpers.finished_cards import Desk as Cards

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def check(clock: FakeClock) -> ClockCheck:
    return ClockCheck(clock)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[SqlStore]:
    with closing(open_store(tmp_path / "empty.db")) as store:
        yield store


@pytest.fixture
def written_at_now(tmp_path: Path) -> Iterator[SqlStore]:
    """Yield a store whose newest journal entry is of ``NOW``."""
    cards = Cards(tmp_path / "cards.db")
    student = a_student(1)
    cards.know(student)
    cards.finish(student)
    with closing(cards.store) as store:
        yield store


def said(check: ClockCheck, language: str = "en") -> str:
    health = check.health()
    assert health.todo is not None
    tr = Translator(language)
    return f"{tr.message(health.message)} {tr.message(health.todo)}"


def test_nothing_is_said_before_there_is_anything_to_compare_with(check: ClockCheck, empty: SqlStore) -> None:
    check.look_into(empty)
    assert check.health().state is HealthState.OFF


@pytest.mark.parametrize("ahead", [-WRONG_BY, -SECOND, 20 * SECOND, WRONG_BY])
def test_a_clock_that_is_nearly_right_is_right(check: ClockCheck, ahead: timedelta) -> None:
    check.heard(NOW - ahead)
    assert check.health().state is HealthState.OK


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (WRONG_BY + SECOND, "5 min ahead"),
        (-61 * 60 * SECOND, "61 min behind"),
        (-30 * HOUR, "30 h behind"),
        (400 * 24 * HOUR, "400 d ahead"),
    ],
)
def test_a_wrong_clock_is_told_with_how_much_and_what_to_do(check: ClockCheck, ahead: timedelta, words: str) -> None:
    check.heard(NOW - ahead)
    assert check.health().state is HealthState.WARN  # advice: nothing is held up
    assert words in said(check)
    for part in ("Ask IT", "dates", "unique", "go on working"):
        assert part in said(check)
    assert "clock" not in said(check, "lv")


def test_a_clock_that_was_set_right_is_right_at_once(check: ClockCheck, clock: FakeClock) -> None:
    clock.set_wrong(HOUR)
    check.heard(NOW)
    assert check.health().state is HealthState.WARN
    clock.pass_time(60)
    clock.set_wrong(timedelta())
    assert check.health().state is HealthState.OK


def test_a_computer_that_slept_has_no_wrong_clock(check: ClockCheck, clock: FakeClock) -> None:
    check.heard(NOW)
    clock.set_wrong(8 * HOUR)  # the day went on, the counter stood still
    assert check.health().state is HealthState.OK


def test_a_clock_that_was_set_back_is_seen_by_the_journal(
    check: ClockCheck, clock: FakeClock, written_at_now: SqlStore
) -> None:
    check.look_into(written_at_now)
    assert check.health().state is HealthState.OFF
    clock.set_wrong(-3 * HOUR)
    check.look_into(written_at_now)
    assert "3 h later" in said(check)
    clock.set_wrong(timedelta())
    check.look_into(written_at_now)
    assert check.health().state is HealthState.OFF


def test_the_router_s_word_goes_before_the_journal_s(
    check: ClockCheck, clock: FakeClock, written_at_now: SqlStore
) -> None:
    clock.set_wrong(-3 * HOUR)  # right again, after it was ahead when the entry was written
    check.look_into(written_at_now)
    check.heard(NOW - 3 * HOUR)
    assert check.health().state is HealthState.OK


def test_the_status_says_so_and_the_numbers_still_grow(bench: TestDesk) -> None:
    def last() -> int:
        return bench.desk.store.escns.last_value(2, "999000001")

    bench.desk.begin(bench.liga)
    before = last()
    bench.dial.set("clock", "wrong", -7200.0)
    clock = next(h for h in bench.desk.health() if h.device == "clock")
    assert clock.state is HealthState.WARN
    bench.desk.begin(bench.martins)
    assert last() > before
