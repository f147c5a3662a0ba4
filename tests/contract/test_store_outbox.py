"""What every store must do with a long outbox: pages, many outcomes at once, and what must never be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from station.adapters.store import SqlStore
from station.domain.card import CardState, Registration
from station.domain.errors import StoreConflictError
from station.domain.outbox import FINAL, OutboxEntry, OutboxKind, OutboxState, failed, succeeded
from station.domain.workflow import HandedOver, Verified
from station.ports.store import CardUpdate, ConsentRecord, OutboxOutcome, OutboxPage, Withdrawal
from station.services.registration import status_for
from tests.helpers.scribe import NOON, PIC, Scribe
from tests.helpers.stores import Reopen

LATER = NOON + timedelta(hours=2)


def told(store: SqlStore, count: int) -> list[Scribe]:
    """Hand over a card to so many persons."""
    scribes = [Scribe(store, uid=f"04{n:04X}", holder_id=f"h{n}") for n in range(count)]
    for scribe in scribes:
        scribe.hand_over()
    return scribes


def queues(page: OutboxPage) -> list[list[OutboxKind]]:
    found: dict[str, list[OutboxKind]] = {}
    for entry in page.entries:
        found.setdefault(entry.order_key, []).append(entry.kind)
    return list(found.values())


def entry_of(store: SqlStore, key: str) -> OutboxEntry:
    found = store.outbox.get(key)
    assert found is not None
    return found


def test_pages_hold_whole_queues_and_follow_each_other(store: SqlStore) -> None:
    told(store, 5)
    whole = [OutboxKind.PERSON, OutboxKind.CARD, OutboxKind.PICTURE]
    first = store.outbox.page("router", LATER, limit=2)
    second = store.outbox.page("router", LATER, after=first.after, limit=2)
    third = store.outbox.page("router", LATER, after=second.after, limit=2)
    assert [queues(page) for page in (first, second, third)] == [[whole] * 2, [whole] * 2, [whole]]
    assert (first.after > 0, second.after > first.after, third.after) == (True, True, 0)
    keys = [entry.key for page in (first, second, third) for entry in page.entries]
    assert len(set(keys)) == 15
    assert store.outbox.page("router.read", LATER) == OutboxPage()


def test_a_page_leaves_out_who_can_not_go_and_begins_with_what_was_put_off(store: SqlStore) -> None:
    parked, put_off, later, fresh = told(store, 4)
    outbox = store.outbox
    outbox.settle(
        [
            OutboxOutcome(failed(entry_of(store, f"person:{parked.escn}"), "refused", {}, None)),
            OutboxOutcome(failed(entry_of(store, f"person:{put_off.escn}"), "away", {}, LATER)),
            OutboxOutcome(failed(entry_of(store, f"person:{later.escn}"), "away", {}, LATER + timedelta(minutes=1))),
        ]
    )
    page = outbox.page("router", LATER)
    assert list(dict.fromkeys(e.escn for e in page.entries)) == [put_off.escn, fresh.escn]
    first = outbox.put_off("router")
    assert first is not None
    assert first.key == f"person:{put_off.escn}"
    assert outbox.put_off("router.read") is None
    assert outbox.release() == 2
    assert outbox.put_off("router") is None
    assert [e.key for e in outbox.parked().entries] == [f"person:{parked.escn}"]


def test_many_outcomes_are_durable_together(store: SqlStore, reopen: Reopen) -> None:
    scribes = told(store, 3)
    their = NOON + timedelta(hours=5)
    outcomes = [
        OutboxOutcome(
            succeeded(entry_of(store, f"card:{s.escn}"), LATER, router_at=their, said={"did": "created"}),
            Registration.REGISTERED,
        )
        for s in scribes
    ]
    assert store.outbox.settle(outcomes) == ()
    assert store.outbox.settle([]) == ()
    again = reopen()
    for scribe in scribes:
        entry = entry_of(again, f"card:{scribe.escn}")
        assert (entry.state, entry.done_at, entry.router_at) == (OutboxState.DONE, LATER, their)
        assert entry.last_params == {"did": "created"}
        card = again.cards.get(scribe.escn)
        assert card is not None
        assert card.registration is Registration.REGISTERED


def test_of_what_somebody_withdrew_meanwhile_nothing_is_written_and_it_is_told(store: SqlStore) -> None:
    gone, stays = told(store, 2)
    entries = [entry_of(store, f"card:{scribe.escn}") for scribe in (gone, stays)]
    record = ConsentRecord(gone.holder_id, "1", "lv", "export", NOON, withdrawn_at=NOON)
    store.consents.withdraw(Withdrawal(record, (entries[0].order_key,)))
    outcomes = [
        OutboxOutcome(succeeded(e, LATER), Registration.REGISTERED, status_for(e.escn, PIC, LATER)) for e in entries
    ]
    assert store.outbox.settle(outcomes) == (entries[0].key,)
    assert store.outbox.get(entries[0].key) is None
    cards = [store.cards.get(scribe.escn) for scribe in (gone, stays)]
    assert [card and card.registration for card in cards] == [Registration.NOT_NEEDED, Registration.REGISTERED]
    assert store.outbox.get(f"status:{gone.escn}") is None
    assert store.outbox.settle(outcomes[1:]) == ()


def test_nothing_takes_back_what_is_done_nor_a_registration(store: SqlStore) -> None:
    (scribe,) = told(store, 1)
    before = entry_of(store, f"card:{scribe.escn}")
    store.outbox.settle([OutboxOutcome(succeeded(before, LATER), Registration.REGISTERED)])
    # Another station, which sent the same, had no luck and comes later.
    store.outbox.settle([OutboxOutcome(failed(before, "refused", {}, None), Registration.PARKED)])
    assert entry_of(store, before.key).state is OutboxState.DONE
    card = store.cards.get(scribe.escn)
    assert card is not None
    assert card.registration is Registration.REGISTERED


def test_what_is_parked_is_read_a_page_at_a_time(store: SqlStore) -> None:
    scribes = told(store, 5)
    for scribe in scribes:
        entry = entry_of(store, f"person:{scribe.escn}")
        store.outbox.settle([OutboxOutcome(failed(entry, "gone", {FINAL: True}, None))])
    seen, after = [], 0
    while True:
        page = store.outbox.parked(after=after, limit=2)
        seen += [entry.escn for entry in page.entries]
        after = page.after
        if not after:
            break
    assert seen == [scribe.escn for scribe in scribes]
    assert all(entry.final for entry in store.outbox.parked().entries)


def test_cards_that_were_told_are_found_at_both_ends(store: SqlStore) -> None:
    assert store.outbox.told_cards() == ()
    scribes = told(store, 8)
    for scribe in scribes:
        store.outbox.settle([OutboxOutcome(succeeded(entry_of(store, f"card:{scribe.escn}"), LATER))])
    found = {entry.escn for entry in store.outbox.told_cards(limit=2)}
    assert len(found) == 4
    assert {entry.kind for entry in store.outbox.told_cards()} == {OutboxKind.CARD}
    assert len(store.outbox.told_cards(LATER - timedelta(seconds=1))) == 6
    assert store.outbox.told_cards(LATER) == ()


def test_entries_are_added_behind_what_waits_for_the_same_person(store: SqlStore) -> None:
    (scribe,) = told(store, 1)
    first = entry_of(store, f"person:{scribe.escn}")
    more = replace(first, key="delete-card:1", kind=OutboxKind.DELETE_CARD, sequence=0)
    store.outbox.add([more])
    kinds = [entry.kind for entry in store.outbox.page("router", LATER).entries]
    assert kinds == [OutboxKind.PERSON, OutboxKind.CARD, OutboxKind.PICTURE, OutboxKind.DELETE_CARD]
    with pytest.raises(StoreConflictError):
        store.outbox.add([more])


def test_what_comes_under_another_identifier_is_filed_with_what_waits_for_the_same_holder(store: SqlStore) -> None:
    scribe, other = told(store, 2)
    card = entry_of(store, f"card:{scribe.escn}")
    store.outbox.add([replace(card, key="card:blocked", order_key="corrected", sequence=0)])
    assert entry_of(store, "card:blocked").order_key == card.order_key
    assert entry_of(store, "card:blocked").sequence > card.sequence
    # Behind what is final nothing would ever go out.
    person = entry_of(store, f"person:{other.escn}")
    store.outbox.settle([OutboxOutcome(failed(person, "anonymised", {FINAL: True}, None))])
    another = entry_of(store, f"card:{other.escn}")
    store.outbox.add([replace(another, key="card:newer", order_key="corrected too", sequence=0)])
    assert entry_of(store, "card:newer").order_key == "corrected too"


def test_what_comes_behind_a_final_answer_has_it_too_and_nobody_waits_for_it(store: SqlStore) -> None:
    before, new = Scribe(store), Scribe(store, uid="04F0")
    before.hand_over()
    person = entry_of(store, f"person:{before.escn}")
    store.outbox.settle([OutboxOutcome(failed(person, "anonymised", {FINAL: True}, None), Registration.PARKED)])
    card = new.hand_over()
    first = entry_of(store, f"person:{new.escn}")
    assert (first.final, first.last_answer) == (True, "anonymised")
    found = store.cards.get(card.escn)
    assert found is not None
    assert found.registration is Registration.PARKED
    # What makes the router forget is no answer's business.
    forget = replace(person, key="delete-card:1", kind=OutboxKind.DELETE_CARD, sequence=0)
    store.outbox.add([forget])
    assert entry_of(store, "delete-card:1").state is OutboxState.WAITING


def test_a_card_is_registered_when_the_last_change_of_it_is_told(store: SqlStore) -> None:
    (scribe,) = told(store, 1)
    card = entry_of(store, f"card:{scribe.escn}")
    store.outbox.add([changed := replace(card, key="card:blocked", sequence=0)])

    def stands() -> Registration | None:
        found = store.cards.get(scribe.escn)
        return found.registration if found else None

    for entry in (entry_of(store, f"person:{scribe.escn}"), card):
        store.outbox.settle([OutboxOutcome(succeeded(entry, LATER), Registration.REGISTERED)])
    assert stands() is Registration.QUEUED
    store.outbox.settle([OutboxOutcome(failed(changed, "refused", {}, None), Registration.PARKED)])
    assert stands() is Registration.PARKED
    store.outbox.settle([OutboxOutcome(succeeded(changed, LATER), Registration.REGISTERED)])
    assert stands() is Registration.REGISTERED


def test_behind_a_parked_picture_others_go_out(store: SqlStore) -> None:
    (scribe,) = told(store, 1)
    for kind in ("person", "card"):
        store.outbox.settle([OutboxOutcome(succeeded(entry_of(store, f"{kind}:{scribe.escn}"), LATER))])
    picture = entry_of(store, f"picture:{scribe.escn}")
    store.outbox.settle([OutboxOutcome(failed(picture, "refused", {}, None))])
    assert store.outbox.page("router", LATER) == OutboxPage()
    card = entry_of(store, f"card:{scribe.escn}")
    store.outbox.add([replace(card, key="card:blocked", state=OutboxState.WAITING, sequence=0, done_at=None)])
    assert "card:blocked" in [entry.key for entry in store.outbox.page("router", LATER).entries]


def test_facts_outlive_a_restart(store: SqlStore, reopen: Reopen) -> None:
    assert store.outbox.fact("router-host") is None
    for host in ("a.example", "b.example"):
        store.outbox.keep_fact("router-host", host)
    assert reopen().outbox.fact("router-host") == "b.example"


# --- what was promised, and kept ----------------------------------------------------------------------------------


def test_a_card_is_untold_until_its_registration_is_done(store: SqlStore) -> None:
    cards = [Scribe(store, uid=f"04{n:04X}", holder_id=f"h{n}").hand_over() for n in range(4)]
    for card, registration in zip(cards, Registration, strict=True):
        store.cards.set_registration(card.escn, registration)
    assert [card.registration for card in store.cards.untold()] == [Registration.QUEUED, Registration.PARKED]
    assert len(store.cards.untold(limit=1)) == 1


def test_nothing_is_promised_of_a_card_that_has_ended(store: SqlStore) -> None:
    card = Scribe(store).hand_over()
    assert store.cards.untold() == (card,)
    store.cards.update(CardUpdate(card, replace(card, state=CardState.REPLACED), NOON))
    assert store.cards.untold() == ()


def test_a_card_that_was_replaced_waits_until_that_is_told(store: SqlStore) -> None:
    before, new = Scribe(store), Scribe(store, uid="04F0")
    old = before.hand_over()
    store.outbox.settle([OutboxOutcome(succeeded(e, NOON), Registration.REGISTERED) for e in before.outbox_as_told])
    told = OutboxEntry(f"card:{old.escn}:replaced", "router", OutboxKind.CARD, "order", {}, NOON, escn=old.escn)
    new.until(Verified).tell(HandedOver(), card=new.card(), outbox=(told, *new.outbox()))

    def registration() -> Registration | None:
        found = store.cards.get(old.escn)
        return found.registration if found else None

    assert registration() is Registration.QUEUED
    store.outbox.settle([OutboxOutcome(failed(told, "refused", {}, None), Registration.PARKED)])
    assert registration() is Registration.PARKED
    store.outbox.settle([OutboxOutcome(succeeded(told, NOON), Registration.REGISTERED)])
    assert registration() is Registration.REGISTERED


def test_only_the_first_time_that_a_card_was_told_counts(store: SqlStore) -> None:
    day = timedelta(days=1)
    told: dict[str, OutboxEntry] = {}
    for n in range(3):
        scribe = Scribe(store, uid=f"04{n:04X}", holder_id=f"h{n}")
        scribe.hand_over()
        entry = store.outbox.get(f"card:{scribe.escn}")
        assert entry is not None
        told[scribe.escn] = entry
    yesterday, today, never = told
    store.outbox.update(succeeded(told[yesterday], NOON))
    for hours, escn in ((1, today), (2, today), (3, yesterday)):
        again = replace(told[escn], key=f"card:{escn}:{hours}", sequence=0)
        store.outbox.add([again])
        store.outbox.update(succeeded(again, NOON + day + timedelta(hours=hours)))
    assert store.outbox.first_told(NOON + day) == {today: NOON + day + timedelta(hours=1)}
    assert set(store.outbox.first_told(NOON)) == {yesterday, today}
    assert never not in store.outbox.first_told(NOON)


def test_a_question_is_asked_with_an_outcome_and_anew_with_the_next(store: SqlStore) -> None:
    scribe = Scribe(store)
    scribe.hand_over()
    entry = store.outbox.get(f"card:{scribe.escn}")
    assert entry is not None
    for hours in (1, 2):
        at = NOON + timedelta(hours=hours)
        question = status_for(scribe.escn, PIC, at)
        store.outbox.settle([OutboxOutcome(succeeded(entry, at), Registration.REGISTERED, question)])
        asked = store.outbox.get(question.key)
        assert asked is not None
        assert (asked.state, asked.created_at, asked.attempts) == (OutboxState.WAITING, at, 0)
        summary = store.outbox.summary()
        assert summary.waiting == 2, "person and picture; what is asked is not counted"
        assert summary.oldest_at == entry.created_at
        store.outbox.update(succeeded(asked, at, said={"status": "ACTIVE"}))
    assert len([each for each in store.outbox.entries(unfinished=False) if each.kind is OutboxKind.STATUS]) == 1
