"""What was chosen in the menu is there again after a restart, and nothing else decides over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from station.ports.camera import FrameSize
from station.services.capture import CameraChoice
from station.ui.preferences import Preferences
from station.ui.run import WindowRun
from station.ui.viewmodels.models import Opened
from tests.helpers.desks import desk_settings
from tests.helpers.window import a_ui


def test_without_a_file_the_profile_holds(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "window.ini")
    assert preferences.language("lv") == "lv"
    assert preferences.look("system") == "system"


def test_a_choice_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "made" / "by itself" / "window.ini"
    Preferences(file).keep("en", "dark")
    again = Preferences(file)
    assert again.language("lv") == "en"
    assert again.look("system") == "dark"


def test_a_camera_is_kept_until_the_profile_names_another(tmp_path: Path) -> None:
    profile, chosen = CameraChoice("0"), CameraChoice("HD Pro Webcam C920", FrameSize(640, 480))
    preferences = Preferences(tmp_path / "window.ini")
    assert preferences.camera(profile) == profile
    preferences.keep_camera(profile, chosen)
    assert Preferences(tmp_path / "window.ini").camera(profile) == chosen
    assert preferences.camera(CameraChoice("1")) == CameraChoice("1"), "IT has put another camera there"


@pytest.mark.parametrize("size", ["", "640", "9x9", "1280x", "999999999x2", "x"])
def test_a_size_that_is_not_offered_is_not_believed(tmp_path: Path, size: str) -> None:
    file = tmp_path / "window.ini"
    file.write_text(f"[camera]\ninstead_of=0\nsource=C920\nsize={size}\n", encoding="utf-8")
    assert Preferences(file).camera(CameraChoice("0")) == CameraChoice("C920")


def test_automatic_capture_is_kept(tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "window.ini")
    assert preferences.auto_capture(True)
    assert not preferences.auto_capture(False)
    preferences.keep_auto_capture(False)
    assert not Preferences(tmp_path / "window.ini").auto_capture(True)


@pytest.mark.parametrize("text", ["[General]\nlanguage=xx\nlook=blinking\n", "\0\1 not a file of ours", ""])
def test_nonsense_is_not_believed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "window.ini"
    file.write_text(text, encoding="utf-8")
    assert Preferences(file).language("lv") == "lv"
    assert Preferences(file).look("light") == "light"


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    Preferences(blocked / "window.ini").keep("en", "dark")
    assert Preferences(blocked / "window.ini").language("lv") == "lv"


def test_the_menus_choice_holds_after_a_restart(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "window.ini"

    @contextmanager
    def never_opened() -> Iterator[Opened]:
        raise AssertionError("the window was not shown")
        yield

    def started() -> WindowRun:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        return WindowRun(app, desk_settings(tmp_path), never_opened, Preferences(file))

    with a_ui():  # puts the application's own look back
        first = started()
        menu = first.window.header.build_menu()
        chosen = {action.text(): action for action in menu.actions()}
        chosen["English"].trigger()
        menu.deleteLater()
        menu = first.window.header.build_menu()
        next(action for action in menu.actions() if action.text() == "Dark").trigger()
        menu.deleteLater()
        first.close()
        second = started()
        assert second.window.ui.tr_.language == "en"
        assert second.window.ui.theme.mode == "dark"
        second.close()
        for run in (first, second):
            run.window.ui.theme.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
