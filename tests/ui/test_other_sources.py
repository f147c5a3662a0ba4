"""A portrait that is there already is taken at the photo page, by keyboard."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from station.domain.portrait import PortraitSource
from station.resources import asset
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.widgets.labels import Text
from tests.helpers.desks import a_portrait
from tests.helpers.window import Opening

K, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier
PERSON = asset("demo", "portraits", "person-2.jpg").read_bytes()


def at_photo(opening: Opening) -> Session:
    session = opening.reach(Stage.PHOTO)
    opening.until(lambda: opening.models.desk.page is Page.PERSON and not session.sources.looking)
    return session


def copy(data: bytes, kind: str) -> None:
    copied = QMimeData()
    copied.setData(kind, data)
    QGuiApplication.clipboard().setMimeData(copied)


def test_a_copied_picture_is_pasted(opening: Opening) -> None:
    session = at_photo(opening)
    copy(PERSON, "image/jpeg")
    QTest.keyClick(opening.window, K.Key_V, CONTROL)
    opening.until(lambda: session.stage is Stage.CROP)
    assert session.portrait.cutter()().source is PortraitSource.CLIPBOARD
    QGuiApplication.clipboard().clear()


def test_a_copied_picture_that_is_damaged_is_told_in_place(opening: Opening) -> None:
    session = at_photo(opening)
    copy(PERSON[: len(PERSON) // 2], "image/jpeg")
    QTest.keyClick(opening.window, K.Key_V, CONTROL)
    opening.until(lambda: session.trouble is not None)
    assert session.trouble is not None
    assert "is damaged" in session.trouble.title.english()
    assert session.stage is Stage.PHOTO
    QGuiApplication.clipboard().clear()


def test_the_menu_says_how_old_a_portrait_is_and_so_does_the_page(opening: Opening) -> None:
    store, liga = opening.hands.desk.store, opening.hands.liga
    taken_at = opening.hands.desk.clock.now() - timedelta(days=430)
    store.portraits.add(replace(a_portrait(liga.id), taken_at=taken_at))
    session = at_photo(opening)
    QTest.keyClick(opening.window, K.Key_O, CONTROL)
    menu = opening.window.middle.sources.menu
    assert menu is not None
    first = menu.activeAction()
    assert first.text() == "Last approved portrait · 14 months old · older than asked for"
    assert not first.icon().isNull()
    QTest.keyClick(menu, K.Key_Return)
    opening.until(lambda: session.stage is Stage.CROP)
    opening.until(
        lambda: any(
            "14 months old; here they may be 6" in text.text()
            for text in opening.window.middle.photo.findChildren(Text)
            if text.isVisible()
        )
    )


def test_escape_closes_the_menu_and_nothing_else(opening: Opening) -> None:
    session = at_photo(opening)
    QTest.keyClick(opening.window, K.Key_O, CONTROL)
    menu = opening.window.middle.sources.menu
    assert menu is not None
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Picture file…", "Paste from the clipboard\tCtrl+V"]
    QTest.keyClick(menu, K.Key_Escape)
    opening.until(lambda: opening.window.middle.sources.menu is None)
    assert session.stage is Stage.PHOTO
    assert opening.models.desk.current is session


def test_a_file_goes_to_the_one_for_whom_it_was_looked_for(opening: Opening) -> None:
    session, desk = at_photo(opening), opening.models.desk
    opening.window.middle.photo.choose_file()
    dialog = opening.window.findChild(QFileDialog)
    assert dialog is not None
    assert opening.hands.liga.full_name in dialog.windowTitle()
    other = desk.serve(opening.hands.martins)
    other.do(Todo.CONFIRM_DATA)
    opening.until(lambda: other.stage is Stage.PHOTO)
    dialog.fileSelected.emit(str(asset("demo", "portraits", "person-2.jpg")))
    dialog.close()
    opening.until(lambda: session.portrait.has_still)
    assert not other.portrait.has_still
