"""The next student is on camera while the last card prints; nobody is taken for somebody else."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from station.domain.workflow import Printed
from station.ports.tasks import Lane
from station.settings import PrinterPart
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.window import Opening, a_window

K = Qt.Key


def begun(opening: Opening) -> Session:
    """Take the next person's card as far as the printer."""
    opening.models.desk.next_person()
    session = opening.session
    steps = {Stage.CHECK: Todo.CONFIRM_DATA, Stage.PHOTO: Todo.SHUTTER, Stage.CROP: Todo.ACCEPT_PORTRAIT,
             Stage.REVIEW: Todo.MAKE}  # fmt: skip
    while session.stage in steps:
        before = session.stage
        opening.until(lambda: not session.busy)
        if before is Stage.PHOTO:
            opening.until(lambda: opening.models.camera.newest is not None)
        opening.read_on() if before is Stage.CHECK else None
        if session.stage is before:
            session.do(steps[before])
        opening.until(lambda b=before: session.stage is not b)
    opening.until(lambda: session.stage is Stage.PRINT and not session.busy)
    session.do(Todo.RETRY)
    opening.until(lambda: session.busy)
    return session


def whose(opening: Opening) -> str:
    """Return whose name stands in the largest type."""
    return opening.widget("personName").text()  # type: ignore[attr-defined]


def test_the_next_is_served_while_the_last_card_prints(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", printer={"seconds_a_card": 4.0}) as opening:
        first = begun(opening)
        opening.models.desk.next_person()
        second = opening.session
        assert second.holder.id != first.holder.id
        assert (first.stage, first.busy, first.attended) == (Stage.PRINT, True, False)
        assert first.mark != second.mark, "each has a colour of their own"
        second.show_check(whole=True)
        opening.until(lambda: not second.busy)
        second.do(Todo.CONFIRM_DATA)
        opening.until(lambda: opening.models.desk.takes_photo)
        assert first.stage is Stage.PRINT, "the card still prints, and the camera looks at the next"
        assert whose(opening) == second.holder.full_name
        opening.until(lambda: first.stage is Stage.VERIFY)
        assert opening.models.desk.current is second, "a finished card turns the screen to nobody by itself"
        assert not first.busy, "the reader waits until the first is on the screen again"
        assert first.issuance is not None
        assert second.issuance is not None
        assert first.issuance.escn != second.issuance.escn
        assert first.issuance.holder_id == first.holder.id
        opening.models.desk.pick(first.holder.id)
        assert opening.session is first
        opening.until(lambda: first.stage is Stage.HAND_OVER)
        first.do(Todo.HAND_OVER)
        opening.until(lambda: first.stage is Stage.DONE)
        assert first.card is not None
        assert first.card.holder_id == first.holder.id


def test_two_printers_print_two_cards_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    other = PrinterPart(driver="virtual", queue="second", seconds_a_card=3.0)
    with a_window(qtbot, tmp_path / "desk", printer={"seconds_a_card": 3.0}, more_printers=(other,)) as opening:
        opening.tasks.widen(Lane.PRINTER, 2)
        first, second = begun(opening), begun(opening)
        opening.until(lambda: first.stage is Stage.VERIFY)
        opening.until(lambda: second.stage is not Stage.PRINT)
        store = opening.hands.desk.store
        printers = {store.issuances.get(s.issuance.id).printer for s in (first, second) if s.issuance}  # type: ignore[union-attr]
        assert len(printers) == 2
        for session in (first, second):
            assert session.issuance is not None
            journal = store.issuances.journal(session.issuance.id)
            assert sum(isinstance(entry.event, Printed) for entry in journal) == 1
