"""When a lane to the outside rests: nobody is asked again and again while nobody can answer."""

from __future__ import annotations

import threading
from datetime import timedelta

from station.domain.errors import RouterError
from station.ports.clock import Clock


# The wall clock is no measure here: one that is set back by an hour would make every rest an hour longer.
class LaneRest:
    """Count failures in a row and keep a rest; measured by the clock that is never set. Safe from any thread."""

    def __init__(self, clock: Clock, in_a_row_max: int) -> None:
        self._clock, self._in_a_row_max = clock, in_a_row_max
        self._lock = threading.Lock()
        self._until_s: float | None = None
        self._began_s = 0.0
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

    @property
    def began_s(self) -> float:
        """Return when the last rest began, by the clock that is never set."""
        with self._lock:
            return self._began_s

    def left(self) -> timedelta:
        """Return how long the lane still rests."""
        with self._lock:
            seconds = 0.0 if self._until_s is None else self._until_s - self._clock.monotonic()
        return timedelta(seconds=max(0.0, seconds))

    def failed(self) -> bool:
        """Note a failure; return whether there were so many in a row that it is not the entries' fault."""
        with self._lock:
            # The caller knows from one answer whose fault it may be; only the count tells the router's trouble from an
            # entry's.
            self._in_a_row += 1
            return self._in_a_row >= self._in_a_row_max

    def begin(self, why: RouterError, wait: timedelta) -> None:
        """Rest for ``wait``."""
        with self._lock:
            self._began_s = self._clock.monotonic()
            self._until_s, self._why = self._began_s + wait.total_seconds(), why
            self._rests += 1

    def end(self) -> bool:
        """Note that something worked; return whether there had been a rest."""
        with self._lock:
            # The number of rests sets how long the next one is: once something worked, it begins with the shortest
            # again.
            had_rested, self._rests = self._rests > 0, 0
            self._until_s, self._why, self._in_a_row = None, None, 0
        return had_rested


class KeyRests:
    """The rests of single institutions, whose key the router refuses while it takes another's. Safe from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # A key is bound to one PIC: that ESC-Router refuses it says nothing of another institution's.
        self._by_pic: dict[str, LaneRest] = {}

    @property
    def why(self) -> RouterError | None:
        """Return why one of them rests, ``None`` when none does."""
        return next((rest.why for rest in self._all() if rest.why is not None), None)

    def left(self, pic: str) -> timedelta:
        """Return how long an institution still rests."""
        rest = self._by_pic.get(pic)
        return timedelta() if rest is None else rest.left()

    def any_left(self) -> bool:
        """Tell whether an institution rests."""
        return any(rest.left() for rest in self._all())

    def begin(self, pic: str, why: RouterError, wait: timedelta) -> None:
        """Let an institution rest for ``wait``."""
        # A failure of its own is no sign of anything general: the count in a row is the lane's.
        self._by_pic.setdefault(pic, LaneRest(self._clock, 1)).begin(why, wait)

    def end(self, pic: str | None = None) -> bool:
        """Note that an institution's key works, or that all shall be tried again; return whether one had rested."""
        # The copy: the worker may add an institution while a person's "send now" ends all rests from another thread. A
        # list, for any() over a generator would stop at the first one that had rested and leave the others resting.
        ended = [rest.end() for key, rest in tuple(self._by_pic.items()) if pic is None or key == pic]
        return any(ended)

    def _all(self) -> tuple[LaneRest, ...]:
        return tuple(self._by_pic.values())
