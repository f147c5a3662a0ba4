"""Time that passes only when everybody waits: hours of a desk in seconds, the same every time.

Each actor is a thread, but only one of them runs at a time; ``sleep`` hands the turn to whoever wakes up first. So the
station's own blocking services work unchanged, and nothing depends on how fast this computer is.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(order=True)
class _Sleeper:
    at_s: float
    number: int
    turn: threading.Event = field(default_factory=threading.Event, compare=False)


class SimulatedTime:
    """A clock, and the turns of those who live by it; implements ``ports.clock.Clock``."""

    def __init__(self, begins: datetime) -> None:
        self._begins, self._now_s = begins, 0.0
        self._waiting: list[_Sleeper] = []
        self._numbers = itertools.count()
        self._living = 0
        self._over = threading.Event()
        self.broken: list[BaseException] = []

    def now(self) -> datetime:
        """Return the time of day."""
        return self._begins + timedelta(seconds=self._now_s)

    def monotonic(self) -> float:
        """Return seconds since it began."""
        return self._now_s

    def spawn(self, life: Callable[[], None], *, at_s: float = 0.0) -> None:
        """Have an actor begin at ``at_s``."""
        me = self._enter(max(at_s, self._now_s))
        self._living += 1

        def live() -> None:
            me.turn.wait()
            try:
                life()
            except BaseException as error:
                self.broken.append(error)
            finally:
                self._living -= 1
                self._next()

        threading.Thread(target=live, daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Let time pass for this actor."""
        me = self._enter(self._now_s + max(0.0, seconds))
        self._next()
        me.turn.wait()

    def run(self) -> None:
        """Let everybody live to the end; raise what the first broken one raised."""
        self._next()
        self._over.wait()
        if self.broken:
            raise self.broken[0]

    def _enter(self, at_s: float) -> _Sleeper:
        sleeper = _Sleeper(at_s, next(self._numbers))
        heapq.heappush(self._waiting, sleeper)
        return sleeper

    def _next(self) -> None:
        if self.broken or not self._waiting:
            self._over.set()
            return
        sleeper = heapq.heappop(self._waiting)
        self._now_s = max(self._now_s, sleeper.at_s)
        sleeper.turn.set()
