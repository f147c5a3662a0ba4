"""What everything that takes jobs must do with them: here and now, or in processes of their own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from station.adapters.workers import InlineWorkers, ProcessWorkers
from station.domain.errors import PortraitError, WorkerLostError
from station.ports.workers import Workers
from tests.helpers.jobs import ENDS_ITS_PROCESS, IS_REFUSED, own_process, squared


@pytest.fixture(params=["inline", "processes"])
def workers(request: pytest.FixtureRequest) -> Workers:
    """Give one kind after the other."""
    return InlineWorkers() if request.param == "inline" else ProcessWorkers(2)


def test_every_job_comes_with_its_result(workers: Workers) -> None:
    done = list(workers.each(squared, range(40), cancel=threading.Event()))
    assert sorted(done) == [(number, number * number) for number in range(40)]


def test_no_jobs_are_no_work(workers: Workers) -> None:
    assert list(workers.each(squared, (), cancel=threading.Event())) == []


def test_what_is_refused_comes_with_its_error_whole(workers: Workers) -> None:
    done = dict(workers.each(squared, [1, IS_REFUSED, 3], cancel=threading.Event()))
    assert (done[1], done[3]) == (1, 9)
    error = done[IS_REFUSED]
    assert isinstance(error, PortraitError)
    assert "-2.jpg" in str(error)
    assert error.params["detail"] == "refused"


def test_after_cancel_no_more_jobs_are_taken(workers: Workers) -> None:
    cancel = threading.Event()
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    done = []
    for pair in workers.each(squared, jobs(), cancel=cancel):
        done.append(pair)
        cancel.set()
    assert done
    assert len(taken) < 50  # not all of them at once either: that is what keeps the memory small


def test_processes_are_not_this_one_and_are_gone_afterwards() -> None:
    found = {result for _, result in ProcessWorkers(2).each(own_process, range(20), cancel=threading.Event())}
    assert os.getpid() not in found
    assert 1 <= len(found) <= 2
    for process in found:
        assert isinstance(process, int)
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.mark.parametrize("place", [0, 7, 29])
def test_a_job_that_ends_its_process_spoils_no_other(place: int) -> None:
    jobs = list(range(30))
    jobs[place] = ENDS_ITS_PROCESS
    done = dict(ProcessWorkers(2).each(squared, jobs, cancel=threading.Event()))
    assert isinstance(done.pop(ENDS_ITS_PROCESS), WorkerLostError)
    assert done == {number: number * number for number in jobs if number >= 0}
