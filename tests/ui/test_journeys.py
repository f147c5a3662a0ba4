"""Journeys through the window by keyboard, in the test's own process."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyle, QWidget
from pytestqt.qtbot import QtBot

from station.domain.elements import Box, Qr
from station.domain.elements import Text as Words
from station.domain.errors import RouterKeyError
from station.domain.layout import Layout
from station.domain.workflow import EncodeBegun
from station.render.layout_file import save_layout
from station.ui.main_window import MainWindow
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage
from station.ui.views.middle import Middle
from station.ui.views.queue import QueueView
from station.ui.widgets.labels import OneLine, Text
from tests.helpers.desks import open_test_desk
from tests.helpers.window import Opening, a_window

K = Qt.Key


def text_of(opening: Opening, name: str) -> str:
    widget = opening.widget(name)
    assert isinstance(widget, OneLine | Text)
    return widget.text()


def serve_next(opening: Opening) -> None:
    opening.until(lambda: opening.focus_name() == "nextPerson")
    opening.press(K.Key_N)
    opening.until(lambda: opening.models.desk.current is not None)


def to_stage(opening: Opening, stage: Stage) -> None:
    """Press what is on the key caps until ``stage`` is reached."""
    session = opening.session
    while session.stage is not stage:
        before = session.stage
        if before is Stage.PHOTO:
            opening.until(lambda: opening.models.camera.newest is not None)
        if before is Stage.REVIEW:
            opening.until(lambda: opening.widget("make").isEnabled())
        opening.until(lambda: not session.busy)
        opening.meant()
        if session.stage is before:
            opening.press(K.Key_Space if before is Stage.PHOTO else K.Key_Return)
        opening.until(lambda b=before: session.stage is not b or session.trouble is not None)
        if session.trouble is not None:
            return


def test_a_card_from_the_queue_to_the_hand_with_enter_and_space(opening: Opening) -> None:
    serve_next(opening)
    assert text_of(opening, "personName") == "Līga Bērziņa-Šķēle"
    to_stage(opening, Stage.DONE)
    assert opening.session.card is not None
    opening.until(lambda: opening.models.desk.today.count == 1)
    opening.press(K.Key_Return)
    opening.until(lambda: text_of(opening, "personName") == "Mārtiņš Ģērmanis")


def test_search_by_keyboard_without_accents(opening: Opening) -> None:
    opening.until(lambda: opening.focus_name() == "nextPerson")
    QTest.keyClicks(opening.window, "/")
    assert opening.focus_name() == "search"
    QTest.keyClicks(opening.widget("search"), "germa")
    popup = opening.widget("searchPopup")
    opening.until(lambda: popup.isVisible() and opening.models.search.answered == "germa")
    opening.press(K.Key_Return)
    opening.until(lambda: opening.models.desk.current is not None)
    assert text_of(opening, "personName") == "Mārtiņš Ģērmanis"
    assert not popup.isVisible()
    search = opening.widget("search")
    assert isinstance(search, QLineEdit)
    assert search.text() == ""


def test_what_is_typed_while_the_desk_opens_is_not_lost(qtbot: QtBot, tmp_path: Path) -> None:
    def type_at_once(window: MainWindow) -> None:
        window.activateWindow()
        QTest.keyClicks(window, "/")
        QTest.keyClicks(window.header.search, "germa")

    with a_window(qtbot, tmp_path, before=type_at_once) as opening:
        opening.until(lambda: opening.models.search.answered == "germa")
        assert opening.widget("searchPopup").isVisible()
        assert opening.focus_name() == "search"


def test_n_is_the_next_person_from_the_first_sight_on(qtbot: QtBot, tmp_path: Path) -> None:
    def wait(window: MainWindow) -> None:
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)

    with a_window(qtbot, tmp_path, before=wait) as opening:
        opening.until(lambda: opening.focus_name() == "nextPerson")
        opening.press(K.Key_N)
        opening.until(lambda: opening.models.desk.current is not None)
        assert text_of(opening, "personName") == "Līga Bērziņa-Šķēle"


def test_enter_before_the_answer_takes_the_only_one_and_never_one_of_several(opening: Opening) -> None:
    opening.until(lambda: opening.focus_name() == "nextPerson")
    QTest.keyClicks(opening.window, "/")
    QTest.keyClicks(opening.widget("search"), "0")  # both student numbers begin so
    opening.press(K.Key_Return)
    opening.until(lambda: len(opening.models.search.found) == 2)
    assert opening.models.desk.current is None
    QTest.keyClicks(opening.widget("search"), "41")
    opening.press(K.Key_Return)
    opening.until(lambda: opening.models.desk.current is not None)
    assert text_of(opening, "personName") == "Mārtiņš Ģērmanis"


def test_after_a_crash_the_cards_in_doubt_come_first(qtbot: QtBot, tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        begun = bench.portrayed(bench.martins)
        bench.desk.journal.step(begun, EncodeBegun(bench.tray.put_blank(), "reader"))
    with a_window(qtbot, tmp_path) as opening:
        opening.until(lambda: opening.models.desk.page is Page.DOUBTS)
        (line,) = opening.models.doubts.lines
        assert line.holder is not None
        opening.models.doubts.read_card()
        opening.until(lambda: opening.models.desk.current is not None)
        assert text_of(opening, "personName") == "Mārtiņš Ģērmanis"
        opening.until(lambda: opening.session.stage is Stage.ENCODE)
        opening.until(lambda: opening.session.busy or opening.focus_name().startswith("todo"))
        if not opening.session.busy:
            assert text_of(opening, "nowTitle") == "Put the same card back on the reader"
        to_stage(opening, Stage.DONE)
        card = opening.session.card
        assert card is not None
        assert card.escn == begun.escn


def test_the_search_is_given_up_with_escape(opening: Opening) -> None:
    QTest.keyClicks(opening.window, "/")
    QTest.keyClicks(opening.widget("search"), "zzz")
    popup = opening.widget("searchPopup")
    opening.until(popup.isVisible)
    opening.press(K.Key_Escape)
    assert not popup.isVisible()
    assert opening.models.desk.current is None


PAGES = [(K.Key_F8, Page.QUEUE), (K.Key_F1, Page.HELP), (K.Key_H, Page.HOLDER_CARDS)]


@pytest.mark.parametrize(("key", "page"), PAGES)
def test_a_page_opened_by_key_is_not_covered_by_who_was_found(opening: Opening, key: Qt.Key, page: Page) -> None:
    opening.models.desk.serve(opening.hands.liga)
    QTest.keyClicks(opening.window, "/")
    QTest.keyClicks(opening.widget("search"), "germa")
    popup = opening.widget("searchPopup")
    opening.until(popup.isVisible)
    control = Qt.KeyboardModifier.ControlModifier if key == K.Key_H else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(opening.widget("search"), key, control)
    assert opening.models.desk.page is page
    assert not popup.isVisible()
    opening.until(lambda: opening.focus_name() not in ("", "search"))


def test_trouble_takes_the_middle_and_goes_on_from_where_it_stopped(opening: Opening) -> None:
    opening.hands.dial.set("printer", "ribbon-out")
    serve_next(opening)
    to_stage(opening, Stage.DONE)
    session = opening.session
    assert session.trouble is not None
    assert text_of(opening, "troubleTitle") == "The printer's ribbon has run out"
    assert opening.widget("cardFront").isVisible(), "the card stays to be seen"
    opening.until(lambda: opening.focus_name() == "todo-retry")
    opening.hands.dial.clear("printer")
    opening.press(K.Key_Return)
    opening.until(lambda: session.stage is Stage.HAND_OVER)


def test_the_next_person_is_photographed_while_a_card_waits(opening: Opening) -> None:
    opening.hands.dial.set("printer", "feeder-empty")
    serve_next(opening)
    to_stage(opening, Stage.DONE)
    opening.press(K.Key_N)
    opening.until(lambda: text_of(opening, "personName") == "Mārtiņš Ģērmanis")
    to_stage(opening, Stage.REVIEW)
    assert [s.stage for s in opening.models.desk.sessions] == [Stage.PRINT, Stage.REVIEW]


def test_the_camera_runs_only_while_the_photo_is_taken(opening: Opening) -> None:
    serve_next(opening)
    assert opening.models.camera.report is None
    to_stage(opening, Stage.PHOTO)
    opening.until(lambda: opening.models.camera.live)
    opening.press(K.Key_F1)
    opening.until(lambda: opening.models.camera.newest is None)
    opening.press(K.Key_Escape)
    opening.until(lambda: opening.models.camera.newest is not None)
    to_stage(opening, Stage.CROP)
    assert opening.models.camera.newest is None


def test_the_crop_moves_by_arrows_and_enter_accepts(opening: Opening) -> None:
    serve_next(opening)
    to_stage(opening, Stage.CROP)
    opening.until(lambda: opening.focus_name() == "crop")
    before = opening.session.portrait.crop
    opening.press(K.Key_Left, K.Key_Plus)
    assert opening.session.portrait.crop != before
    opening.press(K.Key_Return)
    opening.until(lambda: opening.session.stage is Stage.REVIEW)


def test_escape_puts_a_person_back_into_the_queue(opening: Opening) -> None:
    serve_next(opening)
    opening.press(K.Key_Escape)
    assert opening.models.desk.current is None
    assert len(opening.models.desk.waiting) == 2


def test_pages_open_and_close_by_their_keys(opening: Opening) -> None:
    middle = opening.window.findChild(Middle)
    assert isinstance(middle, Middle)
    for key, page in (
        (K.Key_F1, Page.HELP),
        (K.Key_F3, Page.PORTRAITS),
        (K.Key_F8, Page.QUEUE),
        (K.Key_F9, Page.DOUBTS),
        (K.Key_F12, Page.FAULTS),
    ):
        opening.press(key)
        assert opening.models.desk.page is page
        assert middle.stack.currentWidget() is middle.pages[page]
        opening.until(lambda: opening.focus_name() in ("pageBack", "approve"))
        opening.press(K.Key_Escape)
        assert opening.models.desk.page is Page.HOME


def test_the_queue_lists_what_is_to_be_told(opening: Opening) -> None:
    serve_next(opening)
    to_stage(opening, Stage.DONE)
    opening.press(K.Key_F8)
    view = opening.window.findChild(QueueView)
    assert isinstance(view, QueueView)
    opening.until(lambda: any("Līga" in line.text() for line in view.findChildren(OneLine)))
    assert opening.widget("retryAll").isVisible()


def test_the_queue_says_what_esc_router_said_and_what_to_do(opening: Opening) -> None:
    serve_next(opening)
    to_stage(opening, Stage.DONE)
    opening.hands.desk.link.answered(RouterKeyError(status=401), opening.hands.desk.clock.now())
    opening.press(K.Key_F8)
    view = opening.window.findChild(QueueView)
    assert isinstance(view, QueueView)
    opening.until(lambda: view.findChild(QWidget, "queueHold") is not None)
    words = " ".join(text.text() for text in view.findChildren(Text))
    assert "doesn't accept the institution's key" in words
    assert "Ask IT to check the key" in words
    assert "when the trouble above is mended" in words
    assert "connection" not in words


def test_the_fault_dial_is_turned_in_the_window(opening: Opening) -> None:
    opening.press(K.Key_F12)
    choice = opening.widget("fault-printer")
    assert isinstance(choice, QComboBox)
    choice.setCurrentIndex(choice.findData("jam"))
    choice.activated.emit(choice.currentIndex())
    fault = opening.hands.dial.fault("printer")
    assert fault is not None
    assert fault.kind == "jam"
    QTest.mouseClick(opening.widget("repairAll"), Qt.MouseButton.LeftButton)
    assert opening.hands.dial.fault("printer") is None


def test_the_list_is_walked_by_arrows(opening: Opening) -> None:
    opening.until(lambda: opening.focus_name() == "nextPerson")
    opening.widget("people").setFocus()
    opening.press(K.Key_Down, K.Key_Down, K.Key_Return)
    assert opening.session.holder == opening.hands.martins


def test_f6_goes_round_the_regions(opening: Opening) -> None:
    opening.until(lambda: opening.focus_name() == "nextPerson")
    seen = []
    for _ in range(3):
        opening.press(K.Key_F6)
        seen.append(opening.focus_name())
    assert seen == ["search", "people", "nextPerson"]


def test_the_card_is_turned_round_and_shown_in_true_size(opening: Opening) -> None:
    serve_next(opening)
    to_stage(opening, Stage.REVIEW)
    card = opening.widget("reviewCard")
    assert card.accessibleName() == "The front of the card"
    opening.press(K.Key_F4)
    assert card.accessibleName() == "The back of the card"
    QTest.mouseClick(opening.widget("trueSize"), Qt.MouseButton.LeftButton)
    opening.press(K.Key_F4)
    assert card.accessibleName() == "The front of the card"


def test_what_will_look_wrong_is_said_with_what_to_do(qtbot: QtBot, tmp_path: Path) -> None:
    name = Words(id="name", box=Box(5, 5, 6, 2), text="{full_name}", size_pt=9)
    save_layout(Layout("narrow", 1, (name, Qr(id="qr", box=Box(50, 20, 20, 20)))), tmp_path / "narrow.zip")
    with a_window(qtbot, tmp_path / "desk", layout={"name": "", "file": tmp_path / "narrow.zip"}) as opening:
        serve_next(opening)
        to_stage(opening, Stage.REVIEW)
        opening.until(lambda: text_of(opening, "reviewFindings"))
        said = text_of(opening, "reviewFindings")
        assert "smaller than the layout allows (9 pt)" in said
        assert "Make the box larger or the letters smaller" in said


def test_the_language_is_switched_while_somebody_is_served(opening: Opening) -> None:
    serve_next(opening)
    to_stage(opening, Stage.REVIEW)
    make = opening.widget("make")
    assert make.accessibleName() == "Make the card"
    opening.ui.tr_.set_language("lv")
    assert make.accessibleName() == "Izgatavot karti"
    assert "Karšu stacija" in opening.window.windowTitle()
    opening.ui.theme.set_mode("dark")
    assert opening.session.stage is Stage.REVIEW


def test_the_menu_offers_languages_looks_and_pages(opening: Opening) -> None:
    menu = opening.window.header.build_menu()
    # Side by side its last columns would lie beyond the edge of a small screen.
    assert menu.style().styleHint(QStyle.StyleHint.SH_Menu_Scrollable, None, menu)
    texts = [action.text().split("\t")[0] for action in menu.actions()]
    assert {"Latviešu", "English", "Light", "Dark", "Help", "Fault dial of the demo"} <= set(texts)
    next(action for action in menu.actions() if action.text() == "Latviešu").trigger()
    assert opening.ui.tr_.language == "lv"
    menu.deleteLater()


def test_closing_in_the_middle_loses_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        serve_next(opening)
        to_stage(opening, Stage.REVIEW)
        escn = opening.session.issuance.escn if opening.session.issuance else ""
    with a_window(qtbot, tmp_path / "desk") as opening:
        opening.until(lambda: opening.models.desk.next_name == "Līga Bērziņa-Šķēle")
        serve_next(opening)
        opening.until(lambda: opening.session.stage is Stage.REVIEW)
        assert opening.session.issuance is not None
        assert opening.session.issuance.escn == escn
