"""The key table: every key that does something is in the help, and what is not ours is passed on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from pytestqt.qtbot import QtBot

from station.settings import PEDAL_KEYS
from station.ui.keys import Keys
from station.ui.viewmodels.pages import Page
from station.ui.views.help import KEYS
from tests.helpers.window import a_window

NO = Qt.KeyboardModifier.NoModifier
LISTED = {key for key, _ in KEYS}


def pressed(keys: Keys, key: Qt.Key, text: str = "", modifiers: Qt.KeyboardModifier = NO) -> bool:
    return keys.press(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def test_every_key_is_in_the_help(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        keys = opening.window.findChild(Keys)
        assert isinstance(keys, Keys)
        working = {QKeySequence(key).toString() for key in keys._plain}
        assert working <= LISTED
        for key in (Qt.Key.Key_F1, Qt.Key.Key_F7, Qt.Key.Key_F8, Qt.Key.Key_F9, Qt.Key.Key_F12):
            assert QKeySequence(key).toString() in LISTED
            assert pressed(keys, key), "opens its page"
            assert pressed(keys, key), "and closes it"


@pytest.mark.parametrize(("text", "modifiers"), [("/", NO), ("\x06", Qt.KeyboardModifier.ControlModifier)])
def test_slash_and_ctrl_f_search(qtbot: QtBot, tmp_path: Path, text: str, modifiers: Qt.KeyboardModifier) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        keys = opening.window.findChild(Keys)
        assert isinstance(keys, Keys)
        opening.until(lambda: opening.focus_name() == "nextPerson")
        assert pressed(keys, Qt.Key.Key_F if modifiers else Qt.Key.Key_Slash, text, modifiers)
        assert opening.focus_name() == "search"


def test_what_means_nothing_here_is_passed_on(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        keys = opening.window.findChild(Keys)
        assert isinstance(keys, Keys)
        for key in (Qt.Key.Key_Q, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_F2):
            assert not pressed(keys, key), key
        opening.models.desk.serve(opening.hands.liga)
        assert pressed(keys, Qt.Key.Key_Escape)
        assert opening.models.desk.current is None


def test_a_pedal_takes_no_page_its_key(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:  # a pedal holds no other key
        keys = opening.window.findChild(Keys)
        assert isinstance(keys, Keys)
        opening.models.desk.pedal = "T"
        assert pressed(keys, Qt.Key.Key_T, modifiers=Qt.KeyboardModifier.ControlModifier)
        assert opening.models.desk.page is Page.STOCK


@pytest.mark.parametrize(
    "key",
    [*"CDEFGHIJKLMPQSTUVWXYZ0123456789"]
    + [f"F{number}" for number in (2, *range(13, 25))]
    + ["PgUp", "PgDown", "Home", "End", "Ins", "Pause", "ScrollLock", "Media Play"],
)
def test_every_key_that_a_pedal_may_send_is_one_that_qt_names_so(key: str) -> None:
    assert re.match(PEDAL_KEYS, key)
    assert QKeySequence(QKeySequence(key)[0].key()).toString(QKeySequence.SequenceFormat.PortableText) == key
