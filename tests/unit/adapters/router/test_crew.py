"""Helpers: as many as there is work for, everything that was begun is ended, nobody stays."""

from __future__ import annotations

import threading

import pytest

from station.adapters.router import crew as module
from station.adapters.router.crew import ThreadCrew

PATIENCE_S = 20.0


def network_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("network-")]


def test_jobs_that_wait_for_each_other_are_done_at_the_same_time() -> None:
    crew, together = ThreadCrew(4), threading.Barrier(4)
    done: list[int] = []

    def job() -> None:
        together.wait(PATIENCE_S)
        done.append(1)

    for _each in range(8):
        crew.submit(job)
    while len(done) < 8:
        threading.Event().wait(0.01)
    assert len(network_threads()) == 4
    crew.close()
    assert network_threads() == []


def test_who_is_free_is_given_the_next_one() -> None:
    crew, done = ThreadCrew(8), threading.Event()
    for _each in range(5):
        done.clear()
        crew.submit(done.set)
        assert done.wait(PATIENCE_S)
        while crew._free < 1:
            threading.Event().wait(0.01)
    assert len(network_threads()) == 1
    crew.close()


def test_what_was_not_begun_never_is() -> None:
    crew, begun, may_end = ThreadCrew(1), threading.Event(), threading.Event()
    done: list[int] = []

    def slow() -> None:
        begun.set()
        may_end.wait(PATIENCE_S)

    crew.submit(slow)
    crew.submit(lambda: done.append(1))
    assert begun.wait(PATIENCE_S)
    closing = threading.Thread(target=crew.close)
    closing.start()
    while not crew._jobs.empty() and closing.is_alive():
        threading.Event().wait(0.01)
        if crew._jobs.qsize() == 1:  # the word that it is over
            break
    may_end.set()
    closing.join(PATIENCE_S)
    assert done == []


def test_closing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CLOSE_DEADLINE_S", 0.05)
    crew, may_end = ThreadCrew(1), threading.Event()
    crew.submit(lambda: may_end.wait(PATIENCE_S) and None)
    crew.close()
    assert network_threads() == ["network-1"]
    may_end.set()
