"""Cards made in one pass: the card inside is asked, a bad chip costs its blank only, nobody's card is touched."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.printer_lock import FolderLock
from station.app.tray import ENCODER_NAME
from station.domain.card import BlankState
from station.domain.errors import (
    Cancelled,
    ChipError,
    ChipUnsuitableError,
    PrinterMissingError,
    PrinterTroubleError,
    PrinterUnfitError,
    ProfileError,
    WorkflowError,
)
from station.domain.feeding import Fed, FeedBegun, FeedStopped, Rejected
from station.domain.workflow import (
    Act,
    Cause,
    EncodeBegun,
    Encoded,
    Event,
    Issuance,
    PrintBegun,
    Printed,
    ReprintReason,
    State,
)
from station.ports.printer import CardPlace, Encoder
from station.services.recovery import Need
from tests.helpers.desks import ONE_PASS, TestDesk, never, open_test_desk, quiet


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path, **ONE_PASS) as opened:
        yield opened


def make(bench: TestDesk, issuance: Issuance) -> Issuance:
    return bench.desk.make_in_printer(issuance, cancel=never(), progress=quiet)


def journal(bench: TestDesk, issuance: Issuance) -> list[Event]:
    return [entry.event for entry in bench.desk.store.issuances.journal(issuance.id)]


def blanks(bench: TestDesk) -> Counter[BlankState]:
    return Counter(blank.state for blank in bench.desk.store.cards.blanks())


def place(bench: TestDesk) -> CardPlace:
    feeder = bench.desk.devices.printer.feeder
    assert feeder is not None
    return feeder.place()


def stuck_at_print(bench: TestDesk, issuance: Issuance) -> Issuance:
    """Write the chip of a card whose print then waits for a ribbon, so that it stays inside."""
    bench.dial.set("printer", "ribbon-out")
    with pytest.raises(PrinterTroubleError):
        make(bench, issuance)
    return bench.desk.journal.issuance(issuance.id)


def test_a_blank_is_fed_written_read_back_printed_and_put_out(bench: TestDesk) -> None:
    begun = bench.portrayed()
    made = make(bench, begun)
    assert (made.state, made.escn) == (State.PRINTED, begun.escn)
    kinds = [type(event) for event in journal(bench, made)]
    order = [kinds.index(kind) for kind in (FeedBegun, Fed, EncodeBegun, Encoded, PrintBegun, Printed)]
    assert order == sorted(order)
    assert place(bench) is CardPlace.NONE
    assert bench.desk.verify(made, cancel=never()).state is State.VERIFIED
    assert bench.desk.issuances.hand_over(made.id).uid == made.uid


def test_a_chip_that_tells_nothing_goes_to_the_bin_and_the_number_to_the_next_blank(bench: TestDesk) -> None:
    begun = bench.portrayed()
    bench.tray.readers.pull_after(0, reader=ENCODER_NAME)
    made = make(bench, begun)
    assert (made.id, made.escn, made.state) == (begun.id, begun.escn, State.PRINTED)
    assert Rejected("", "CardRemoved") in journal(bench, made)
    assert blanks(bench) == {BlankState.SPOILED: 1, BlankState.IN_WORK: 1}


def test_a_chip_that_dies_with_the_number_on_it_takes_the_number_along(bench: TestDesk) -> None:
    begun = bench.portrayed()
    bench.tray.readers.pull_after(30, reader=ENCODER_NAME)
    made = make(bench, begun)
    assert made.state is State.PRINTED
    assert (made.holder_id, made.portrait_id) == (begun.holder_id, begun.portrait_id)
    assert made.escn != begun.escn
    spoiled = bench.desk.journal.issuance(begun.id)
    assert (spoiled.state, spoiled.cause) == (State.SPOILED, Cause.CHIP_FAILED.value)
    assert blanks(bench) == {BlankState.SPOILED: 1, BlankState.IN_WORK: 1}
    assert bench.desk.open_issuance_of(begun).id == made.id


def test_two_bad_blanks_in_a_row_are_enough(bench: TestDesk) -> None:
    begun = bench.portrayed()
    bench.dial.set("card", "pulled", 0)
    with pytest.raises(ChipError, match="2 blank cards in a row"):
        make(bench, begun)
    after = bench.desk.journal.issuance(begun.id)
    assert (after.state, after.pending, after.uid, place(bench)) == (State.CAPTURED, None, "", CardPlace.NONE)
    assert blanks(bench) == {BlankState.SPOILED: 2}
    bench.dial.clear("card")
    assert make(bench, begun).escn == begun.escn


@pytest.mark.parametrize("fault", ["feeder-empty", "jam", "cover-open", "off", "paused", "encoder-jam"])
def test_trouble_on_the_way_to_the_encoder_costs_nothing(bench: TestDesk, fault: str) -> None:
    begun = bench.portrayed()
    bench.dial.set("printer", fault)
    with pytest.raises(PrinterTroubleError):
        make(bench, begun)
    stopped = bench.desk.journal.issuance(begun.id)
    assert (stopped.state, stopped.pending) == (State.CAPTURED, None)
    assert isinstance(journal(bench, begun)[-1], FeedStopped)
    bench.dial.clear("printer")
    assert make(bench, begun).escn == begun.escn
    assert blanks(bench) == {BlankState.IN_WORK: 1}


def test_a_blank_that_got_bent_on_its_way_is_counted_and_the_number_goes_on(bench: TestDesk) -> None:
    assert bench.desk.one_pass is not None
    begun = bench.portrayed()
    bench.dial.set("printer", "encoder-jam")
    with pytest.raises(PrinterTroubleError) as stuck:
        make(bench, begun)
    assert not stuck.value.written
    after = bench.desk.one_pass.blank_spoiled(begun.id)
    assert (after.state, after.pending, after.uid) == (State.CAPTURED, None, "")
    assert blanks(bench) == {BlankState.SPOILED: 1}
    bench.dial.clear("printer")
    made = make(bench, begun)
    assert (made.id, made.escn, made.state) == (begun.id, begun.escn, State.PRINTED)
    assert blanks(bench) == {BlankState.SPOILED: 1, BlankState.IN_WORK: 1}
    with pytest.raises(WorkflowError):
        bench.desk.one_pass.blank_spoiled(begun.id)
    assert blanks(bench) == {BlankState.SPOILED: 1, BlankState.IN_WORK: 1}


def test_anothers_card_inside_is_left_alone_and_named(bench: TestDesk) -> None:
    first = stuck_at_print(bench, bench.portrayed(bench.liga))
    bench.dial.clear("printer")
    second = bench.portrayed(bench.martins)
    with pytest.raises(ChipUnsuitableError) as error:
        make(bench, second)
    assert error.value.params["name"] == "Līga Bērziņa-Šķēle"
    assert place(bench) is CardPlace.CONTACTLESS
    assert blanks(bench) == {BlankState.IN_WORK: 1}
    with pytest.raises(PrinterTroubleError) as trouble:
        bench.desk.printing.print_card(first.id, bench.desk.render(first), cancel=never(), progress=quiet)
    assert trouble.value.reason == "card-inside"
    assert make(bench, first).state is State.PRINTED
    assert make(bench, second).state is State.PRINTED


def test_a_card_that_somebody_has_is_put_out_and_not_into_the_bin(bench: TestDesk) -> None:
    made = make(bench, bench.portrayed(bench.liga))
    bench.desk.verify(made, cancel=never())
    bench.desk.issuances.hand_over(made.id)
    bench.tray.lay_in_feeder(made)
    with pytest.raises(ChipUnsuitableError, match="already made for"):
        make(bench, bench.portrayed(bench.martins))
    assert place(bench) is CardPlace.NONE
    assert blanks(bench) == {BlankState.USED: 1}


def test_a_written_card_is_found_again_after_the_station_died(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        encoded = stuck_at_print(bench, bench.portrayed())
        bench.desk.printing.confirm(encoded.id, came_out=False)
        bench.dial.clear("printer")
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        made = make(bench, encoded)
        assert (made.state, made.uid, made.escn) == (State.PRINTED, encoded.uid, encoded.escn)
        assert blanks(bench) == {BlankState.IN_WORK: 1}


def test_a_station_that_died_while_a_blank_was_fed_only_looks_whether_it_is_inside(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        for holder in (bench.liga, bench.martins):
            bench.desk.journal.step(bench.portrayed(holder), FeedBegun("printer"))
        feeder = bench.desk.devices.printer.feeder
        assert feeder is not None
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        ends = [journal(bench, issuance)[-1] for issuance in bench.desk.store.issuances.open_issuances()]
        assert ends == [FeedStopped("restart")] * 2
        assert bench.desk.recovery.doubts() == ()
        feeder = bench.desk.devices.printer.feeder
        assert feeder is not None
        feeder.load(Encoder.CONTACTLESS, cancel=never())
        bench.desk.journal.step(bench.desk.begin(bench.liga), FeedBegun("printer"))
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        assert journal(bench, bench.desk.begin(bench.liga))[-1] == Fed("printer")
        assert bench.desk.one_pass is not None
        assert bench.desk.one_pass.whose(never()) is None, "it is a blank, and the next card is made on it"
        assert make(bench, bench.desk.begin(bench.martins)).state is State.PRINTED


def test_a_doubt_about_a_chip_inside_is_settled_there(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        begun = bench.portrayed()
        assert bench.desk.one_pass is not None
        assert bench.desk.one_pass.whose(never()) is None
        feeder = bench.desk.devices.printer.feeder
        assert feeder is not None
        bench.tray.moved(CardPlace.NONE)
        bench.desk.journal.step(begun, FeedBegun("printer"))
        feeder.load(Encoder.CONTACTLESS, cancel=never())
        inside = bench.tray.readers.card(ENCODER_NAME)
        assert inside is not None
        fed = bench.desk.journal.step(bench.desk.journal.issuance(begun.id), Fed("printer"))
        bench.desk.journal.step(fed, EncodeBegun(inside.uid.hex().upper(), ENCODER_NAME))
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        (doubt,) = bench.desk.recovery.doubts()
        assert doubt.need is Need.CARD_IN_PRINTER
        assert blanks(bench) == {BlankState.IN_DOUBT: 1}
        settled = bench.desk.settle_chip(doubt.issuance, cancel=never(), progress=quiet)
        assert (settled.state, settled.escn) == (State.ENCODED, begun.escn)
        assert make(bench, settled).state is State.PRINTED


def test_a_written_card_that_was_taken_out_is_asked_for(bench: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = stuck_at_print(bench, bench.portrayed())
    bench.dial.clear("printer")
    encoded = bench.desk.printing.confirm(encoded.id, came_out=False)
    feeder = bench.desk.devices.printer.feeder
    assert feeder is not None
    feeder.eject()
    with monkeypatch.context() as nobody_feeds:
        nobody_feeds.setattr(bench.desk.one_pass, "_feeds", lambda _issuance: None)
        with pytest.raises(ChipUnsuitableError, match="not the one that was written"):
            make(bench, encoded)
        assert place(bench) is CardPlace.NONE, "the blank that came in its place is put out, unprinted"
    assert make(bench, encoded).uid == encoded.uid


def test_a_card_begun_elsewhere_is_not_written_over_a_blank(bench: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = bench.portrayed()
    half = bench.desk.journal.step(begun, EncodeBegun("04A1B2C3D4E580", "reader"))
    monkeypatch.setattr(bench.desk.one_pass, "_feeds", lambda _issuance: None)
    with pytest.raises(ChipUnsuitableError, match="not the one that was written"):
        make(bench, half)
    after = bench.desk.journal.issuance(begun.id)
    assert (after.pending, after.uid) == (Act.ENCODE, "04A1B2C3D4E580")


def test_who_prints_past_the_encoder_is_told_that_a_card_is_inside(bench: TestDesk) -> None:
    desk, issuance = bench.desk, stuck_at_print(bench, bench.portrayed())
    desk.printing.confirm(issuance.id, came_out=False)
    bench.dial.clear("printer")
    card, reason = desk.render(issuance), ReprintReason.NOTHING_CAME_OUT
    with pytest.raises(PrinterTroubleError, match="needs help: a card is still inside"):
        desk.printing.print_card(issuance.id, card, reason=reason, cancel=never(), progress=quiet)
    assert desk.journal.issuance(issuance.id).pending is None


def test_what_the_printer_cannot_print_costs_no_blank(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        begun = bench.portrayed()
        drawn = bench.desk.render(begun)
        striped = replace(drawn, card=replace(drawn.card, tracks=("", "123", "")))
        with pytest.raises(PrinterUnfitError):
            bench.desk.make_in_printer(begun, striped, cancel=never(), progress=quiet)
        assert journal(bench, begun)[-1] == journal(bench, bench.desk.journal.issuance(begun.id))[-1]
        assert (place(bench), blanks(bench)) == (CardPlace.NONE, Counter())


def test_given_up_before_writing_the_blank_is_put_out(bench: TestDesk) -> None:
    begun = bench.portrayed()
    cancel = threading.Event()

    def at_the_chip(step: str, share: float) -> None:
        if step == "wait_card":
            cancel.set()

    with pytest.raises(Cancelled):
        bench.desk.make_in_printer(begun, cancel=cancel, progress=at_the_chip)
    assert (place(bench), blanks(bench)) == (CardPlace.NONE, Counter())


def test_another_station_keeps_the_printer_to_itself(bench: TestDesk) -> None:
    begun = bench.portrayed()
    with FolderLock("P", bench.folder / "printer").hold():
        with pytest.raises(PrinterMissingError, match="for another station"):
            make(bench, begun)
        assert bench.desk.journal.issuance(begun.id) == begun
    assert make(bench, begun).state is State.PRINTED


def test_a_spoiled_card_inside_goes_to_the_bin_and_anothers_stays(bench: TestDesk) -> None:
    service = bench.desk.one_pass
    assert service is not None
    first = stuck_at_print(bench, bench.portrayed(bench.liga))
    second = bench.desk.journal.step(bench.portrayed(bench.martins), EncodeBegun("04A1B2C3D4E580", "reader"))
    bench.dial.clear("printer")
    service.spoiled(second.id, Cause.CHIP_FAILED)
    assert place(bench) is CardPlace.CONTACTLESS
    assert service.spoiled(first.id, Cause.MISPRINT).state is State.SPOILED
    assert place(bench) is CardPlace.NONE


def test_a_card_without_a_chip_is_not_printed_on_anothers(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as bench:
        stuck_at_print(bench, bench.portrayed(bench.liga))
        bench.dial.clear("printer")
    with open_test_desk(tmp_path, chip={"profile": "none"}, **ONE_PASS) as bench:
        plain = bench.portrayed(bench.martins)
        with pytest.raises(ChipUnsuitableError, match="not finished"):
            make(bench, plain)
        feeder = bench.desk.devices.printer.feeder
        assert feeder is not None
        feeder.eject()
        assert make(bench, plain).state is State.PRINTED


def test_a_profile_that_asks_a_plain_printer_to_write_chips_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ProfileError, match="no contactless encoder"),
        open_test_desk(tmp_path, printer={"one_pass": True}, reader={"encoder": "x"}),
    ):
        pass
