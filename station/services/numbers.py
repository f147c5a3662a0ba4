"""Card numbers made here: offline, growing across restarts, never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from station.domain.errors import StoreConflictError
from station.domain.escn import next_escn, parse_escn
from station.domain.workflow import Began
from station.ports.clock import Clock
from station.ports.store import EscnStore, IssuanceStore

LOOKED_AT = 2000
"""So many of the newest entries of the journal show who gives out which numbers."""


class EscnIssuer:
    """Make European Student Card Numbers for one prefix and PIC.

    The time value of the last number is kept durably before the number is used, so a crash can only waste one.
    """

    def __init__(
        self, store: EscnStore, clock: Clock, *, prefix: int, pic: str, random_bits: Callable[[int], int]
    ) -> None:
        self._store, self._clock, self._prefix, self._pic, self._random_bits = store, clock, prefix, pic, random_bits
        self._lock = threading.Lock()

    def take(self) -> str:
        """Return a number that nobody has had.

        Raises:
            StoreError: it could not be kept; no number was given out.
        """
        with self._lock:
            while True:
                # Asked each time and not remembered: other stations, and other programs of this one, may use the same
                # range.
                last = self._store.last_value(self._prefix, self._pic)
                # A clock that was set back gives less than ``last``; the number is then made from ``last``, and grows
                # anyway.
                now_ms = int(self._clock.now().timestamp() * 1000)
                escn, value = next_escn(now_ms, last, self._random_bits(14), self._prefix, self._pic)
                try:
                    self._store.advance(self._prefix, self._pic, value)
                except StoreConflictError:
                    continue  # another process of this prefix was faster: take the next one
                return escn


def same_prefix(
    store: IssuanceStore, station: str, prefixes: Collection[tuple[str, int]]
) -> tuple[tuple[str, int], ...]:
    """Return which other stations lately gave out numbers of the same PIC and prefix as this one, and of which.

    While the database answers they take turns; with it away each would go on by itself, from the same number.
    """
    found: dict[tuple[str, int], None] = {}
    for entry in store.journal_since(limit=LOOKED_AT):
        if isinstance(entry.event, Began) and entry.station != station:
            number = parse_escn(entry.event.escn)
            if (number.pic, number.prefix) in prefixes:
                found[entry.station, number.prefix] = None
    return tuple(found)
