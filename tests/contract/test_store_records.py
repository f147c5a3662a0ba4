"""What every store must do with the outbox, numbers, portraits and consents."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from station.adapters.store import SqlStore
from station.domain.card import Registration
from station.domain.errors import StoreConflictError, StoreError
from station.domain.outbox import OutboxEntry, OutboxState, failed, plan, retried, succeeded, to_send
from station.domain.portrait import Crop, PortraitFinding, PortraitSource
from station.domain.portrait_review import PortraitReview, ReviewDecision
from station.domain.workflow import Verified
from station.ports.store import ConsentRecord
from tests.helpers.scribe import NOON, PIC, Scribe
from tests.helpers.stores import Reopen, portrait


def heads(store: SqlStore, lane: str, now: datetime, limit: int = 100) -> tuple[OutboxEntry, ...]:
    """Return what may be sent now."""
    return to_send(plan(store.outbox.page(lane, now, limit=limit).entries, now))


# --- outbox -------------------------------------------------------------------------------------------------------


def test_due_is_the_first_of_each_person(store: SqlStore) -> None:
    one, two = Scribe(store, uid="04AA", holder_id="h1"), Scribe(store, uid="04BB", holder_id="h2")
    one.hand_over()
    two.at += timedelta(minutes=1)
    two.hand_over()
    first, second = heads(store, "router", NOON + timedelta(hours=1))
    assert (first.key, second.key) == (f"person:{one.escn}", f"person:{two.escn}")
    assert heads(store, "another lane", NOON) == ()
    assert to_send(plan(store.outbox.entries(), NOON)) == (first, second)


def test_entries_go_out_in_order_and_a_bad_one_blocks_nobody_else(store: SqlStore) -> None:
    now = NOON + timedelta(hours=1)
    bad, good = Scribe(store, uid="04AA", holder_id="h1"), Scribe(store, uid="04BB", holder_id="h2")
    bad.hand_over()
    good.hand_over()
    entries = {e.escn: e for e in heads(store, "router", now)}
    store.outbox.update(failed(entries[bad.escn], "refused", {"status": 400}, None), Registration.PARKED)
    store.outbox.update(succeeded(entries[good.escn], now))
    (due,) = heads(store, "router", now)
    assert due.key == f"card:{good.escn}"
    store.outbox.update(failed(due, "away", {}, now + timedelta(minutes=5)))
    assert heads(store, "router", now) == ()
    assert [e.key for e in heads(store, "router", now + timedelta(minutes=5))] == [due.key]
    parked = store.outbox.get(f"person:{bad.escn}")
    assert parked is not None
    assert (parked.state, parked.attempts, parked.last_answer) == (OutboxState.PARKED, 1, "refused")
    assert parked.last_params == {"status": 400}
    store.outbox.update(replace(retried(parked), payload={"name": "corrected"}), Registration.QUEUED)
    assert heads(store, "router", now)[0].payload == {"name": "corrected"}
    card = store.cards.get(bad.escn)
    assert card is not None
    assert card.registration is Registration.QUEUED


def test_a_second_card_of_a_person_goes_out_after_the_first(store: SqlStore) -> None:
    now = NOON + timedelta(days=2)
    first, second = Scribe(store, uid="04AA"), Scribe(store, uid="04BB")
    first.hand_over()
    second.hand_over()
    told = []
    while due := heads(store, "router", now):
        told += [entry.key for entry in due]
        for entry in due:
            store.outbox.update(succeeded(entry, now))
    kinds = ("person", "card", "picture")
    assert told == [f"{kind}:{scribe.escn}" for scribe in (first, second) for kind in kinds]


def test_a_hundred_bad_entries_hide_no_good_one(store: SqlStore) -> None:
    now = NOON + timedelta(days=1)
    for n in range(12):
        scribe = Scribe(store, uid=f"04{n:04X}", holder_id=f"h{n}")
        scribe.hand_over()
        if n < 11:
            entry = store.outbox.get(f"person:{scribe.escn}")
            assert entry is not None
            store.outbox.update(failed(entry, "refused", {}, None if n % 2 else now + timedelta(days=1)))
    assert [e.escn for e in heads(store, "router", now, limit=10)] == [scribe.escn]


def test_the_queue_is_summed_up(store: SqlStore) -> None:
    empty = store.outbox.summary()
    assert (empty.waiting, empty.parked, empty.done, empty.oldest_at) == (0, 0, 0, None)
    scribe = Scribe(store)
    card = scribe.hand_over()
    person, told, picture = store.outbox.entries()
    store.outbox.update(succeeded(person, NOON))
    store.outbox.update(failed(told, "no", {}, None))
    summary = store.outbox.summary()
    assert (summary.waiting, summary.parked, summary.done) == (1, 1, 1)
    assert summary.oldest_at == card.issued_at
    assert [e.key for e in store.outbox.entries()] == [told.key, picture.key]
    assert len(store.outbox.entries(unfinished=False)) == 3
    assert len(store.outbox.entries(unfinished=False, limit=2)) == 2
    assert store.outbox.get("nothing") is None


def test_an_entry_that_is_not_there_cannot_be_updated(store: SqlStore) -> None:
    scribe = Scribe(store).until(Verified)
    with pytest.raises(StoreError, match="not there any more"):
        store.outbox.update(scribe.outbox()[0])


# --- numbers, portraits, consents, institutions -------------------------------------------------------------------


def test_number_values_only_grow(store: SqlStore, reopen: Reopen) -> None:
    assert store.escns.last_value(1, PIC) == 0
    store.escns.advance(1, PIC, 2**59)
    store.escns.advance(2, PIC, 5)
    for value in (2**59, 5):
        with pytest.raises(StoreConflictError):
            store.escns.advance(1, PIC, value)
    store.escns.advance(1, PIC, 2**59 + 1)
    again = reopen()
    assert (again.escns.last_value(1, PIC), again.escns.last_value(2, PIC)) == (2**59 + 1, 5)


def test_portraits_come_back_with_layers_crop_and_findings(store: SqlStore, reopen: Reopen) -> None:
    given = portrait(
        "p1",
        source=PortraitSource.FILE,
        crop=Crop(0.4, 0.35, 0.7, -1.5),
        findings=(PortraitFinding("sharp", 0.7, 0.5, "ok"), PortraitFinding("eyes", 0.1, 0.3, "bad", "glasses")),
        original=b"\x00sc1 the whole frame",
    )
    store.portraits.add(given)
    assert reopen().portraits.get("p1") == given
    assert store.portraits.get("p2") is None
    store.portraits.add(portrait("p2"))
    assert sorted(store.portraits.all_findings(), key=len) == [(), given.findings]


def test_decisions_about_imported_portraits_are_kept_and_none_is_changed(store: SqlStore, reopen: Reopen) -> None:
    assert store.reviews.all() == ()
    back = PortraitReview(
        "ab" * 32, "id-1", "Bērziņš.jpg", ReviewDecision.SENT_BACK, NOON, "Par tumšu.", None, "I", "D"
    )
    good = replace(back, decision=ReviewDecision.APPROVED, at=NOON + timedelta(hours=1), reason="", portrait_id="p1")
    store.reviews.record(back)
    store.reviews.record(good, portrait("p1"))
    again = reopen()
    assert again.reviews.all() == (back, good)
    assert again.portraits.get("p1") == portrait("p1")


def test_a_decision_whose_portrait_is_there_already_is_not_kept_either(store: SqlStore) -> None:
    good = PortraitReview("ab" * 32, "id-1", "1.jpg", ReviewDecision.APPROVED, NOON, portrait_id="p1")
    store.portraits.add(portrait("p1"))
    with pytest.raises(StoreConflictError):
        store.reviews.record(good, portrait("p1"))
    assert store.reviews.all() == ()


def test_the_newest_portrait_of_a_holder_is_found(store: SqlStore) -> None:
    assert store.portraits.last_of("id-1") is None
    for given in (portrait("a"), portrait("c", NOON + timedelta(days=2)), portrait("b", NOON + timedelta(days=1))):
        store.portraits.add(given)
    found = store.portraits.last_of("id-1")
    assert found is not None
    assert found.id == "c"
    with pytest.raises(StoreConflictError):
        store.portraits.add(portrait("a"))


def test_consents_come_back_newest_first(store: SqlStore) -> None:
    first = ConsentRecord("id-1", "2026-1", "lv", "informed", NOON, extra={"where": "desk"})
    second = ConsentRecord("id-1", "2026-2", "uk", "picture", NOON + timedelta(1), NOON + timedelta(2))
    for consent in (first, second, replace(first, holder_id="id-2")):
        store.consents.add(consent)
    assert store.consents.of_holder("id-1") == (second, first)
    assert store.consents.of_holder("nobody") == ()
