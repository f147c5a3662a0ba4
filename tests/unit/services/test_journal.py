"""The one writer of journals."""

from __future__ import annotations

import threading

import pytest

from station.domain.errors import InputError, WorkflowError
from station.domain.workflow import Cause, PortraitTaken, State, Verified
from tests.helpers.desks import TestDesk, a_portrait


def test_each_step_is_numbered_timed_and_signed(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    journal = bench.desk.store.issuances.journal(issuance.id)
    assert [e.sequence for e in journal] == [1, 2]
    assert {e.operator for e in journal} == {"Ilze B."}
    assert {e.station for e in journal} == {"2. galds"}
    assert all(e.at.tzinfo is not None for e in journal)


def test_a_refused_step_leaves_no_trace(bench: TestDesk) -> None:
    issuance = bench.portrayed()
    with pytest.raises(WorkflowError):
        bench.desk.journal.step(issuance, Verified("", "", issuance.escn))
    assert len(bench.desk.store.issuances.journal(issuance.id)) == 2
    with pytest.raises(InputError):
        bench.desk.journal.issuance("none")


def test_two_threads_never_write_the_same_step(bench: TestDesk) -> None:
    issuance = bench.desk.begin(bench.liga)
    portraits = [a_portrait(issuance.holder_id) for _ in range(6)]
    for portrait in portraits:
        bench.desk.store.portraits.add(portrait)

    def take(portrait_id: str) -> None:
        while True:
            try:
                bench.desk.journal.step(bench.desk.journal.issuance(issuance.id), PortraitTaken(portrait_id))
            except WorkflowError:
                continue  # the other thread was faster: look again how the card stands
            return

    threads = [threading.Thread(target=take, args=(p.id,)) for p in portraits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal = bench.desk.store.issuances.journal(issuance.id)
    assert [e.sequence for e in journal] == list(range(1, 8))


def test_nothing_is_recorded_over_a_newer_step(bench: TestDesk) -> None:
    printed = bench.printed()
    bench.desk.issuances.spoil(printed.id, Cause.MISPRINT)
    with pytest.raises(WorkflowError, match="meanwhile"):
        bench.desk.journal.step(printed, Verified(printed.uid, printed.escn, printed.escn))
    assert bench.desk.journal.issuance(printed.id).state is State.SPOILED
