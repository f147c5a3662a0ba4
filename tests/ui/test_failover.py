"""Two printers in the window: a card of one that dies goes on at the other, and the screen says where it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from station.domain.workflow import Act, PrintBegun, State
from station.settings import PrinterPart
from station.ui.viewmodels.at_printer import PrinterChoice
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.views.people import PeopleColumn
from tests.helpers.window import Opening, a_window

K = Qt.Key
SECOND = PrinterPart(driver="virtual", queue="Second", seconds_a_card=0.0)
NO_CHIP = {"profile": "none"}


def ready(opening: Opening) -> Session:
    """Serve Līga up to the look at the card."""
    opening.hands.portrayed(opening.hands.liga)
    session = opening.models.desk.serve(opening.hands.liga)
    opening.until(lambda: session.stage is Stage.REVIEW and session.preview.final(session.issuance) is not None)
    return session


def dies_with(opening: Opening, kind: str) -> None:
    """Break the first printer as soon as the journal says that it was given a card."""
    desk = opening.hands.desk
    fault = opening.hands.dial.fault

    def after_the_journal(device: str):  # type: ignore[no-untyped-def]
        given = [i for i in desk.store.issuances.open_issuances() if i.pending is Act.PRINT]
        if device == "printer" and given and given[0].printer == desk.printers[0].name and not fault("printer"):
            opening.hands.dial.set("printer", kind)
        return fault(device)

    opening.hands.dial.fault = after_the_journal  # type: ignore[method-assign]  # a hand on the dial at that moment


def line(opening: Opening) -> str:
    """Return the line that says which printer has the card, empty when it is not there."""
    label = opening.widget("atPrinter")
    assert isinstance(label, QLabel)
    return label.text() if label.isVisible() else ""


def printers_of(opening: Opening, session: Session) -> list[str]:
    assert isinstance(session.printers, PrinterChoice)
    assert session.issuance is not None
    journal = opening.hands.desk.store.issuances.journal(session.issuance.id)
    return [entry.event.printer for entry in journal if isinstance(entry.event, PrintBegun)]


def test_the_card_goes_on_by_itself_and_the_screen_says_where(qtbot: QtBot, tmp_path: Path) -> None:
    slow = replace(SECOND, seconds_a_card=1.0)
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP, more_printers=(slow,)) as opening:
        session = ready(opening)
        begun = session.issuance
        assert begun is not None
        first, second = (printer.name for printer in opening.hands.desk.printers)
        dies_with(opening, "cover-open")
        session.do(Todo.MAKE)  # the only key: nobody presses anything for the other printer
        opening.until(lambda: line(opening).startswith(f"{first} can't go on."))
        assert line(opening) == f"{first} can't go on. The card of {session.holder.full_name} is in {second} now."
        assert session.trouble is None
        people = opening.window.findChild(PeopleColumn)
        assert isinstance(people, PeopleColumn)
        assert [row.detail for row in people.list.people.rows if row.key == session.holder.id] == [
            f"printing… · {second}"
        ]
        opening.until(lambda: session.stage in (Stage.VERIFY, Stage.HAND_OVER))
        assert printers_of(opening, session) == [first, second]
        opening.until(lambda: session.stage is Stage.HAND_OVER)
        session.do(Todo.HAND_OVER)
        opening.until(lambda: session.stage is Stage.DONE)
        assert session.card is not None
        assert session.card.escn == begun.escn


def test_a_stuck_card_waits_for_a_person(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP, more_printers=(SECOND,)) as opening:
        session = ready(opening)
        dies_with(opening, "jam")
        session.do(Todo.MAKE)
        opening.until(lambda: session.trouble is not None)
        assert printers_of(opening, session) == [opening.hands.desk.printers[0].name]
        assert session.issuance is not None
        assert opening.hands.desk.journal.issuance(session.issuance.id).pending is Act.PRINT


def test_a_written_card_is_sent_to_one_printer_and_then_to_the_other(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", more_printers=(SECOND,)) as opening:
        session = ready(opening)
        first, second = (printer.name for printer in opening.hands.desk.printers)
        session.do(Todo.MAKE)
        opening.until(lambda: session.stage is Stage.PRINT and not session.busy)
        opening.until(lambda: line(opening) == f"It goes to {first}.")
        dies_with(opening, "off")
        session.do(Todo.RETRY)
        opening.until(lambda: session.trouble is not None)
        assert session.trouble is not None
        assert opening.ui.tr_.message(session.trouble.title) == (
            f"The printer {first} can't go on. This card is printed on {second}."
        )
        assert session.trouble.picture == "other-printer"
        opening.meant()
        opening.press(K.Key_Return)  # the card lies in the other one now
        opening.until(lambda: session.stage in (Stage.VERIFY, Stage.HAND_OVER))
        assert printers_of(opening, session) == [first, second]
        assert session.issuance is not None
        assert opening.hands.desk.journal.issuance(session.issuance.id).state in (State.PRINTED, State.VERIFIED)


def test_a_card_that_waits_where_all_are_dead_goes_on_by_itself_as_one_recovers(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", chip=NO_CHIP, more_printers=(SECOND,)) as opening:
        session = ready(opening)
        first, second = (printer.name for printer in opening.hands.desk.printers)
        opening.hands.dial.set("printer-2", "off")
        dies_with(opening, "cover-open")
        session.do(Todo.MAKE)
        opening.until(lambda: session.trouble is not None)
        assert printers_of(opening, session) == [first]
        opening.hands.dial.clear("printer-2")  # nobody presses anything
        opening.until(lambda: session.stage in (Stage.VERIFY, Stage.HAND_OVER))
        assert printers_of(opening, session) == [first, second]
