"""QtTasks: the one bridge from worker threads to the window, a thread of its own for each lane."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

from station.domain.errors import Cancelled, StationError
from station.ports.tasks import Cancel, Lane

T = TypeVar("T")
_log = logging.getLogger(__name__)
_BEGIN = QEvent.Type(QEvent.registerEventType())
_AFTER_PAINTING = Qt.EventPriority.LowEventPriority.value - 1


@dataclass(slots=True, eq=False)
class _Work:
    """One piece of work; also the handle that the asker keeps."""

    call: Callable[[Cancel], Any]
    done: Callable[[Any], None] | None
    failed: Callable[[Exception], None] | None
    stop: Cancel = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask it to stop."""
        self.stop.set()


class _Worker:
    """The thread of one lane: takes work in order until it is told to end."""

    def __init__(self, lane: Lane, deliver: Callable[[Callable[[], None]], None], threads: int = 1) -> None:
        self._deliver = deliver
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._now: list[_Work] = []
        self._lock = threading.Lock()
        self._closing = False
        names = [f"lane-{lane.value}", *(f"lane-{lane.value}-{number}" for number in range(2, threads + 1))]
        self._threads = [threading.Thread(target=self._run, name=name, daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def add(self, work: _Work) -> None:
        """Put work at the end of the lane."""
        self._waiting.put(work)

    def end(self) -> None:
        """Cancel what runs and take nothing more."""
        with self._lock:
            self._closing = True
            for work in self._now:
                work.cancel()
        for _ in self._threads:
            self._waiting.put(None)

    def join(self, timeout_s: float) -> bool:
        """Wait for the lane's threads; say whether they have ended."""
        until = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            with self._lock:
                # Asked and noted under the lock that end() takes: work that was just taken from the queue is either
                # never begun, or seen by end() and cancelled.
                if self._closing:
                    return
                self._now.append(work)
            self._carry_out(work)
            with self._lock:
                self._now.remove(work)

    def _carry_out(self, work: _Work) -> None:
        try:
            result = _unless_cancelled(work)
        except Exception as error:  # noqa: BLE001 - the border: whatever work raises becomes a report to its asker
            _report(work, error, self._deliver)
        else:
            if work.done is not None:
                done = work.done
                self._deliver(lambda: done(result))


def _unless_cancelled(work: _Work) -> Any:
    # Cancelled while it waited in its lane: nothing of it begins, and whoever asked hears the same as from work that
    # stopped on the way.
    if work.stop.is_set():
        raise Cancelled
    return work.call(work.stop)


def _report(work: _Work, error: Exception, deliver: Callable[[Callable[[], None]], None]) -> None:
    expected = isinstance(error, StationError)
    if not expected:
        _log.error("work failed in a way nobody foresaw", exc_info=error)
    if work.failed is not None:
        failed = work.failed
        deliver(lambda: failed(error))
    elif expected and not isinstance(error, Cancelled):
        _log.error("work failed and nobody asked to hear of it: %s", error)


class QtTasks(QObject):
    """Run work on lanes and bring every result to the thread that made this object."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers: dict[Lane, _Worker] = {}
        self._closed = False
        self._threads: dict[Lane, int] = {}
        self._asked: list[tuple[_Worker, _Work]] = []
        # Queued, also where the GUI thread itself posts: no answer comes in the middle of the call that asked for it.
        self._arrived.connect(self._call, Qt.ConnectionType.QueuedConnection)

    def widen(self, lane: Lane, threads: int) -> None:
        """Have so many threads take a lane's work side by side; before anything was asked of it.

        For printers that stand beside each other: whoever works on this lane keeps to one thread a printer.
        """
        self._threads[lane] = threads

    def run(
        self,
        lane: Lane,
        work: Callable[[Cancel], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> _Work:
        """Run ``work`` on ``lane``; ``done`` or ``failed`` is called on the GUI thread. Closed, it refuses quietly.

        Asked on the GUI thread, it begins when that has painted what is to be painted; elsewhere at once.
        """
        entry = _Work(work, done, failed)
        if self._closed:
            entry.cancel()
            return entry
        # A lane gets its threads when it is first used: a station without a printer or a camera has none that wait for
        # nothing.
        if lane not in self._workers:
            self._workers[lane] = _Worker(lane, self.post, self._threads.get(lane, 1))
        worker = self._workers[lane]
        if self.thread().isCurrentThread():
            self._begin_soon(worker, entry)
        else:
            worker.add(entry)
        return entry

    def _begin_soon(self, worker: _Worker, entry: _Work) -> None:
        # A key or an answer led to this, and the window still has to show it: beside work in Python, which only one
        # thread does at a time, that would take twice as long.
        self._asked.append((worker, entry))
        if len(self._asked) == 1:
            QCoreApplication.postEvent(self, QEvent(_BEGIN), _AFTER_PAINTING)

    def event(self, event: QEvent) -> bool:
        """Begin what was asked since the window was painted."""
        if event.type() != _BEGIN:
            return super().event(event)
        asked, self._asked = self._asked, []
        for worker, entry in asked:
            worker.add(entry)
        return True

    def post(self, call: Callable[[], None]) -> None:
        """Run ``call`` on the GUI thread, soon; any thread may ask."""
        if not self._closed:
            self._arrived.emit(call)

    def close(self, timeout_s: float = 5.0) -> None:
        """Cancel everything, then wait for the lanes, the last of the order first; name those that don't end."""
        if self._closed:
            return
        self._closed = True
        self._asked.clear()
        until = time.monotonic() + timeout_s
        # All are told before any is waited for: the time to end is theirs together, not one after the other.
        for worker in self._workers.values():
            worker.end()
        for lane in reversed(Lane):
            worker_of_lane = self._workers.get(lane)
            if worker_of_lane and not worker_of_lane.join(max(0.0, until - time.monotonic())):
                _log.warning("the lane %s did not end within %.1f s", lane.value, timeout_s)

    def _call(self, call: Callable[[], None]) -> None:
        # A signal that was queued before close() arrives after it, when what it would tell may be gone.
        if not self._closed:
            call()
