"""After a crash the station says which cards are in doubt, and lets the card itself tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.records import JobBook, JobRecord
from station.domain.errors import ChipMismatchError, PrinterTroubleError, WorkflowError
from station.domain.escn import qr_text
from station.domain.workflow import (
    Act,
    EncodeBegun,
    Issuance,
    PrintBegun,
    ReprintReason,
    State,
)
from station.ports.claims import serving
from station.ports.printer import JobReport, JobState
from station.services.recovery import Need, told_by_printer
from tests.helpers.claims import FakeBoard
from tests.helpers.desks import TestDesk, never, open_test_desk, quiet


def crash_in_encoding(bench: TestDesk) -> Issuance:
    """Leave the journal as a station does that died with the card half written."""
    issuance = bench.portrayed()
    uid = bench.tray.put_blank()
    return bench.desk.journal.step(issuance, EncodeBegun(uid, "reader"))


def crash_in_printing(bench: TestDesk) -> Issuance:
    """Leave the journal as a station does that died between the journal and the spooler."""
    issuance = bench.encoded()
    return bench.desk.journal.step(issuance, PrintBegun("card-lost-1", "printer"))


def test_a_start_after_a_clean_end_doubts_nothing(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        bench.desk.issuances.hand_over(bench.verified().id)
        bench.portrayed(bench.martins)
    with open_test_desk(tmp_path) as bench:
        assert bench.desk.recovery.doubts() == ()


def test_a_chip_in_doubt_is_read_and_finished(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        before = crash_in_encoding(bench)
    with open_test_desk(tmp_path) as bench:
        (doubt,) = bench.desk.recovery.doubts()
        assert doubt.need is Need.CARD_ON_READER
        assert bench.desk.recovery.which(before.uid) == doubt.issuance
        settled = bench.desk.settle_chip(doubt.issuance, cancel=never(), progress=quiet)
        assert settled.state is State.ENCODED
        assert settled.escn == before.escn
        assert settled.uid == before.uid
        assert bench.desk.recovery.doubts() == ()


def test_a_chip_that_was_whole_before_the_crash_is_only_read(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        issuance = bench.encoded()
        contents = (tmp_path / "cards-in-hand" / f"{issuance.uid}.card").read_bytes()
        other = bench.portrayed(bench.martins)
        begun = bench.desk.journal.step(other, EncodeBegun(bench.tray.put_blank(), "reader"))
        bench.desk.encoding.encode(begun.id, bench.desk.chip_profile, cancel=never(), progress=quiet)
    with open_test_desk(tmp_path) as bench:
        assert bench.desk.recovery.doubts() == ()
        assert (tmp_path / "cards-in-hand" / f"{issuance.uid}.card").read_bytes() == contents


def test_a_print_that_the_printer_finished_is_settled_by_the_printer(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        issuance = bench.encoded()
        card = bench.desk.render(issuance)
        printed = bench.desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
        other = bench.encoded(bench.martins)
        lost = bench.desk.journal.step(other, PrintBegun(printed.job, "printer"))
    with open_test_desk(tmp_path) as bench:
        assert bench.desk.journal.issuance(lost.id).state is State.PRINTED


def test_a_print_in_doubt_is_settled_by_the_card_in_hand(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        crash_in_printing(bench)
    with open_test_desk(tmp_path) as bench:
        doubts = bench.desk.recovery.doubts()
        if not doubts:
            pytest.fail("the virtual printer never heard of this job; it may not call it settled by being printed")
        (doubt,) = doubts
        assert doubt.need is Need.PERSON_OR_QR
        wrong = "https://s.esc-r.eu/14625400-9326-103f-8001-001999465982"
        with pytest.raises(ChipMismatchError):
            bench.desk.settle_print(doubt.issuance, wrong, cancel=never())
        assert bench.desk.journal.issuance(doubt.issuance.id).doubt
        settled = bench.desk.settle_print(doubt.issuance, qr_text(doubt.issuance.escn), cancel=never())
        assert settled.state is State.PRINTED


def test_a_card_in_hand_leaves_no_picture_of_it_with_the_printer(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        issuance = bench.encoded()
        bench.dial.set("printer", "cover-open")
        with pytest.raises(PrinterTroubleError):
            bench.desk.printing.print_card(issuance.id, bench.desk.render(issuance), cancel=never(), progress=quiet)
        job = bench.desk.journal.issuance(issuance.id).job
        book = JobBook(tmp_path / "printer")
        book.write(JobRecord(job, JobState.PRINTING))  # it began, and the station died
        assert (book.place(job) / "spool").is_dir()
    with open_test_desk(tmp_path) as bench:
        (doubt,) = bench.desk.recovery.doubts()
        settled = bench.desk.settle_print(doubt.issuance, qr_text(doubt.issuance.escn), cancel=never())
        assert settled.state is State.PRINTED
        assert not (book.place(job) / "spool").exists()


def test_nothing_is_printed_again_without_a_person_saying_so(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        issuance = crash_in_printing(bench)
    with open_test_desk(tmp_path) as bench:
        card = bench.desk.render(issuance)
        printing = bench.desk.printing
        with pytest.raises(WorkflowError):
            printing.print_card(issuance.id, card, reason=ReprintReason.BLANK_SIDE, cancel=never(), progress=quiet)
        printing.confirm(issuance.id, came_out=False)
        with pytest.raises(WorkflowError):
            printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
        done = printing.print_card(
            issuance.id, card, reason=ReprintReason.NOTHING_CAME_OUT, cancel=never(), progress=quiet
        )
        assert done.state is State.PRINTED
        assert done.escn == issuance.escn


def test_doubts_are_raised_once(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        issuance = crash_in_encoding(bench)
    for _ in range(3):
        with open_test_desk(tmp_path) as bench:
            names = [type(e.event).__name__ for e in bench.desk.store.issuances.journal(issuance.id)]
            assert names.count("Doubted") == 1
            assert bench.desk.journal.issuance(issuance.id).pending is Act.ENCODE


def test_what_a_window_does_beside_a_command_is_no_doubt(tmp_path: Path) -> None:
    board = FakeBoard()
    with open_test_desk(tmp_path) as bench:
        desk, window = bench.desk, board.station("the window")
        desk.journal.claims = board.station("a command")
        issuance = crash_in_encoding(bench)
        window.take(serving(issuance.holder_id))
        assert desk.recovery.raise_doubts() == ()
        assert desk.journal.issuance(issuance.id) == issuance
        window.let_go(serving(issuance.holder_id))
        assert [doubt.issuance.id for doubt in desk.recovery.raise_doubts()] == [issuance.id]


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (JobReport("j", JobState.DONE, card_confirmed=True), "printed"),
        (JobReport("j", JobState.DONE), "unknown"),
        (JobReport("j", JobState.UNKNOWN), "unknown"),
        (JobReport("j", JobState.CANCELLED), "unknown"),
        (JobReport("j", JobState.CANCELLED, untouched=True), "nothing"),
        (JobReport("j", JobState.FAILED, untouched=True), "nothing"),
        (JobReport("j", JobState.QUEUED, untouched=True), "unknown"),
        (JobReport("j", JobState.PRINTING, untouched=True), "unknown"),
    ],
)
def test_only_what_the_printer_vouches_for_is_believed(report: JobReport, verdict: str) -> None:
    assert told_by_printer(report) == verdict
