"""The plain background in the window: B asks for it, both pictures are in sight, Enter takes it, B gives it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from station.ui.viewmodels.stages import Background, Stage
from tests.helpers.window import Opening, a_window


def asked(opening: Opening) -> None:
    session = opening.reach(Stage.CROP)
    opening.until(lambda: opening.focus_name() == "crop")
    opening.press(Qt.Key.Key_B)
    opening.until(lambda: session.background is Background.OFFERED)
    opening.until(lambda: opening.focus_name() == "todo-take_background")


def test_by_keys_from_the_still_to_the_card(opening: Opening) -> None:
    asked(opening)
    session, compare = opening.session, opening.window.middle.photo.compare
    assert compare.isVisible()
    for rect in compare.picture_rects():
        assert compare.rect().contains(rect.toAlignedRect())
        assert rect.width() > 100
    one, other = compare.picture_rects()
    assert one.right() < other.left(), "side by side"
    drawn = session.preview.picture
    opening.press(Qt.Key.Key_Return)
    opening.until(lambda: opening.focus_name() == "crop")
    assert session.background == "plain"
    opening.until(lambda: session.preview.picture is not drawn)  # the card follows
    opening.press(Qt.Key.Key_B)
    assert session.background == "own"
    assert session.stage is Stage.CROP


def test_escape_leaves_it_and_keeps_the_still(opening: Opening) -> None:
    asked(opening)
    opening.press(Qt.Key.Key_Escape)
    opening.until(lambda: opening.focus_name() == "crop")
    assert opening.session.stage is Stage.CROP
    assert opening.session.portrait.background.taken is None


def test_b_means_nothing_elsewhere(opening: Opening) -> None:
    session = opening.reach(Stage.PHOTO)
    opening.press(Qt.Key.Key_B)
    assert (session.stage, session.background) == (Stage.PHOTO, Background.OWN)


@pytest.mark.parametrize("size", [(640, 360), (1280, 800)], ids=str)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_both_pictures_fit_every_window(qtbot: QtBot, tmp_path: Path, size: tuple[int, int], language: str) -> None:
    with a_window(qtbot, tmp_path / "desk", language=language, size=size) as opening:
        asked(opening)
        compare = opening.window.middle.photo.compare
        opening.qtbot.waitUntil(lambda: compare.visibleRegion().boundingRect() == compare.rect())
        assert all(compare.rect().contains(rect.toAlignedRect()) for rect in compare.picture_rects())
