"""The first moments of a new page: whoever presses now still means the page before."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer

FIRST_MOMENTS_MS = 600
"""People take about a quarter of a second to see that something changed, and as long again to hold back a finger."""


class FirstMoments:
    """Measures how long the same page has been shown."""

    def __init__(self, length_ms: int = FIRST_MOMENTS_MS) -> None:
        self._length_ms = length_ms
        self._seen: object = None
        self._since = QElapsedTimer()
        self._since.start()

    @property
    def over(self) -> bool:
        """Say whether the page has been there long enough to be meant by a key."""
        return self._since.hasExpired(self._length_ms)

    def look(self, seen: object) -> None:
        """Note what is shown now; anything else than before begins anew."""
        if seen != self._seen:
            self._seen = seen
            self._since.restart()
