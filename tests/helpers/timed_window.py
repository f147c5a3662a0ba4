"""The real window with a clock beside it: a process that a benchmark starts, and that tells what it measured.

``python -m tests.helpers.timed_window TASK OUT [STATION ARGUMENT...]`` runs the station as the command line would.
Times are those of the clock that all processes of a computer share, in seconds.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent, QObject

    from station.ui.main_window import MainWindow

STALL_S = 0.03
# Nobody is faster with the first person: by then the libraries that are loaded behind the window are there.
SETTLED_MS = 2500
LONGEST_S, LONGEST_REVIEW_S = 40.0, 560.0
EARLY = "ber"


def rss_mib(pid: int | str = "self") -> float:
    """Return the resident memory of a process in MiB, 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text("utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def _where(frame: FrameType | None, depth: int) -> str:
    """Return the innermost calls of a thread."""
    calls = traceback.extract_stack(frame)[-depth:] if frame else []
    return " < ".join(f"{Path(c.filename).stem}.{c.name}:{c.lineno}" for c in reversed(calls))


class Heartbeat:
    """Notes how long the GUI thread was away, and what it did then, as far as another thread could see."""

    def __init__(self, parent: QObject) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gaps: list[tuple[float, float, str, str]] = []
        self._busy = 0.0
        self.label = ""
        self._last = time.monotonic()
        self._seen = ""
        self._thread = threading.get_ident()
        self._timer = QTimer(parent)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._last > STALL_S:
            busy_ms = (time.thread_time() - self._busy) * 1000
            self.gaps.append((round((now - self._last) * 1000, 1), round(busy_ms, 1), self.label, self._seen))
        self._last, self._seen, self._busy = now, "", time.thread_time()

    def _watch(self) -> None:
        while True:
            time.sleep(0.01)
            if time.monotonic() - self._last > STALL_S and not self._seen:
                frames = sys._current_frames()
                own = frames.pop(self._thread, None)
                others = [_where(f, 3) for f in frames.values() if f.f_code.co_name not in ("_watch", "wait", "_run")]
                self._seen = f"{_where(own, 3)} | {'; '.join(others)}"


class Typing:
    """Types into the search field, one letter after the other, and waits each time until the answer is painted."""

    def __init__(self, window: MainWindow, texts: list[str]) -> None:
        self.window, self.times_ms = window, list[float]()
        self._keys = [(text[: n + 1], letter) for text in texts for n, letter in enumerate(text)]
        self._pressed = 0.0
        self._wanted = ""
        self.rows = 0

    def keys(self) -> Iterator[None]:
        """Press one key each time; done when the last answer is painted."""
        from PySide6.QtCore import QEvent, Qt
        from PySide6.QtGui import QKeyEvent
        from PySide6.QtWidgets import QApplication

        field = self.window.header.search
        for wanted, letter in self._keys:
            if len(wanted) == 1:
                field.clear()
                yield
            self._wanted, self._pressed = wanted, time.monotonic()
            QApplication.sendEvent(field, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter))
            while self._pressed:
                yield

    def painted(self) -> None:
        """Note that the list was painted."""
        model = self.window.popup.model
        if self._pressed and model.answered == self._wanted.strip():
            self.times_ms.append((time.monotonic() - self._pressed) * 1000)
            self.rows += len(model.found)
            self._pressed = 0.0


def issue_card(window: MainWindow, beat: Heartbeat, told: dict[str, Any]) -> Iterator[None]:
    """Make a card with the keys that the window offers, until it was handed over; note what memory the preview took."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    from station.ui.viewmodels.stages import Stage

    models = window.models
    assert models is not None
    keys = {"enter": Qt.Key.Key_Return, "space": Qt.Key.Key_Space}
    yield  # the import above is the benchmark's own time
    beat.gaps.clear()
    models.desk.next_person()
    yield  # nobody presses a key for a person before that person is on the screen
    frames = 0
    while (session := models.desk.current) is not None and session.stage is not Stage.DONE:
        beat.label = session.stage.value
        offer = next((o for o in session.offers if o.primary and o.key in keys), None)
        if session.stage is Stage.PHOTO:
            frames += models.camera.newest is not None
            told["rss_preview_mib"] = rss_mib()
            if frames < 100:  # look at the preview for a while
                yield
                continue
        if offer is not None and not session.busy:
            QTest.keyClick(window.focusWidget(), keys[offer.key])
        yield
    beat.label = told["stage"] = "done"
    for _ in range(50):
        yield
    told["gaps_ms"] = sorted(beat.gaps, reverse=True)


def review(window: MainWindow, beat: Heartbeat, told: dict[str, Any], folder: Path) -> Iterator[None]:
    """Have all the pictures in a folder looked at, as from the page of the review; note how long that takes."""
    from station.ui.viewmodels.pages import Page

    models = window.models
    assert models is not None
    models.desk.show_page(Page.PORTRAITS)
    yield
    beat.gaps.clear()
    before, began = _processor_s(), time.monotonic()
    models.review.choose(folder)
    while models.review.busy:
        yield
    told["review_s"] = time.monotonic() - began
    # Its processes have ended, and with that their time counts as this one's.
    told["review_cpu_s"] = _processor_s() - before
    told["looked_at"] = len(models.review.items)
    told["gaps_ms"] = sorted(beat.gaps, reverse=True)


def _processor_s() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


class Run:
    """One run of the window: notes the moments, does the task, closes the window."""

    def __init__(self, task: str) -> None:
        self.task = task
        self.told: dict[str, Any] = {"started": time.monotonic()}
        self._window: MainWindow | None = None

    def watch(self, window: MainWindow) -> None:
        """Follow the window from before it is shown."""
        from PySide6.QtCore import QEvent, QObject, Qt, QTimer

        run = self

        class Filter(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
                if event.type() == QEvent.Type.Paint:
                    QTimer.singleShot(0, window, lambda: run.painted(watched))
                return False

        self._window, self._filter = window, Filter(window)
        window.installEventFilter(self._filter)
        window.people_shown.connect(self._people_shown)
        window.came_to_life.connect(self._alive)
        longest_s = LONGEST_REVIEW_S if self.task.startswith("review:") else LONGEST_S
        QTimer.singleShot(int(longest_s * 1000), window, window.close)
        self._timer = QTimer(window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)

    def painted(self, watched: object) -> None:
        """Note the first paint of the window, of the list, and of the answer to what was typed first."""
        window = self._window
        if window is None:
            return
        if watched is window:
            if "painted" not in self.told:
                self.told["painted_cpu_s"] = round(time.process_time(), 3)
                self.told["painted"] = time.monotonic()
                self._type_at_once(window)
        elif watched is window.popup:
            if hasattr(self, "typing"):
                self.typing.painted()
            elif window.popup.model.answered == EARLY and window.popup.model.found:
                self.told.setdefault("answered", time.monotonic())
        elif len(window.people.list.people.rows) > 1:
            self.told.setdefault("listed", time.monotonic())
        if "usable" not in self.told and {"answered", "listed"} <= self.told.keys():
            self.told["usable"] = max(self.told["answered"], self.told["listed"])
            self.told["cpu_s"] = round(time.process_time(), 3)
            self.told["rss_mib"] = rss_mib()
            self._begin_soon()

    def _type_at_once(self, window: MainWindow) -> None:
        """Type into the search as soon as there is something to see, as who is in a hurry does."""
        from PySide6.QtCore import QEvent, Qt
        from PySide6.QtGui import QKeyEvent
        from PySide6.QtWidgets import QApplication

        window.header.search.setFocus()
        for letter in EARLY:
            key = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
            QApplication.sendEvent(window.header.search, key)
        self.told["takes_keys"] = window.header.search.text() == EARLY

    def _people_shown(self) -> None:
        assert self._window is not None
        self._window.people.list.viewport().installEventFilter(self._filter)
        self._window.popup.installEventFilter(self._filter)

    def _alive(self) -> None:
        self.told["alive"] = time.monotonic()
        self._begin_soon()

    def _begin_soon(self) -> None:
        """Begin the task when the window is both usable and whole."""
        from PySide6.QtCore import QTimer

        window = self._window
        if window is not None and {"usable", "alive"} <= self.told.keys():
            QTimer.singleShot(300 if self.task == "open" else SETTLED_MS, window, self._begin)

    def _begin(self) -> None:
        window = self._window
        assert window is not None
        if self.task == "open":
            window.close()
            return
        window.popup.close_search()
        if self.task.startswith("search:"):
            # An answer that changes nothing on the screen would not be painted: it is here, so that it can be timed.
            window.popup.model.changed.connect(window.popup.update)
            self.typing = Typing(window, self.task.removeprefix("search:").split(","))
            self._work = self.typing.keys()
        elif self.task.startswith("review:"):
            self._work = review(window, Heartbeat(window), self.told, Path(self.task.removeprefix("review:")))
        else:
            self._work = issue_card(window, Heartbeat(window), self.told)
        self._timer.start(5)

    def _step(self) -> None:
        if next(self._work, self) is self:
            self._timer.stop()
            if hasattr(self, "typing"):
                self.told["times_ms"], self.told["rows"] = self.typing.times_ms, self.typing.rows
            if self._window is not None:
                self._window.close()


def main(task: str, out: Path, arguments: list[str]) -> int:
    """Run the station's command line with the clock beside its window; write what was measured."""
    gc.disable()  # as the station's own first line does, for this imports a part of it before
    # A station has not got these. Where the tests' tools brought them, httpx would load a command line of its own.
    sys.modules.update(pygments=None, rich=None)  # type: ignore[arg-type]  # as importlib means it
    run = Run(task)
    from station.ui import run as ui_run

    class TimedRun(ui_run.WindowRun):
        def show(self) -> None:
            run.watch(self.window)
            super().show()

    ui_run.WindowRun = TimedRun  # type: ignore[misc]
    from station.__main__ import main as station

    sys.argv[1:] = arguments
    status = station()
    out.write_text(json.dumps(run.told), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
