"""A printer's care: corrected cards, a test card, counters, and what became of each card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from station.domain.errors import InputError, PrinterTroubleError, PrintJobLostError
from station.domain.print_care import CareAct, Correction
from station.domain.stock import StockAct
from station.domain.workflow import Act, Cause, Issuance, PrintBegun, State
from station.ports.printer import JobState
from station.services.journal import Journal, Who
from station.services.print_care import CareRules, CareService, CorrectedPrinter, became
from station.services.stock import StockService
from station.settings import PrinterPart
from tests.helpers.desks import ONE_PASS, TestDesk, never, open_test_desk, quiet

DOT_MM = 25.4 / 300


def printed_front(hands: TestDesk) -> Image.Image:
    issuance = hands.printed()
    proof = hands.desk.devices.printer.job_report(issuance.job).proof
    with Image.open(next(Path(proof).parent.glob("front.png"))) as image:
        return image.convert("RGB")


def test_what_is_calibrated_holds_from_the_next_card_on(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, printer = hands.desk, hands.desk.devices.printer
        assert desk.care.correction(printer.name) == Correction()
        moved = desk.care.calibrate(printer.name, Correction(x_mm=10 * DOT_MM))
        assert desk.care.correction(printer.name) == moved
        found = printed_front(hands)
    with open_test_desk(tmp_path / "other") as hands:
        plain = printed_front(hands)
    width, height = found.size
    # The right part has the QR, whose number is another each time.
    left_part = plain.crop((40, 60, width // 2, height - 60))
    right_part = found.crop((50, 60, width // 2 + 10, height - 60))
    assert ImageChops.difference(left_part, right_part).getbbox() is None
    assert ImageChops.difference(plain, found).getbbox() is not None


def test_a_printer_that_is_far_off_is_not_corrected(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        care, name = hands.desk.care, hands.desk.devices.printer.name
        with pytest.raises(InputError, match="at most 5"):
            care.calibrate(name, Correction(x_mm=9))
        assert care.correction(name) == Correction()


def test_the_test_card_is_printed_as_the_printer_is_and_taken_from_the_stock(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, printer = hands.desk, hands.desk.devices.printer
        assert isinstance(printer, CorrectedPrinter)
        StockService(desk.journal).add(StockAct.RECEIVED, 5)
        desk.care.calibrate(printer.name, Correction(x_mm=2))
        plain = desk.care.test_card(printer, cancel=never(), progress=quiet)
        corrected = desk.care.test_card(printer, with_correction=True, cancel=never(), progress=quiet)
        assert plain.state is corrected.state is JobState.DONE
        pictures = [Path(each.proof).parent / "front.png" for each in (plain, corrected)]
        assert pictures[0].read_bytes() != pictures[1].read_bytes()
        stands = StockService(desk.journal).report().balance
        assert (stands.test, stands.on_hand) == (2, 3)
        assert desk.care.report(printer).cards == 2
        done = desk.care.report(printer).done
        assert [e.act for e in done] == [CareAct.TEST_CARD, CareAct.TEST_CARD, CareAct.CALIBRATED]


def test_no_test_card_onto_somebodys_card(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        hands.dial.set("printer", "lost")
        with pytest.raises(PrintJobLostError):
            hands.printed()
        with pytest.raises(InputError, match="Somebody's card"):
            hands.desk.care.test_card(hands.desk.devices.printer, cancel=never(), progress=quiet)


def test_a_report_counts_and_tells_what_became_of_each_card(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, printer = hands.desk, hands.desk.devices.printer
        desk.issuances.hand_over(hands.verified(hands.liga).id)
        desk.issuances.spoil(hands.printed(hands.martins).id, Cause.MISPRINT)
        report = desk.care.report(printer)
        assert {job.issuance.state for job in report.jobs} == {State.HANDED_OVER, State.SPOILED}
        assert report.cards == 2
        assert report.ribbon_cards is not None
        assert report.ribbon_lasts_to is None, "at two cards a week that is nothing anybody can say"
        assert report.cards_since_ribbon is None
        desk.care.note(printer.name, CareAct.RIBBON_CHANGED)
        assert desk.care.report(printer).cards_since_ribbon == 0


class Silent(CorrectedPrinter):
    """A printer that tells nothing of its ribbon and its cleaning."""

    def consumables(self):  # type: ignore[no-untyped-def]
        from station.ports.printer import Consumables

        return Consumables()


def test_where_the_printer_is_silent_the_profile_and_the_journal_tell(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk = hands.desk
        printer = Silent(desk.devices.printer, Correction)
        hands.printed(hands.liga)
        assert CareService(desk.journal).report(printer).ribbon_cards is None
        care = CareService(desk.journal, {printer.name: CareRules(ribbon_cards=10, cleaning_every=2)})
        report = care.report(printer)
        assert (report.ribbon_cards, report.cards_to_cleaning, report.cleaning_due) == (9, 1, False)
        assert report.ribbon_lasts_to is not None
        hands.printed(hands.martins)
        assert care.report(printer).cleaning_due
        care.note(printer.name, CareAct.CLEANED)
        assert not care.report(printer).cleaning_due


def test_each_printer_of_several_has_its_own_ribbon_and_cleaning(tmp_path: Path) -> None:
    first: dict[str, object] = {"driver": "pdf", "profile": "virtual", "ribbon_cards": 250, "cleaning_every": 1000}
    second = PrinterPart(driver="pdf", profile="virtual", queue="second", ribbon_cards=100)
    with open_test_desk(tmp_path, printer=first, more_printers=(second,)) as hands:
        reports = [hands.desk.care.report(printer) for printer in hands.desk.printers]
        assert [(each.ribbon_cards, each.cards_to_cleaning) for each in reports] == [(250, 1000), (100, None)]


def test_a_test_card_that_meets_trouble_is_taken_back_and_comes_out_never(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, printer = hands.desk, hands.desk.devices.printer
        StockService(desk.journal).add(StockAct.RECEIVED, 5)
        hands.dial.set("printer", "cover-open")
        with pytest.raises(PrinterTroubleError):
            desk.care.test_card(printer, cancel=never(), progress=quiet)
        (noted,) = desk.store.printer_care.of_printer(printer.name)
        assert printer.job_report(str(noted.data["job"])).state is JobState.CANCELLED
        assert StockService(desk.journal).report().balance.test == 0, "its blank is in the feeder still"
        hands.dial.set("printer", "lost")
        with pytest.raises(PrintJobLostError):
            desk.care.test_card(printer, cancel=never(), progress=quiet)
        assert StockService(desk.journal).report().balance.test == 1, "nobody knows what is on that one"


def test_no_test_card_onto_a_written_card_whose_job_was_taken_back(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as hands:
        desk = hands.desk
        issuance = hands.portrayed()
        hands.dial.set("printer", "ribbon-out")
        with pytest.raises(PrinterTroubleError):
            desk.make_in_printer(issuance, cancel=never(), progress=quiet)
        desk.printing.confirm(issuance.id, came_out=False)
        hands.dial.clear("printer")
        assert desk.one_pass is not None
        assert desk.one_pass.holds_card
        with pytest.raises(InputError, match="Somebody's card"):
            desk.care.test_card(desk.devices.printer, cancel=never(), progress=quiet)
        assert desk.make_in_printer(issuance, cancel=never(), progress=quiet).state is State.PRINTED
        assert desk.care.test_card(desk.devices.printer, cancel=never(), progress=quiet).state is JobState.DONE


def test_a_card_in_another_printer_is_in_no_test_cards_way(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, printer = hands.desk, hands.desk.devices.printer
        hands.dial.set("printer", "lost")
        with pytest.raises(PrintJobLostError):
            hands.printed()
        hands.dial.clear("printer")
        report = desk.care.test_card(printer, others={printer.name}, cancel=never(), progress=quiet)
        assert report.state is JobState.DONE


def test_a_card_at_another_desks_printer_is_in_no_test_cards_way(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, printer = hands.desk, hands.desk.devices.printer
        elsewhere = Journal(desk.store, desk.clock, Who(station="another desk"))
        elsewhere.step(hands.encoded(), PrintBegun("card-1", "its printer"))
        assert desk.care.test_card(printer, cancel=never(), progress=quiet).state is JobState.DONE


@pytest.mark.parametrize(("station", "at"), [("another desk", ""), ("", "what this printer was called before")])
def test_a_card_that_may_be_in_this_printer_is_in_the_way(tmp_path: Path, station: str, at: str) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, printer = hands.desk, hands.desk.devices.printer
        who = Who(station=station or desk.journal.who.station)
        Journal(desk.store, desk.clock, who).step(hands.encoded(), PrintBegun("card-1", at or printer.name))
        with pytest.raises(InputError, match="Somebody's card"):
            desk.care.test_card(printer, cancel=never(), progress=quiet)


def test_what_was_kept_last_is_taken_back(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        care, name = hands.desk.care, hands.desk.devices.printer.name
        assert care.take_back(name) == Correction()
        care.calibrate(name, Correction(x_mm=1))
        care.calibrate(name, Correction(x_mm=2))
        assert care.take_back(name) == Correction(x_mm=1) == care.correction(name)
        assert care.take_back(name) == Correction(x_mm=2)


def test_what_became_of_a_card_is_told_as_it_stands() -> None:
    waits = Issuance("x", state=State.ENCODED, pending=Act.PRINT)
    assert str(became(waits, prints=True)) == "is being printed"
    assert str(became(waits, prints=False)) == "waits in the printer"
    assert str(became(replace(waits, doubt=True), prints=True)) == "nobody knows whether it came out"
    assert str(became(Issuance("x", state=State.SPOILED), prints=True)) == "it is spoiled"
