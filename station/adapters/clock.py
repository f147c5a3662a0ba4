"""The computer's clock; and the demo's, which can be told to go wrong."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from station.ports.faults import FaultSource


class SystemClock:
    """Tell the computer's own time."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


class VirtualClock(SystemClock):
    """The computer's time, or as many seconds ahead of it as the fault dial says."""

    def __init__(self, faults: FaultSource) -> None:
        self._faults = faults

    def now(self) -> datetime:
        """Return the time of day as a computer with a wrong clock would."""
        fault = self._faults.fault("clock")
        ahead = timedelta(seconds=fault.value) if fault is not None else timedelta()
        return super().now() + ahead
