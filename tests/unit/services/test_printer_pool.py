"""Several printers: by kind of card, by load, past one that died; no card moves, none is printed twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from printers.api import DriverConfig
from printers.profile_files import load_profile
from printers.registry import open_printer
from station.adapters.printer_lock import NoLock
from station.domain.card import CardScheme
from station.domain.errors import PrinterMissingError, PrinterTroubleError, PrintJobLostError
from station.domain.workflow import Act, Issuance, PrintBegun, ReprintReason, State
from station.ports.faults import Fault
from station.ports.printer import JobState, PrinterState
from station.services.printer_pool import PooledPrinting, PoolMember
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet


class OwnFaults:
    """The faults of one printer of several: the dial of the demo knows only one."""

    def __init__(self) -> None:
        self.kind = ""

    def fault(self, device: str) -> Fault | None:
        return Fault(device, self.kind) if device == "printer" and self.kind else None


@dataclass
class Room:
    """A desk with two printers."""

    hands: TestDesk
    pool: PooledPrinting
    faults: Mapping[str, OwnFaults]
    folder: Path

    def encoded(self, *who: str) -> list[Issuance]:
        holders = {"liga": self.hands.liga, "martins": self.hands.martins}
        return [self.hands.encoded(holders[name]) for name in who]

    def printed(self, issuance: Issuance, reason: ReprintReason | None = None) -> Issuance:
        card = self.hands.desk.render(issuance)
        return self.pool.print_card(issuance.id, card, reason=reason, cancel=never(), progress=quiet)

    def cards_out(self, printer: str) -> int:
        return len([file for file in (self.folder / printer).rglob("front.png") if "spool" not in file.parts])

    def begun(self, issuance: Issuance) -> list[str]:
        journal = self.hands.desk.store.issuances.journal(issuance.id)
        return [entry.event.printer for entry in journal if isinstance(entry.event, PrintBegun)]


def room_in(folder: Path, stack: ExitStack, **schemes: frozenset[CardScheme]) -> Room:
    hands = stack.enter_context(open_test_desk(folder / "desk"))
    faults = {name: OwnFaults() for name in ("left", "right")}
    members = []
    for name, own in faults.items():
        config = DriverConfig(
            name=name, profile=load_profile("generic-cr80-300"), folder=folder / name, faults=own, seconds_a_card=0.0
        )
        members.append(PoolMember(open_printer("virtual", config), NoLock(), schemes.get(name, frozenset())))
    return Room(hands, PooledPrinting(hands.desk.journal, members), faults, folder)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with ExitStack() as stack:
        yield room_in(tmp_path, stack)


def test_the_journal_names_the_printer_before_it_prints(room: Room) -> None:
    (one,) = room.encoded("liga")
    done = room.printed(one)
    assert (done.state, done.printer) == (State.PRINTED, "left")
    assert room.begun(one) == ["left"]
    assert (room.cards_out("left"), room.cards_out("right")) == (1, 0)
    assert room.pool.printer.job_report(done.job).state is JobState.DONE


def test_a_dead_printer_gets_no_card(room: Room) -> None:
    room.faults["left"].kind = "off"
    one, two = room.encoded("liga", "martins")
    assert {room.printed(one).printer, room.printed(two).printer} == {"right"}
    assert room.pool.printer.status().state is PrinterState.OFFLINE, "somebody has to go there"
    room.faults["left"].kind = ""
    assert room.pool.printer.status().state is PrinterState.READY


def test_a_card_that_waits_in_one_printer_is_settled_there_and_others_go_round_it(room: Room) -> None:
    one, two = room.encoded("liga", "martins")
    room.faults["left"].kind = "jam"
    room.faults["right"].kind = "off"
    with pytest.raises(PrinterTroubleError):
        room.printed(one)
    waiting = room.hands.desk.journal.issuance(one.id)
    assert (waiting.pending, waiting.printer) == (Act.PRINT, "left")
    room.faults["left"].kind = room.faults["right"].kind = ""
    assert room.printed(two).printer == "right", "the left one has somebody's card"
    done = room.pool.go_on(one.id, cancel=never(), progress=quiet)
    assert (done.state, done.printer) == (State.PRINTED, "left")
    assert (room.cards_out("left"), room.cards_out("right")) == (1, 1)


def test_a_job_that_was_lost_is_given_to_the_other_only_after_a_person_looked(room: Room) -> None:
    (one,) = room.encoded("liga")
    room.faults["left"].kind = "lost"
    with pytest.raises(PrintJobLostError):
        room.printed(one)
    with pytest.raises(Exception, match="in the printer already"):
        room.printed(room.hands.desk.journal.issuance(one.id))
    assert room.cards_out("right") == 0
    settled = room.pool.confirm(one.id, came_out=False)
    room.faults["left"].kind = "off"
    done = room.printed(settled, ReprintReason.NOTHING_CAME_OUT)
    assert room.begun(one) == ["left", "right"]
    assert (done.printer, room.cards_out("left"), room.cards_out("right")) == ("right", 0, 1)


def test_when_all_are_dead_nothing_is_printed_and_the_card_stays_as_it_is(room: Room) -> None:
    for own in room.faults.values():
        own.kind = "off"
    (one,) = room.encoded("liga")
    with pytest.raises((PrinterMissingError, PrinterTroubleError)):
        room.printed(one)
    assert (room.cards_out("left"), room.cards_out("right")) == (0, 0)


def test_two_cards_at_once_go_to_two_printers(room: Room) -> None:
    cards = room.encoded("liga", "martins")
    rendered = [room.hands.desk.render(each) for each in cards]
    both = threading.Barrier(2)

    def wait(_step: str, _share: float) -> None:
        if not both.broken and both.n_waiting < 2:
            both.wait(20)  # goes on only when both printers are at work

    done: list[Issuance] = []

    def run(number: int) -> None:
        met = threading.Event()

        def progress(step: str, share: float) -> None:
            if not met.is_set():
                met.set()
                wait(step, share)

        printed = room.pool.print_card(cards[number].id, rendered[number], cancel=never(), progress=progress)
        done.append(printed)

    threads = [threading.Thread(target=run, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(each.printer for each in done) == ["left", "right"]


def test_a_kind_of_card_has_its_own_printer(tmp_path: Path) -> None:
    with ExitStack() as stack:
        room = room_in(tmp_path, stack, left=frozenset({CardScheme.STAFF}), right=frozenset({CardScheme.ESC}))
        one, two = room.encoded("liga", "martins")
        assert room.printed(one).printer == "right"
        room.faults["right"].kind = "off"
        assert one.scheme is CardScheme.ESC
        with pytest.raises((PrinterMissingError, PrinterTroubleError)):
            room.printed(two)  # the other one was bought for another kind of card
        assert room.cards_out("left") == 0
        assert replace(two, scheme=CardScheme.GUEST).scheme is CardScheme.GUEST
