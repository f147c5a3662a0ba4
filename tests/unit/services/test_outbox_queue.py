"""The part of a lane that is in memory: everybody's turn comes, in order, and it stays small."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.store.outbox import SqlOutbox
from station.domain.outbox import OutboxEntry, OutboxKind, OutboxState, failed, succeeded
from station.ports.store import OutboxOutcome
from station.services.outbox_queue import PAGE, LaneQueue
from tests.helpers.finished_cards import NOW, Desk, a_student

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "station.db")
    yield desk
    desk.store.close()


def finished(desk: Desk, *numbers: int) -> None:
    students = [a_student(number) for number in numbers]
    desk.know(*students)
    for student in students:
        desk.finish(student)


def take(queue: LaneQueue) -> OutboxEntry | None:
    return queue.take(LATER, lambda _entry: False)


def settle(outbox: SqlOutbox, queue: LaneQueue, entry: OutboxEntry) -> None:
    outbox.settle([OutboxOutcome(entry)])
    queue.finished(entry, LATER)


def test_each_person_has_one_on_its_way_and_the_next_goes_first_when_it_is_done(desk: Desk) -> None:
    finished(desk, 1, 2)
    outbox = desk.store.outbox
    queue = LaneQueue(outbox, "router")
    first, second = take(queue), take(queue)
    assert first is not None
    assert second is not None
    assert [first.kind, second.kind, take(queue)] == [OutboxKind.PERSON, OutboxKind.PERSON, None]
    settle(outbox, queue, succeeded(second, LATER))
    behind = take(queue)
    assert behind is not None
    assert (behind.kind, behind.order_key) == (OutboxKind.CARD, second.order_key)
    settle(outbox, queue, failed(first, "refused", {}, None))
    assert take(queue) is None


def test_a_queue_of_any_length_is_walked_to_its_end_with_a_page_in_memory(desk: Desk) -> None:
    count = PAGE + 7
    finished(desk, *range(count))
    outbox = desk.store.outbox
    queue = LaneQueue(outbox, "router")
    told = []
    while (entry := take(queue)) is not None:
        assert len(queue._ready) + len(queue._behind) <= 2 * PAGE
        told.append(entry)
        settle(outbox, queue, succeeded(entry, LATER))
    assert len(told) == len({e.key for e in told}) == 2 * count
    assert outbox.summary().waiting == 0


def test_who_rests_is_passed_over_and_met_again_on_the_next_walk(desk: Desk) -> None:
    finished(desk, 1, 2)
    queue = LaneQueue(desk.store.outbox, "router")
    resting = a_student(1).esi
    assert resting is not None
    taken = queue.take(LATER, lambda entry: entry.order_key == resting.casefold())
    assert taken is not None
    assert taken.order_key != resting.casefold()
    assert queue.take(LATER, lambda entry: entry.order_key == resting.casefold()) is None
    queue.restart()
    again = take(queue)
    assert again is not None
    assert again.order_key == resting.casefold()


def test_what_was_put_off_comes_when_its_time_has_come(desk: Desk) -> None:
    finished(desk, 1)
    outbox = desk.store.outbox
    queue = LaneQueue(outbox, "router")
    entry = take(queue)
    assert entry is not None
    settle(outbox, queue, failed(entry, "away", {}, LATER + timedelta(minutes=1)))
    queue.restart()
    assert take(queue) is None
    queue.restart()
    again = queue.take(LATER + timedelta(minutes=1), lambda _entry: False)
    assert again is not None
    assert (again.key, again.state) == (entry.key, OutboxState.WAITING)
