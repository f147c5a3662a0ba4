"""No camera: the page says so in full, and a picture file is the main thing until the camera is back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from station.ui.viewmodels.stages import ENTER, SPACE, Stage, Todo
from station.ui.views.no_camera import NoCameraView
from station.ui.widgets.labels import Text
from tests.helpers.window import Opening


def without_camera(opening: Opening) -> None:
    opening.reach(Stage.PHOTO)
    opening.until(lambda: opening.models.camera.newest is not None)
    opening.hands.dial.set("camera", "unplugged")
    opening.until(lambda: opening.session.camera_away)


def test_a_picture_file_is_the_main_thing(opening: Opening) -> None:
    without_camera(opening)
    view = opening.window.findChild(NoCameraView)
    assert view is not None
    opening.until(view.isVisible)
    words = [text for text in view.findChildren(Text) if text.isVisible()]
    assert any("unplugged" in text.text() for text in words)
    assert all(text.wordWrap() for text in words)
    # Laid out when the page has come to rest; then nothing is cut.
    opening.until(lambda: all(text.height() >= text.heightForWidth(text.width()) for text in words))
    assert opening.session.by_key(ENTER) is Todo.FROM_FILE
    assert opening.session.by_key(SPACE) is None
    opening.until(lambda: opening.focus_name() == "todo-from_file")
    opening.press(Qt.Key.Key_Return)
    dialog = opening.window.findChild(QFileDialog)
    assert dialog is not None
    dialog.close()


def test_the_camera_comes_back_by_itself(opening: Opening) -> None:
    without_camera(opening)
    opening.hands.dial.clear("camera")
    opening.until(lambda: opening.models.camera.live)
    assert opening.session.primary() is Todo.SHUTTER
    opening.until(lambda: opening.focus_name() == "todo-shutter")
    assert not opening.window.middle.photo.none.isVisible()


def test_the_status_bar_names_the_camera_once(opening: Opening) -> None:
    without_camera(opening)
    light = opening.widget("light-camera")
    opening.until(lambda: light.accessibleName() == "Camera: unplugged")
    assert "was unplugged" in light.toolTip(), "all of it, and what to do, is in the tip"
