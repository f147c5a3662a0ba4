"""Both windows: the student answers on the mirror, in four languages, on any screen; the operator hears of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from station.domain.errors import RouterUnreachableError
from station.domain.holder import Holder
from station.i18n import MIRROR_LANGUAGES
from station.photo import advice
from station.services.notice import PROMISE, NameAnswer
from station.ui.tone import Tone
from station.ui.viewmodels.mirror import MirrorPage
from station.ui.viewmodels.stages import Stage
from station.ui.views.mirror import MirrorWindow
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.mirror import MirrorButton
from tests.helpers.sitters import TOO_NEAR
from tests.helpers.window import Opening, a_window

ROOT = Path(__file__).resolve().parents[2]
TABLET, SCREEN = (1024, 600), (1920, 1080)


def opened(opening: Opening, size: tuple[int, int] = TABLET) -> MirrorWindow:
    """Open the mirror by its key, in a size."""
    opening.press(Qt.Key.Key_F11)
    window = opening.window.mirror.window
    assert window is not None
    window.resize(*size)
    opening.qtbot.waitExposed(window)
    return window


def photographed(opening: Opening) -> None:
    """Have Līga before the camera."""
    opening.reach(Stage.PHOTO)
    opening.models.camera.start()
    opening.until(lambda: opening.models.camera.newest is not None)


def words(window: QWidget) -> str:
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    return "\n".join(labels + [button.text() for button in window.findChildren(MirrorButton) if button.isVisible()])


def hints() -> list[str]:
    return [value for name, value in vars(advice).items() if name.isupper() and isinstance(value, str)]


def out_of_sight(window: QWidget) -> list[str]:
    parts: list[QWidget] = [*window.findChildren(QLabel), *window.findChildren(MirrorButton)]
    found = []
    for part in parts:
        if part.isVisible():
            low = isinstance(part, QLabel) and part.height() < part.heightForWidth(part.width())
            if low or part.visibleRegion().boundingRect() != part.rect():
                found.append(f"{part.objectName()}: {part.geometry()}")
    return found


def test_yes_by_a_finger(opening: Opening) -> None:
    window, store = opened(opening), opening.hands.desk.store
    photographed(opening)
    assert opening.hands.liga.full_name in words(window)
    opening.until(lambda: not window.picture.image.isNull())
    opening.until(window.notice_in_sight)
    QTest.mouseClick(window.yes, Qt.MouseButton.LeftButton)
    liga = opening.hands.liga.id
    opening.until(lambda: "name" in [c.kind for c in store.consents.of_holder(liga)])
    (told,) = [c for c in store.consents.of_holder(liga) if c.extra == {"where": "mirror"}]
    assert (told.kind, told.language) == ("informed", "lv")
    assert window.yes.isChecked()
    assert not window.no.isChecked()
    strip = opening.widget("mirrorStrip")
    assert strip.isVisible()
    assert "spelt right" in strip.accessibleName()


def test_a_wrong_name_reaches_the_operator_at_once(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    QTest.mouseClick(window.no, Qt.MouseButton.LeftButton)
    strip = opening.window.middle.strip
    assert strip.isVisible()
    assert "not spelt right" in strip.what.text()
    assert "identity document" in strip.todo.text()
    assert strip.todo.isVisible()
    opening.reach(Stage.PRINT)
    assert strip.isVisible(), "until somebody has looked into it"
    QTest.mouseClick(strip.right, Qt.MouseButton.LeftButton)
    assert not strip.isVisible()


def test_the_staff_answer_for_somebody_who_cannot(opening: Opening) -> None:
    opened(opening)
    photographed(opening)
    strip = opening.window.middle.strip
    QTest.mouseClick(strip.wrong, Qt.MouseButton.LeftButton)
    assert "not spelt right" in strip.what.text()
    given = opening.models.mirror.given
    assert given is not None
    assert given.answer is NameAnswer.WRONG


def test_by_keys_on_the_mirror(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    window.activateWindow()
    opening.until(lambda: QApplication.activeWindow() is window)
    assert QApplication.focusWidget() is window, "nothing is pressed by an Enter that was meant for the desk"
    while QApplication.focusWidget() is not window.yes:
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    QTest.keyClick(window.yes, Qt.Key.Key_Return)
    assert opening.models.mirror.given is not None
    opening.until(lambda: QApplication.activeWindow() is opening.window)


def test_the_operators_keys_are_never_lost_on_the_mirror(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    QTest.keyClick(window, Qt.Key.Key_Space)
    opening.until(lambda: opening.session.stage is Stage.CROP)
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert not window.isVisible()


def test_a_touch_leaves_the_keyboard_with_the_operator(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    QTest.mouseClick(window.languages["uk"], Qt.MouseButton.LeftButton)
    opening.until(lambda: QApplication.activeWindow() is opening.window)
    assert opening.models.mirror.tr_.language == "uk"
    assert opening.ui.tr_.language == "en"


def test_nobody_is_seen_between_two_students(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    opening.reach(Stage.REVIEW)
    opening.until(lambda: not window.picture.image.isNull())
    opening.models.desk.serve(opening.hands.martins)
    seen = words(window)
    for holder in (opening.hands.liga, opening.hands.martins):
        for word in (holder.given_names, holder.family_name, holder.student_number):
            assert word not in seen
    assert not window.picture.isVisible()
    assert window.picture.image.isNull()


def test_nothing_of_the_queue_is_seen(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    assert opening.hands.martins.family_name not in words(window)
    assert opening.hands.liga.student_number not in words(window)


@pytest.mark.parametrize("size", [TABLET, SCREEN, (600, 1024), (480, 360)], ids=str)
@pytest.mark.parametrize("language", list(MIRROR_LANGUAGES))
def test_everything_is_in_sight_in_every_language(
    qtbot: QtBot, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        window = opened(opening, size)
        opening.models.mirror.choose_language(language)
        opening.qtbot.waitUntil(lambda: not out_of_sight(window))
        photographed(opening)
        for hint in hints():
            window.picture.say(window.ui.text(hint), Tone.WARN)
            place = window.picture.picture_rect()
            assert place.contains(window.picture.said_rect(place)), (hint, place)
        for answer in (None, NameAnswer.WRONG):
            if answer is not None:
                opening.models.mirror.answer(answer)
            opening.qtbot.waitUntil(lambda: not out_of_sight(window))
        assert window.notice_in_sight()
        if size == SCREEN:
            assert window.name.font().pixelSize() >= 60, "large type"
        assert window.picture.picture_rect().height() >= size[1] * 0.2


def test_a_long_name_is_neither_cut_nor_broken(opening: Opening) -> None:
    liga = opening.hands.liga
    long = Holder(liga.id, liga.institution, "Wolfeschlegelsteinhausenbergerdorff", "Ķēniņa-Šķūpele", "1")
    window = opened(opening)
    opening.models.desk.serve(long)
    opening.session.stage = Stage.PHOTO
    opening.session.changed.emit()
    assert window.name.text() == long.full_name
    opening.qtbot.waitUntil(lambda: not out_of_sight(window))
    assert window.name.fontMetrics().horizontalAdvance(long.given_names) <= window.name.width()


def test_what_is_on_the_mirror_has_names_for_those_who_hear(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    assert all(button.accessibleName() for button in window.findChildren(MirrorButton))
    assert window.picture.accessibleName()
    assert window.windowTitle()


@pytest.mark.parametrize("size", [(640, 360), (960, 540), (1280, 720)], ids=str)
def test_the_operators_buttons_stay_in_sight_with_the_strip(
    qtbot: QtBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with a_window(qtbot, tmp_path / "desk", language="lv", size=size) as opening:
        opened(opening)
        photographed(opening)
        opening.models.mirror.answer(NameAnswer.WRONG)

        def hidden() -> list[str]:
            shown = [b for b in opening.window.findChildren(ActionButton) if b.isVisible()]
            return [b.objectName() for b in shown if b.visibleRegion().boundingRect() != b.rect()]

        opening.qtbot.waitUntil(lambda: not hidden())
        camera = opening.window.middle.photo.camera

        def picture_whole() -> bool:
            return camera.visibleRegion().boundingRect().contains(camera.picture_rect().toAlignedRect())

        opening.qtbot.waitUntil(picture_whole)
        heard = opening.window.middle.strip.what
        assert heard.visibleRegion().boundingRect() == heard.rect()


def test_closed_it_costs_the_camera_nothing(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    opening.until(lambda: opening.models.camera.second_image is not None)
    window.close()
    assert not opening.models.mirror.open
    opening.until(lambda: opening.models.camera.second_image is None)
    assert opening.models.camera.image is not None


def test_it_goes_with_the_main_window(opening: Opening) -> None:
    window = opened(opening)
    opening.window.close()
    assert not window.isVisible()
    assert opening.models.mirror.page is MirrorPage.WELCOME
    assert opening.models.mirror.wish.open


def test_the_menu_opens_and_closes_it(opening: Opening) -> None:
    for is_open in (True, False):
        menu = opening.window.header.build_menu()
        (action,) = [a for a in menu.actions() if "mirror" in a.text()]
        assert action.isChecked() is not is_open
        action.trigger()
        menu.close()
        assert opening.models.mirror.open is is_open


def test_with_one_screen_it_is_a_window_like_others(opening: Opening) -> None:
    window = opened(opening)
    assert not window.isFullScreen()
    assert opening.models.mirror.wish.screen == ""


@pytest.mark.parametrize("remembered", ["", "right"])
def test_with_a_second_screen_it_fills_that(tmp_path: Path, remembered: str) -> None:
    """In a process of its own: how many screens there are is settled when Qt starts."""
    screens = tmp_path / "screens.json"
    screens.write_text(
        '{"screens": ['
        '{"name": "left", "x": 0, "y": 0, "width": 1280, "height": 800},'
        '{"name": "middle", "x": 1280, "y": 0, "width": 1920, "height": 1080},'
        '{"name": "right", "x": 3200, "y": 0, "width": 1024, "height": 600}]}',
        encoding="utf-8",
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={screens}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.mirror_screens", str(tmp_path / "preferences.ini"), remembered],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    wanted = "right 1024x600" if remembered else "middle 1920x1080"
    assert done.stdout.split("\n")[:2] == [f"{wanted} full", f"on {wanted.split(maxsplit=1)[0]}"]


def test_the_picture_for_the_mirror_needs_no_scaling(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    opening.until(lambda: not window.picture.image.isNull())
    opening.until(lambda: window.picture.image.size() == window.picture.picture_px())
    rect = window.picture.picture_rect()
    assert rect.topLeft() == QPoint(int(rect.left()), int(rect.top())).toPointF()
    assert rect.size().toSize() == window.picture.picture_px()


def test_the_student_reads_the_hint_on_the_mirror(opening: Opening) -> None:
    window = opened(opening)
    photographed(opening)
    opening.hands.seat(TOO_NEAR)
    opening.models.mirror.choose_language("uk")
    opening.until(lambda: "навколо голови має бути місце" in window.picture.said)
    assert window.picture.accessibleName() == window.picture.said
    opening.press(Qt.Key.Key_Space)
    opening.until(lambda: opening.session.stage is Stage.CROP)
    assert window.picture.said == ""


def test_a_promise_is_in_sight_in_every_language_without_a_name(opening: Opening) -> None:
    window, desk = opened(opening), opening.hands.desk
    desk.link.answered(RouterUnreachableError(), desk.clock.now())
    opening.reach(Stage.DONE)
    opening.until(lambda: opening.models.mirror.promises)
    said = set()
    for size in (TABLET, (480, 360)):
        window.resize(*size)
        for language in MIRROR_LANGUAGES:
            opening.models.mirror.choose_language(language)
            opening.until(lambda: not out_of_sight(window))
            assert window.question.text() == opening.models.mirror.tr_.text(PROMISE)
            assert opening.hands.liga.family_name not in words(window)
            said.add(window.name.text())
    assert len(said) == len(MIRROR_LANGUAGES)


def test_the_operator_knows_what_to_tell(opening: Opening) -> None:
    desk = opening.hands.desk
    desk.link.answered(RouterUnreachableError(), desk.clock.now())
    opening.models.devices.ask()
    opening.reach(Stage.DONE)
    title = opening.widget("nowTitle").parentWidget()
    assert title is not None
    opening.until(lambda: "Tell the student: It is not registered" in words(title))
