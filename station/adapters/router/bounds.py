"""How long an answer may take and how large it may be, altogether.

A time-out is for one piece of an answer: a proxy that sends a byte every few seconds would hold a lane of the outbox
for as long as it likes, and one that never stops would fill the memory.
"""

from __future__ import annotations

import time

import httpx

TIMES_MAX = 4
"""So many time-outs may a whole answer take."""

LARGEST = 32 * 1024 * 1024
"""Bytes. The largest there is, a page of ten cards with their pictures, has some three million."""


class Bounds:
    """Count one answer as it comes (one thread)."""

    def __init__(self, request: httpx.Request) -> None:
        wait_s = request.extensions.get("timeout", {}).get("read")
        self.whole_s: float | None = None if wait_s is None else TIMES_MAX * wait_s
        self._until_s = None if self.whole_s is None else time.monotonic() + self.whole_s
        self._left = LARGEST

    def take(self, part: bytes) -> bytes:
        """Return a part that came in time, and of an answer that is not too large.

        Raises:
            httpx.ReadTimeout, httpx.DecodingError: it did not, or is too large.
        """
        self._left -= len(part)
        if self._left < 0:
            raise httpx.DecodingError("the answer is too large")
        if self._until_s is not None and time.monotonic() > self._until_s:
            raise httpx.ReadTimeout("the answer takes too long altogether")
        return part
