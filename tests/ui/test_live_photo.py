"""The photo page as it lives: a real stream takes its own photo, and a person has the last word at every moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from station.adapters.camera.opencv import OpenCvCameras
from station.adapters.clock import SystemClock
from station.domain.errors import ModelError
from station.domain.portrait import OverrideReason
from station.photo import advice, autocapture
from station.photo.autocapture import Phase
from station.photo.checks import THRESHOLDS_VERSION, CheckName
from station.photo.pictures import load_picture
from station.services.autocapture import FaceWatch
from station.services.capture import CameraChoice
from station.services.overrides import override_report
from station.ui.tone import Tone
from station.ui.viewmodels.live import LiveModel
from station.ui.viewmodels.stages import Stage
from station.ui.views.photo import PhotoView
from tests.helpers.mjpeg import MjpegServer
from tests.helpers.sitters import IN_UNIFORM, TOO_NEAR, frames_of, stream_of
from tests.helpers.window import Opening, a_window

CLOCK = SystemClock()


@pytest.fixture(scope="module")
def good_stream() -> list[bytes]:
    return stream_of(IN_UNIFORM)


@pytest.fixture
def streaming(qtbot: QtBot, tmp_path: Path, good_stream: list[bytes]) -> Iterator[Opening]:
    """Give a window whose camera is a real stream, read through cv2.VideoCapture."""
    with (
        MjpegServer(good_stream, 30) as server,
        a_window(
            qtbot, tmp_path / "desk", cameras=OpenCvCameras(CLOCK), camera={"driver": "opencv", "source": server.url}
        ) as opening,
    ):
        yield opening


def live_of(opening: Opening) -> LiveModel:
    return opening.models.desk.live


def sit_down(opening: Opening, seat: int = IN_UNIFORM) -> LiveModel:
    """Bring somebody before the demo's camera until the face is followed."""
    opening.reach(Stage.PHOTO)
    opening.hands.seat(seat)
    live = live_of(opening)
    opening.until(lambda: live.seen is not None and live.seen.outline is not None)
    return live


def menu_of(opening: Opening, name: str) -> QMenu:
    found = [menu for menu in opening.window.findChildren(QMenu, name) if menu.isVisible()]
    assert len(found) == 1
    return found[0]


def action(menu: QMenu, words: str) -> QAction:
    [found] = [each for each in menu.actions() if words in each.text()]
    return found


def test_a_real_stream_takes_its_own_photo(streaming: Opening) -> None:
    streaming.reach(Stage.PHOTO)
    phases: list[Phase] = []
    live = live_of(streaming)
    live.changed.connect(lambda: phases.append(live.seen.auto.phase) if live.seen else None)
    live.set_auto(True)
    streaming.until(lambda: streaming.session.stage is Stage.CROP)
    order = [phase for phase in (Phase.HOLDING, Phase.COUNTING) if phase in phases]
    assert order == [Phase.HOLDING, Phase.COUNTING], "it held, and it was counted"
    portrait = streaming.session.portrait
    assert portrait.findings, "what was found came with the picture"
    assert portrait.crop.height < 1
    assert streaming.focus_name() == "crop" or streaming.window.middle.photo.crop.isVisible()
    streaming.press(Qt.Key.Key_Return)
    streaming.until(lambda: streaming.session.stage is Stage.REVIEW)
    issuance = streaming.session.issuance
    assert issuance is not None
    assert issuance.portrait_id is not None
    kept = streaming.hands.desk.store.portraits.get(issuance.portrait_id)
    assert kept is not None
    assert len(list(streaming.hands.desk.store.portraits.all_findings())) == 1, "of the burst only one was kept"
    assert [finding.check for finding in kept.findings] == [check.value for check in CheckName]
    assert {finding.thresholds for finding in kept.findings} == {THRESHOLDS_VERSION}
    assert kept.original is not None
    original, frame = load_picture(kept.original), frames_of(IN_UNIFORM, 1)[0]
    small = [cv2.resize(each, (64, 36)).astype(np.int16) for each in (original, frame, frame[:, ::-1])]
    as_seen, mirrored = (np.abs(small[0] - other).mean() for other in small[1:])
    assert as_seen < mirrored / 2, "it is shown mirrored, and kept as the camera saw it"


def stop_the_count(opening: Opening, live: LiveModel) -> None:
    live.set_auto(True)
    opening.until(lambda: live.counting)
    assert opening.window.middle.photo.pill.text().startswith("Good. Hold still…")
    opening.press(Qt.Key.Key_Escape)
    assert live.paused
    assert not live.counting
    assert opening.models.desk.current is opening.session, "it stops the count and leaves nobody"


def test_escape_stops_the_count_and_space_takes_it_by_hand(opening: Opening) -> None:
    live = sit_down(opening)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(autocapture, "COUNT_S", 60.0)  # it lasts for as long as it is looked at
        stop_the_count(opening, live)
    seen = live.seen.number if live.seen else 0
    opening.until(lambda: live.seen is not None and live.seen.number > seen + 60)
    assert not opening.session.portrait.has_still, "it does not begin again by itself"
    opening.press(Qt.Key.Key_Space)
    assert opening.session.stage is Stage.CROP, "by hand it is taken at once"
    opening.until(lambda: opening.session.portrait.findings)
    opening.press(Qt.Key.Key_Escape)
    opening.until(lambda: live.seen is not None)
    assert live.paused, "for the same person it stays stopped"
    opening.press(Qt.Key.Key_A)
    opening.until(lambda: opening.session.stage is Stage.CROP)


def test_automatic_capture_is_switched_off_in_the_menu_and_stays_off(opening: Opening) -> None:
    live = sit_down(opening)
    switched: list[bool] = []
    live.switched.connect(switched.append)
    live.set_auto(True)
    opening.window.middle.photo.picker.click()
    action(menu_of(opening, "cameras"), "by itself").trigger()
    assert switched == [True, False]
    assert not live.takes_itself
    opening.until(lambda: live.seen is not None and live.seen.auto.phase is Phase.RESTING)
    menu_of(opening, "cameras").close()


def test_a_foot_pedal_takes_the_photo_wherever_the_keyboard_is(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", photo={"auto_capture": False, "pedal": "PgDown"}) as opening:
        sit_down(opening)
        opening.window.setFocus()
        opening.press(Qt.Key.Key_PageDown)
        assert opening.session.stage is Stage.CROP
        opening.press(Qt.Key.Key_PageDown)
        assert opening.session.stage is Stage.CROP, "it is the shutter, and nothing else"


def test_a_check_is_gone_over_with_one_key_and_a_reason(opening: Opening) -> None:
    live = sit_down(opening)
    photo = opening.window.middle.photo
    opening.until(lambda: live.hint is not None and live.hint.name is CheckName.BACKGROUND)
    opening.until(lambda: photo.pill.key == "R")
    opening.press(Qt.Key.Key_R)
    menu = menu_of(opening, "reasons")
    assert menu.actions()[0].text() == "Go over “Background”: why?"
    assert len([each for each in menu.actions() if each.isEnabled()]) == len(OverrideReason)
    action(menu, "Disability").trigger()
    opening.until(lambda: live.hint is None and photo.pill.text().startswith("Good"))
    assert photo.pill.key == "", "what is well cannot be gone over"
    opening.press(Qt.Key.Key_R)
    assert not [each for each in opening.window.findChildren(QMenu, "reasons") if each.isVisible() and each is not menu]
    menu.close()
    opening.press(Qt.Key.Key_Space)
    opening.until(lambda: opening.session.portrait.findings)
    assert opening.session.portrait.hint is None
    opening.press(Qt.Key.Key_Return)
    opening.until(lambda: opening.session.stage is Stage.REVIEW)
    counts = {count.check: count for count in override_report(opening.hands.desk.store.portraits)}
    assert (counts[CheckName.BACKGROUND.value].flagged, counts[CheckName.BACKGROUND.value].overridden) == (1, 1)
    assert sum(count.overridden for count in counts.values()) == 1


def test_without_its_models_the_desk_goes_on_by_hand_with_one_message(opening: Opening) -> None:
    opening.models.desk.serve(opening.hands.liga)
    live = live_of(opening)

    def none() -> object:
        raise ModelError(file="face_detector.tflite", detail="it is missing")

    live._watch = FaceWatch(none)  # type: ignore[arg-type]  # it never returns
    opening.reach(Stage.PHOTO)
    opening.until(lambda: live.error is not None)
    pill = opening.window.middle.photo.pill
    opening.until(lambda: "face_detector.tflite" in pill.text())
    assert pill.key == "", "there is nothing to be gone over"
    assert not live.takes_itself
    opening.until(lambda: opening.models.camera.newest is not None)
    opening.press(Qt.Key.Key_Space)
    assert opening.session.stage is Stage.CROP
    opening.press(Qt.Key.Key_Return)
    opening.until(lambda: opening.session.stage is Stage.REVIEW)


def test_the_hint_is_said_in_words_and_by_a_sign(opening: Opening) -> None:
    live = sit_down(opening, TOO_NEAR)
    pill = opening.window.middle.photo.pill
    opening.until(lambda: live.hint is not None and live.hint.name is CheckName.FRAMING)
    opening.until(lambda: "Move back" in pill.text())
    assert pill.accessibleName() == pill.text(), "a screen reader is told the same"
    assert live.saying().tone is Tone.WARN
    opening.ui.choose_language("lv")
    opening.until(lambda: "Move back" not in pill.text())
    assert pill.accessibleName() == pill.text()


def test_the_picker_lists_a_camera_that_is_plugged_in(opening: Opening) -> None:
    sit_down(opening)
    opening.until(lambda: opening.models.camera.cameras)
    opening.window.middle.photo.picker.click()
    menu = menu_of(opening, "cameras")
    assert action(menu, "Demo camera").isChecked()
    opening.hands.dial.set("camera", "unplugged")
    opening.until(lambda: action(menu, "Demo camera").text() == "Demo camera (not there)")
    opening.hands.dial.clear("camera")
    opening.until(lambda: action(menu, "Demo camera").text() == "Demo camera")
    menu.close()
    opening.until(lambda: opening.models.camera.live)


def test_another_size_is_asked_for_and_remembered(opening: Opening) -> None:
    sit_down(opening)
    chosen: list[CameraChoice] = []
    opening.models.camera.chosen.connect(chosen.append)
    opening.window.middle.photo.picker.click()
    menu = menu_of(opening, "cameras")
    assert action(menu, "1280 × 720").isChecked()
    action(menu, "1920 × 1080").trigger()
    assert [choice.size.height_px for choice in chosen] == [1080]
    menu.close()
    opening.until(lambda: opening.models.camera.newest is not None)


def test_when_there_is_no_camera_another_can_be_chosen(opening: Opening) -> None:
    sit_down(opening)
    opening.hands.dial.set("camera", "unplugged")
    opening.until(lambda: opening.session.camera_away)
    none = opening.window.middle.photo.none
    opening.until(none.other.isVisible)
    none.other.click()
    menu_of(opening, "cameras").close()


def hints() -> list[str]:
    """Return everything that a check can say, as message ids."""
    return sorted(value for name, value in vars(advice).items() if name.isupper() and isinstance(value, str))


def overlaps(photo: PhotoView) -> bool:
    return photo.pill.geometry().intersects(photo.picker.geometry())


@pytest.mark.parametrize("size", [(640, 360), (1280, 720)], ids=str)
@pytest.mark.parametrize("language", ["lv", "en"])
def test_every_hint_is_whole_on_the_page(qtbot: QtBot, tmp_path: Path, size: tuple[int, int], language: str) -> None:
    with a_window(qtbot, tmp_path / "desk", size=size, language=language) as opening:
        live = sit_down(opening)
        live.stop()
        photo = opening.window.middle.photo
        opening.until(lambda: photo.pill.isVisible() and photo.picker.isVisible())
        assert len(hints()) > 12
        for hint in hints():
            photo.pill.say(opening.ui.text(hint), Tone.WARN, key="R")
            photo._place()
            seen = QRect(photo.mapTo(opening.window, QPoint(0, 0)), photo.size())
            pill = photo.pill.geometry().translated(seen.topLeft())
            assert seen.contains(pill), (hint, pill, seen)
            assert pill.width() >= min(photo.pill.sizeHint().width(), photo._pill_room()) > 100, (hint, pill)
            assert not overlaps(photo), hint
            assert photo.pill.height() >= photo.pill.size_in(photo.pill.width()).height(), hint
            if size == (640, 360):
                picture = photo._picture()
                assert not picture.intersects(photo.pill.geometry()), "on a low picture it would hide the chin"


def test_the_hint_is_really_seen_when_the_photo_begins(opening: Opening) -> None:
    sit_down(opening, TOO_NEAR)
    pill = opening.window.middle.photo.pill
    opening.until(lambda: "Move back" in pill.text())
    wanted = pill.sizeHint()
    opening.until(lambda: pill.visibleRegion().boundingRect().size() == wanted)
    middle = pill.mapTo(opening.window, pill.rect().center())
    assert opening.window.childAt(middle) is pill, "nothing lies over it"


def test_the_cameras_whole_name_is_on_its_button(opening: Opening) -> None:
    sit_down(opening)
    picker = opening.window.middle.photo.picker
    opening.until(lambda: picker.text() == "Demo camera · 720p")
    assert picker.width() == picker.sizeHint().width()
