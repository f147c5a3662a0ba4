"""The picture on the clipboard, however the other program laid it there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from station.photo.decoding import load_picture
from station.ui.viewmodels.sources import clipboard_picture
from tests.helpers.pictures import COLOURS, colour_of, corners, plain, quarters, saved


def test_a_copied_file_is_its_path(tmp_path: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "līga.jpg"))])
    assert clipboard_picture(data) == str(tmp_path / "līga.jpg")


@pytest.mark.parametrize(("mime", "kind"), [("image/png", "PNG"), ("image/jpeg", "JPEG"), ("image/webp", "WEBP")])
def test_a_picture_comes_as_the_other_program_wrote_it(mime: str, kind: str, qtbot: QtBot) -> None:
    data, given = QMimeData(), saved(corners(), kind)
    data.setData(mime, given)
    assert clipboard_picture(data) == given


def test_a_picture_of_this_toolkit_becomes_a_file_of_its_own(qtbot: QtBot) -> None:
    data, pixels = QMimeData(), plain(COLOURS[2], 120, 160)
    data.setImageData(QImage(pixels.tobytes(), 120, 160, 360, QImage.Format.Format_BGR888).copy())
    found = clipboard_picture(data)
    assert isinstance(found, bytes)
    assert colour_of(load_picture(found)) == 2
    assert quarters(load_picture(found)) == (2, 2, 2, 2)


def test_words_and_addresses_are_no_picture(qtbot: QtBot) -> None:
    data = QMimeData()
    data.setText("Līga Bērziņa")
    assert clipboard_picture(data) is None
    data.setUrls([QUrl("https://example.org/liga.jpg")])
    assert clipboard_picture(data) is None
