"""Those who watch hear everything, in order, until they stop."""

from __future__ import annotations

import threading

from station.adapters.reader.bell import Bell
from station.ports.chip import ReaderEvent

IN, OUT = ReaderEvent("card_in", "Desk"), ReaderEvent("card_out", "Desk")


class Ear:
    """Hears events, and can be waited for."""

    def __init__(self) -> None:
        self.heard: list[ReaderEvent] = []
        self._some = threading.Semaphore(0)

    def __call__(self, event: ReaderEvent) -> None:
        """Hear one."""
        self.heard.append(event)
        self._some.release()

    def wait(self, count: int) -> None:
        """Wait until so many more were heard."""
        for _ in range(count):
            assert self._some.acquire(timeout=20)


def test_what_was_there_comes_first_and_then_all_that_happens() -> None:
    bell, one, two = Bell(), Ear(), Ear()
    stop_one = bell.watch(one, [IN])
    stop_two = bell.watch(two, [])
    bell.ring(OUT)
    one.wait(2)
    two.wait(1)
    stop_one()
    stop_one()
    bell.ring(IN)
    two.wait(1)
    stop_two()
    assert (one.heard, two.heard) == ([IN, OUT], [OUT, IN])


def test_who_watches_may_stop_out_of_a_report() -> None:
    bell, done = Bell(), threading.Event()
    ready = threading.Event()

    def report(_: ReaderEvent) -> None:
        ready.wait(20)
        stop()
        done.set()

    stop = bell.watch(report, [IN])
    ready.set()
    assert done.wait(20)
