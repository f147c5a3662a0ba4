"""200 % on 1280×720 is 640×360: what is done now, and every button for it, is in sight without scrolling."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.exceptions import TimeoutError
from pytestqt.qtbot import QtBot

from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage
from station.ui.views.home import HomeView
from station.ui.widgets.buttons import ActionButton
from tests.helpers.window import Opening, a_window

SIZES = [(640, 360), (960, 540), (1280, 720), (1920, 1080)]
STAGES = (Stage.CHECK, Stage.PHOTO, Stage.CROP, Stage.REVIEW, Stage.PRINT, Stage.HAND_OVER, Stage.DONE)
SMALL = (640, 360)


def settle(opening: Opening) -> None:
    """Wait until every layout that is still to come is done."""
    opening.until(lambda: not opening.models.desk.current or not opening.session.busy)
    with suppress(TimeoutError):  # what is still out of sight then, the test names
        opening.qtbot.waitUntil(lambda: not buttons_out_of_sight(opening))


def hidden_part(widget: QWidget) -> str:
    """Return what of a widget is out of sight, empty when all of it can be seen."""
    seen = widget.visibleRegion().boundingRect()
    return "" if seen == widget.rect() else f"{widget.objectName()}: {seen.getRect()} of {widget.rect().getRect()}"


def buttons_out_of_sight(opening: Opening) -> list[str]:
    buttons = [b for b in opening.window.findChildren(ActionButton) if b.isVisible()]
    return [said for said in map(hidden_part, buttons) if said]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_every_button_is_in_sight(qtbot: QtBot, tmp_path: Path, size: tuple[int, int], language: str) -> None:
    with a_window(qtbot, tmp_path / "desk", language=language, size=size) as opening:
        for page in opening.window.middle.pages:
            opening.models.desk.show_page(page)
            settle(opening)
            assert not buttons_out_of_sight(opening), page
        opening.models.desk.show_page(Page.HOME)
        settle(opening)
        assert not buttons_out_of_sight(opening)
        for stage in STAGES:
            opening.reach(stage)
            settle(opening)
            assert not buttons_out_of_sight(opening), stage


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", ["jam", "ribbon-out"])
def test_a_troubles_buttons_are_in_sight(qtbot: QtBot, tmp_path: Path, size: tuple[int, int], kind: str) -> None:
    with a_window(qtbot, tmp_path / "desk", language="lv", size=size) as opening:
        opening.hands.dial.set("printer", kind)
        session = opening.reach(Stage.DONE)
        settle(opening)
        assert session.trouble is not None
        assert not buttons_out_of_sight(opening)
        shown = {b.objectName() for b in opening.window.findChildren(ActionButton) if b.isVisible()}
        assert {f"todo-{offer.todo.value}" for offer in session.trouble.offers} <= shown
        opening.until(lambda: opening.focus_name() == "todo-retry")
        title = opening.widget("troubleTitle")
        assert not hidden_part(title)


def test_the_pictures_shrink_first(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", size=SMALL) as opening:
        for stage in (Stage.PHOTO, Stage.CROP):
            opening.reach(stage)
            settle(opening)
            photo = opening.window.middle.photo
            picture = photo.crop if stage is Stage.CROP else photo.camera
            assert not hidden_part(picture), stage
            assert picture.height() >= 130
            if stage is Stage.PHOTO:
                shown = photo.camera.picture_px()
                assert shown.width() <= shown.height() * 16 / 9 + 1, "a strip would show no whole head"


def test_with_three_buttons_the_start_page_still_shows_all(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", size=SMALL) as opening:
        home = opening.window.findChild(HomeView)
        assert home is not None
        home.doubts_button.setVisible(True)
        settle(opening)
        assert not buttons_out_of_sight(opening)


def test_enter_reads_on_before_it_confirms(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", size=SMALL) as opening:
        session = opening.models.desk.serve(opening.hands.liga)
        opening.until(lambda: session.more_below)
        opening.until(lambda: opening.focus_name() == "todo-read_on")
        pressed = 0
        while session.more_below:
            opening.press(Qt.Key.Key_Return)
            pressed += 1
            opening.qtbot.wait(1)
            assert session.stage is Stage.CHECK
            assert pressed < 9
        assert session.notice_shown
        opening.until(lambda: opening.focus_name() == "todo-confirm_data")
        opening.meant()
        opening.press(Qt.Key.Key_Return)
        opening.until(lambda: session.stage is Stage.PHOTO)
        assert opening.hands.desk.store.consents.of_holder(session.holder.id)


def test_what_was_in_sight_at_once_needs_no_reading_on(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", size=(1280, 720)) as opening:
        session = opening.models.desk.serve(opening.hands.liga)
        opening.until(lambda: session.notice_shown)
        assert not session.more_below


def test_a_window_that_is_made_smaller_keeps_the_keyboard_on_the_main_button(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        opening.reach(Stage.REVIEW)
        opening.window.resize(*SMALL)
        opening.until(lambda: opening.focus_name() == "todo-make")


def test_the_steps_of_a_trouble_can_be_read_without_a_mouse(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", language="lv", size=SMALL) as opening:
        opening.hands.dial.set("printer", "jam")
        opening.reach(Stage.DONE)
        settle(opening)
        bar = opening.window.middle._scroll.verticalScrollBar()
        assert bar.maximum() > 0, "there is more than fits"
        for _ in range(10):
            opening.press(Qt.Key.Key_PageDown)
        assert bar.value() == bar.maximum()
        opening.press(Qt.Key.Key_PageUp)
        assert bar.value() < bar.maximum()
