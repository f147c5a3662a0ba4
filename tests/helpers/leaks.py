"""A test fails when it leaves something running: a thread, a top-level widget, an active QTimer."""

from __future__ import annotations

import gc
import sys
import threading
import time
import traceback
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.helpers.outcome import failed_already
from tests.helpers.patience import PATIENCE_S

if TYPE_CHECKING:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QWidget

# How long a thread that was told to stop may take to do so; waited for only when it still runs.
JOIN_DEADLINE_S = PATIENCE_S
_OURS_TO_IGNORE = ("pytest_timeout",)


def pytest_collection_finish() -> None:
    """Begin with what the imports left set aside."""
    _set_aside()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    """After each file, set aside what has come to stay."""
    result = yield
    if nextitem is None or nextitem.path != item.path:
        _set_aside()
    return result


def _set_aside() -> None:
    """Take all that is there out of the collector's sight: neither it nor the search for timers goes through it again.

    In a long run of many thousand tests, both would take longer than the tests of the window themselves.
    """
    gc.collect()
    gc.freeze()


def _threads() -> set[threading.Thread]:
    # A dummy stands for a thread that C code made (a QThread, a camera backend). Python never learns when it ends.
    return {
        thread
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread) and not thread.name.startswith(_OURS_TO_IGNORE)
    }


def _where(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    last = traceback.format_stack(frame)[-1].strip() if frame else "has just ended"
    kind = "daemon thread" if thread.daemon else "thread"
    return f"{kind} {thread.name!r} still runs: {last}"


def leaked_threads(before: set[threading.Thread], deadline_s: float = JOIN_DEADLINE_S) -> list[str]:
    """Join every thread that is not in `before`; describe those that still run at the deadline."""
    end = time.monotonic() + deadline_s
    left = _threads() - before
    for thread in left:
        thread.join(max(0.0, end - time.monotonic()))
    return sorted(_where(thread) for thread in left if thread.is_alive())


@pytest.fixture(autouse=True)
def _fail_on_leaked_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = _threads()
    yield
    leaked = leaked_threads(before, 0.0 if failed_already(request.node) else JOIN_DEADLINE_S)
    if leaked and not failed_already(request.node):
        pytest.fail("\n".join(leaked), pytrace=False)


def _top_level_widgets() -> list[QWidget]:
    from PySide6.QtWidgets import QApplication

    # What has a parent dies with it; tool tips belong to Qt, which keeps one for the next time.
    return [w for w in QApplication.topLevelWidgets() if w.parent() is None and not w.inherits("QTipLabel")]


def _active_timers() -> list[QTimer]:
    import shiboken6
    from PySide6.QtCore import QTimer

    # By type: isinstance would ask lazy proxies for their __class__, and wake them.
    kinds = {QTimer, *QTimer.__subclasses__()}
    found = [each for each in gc.get_objects() if type(each) in kinds]
    return [timer for timer in found if shiboken6.isValid(timer) and timer.isActive()]


def _qt_leftovers(widgets: list[QWidget], known_timers: list[QTimer]) -> list[str]:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    found = [
        f"top-level widget {type(each).__name__} {each.objectName() or each.windowTitle()!r} is still there"
        for each in _top_level_widgets()
        if not any(each is known for known in widgets)
    ]
    found += [
        f"QTimer {timer.objectName()!r} every {timer.interval()} ms is still active"
        for timer in _active_timers()
        if not any(timer is known for known in known_timers)
    ]
    return found


@pytest.fixture(autouse=True)
def _fail_on_qt_leftovers(request: pytest.FixtureRequest) -> Iterator[None]:
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("qapp")
    widgets, timers = _top_level_widgets(), _active_timers()
    yield
    if failed_already(request.node):
        return
    found = _qt_leftovers(widgets, timers)
    if found:
        gc.collect()  # a cycle that only waits for the collector is no leak
        found = _qt_leftovers(widgets, timers)
    if found:
        pytest.fail("\n".join(found), pytrace=False)
