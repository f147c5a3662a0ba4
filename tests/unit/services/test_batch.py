"""A batch with nobody there: sorted, each card once, and it ends where no printer can go on."""

from __future__ import annotations

import threading
from pathlib import Path

from station.domain.workflow import PrintBegun, State
from station.ports.tasks import Cancel
from station.services.batch import BatchLine, BatchService, Outcome
from station.settings import PrinterPart
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet

NO_CHIP = {"profile": "none"}


def outcomes(lines: tuple[BatchLine, ...]) -> list[Outcome]:
    return [line.outcome for line in lines]


def two(hands: TestDesk) -> BatchService:
    hands.portrayed(hands.martins)
    hands.portrayed(hands.liga)
    return BatchService(hands.desk)


def begun(hands: TestDesk, line: BatchLine) -> list[str]:
    journal = hands.desk.store.issuances.journal(line.issuance.id)
    return [entry.event.printer for entry in journal if isinstance(entry.event, PrintBegun)]


def test_a_printer_in_trouble_ends_it_and_the_next_run_prints_the_rest(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        service = two(hands)
        hands.dial.set("printer", "ribbon-out")
        done = service.run(service.plan(), cancel=never(), progress=quiet)
        assert outcomes(done) == [Outcome.LOOK, Outcome.WAITS]
        assert done[0].said is not None
        hands.dial.clear("printer")
        finished = hands.desk.printing.go_on(done[0].issuance.id, cancel=never(), progress=quiet)
        assert finished.state is State.PRINTED
        rest = service.run(service.plan(), cancel=never(), progress=quiet)
        assert [(line.holder.family_name, line.outcome) for line in rest] == [("Ģērmanis", Outcome.OUT)]
        assert [len(begun(hands, line)) for line in done] == [1, 1]


def test_it_stops_between_two_cards_when_it_is_told_to(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        service = two(hands)
        cancel: Cancel = threading.Event()
        done = service.run(service.plan(), cancel=cancel, progress=quiet, told=lambda _line: cancel.set())
        assert outcomes(done) == [Outcome.OUT, Outcome.WAITS]


def test_a_printer_with_an_encoder_makes_cards_with_chips(tmp_path: Path) -> None:
    one_pass = {"one_pass": True, "options": {"encoders": "contactless"}, "seconds_a_card": 0.0}
    with open_test_desk(tmp_path, printer=one_pass, reader={"encoder": "Encoder"}) as hands:
        service = two(hands)
        done = service.run(service.plan(), cancel=never(), progress=quiet)
        assert outcomes(done) == [Outcome.OUT, Outcome.OUT]
        assert all(line.issuance.uid for line in done)
        assert len({line.issuance.uid for line in done}) == 2


def test_a_dead_printer_of_two_is_gone_round(tmp_path: Path) -> None:
    other = PrinterPart(driver="virtual", queue="second", seconds_a_card=0.0)
    with open_test_desk(tmp_path, chip=NO_CHIP, more_printers=(other,)) as hands:
        service = two(hands)
        done = service.run(service.plan(), cancel=never(), progress=quiet)
        assert outcomes(done) == [Outcome.OUT, Outcome.OUT]
        assert all(line.printer for line in done)
