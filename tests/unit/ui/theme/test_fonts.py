"""Fonts: the bundled family has every letter we need, and the system's text size scales it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QRawFont
from pytestqt.qtbot import QtBot

from station.ui.theme import fonts
from station.ui.theme.tokens import BODY, PERSON


def test_the_bundled_family_is_there_and_has_the_letters(qtbot: QtBot) -> None:
    family = fonts.load_fonts()
    assert family == "Inter"
    face = QRawFont.fromFont(fonts.font_for(BODY, family, 1.0))
    assert all(face.supportsCharacter(ord(letter)) for letter in "ĀČĒĢĪĶĻŅŠŪŽāčēģīķļņšūžҐґЇїєіЯΩλ“”…–—✓")


def test_the_scale_applies_to_each_step(qtbot: QtBot) -> None:
    assert fonts.font_for(PERSON, "Inter", 1.0).pixelSize() == 28
    assert fonts.font_for(PERSON, "Inter", 1.5).pixelSize() == 42
    assert fonts.font_for(BODY, "Inter", 0.1).pixelSize() == 9, "never too small to read"


@pytest.mark.parametrize(("points", "scale"), [(9.0, 1.0), (11.0, 1.0), (16.5, 1.5), (99.0, 2.0), (-1.0, 1.0)])
def test_larger_system_text_is_larger_text(points: float, scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_USUAL_POINTS", (9.0, 11.0))
    assert fonts.system_text_scale(points) == pytest.approx(scale)
    assert fonts.system_text_scale(8.0) == pytest.approx(8 / 9)
