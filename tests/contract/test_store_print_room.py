"""What every store does with the ledger of blanks, and with what was done to printers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from station.adapters.store import SqlStore
from station.domain.card import BlankState
from station.domain.errors import StoreConflictError
from station.domain.print_care import CareAct, CareEntry, Correction
from station.domain.stock import BlankCounts, Pile, SerialRange, StockAct, StockEntry
from station.domain.workflow import Act as WorkAct
from station.domain.workflow import (
    Cause,
    Doubted,
    EncodeBegun,
    PrintBegun,
    Printed,
    PrintStopped,
    ReprintReason,
    Spoiled,
    State,
)
from tests.helpers.scribe import NOON, Scribe
from tests.helpers.stores import Reopen

BOX = StockEntry(StockAct.RECEIVED, 500, NOON, SerialRange("A-001", "A-500"), note="Kaste 1", operator="Ilze")
COUNTED = StockEntry(StockAct.COUNTED, 0, NOON, expected=3, station="Desk 1")
SHREDDED = StockEntry(StockAct.DESTROYED, 2, NOON, pile=Pile.SPOILED)


def test_the_ledger_keeps_its_order_and_every_word(store: SqlStore, reopen: Reopen) -> None:
    assert store.stock.ledger() == ()
    for entry in (BOX, COUNTED, SHREDDED, BOX):
        store.stock.add(entry)
    assert reopen().stock.ledger() == (BOX, COUNTED, SHREDDED, BOX)


def test_the_journal_tells_what_became_of_blanks(store: SqlStore) -> None:
    assert store.stock.taken(NOON) == BlankCounts()
    Scribe(store, uid="04AA", holder_id="h1").hand_over()
    Scribe(store, uid="04BB", holder_id="h2").until(EncodeBegun)
    Scribe(store, uid="04CC", holder_id="h3").until(EncodeBegun).tell(Spoiled(Cause.CHIP_FAILED, "dead"))
    Scribe(store, uid="04DD", holder_id="h4").until(PrintBegun).tell(Doubted(WorkAct.PRINT))
    assert store.stock.taken(NOON) == BlankCounts(in_work=1, in_doubt=1, issued=1, spoiled=1)
    assert store.stock.taken(NOON + timedelta(hours=1)) == BlankCounts()
    assert len(store.stock.taken_at(NOON)) == 2
    assert all(at >= NOON for at in store.stock.taken_at(NOON))


def test_a_number_that_was_read_belongs_to_one_blank(store: SqlStore, reopen: Reopen) -> None:
    if not isinstance(store, SqlStore):
        pytest.skip("numbers are kept where all desks look")
    one, two = Scribe(store, uid="04AA", holder_id="h1"), Scribe(store, uid="04BB", holder_id="h2")
    one.hand_over()
    with pytest.raises(StoreConflictError) as nothing:
        store.stock.number(two.issuance.id, "A-017")
    assert nothing.value.params["constraint"] == "blank"
    two.until(EncodeBegun)
    store.stock.number(one.issuance.id, "A-071")
    store.stock.number(one.issuance.id, "A-017")
    with pytest.raises(StoreConflictError) as taken:
        store.stock.number(two.issuance.id, "A-017")
    assert taken.value.params["constraint"] == "serial"
    again = reopen()
    assert again.stock.numbered() == {"A-017": BlankState.USED}
    assert {blank.serial_number for blank in again.cards.blanks()} == {"A-017", None}


def test_what_was_done_to_a_printer_is_told_newest_first(store: SqlStore, reopen: Reopen) -> None:
    first = CareEntry("one", CareAct.CALIBRATED, NOON, Correction(x_mm=-0.25, cyan=1.1).as_data(), "Ilze", "Desk 1")
    second = replace(first, act=CareAct.CLEANED, data={})
    for entry in (first, second, replace(first, printer="two")):
        store.printer_care.add(entry)
    again = reopen()
    assert again.printer_care.of_printer("one") == (second, first)
    assert Correction.of_data(first.data) == Correction(x_mm=-0.25, cyan=1.1)
    assert again.printer_care.of_printer("three") == ()


def test_a_printers_cards_are_counted_without_those_it_never_began(store: SqlStore) -> None:
    assert store.printer_care.prints_since("card-printer", None) == 0
    one = Scribe(store, uid="04AA", holder_id="h1")
    one.hand_over()
    two = Scribe(store, uid="04BB", holder_id="h2").until(PrintBegun)
    two.tell(PrintStopped("job-1", "cover open"))
    assert store.printer_care.prints_since("card-printer", None) == 1
    two.tell(PrintBegun("job-2", "card-printer", ReprintReason.NOTHING_CAME_OUT))
    two.tell(Printed("job-2", "printer"))
    assert store.printer_care.prints_since("card-printer", None) == 2
    assert store.printer_care.prints_since("card-printer", NOON + timedelta(hours=1)) == 0
    assert store.printer_care.prints_since("another", None) == 0


def test_a_printers_last_jobs_say_what_became_of_each_card(store: SqlStore) -> None:
    one = Scribe(store, uid="04AA", holder_id="h1")
    one.hand_over()
    two = Scribe(store, uid="04BB", holder_id="h2")
    two.at += timedelta(hours=1)
    two.until(PrintBegun).tell(Spoiled(Cause.MISPRINT))
    jobs = store.printer_care.last_jobs("card-printer")
    assert [(each.issuance.escn, each.issuance.state) for each in jobs] == [
        (two.escn, State.SPOILED),
        (one.escn, State.HANDED_OVER),
    ]
    assert jobs[0].at > jobs[1].at
    assert len(store.printer_care.last_jobs("card-printer", limit=1)) == 1
    assert store.printer_care.last_jobs("another") == ()
