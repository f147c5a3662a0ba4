"""The inside of a simulated printer: what it counts, and a card's way to the encoder and out."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.api import (
    Cancel,
    Cancelled,
    CardFeeder,
    CardPlace,
    DriverConfig,
    Encoder,
    PrinterMissingError,
    PrinterReason,
    PrinterState,
    PrinterTroubleError,
    PrintJob,
    PrintJobLostError,
)
from printers.drivers.virtual import VirtualPrinter
from printers.registry import load_profile
from printers.simulated import Faults, Mechanism, Sizes
from tests.helpers.cards import FaultSwitch, sample_rendered_card


class Desk:
    """A virtual printer with an encoder, and what its cards did."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.faults, self.moves = folder, FaultSwitch(), list[CardPlace]()
        self.printer = self.restarted()

    def restarted(self, **options: str) -> VirtualPrinter:
        options = {"encoders": "contactless", "ribbon_cards": "10", "feeder_cards": "5", **options}
        config = DriverConfig(
            "Virtual",
            load_profile("virtual"),
            self.folder,
            faults=self.faults,
            seconds_a_card=0.1,
            options=options,
            moved=self.moves.append,
        )
        return VirtualPrinter(config)

    @property
    def feeder(self) -> CardFeeder:
        assert self.printer.feeder is not None
        return self.printer.feeder

    def load(self) -> None:
        self.feeder.load(Encoder.CONTACTLESS, cancel=Cancel())

    def print_one(self, name: str = "card-1") -> bool:
        job = PrintJob(name, sample_rendered_card(two_sided=False))
        return self.printer.print_card(job, cancel=Cancel(), progress=lambda step, share: None).card_confirmed


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "printer")


class TestCounters:
    def test_each_card_uses_ribbon_a_blank_and_the_time_to_the_cleaning(self, desk: Desk) -> None:
        before = desk.printer.consumables()
        desk.print_one()
        after = desk.restarted().consumables()
        assert (before.ribbon_cards, after.ribbon_cards) == (10, 9)
        assert (before.feeder_cards, after.feeder_cards) == (5, 4)
        assert (before.cards_printed, after.cards_printed) == (0, 1)
        assert (before.cards_to_cleaning, after.cards_to_cleaning) == (1000, 999)
        assert (after.ribbon, after.ribbon_percent, after.cleaning_due) == ("YMCKO", 90, False)

    def test_a_rejected_blank_uses_no_ribbon(self, desk: Desk) -> None:
        desk.load()
        desk.feeder.reject()
        after = desk.printer.consumables()
        assert (after.ribbon_cards, after.feeder_cards, after.cards_printed) == (10, 4, 0)

    def test_a_card_from_the_encoder_is_drawn_once(self, desk: Desk) -> None:
        desk.load()
        desk.print_one()
        assert desk.printer.consumables().feeder_cards == 4

    def test_what_a_fault_says_is_told_as_nothing_left(self, desk: Desk) -> None:
        desk.faults.set("printer", "ribbon-out")
        assert (desk.printer.consumables().ribbon_percent, desk.printer.consumables().ribbon_cards) == (0, 0)
        desk.faults.set("printer", "feeder-empty")
        assert desk.printer.consumables().feeder_cards == 0

    def test_a_printer_that_is_off_tells_nothing(self, desk: Desk) -> None:
        desk.faults.set("printer", "off")
        assert desk.printer.consumables().ribbon_cards is None


class TestWay:
    def test_loaded_printed_and_out(self, desk: Desk) -> None:
        assert desk.feeder.place() is CardPlace.NONE
        desk.load()
        assert desk.feeder.place() is CardPlace.CONTACTLESS
        assert desk.print_one()
        assert desk.feeder.place() is CardPlace.NONE
        assert desk.moves == [CardPlace.CONTACTLESS, CardPlace.NONE]

    @pytest.mark.parametrize("way", ["eject", "reject"])
    def test_out_unprinted(self, desk: Desk, way: str) -> None:
        desk.load()
        getattr(desk.feeder, way)()
        assert desk.feeder.place() is CardPlace.NONE
        assert not list(desk.folder.glob("*/front.png"))

    def test_a_card_inside_is_still_there_after_a_restart(self, desk: Desk) -> None:
        desk.load()
        feeder = desk.restarted().feeder
        assert feeder is not None
        assert feeder.place() is CardPlace.CONTACTLESS

    def test_loading_twice_draws_one_card(self, desk: Desk) -> None:
        desk.load()
        desk.load()
        assert desk.printer.consumables().feeder_cards == 4

    def test_without_encoders_there_is_no_way(self, desk: Desk) -> None:
        assert desk.restarted(encoders="").feeder is None

    def test_an_encoder_that_it_has_not_got_moves_nothing(self, desk: Desk) -> None:
        with pytest.raises(PrinterMissingError, match="contact"):
            desk.feeder.load(Encoder.CONTACT, cancel=Cancel())
        assert desk.feeder.place() is CardPlace.NONE

    def test_stopped_before_it_moves(self, desk: Desk) -> None:
        cancel = Cancel()
        cancel.set()
        with pytest.raises(Cancelled):
            desk.feeder.load(Encoder.CONTACTLESS, cancel=cancel)
        assert desk.feeder.place() is CardPlace.NONE


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            ("jam", PrinterReason.MEDIA_JAM),
            ("feeder-empty", PrinterReason.MEDIA_EMPTY),
            ("cover-open", PrinterReason.COVER_OPEN),
            ("off", PrinterReason.OFFLINE),
        ],
    )
    def test_a_fault_lets_no_card_in(self, desk: Desk, fault: str, reason: PrinterReason) -> None:
        desk.faults.set("printer", fault)
        with pytest.raises(PrinterTroubleError) as caught:
            desk.load()
        assert caught.value.reason == reason
        desk.faults.clear("printer")
        assert desk.feeder.place() is CardPlace.NONE

    def test_a_card_that_sticks_before_the_encoder_stays_inside(self, desk: Desk) -> None:
        desk.faults.set("printer", "encoder-jam")
        with pytest.raises(PrinterTroubleError) as caught:
            desk.load()
        assert caught.value.reason == PrinterReason.MEDIA_JAM
        assert desk.feeder.place() is CardPlace.INSIDE
        desk.faults.clear("printer")
        desk.feeder.reject()
        assert desk.feeder.place() is CardPlace.NONE

    def test_without_ribbon_a_card_can_be_encoded_all_the_same(self, desk: Desk) -> None:
        desk.faults.set("printer", "ribbon-out")
        desk.load()
        assert desk.feeder.place() is CardPlace.CONTACTLESS

    def test_a_card_inside_is_printed_from_an_empty_feeder(self, desk: Desk) -> None:
        desk.load()
        desk.faults.set("printer", "feeder-empty")
        assert desk.print_one()

    @pytest.mark.parametrize(
        ("fault", "state", "reason"),
        [
            ("cover-open", PrinterState.TROUBLE, PrinterReason.COVER_OPEN),
            ("output-full", PrinterState.TROUBLE, PrinterReason.OUTPUT_FULL),
            ("wrong-ribbon", PrinterState.TROUBLE, PrinterReason.RIBBON_WRONG),
            ("paused", PrinterState.PAUSED, PrinterReason.PAUSED),
            ("off", PrinterState.OFFLINE, PrinterReason.OFFLINE),
        ],
    )
    def test_each_fault_holds_the_card_and_lets_it_go_on(
        self, desk: Desk, fault: str, state: PrinterState, reason: PrinterReason
    ) -> None:
        desk.faults.set("printer", fault)
        assert (desk.printer.status().state, desk.printer.status().reasons) == (state, (reason,))
        with pytest.raises(PrinterTroubleError) as caught:
            desk.print_one()
        assert caught.value.reason == reason
        desk.faults.clear("printer")
        assert desk.printer.wait_job("card-1", cancel=Cancel(), progress=lambda *_: None).card_confirmed

    def test_without_its_driver_nothing_is_given_away(self, desk: Desk) -> None:
        desk.faults.set("printer", "driver-missing")
        assert desk.printer.status().state is PrinterState.MISSING
        with pytest.raises(PrinterMissingError):
            desk.print_one()
        desk.faults.clear("printer")
        assert desk.print_one()

    def test_a_job_that_is_lost_stays_in_doubt_and_leaves_no_picture(self, desk: Desk) -> None:
        desk.faults.set("printer", "lost")
        with pytest.raises(PrintJobLostError):
            desk.print_one()
        desk.faults.clear("printer")
        assert not desk.printer.job_report("card-1").untouched
        assert [path.name for path in (desk.folder / "card-1").iterdir()] == ["job.json"]
        with pytest.raises(PrintJobLostError):
            desk.printer.wait_job("card-1", cancel=Cancel(), progress=lambda *_: None)


class TestMechanism:
    def test_a_note_that_makes_no_sense_is_a_printer_as_new(self, tmp_path: Path) -> None:
        mechanism = Mechanism(tmp_path, Sizes(10, 5), lambda _place: None)
        mechanism.draw(CardPlace.CONTACTLESS)
        (note,) = tmp_path.iterdir()
        for garbage in ("", "[]", '{"printed": 1}', '{"printed": 1, "drawn": 1, "on_ribbon": 1, "place": "roof"}'):
            note.write_text(garbage)
            assert mechanism.place is CardPlace.NONE
            told = mechanism.consumables(ribbon_out=False, feeder_empty=False)
            assert (told.cards_printed, told.feeder_cards, told.ribbon_cards) == (0, 5, 10)

    def test_the_last_card_of_a_ribbon_begins_the_next(self, tmp_path: Path) -> None:
        mechanism = Mechanism(tmp_path, Sizes(3, 5), lambda _place: None)
        seen = []
        for _card in range(3):
            mechanism.printed()
            seen.append(mechanism.ribbon_percent)
        assert seen == [67, 33, 100]
        mechanism.printed()
        mechanism.new_ribbon()
        assert mechanism.ribbon_percent == 100

    def test_a_dial_that_says_nothing_or_what_it_does_not_know_stops_nothing(self) -> None:
        for kind in ("", "unheard-of"):
            faults = Faults(lambda kind=kind: kind)  # type: ignore[misc]
            assert (faults.reason(), faults.encoder_jam(), faults.loses_jobs()) == (None, False, False)
