"""What time a router said it was, kept for the thread that asked, for several ask at once."""

from __future__ import annotations

import threading
from datetime import datetime


# A field of the router would mix up the answers of helpers that ask at the same time.
class _Heard(threading.local):
    at: datetime | None = None


_HEARD = _Heard()


def note_told_at(at: datetime | None) -> None:
    """Keep the time of day of the answer that this thread has just got; ``None`` before it asks."""
    _HEARD.at = at


def told_at() -> datetime | None:
    """Return the time of day of the answer that this thread got last."""
    return _HEARD.at
