"""A batch with nobody there: sorted, each card once, and it ends where no printer can go on."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest

from station.domain.errors import InputError, PrinterTroubleError
from station.domain.holder import Holder
from station.domain.workflow import PrintBegun, ReprintReason, State
from station.ports.register import RegisterRow
from station.ports.tasks import Cancel
from station.services.batch import BatchLine, BatchService, Outcome, stacks
from station.services.batch_selection import LeftOut, Wish
from station.settings import PrinterPart
from tests.helpers.desks import NOW, TestDesk, a_holder, a_portrait, never, open_test_desk, quiet

NO_CHIP = {"profile": "none"}


def _crowd(hands: TestDesk, count: int) -> list[Holder]:
    """Put people with portraits into the register."""
    people = [a_holder(f"77{number:04}", "Anna", f"Kalniņa-{number:02}") for number in range(count)]
    store = hands.desk.store
    rows = [RegisterRow(holder) for holder in people]
    store.holders.apply_import(store.holders.plan_import(rows, "crowd"), "crowd", NOW)
    for holder in people:
        store.portraits.add(a_portrait(holder.id))
    return people


def _printed_at(hands: TestDesk, line: BatchLine) -> datetime:
    assert line.issuance is not None
    journal = hands.desk.store.issuances.journal(line.issuance.id)
    return next(entry.at for entry in journal if isinstance(entry.event, PrintBegun))


def outcomes(lines: tuple[BatchLine, ...]) -> list[Outcome]:
    return [line.outcome for line in lines]


def two(hands: TestDesk) -> BatchService:
    hands.portrayed(hands.martins)
    hands.portrayed(hands.liga)
    return BatchService(hands.desk)


def begun(hands: TestDesk, line: BatchLine) -> list[str]:
    assert line.issuance is not None
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
        rest = service.run(service.plan(), cancel=never(), progress=quiet)
        assert [line.holder.family_name for line in rest] == ["Bērziņa-Šķēle", "Ģērmanis"], "the card that waits first"
        assert outcomes(rest) == [Outcome.OUT, Outcome.OUT]
        assert [len(begun(hands, line)) for line in rest] == [1, 1]


def test_a_card_is_begun_when_its_turn_comes_and_not_before(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        for holder in (hands.liga, hands.martins):
            hands.desk.store.portraits.add(a_portrait(holder.id))
        service, cancel = BatchService(hands.desk), threading.Event()
        plan = service.plan_for(Wish(faculty="ditf"))
        assert [(line.holder.family_name, line.escn) for line in plan.lines] == [
            ("Bērziņa-Šķēle", ""),
            ("Ģērmanis", ""),
        ]
        assert hands.desk.store.issuances.open_issuances() == ()
        done = service.run(plan.lines, cancel=cancel, progress=quiet, told=lambda _line: cancel.set())
        assert [bool(line.escn) for line in done] == [True, False]
        (only,) = hands.desk.store.issuances.open_issuances()
        assert (only.holder_id, only.state) == (hands.liga.id, State.PRINTED)
        # The same wish again goes on behind it, and names her whose card lies there.
        again = service.plan_for(Wish(faculty="ditf"))
        assert [line.holder for line in again.lines] == [hands.martins]
        assert [(each.holder, each.why) for each in again.left_out] == [(hands.liga, LeftOut.IN_THE_MAKING)]


def test_names_stand_where_people_look_for_them(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        names = ("Zvirbulis", "Āboliņš", "Šķēle", "Abols", "Sausiņš", "Ēķis", "Feldmanis")
        people = [a_holder(f"8{number}", "Ieva", name) for number, name in enumerate(names)]
        store = hands.desk.store
        store.holders.apply_import(store.holders.plan_import([RegisterRow(h) for h in people], "n"), "n", NOW)
        for holder in people:
            store.portraits.add(a_portrait(holder.id))
        found = [line.holder.family_name for line in BatchService(hands.desk).plan_for(Wish()).lines]
        assert found == ["Āboliņš", "Abols", "Ēķis", "Feldmanis", "Sausiņš", "Šķēle", "Zvirbulis"]


def test_what_was_begun_and_waits_is_part_of_the_same_wish(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        begun = hands.portrayed(hands.liga)
        plan = BatchService(hands.desk).plan_for(Wish())
        assert [line.issuance for line in plan.lines] == [begun]
        assert [each.why for each in plan.left_out] == [LeftOut.NO_PORTRAIT]


def test_where_chips_are_written_at_the_desk_nothing_is_begun(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands, pytest.raises(InputError, match="written at the desk"):
        BatchService(hands.desk).plan_for(Wish())


def test_two_printers_take_turns_and_each_has_a_stack_in_order(tmp_path: Path) -> None:
    other = PrinterPart(driver="virtual", queue="second", seconds_a_card=0.05)
    slow: dict[str, object] = {"seconds_a_card": 0.05}
    with open_test_desk(tmp_path, chip=NO_CHIP, printer=slow, more_printers=(other,)) as hands:
        people = _crowd(hands, 8)
        service = BatchService(hands.desk)
        run = service.begin(service.plan_for(Wish()).lines)
        together = threading.Barrier(2)  # neither printer begins before the other

        def work() -> None:
            together.wait(10)
            while run.step(never(), quiet) is not None:
                pass

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        lines = run.lines
        assert outcomes(lines) == [Outcome.OUT] * len(people)
        used = {line.printer for line in lines}
        assert len(used) == 2, "both printed"
        for name in used:
            at = [(_printed_at(hands, line), line.place) for line in lines if line.printer == name]
            assert at == sorted(at), "a stack lies in the order of the list"
        assert [line.printer for line in stacks(lines)] == sorted(line.printer for line in lines)
        assert len({line.escn for line in lines}) == len(people)


_KILLED = """
import sys
from pathlib import Path
from station.services.batch import BatchService
from station.services.batch_selection import Wish
from tests.helpers.desks import never, open_test_desk, quiet
slow = {"seconds_a_card": 0.4}
with open_test_desk(Path(sys.argv[1]), chip={"profile": "none"}, printer=slow) as hands:
    service = BatchService(hands.desk)
    tell = lambda line: print(line.outcome.value, flush=True)
    service.run(service.plan_for(Wish()).lines, cancel=never(), progress=quiet, told=tell)
"""


def test_a_batch_that_is_killed_goes_on_and_prints_nobody_twice(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        people = _crowd(hands, 4)
    command = [sys.executable, "-c", _KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as batch:
        assert batch.stdout is not None
        assert batch.stdout.readline() == "out\n"
        batch.kill()
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        for doubt in hands.desk.recovery.raise_doubts():
            hands.desk.printing.confirm(doubt.issuance.id, came_out=False)  # it was killed on its way
        service = BatchService(hands.desk)
        plan = service.plan_for(Wish())
        done = [each.number for each in plan.left_out if each.why is LeftOut.IN_THE_MAKING]
        assert people[0].student_number in done
        rest = service.run(plan.lines, cancel=never(), progress=quiet)
        assert outcomes(rest) == [Outcome.OUT] * len(rest)
        made = hands.desk.store.issuances.open_issuances()
        assert sorted(each.holder_id for each in made if each.state is State.PRINTED) == sorted(p.id for p in people)
        for each in made:
            events = [entry.event for entry in hands.desk.store.issuances.journal(each.id)]
            reasons = [event.reason for event in events if isinstance(event, PrintBegun)]
            assert reasons in ([None], [None, ReprintReason.NOTHING_CAME_OUT])


def test_whoever_is_served_at_the_desk_is_left_to_the_desk(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, chip=NO_CHIP) as hands:
        begun = hands.portrayed(hands.liga)
        hands.desk.store.portraits.add(a_portrait(hands.martins.id))
        served = {hands.liga.id}
        service = BatchService(hands.desk, lambda: served)
        plan = service.plan_for(Wish())
        assert [line.holder for line in plan.lines] == [hands.martins]
        assert [each.why for each in plan.left_out] == [LeftOut.AT_THE_DESK]
        assert service.plan() == ()
        served.add(hands.martins.id)  # sits down while the batch runs
        (line,) = service.run(plan.lines, cancel=never(), progress=quiet)
        assert (line.outcome, line.issuance) == (Outcome.FAILED, None)
        assert hands.desk.journal.issuance(begun.id) == begun


def test_a_card_of_the_desk_in_trouble_and_one_that_ended_unseen_are_for_a_person(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        waits = hands.encoded()
        hands.dial.set("printer", "ribbon-out")
        with pytest.raises(PrinterTroubleError):
            hands.desk.printing.print_card(waits.id, hands.desk.render(waits), cancel=never(), progress=quiet)
        assert BatchService(hands.desk).plan() == (), "its chip was written by hand"
    proofs = {"driver": "pdf", "queue": "", "seconds_a_card": 0.0}
    with open_test_desk(tmp_path / "two", chip=NO_CHIP, printer=proofs) as hands:
        service = two(hands)
        done = service.run(service.plan(), cancel=never(), progress=quiet)
        assert outcomes(done) == [Outcome.LOOK, Outcome.LOOK], "no word of the printer's that a card came out"
        assert service.plan() == (), "somebody has to look, and no batch"


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
        uids = {line.issuance.uid for line in done if line.issuance is not None}
        assert len(uids - {""}) == 2


def test_a_dead_printer_of_two_is_gone_round(tmp_path: Path) -> None:
    other = PrinterPart(driver="virtual", queue="second", seconds_a_card=0.0)
    with open_test_desk(tmp_path, chip=NO_CHIP, more_printers=(other,)) as hands:
        service = two(hands)
        done = service.run(service.plan(), cancel=never(), progress=quiet)
        assert outcomes(done) == [Outcome.OUT, Outcome.OUT]
        assert all(line.printer for line in done)
