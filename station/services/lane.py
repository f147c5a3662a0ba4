"""When a lane to the outside rests: nobody is asked again and again while nobody can answer."""

from __future__ import annotations

import threading
from datetime import timedelta

from station.domain.errors import RouterError
from station.ports.clock import Clock


class LaneRest:
    """Count failures in a row and keep a rest; measured by the clock that is never set. Safe from any thread."""

    def __init__(self, clock: Clock, in_a_row_max: int) -> None:
        self._clock, self._in_a_row_max = clock, in_a_row_max
        self._lock = threading.Lock()
        self._until_s: float | None = None
        self._why: RouterError | None = None
        self._rests = self._in_a_row = 0

    @property
    def why(self) -> RouterError | None:
        """Return why the lane rests, ``None`` when it does not."""
        with self._lock:
            return self._why

    @property
    def rests(self) -> int:
        """Return how many rests there were since something last worked."""
        with self._lock:
            return self._rests

    def left(self) -> timedelta:
        """Return how long the lane still rests."""
        with self._lock:
            seconds = 0.0 if self._until_s is None else self._until_s - self._clock.monotonic()
        return timedelta(seconds=max(0.0, seconds))

    def failed(self) -> bool:
        """Note a failure; return whether there were so many in a row that it is not the entries' fault."""
        with self._lock:
            self._in_a_row += 1
            return self._in_a_row >= self._in_a_row_max

    def begin(self, why: RouterError, wait: timedelta) -> None:
        """Rest for ``wait``."""
        with self._lock:
            self._until_s, self._why = self._clock.monotonic() + wait.total_seconds(), why
            self._rests += 1

    def end(self) -> bool:
        """Note that something worked; return whether there had been a rest."""
        with self._lock:
            had_rested, self._rests = self._rests > 0, 0
            self._until_s, self._why, self._in_a_row = None, None, 0
        return had_rested
