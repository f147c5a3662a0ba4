"""Stations in the window, by keyboard: the first one, a code for another, and taking one out of use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from station.domain.enrolment import QR_BEGINS, Right, read_code
from station.photo.qr import read_qr
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stations import StationsModel
from station.ui.views.stations import StationsView
from tests.helpers.enrolments import enrolment
from tests.helpers.window import Opening, a_window

K = Qt.Key


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    with a_window(qtbot, tmp_path / "desk", size=(1280, 720)) as made:
        yield made


def open_page(opening: Opening) -> StationsModel:
    QTest.keyClick(QApplication.focusWidget() or opening.window, K.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert opening.models.desk.page is Page.STATIONS
    opening.until(lambda: opening.models.stations.known)
    return opening.models.stations


def words(opening: Opening) -> str:
    view = opening.window.findChild(StationsView)
    assert isinstance(view, StationsView)
    return " | ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


def press(opening: Opening, name: str) -> None:
    opening.widget(name).setFocus()
    opening.press(K.Key_Space)


def begun(opening: Opening) -> StationsModel:
    """Open the page and make this station the first."""
    model = open_page(opening)
    press(opening, "stationsMake")
    opening.until(lambda: "There is no way back" in words(opening))
    press(opening, "stationsMake")
    opening.until(lambda: bool(model.found.stations))
    return model


def with_code(opening: Opening, name: str) -> str:
    """Type a name, press Enter, and return the code that is shown."""
    model = opening.models.stations
    field = opening.widget("stationName")
    field.setFocus()
    QTest.keyClicks(field, name)
    opening.press(K.Key_Return)
    opening.until(lambda: model.new is not None or model.error is not None)
    code = opening.window.findChild(QLabel, "stationsCode")
    assert isinstance(code, QLabel)
    return code.text()


def test_nobody_is_enrolled_before_somebody_is_sure(opening: Opening) -> None:
    model = open_page(opening)
    opening.until(lambda: "every station that reaches this database may work" in words(opening))
    press(opening, "stationsMake")
    opening.press(K.Key_Escape)
    open_page(opening)
    assert "There is no way back" not in words(opening)
    assert model.found.stations == ()


def test_a_code_is_shown_large_and_as_a_qr_and_only_now(opening: Opening) -> None:
    model = begun(opening)
    opening.until(lambda: "(this station)" in words(opening))
    box = opening.widget(f"right-{Right.CARDS.value}")
    assert isinstance(box, QCheckBox)
    box.setFocus()
    opening.press(K.Key_Space)
    code = with_code(opening, "Desk 9")
    assert read_code(code) == code
    picture = opening.window.findChild(QLabel, "stationsQr")
    assert isinstance(picture, QLabel)
    assert read_qr(pixels_of(picture.pixmap().toImage())) == QR_BEGINS + code
    assert model.found.waiting[0].rights == {Right.ISSUE}
    opening.press(K.Key_Escape)
    open_page(opening)
    assert code not in words(opening)


def test_a_name_that_can_t_be_is_refused_with_the_reason(opening: Opening) -> None:
    model = begun(opening)
    opening.widget("stationName").setFocus()
    opening.press(K.Key_Return)
    opening.until(lambda: model.error is not None)
    opening.until(lambda: "A station's name has 1 to 64" in words(opening))


def test_a_station_is_withdrawn_by_who_says_so_twice(opening: Opening) -> None:
    model = begun(opening)
    desk = opening.hands.desk
    code = with_code(opening, "Desk 9")
    new = enrolment(desk.store.enrolment, "new", desk.clock, prefixes=((desk.settings.institution.pic, 0),))
    new.enrol(code)
    opening.press(K.Key_Escape)
    open_page(opening)
    opening.until(lambda: len(model.found.stations) == 2)
    press(opening, "withdraw-Desk 9")
    assert opening.focus_name() == "withdraw-Desk 9"
    assert model.found.stations[-1].withdrawn_at is None
    opening.press(K.Key_Space)
    opening.until(lambda: model.found.stations[-1].withdrawn_at is not None)
    opening.until(lambda: "withdrawn on" in words(opening))


def pixels_of(image: QImage) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return data[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()
