"""A card's way in an Evolis printer with an encoder, and what goes wrong on it."""

from __future__ import annotations

import pytest

from printers.api import (
    Cancel,
    Cancelled,
    CardFeeder,
    CardPlace,
    Encoder,
    PrinterMissingError,
    PrinterReason,
    PrinterTroubleError,
    PrintJob,
)
from printers.child import ChildError
from printers.drivers.evolis import EvolisPrinter
from printers.evolis_feeder import not_there
from printers.evolis_link import SdkAwayError, SdkBusyError, SdkMissingError
from tests.helpers.cards import sample_rendered_card
from tests.helpers.evolis import EvolisBench, evolis_bench

__all__ = ["evolis_bench"]


@pytest.fixture
def bench(evolis_bench: EvolisBench) -> EvolisBench:
    return evolis_bench


def way(printer: EvolisPrinter) -> CardFeeder:
    assert printer.feeder is not None
    return printer.feeder


@pytest.fixture
def printer(bench: EvolisBench) -> EvolisPrinter:
    return bench.open({"encoders": "contactless contact", "reader": "Evolis"})


@pytest.mark.parametrize("encoder", list(Encoder))
def test_a_card_goes_to_the_encoder_and_is_printed_from_there(
    bench: EvolisBench, printer: EvolisPrinter, encoder: Encoder
) -> None:
    feeder = way(printer)
    assert (feeder.place(), feeder.reader) == (CardPlace.NONE, "Evolis")
    feeder.load(encoder, cancel=Cancel())
    assert feeder.place() is CardPlace(encoder.value)
    job = PrintJob("card-1", sample_rendered_card())
    assert printer.print_card(job, cancel=Cancel(), progress=lambda step, share: None).card_confirmed
    assert feeder.place() is CardPlace.NONE
    calls = bench.calls()
    assert calls.index("reserve") < calls.index(f"move {encoder.name}") < calls.index("print") < calls.index("release")
    assert calls.count("reserve") == 1  # taken once, and held until the card is out


@pytest.mark.parametrize("how", ["eject", "reject"])
def test_a_card_can_leave_unprinted(bench: EvolisBench, printer: EvolisPrinter, how: str) -> None:
    feeder = way(printer)
    feeder.load(Encoder.CONTACTLESS, cancel=Cancel())
    getattr(feeder, how)()
    assert feeder.place() is CardPlace.NONE
    assert bench.calls()[-1] == "release"
    assert how in bench.calls()


def test_without_a_card_the_printer_is_only_let_go(bench: EvolisBench, printer: EvolisPrinter) -> None:
    way(printer).eject()
    assert "eject" not in bench.calls()


def test_a_card_that_sticks_is_told_and_stays_inside(bench: EvolisBench, printer: EvolisPrinter) -> None:
    bench.set(stuck=True)
    with pytest.raises(PrinterTroubleError) as caught:
        way(printer).load(Encoder.CONTACTLESS, cancel=Cancel())
    assert caught.value.reason == PrinterReason.MEDIA_JAM
    assert way(printer).place() is CardPlace.INSIDE
    with pytest.raises(PrinterTroubleError):
        way(printer).reject()


@pytest.mark.parametrize("reason", [PrinterReason.MEDIA_EMPTY, PrinterReason.MEDIA_JAM])
def test_a_trouble_lets_no_card_in(bench: EvolisBench, printer: EvolisPrinter, reason: PrinterReason) -> None:
    bench.break_(reason)
    with pytest.raises(PrinterTroubleError) as caught:
        way(printer).load(Encoder.CONTACTLESS, cancel=Cancel())
    assert caught.value.reason == reason
    assert not [call for call in bench.calls() if call.startswith("move")]


def test_a_process_that_dies_on_the_way_is_told_and_the_card_found_again(
    bench: EvolisBench, printer: EvolisPrinter
) -> None:
    bench.set(move="once")
    with pytest.raises(PrinterTroubleError, match="SIGSEGV"):
        way(printer).load(Encoder.CONTACTLESS, cancel=Cancel())
    assert way(printer).place() is CardPlace.NONE
    way(printer).load(Encoder.CONTACTLESS, cancel=Cancel())
    assert way(printer).place() is CardPlace.CONTACTLESS


def test_another_programs_printer_moves_nothing(bench: EvolisBench, printer: EvolisPrinter) -> None:
    bench.set(reserved=True)
    with pytest.raises(PrinterMissingError, match="Another program"):
        way(printer).load(Encoder.CONTACTLESS, cancel=Cancel())


def test_a_printer_that_is_off_does_not_say_where_the_card_is(bench: EvolisBench, printer: EvolisPrinter) -> None:
    bench.set(away=True)
    assert way(printer).place() is CardPlace.UNKNOWN
    with pytest.raises(PrinterMissingError):
        way(printer).load(Encoder.CONTACTLESS, cancel=Cancel())


def test_stopped_before_it_moves(bench: EvolisBench, printer: EvolisPrinter) -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        way(printer).load(Encoder.CONTACTLESS, cancel=cancel)
    assert bench.calls() == []


def test_without_encoders_in_the_profile_there_is_no_way(bench: EvolisBench) -> None:
    assert bench.open().feeder is None
    only = bench.open({"encoders": "contact"})
    with pytest.raises(PrinterMissingError, match="contactless"):
        way(only).load(Encoder.CONTACTLESS, cancel=Cancel())


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (SdkMissingError, "needs the maker's program library"),
        (SdkBusyError, "Another program"),
        (SdkAwayError, "Primacy"),
    ],
)
def test_each_way_of_not_being_there_has_its_words(error: type[ChildError], says: str) -> None:
    found = not_there("Primacy", error("libevolis.so"))
    assert says in str(found)
    assert (found.params["device"], found.params["detail"]) == ("Primacy", "libevolis.so")
    assert found.params.get("reason") == (PrinterReason.DRIVER_MISSING.value if error is SdkMissingError else None)


def test_a_printer_with_a_written_card_in_it_is_left_to_nobody(evolis_bench: EvolisBench) -> None:
    """The ribbon ends in one pass: until that card is out nobody else may print on it."""
    printer = evolis_bench.open({"encoders": "contactless"})
    assert printer.feeder is not None
    printer.feeder.load(Encoder.CONTACTLESS, cancel=Cancel())
    evolis_bench.set(place="CONTACTLESS", code="PRINT_NEEDACTION", minor_after="DEF_RIBBON_ENDED")
    job = PrintJob("card-1", sample_rendered_card())
    with pytest.raises(PrinterTroubleError):
        printer.print_card(job, cancel=Cancel(), progress=lambda step, share: None)
    assert "release" not in evolis_bench.calls()
    evolis_bench.set(place="CONTACTLESS")
    assert printer.wait_job("card-1", cancel=Cancel(), progress=lambda step, share: None).card_confirmed
    assert evolis_bench.calls().count("reserve") == evolis_bench.calls().count("release") == 1


@pytest.mark.parametrize("how", ["refuses", "stubborn"])
def test_a_printer_that_takes_no_setting_is_left_to_others(evolis_bench: EvolisBench, how: str) -> None:
    printer = evolis_bench.open()
    evolis_bench.set(**{how: "GDuplexType"})
    with pytest.raises(PrinterMissingError):
        printer.print_card(
            PrintJob("card-1", sample_rendered_card()), cancel=Cancel(), progress=lambda step, share: None
        )
    assert evolis_bench.calls()[-1] == "release"
