"""The theme: follows the system or the person, and tells who paints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from station.ui.theme.stylesheet import stylesheet
from station.ui.theme.theme import Theme
from station.ui.theme.tokens import BODY, DARK, LIGHT


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    yield qapp
    qapp.setStyleSheet("")


def test_a_person_chooses_the_scheme(app: QApplication, qtbot: QtBot) -> None:
    theme = Theme(app, mode="light")
    assert theme.tokens is LIGHT
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("dark")
    assert theme.tokens is DARK
    assert app.palette().color(QPalette.ColorRole.Window).name() == DARK.background
    assert DARK.surface in app.styleSheet()


def test_the_same_choice_again_tells_nobody(app: QApplication, qtbot: QtBot) -> None:
    theme = Theme(app, mode="light")
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("light")
    theme.set_mode("nonsense")
    assert theme.mode == "system"


def test_an_institutions_accent_is_used_unless_it_is_unreadable(app: QApplication) -> None:
    assert Theme(app, "#7a1f2b", "light").tokens.accent == "#7a1f2b"
    assert Theme(app, "#ffff00", "light").tokens.accent == LIGHT.accent


def test_fonts_and_colours_come_by_name(app: QApplication) -> None:
    theme = Theme(app, mode="light")
    assert theme.font(BODY) is theme.font(BODY)
    assert theme.font(BODY).family() == "Inter"
    assert theme.colour("bad").name() == LIGHT.bad
    assert theme.scaled(10) == 10
    assert theme.metrics(BODY).height() > 0


def test_every_place_in_the_style_sheet_is_filled() -> None:
    sheet = stylesheet(LIGHT)
    assert "{accent}" not in sheet
    assert sheet.count("{") == sheet.count("}")
