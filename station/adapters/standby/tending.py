"""The thread that looks after a desk's store: it copies, asks whether the shared store is back, and merges."""

from __future__ import annotations

import threading

from station.adapters.standby.store import DeskStore

_LAST_WAIT_S = 10.0


class Tender:
    """Call ``DeskStore.tend`` again and again, on a thread of its own, until the store is closed."""

    def __init__(self, store: DeskStore) -> None:
        self._store = store
        self._stopped, self._due = threading.Event(), threading.Event()
        # A daemon: a server that is silent in the middle of a page must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name="standby", daemon=True)
        store.wake, store.stop_tending = self._due.set, self.stop

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits for the page that is being copied."""
        self._stopped.set()
        self._due.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_LAST_WAIT_S)

    def _run(self) -> None:
        while not self._stopped.is_set():
            wait_s = self._store.tend(self._stopped.is_set)
            self._due.wait(wait_s)
            self._due.clear()
