"""Counted tasks are at rest when every asker has heard, and not before."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from station.domain.errors import StationError
from station.ports.tasks import Cancel, Lane
from tests.helpers.counted_tasks import CountedTasks
from tests.helpers.patience import PATIENCE_S


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[CountedTasks]:
    made = CountedTasks()
    yield made
    made.close(PATIENCE_S)


def failing(_cancel: Cancel) -> None:
    raise StationError(detail="x")


def test_they_are_at_rest_when_the_last_answer_was_brought(qtbot: QtBot, tasks: CountedTasks) -> None:
    go, resting = threading.Event(), list[bool]()
    assert tasks.at_rest
    tasks.run(Lane.LOOKUP, lambda _c: go.wait(PATIENCE_S), done=lambda _r: resting.append(tasks.at_rest))
    assert not tasks.at_rest
    go.set()
    qtbot.waitUntil(lambda: tasks.at_rest)
    assert resting == [False], "its asker had still to act on it"


def test_what_an_answer_leads_to_is_waited_for_too(qtbot: QtBot, tasks: CountedTasks) -> None:
    told: list[int] = []
    tasks.run(Lane.LOOKUP, lambda _c: 1, done=lambda _r: tasks.run(Lane.WORK, lambda _c: 2, done=told.append) and None)
    qtbot.waitUntil(lambda: tasks.at_rest)
    assert told == [2]


@pytest.mark.expects_log("station.ui.tasks", "nobody asked to hear of it")
def test_an_error_is_an_answer(qtbot: QtBot, tasks: CountedTasks) -> None:
    errors: list[Exception] = []
    tasks.run(Lane.LOOKUP, failing, failed=errors.append)
    tasks.run(Lane.LOOKUP, failing)
    qtbot.waitUntil(lambda: tasks.at_rest)
    assert len(errors) == 1


def test_what_was_cancelled_or_never_ends_is_not_waited_for(tasks: CountedTasks) -> None:
    tasks.run(Lane.CAMERA, lambda cancel: cancel.wait(PATIENCE_S))
    assert tasks.at_rest
    handle = tasks.run(Lane.WORK, lambda cancel: cancel.wait(PATIENCE_S))
    assert not tasks.at_rest
    handle.cancel()
    assert tasks.at_rest
