"""The queue's page in the window: what waits and why, try now, the day, the promises and their slips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from station.adapters.store import SqlStore
from station.domain.card import Card, Registration
from station.domain.errors import RouterGoneError, RouterRefusedError, RouterStrangeError, RouterUnreachableError
from station.domain.outbox import FINAL, OutboxKind, failed, succeeded
from station.domain.queue_export import Export, ExportWay
from station.ui.viewmodels.outbox import SHOWN
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.views.queue import QueueView
from station.ui.widgets.day_chart import DayChart
from station.ui.widgets.labels import OneLine
from tests.helpers.finished_cards import Desk as Finished
from tests.helpers.finished_cards import a_card, a_student
from tests.helpers.window import Opening, a_window

K = Qt.Key


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    with a_window(qtbot, tmp_path / "desk") as made:
        yield made


@pytest.fixture
def card(opening: Opening) -> Card:
    """Return a card that was handed over more than a minute ago."""
    card = opening.hands.desk.issuances.hand_over(opening.hands.verified().id)
    opening.hands.dial.set("clock", "wrong", 120.0)
    return card


def words(opening: Opening) -> str:
    view = opening.window.findChild(QueueView)
    assert isinstance(view, QueueView)
    labels = [label.text() for label in view.findChildren(QLabel) if label.isVisible()]
    lines = [line.text() for line in view.findChildren(OneLine) if line.isVisible()]
    return " | ".join([*lines, *labels])


def open_page(opening: Opening) -> None:
    opening.press(K.Key_F8)
    assert opening.models.desk.page is Page.QUEUE
    opening.until(lambda: opening.models.outbox.day is not None)


def focus(opening: Opening, name: str) -> None:
    """Go to a button with the keyboard, as soon as it is there; what is shown is made anew when the queue moves."""

    def is_there() -> bool:
        for button in opening.window.findChildren(QWidget, name):
            if button.isVisible():
                button.setFocus(Qt.FocusReason.TabFocusReason)
        return opening.focus_name() == name

    opening.until(is_there)


def is_in_sight(button: QWidget) -> bool:
    return button.visibleRegion().boundingRect().height() == button.height()


def refuse(opening: Opening, card: Card, kind: OutboxKind = OutboxKind.PERSON, *, final: bool = False) -> str:
    store = opening.hands.desk.store
    entry = next(e for e in store.outbox.entries() if e.escn == card.escn and e.kind is kind)
    error = RouterGoneError(status=410) if final else RouterRefusedError(status=400, detail="email: is none")
    params = {**error.params, "todo": error.todo, **({FINAL: True} if final else {})}
    store.outbox.update(failed(entry, error.what, params, None), Registration.PARKED)
    return entry.key


def test_one_panel_a_person_with_all_that_waits_for_them(opening: Opening, card: Card) -> None:
    open_page(opening)
    opening.until(lambda: "the person" in words(opening))
    said = words(opening)
    assert "Līga Bērziņa-Šķēle · the person, the card, the picture" in said
    assert "Goes out by itself as soon as it can." in said
    assert "Waits, and goes out by itself · 3" in said
    assert "2 min" in said


def test_what_needs_a_decision_comes_first_and_is_tried_by_keyboard(opening: Opening, card: Card) -> None:
    key = refuse(opening, card)
    open_page(opening)
    opening.until(lambda: "the person" in words(opening))
    said = words(opening)
    assert "Needs a decision · 1" in said
    assert "ESC-Router refuses the data: email: is none" in said
    assert "Correct the student's data" in said
    button = opening.widget(f"retry-{key}")
    assert button.accessibleName() == "Try now: Līga Bērziņa-Šķēle"
    focus(opening, f"retry-{key}")
    opening.press(K.Key_Space)
    opening.until(lambda: "Needs a decision" not in words(opening))


def test_the_keyboard_goes_from_the_way_back_to_each_button_and_has_it_in_sight(opening: Opening, card: Card) -> None:
    key = refuse(opening, card)
    open_page(opening)
    opening.window.resize(640, 360)
    opening.until(lambda: opening.window.findChild(QWidget, f"slip-{card.escn}") is not None)
    view = opening.window.findChild(QueueView)
    assert isinstance(view, QueueView)
    view.back.setFocus()
    for name in ("retryAll", f"slip-{card.escn}", f"retry-{key}"):
        opening.press(K.Key_Backtab)
        opening.until(lambda name=name: opening.focus_name() == name)
        opening.until(lambda name=name: is_in_sight(opening.widget(name)))


@pytest.mark.parametrize("which", ["retry", "slip"])
def test_the_keyboard_stays_where_it_was_when_the_queue_moves(opening: Opening, card: Card, which: str) -> None:
    key = refuse(opening, card)
    name = {"retry": f"retry-{key}", "slip": f"slip-{card.escn}"}[which]
    open_page(opening)
    opening.window.resize(640, 360)
    focus(opening, name)
    opening.hands.desk.store.cards.set_registration(card.escn, Registration.QUEUED)
    opening.models.devices.queue_moved.emit()
    opening.until(lambda: "needs a decision, see above" not in words(opening))
    assert opening.focus_name() == name
    opening.until(lambda: is_in_sight(opening.widget(name)))


def test_what_is_held_up_together_is_tried_together(opening: Opening, card: Card) -> None:
    desk = opening.hands.desk
    desk.link.answered(RouterUnreachableError(), desk.clock.now())
    open_page(opening)
    opening.until(lambda: "the person" in words(opening))
    view = opening.window.findChild(QueueView)
    assert isinstance(view, QueueView)
    assert not [b for b in view.findChildren(QPushButton) if b.objectName().startswith("retry-")]
    all_of_it = opening.widget("retryAll")
    assert isinstance(all_of_it, QPushButton)
    assert all_of_it.isEnabled()
    assert all_of_it.text() == "Ask ESC-Router again now"
    focus(opening, "retryAll")
    opening.press(K.Key_Space)
    opening.until(lambda: "Asked again at" in words(opening))
    desk.link.answered(None, desk.clock.now())
    opening.until(lambda: "Asked again at" not in words(opening))
    assert all_of_it.text() == "Send everything now"


def test_what_no_try_can_change_offers_none(opening: Opening, card: Card) -> None:
    key = refuse(opening, card)
    desk = opening.hands.desk
    desk.link.answered(RouterStrangeError(host="else.example"), desk.clock.now())
    open_page(opening)
    opening.until(lambda: "is empty, or another router" in words(opening))
    assert "Sending now would change nothing" in words(opening)
    for name in (f"retry-{key}", "retryAll"):
        button = opening.widget(name)
        assert not button.isEnabled()
        assert button.accessibleDescription() == "Sending now would change nothing: what is said above comes first."
    desk.link.answered(None, desk.clock.now())
    opening.until(lambda: opening.widget("retryAll").isEnabled())
    opening.until(lambda: opening.widget(f"retry-{key}").isEnabled())


def test_what_left_in_a_file_says_so_and_still_waits(opening: Opening, card: Card) -> None:
    store, at = opening.hands.desk.store, opening.hands.desk.clock.now()
    store.queue_exports.mark([Export(f"card:{card.escn}", card.escn, ExportWay.STICK, "f", "c", at)])
    open_page(opening)
    opening.until(lambda: "Carried on a stick on" in words(opening))


def test_what_is_final_is_not_offered_again(opening: Opening, card: Card) -> None:
    key = refuse(opening, card, final=True)
    open_page(opening)
    opening.until(lambda: "Needs a decision · 1" in words(opening))
    view = opening.window.findChild(QueueView)
    assert isinstance(view, QueueView)
    assert view.findChild(QObject, f"retry-{key}") is None


def test_a_promise_stands_until_it_is_kept_and_is_ticked_off_by_itself(opening: Opening, card: Card) -> None:
    open_page(opening)
    opening.until(lambda: "Promises not yet kept · 1" in words(opening))
    assert "waits for the registration" in words(opening)
    desk = opening.hands.desk
    for entry in desk.store.outbox.entries():
        desk.store.outbox.update(succeeded(entry, desk.clock.now()), Registration.REGISTERED)
    desk.link.moved()
    opening.until(lambda: "Nothing waits. ESC-Router knows every card." in words(opening))
    assert "Kept today · 1" in words(opening)
    assert "Promises not yet kept · 0" in words(opening)
    assert "✓ Līga Bērziņa-Šķēle" in words(opening)


class Opened(QObject):
    """What the desktop was asked to open."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        """Note a file instead of showing it."""
        self.files.append(url.toLocalFile())


def test_the_slip_is_opened_to_be_printed(opening: Opening, card: Card) -> None:
    open_page(opening)
    desktop = Opened()
    QDesktopServices.setUrlHandler("file", desktop, "take")  # type: ignore[arg-type]  # it takes a name
    try:
        focus(opening, f"slip-{card.escn}")
        opening.press(K.Key_Space)
        opening.until(lambda: desktop.files)
    finally:
        QDesktopServices.unsetUrlHandler("file")
    (file,) = desktop.files
    assert Path(file).read_bytes().startswith(b"%PDF")
    assert Path(file).name == f"{card.escn}.pdf"


def test_the_slip_is_offered_where_the_student_stands_while_there_is_a_promise(opening: Opening) -> None:
    opening.reach(Stage.HAND_OVER)
    desk, devices = opening.hands.desk, opening.models.devices
    session = opening.session
    session.do(Todo.HAND_OVER)
    opening.until(lambda: session.stage is Stage.DONE and opening.models.desk.today.count)
    bar = opening.window.middle.bar
    assert bar.button_for(Todo.SLIP) is None, "nothing is known to be away"
    desk.link.answered(RouterUnreachableError(), desk.clock.now())
    opening.until(lambda: devices.offline)
    opening.until(lambda: bar.button_for(Todo.SLIP) is not None)
    button = bar.button_for(Todo.SLIP)
    assert button is not None
    assert button.text() == "Slip to print"
    assert opening.focus_name() == "todo-next", "Enter goes on with the next person"
    desktop = Opened()
    QDesktopServices.setUrlHandler("file", desktop, "take")  # type: ignore[arg-type]  # it takes a name
    try:
        opening.press(K.Key_Tab)
        assert opening.focus_name() == "todo-slip"
        opening.press(K.Key_Space)
        opening.until(lambda: desktop.files)
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert session.card is not None
    assert Path(desktop.files[0]).name == f"{session.card.escn}.pdf"
    desk.link.answered(None, desk.clock.now())
    opening.until(lambda: bar.button_for(Todo.SLIP) is None)
    assert opening.focus_name() == "todo-next"


def test_the_day_is_said_in_words_too(opening: Opening, card: Card) -> None:
    opening.hands.dial.clear()  # else it may be another day by now
    open_page(opening)
    chart = opening.widget("dayChart")
    assert isinstance(chart, DayChart)
    assert chart.accessibleDescription() == "Today: cards issued 1, registered 0; 1 are still to be"
    assert chart.accessibleDescription() in words(opening)
    assert chart.day is not None
    assert len(chart.day.issued) == 1


def test_nothing_is_shown_of_a_day_without_cards(opening: Opening) -> None:
    open_page(opening)
    opening.until(lambda: "Nothing waits." in words(opening))
    assert not opening.widget("dayChart").isVisible()


def test_a_long_queue_is_shown_piece_by_piece(opening: Opening) -> None:
    store = opening.hands.desk.store
    assert isinstance(store, SqlStore)
    students = [a_student(n) for n in range(3 * SHOWN)]
    finished = Finished.__new__(Finished)  # with the desk's own store, not one more
    finished.store = store
    finished.know(*students)
    for student in students:
        finished.record(a_card(student), student)
    open_page(opening)
    opening.until(lambda: len(opening.models.outbox.lines) == SHOWN)
    focus(opening, "showMore")
    opening.press(K.Key_Space)
    opening.until(lambda: len(opening.models.outbox.lines) == 3 * SHOWN)
    assert not opening.models.outbox.more


def test_a_page_that_is_left_reads_no_more(opening: Opening, card: Card) -> None:
    open_page(opening)
    opening.press(K.Key_Escape)
    assert not opening.models.outbox.watched
    before = opening.models.outbox.lines
    opening.hands.desk.store.outbox.release()
    opening.models.outbox.moved()
    assert opening.models.outbox.lines is before
