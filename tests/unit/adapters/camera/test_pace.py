"""A made-up camera keeps its rate, and does not hurry to catch up."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from station.adapters.camera.pace import Pacer


class Held:
    """A clock that stands until somebody moves it."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def now(self) -> datetime:
        return datetime(2026, 9, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.at_s


class Waits(threading.Event):
    """Instead of waiting, moves the clock, a little too far as a real one does."""

    def __init__(self, clock: Held, late_s: float = 0.0) -> None:
        super().__init__()
        self.clock, self.late_s = clock, late_s
        self.waited = list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        self.clock.at_s += timeout + self.late_s
        return False


def paced(clock: Held, waits: Waits, frames_per_s: float = 10) -> Pacer:
    pacer = Pacer(clock, frames_per_s)
    pacer._never = waits
    return pacer


def test_frames_come_at_the_rate() -> None:
    clock = Held()
    waits = Waits(clock)
    pacer = paced(clock, waits)
    assert [pacer.wait() for _ in range(3)] == pytest.approx([100.1, 100.2, 100.3])


def test_what_the_work_takes_is_not_waited_for_again() -> None:
    clock = Held()
    waits = Waits(clock)
    pacer = paced(clock, waits)
    pacer.wait()
    clock.at_s += 0.07
    assert pacer.wait() == pytest.approx(100.2)
    assert waits.waited == pytest.approx([0.1, 0.03])


def test_small_delays_do_not_add_up() -> None:
    clock = Held()
    pacer = paced(clock, Waits(clock, late_s=0.01))
    assert [pacer.wait() for _ in range(4)][-1] == pytest.approx(100.41)


def test_who_was_away_gets_one_frame_at_once_and_then_the_rate() -> None:
    clock = Held()
    waits = Waits(clock)
    pacer = paced(clock, waits)
    clock.at_s += 5
    assert pacer.wait() == pytest.approx(105)
    assert waits.waited == []
    assert [pacer.wait(), pacer.wait()] == pytest.approx([105.1, 105.2])


def test_a_clock_that_stands_still_cannot_hold_a_frame_back_for_long() -> None:
    clock = Held()
    waits = Waits(clock)
    pacer = paced(clock, waits)
    for _ in range(5):
        pacer.wait()
        clock.at_s = 100.0
    assert max(waits.waited) == pytest.approx(0.1)
