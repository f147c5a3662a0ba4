"""What becomes of a desk's work when the database is back, case by case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from station.adapters.standby.sealing import seal
from station.domain.card import BlankState, Card, CardState, Registration
from station.domain.errors import InputError, ProfileError, StoreAwayError, StoreConflictError, StoreRefusedError
from station.domain.outbox import OutboxEntry, OutboxKind, OutboxState, succeeded
from station.domain.stock import StockAct, StockEntry
from station.domain.workflow import (
    Abandoned,
    Cause,
    EncodeBegun,
    Encoded,
    HandedOver,
    PortraitTaken,
    Reappeared,
    Spoiled,
    State,
    Verified,
    replay,
)
from station.ports.store import CardUpdate, ConsentRecord, OutboxOutcome, Store, Withdrawal
from tests.helpers.scribe import NOON, PIC, keep, row
from tests.helpers.standby import Desks, DeskScribe, forgotten, ready_desks, taken_over, two_pieces
from tests.helpers.stores import portrait

ONE, TWO = "Desk 1", "Desk 2"


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    made = ready_desks(tmp_path, ("id-1", "id-2"))
    yield made
    made.close()


def at(desks: Desks, name: str, holder: str = "id-1", uid: str = "04AA") -> DeskScribe:
    return DeskScribe(desks, name, holder_id=holder, uid=uid)


def card_update(desks: Desks, name: str, escn: str, state: CardState, reason: str = "") -> CardUpdate:
    card = desks.open[name].cards.get(escn)
    assert card is not None
    return CardUpdate(card, replace(card, state=state, reason=reason), desks.clock.now(), "anna", name)


# --- while it is away -------------------------------------------------------------------------------------------------


def test_a_desk_says_since_when_it_is_alone_and_what_waits(desks: Desks) -> None:
    store = desks.open[ONE]
    assert store.state().alone_since is None
    desks.cut(ONE)
    at(desks, ONE).hand_over()
    at(desks, ONE, "id-2", "04BB").until(PortraitTaken)
    store.escns.advance(1, PIC, 2**50)  # belongs to no card that can be counted
    state = store.state()
    assert state.alone_since is not None
    assert (state.cards, state.doubts, state.ready, state.trouble) == (2, 0, True, None)
    again = desks.again(ONE).state()
    assert (again.alone_since, again.cards) == (state.alone_since, 2)
    desks.mend(ONE)
    assert (desks.open[ONE].state().alone_since, desks.open[ONE].state().cards) == (None, 0)


def test_a_desk_that_is_not_let_in_any_more_says_so_until_it_is(desks: Desks) -> None:
    store, line = desks.open[ONE], desks.lines[ONE]
    line.cut = line.refused = True
    store.tend()
    assert isinstance(store.state().trouble, StoreRefusedError)
    line.refused = False
    store.tend()
    assert store.state().trouble is None
    assert store.state().alone_since is not None
    desks.mend(ONE)
    assert store.state().alone_since is None


def test_nothing_is_sent_by_a_desk_that_is_alone(desks: Desks) -> None:
    store, waiting = desks.open[ONE], at(desks, ONE)
    waiting.hand_over()
    assert store.outbox.page("router", NOON).entries
    desks.cut(ONE)
    at(desks, ONE, "id-2", "04BB").hand_over()
    assert store.outbox.page("router", NOON).entries == ()
    assert store.outbox.put_off("router") is None
    assert store.outbox.summary().waiting == 3, "what was made here is shown, what waits there is not known"
    desks.mend(ONE)
    assert len(store.outbox.page("router", NOON).entries) == 6


def test_an_import_waits_for_the_database(desks: Desks) -> None:
    desks.cut(ONE)
    store = desks.open[ONE]
    with pytest.raises(StoreAwayError, match="can't be done without it"):
        keep(store, row("3"))
    assert store.holders.get("id-3") is None
    keep(desks.shared, row("3"))
    desks.mend(ONE)
    desks.cut(ONE)
    assert [found.id for found in store.holders.search("051 3") or store.holders.search("3")] == ["id-3"]


def test_what_was_told_when_the_line_broke_is_recorded_as_told(desks: Desks) -> None:
    store, scribe = desks.open[ONE], at(desks, ONE)
    scribe.hand_over()
    (first, *_) = store.outbox.page("router", NOON).entries
    desks.cut(ONE)
    store.outbox.settle([OutboxOutcome(succeeded(first, NOON), Registration.REGISTERED)])
    desks.mend(ONE)
    told = desks.shared.outbox.get(first.key)
    assert told is not None
    assert told.state is OutboxState.DONE


def test_anothers_draft_is_left_alone_and_anothers_plastic_is_not(desks: Desks) -> None:
    draft = at(desks, TWO, "id-1", "04AA").until(PortraitTaken)
    plastic = at(desks, TWO, "id-2", "04BB").until(Encoded)
    desks.open[ONE].tend()
    desks.cut(ONE)
    store = desks.open[ONE]
    assert [each.id for each in store.issuances.open_issuances()] == [plastic.issuance.id]
    assert store.issuances.get(draft.issuance.id) == draft.issuance
    mine = at(desks, ONE, "id-1", "04CC").until(Verified)
    with pytest.raises(StoreConflictError) as second:
        at(desks, ONE, "id-1", "04DD").until(PortraitTaken)
    assert second.value.params["constraint"] == "open"
    mine.tell(HandedOver(), card=mine.card(), outbox=mine.outbox())
    desks.mend(ONE)
    assert {each.id for each in desks.shared.issuances.open_issuances()} == {draft.issuance.id, plastic.issuance.id}


def test_the_last_portrait_is_at_hand_for_a_card_that_is_begun(desks: Desks) -> None:
    desks.shared.portraits.add(portrait("p1", holder_id="id-1"))
    at(desks, ONE).until(PortraitTaken)
    taken = at(desks, ONE, "id-2", "04BB")
    taken.tell(next(taken.events()))
    taken.tell(PortraitTaken("p1"))
    desks.cut(ONE)
    assert desks.open[ONE].portraits.get("p1") is not None


# --- and back ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [ONE, TWO])
def test_of_two_cards_of_a_holder_the_later_one_stays_whoever_merges_first(desks: Desks, first: str) -> None:
    for name in (ONE, TWO):
        desks.cut(name)
    old, new = at(desks, ONE, uid="04AA"), at(desks, TWO, uid="04BB")
    old.hand_over()
    new.hand_over()
    for name in (first, ONE, TWO):
        desks.mend(name)
    cards = {card.escn: card for card in desks.shared.cards.of_holder("id-1")}
    assert (cards[old.escn].state, cards[old.escn].reason) == (CardState.REPLACED, new.escn)
    assert cards[new.escn].state is CardState.ACTIVE
    told = [entry for entry in desks.shared.outbox.entries() if entry.escn == old.escn]
    assert [entry.payload.get("status") for entry in told if entry.key.endswith(":replaced")] == ["INACTIVE"]
    order = [entry.key for entry in desks.shared.outbox.page("router", NOON).entries]
    assert order.index(f"card:{old.escn}") < order.index(f"card:{old.escn}:replaced")
    for name in (ONE, TWO):
        assert desks.open[name].doubts() == ()


def test_a_merge_changes_nothing_the_second_time(desks: Desks) -> None:
    desks.cut(ONE)
    scribe = at(desks, ONE)
    scribe.hand_over()
    store = desks.open[ONE]
    store.cards.update(card_update(desks, ONE, scribe.escn, CardState.BLOCKED, "lost"))
    store.stock.add(StockEntry(StockAct.RECEIVED, 100, NOON))
    store.consents.add(ConsentRecord("id-1", "1", "lv", "notice", NOON))
    store.escns.advance(1, PIC, 2**50)
    file = store.written_out()
    desks.mend(ONE)
    before = list(desks.shared.entries_for_export()), list(desks.shared.cards.each()), desks.shared.outbox.entries()
    assert desks.open[TWO].take_in(*file) == 12
    desks.mend(TWO)
    after = list(desks.shared.entries_for_export()), list(desks.shared.cards.each()), desks.shared.outbox.entries()
    assert after == before
    assert len(desks.shared.stock.ledger()) == 1
    assert len(desks.shared.consents.of_holder("id-1")) == 1
    assert len(desks.shared.cards.history(scribe.escn)) == 2
    assert desks.open[TWO].doubts() == ()


def test_another_desk_merges_what_one_wrote_out(desks: Desks) -> None:
    desks.cut(ONE)
    scribe = at(desks, ONE)
    card = scribe.hand_over()
    phrase, file = desks.open[ONE].written_out()
    assert scribe.escn.encode() not in file
    assert desks.open[TWO].take_in(f" {phrase[:6].upper()}-{phrase[6:]}", file) == 8
    desks.mend(TWO)
    assert desks.shared.cards.get(card.escn) == card
    assert desks.shared.issuances.get(scribe.issuance.id) == scribe.issuance


def test_a_file_of_something_else_is_refused(desks: Desks) -> None:
    desks.cut(ONE)
    at(desks, ONE).hand_over()
    phrase, file = desks.open[ONE].written_out()
    for wrong, said in (
        (b"", "not what a desk wrote out"),
        (file[:-1], "phrase"),
        (file[:30] + b"x" + file[31:], "phrase"),
    ):
        with pytest.raises(InputError, match=said):
            desks.open[TWO].take_in(phrase, wrong)
    with pytest.raises(InputError, match="phrase does not open"):
        desks.open[TWO].take_in(f"{phrase[:-1]}{'a' if phrase[-1] != 'a' else 'b'}", file)
    for lines in (b"", b"nothing", b'{"format": "else"}', b'{"format": "station merge log 1"}\n{"part": "x"}'):
        with pytest.raises(InputError, match="newer version"):
            desks.open[TWO].take_in(*seal(lines))
    assert desks.open[TWO].state().cards == 0


def test_who_has_withdrawn_meanwhile_is_not_told_of(desks: Desks) -> None:
    desks.cut(ONE)
    scribe = at(desks, ONE)
    scribe.hand_over()
    consent = ConsentRecord("id-1", "1", "lv", "export", NOON, withdrawn_at=NOON)
    desks.shared.consents.withdraw(Withdrawal(consent, ("id-1",)))
    desks.mend(ONE)
    card = desks.shared.cards.get(scribe.escn)
    assert card is not None
    assert card.registration is Registration.NOT_NEEDED
    assert desks.shared.outbox.entries() == ()


def test_who_withdrew_here_is_forgotten_with_the_card_that_another_desk_made_meanwhile(desks: Desks) -> None:
    first = at(desks, ONE)
    first.hand_over()
    desks.cut(ONE)
    withdrawal = Withdrawal(
        ConsentRecord("id-1", "1", "lv", "export", NOON, withdrawn_at=NOON),
        ("id-1",),
        forgotten(desks.open[ONE], "id-1"),
        frozenset({first.escn}),
    )
    desks.open[ONE].consents.withdraw(withdrawal)
    second = at(desks, TWO, uid="04BB")
    second.hand_over()
    waiting = [entry for entry in desks.shared.outbox.entries() if entry.escn == second.escn]
    desks.shared.outbox.settle([OutboxOutcome(succeeded(each, NOON), Registration.REGISTERED) for each in waiting])
    desks.mend(ONE)
    left = {(each.kind, each.escn) for each in desks.shared.outbox.entries() if each.state is OutboxState.WAITING}
    assert left == {(OutboxKind.DELETE_CARD, first.escn), (OutboxKind.DELETE_CARD, second.escn)}
    assert desks.open[ONE].doubts() == ()


def test_who_enrols_is_asked_while_there_is_something_left_to_merge(desks: Desks) -> None:
    desks.cut(ONE)
    at(desks, ONE).hand_over()
    with pytest.raises(StoreAwayError, match="can't be done without it"):
        desks.open[ONE].enrolment.begun()
    desks.lines[ONE].cut = False
    store = desks.again(ONE)
    assert store.state().alone_since is not None
    assert not store.enrolment.begun()
    desks.lines[ONE].cut = True
    with pytest.raises(StoreAwayError):
        store.enrolment.begun()
    with pytest.raises(StoreAwayError, match="can't be done without it"):
        store.enrolment.begun()


def test_a_desk_that_was_enrolled_takes_what_another_has_begun_under_its_old_name_for_anothers(desks: Desks) -> None:
    at(desks, ONE).until(PortraitTaken)
    mine = at(desks, TWO, "id-2", "04BB").until(PortraitTaken)
    store = desks.open[TWO]
    store.tend()
    store.called(ONE)  # its profile was copied from there
    store.called(TWO)
    desks.cut(TWO)
    assert store.issuances.open_issuances() == (mine.issuance,)


def test_a_card_that_was_blocked_here_and_replaced_there_has_both_in_its_history(desks: Desks) -> None:
    first = at(desks, TWO)
    first.hand_over()
    desks.open[ONE].tend()
    desks.cut(ONE)
    desks.open[ONE].cards.update(card_update(desks, ONE, first.escn, CardState.LOST, "on the bus"))
    at(desks, TWO, uid="04BB").hand_over()
    desks.mend(ONE)
    card = desks.shared.cards.get(first.escn)
    assert card is not None
    assert card.state is CardState.REPLACED
    assert desks.shared.cards.history(first.escn)[-1].station == ONE
    assert desks.open[ONE].doubts() == ()


@pytest.mark.parametrize("there", [Registration.REGISTERED, Registration.PARKED])
def test_a_change_waits_with_what_was_parked_there_meanwhile(desks: Desks, there: Registration) -> None:
    card = at(desks, TWO).hand_over()
    desks.open[ONE].tend()
    desks.cut(ONE)
    desks.open[TWO].cards.set_registration(card.escn, there)
    update = card_update(desks, ONE, card.escn, CardState.BLOCKED)
    told = OutboxEntry("card:blocked", "router", OutboxKind.CARD, "id-1", {}, NOON, escn=card.escn)
    after = replace(update.after, registration=Registration.QUEUED)
    desks.open[ONE].cards.update(replace(update, after=after, outbox=(told,)))
    desks.mend(ONE)
    found = desks.open[TWO].cards.get(card.escn)
    assert found is not None
    expected = Registration.PARKED if there is Registration.PARKED else Registration.QUEUED
    assert (found.state, found.registration) == (CardState.BLOCKED, expected)


def test_what_both_desks_said_of_a_card_is_in_its_history_twice(desks: Desks) -> None:
    first = at(desks, TWO)
    first.hand_over()
    desks.open[ONE].tend()
    desks.cut(ONE)
    for name in (ONE, TWO):
        desks.open[name].cards.update(card_update(desks, name, first.escn, CardState.BLOCKED))
    desks.mend(ONE)
    assert [note.station for note in desks.shared.cards.history(first.escn)][1:] == [TWO, ONE]
    assert desks.open[ONE].doubts() == ()


def test_a_newer_card_has_taken_the_place_of_an_older_one_also_when_it_was_blocked_since(desks: Desks) -> None:
    desks.cut(ONE)
    old, new = at(desks, ONE, uid="04AA"), at(desks, TWO, uid="04BB")
    old.hand_over()
    new.hand_over()
    desks.open[TWO].cards.update(card_update(desks, TWO, new.escn, CardState.BLOCKED))
    desks.mend(ONE)
    states = {card.escn: card.state for card in desks.shared.cards.of_holder("id-1")}
    assert states == {old.escn: CardState.REPLACED, new.escn: CardState.BLOCKED}


def test_a_card_that_was_changed_in_two_ways_is_a_doubt(desks: Desks) -> None:
    first = at(desks, TWO)
    first.hand_over()
    desks.open[ONE].tend()
    desks.cut(ONE)
    desks.open[ONE].cards.update(card_update(desks, ONE, first.escn, CardState.LOST, "on the bus"))
    desks.open[TWO].cards.update(card_update(desks, TWO, first.escn, CardState.BLOCKED))
    desks.mend(ONE)
    (doubt,) = desks.open[ONE].doubts()
    assert (doubt.escn, doubt.steps, doubt.handed_over) == (first.escn, ("lost",), True)
    assert desks.open[ONE].state().doubts == 1
    # The cause is put right: it is unblocked, and then what was said here can be said.
    desks.open[TWO].cards.update(card_update(desks, TWO, first.escn, CardState.ACTIVE))
    desks.open[ONE].try_again(doubt.number)
    desks.mend(ONE)
    assert desks.open[ONE].doubts() == ()
    card = desks.shared.cards.get(first.escn)
    assert card is not None
    assert card.state is CardState.LOST


# --- one card, two ways -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoded", [False, True])
def test_a_card_that_the_others_gave_up_exists_when_it_was_handed_over(desks: Desks, encoded: bool) -> None:
    here = at(desks, ONE).until(Encoded if encoded else PortraitTaken)
    desks.open[TWO].tend()
    there = taken_over(desks, here, TWO)
    desks.cut(ONE)
    there.tell(Spoiled(Cause.CARD_MISSING) if encoded else Abandoned(Cause.HOLDER_LEFT))
    for event in list(here.events())[here.sequence :]:
        here.tell(event)
    card = here.hand_over()
    desks.mend(ONE)
    found = desks.shared.issuances.get(here.issuance.id)
    assert found is not None
    assert (found.state, found.uid, found.doubt) == (State.HANDED_OVER, here.uid, False)
    assert desks.shared.cards.get(here.escn) == card
    journal = desks.shared.issuances.journal(found.id)
    assert isinstance(journal[-1].event, Reappeared)
    assert replay(found.id, [entry.event for entry in journal]) == found
    assert len(desks.shared.outbox.entries()) == 3
    (blank,) = desks.shared.cards.blanks()
    assert (blank.uid, blank.state) == (here.uid, BlankState.USED)
    own = desks.open[ONE]._local
    assert own.issuances.journal(found.id) == journal
    assert desks.open[ONE].doubts() == ()


def test_what_was_given_up_here_does_not_end_what_goes_on_there(desks: Desks) -> None:
    here = at(desks, ONE).until(PortraitTaken)
    desks.open[TWO].tend()
    there = taken_over(desks, here, TWO)
    desks.cut(ONE)
    here.tell(Abandoned(Cause.HOLDER_LEFT))
    there.tell(EncodeBegun(there.uid, "reader"))
    desks.mend(ONE)
    assert desks.shared.issuances.get(here.issuance.id) == there.issuance
    assert desks.open[ONE].doubts() == ()
    assert desks.open[ONE]._local.issuances.get(here.issuance.id) == there.issuance


def test_steps_that_fit_behind_those_of_others_count_too(desks: Desks) -> None:
    here = at(desks, ONE).until(PortraitTaken)
    desks.open[TWO].tend()
    there = taken_over(desks, here, TWO)
    desks.cut(ONE)
    there.tell(PortraitTaken("another"))
    for event in list(here.events())[here.sequence :]:
        here.tell(event)
    here.hand_over()
    desks.mend(ONE)
    events = [entry.event for entry in desks.shared.issuances.journal(here.issuance.id)]
    assert len(events) == 9
    assert replay(here.issuance.id, events) == desks.shared.issuances.get(here.issuance.id)
    assert desks.shared.cards.get(here.escn) is not None


def test_one_number_on_two_chips_is_for_a_person_to_decide(desks: Desks) -> None:
    here, there = two_pieces(desks)
    (doubt,) = desks.open[ONE].doubts()
    assert (doubt.escn, doubt.holder_id, doubt.handed_over) == (here.escn, "id-1", True)
    assert doubt.steps == ("EncodeBegun", "Encoded", "PrintBegun", "Printed", "Verified", "HandedOver")
    card = desks.shared.cards.get(here.escn)
    assert card is not None
    assert card.uid == there.uid
    assert desks.open[ONE]._local.cards.get(here.escn) == card
    desks.open[ONE].try_again(doubt.number)
    desks.mend(ONE)
    (still,) = desks.open[ONE].doubts()
    assert still == doubt
    desks.open[ONE].set_aside(still.number)
    assert desks.open[ONE].doubts() == ()
    for decide in (desks.open[ONE].try_again, desks.open[ONE].set_aside):
        with pytest.raises(InputError, match="no doubt with the number"):
            decide(doubt.number)
    desks.mend(ONE)
    assert desks.shared.cards.get(here.escn) == card


def test_what_this_desks_profile_does_not_know_is_a_doubt_and_holds_up_nothing_else(desks: Desks) -> None:
    at(desks, TWO).hand_over()
    desks.open[ONE].tend()
    desks.cut(ONE)

    def unknown(_store: Store, _card: Card) -> tuple[OutboxEntry, ...]:
        raise ProfileError(file="", place="institutions", detail="there is no such institution")

    desks.told = unknown
    store = desks.again(ONE)
    at(desks, ONE, uid="04BB").hand_over()
    other = at(desks, ONE, "id-2", "04CC")
    other.hand_over()
    desks.mend(ONE)
    assert desks.shared.cards.get(other.escn) is not None
    (doubt,) = store.doubts()
    assert doubt.handed_over


def test_what_comes_after_a_doubt_waits_with_it_and_others_do_not(desks: Desks) -> None:
    here, _ = two_pieces(desks)
    desks.cut(ONE)
    at(desks, ONE, "id-2", "04CC").hand_over()
    desks.mend(ONE)
    assert len(desks.shared.cards.of_holder("id-2")) == 1
    assert [doubt.escn for doubt in desks.open[ONE].doubts()] == [here.escn]


def test_a_chip_that_is_another_persons_card_by_now_is_a_doubt(desks: Desks) -> None:
    desks.cut(ONE)
    here = at(desks, ONE, "id-1", "04AA")
    here.hand_over()
    at(desks, TWO, "id-2", "04AA").hand_over()
    desks.mend(ONE)
    (doubt,) = desks.open[ONE].doubts()
    assert doubt.escn == here.escn
    assert doubt.handed_over
    assert doubt.reason.params["detail"] == "this chip is another person's valid card"
    blocked = card_update(desks, TWO, desks.shared.cards.of_holder("id-2")[0].escn, CardState.BLOCKED)
    desks.open[TWO].cards.update(blocked)
    desks.open[ONE].try_again(doubt.number)
    desks.mend(ONE)
    assert [card.uid for card in desks.shared.cards.of_holder("id-1")] == ["04AA"]
