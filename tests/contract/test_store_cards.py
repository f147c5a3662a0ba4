"""What every store must do with cards after their hand-over: whole changes or none, history, the end of export."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.adapters.store import SqlStore
from station.domain.card import CardState, Registration
from station.domain.errors import StoreConflictError
from station.domain.outbox import OutboxEntry, OutboxKind, OutboxState, succeeded
from station.domain.workflow import HandedOver, Verified
from station.ports.store import CardUpdate, ConsentRecord, Withdrawal
from tests.helpers.scribe import NOON, Scribe


def entry(key: str, order: str, kind: OutboxKind = OutboxKind.CARD) -> OutboxEntry:
    return OutboxEntry(key, "router", kind, order, {}, NOON)


def order_of(store: SqlStore, escn: str) -> str:
    found = store.outbox.get(f"card:{escn}")
    assert found is not None
    return found.order_key


def test_a_change_is_written_with_its_history_and_what_is_told(store: SqlStore) -> None:
    scribe = Scribe(store)
    scribe.hand_over()
    before = store.cards.get(scribe.escn)
    assert before is not None
    after = replace(before, state=CardState.LOST, reason="on the bus")
    told = entry("card:again", order_of(store, scribe.escn))
    store.cards.update(CardUpdate(before, after, NOON, "Anna", "Desk 1", (told,)))
    assert store.cards.get(scribe.escn) == after
    note = store.cards.history(scribe.escn)[-1]
    assert (note.state, note.reason, note.at, note.operator, note.station) == (
        CardState.LOST, "on the bus", NOON, "Anna", "Desk 1",
    )  # fmt: skip
    queued = sorted(store.outbox.entries(), key=lambda e: e.sequence)
    assert queued[-1].key == "card:again"


def test_a_change_of_what_is_no_longer_true_leaves_nothing_behind(store: SqlStore) -> None:
    scribe = Scribe(store)
    scribe.hand_over()
    before = store.cards.get(scribe.escn)
    assert before is not None
    blocked, order = replace(before, state=CardState.BLOCKED), order_of(store, scribe.escn)
    store.cards.update(CardUpdate(before, blocked, NOON))
    with pytest.raises(StoreConflictError):
        store.cards.update(
            CardUpdate(before, replace(before, state=CardState.REVOKED), NOON, outbox=(entry("x", order),))
        )
    taken = entry(f"card:{scribe.escn}", order)  # this key is there already: all of it is taken back
    with pytest.raises(StoreConflictError):
        store.cards.update(CardUpdate(blocked, replace(blocked, state=CardState.REVOKED), NOON, outbox=(taken,)))
    assert store.cards.get(scribe.escn) == blocked
    assert [note.state for note in store.cards.history(scribe.escn)] == [CardState.ACTIVE, CardState.BLOCKED]
    assert store.outbox.get("x") is None


def test_export_ends_for_one_holder_alone(store: SqlStore) -> None:
    mine, other = Scribe(store, uid="04AA", holder_id="h1"), Scribe(store, uid="04BB", holder_id="h2")
    mine.hand_over()
    other.hand_over()
    told = store.outbox.get(f"person:{mine.escn}")
    assert told is not None
    store.outbox.update(succeeded(told, NOON))
    gone = entry("delete-person:h1", told.order_key, OutboxKind.DELETE_PERSON)
    record = ConsentRecord("h1", "2026-1", "lv", "export", NOON, withdrawn_at=NOON)
    ended = store.consents.withdraw(Withdrawal(record, (told.order_key,), (gone,)))
    every = sorted(store.outbox.entries(unfinished=False), key=lambda e: e.sequence)
    left = [e for e in every if e.order_key == told.order_key]
    assert (ended, [(e.key, e.state) for e in left]) == (
        2, [(told.key, OutboxState.DONE), (gone.key, OutboxState.WAITING)],
    )  # fmt: skip
    assert len([e for e in store.outbox.entries() if e.order_key != told.order_key]) == 3
    card, others = store.cards.get(mine.escn), store.cards.get(other.escn)
    assert card is not None
    assert others is not None
    assert (card.registration, others.registration) == (Registration.NOT_NEEDED, Registration.QUEUED)
    assert store.consents.of_holder("h1") == (record,)


def withdrawal(scribe: Scribe, escns: frozenset[str]) -> Withdrawal:
    record = ConsentRecord(scribe.holder_id, "2026-1", "lv", "export", NOON, withdrawn_at=NOON)
    return Withdrawal(record, (), (), escns)


def test_what_was_decided_before_somebody_withdrew_is_not_written_after_it(store: SqlStore) -> None:
    scribe = Scribe(store).until(Verified)
    change = replace(scribe.change(HandedOver()), card=scribe.card(), consents=0)
    store.consents.withdraw(withdrawal(scribe, frozenset()))
    with pytest.raises(StoreConflictError) as caught:
        store.issuances.record(change)
    assert caught.value.params["constraint"] == "consent"
    assert store.cards.get(scribe.escn) is None
    store.issuances.record(replace(change, consents=1))
    before = store.cards.get(scribe.escn)
    assert before is not None
    told = (entry("later", "somebody"),)
    with pytest.raises(StoreConflictError) as caught:
        store.cards.update(CardUpdate(before, replace(before, state=CardState.LOST), NOON, outbox=told, consents=0))
    assert caught.value.params["constraint"] == "consent"
    assert store.cards.get(scribe.escn) == before


def test_a_withdrawal_that_does_not_know_of_a_card_is_refused(store: SqlStore) -> None:
    scribe = Scribe(store)
    scribe.hand_over()
    with pytest.raises(StoreConflictError) as caught:
        store.consents.withdraw(withdrawal(scribe, frozenset()))
    assert caught.value.params["constraint"] == "card"
    assert store.consents.of_holder(scribe.holder_id) == ()
    store.consents.withdraw(withdrawal(scribe, frozenset({scribe.escn})))
    assert len(store.consents.of_holder(scribe.holder_id)) == 1
