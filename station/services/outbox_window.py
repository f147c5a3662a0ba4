"""How many requests may be on their way to a router at once: gently at first, then as many as it bears."""

from __future__ import annotations

START = 8
MOST = 64

# With a margin besides: of answers in a few milliseconds four times as long is nothing yet.
_CALM_FACTOR = 4.0
_CALM_MARGIN_S = 0.5
# Old answers count less and less: about the last twenty make the mean.
_WEIGHT = 0.05


class Window:
    """A bound that moves (one thread). Nobody knows what a router bears, and it may change in the middle.

    One request goes first, until an answer shows that the router works at all; so a refused key, or a cable that is
    out, costs one try and not a whole window. Then ``start`` go at once, and with each good answer one more, which
    doubles the window every round trip, until the router pushes back (429, 5xx, no answer) or answers take several
    times as long as its best ones: then the window shrinks, and grows by one a round trip from there.
    """

    def __init__(self, start: int = START, most: int = MOST) -> None:
        self._start, self._most = max(1, min(start, most)), max(1, most)
        self._size = 1.0
        self._ceiling = float(self._most)
        self._tried = False
        self._best_s = self._mean_s = 0.0
        self._since_cut = 0

    @property
    def size(self) -> int:
        """Return how many may be on their way now."""
        return int(self._size)

    def answered(self, took_s: float) -> None:
        """Note an answer that shows that the router works, and how long it took."""
        self._since_cut += 1
        if not self._tried:
            self._tried, self._size = True, float(min(self._start, self._ceiling))
            self._best_s = self._mean_s = took_s
            return
        self._best_s = min(self._best_s, took_s)
        self._mean_s += _WEIGHT * (took_s - self._mean_s)
        if self._mean_s > self._best_s * _CALM_FACTOR + _CALM_MARGIN_S:
            self._cut(0.75)
        elif self._size < self._ceiling:
            self._size = min(self._size + 1.0, self._ceiling)
        elif self._ceiling < self._most:
            self._ceiling = min(self._ceiling + 1.0 / self._size, float(self._most))

    def pushed_back(self) -> None:
        """Note that the router wants less: 429."""
        self._cut(0.5)

    def failed(self) -> None:
        """Note that the router has trouble or can't be reached: one goes first again."""
        self._cut(0.5)
        self._size, self._tried = 1.0, False

    def _cut(self, share: float) -> None:
        # Once a round trip: all that were on their way together tell of the same moment.
        if self._since_cut < self.size and self._ceiling < self._most:
            return
        self._size = self._ceiling = max(1.0, self._size * share)
        self._since_cut = 0
        self._mean_s = self._best_s
