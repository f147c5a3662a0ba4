"""A day of cards: issued against registered, and the lines of its chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.domain.card import CardScheme
from station.domain.outbox import succeeded
from station.services.router_day import RouterDay, line_of, midnight_before, router_day
from tests.helpers.finished_cards import NOW, Desk, a_card, a_student

MIDNIGHT = midnight_before(NOW)


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


DAY = RouterDay(MIDNIGHT, at(12.5), (at(8.2), at(8.4), at(10)), (at(7.5), at(8.5)))


def test_a_day_is_read_from_the_store(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "station.db")
    students = [a_student(n) for n in range(4)]
    desk.know(*students)
    cards = [desk.finish(student) for student in students[:3]]
    desk.record(a_card(students[3], scheme=CardScheme.GUEST), students[3])
    entry = desk.store.outbox.get(f"card:{cards[0].escn}")
    assert entry is not None
    desk.store.outbox.update(succeeded(entry, NOW + timedelta(minutes=5)))
    day = router_day(desk.store, NOW + timedelta(hours=1))
    assert (day.midnight, len(day.issued), day.registered) == (MIDNIGHT, 3, (NOW + timedelta(minutes=5),))
    assert day.behind == 2
    assert router_day(desk.store, NOW + timedelta(days=1)).issued == ()
    desk.store.close()


def test_hours_are_counted_from_the_first_card_to_now() -> None:
    assert DAY.steps() == (
        (at(7), 0, 0),
        (at(8), 0, 1),
        (at(9), 2, 2),
        (at(10), 3, 2),
        (at(11), 3, 2),
        (at(12), 3, 2),
        (at(12.5), 3, 2),
    )
    assert DAY.behind == 1
    assert RouterDay(MIDNIGHT, at(9)).steps() == ()


def test_more_registered_than_issued_is_not_behind() -> None:
    assert RouterDay(MIDNIGHT, at(9), (), (at(8),)).behind == 0


@pytest.mark.parametrize(
    ("start", "end", "line"),
    [
        (8, 12, ((0, 0), (0.05, 0), (0.05, 0.25), (0.1, 0.25), (0.1, 0.5), (0.5, 0.5), (0.5, 0.75), (1, 0.75))),
        (9, 10, ((0, 0.5), (1, 0.5), (1, 0.75), (1, 0.75))),
        (8, 8.3, ((0, 0), (2 / 3, 0), (2 / 3, 0.25), (1, 0.25))),
        (11, 11, ((0, 0.75), (1, 0.75))),
    ],
)
def test_a_line_goes_up_by_one_with_each_card(start: float, end: float, line: tuple[tuple[float, float], ...]) -> None:
    found = line_of(DAY.issued, at(start), at(end), 4)
    assert found == tuple(pytest.approx(point) for point in line)


def test_midnight_is_that_of_this_place() -> None:
    before = midnight_before(datetime(2026, 9, 1, 12, tzinfo=UTC))
    assert (before.hour, before.minute) == (0, 0)
    assert before.tzinfo is not None
