"""Several printers: by kind of card, by load, past one that died; a card moves on untouched, or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from printers.api import DriverConfig
from printers.profile_files import load_profile
from printers.registry import open_printer
from station.adapters.printer_lock import NoLock
from station.domain.card import CardScheme
from station.domain.errors import PrinterChangedError, PrinterMissingError, PrinterTroubleError, PrintJobLostError
from station.domain.print_care import CareAct
from station.domain.workflow import Act, Issuance, PrintBegun, ReprintReason, State
from station.ports.faults import Fault
from station.ports.printer import JobState, PrinterState
from station.services.printer_pool import AtPrinter, PooledPrinting
from station.services.printer_ranking import PoolMember
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet


def at_once() -> bool:
    return True


class OwnFaults:
    """The faults of one printer of several, from a moment on."""

    def __init__(self) -> None:
        self.kind, self.when = "", at_once

    def breaks(self, kind: str, when: Callable[[], bool] = at_once) -> None:
        self.kind, self.when = kind, when

    def fault(self, device: str) -> Fault | None:
        return Fault(device, self.kind) if device == "printer" and self.kind and self.when() else None


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


def room_in(
    folder: Path,
    stack: ExitStack,
    *,
    schemes: Mapping[str, frozenset[CardScheme]] | None = None,
    seconds_a_card: float = 0.0,
    **changes: Any,
) -> Room:
    hands = stack.enter_context(open_test_desk(folder / "desk", **changes))
    faults = {name: OwnFaults() for name in ("left", "right")}
    members = []
    for name, own in faults.items():
        config = DriverConfig(
            name=name,
            profile=load_profile("generic-cr80-300"),
            folder=folder / name,
            faults=own,
            seconds_a_card=seconds_a_card,
        )
        mine = (schemes or {}).get(name, frozenset())
        members.append(PoolMember(open_printer("virtual", config), NoLock(), mine))
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
        room = room_in(
            tmp_path, stack, schemes={"left": frozenset({CardScheme.STAFF}), "right": frozenset({CardScheme.ESC})}
        )
        one, two = room.encoded("liga", "martins")
        assert room.printed(one).printer == "right"
        room.faults["right"].kind = "off"
        assert one.scheme is CardScheme.ESC
        with pytest.raises((PrinterMissingError, PrinterTroubleError)):
            room.printed(two)  # the other one was bought for another kind of card
        assert room.cards_out("left") == 0
        assert replace(two, scheme=CardScheme.GUEST).scheme is CardScheme.GUEST


# --- a printer that dies --------------------------------------------------------------------------------------------

BEFORE_IT_BEGAN = ("ribbon-out", "feeder-empty", "cover-open", "output-full", "wrong-ribbon", "paused", "off")


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Room]:
    """Yield a room whose cards have no chip: any blank will do, so nobody has to carry one."""
    with ExitStack() as stack:
        yield room_in(tmp_path, stack, chip={"profile": "none"})


def dies_once_given(room: Room, issuance: Issuance, kind: str) -> None:
    """Have the left printer break as soon as the journal says that it has the card."""
    room.faults["left"].breaks(kind, lambda: room.begun(issuance) == ["left"])


@pytest.mark.parametrize("kind", BEFORE_IT_BEGAN)
def test_a_card_goes_on_at_the_next_printer_by_itself(plain: Room, kind: str) -> None:
    (one,) = plain.encoded("liga")
    dies_once_given(plain, one, kind)
    steps: list[str] = []
    card = plain.hands.desk.render(one)
    done = plain.pool.print_card(one.id, card, cancel=never(), progress=lambda step, _share: steps.append(step))
    assert (done.state, done.printer, done.escn) == (State.PRINTED, "right", one.escn)
    events = [entry.event for entry in plain.hands.desk.store.issuances.journal(one.id)]
    told = [type(event).__name__ for event in events][-4:]
    assert told == ["PrintBegun", "PrintStopped", "PrintBegun", "Printed"], "the first one's word comes first"
    assert isinstance(again := events[-2], PrintBegun)
    assert again.reason is ReprintReason.OTHER_PRINTER
    assert "moved" in steps
    assert (plain.cards_out("left"), plain.cards_out("right")) == (0, 1)
    assert plain.pool.where(one.id) == AtPrinter("right", instead_of="left")
    (noted,) = plain.hands.desk.store.printer_care.of_printer("left")
    assert (noted.act, noted.data) == (CareAct.MOVED_ON, {"escn": one.escn, "to": "right"})


def test_a_driver_that_is_gone_never_got_the_card(plain: Room) -> None:
    (one,) = plain.encoded("liga")
    dies_once_given(plain, one, "driver-missing")
    assert plain.printed(one).printer == "right"
    assert plain.begun(one) == ["left", "right"]


@pytest.mark.parametrize("kind", ["jam", "lost"])
def test_what_may_have_touched_a_blank_waits_for_a_person(plain: Room, kind: str) -> None:
    (one,) = plain.encoded("liga")
    dies_once_given(plain, one, kind)
    with pytest.raises((PrinterTroubleError, PrintJobLostError)):
        plain.printed(one)
    now = plain.hands.desk.journal.issuance(one.id)
    assert (now.pending, now.printer) == (Act.PRINT, "left")
    assert (plain.cards_out("left"), plain.cards_out("right")) == (0, 0)


@pytest.mark.parametrize("kind", ["cover-open", "off"])
def test_a_card_that_was_being_printed_goes_nowhere_by_itself(tmp_path: Path, kind: str) -> None:
    with ExitStack() as stack:
        room = room_in(tmp_path, stack, seconds_a_card=0.2, chip={"profile": "none"})
        (one,) = room.encoded("liga")

        def progress(step: str, share: float) -> None:
            if step == "printing":
                room.faults["left"].breaks(kind)

        card = room.hands.desk.render(one)
        with pytest.raises(PrinterTroubleError):
            room.pool.print_card(one.id, card, cancel=never(), progress=progress)
        assert room.begun(one) == ["left"]
        for printer in room.pool.printer.printers:  # type: ignore[attr-defined]  # it is the pool of both
            room.pool.heard(printer.status())
        assert not room.pool.goes_on_elsewhere(one.id)
        room.faults["left"].breaks("")
        done = gone_on(room, one)
        assert (done.printer, room.cards_out("left"), room.cards_out("right")) == ("left", 1, 0)


def test_without_another_that_is_able_it_stays_where_it_is(plain: Room) -> None:
    (one,) = plain.encoded("liga")
    dies_once_given(plain, one, "cover-open")
    plain.faults["right"].breaks("off")
    with pytest.raises(PrinterTroubleError):
        plain.printed(one)
    plain.faults["left"].breaks("")
    done = plain.pool.go_on(one.id, cancel=never(), progress=quiet)
    assert (done.state, plain.begun(one)) == (State.PRINTED, ["left"])


def all_die(room: Room, issuance: Issuance, kind: str) -> None:
    """Have the left printer break once it has the card, while the right one is off."""
    dies_once_given(room, issuance, kind)
    room.faults["right"].breaks("off")
    with pytest.raises(PrinterTroubleError):
        room.printed(issuance)


def gone_on(room: Room, issuance: Issuance) -> Issuance:
    return room.pool.go_on(issuance.id, draw=room.hands.desk.render, cancel=never(), progress=quiet)


def test_when_all_were_dead_it_goes_on_at_the_first_that_recovers(plain: Room) -> None:
    (one,) = plain.encoded("liga")
    all_die(plain, one, "cover-open")
    plain.faults["right"].breaks("")
    done = gone_on(plain, one)
    assert (done.state, plain.begun(one)) == (State.PRINTED, ["left", "right"])
    assert (plain.cards_out("left"), plain.cards_out("right")) == (0, 1)
    assert plain.pool.where(one.id) == AtPrinter("right", instead_of="left")
    events = [entry.event for entry in plain.hands.desk.store.issuances.journal(one.id)]
    assert [e.reason for e in events if isinstance(e, PrintBegun)] == [None, ReprintReason.OTHER_PRINTER]
    plain.faults["left"].breaks("")
    assert plain.pool.printer.job_report(done.job).state is JobState.DONE
    assert plain.cards_out("left") == 0, "its job was taken back"


def test_who_waits_already_goes_on_as_another_is_heard_to_be_able(plain: Room) -> None:
    (one,) = plain.encoded("liga")
    all_die(plain, one, "cover-open")
    left, right = plain.pool.printer.printers  # type: ignore[attr-defined]  # it is the pool of both
    for printer in (left, right):
        plain.pool.heard(printer.status())
    assert not plain.pool.goes_on_elsewhere(one.id), "none is able yet"
    done: list[Issuance] = []
    waits = threading.Event()

    def run() -> None:
        draw = plain.hands.desk.render
        progress = lambda _step, _share: waits.set()  # noqa: E731 - any word says that it waits
        done.append(plain.pool.go_on(one.id, draw=draw, cancel=never(), progress=progress))

    thread = threading.Thread(target=run)
    thread.start()
    assert waits.wait(20)
    plain.faults["right"].breaks("")
    plain.pool.heard(right.status())
    thread.join(30)
    assert [each.printer for each in done] == ["right"]
    assert (plain.cards_out("left"), plain.cards_out("right")) == (0, 1)


def test_a_stuck_card_stays_whoever_recovers(plain: Room) -> None:
    (one,) = plain.encoded("liga")
    all_die(plain, one, "jam")
    left, right = plain.pool.printer.printers  # type: ignore[attr-defined]  # it is the pool of both
    plain.faults["right"].breaks("")
    for printer in (left, right):
        plain.pool.heard(printer.status())
    assert not plain.pool.goes_on_elsewhere(one.id)
    plain.faults["left"].breaks("")
    assert gone_on(plain, one).printer == "left"
    assert (plain.cards_out("left"), plain.cards_out("right")) == (1, 0)


def test_a_written_chip_waits_for_a_person_at_whichever_recovers(room: Room) -> None:
    (one,) = room.encoded("liga")
    all_die(room, one, "cover-open")
    room.faults["right"].breaks("")
    with pytest.raises(PrinterChangedError) as told:
        gone_on(room, one)
    assert (told.value.params["device"], told.value.params["other"]) == ("left", "right")
    waiting = room.hands.desk.journal.issuance(one.id)
    assert (waiting.state, waiting.pending) == (State.ENCODED, None)
    assert room.printed(waiting, ReprintReason.NOTHING_CAME_OUT).printer == "right"


def test_a_written_chip_is_carried_by_a_person_who_is_told_where_to(room: Room) -> None:
    (one,) = room.encoded("liga")
    dies_once_given(room, one, "cover-open")
    with pytest.raises(PrinterChangedError) as told:
        room.printed(one)
    assert (told.value.params["device"], told.value.params["other"]) == ("left", "right")
    waiting = room.hands.desk.journal.issuance(one.id)
    assert (waiting.state, waiting.pending) == (State.ENCODED, None)
    assert (room.cards_out("left"), room.cards_out("right")) == (0, 0)
    room.faults["left"].breaks("")
    done = room.printed(waiting, ReprintReason.NOTHING_CAME_OUT)
    assert done.printer == "right", "that is where the person was sent, whatever the first one does by now"


def test_a_printer_is_promised_before_the_card_is_carried_to_it(room: Room) -> None:
    one, two = room.encoded("liga", "martins")
    first, second = (room.hands.desk.render(each) for each in (one, two))
    assert room.pool.promise(one.id, first) == room.pool.where(one.id) == AtPrinter("left")
    room.faults["left"].breaks("off")
    assert room.pool.promise(two.id, second) == AtPrinter("right")
    room.faults["left"].breaks("")
    assert room.printed(two).printer == "right"
    assert room.printed(one).printer == "left"
    room.faults["left"].breaks("off")
    assert room.pool.promise(one.id, first).name == "right", "a promise ends with the printer"


def test_who_waits_for_a_printer_that_falls_ill_goes_to_another(plain: Room) -> None:
    one, two = plain.encoded("liga", "martins")
    plain.faults["right"].breaks("off")
    entered, ill = threading.Event(), threading.Event()
    waiting: list[Issuance] = []

    def progress(step: str, share: float) -> None:
        entered.set()
        ill.wait(20)

    card = plain.hands.desk.render(one)
    errors: list[Exception] = []

    def first() -> None:
        try:
            plain.pool.print_card(one.id, card, cancel=never(), progress=progress)
        except PrinterTroubleError as error:
            errors.append(error)

    threads = [threading.Thread(target=first), threading.Thread(target=lambda: waiting.append(plain.printed(two)))]
    threads[0].start()
    assert entered.wait(20)
    threads[1].start()
    deadline = time.monotonic() + 20
    while {s.name: s.given for s in plain.pool.standings()}["left"] < 2 and time.monotonic() < deadline:
        entered.wait(0.01)
    plain.faults["left"].breaks("jam")
    plain.faults["right"].breaks("")
    ill.set()
    for thread in threads:
        thread.join(30)
    assert [each.printer for each in waiting] == ["right"]
    assert plain.begun(two) == ["right"], "the ill one never heard of it"


def test_who_was_heard_to_be_unwell_is_asked_last(room: Room) -> None:
    one, two = room.encoded("liga", "martins")
    left = room.pool.printer.printers[0]  # type: ignore[attr-defined]  # it is the pool of both
    room.faults["left"].breaks("off")
    room.pool.heard(left.status())
    asked: list[str] = []

    def noted() -> bool:
        asked.append("left")
        return True

    room.faults["left"].breaks("off", noted)
    assert room.printed(one).printer == "right"
    assert asked == [], "nobody waited for it"
    room.faults["left"].breaks("")
    room.pool.heard(left.status())
    assert room.printed(two).printer == "left"


def test_how_each_printer_stands_is_told(tmp_path: Path) -> None:
    with ExitStack() as stack:
        room = room_in(tmp_path, stack, schemes={"left": frozenset({CardScheme.STAFF})})
        (one,) = room.encoded("liga")
        room.faults["right"].breaks("lost")
        with pytest.raises(PrintJobLostError):
            room.printed(one)
        room.faults["right"].breaks("off")
        left, right = room.pool.standings()
        assert (left.name, left.schemes, left.able, left.holds) == ("left", frozenset({CardScheme.STAFF}), True, False)
        assert (right.name, right.schemes, right.able, right.holds) == ("right", frozenset(), False, True)
