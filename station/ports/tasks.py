"""Background work: one lane a device family, results always back where the asker lives."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, TypeVar

T = TypeVar("T")
Cancel = threading.Event
Progress = Callable[[str, float], None]
"""Called with a step's name and a share from 0 to 1."""


class Lane(StrEnum):
    """A worker thread of its own; work of one lane runs one after the other, in order.

    ``analysis`` looks at the camera's newest frame, and drops those that it has no time for.
    ``lookup`` reads what a person waits for and never waits for a device; ``status`` asks the devices how they are.
    ``review`` is busy for minutes with many pictures, so that nothing else ever waits behind it. ``design`` checks and
    keeps what is drawn in the designer, so that no card at the desk waits for that. ``ask`` asks ESC-Router what a
    person wants to know of a card; it may take as long as the network does. ``compare`` walks through all its cards,
    for minutes or hours. ``news`` waits for what other stations write.
    """

    CAMERA = "camera"
    ANALYSIS = "analysis"
    CHIP = "chip"
    PRINTER = "printer"
    NETWORK = "network"
    WORK = "work"
    LOOKUP = "lookup"
    STATUS = "status"
    REVIEW = "review"
    DESIGN = "design"
    ASK = "ask"
    NEWS = "news"
    COMPARE = "compare"


class Handle(Protocol):
    """One piece of work under way."""

    def cancel(self) -> None:
        """Ask it to stop; ``failed`` is called with ``Cancelled`` if it does."""


class Tasks(Protocol):
    """Run work away from the window."""

    def run(
        self,
        lane: Lane,
        work: Callable[[Cancel], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> Handle:
        """Run ``work`` on ``lane``; call ``done`` or ``failed`` on the asker's own thread.

        An error without ``failed`` is logged, never lost.
        """

    def post(self, call: Callable[[], None]) -> None:
        """Run ``call`` on the asker's own thread; for reports from callbacks on device threads."""

    def close(self, timeout_s: float = 5.0) -> None:
        """Cancel what runs, wait for the lanes in reverse order, at most ``timeout_s``."""
