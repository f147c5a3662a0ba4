"""One pass with the driver for Evolis, its library a stand-in in a real process: that process dies at each place.

And two stations on one such printer: the second hears which one has it, and nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from station.adapters.claims import PostgresClaims
from station.adapters.printer_lock import ClaimedLock, FolderLock
from station.app.tray import ENCODER_NAME
from station.domain.errors import PrinterBusyError, PrinterTroubleError, PrintJobLostError
from station.domain.feeding import FeedStopped
from station.domain.workflow import Act, Event, Issuance, PrintBegun, ReprintReason, State
from station.ports.claims import Standing, feeding
from station.ports.printer import CardPlace
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet
from tests.helpers.evolis import QUEUE, EvolisBench, evolis_bench
from tests.helpers.patience import until
from tests.helpers.postgres import running_postgres

__all__ = ["evolis_bench"]

IN_LINE: dict[str, Any] = {
    "printer": {
        "driver": "evolis", "queue": QUEUE, "profile": "evolis-primacy2", "one_pass": True,
        "options": {"encoders": "contactless"},
    },
    "reader": {"encoder": ENCODER_NAME, "wait_s": 1.0},
}  # fmt: skip


@pytest.fixture
def hands(tmp_path: Path, evolis_bench: EvolisBench) -> Iterator[TestDesk]:
    """Give a desk whose printer is the stand-in; the next blank of its feeder comes to the encoder."""
    with open_test_desk(tmp_path / "desk", **IN_LINE) as opened:
        opened.tray.moved(CardPlace.CONTACTLESS)
        yield opened


def make(hands: TestDesk, issuance: Issuance) -> Issuance:
    return hands.desk.make_in_printer(issuance, cancel=never(), progress=quiet)


def events(hands: TestDesk, issuance: Issuance) -> list[Event]:
    return [entry.event for entry in hands.desk.store.issuances.journal(issuance.id)]


def reasons(hands: TestDesk, issuance: Issuance) -> list[ReprintReason | None]:
    return [event.reason for event in events(hands, issuance) if isinstance(event, PrintBegun)]


def test_a_card_is_fed_written_printed_and_confirmed_by_the_printer(hands: TestDesk, evolis_bench: EvolisBench) -> None:
    made = make(hands, hands.portrayed(hands.liga))
    assert (made.state, made.prints, bool(made.uid)) == (State.PRINTED, 1, True)
    assert evolis_bench.cards_out() == 1
    calls = evolis_bench.calls()
    assert calls.index("reserve") < calls.index("move CONTACTLESS") < calls.index("print") < calls.index("release")


@pytest.mark.expects_log("printers.drivers.evolis", "before the card", optional=True)
@pytest.mark.parametrize("where", ["open", "state", "prepare"])
def test_a_process_that_dies_before_the_card_moves_on_costs_nothing(
    hands: TestDesk, evolis_bench: EvolisBench, where: str
) -> None:
    begun = hands.portrayed(hands.liga)
    evolis_bench.set(**{where: "once"})
    try:
        made = make(hands, begun)
    except PrinterTroubleError:  # it died while the feeder was asked: told, and gone on with
        made = make(hands, begun)
    assert (made.id, made.escn, made.state) == (begun.id, begun.escn, State.PRINTED)
    assert (reasons(hands, begun), evolis_bench.cards_out()) == ([None], 1)


def test_a_process_that_dies_while_a_blank_is_fed_is_told_and_the_blank_goes_on(
    hands: TestDesk, evolis_bench: EvolisBench
) -> None:
    begun = hands.portrayed(hands.liga)
    evolis_bench.set(move="once")
    with pytest.raises(PrinterTroubleError):
        make(hands, begun)
    stopped = hands.desk.journal.issuance(begun.id)
    assert any(isinstance(event, FeedStopped) for event in events(hands, begun))
    assert (stopped.uid, stopped.pending) == ("", None)
    made = make(hands, begun)
    assert (made.escn, made.state, evolis_bench.cards_out()) == (begun.escn, State.PRINTED, 1)


@pytest.mark.expects_log("printers.drivers.evolis", "with a card in it")
@pytest.mark.parametrize("came_out", [False, True])
def test_a_process_that_dies_with_a_written_card_at_the_print_leaves_it_to_a_person(
    hands: TestDesk, evolis_bench: EvolisBench, came_out: bool
) -> None:
    begun = hands.portrayed(hands.liga)
    evolis_bench.set(print="once")
    with pytest.raises(PrintJobLostError):
        make(hands, begun)
    lost = hands.desk.journal.issuance(begun.id)
    assert (lost.pending, lost.doubt, bool(lost.uid)) == (Act.PRINT, True, True)
    said = hands.desk.printing.confirm(begun.id, came_out=came_out)
    made = said if came_out else make(hands, said)
    assert (made.escn, made.uid, made.state) == (begun.escn, lost.uid, State.PRINTED)
    assert reasons(hands, begun) == ([None] if came_out else [None, ReprintReason.NOTHING_CAME_OUT])
    assert evolis_bench.cards_out() == (0 if came_out else 1)


def test_a_ribbon_that_ends_keeps_the_written_card_inside_for_the_same_person(
    hands: TestDesk, evolis_bench: EvolisBench
) -> None:
    begun = hands.portrayed(hands.liga)
    evolis_bench.set(minor="DEF_RIBBON_ENDED")
    with pytest.raises(PrinterTroubleError):
        make(hands, begun)
    waits = hands.desk.journal.issuance(begun.id)
    assert (waits.pending, waits.doubt, bool(waits.uid)) == (Act.PRINT, False, True)
    assert "release" not in evolis_bench.calls()
    evolis_bench.set(place="CONTACTLESS")
    made = make(hands, begun)
    assert (made.uid, made.state, reasons(hands, begun)) == (waits.uid, State.PRINTED, [None])


def test_the_second_station_of_a_computer_hears_whose_card_is_in_the_printer(
    hands: TestDesk, evolis_bench: EvolisBench, tmp_path: Path
) -> None:
    other = open_test_desk(tmp_path / "other", station={"name": "Desk 2"}, **IN_LINE)
    with other as second, hands.desk.printing.lock.hold():
        begun = second.portrayed(second.martins)
        moved = evolis_bench.calls()
        with pytest.raises(PrinterBusyError) as error:
            make(second, begun)
        assert error.value.params["station"] == hands.desk.settings.station.name
        assert evolis_bench.calls() == moved
        assert second.desk.journal.issuance(begun.id) == begun


@pytest.mark.bench_postgres
def test_the_second_of_two_computers_hears_it_too_until_the_first_one_dies(tmp_path: Path) -> None:
    with ExitStack() as closed:
        server = closed.enter_context(running_postgres())
        url = make_url(server.url(server.new_database()))
        claims = [closed.enter_context(closing(PostgresClaims(url, f"Desk {number}"))) for number in (1, 2)]
        ours, theirs = (
            ClaimedLock("P", f"evolis:{QUEUE}", each, FolderLock("P", tmp_path / str(number)))
            for number, each in enumerate(claims)
        )
        with ours.hold():
            with pytest.raises(PrinterBusyError, match="The printer P makes a card for Desk 1"), theirs.hold():
                pass
            claims[0].close()  # as when that computer dies with a card in the printer
            until(lambda: claims[1].standing(feeding(f"evolis:{QUEUE}")) is Standing.FREE)
            with theirs.hold():
                pass
