"""How long a test waits: as long as the busiest machine takes. A wait ends when what must come is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot

PATIENCE_S = 40.0
PATIENCE_MS = 40_000


def until(condition: Callable[[], object], patience_s: float = 60.0) -> None:
    """Ask until it holds; for what another process does, and tells nobody of."""
    end, moment = time.monotonic() + patience_s, threading.Event()
    while not condition():
        assert time.monotonic() < end, f"it did not come within {patience_s:.0f} s"
        moment.wait(0.01)


class PatientBot(QtBot):
    """Wait so long wherever a test names no time: five seconds, pytest-qt's own, can pass on two busy processors."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802
        """Wait until ``callback`` is true, or asserts nothing false."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> Any:  # noqa: N802
        """Wait for a signal."""
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> Any:  # noqa: N802
        """Wait for signals."""
        return super().waitSignals(signals, timeout=timeout, **options)

    def waitExposed(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:  # noqa: N802
        """Wait until a window is on the screen."""
        return super().waitExposed(widget, timeout=timeout)

    def waitActive(self, widget: Any, *, timeout: int = PATIENCE_MS) -> Any:  # noqa: N802
        """Wait until a window has the keyboard."""
        return super().waitActive(widget, timeout=timeout)
