"""The next student is on camera while the last card prints; nobody is taken for somebody else."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from station.domain.errors import PrinterTroubleError
from station.domain.holder import Holder
from station.ports.printer import JobState, PrinterState
from station.ports.tasks import Lane
from station.settings import PrinterPart
from station.ui.viewmodels.pages import Page
from station.ui.viewmodels.session import Session
from station.ui.viewmodels.stages import Stage, Todo
from station.ui.widgets.labels import OneLine
from station.ui.widgets.person_line import PersonLine
from tests.helpers.desks import a_portrait, never, quiet
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


MAGENTA, LIME = (200, 30, 160), (120, 200, 20)
"""Colours of portraits that nothing else on the screen has."""


def coloured(opening: Opening, holder: Holder, colour: tuple[int, int, int]) -> None:
    """Give somebody a portrait of one colour."""
    data = io.BytesIO()
    Image.new("RGB", (350, 450), colour).save(data, "JPEG")
    portrait = replace(a_portrait(holder.id), image=data.getvalue())
    opening.hands.desk.accept_portrait(opening.hands.desk.begin(holder), portrait)


def pixels_of(widget: QWidget, colour: tuple[int, int, int]) -> int:
    """Return how much of a widget has a portrait's colour, as it is painted."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    picture = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).astype(int)
    return int((np.abs(picture - np.array(colour)).max(axis=2) < 16).sum())


def largest_text(opening: Opening) -> str:
    """Return what stands on the screen in the largest type."""
    lines = {each.text(): each.sizeHint().height() for each in _shown(opening, OneLine)}
    lines |= {each.text(): each.fontMetrics().lineSpacing() for each in _shown(opening, QLabel)}
    return max(lines, key=lambda text: lines[text])


def _shown(opening: Opening, kind: type[Any]) -> list[Any]:
    return [each for each in opening.window.findChildren(kind) if each.isVisible() and each.text()]


def test_the_big_name_and_the_photo_are_those_of_one_person(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", printer={"seconds_a_card": 60.0}, chip={"profile": "none"}) as opening:
        hands, desk = opening.hands, opening.models.desk
        people = {hands.liga.id: (hands.liga, MAGENTA, LIME), hands.martins.id: (hands.martins, LIME, MAGENTA)}
        for holder, colour, _ in people.values():
            coloured(opening, holder, colour)
        first = desk.serve(hands.liga)
        opening.until(lambda: first.stage is Stage.REVIEW and first.preview.final(first.issuance) is not None)
        first.do(Todo.MAKE)
        opening.until(lambda: first.stage is Stage.PRINT and first.busy)
        second = desk.serve(hands.martins)
        opening.until(lambda: second.stage is Stage.REVIEW and second.preview.final(second.issuance) is not None)
        for session in (second, first, second):
            holder, own, others = people[session.holder.id]
            desk.pick(holder.id)
            opening.until(lambda h=holder: whose(opening) == h.full_name)
            opening.until(lambda c=own: pixels_of(opening.window, c) > 5_000)
            assert largest_text(opening) == holder.full_name
            # Of the other there is the small picture in the list, beside their own name, and nothing else.
            assert 0 < pixels_of(opening.window, others) < pixels_of(opening.window, own) / 5
        desk.show_page(Page.PRINTERS)
        opening.until(lambda: opening.window.findChild(PersonLine, "inPrinter"))
        inside = opening.widget("inPrinter")
        assert isinstance(inside, PersonLine)
        assert (inside.row.name, inside.row.mark) == (hands.liga.full_name, first.mark)
        assert pixels_of(inside, MAGENTA) > 500
        assert pixels_of(inside, LIME) == 0
        first.production.cancel()
        opening.until(lambda: not first.busy)


def test_whose_card_waits_since_last_night_is_shown_with_their_photo(qtbot: QtBot, tmp_path: Path) -> None:
    with a_window(qtbot, tmp_path / "desk", chip={"profile": "none"}) as opening:
        hands = opening.hands
        coloured(opening, hands.liga, MAGENTA)
        issuance = hands.desk.encode(hands.desk.begin(hands.liga), cancel=never(), progress=quiet)
        hands.dial.set("printer", "cover-open")
        with pytest.raises(PrinterTroubleError):
            hands.desk.printing.print_card(issuance.id, hands.desk.render(issuance), cancel=never(), progress=quiet)
        assert opening.models.desk.session_of(hands.liga.id) is None
        opening.models.desk.show_page(Page.PRINTERS)
        opening.until(lambda: opening.window.findChild(PersonLine, "inPrinter"))
        inside = opening.widget("inPrinter")
        assert isinstance(inside, PersonLine)
        assert inside.row.name == hands.liga.full_name
        assert pixels_of(inside, MAGENTA) > 500


def test_two_printers_print_two_cards_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    # As slow as no printer is: neither is out before the other begins, however busy this computer is.
    slow: dict[str, Any] = {"seconds_a_card": 600.0}
    other = PrinterPart(driver="virtual", queue="second", **slow)
    with a_window(qtbot, tmp_path / "desk", printer=slow, more_printers=(other,)) as opening:
        opening.tasks.widen(Lane.PRINTER, 2)
        sessions = begun(opening), begun(opening)
        desk = opening.hands.desk

        def states() -> list[JobState]:
            cards = [desk.journal.issuance(s.issuance.id) for s in sessions if s.issuance]
            return [p.job_report(card.job).state for p in desk.printers for card in cards if card.printer == p.name]

        opening.until(lambda: states() == [JobState.PRINTING] * 2)
        assert [printer.status().state for printer in desk.printers] == [PrinterState.PRINTING] * 2
