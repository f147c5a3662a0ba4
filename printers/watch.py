"""How long things have lasted while a job is followed: what to bother a person with, and when to give up."""

from __future__ import annotations

import threading
import time

from printers.api import JobState, PrinterReason
from printers.spooler import SpoolJob

_POLL_S = 0.25
_CANCEL_DEADLINE_S = 10.0
# How long a trouble must last before a person hears of it. A reason is left over from the last job until CUPS has
# looked at the printer again; a connection may take a moment; a restarted spooler comes back by itself.
_GRACE_S = 0.5
_GRACE_AWAY_S = 3.0


class Watch:
    """How long things have lasted while a job is followed."""

    def __init__(self, card_time_s: float) -> None:
        self._card_time_s = card_time_s
        self._since: dict[PrinterReason, float] = {}
        self._printing_since: float | None = None
        self._asked_at: float | None = None
        self._pause = threading.Event()

    def pause(self) -> None:
        """Wait a moment before the next look."""
        self._pause.wait(_POLL_S)

    def lasting(self, reasons: tuple[PrinterReason, ...], found: SpoolJob | None = None) -> tuple[PrinterReason, ...]:
        """Return those reasons that have been there long enough to bother a person; a stalled job is one, too."""
        now = time.monotonic()
        self._since = {reason: self._since.get(reason, now) for reason in reasons}
        if reasons:  # a card that waits for somebody doesn't stall, nor does it once it goes on
            self._printing_since = None
        lasting = tuple(reason for reason, since in self._since.items() if now - since >= _grace(reason))
        return lasting or ((PrinterReason.OTHER,) if found is not None and not reasons and self._stalled(found) else ())

    def progress(self, found: SpoolJob) -> tuple[str, float]:
        """Return the step and, by the model's time for a card, a guess how much of it is done."""
        if found.job_state is not JobState.PRINTING:
            return "queued", 0.0
        # Never whole by the clock: that a card is out only the printer says.
        return "printing", min(0.95, self._printing_s(found) / max(self._card_time_s, 0.1))

    def first_asked(self) -> bool:
        """Say whether this is the first time that it is asked to stop."""
        if self._asked_at is not None:
            return False
        self._asked_at = time.monotonic()
        return True

    def asked_long_ago(self) -> bool:
        """Say whether the spooler has had time enough to stop."""
        return self._asked_at is not None and time.monotonic() - self._asked_at > _CANCEL_DEADLINE_S

    def _stalled(self, found: SpoolJob) -> bool:
        return self._printing_s(found) > max(60.0, 4 * self._card_time_s)

    def _printing_s(self, found: SpoolJob) -> float:
        if found.job_state is not JobState.PRINTING:
            self._printing_since = None
            return 0.0
        self._printing_since = self._printing_since or time.monotonic()
        return time.monotonic() - self._printing_since


def _grace(reason: PrinterReason) -> float:
    return _GRACE_AWAY_S if reason is PrinterReason.OFFLINE else _GRACE_S
