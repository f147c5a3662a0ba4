"""Threads that talk to the router at the same time, while there is much to tell; nobody idles when there is not."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

CLOSE_DEADLINE_S = 3.0


class ThreadCrew:
    """Implement ``ports.router.Crew``: up to ``most`` threads, begun one by one as there is work for them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._free = 0

    def submit(self, job: Callable[[], None]) -> None:
        """Have ``job`` done soon; it must not raise."""
        with self._lock:
            # Counted by hand: a queue doesn't say whether somebody is waiting at it. The count may fall below nothing,
            # by the jobs that lie there, and is right again when they are taken.
            begin = self._free == 0 and len(self._threads) < self._most
            if not begin:
                self._free -= 1
        self._jobs.put(job)
        if begin:
            # Daemons: a router that never answers must not keep the program from ending.
            thread = threading.Thread(target=self._work, name=f"network-{len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Return when every job that was begun has ended, or the deadline is over; those not begun never are."""
        try:
            while True:
                self._jobs.get_nowait()
        except queue.Empty:
            pass
        for _each in self._threads:
            self._jobs.put(None)
        until = time.monotonic() + CLOSE_DEADLINE_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            with self._lock:
                self._free += 1
