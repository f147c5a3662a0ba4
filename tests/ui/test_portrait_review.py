"""Many portraits are reviewed in the window, by keyboard, while the desk stays awake."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from station.domain.portrait_review import ReviewDecision
from station.ports.register import RegisterRow
from station.resources import asset
from station.services.portrait_review import ReviewGroup
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage
from station.ui.views.portrait_review import PortraitReviewView
from tests.helpers.desks import NOW, a_holder
from tests.helpers.pictures import corners, saved
from tests.helpers.window import Opening, a_window

K = Qt.Key
PERSON = asset("demo", "portraits", "person-2.jpg").read_bytes()
WALL = saved(corners(600, 800), "JPEG", quality=90)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder: Līga's good picture, Mārtiņš's wall, a broken file of Anna's."""
    made = tmp_path / "photos"
    made.mkdir()
    (made / "051REB123.jpg").write_bytes(PERSON)
    (made / "041REB390.jpg").write_bytes(WALL)
    (made / "077.jpg").write_bytes(b"no picture at all")
    return made


@pytest.fixture
def reviewing(opening: Opening, folder: Path) -> Opening:
    """Give the window with the page of the review, everything looked at."""
    holders = opening.hands.desk.store.holders
    rows = [RegisterRow(a_holder("077", "Anna", "Ozola"))]
    holders.apply_import(holders.plan_import(rows, "more"), "more", NOW)
    opening.until(lambda: opening.focus_name() == "nextPerson")
    opening.models.review.folder = folder
    opening.press(K.Key_F3)
    assert opening.models.desk.page is Page.PORTRAITS
    opening.until(lambda: opening.focus_name() == "approve")
    opening.press(K.Key_Return)
    opening.until(lambda: opening.models.review.items and not opening.models.review.busy)
    opening.until(lambda: opening.focus_name() == "portraits")
    return opening


def page(opening: Opening) -> PortraitReviewView:
    found = opening.window.middle.pages[Page.PORTRAITS]
    assert isinstance(found, PortraitReviewView)
    return found


def shown(opening: Opening) -> list[str]:
    portraits = page(opening).portraits
    return [portraits.item(portraits.index(row)).candidate.path.name for row in range(portraits.rowCount())]


def test_the_worst_comes_first_and_the_keyboard_is_there(reviewing: Opening) -> None:
    assert shown(reviewing) == ["077.jpg", "041REB390.jpg", "051REB123.jpg"]
    current = page(reviewing).grid.current()
    assert current is not None
    assert current.group is ReviewGroup.UNREADABLE
    told = reviewing.widget("reviewTold")
    assert "Anna Ozola, 077" in told.property("text")
    assert "is not a picture that the station knows" in told.property("text")


def test_one_goes_back_with_the_proposed_reason_and_one_is_approved(reviewing: Opening, tmp_path: Path) -> None:
    reviewing.press(K.Key_Right)
    reviewing.press(K.Key_Delete)
    assert reviewing.focus_name() == "reason"
    line = reviewing.widget("reason")
    assert isinstance(line, QLineEdit)
    assert line.text() == "Exactly one face must be seen: yours, looking into the camera."
    QTest.keyClicks(line, "Another background, please.")
    reviewing.press(K.Key_Return)
    reviewing.until(lambda: not reviewing.models.review.busy and len(shown(reviewing)) == 2)
    assert reviewing.focus_name() == "portraits"
    reviewing.press(K.Key_End, K.Key_Return)
    reviewing.until(lambda: not reviewing.models.review.busy and shown(reviewing) == ["077.jpg"])
    store = reviewing.hands.desk.store
    assert [review.decision for review in store.reviews.all()] == [ReviewDecision.SENT_BACK, ReviewDecision.APPROVED]
    assert store.portraits.last_of(reviewing.hands.liga.id) is not None
    target = tmp_path / "list.csv"
    page(reviewing).save_list(target)
    reviewing.until(lambda: not reviewing.models.review.busy)
    _, row = csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig")), delimiter=";")
    assert row[0:2] == ["041REB390", "Mārtiņš Ģērmanis"]
    assert row[4] == "Another background, please."


def test_the_approved_portrait_is_the_first_of_the_other_sources(reviewing: Opening) -> None:
    reviewing.press(K.Key_End, K.Key_Return)
    reviewing.until(lambda: not reviewing.models.review.busy and len(shown(reviewing)) == 2)
    reviewing.press(K.Key_Escape)
    assert reviewing.models.desk.page is Page.HOME
    session = reviewing.reach(Stage.PHOTO)
    reviewing.until(lambda: session.sources.offers)
    reviewing.models.desk.show_page(Page.PERSON)
    QTest.keyClick(reviewing.window, K.Key_O, Qt.KeyboardModifier.ControlModifier)
    menu = reviewing.window.middle.sources.menu
    assert menu is not None
    reviewing.until(menu.isVisible)
    first = menu.activeAction()
    assert first.text().startswith("Last approved portrait · ")
    QTest.keyClick(menu, K.Key_Return)
    reviewing.until(lambda: session.stage is Stage.CROP)


def test_escape_leaves_the_reason_and_then_the_page(reviewing: Opening) -> None:
    reviewing.press(K.Key_Delete)
    assert reviewing.focus_name() == "reason"
    reviewing.press(K.Key_Escape)
    assert reviewing.focus_name() == "portraits"
    reviewing.press(K.Key_Escape)
    assert reviewing.models.desk.page is Page.HOME
    assert reviewing.hands.desk.store.reviews.all() == ()


def test_nothing_goes_back_without_a_word(reviewing: Opening) -> None:
    reviewing.press(K.Key_Delete)
    line = reviewing.widget("reason")
    assert isinstance(line, QLineEdit)
    line.clear()
    reviewing.press(K.Key_Return)
    assert reviewing.focus_name() == "reason"
    assert not reviewing.models.review.busy


def test_a_group_is_shown_alone_and_all_good_ones_are_approved_at_once(reviewing: Opening) -> None:
    review = reviewing.models.review
    view = page(reviewing)
    view.show_group("bad")
    assert shown(reviewing) == ["041REB390.jpg"]
    good = [item.candidate.path.name for item in review.good]
    QTest.keyClick(view.grid, K.Key_Return, Qt.KeyboardModifier.ControlModifier)
    reviewing.until(lambda: not review.busy)
    assert review.counts[ReviewGroup.APPROVED] == len(good)
    view.show_group("approved")
    assert shown(reviewing) == good


def test_another_language_is_on_the_page_at_once(reviewing: Opening) -> None:
    reviewing.ui.choose_language("lv")
    assert page(reviewing).accessibleName() == ""
    assert reviewing.widget("approve").property("text").startswith("Apstiprināt")
    reviewing.ui.choose_language("en")


def test_many_are_looked_at_without_a_stall_and_can_be_stopped(opening: Opening, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(60):
        (many / f"{number:03}.jpg").write_bytes(PERSON if number % 2 else WALL)
    opening.until(lambda: opening.focus_name() == "nextPerson")
    review = opening.models.review
    opening.press(K.Key_F3)
    beats, since = [], QElapsedTimer()
    heart = QTimer()
    heart.setInterval(5)
    heart.timeout.connect(lambda: beats.append(since.restart()))
    since.start()
    heart.start()
    review.choose(many)
    opening.until(lambda: len(review.items) >= 6 and len(beats) > 20)
    assert review.busy, "the window went on living while the pictures were looked at"
    review.stop()
    opening.until(lambda: not review.busy)
    heart.stop()
    assert 6 <= len(review.items) < 60
    assert review.said is not None
    assert "Stopped" in review.said.english()


def test_a_folder_that_is_gone_is_told_in_place(opening: Opening, tmp_path: Path) -> None:
    opening.until(lambda: opening.focus_name() == "nextPerson")
    opening.press(K.Key_F3)
    opening.models.review.choose(tmp_path / "gone")
    opening.until(lambda: opening.models.review.error is not None)
    assert "gone can't be read" in opening.widget("reviewTold").property("text")


@pytest.mark.parametrize("size", [(1280, 800), (640, 400)])
def test_the_page_fits_into_every_window(qtbot: QtBot, tmp_path: Path, folder: Path, size: tuple[int, int]) -> None:
    with a_window(qtbot, tmp_path / "desk", language="lv", size=size) as opening:
        opening.until(lambda: opening.focus_name() in ("nextPerson", "findPerson"))
        opening.press(K.Key_F3)
        opening.models.review.choose(folder)
        opening.until(lambda: opening.models.review.items and not opening.models.review.busy)
        for name, button in (
            ("approve", opening.widget("approve")),
            ("send back", opening.widget("sendBack")),
            ("back", page(opening).back),
        ):
            assert button.width() >= button.minimumSizeHint().width(), name
            corner = button.mapTo(opening.window, button.rect().bottomRight())
            assert opening.window.rect().contains(corner), name
