"""Keep a made-up camera at the rate of a real one."""

from __future__ import annotations

import threading

from station.ports.clock import Clock


class Pacer:
    """Wait until the next frame of a steady rate is due."""

    def __init__(self, clock: Clock, frames_per_s: float) -> None:
        self._clock = clock
        self._interval_s = 1 / frames_per_s
        self._due_s = clock.monotonic()
        self._never = threading.Event()

    def wait(self) -> float:
        """Wait for the next frame's moment and return it, monotonic.

        Who comes late gets the next frame at once, and the rate starts anew from there: nothing is caught up.
        """
        now = self._clock.monotonic()
        self._due_s += self._interval_s
        late = self._due_s < now
        if late:
            self._due_s = now
        else:
            self._never.wait(min(self._due_s - now, self._interval_s))
        return self._clock.monotonic()
