"""QtTasks: order in a lane, results on the GUI thread, cancel, errors, and a clean end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QThread
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from station.domain.errors import Cancelled, CardAbsentError, StationError
from station.ports.tasks import Cancel, Lane
from station.ui.tasks import QtTasks
from tests.helpers.patience import PATIENCE_S


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[QtTasks]:
    made = QtTasks()
    yield made
    made.close(PATIENCE_S)


def test_results_arrive_on_the_asking_thread_in_order(qtbot: QtBot, tasks: QtTasks) -> None:
    got: list[tuple[int, bool]] = []
    gui = QThread.currentThread()
    for n in range(20):
        tasks.run(Lane.WORK, lambda _c, n=n: n, done=lambda n: got.append((n, QThread.currentThread() is gui)))
    qtbot.waitUntil(lambda: len(got) == 20)
    assert got == [(n, True) for n in range(20)]


def test_each_lane_has_a_thread_of_its_own(qtbot: QtBot, tasks: QtTasks) -> None:
    names: dict[Lane, str] = {}
    both = threading.Barrier(2)

    def work(_cancel: Cancel) -> str:
        both.wait(PATIENCE_S)
        return threading.current_thread().name

    for lane in (Lane.CHIP, Lane.PRINTER):
        tasks.run(lane, work, done=lambda name, lane=lane: names.__setitem__(lane, name))
    qtbot.waitUntil(lambda: len(names) == 2)
    assert names == {Lane.CHIP: "lane-chip", Lane.PRINTER: "lane-printer"}


def test_an_error_goes_to_its_asker(qtbot: QtBot, tasks: QtTasks) -> None:
    errors: list[Exception] = []

    def work(_cancel: Cancel) -> None:
        raise CardAbsentError(device="R")

    tasks.run(Lane.CHIP, work, failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], CardAbsentError)


@pytest.mark.expects_log("station.ui.tasks", "nobody asked to hear of it")
def test_an_error_that_nobody_asked_for_is_logged(qtbot: QtBot, tasks: QtTasks) -> None:
    def work(_cancel: Cancel) -> None:
        raise StationError(detail="x")

    after: list[int] = []
    tasks.run(Lane.WORK, work)
    tasks.run(Lane.WORK, lambda _c: 1, done=after.append)
    qtbot.waitUntil(lambda: bool(after))


@pytest.mark.expects_log("station.ui.tasks", "nobody foresaw")
def test_an_unforeseen_error_is_logged_and_the_lane_goes_on(qtbot: QtBot, tasks: QtTasks) -> None:
    errors: list[Exception] = []
    after: list[int] = []
    tasks.run(Lane.WORK, lambda _c: 1 // 0, failed=errors.append)
    tasks.run(Lane.WORK, lambda _c: 1, done=after.append)
    qtbot.waitUntil(lambda: bool(after))
    assert isinstance(errors[0], ZeroDivisionError)


def test_work_that_is_cancelled_says_so(qtbot: QtBot, tasks: QtTasks) -> None:
    begun = threading.Event()
    errors: list[Exception] = []

    def work(cancel: Cancel) -> None:
        begun.set()
        if cancel.wait(PATIENCE_S):
            raise Cancelled

    handle = tasks.run(Lane.CHIP, work, failed=errors.append)
    waiting = tasks.run(Lane.CHIP, lambda _c: 1, failed=errors.append)
    qtbot.waitUntil(begun.is_set)
    waiting.cancel()
    handle.cancel()
    qtbot.waitUntil(lambda: len(errors) == 2)
    assert all(isinstance(error, Cancelled) for error in errors)


def test_work_begins_after_the_window_was_painted(qtbot: QtBot, tasks: QtTasks) -> None:
    seen: list[str] = []

    class Painted(QWidget):
        def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
            seen.append("painted")

    widget = Painted()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.waitUntil(lambda: "painted" in seen)
    seen.clear()
    tasks.run(Lane.WORK, lambda _c: seen.append("begun"))
    widget.update()  # as what a key changes is painted after whatever the key began
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == ["painted", "begun"]


def test_work_asked_for_by_another_thread_begins_at_once(qtbot: QtBot, tasks: QtTasks) -> None:
    begun = threading.Event()
    thread = threading.Thread(target=lambda: tasks.run(Lane.WORK, lambda _c: begun.set()))
    thread.start()
    thread.join()
    assert begun.wait(PATIENCE_S), "no event of the window was handled meanwhile"


def test_work_that_waits_for_the_window_is_dropped_at_the_end(qtbot: QtBot) -> None:
    tasks = QtTasks()
    done: list[int] = []
    tasks.run(Lane.WORK, lambda _c: done.append(1))
    tasks.close()
    QCoreApplication.processEvents()
    assert done == []


def test_any_thread_may_post(qtbot: QtBot, tasks: QtTasks) -> None:
    where: list[bool] = []
    gui = QThread.currentThread()
    thread = threading.Thread(target=lambda: tasks.post(lambda: where.append(QThread.currentThread() is gui)))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(where))
    assert where == [True]


def test_closing_cancels_what_runs_and_drops_what_waits(qtbot: QtBot) -> None:
    tasks = QtTasks()
    begun, told = threading.Event(), []

    def work(cancel: Cancel) -> None:
        begun.set()
        cancel.wait(PATIENCE_S)
        told.append("ended")

    tasks.run(Lane.NETWORK, work, done=lambda _r: told.append("delivered"))
    tasks.run(Lane.NETWORK, lambda _c: told.append("never"))
    qtbot.waitUntil(begun.is_set)
    tasks.close(PATIENCE_S)
    tasks.close(PATIENCE_S)
    assert told == ["ended"]
    late = tasks.run(Lane.NETWORK, lambda _c: told.append("never"))
    assert late.stop.is_set()
    tasks.post(lambda: told.append("never"))
    assert told == ["ended"]


@pytest.mark.expects_log("station.ui.tasks", "the lane chip did not end within")
def test_a_lane_that_does_not_end_is_named(qtbot: QtBot) -> None:
    tasks = QtTasks()
    begun, release = threading.Event(), threading.Event()

    def work(_cancel: Cancel) -> None:
        begun.set()
        release.wait(PATIENCE_S)

    tasks.run(Lane.CHIP, work)
    qtbot.waitUntil(begun.is_set)
    tasks.close(0.01)
    release.set()
