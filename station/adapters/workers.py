"""Workers: processes of their own, a few at a time and of low priority; or here and now, one after the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

from station.domain.errors import StationError, WorkerLostError
from station.ports.tasks import Cancel

J = TypeVar("J")
R = TypeVar("R")

MOST_PROCESSES = 4
"""More would not read a disk faster, and each takes some 200 MB while it looks at a large picture."""
_AHEAD = 2  # jobs waiting for each process, so that none of them idles
_LOOK_S = 0.2
_BELOW_NORMAL = 0x4000  # BELOW_NORMAL_PRIORITY_CLASS, winbase.h


class InlineWorkers:
    """Implement ``ports.workers.Workers`` on the caller's own thread."""

    def each(
        self, work: Callable[[J], R], jobs: Iterable[J], *, cancel: Cancel
    ) -> Iterator[tuple[J, R | StationError]]:
        """Yield every job with what ``work`` made of it, in order."""
        for job in jobs:
            if cancel.is_set():
                return
            yield job, _result_of(work, job)


class ProcessWorkers:
    """Implement ``ports.workers.Workers`` in processes that are begun when there is work and ended after it."""

    def __init__(self, processes: int | None = None) -> None:
        self._processes = processes or min(MOST_PROCESSES, os.cpu_count() or 1)

    def each(
        self, work: Callable[[J], R], jobs: Iterable[J], *, cancel: Cancel
    ) -> Iterator[tuple[J, R | StationError]]:
        """Yield every job with what ``work`` made of it, as they end."""
        remaining = iter(jobs)
        while not cancel.is_set():
            lost = yield from self._round(work, remaining, self._processes, cancel)
            if not lost:
                return
            # One of these ended the process, nobody knows which: alone, each answers for itself only.
            for job in lost:
                if cancel.is_set():
                    return
                if (yield from self._round(work, iter([job]), 1, cancel)):
                    yield job, WorkerLostError()

    def _round(
        self, work: Callable[[J], R], jobs: Iterator[J], processes: int, cancel: Cancel
    ) -> Generator[tuple[J, R | StationError], None, list[J]]:
        """Yield what is done until the jobs are, or a process is lost; return the jobs that were lost with it."""
        # Never a copy of this process: it has a window, threads and an open database.
        pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_step_back)
        running: dict[Future[R | StationError], J] = {}
        lost: list[J] = []
        try:
            while not cancel.is_set():
                try:
                    # A few at a time: there may be thousands of pictures, which are looked for no faster than they are
                    # done.
                    for job in islice(jobs, 0 if lost else processes * (1 + _AHEAD) - len(running)):
                        lost.append(job)  # until it is in: what breaks while it is handed over is lost too
                        running[pool.submit(_result_of, work, job)] = lost.pop()
                except BrokenProcessPool:
                    pass  # and so are all that run, as they say themselves
                if not running:
                    break
                for ended in wait(running, _LOOK_S, FIRST_COMPLETED).done:
                    job = running.pop(ended)
                    try:
                        result = ended.result()
                    except BrokenProcessPool:
                        lost.append(job)
                    else:
                        yield job, result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return lost


def _result_of(work: Callable[[J], R], job: J) -> R | StationError:
    try:
        return work(job)
    except StationError as error:
        return error


def _step_back() -> None:
    """Let the window go first wherever both want the processor, and keep to one core a process."""
    os.environ["OPENCV_FOR_THREADS_NUM"] = "1"  # read when it is loaded, which is when there is something to do
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(10)
