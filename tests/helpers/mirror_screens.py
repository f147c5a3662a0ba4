"""Open the mirror's window where Qt has several screens, and say where it went; run as a program of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication, QMainWindow

from station.i18n import Translator
from station.ui.context import Ui
from station.ui.mirror_host import MirrorHost
from station.ui.preferences import MirrorWish, Preferences
from station.ui.tasks import QtTasks
from station.ui.theme.theme import Theme
from station.ui.viewmodels.models import Opened, make_models
from tests.helpers.desks import open_test_desk


def main(file: Path, remembered: str) -> None:
    """Write the screen's name, its size and the state of the window; then what is remembered."""
    app = QApplication([])
    preferences = Preferences(file)
    preferences.keep_mirror(MirrorWish(True, remembered))
    with open_test_desk(file.parent / "desk") as hands:
        tasks = QtTasks()
        models = make_models(Opened(hands.desk), tasks, preferences)
        main_window = QMainWindow()
        main_window.show()
        host = MirrorHost(main_window, Ui(Translator("en"), Theme(app)), models.mirror)
        host.begin()
        window = host.window
        assert window is not None
        app.processEvents()
        state = "full" if window.isFullScreen() else "window"
        print(f"{window.screen().name()} {window.width()}x{window.height()} {state}")
        wish = preferences.mirror()
        print("on" if wish.open else "off", wish.screen)
        host.shut()
        main_window.close()
        tasks.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
