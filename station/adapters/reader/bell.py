"""Those who watch virtual readers: each hears of events on a thread of its own, in order."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from station.ports.chip import ReaderEvent

Report = Callable[[ReaderEvent], None]


@dataclass(slots=True)
class _Watcher:
    report: Report
    events: queue.SimpleQueue[ReaderEvent | None] = field(default_factory=queue.SimpleQueue)

    def run(self) -> None:
        """Report events until told to stop."""
        while (event := self.events.get()) is not None:
            self.report(event)


class Bell:
    """Rings for everybody who watches. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watchers: list[_Watcher] = []

    def ring(self, event: ReaderEvent) -> None:
        """Have everybody hear of an event; waits for nobody."""
        with self._lock:
            for watcher in self._watchers:
                watcher.events.put(event)

    def watch(self, report: Report, first: Iterable[ReaderEvent]) -> Callable[[], None]:
        """Call ``report`` for ``first`` and for each event after it, until the returned function is called."""
        watcher = _Watcher(report)
        thread = threading.Thread(target=watcher.run, name="virtual-readers", daemon=True)
        with self._lock:
            for event in first:
                watcher.events.put(event)
            # Under one lock with what is there already: an event in between would be missed, or be told twice.
            self._watchers.append(watcher)
        thread.start()

        def stop() -> None:
            with self._lock:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)
                    watcher.events.put(None)
            # Whoever stops watching out of a report would wait for itself.
            if thread is not threading.current_thread():
                thread.join()

        return stop
