"""Printing: journaled before the spooler hears of it; trouble costs neither the card nor its number."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from station.domain.errors import Cancelled, PrinterTroubleError, StationError, WorkflowError
from station.domain.workflow import Act, Cause, ReprintReason, State
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet
from tests.helpers.ipp_printer import NetworkPrinter, network_printer

__all__ = ["network_printer"]


def events(bench: TestDesk, issuance_id: str) -> list[str]:
    return [type(e.event).__name__ for e in bench.desk.store.issuances.journal(issuance_id)]


def test_a_printer_that_knows_needs_no_person(bench: TestDesk) -> None:
    issuance = bench.printed()
    assert issuance.state is State.PRINTED
    assert events(bench, issuance.id)[-2:] == ["PrintBegun", "Printed"]
    report = bench.desk.devices.printer.job_report(issuance.job)
    assert report.card_confirmed
    assert report.proof


@pytest.mark.parametrize("fault", ["ribbon-out", "feeder-empty", "jam"])
def test_trouble_leads_back_to_the_same_card_and_number(bench: TestDesk, fault: str) -> None:
    issuance = bench.encoded()
    bench.dial.set("printer", fault)
    card = bench.desk.render(issuance)
    with pytest.raises(PrinterTroubleError):
        bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
    waiting = bench.desk.journal.issuance(issuance.id)
    assert waiting.pending is Act.PRINT
    assert waiting.escn == issuance.escn
    bench.dial.clear("printer")
    done = bench.desk.printing.go_on(issuance.id, cancel=never(), progress=quiet)
    assert done.state is State.PRINTED
    assert done.uid == issuance.uid
    assert done.prints == 1


def test_a_person_decides_when_the_printer_cannot_know(bench: TestDesk) -> None:
    issuance = bench.encoded()
    bench.dial.set("printer", "jam")
    card = bench.desk.render(issuance)
    with pytest.raises(PrinterTroubleError):
        bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
    nothing = bench.desk.printing.confirm(issuance.id, came_out=False)
    assert nothing.state is State.ENCODED
    assert nothing.pending is None
    bench.dial.clear("printer")
    with pytest.raises(WorkflowError, match="reason"):
        bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
    again = bench.desk.printing.print_card(
        issuance.id, card, reason=ReprintReason.NOTHING_CAME_OUT, cancel=never(), progress=quiet
    )
    assert again.state is State.PRINTED
    assert again.prints == 2


def test_a_misprint_takes_its_number_with_it(bench: TestDesk) -> None:
    issuance = bench.printed()
    spoiled = bench.desk.printing.spoiled(issuance.id, Cause.MISPRINT, "streaks")
    assert spoiled.state is State.SPOILED


@pytest.mark.expects_log("station.services.printing", "of a card that came out can't be taken back")
def test_a_spoiled_card_needs_no_answer_of_a_printer_that_was_switched_off(
    network_printer: NetworkPrinter, tmp_path: Path
) -> None:
    network_printer.holds, network_printer.reasons = True, ("media-jam-error",)
    driver = {"driver": "ipp", "queue": network_printer.address}
    with open_test_desk(tmp_path, printer=driver) as hands:
        issuance, printing = hands.encoded(), hands.desk.printing
        with pytest.raises(PrinterTroubleError, match="stuck"):
            printing.print_card(issuance.id, hands.desk.render(issuance), cancel=never(), progress=quiet)
        network_printer.switch_off()
        for _ in range(2):  # nothing is printed a second time while the first may still come
            with pytest.raises(PrinterTroubleError, match="can't be taken back"):
                printing.confirm(issuance.id, came_out=False)
        with pytest.raises(PrinterTroubleError, match="can't be taken back") as told:
            printing.spoiled(issuance.id, Cause.MISPRINT)
        assert "Switch the printer off" in told.value.todo
        assert printing.spoiled(issuance.id, Cause.MISPRINT).state is State.SPOILED


def test_a_cancelled_print_leaves_the_card_encoded(bench: TestDesk) -> None:
    issuance = bench.encoded()
    cancel = threading.Event()
    cancel.set()
    card = bench.desk.render(issuance)
    with pytest.raises(Cancelled):
        bench.desk.printing.print_card(issuance.id, card, cancel=cancel, progress=quiet)
    after = bench.desk.journal.issuance(issuance.id)
    assert (after.state, after.pending) == (State.ENCODED, None)


def test_a_print_that_was_held_and_is_stopped_leaves_the_card_encoded(bench: TestDesk) -> None:
    issuance = bench.encoded()
    bench.dial.set("printer", "feeder-empty")
    card = bench.desk.render(issuance)
    with pytest.raises(PrinterTroubleError):
        bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        bench.desk.printing.go_on(issuance.id, cancel=cancel, progress=quiet)
    after = bench.desk.journal.issuance(issuance.id)
    assert (after.state, after.pending) == (State.ENCODED, None)


def test_a_picture_that_no_printer_takes_leaves_the_card_encoded(bench: TestDesk) -> None:
    issuance = bench.encoded()
    checked = bench.desk.render(issuance)
    whole = checked.card
    torn = replace(whole.front.composite, data=whole.front.composite.data[:-1])
    card = replace(checked, card=replace(whole, front=replace(whole.front, composite=torn, colour=torn)))
    with pytest.raises(StationError):
        bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
    after = bench.desk.journal.issuance(issuance.id)
    assert (after.state, after.pending) == (State.ENCODED, None)


def test_going_on_needs_something_that_was_begun(bench: TestDesk) -> None:
    with pytest.raises(WorkflowError):
        bench.desk.printing.go_on(bench.encoded().id, cancel=never(), progress=quiet)


def test_another_cards_picture_is_never_printed(bench: TestDesk) -> None:
    mine, other = bench.encoded(), bench.encoded(bench.martins)
    with pytest.raises(WorkflowError, match="another card's number"):
        bench.desk.printing.print_card(mine.id, bench.desk.render(other), cancel=never(), progress=quiet)
    after = bench.desk.journal.issuance(mine.id)
    assert (after.pending, after.prints) == (None, 0)
