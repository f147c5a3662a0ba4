"""Each fault of the printer's dial in the window: seen, named, drawn, and ending with the same card and number."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from station.app.tray import ENCODER_NAME
from station.domain.card import BlankState
from station.domain.feeding import FeedStopped
from station.domain.holder import Holder
from station.domain.workflow import EncodeBegun, Issuance, PrintBegun, ReprintReason
from station.i18n import Translator
from station.ports.faults import KINDS
from station.ports.printer import Encoder
from station.resources import asset
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.viewmodels.trouble import Trouble
from station.ui.widgets.picture import Picture
from tests.helpers.desks import ONE_PASS, never, open_test_desk
from tests.helpers.window import Opening, a_window

K = Qt.Key
SEEN_AS = {
    "jam": ("A card is stuck in the printer", "jam"),
    "ribbon-out": ("The printer's ribbon has run out", "ribbon"),
    "wrong-ribbon": ("The printer has the wrong ribbon", "ribbon-wrong"),
    "feeder-empty": ("The printer has no cards", "feeder"),
    "cover-open": ("The printer's cover is open", "cover"),
    "output-full": ("The printer's output tray is full", "tray"),
    "paused": ("The printer is paused", "paused"),
    "off": ("The printer is switched off or not connected", "power"),
    "driver-missing": ("This computer lacks a part of the driver", "driver"),
    "lost": ("Did the card come out?", "look"),
    "encoder-jam": ("A card is stuck in the printer", "jam"),
}

IN_ONE_PASS = ("jam", "ribbon-out", "feeder-empty", "off", "driver-missing", "lost", "encoder-jam")
"""Those that a printer with an encoder meets in another way: before the chip, at the print, after it."""


def served(opening: Opening, holder: Holder) -> Session:
    """Serve somebody whose portrait was taken."""
    opening.hands.portrayed(holder)
    session = opening.models.desk.serve(holder)
    opening.until(lambda: session.stage is Stage.REVIEW and session.preview.final(session.issuance) is not None)
    opening.until(lambda: opening.widget("make").isEnabled())
    return session


def enter(opening: Opening, session: Session) -> None:
    """Press Enter, and wait until the station has done what it can."""
    before = (session.stage, session.trouble)
    opening.meant()
    opening.press(K.Key_Return)
    opening.until(lambda: (session.stage, session.trouble) != before or session.busy)
    opening.until(lambda: not session.busy)


def say(opening: Opening, session: Session, seen: Todo) -> None:
    """Say what came out of the printer."""
    session.do(seen)
    opening.until(lambda: session.stage is Stage.PRINT and not session.busy)


def troubled(opening: Opening, session: Session, fault: str) -> Trouble:
    """Return the trouble on the screen, which must say what is wrong in both languages and draw what to do."""
    assert session.trouble is not None, f"nobody was told of {fault}"
    title, picture = SEEN_AS[fault]
    assert opening.ui.tr_.message(session.trouble.title).startswith(title)
    assert session.trouble.picture == picture
    shown = opening.window.findChild(Picture)
    assert shown is not None
    assert (shown.isVisible(), shown.name) == (True, picture)
    assert asset("icons", "trouble", f"{picture}.svg").is_file()
    for message in (session.trouble.title, session.trouble.safe, session.trouble.short, *session.trouble.steps):
        assert Translator("lv").message(message) != Translator("en").message(message)
    return session.trouble


def finished(opening: Opening, session: Session, begun: Issuance) -> None:
    """Go on with Enter to the hand-over; it must be the same card, with the same number."""
    while session.stage is not Stage.DONE:
        assert session.trouble is None
        enter(opening, session)
    assert session.card is not None
    now = opening.hands.desk.journal.issuance(begun.id)
    assert (session.card.escn, session.card.uid) == (begun.escn, now.uid)
    assert begun.uid in ("", now.uid), "the chip that was written is the one that was handed over"
    prints = [e.event for e in opening.hands.desk.store.issuances.journal(begun.id) if isinstance(e.event, PrintBegun)]
    assert all(event.reason is not None for event in prints[1:]), "nothing is printed again without a reason"


def test_every_fault_at_the_print_ends_with_the_same_card(qtbot: QtBot, tmp_path: Path) -> None:
    faults = [kind for kind in KINDS["printer"] if kind != "encoder-jam"]
    assert set(faults) < set(SEEN_AS), "each fault of the dial is tried"
    with a_window(qtbot, tmp_path / "desk") as opening:
        for number, fault in enumerate(faults):
            session = served(opening, opening.hands.martins if number % 2 else opening.hands.liga)
            enter(opening, session)
            assert session.stage is Stage.PRINT
            assert session.issuance is not None
            begun = session.issuance
            opening.hands.dial.set("printer", fault)
            enter(opening, session)
            troubled(opening, session, fault)
            opening.hands.dial.clear("printer")
            if fault == "lost":
                say(opening, session, Todo.NOTHING_CAME_OUT)
            else:
                enter(opening, session)
            finished(opening, session, begun)
            opening.press(K.Key_Return)
        blanks = opening.hands.desk.store.cards.blanks()
        assert [blank.state for blank in blanks] == [BlankState.USED] * len(faults)


def test_every_fault_in_one_pass_ends_with_the_same_card(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", **ONE_PASS) as opening:
        for number, fault in enumerate(IN_ONE_PASS):
            session = served(opening, opening.hands.martins if number % 2 else opening.hands.liga)
            assert session.issuance is not None
            begun = session.issuance
            opening.hands.dial.set("printer", fault)
            enter(opening, session)
            trouble = troubled(opening, session, fault)
            now = opening.hands.desk.journal.issuance(begun.id)
            stopped = any(
                isinstance(entry.event, FeedStopped) for entry in opening.hands.desk.store.issuances.journal(begun.id)
            )
            assert stopped is (session.stage is Stage.ENCODE)
            assert (Todo.SPOIL in [offer.todo for offer in trouble.offers]) is bool(now.uid)
            opening.hands.dial.clear("printer")
            if fault == "lost":
                say(opening, session, Todo.NOTHING_CAME_OUT)
            else:
                enter(opening, session)
            finished(opening, session, begun)
            opening.press(K.Key_Return)
        blanks = opening.hands.desk.store.cards.blanks()
        assert [blank.state for blank in blanks] == [BlankState.USED] * len(IN_ONE_PASS)


def test_a_card_that_came_out_blank_is_printed_again_for_that_reason(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        session = served(opening, opening.hands.liga)
        enter(opening, session)
        assert session.issuance is not None
        begun = session.issuance
        opening.hands.dial.set("printer", "lost")
        enter(opening, session)
        opening.hands.dial.clear("printer")
        say(opening, session, Todo.CAME_OUT_BLANK)
        finished(opening, session, begun)
        journal = opening.hands.desk.store.issuances.journal(begun.id)
        assert [e.event.reason for e in journal if isinstance(e.event, PrintBegun)] == [None, ReprintReason.BLANK_SIDE]


@pytest.mark.parametrize("after_apdus", [0, 30])
def test_a_bad_chip_in_one_pass_costs_its_blank_and_nobody_a_step(
    qtbot: QtBot, tmp_path: Path, after_apdus: int
) -> None:
    with a_window(qtbot, tmp_path / "desk", **ONE_PASS) as opening:
        session = served(opening, opening.hands.liga)
        assert session.issuance is not None
        before = session.issuance
        opening.hands.tray.readers.pull_after(after_apdus, reader=ENCODER_NAME)
        enter(opening, session)
        assert session.trouble is None
        assert session.holder == opening.hands.liga
        now = session.issuance
        assert (now.escn == before.escn) is (after_apdus == 0), "a number that may be on a chip is not used again"
        finished(opening, session, now)


def test_a_blank_that_got_bent_is_told_by_keyboard_and_costs_nothing_else(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", **ONE_PASS) as opening:
        session = served(opening, opening.hands.liga)
        assert session.issuance is not None
        begun = session.issuance
        opening.hands.dial.set("printer", "encoder-jam")
        enter(opening, session)
        trouble = troubled(opening, session, "encoder-jam")
        opening.hands.dial.clear("printer")
        opening.meant()
        for _ in range(20):
            opening.press(K.Key_Tab)
            if opening.focus_name() == "todo-blank_spoiled":
                break
        opening.press(K.Key_Return)
        opening.until(lambda: session.trouble is not trouble and not session.busy)
        finished(opening, session, begun)
        states = [blank.state for blank in opening.hands.desk.store.cards.blanks()]
        assert sorted(states) == sorted([BlankState.SPOILED, BlankState.USED])


def test_after_a_crash_in_the_encoder_the_card_inside_is_asked(qtbot: QtBot, tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "desk", **ONE_PASS) as bench:
        feeder, begun = bench.desk.devices.printer.feeder, bench.portrayed(bench.martins)
        assert feeder is not None
        feeder.load(Encoder.CONTACTLESS, cancel=never())
        inside = bench.tray.readers.card(ENCODER_NAME)
        assert inside is not None
        begun = bench.desk.journal.step(begun, EncodeBegun(inside.uid.hex().upper(), ENCODER_NAME))
    with a_window(qtbot, tmp_path / "desk", **ONE_PASS) as opening:
        opening.until(lambda: opening.models.desk.page is Page.DOUBTS)
        opening.models.doubts.read_card()
        opening.until(lambda: opening.models.desk.current is not None)
        session = opening.session
        assert session.holder == opening.hands.martins
        opening.until(lambda: session.stage is Stage.ENCODE and session.preview.final(session.issuance) is not None)
        finished(opening, session, begun)


def test_no_enter_says_that_a_card_came_out(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk") as opening:
        session = served(opening, opening.hands.liga)
        enter(opening, session)
        opening.hands.dial.set("printer", "lost")
        enter(opening, session)
        asked = troubled(opening, session, "lost")
        opening.meant()
        opening.press(K.Key_Return)
        opening.press(K.Key_Space)
        assert (session.trouble, session.busy) == (asked, False)
        assert opening.focus_name() != "todo-came_out"
        for _ in range(20):  # yet every answer can be reached by the keyboard
            opening.press(K.Key_Tab)
            if opening.focus_name() == "todo-came_out":
                break
        opening.press(K.Key_Return)
        opening.until(lambda: session.stage in (Stage.VERIFY, Stage.HAND_OVER))
