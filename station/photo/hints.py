"""One hint at a time, and calm: a hint that comes and goes is not shown, and one that is shown stays to be read."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")

STEADY_S = 0.35
READ_S = 1.0


class Calm(Generic[T]):
    """Passes on a value when it has been the same for a while, and the one before was there long enough.

    Pure: it knows the time only from ``at_s``, which never goes back. Values are compared by ``==``.
    """

    def __init__(self, *, steady_s: float = STEADY_S, read_s: float = READ_S) -> None:
        self._steady_s, self._read_s = steady_s, read_s
        self._shown: T | None = None
        self._shown_s = float("-inf")
        self._wanted: T | None = None
        self._wanted_s = float("-inf")

    @property
    def shown(self) -> T | None:
        """Return what is shown."""
        return self._shown

    def feed(self, value: T | None, at_s: float) -> T | None:
        """Take in what would be said now; return what is said."""
        if value != self._wanted:
            self._wanted, self._wanted_s = value, at_s
        steady = at_s - self._wanted_s >= self._steady_s
        read = self._shown is None or at_s - self._shown_s >= self._read_s
        if self._wanted != self._shown and steady and read:
            self._shown, self._shown_s = self._wanted, at_s
        return self._shown
