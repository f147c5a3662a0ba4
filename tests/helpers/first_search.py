"""A station that is asked for somebody before it is open: a process that tells what it had loaded, and by when.

``python -m tests.helpers.first_search OUT [STATION ARGUMENT...]`` types at once and closes the window when it is whole.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from station.ui.main_window import MainWindow

TYPED = "berz"


class Told:
    """What was loaded when the window was seen, when the first search was answered, and when cards could be made."""

    def __init__(self) -> None:
        self.found = 0
        self.at_sight: list[str] = []
        self.at_answer: list[str] = []
        self.alive: list[str] = []

    def follow(self, window: MainWindow) -> None:
        """Type, and note what there is at each of the three moments."""
        self._window, self._sight = window, self._filter_for(window)
        window.people_shown.connect(self._watch)
        window.came_to_life.connect(self._lives)
        window.header.search.setText(TYPED)

    def _filter_for(self, window: MainWindow) -> QObject:
        from PySide6.QtCore import QEvent, QObject

        told = self

        class Filter(QObject):
            def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
                if event.type() == QEvent.Type.Paint and not told.at_sight:
                    told.at_sight = sorted(sys.modules)
                return False

        made = Filter(window)
        window.installEventFilter(made)
        return made

    def _watch(self) -> None:
        self._window.popup.model.changed.connect(self._answered)

    def _answered(self) -> None:
        if not self.at_answer:
            self.found, self.at_answer = len(self._window.popup.model.found), sorted(sys.modules)

    def _lives(self) -> None:
        self.alive = sorted(sys.modules)
        self._window.close()


def main(out: Path, arguments: list[str]) -> int:
    """Run the station's command line; write what was noted."""
    told = Told()
    from station.ui import run as ui_run

    class FollowedRun(ui_run.WindowRun):
        def show(self) -> None:
            told.follow(self.window)
            super().show()

    ui_run.WindowRun = FollowedRun  # type: ignore[misc]
    from station.__main__ import main as station

    sys.argv[1:] = arguments
    status = station()
    said = {"found": told.found, "at_sight": told.at_sight, "at_answer": told.at_answer, "alive": told.alive}
    out.write_text(json.dumps(said), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
