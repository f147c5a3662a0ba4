"""A real print service's queue in the window: paused, deleted, rejecting, restarted in mid-card; the same card goes on.

The reader, the camera and the store are the simulated desk's; the queue is CUPS', and behind it is an IPP printer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from station.domain.card import BlankState
from station.domain.workflow import Doubted, Issuance, PrintBegun, Printed, ReprintReason
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.cupsd import QUEUE, CupsBench, cups_bench, wait_until
from tests.helpers.window import Opening, a_window

__all__ = ["cups_bench"]

pytestmark = [pytest.mark.bench_cups, pytest.mark.timeout(120)]


@dataclass(frozen=True)
class Window:
    """The window with one person in it, whose chip is written."""

    opening: Opening
    cups: CupsBench
    session: Session
    begun: Issuance

    def enter(self) -> None:
        """Press Enter, and wait until the station has done what it can."""
        before = (self.session.stage, self.session.trouble)
        self.opening.meant()
        self.opening.press(Qt.Key.Key_Return)
        self.opening.until(lambda: (self.session.stage, self.session.trouble) != before or self.session.busy)
        self.opening.until(lambda: not self.session.busy)

    def say(self, todo: Todo) -> None:
        """Say what a person saw, or wants."""
        before = (self.session.stage, self.session.trouble)
        self.session.do(todo)
        self.opening.until(lambda: (self.session.stage, self.session.trouble) != before or self.session.busy)
        self.opening.until(lambda: not self.session.busy)

    def told(self) -> str:
        """Return the title of the trouble on the screen."""
        assert self.session.trouble is not None, "nobody was told"
        return self.opening.ui.tr_.message(self.session.trouble.title)

    def goes_on(self) -> None:
        """Go on with Enter to the hand-over: the same card and number, one blank, nothing printed without a reason."""
        session, desk = self.session, self.opening.hands.desk
        while session.stage is not Stage.DONE:
            assert session.trouble is None, self.told()
            self.enter()
        assert session.card is not None
        assert (session.card.escn, session.card.uid) == (self.begun.escn, self.begun.uid)
        assert [blank.state for blank in desk.store.cards.blanks()] == [BlankState.USED]
        assert self.cups.spooled_documents() == []

    def reasons(self) -> list[ReprintReason | None]:
        """Return why the card went to the printer, each time."""
        entries = self.opening.hands.desk.store.issuances.journal(self.begun.id)
        return [entry.event.reason for entry in entries if isinstance(entry.event, PrintBegun)]

    def journaled(self, kind: type) -> bool:
        """Say whether the journal has such an event."""
        entries = self.opening.hands.desk.store.issuances.journal(self.begun.id)
        return any(isinstance(entry.event, kind) for entry in entries)


@pytest.fixture
def at_the_printer(cups_bench: CupsBench, qtbot: QtBot, tmp_path: Path) -> Iterator[Window]:
    """Give the window on a desk with a queue of CUPS, as far as a written chip."""
    cups_bench.reset()
    with _window(cups_bench, qtbot, tmp_path) as window:
        yield window
    cups_bench.repair()


@contextmanager
def _window(cups: CupsBench, qtbot: QtBot, folder: Path) -> Iterator[Window]:
    options = {"station.server": cups.address, "station.without": "uv overlay magnetic"}
    printer: dict[str, object] = {
        "driver": "cups", "queue": QUEUE, "profile": "generic-cr80-300", "options": options, "seconds_a_card": 1.0,
    }  # fmt: skip
    with a_window(qtbot, folder / "desk", printer=printer) as opening:
        opening.hands.portrayed(opening.hands.liga)
        session = opening.models.desk.serve(opening.hands.liga)
        opening.until(lambda: session.stage is Stage.REVIEW and session.preview.final(session.issuance) is not None)
        opening.until(lambda: opening.widget("make").isEnabled())
        assert session.issuance is not None
        window = Window(opening, cups, session, session.issuance)
        window.enter()
        assert (session.stage, session.trouble) == (Stage.PRINT, None)
        yield Window(opening, cups, session, session.issuance)


def test_a_paused_queue(at_the_printer: Window) -> None:
    at, cups = at_the_printer, at_the_printer.cups
    cups.admin("cupsdisable", QUEUE)
    at.enter()
    assert at.told() == "The printer is paused"
    cups.admin("cupsenable", QUEUE)
    at.enter()
    assert at.session.stage is Stage.ASK, "a spooler's word is not a card"
    at.goes_on()
    assert (at.reasons(), len(cups.cards_out())) == ([None], 1)


def test_a_queue_that_rejects(at_the_printer: Window) -> None:
    at, cups = at_the_printer, at_the_printer.cups
    cups.admin("cupsreject", QUEUE)
    at.enter()
    assert "the queue takes no jobs" in at.told()
    cups.admin("cupsaccept", QUEUE)
    at.enter()
    at.goes_on()
    assert len(cups.cards_out()) == 1


def test_a_queue_that_is_not_there(at_the_printer: Window) -> None:
    at, cups = at_the_printer, at_the_printer.cups
    cups.delete_queue()
    at.enter()
    assert "was not found" in at.told()
    cups.add_queue()
    at.enter()
    at.goes_on()
    assert len(cups.cards_out()) == 1


@pytest.mark.parametrize("came_out", [False, True])
def test_a_queue_that_is_deleted_with_the_card_in_the_printer(at_the_printer: Window, came_out: bool) -> None:
    at, cups = at_the_printer, at_the_printer.cups
    _held_at_the_printer(at)
    cups.delete_queue()
    at.enter()
    assert at.told() == "Did the card come out?"
    cups.repair()
    wait_until("the card", lambda: len(cups.cards_out()) == 1)
    cups.add_queue()
    # What the person says counts, be it right or wrong: nothing is printed before that.
    at.say(Todo.CAME_OUT if came_out else Todo.NOTHING_CAME_OUT)
    at.goes_on()
    assert at.reasons() == ([None] if came_out else [None, ReprintReason.NOTHING_CAME_OUT])
    assert len(cups.cards_out()) == len(at.reasons())


def test_a_print_service_that_is_restarted_with_the_card_in_the_printer(at_the_printer: Window) -> None:
    """CUPS means to print such a job anew, from the first side on, as soon as the printer is there again."""
    at, cups = at_the_printer, at_the_printer.cups
    _held_at_the_printer(at)
    cups.stop_cupsd()
    at.enter()
    assert "print service" in at.told()
    cups.repair()
    wait_until("the card", lambda: len(cups.cards_out()) == 1)
    cups.kill_printer()
    cups.start_cupsd()
    at.enter()
    assert at.told() == "Did the card come out?"
    cups.start_printer()
    at.say(Todo.CAME_OUT)
    at.goes_on()
    assert (at.reasons(), len(cups.cards_out()), len(cups.cards_arrived())) == ([None], 1, 1)


def test_a_print_service_that_is_restarted_while_the_card_waits(at_the_printer: Window) -> None:
    at, cups = at_the_printer, at_the_printer.cups
    cups.admin("cupsdisable", QUEUE)
    at.enter()
    assert at.told() == "The printer is paused"
    cups.stop_cupsd()
    cups.start_cupsd()
    cups.admin("cupsenable", QUEUE)
    at.enter()
    at.goes_on()
    assert (at.reasons(), len(cups.cards_out())) == ([None], 1)


def test_a_job_that_prints_by_itself_is_not_taken_back_and_printed_twice(at_the_printer: Window) -> None:
    at, cups = at_the_printer, at_the_printer.cups
    _held_at_the_printer(at)
    cups.repair()  # the person closes the cover, the printer goes on; then the wrong button is pressed
    wait_until("the card", lambda: len(cups.cards_out()) == 1)
    at.say(Todo.NOTHING_CAME_OUT)
    assert at.told() == "Did the card come out?"
    assert at.journaled(Doubted)
    at.say(Todo.CAME_OUT)
    at.goes_on()
    assert (at.reasons(), len(cups.cards_out())) == ([None], 1)


def test_a_card_that_came_out_leaves_no_job_behind(at_the_printer: Window) -> None:
    at, cups = at_the_printer, at_the_printer.cups
    _held_at_the_printer(at)
    cups.delete_queue()
    at.enter()
    assert at.told() == "Did the card come out?"
    cups.add_queue()
    at.say(Todo.CAME_OUT)
    assert at.journaled(Printed)
    cups.repair()
    at.goes_on()


def _held_at_the_printer(at: Window) -> None:
    at.cups.fault("cover-open-error")
    at.enter()
    assert at.told() == "The printer's cover is open"
