"""The drawings of trouble: all of them can be drawn, in both schemes, and none has a colour of its own."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from station.resources import asset
from station.ui.theme.tokens import DARK, LIGHT
from station.ui.widgets.picture import Picture, coloured
from tests.helpers.window import a_ui

DRAWINGS = sorted(file.stem for file in asset("icons", "trouble").glob("*.svg"))


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_has_the_colours_of_the_scheme_only(name: str) -> None:
    for tokens in (LIGHT, DARK):
        assert coloured(name, tokens).isValid()
    text = asset("icons", "trouble", f"{name}.svg").read_text("utf-8")
    assert not re.search(r"currentColor|rgb\(|<text|<image|style=", text)
    assert "2c4390" in text or "b3261e" in text, "what to do, or what is wrong, stands out"


def test_a_picture_follows_the_look_and_leaves_no_room_when_there_is_none(qtbot: QtBot) -> None:
    with a_ui("en", "light") as ui:
        picture = Picture(ui)
        qtbot.addWidget(picture)
        picture.show_picture("ribbon")
        assert picture.isVisible()
        light = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        ui.theme.set_mode("dark")
        dark = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        assert light != dark
        whole = picture.sizeHint()
        picture.set_share(0.4)
        assert picture.sizeHint().width() < whole.width()
        picture.show_picture("")
        assert not picture.isVisible()
