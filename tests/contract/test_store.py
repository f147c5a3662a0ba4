"""What every store must do with issuances, cards and blanks, and when several work at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from station.adapters.store import SqlStore, open_store
from station.domain.aftercare import AftercareStopped, EraseBegun, Erased, RenewBegun, Renewed
from station.domain.card import BlankState, CardScheme, CardState, Registration, RouterCardType
from station.domain.errors import StoreConflictError, StoreError
from station.domain.feeding import Fed, FeedBegun, Rejected
from station.domain.outbox import OutboxState
from station.domain.workflow import (
    Abandoned,
    Act,
    Began,
    Cause,
    Doubted,
    EncodeBegun,
    Encoded,
    EncodeStopped,
    HandedOver,
    Issuance,
    PortraitTaken,
    PrintBegun,
    Spoiled,
    Verified,
    replay,
)
from station.ports.register import RegisterRow
from tests.helpers.scribe import KEY_VERSIONS, NOON, PIC, Scribe, fresh_escn, holder, keep, row
from tests.helpers.stores import PEOPLE, Maker, Reopen, in_threads, names, portrait

# --- issuances ----------------------------------------------------------------------------------------------------


def test_each_step_is_there_when_record_returns(store: SqlStore, reopen: Reopen) -> None:
    scribe = Scribe(store)
    for event in scribe.events():
        told = scribe.tell(event)
        assert store.issuances.get(told.id) == told
        assert store.issuances.open_issuances() == (told,)
        journal = store.issuances.journal(told.id)
        assert journal[-1].event == event
        assert journal[-1].at == scribe.at - timedelta(seconds=1)
        assert (journal[-1].operator, journal[-1].station) == ("anna", "Desk 1")
        assert replay(told.id, [e.event for e in journal]) == told
    again = reopen()
    assert again.issuances.open_issuances() == (scribe.issuance,)
    assert again.issuances.by_escn(scribe.escn) == scribe.issuance
    assert again.issuances.by_uid(scribe.uid) == scribe.issuance


def test_every_field_of_an_issuance_is_kept(store: SqlStore) -> None:
    scribe = Scribe(store)
    scribe.tell(
        Began("h", "rtu", scribe.escn, CardScheme.STAFF, "staff@1", "deuinfo", "2028-01-01", "ab" * 32, "2026-09-02")
    )
    scribe.tell(PortraitTaken("p7"))
    scribe.tell(EncodeBegun("04AA", "reader"))
    doubtful = scribe.tell(EncodeStopped(True, "card removed"))
    assert doubtful.doubt
    assert store.issuances.get(doubtful.id) == doubtful
    scribe.tell(EncodeBegun("04AA", "reader"))
    scribe.tell(Encoded("04AA", RouterCardType.SMART_CDZ, 57, KEY_VERSIONS))
    printing = scribe.tell(PrintBegun("job-9", "queue-9"))
    assert store.issuances.get(printing.id) == printing
    empty = Issuance("x")
    unset = [n for n in Issuance.__dataclass_fields__ if getattr(printing, n) == getattr(empty, n)]
    assert unset == ["doubt"]  # and that one was set before


def test_unknown_issuances_are_none(store: SqlStore) -> None:
    assert store.issuances.get("x") is None
    assert store.issuances.by_escn("x") is None
    assert store.issuances.by_uid("x") is None
    assert store.issuances.by_uid("") is None
    assert store.issuances.journal("x") == ()
    assert store.issuances.open_issuances() == ()


def conflict(scribe: Scribe, change: object) -> str:
    with pytest.raises(StoreConflictError) as caught:
        scribe.store.issuances.record(change)  # type: ignore[arg-type]  # a Change, made just before
    assert caught.value.params["detail"]
    return str(caught.value.params["constraint"])


def test_a_card_number_is_never_used_twice(store: SqlStore) -> None:
    first = Scribe(store).until(Began)
    second = Scribe(store)
    second.escn = first.escn
    event = next(second.events())
    assert conflict(second, second.change(event)) == "escn"
    assert store.issuances.get(second.issuance.id) is None
    first.tell(Abandoned(Cause.HOLDER_LEFT))
    assert conflict(second, second.change(event)) == "escn"


@pytest.mark.parametrize("sequence", [1, 2, 4, 9])
def test_an_entry_that_is_not_the_next_is_refused(store: SqlStore, sequence: int) -> None:
    scribe = Scribe(store).until(PortraitTaken)
    change = scribe.change(EncodeBegun(scribe.uid, "reader"))
    late = replace(change, entry=replace(change.entry, sequence=sequence))
    assert conflict(scribe, late) == "sequence"
    assert store.issuances.get(scribe.issuance.id) == scribe.issuance
    assert len(store.issuances.journal(scribe.issuance.id)) == 2
    assert store.cards.blanks() == ()
    store.issuances.record(change)


def test_two_cards_in_the_making_cannot_have_one_chip(store: SqlStore) -> None:
    first = Scribe(store).until(EncodeBegun)
    second = Scribe(store, holder_id="id-2").until(PortraitTaken)
    assert conflict(second, second.change(EncodeBegun(first.uid, "reader"))) == "uid"
    first.tell(EncodeStopped(False, "refused"))
    second.tell(EncodeBegun(first.uid, "reader"))
    assert store.issuances.by_uid(first.uid) == second.issuance


def test_one_card_at_a_time_is_made_for_a_person(store: SqlStore) -> None:
    first, second = Scribe(store).until(Began), Scribe(store)
    assert conflict(second, second.change(next(second.events()))) == "open"
    first.tell(Abandoned(Cause.HOLDER_LEFT))
    assert second.until(Began).issuance.open


def test_another_persons_valid_card_is_not_written_over(store: SqlStore) -> None:
    keep(store, row("1"), row("2"))
    Scribe(store, holder_id="id-1").hand_over()
    other = Scribe(store, holder_id="id-2").until(PortraitTaken)
    assert conflict(other, other.change(EncodeBegun(other.uid, "reader"))) == "uid"
    own = Scribe(store, holder_id="id-1").until(EncodeBegun)
    assert store.issuances.by_uid(own.uid) == own.issuance


def test_cards_without_a_chip_do_not_disturb_each_other(store: SqlStore) -> None:
    for holder_id in ("id-1", "id-2"):
        scribe = Scribe(store, holder_id=holder_id, uid="").until(PortraitTaken)
        scribe.tell(Encoded("", RouterCardType.PASSIVE))
        assert f"issuance:{scribe.issuance.id}" in {blank.id for blank in store.cards.blanks(BlankState.IN_WORK)}
    assert len(store.issuances.open_issuances()) == 2


def test_blanks_follow_their_issuance(store: SqlStore) -> None:
    def state(uid: str) -> tuple[BlankState, str | None, str]:
        (blank,) = [b for b in store.cards.blanks() if b.uid == uid]
        return blank.state, blank.issuance_id, blank.cause

    scribe = Scribe(store).until(EncodeBegun)
    assert state(scribe.uid) == (BlankState.IN_WORK, scribe.issuance.id, "")
    scribe.tell(EncodeStopped(False))
    assert state(scribe.uid) == (BlankState.IN_STOCK, None, "")
    scribe.tell(EncodeBegun(scribe.uid, "reader"))
    scribe.tell(Encoded(scribe.uid, RouterCardType.SMART_NO_CDZ))
    scribe.tell(Spoiled(Cause.MISPRINT, "a scratch"))
    assert state(scribe.uid) == (BlankState.SPOILED, scribe.issuance.id, "misprint")
    used = Scribe(store, uid="04FFFFFFFFFFFF")
    used.hand_over()
    assert state(used.uid) == (BlankState.USED, used.issuance.id, "")
    assert [blank.uid for blank in store.cards.blanks(BlankState.SPOILED)] == [scribe.uid]
    assert store.cards.blanks(BlankState.TEST) == ()


def test_blanks_in_the_bin_are_counted_one_by_one_and_doubted_ones_apart(store: SqlStore) -> None:
    scribe = Scribe(store).until(PortraitTaken)
    for uid in ("", "", "04EEEEEEEEEEEE"):
        scribe.tell(FeedBegun("printer"))
        scribe.tell(Fed("printer"))
        scribe.tell(Rejected(uid, "ChipRefused"))
    spoiled = store.cards.blanks(BlankState.SPOILED)
    assert sorted(blank.uid or "" for blank in spoiled) == ["", "", "04EEEEEEEEEEEE"]
    assert {blank.cause for blank in spoiled} == {"ChipRefused"}
    scribe.tell(EncodeBegun(scribe.uid, "reader"))
    scribe.tell(Doubted(Act.ENCODE))
    assert [blank.uid for blank in store.cards.blanks(BlankState.IN_DOUBT)] == [scribe.uid]
    scribe.tell(Encoded(scribe.uid, RouterCardType.SMART_NO_CDZ))
    assert [blank.uid for blank in store.cards.blanks(BlankState.IN_WORK)] == [scribe.uid]
    assert len(store.cards.blanks()) == 4


def test_the_journal_is_read_newest_first_and_exported_in_order(store: SqlStore) -> None:
    one, two = Scribe(store, uid="04AA"), Scribe(store, uid="04BB", holder_id="id-2")
    one.until(Verified)
    two.at = one.at + timedelta(hours=1)
    two.until(PortraitTaken)
    exported = list(store.entries_for_export())
    assert [e.sequence for e in exported] == [1, 2, 3, 4, 5, 6, 7, 1, 2]
    assert store.issuances.journal_since() == tuple(exported[::-1])
    assert store.issuances.journal_since(limit=3) == tuple(exported[:-4:-1])
    assert store.issuances.journal_since(one.at + timedelta(minutes=1)) == (exported[-1], exported[-2])
    assert store.issuances.journal_since(exported[6].at)[-1] == exported[6]


def test_an_instant_without_a_zone_is_refused_and_others_come_back_in_utc(store: SqlStore) -> None:
    scribe = Scribe(store)
    scribe.at = datetime(2026, 9, 1, 15, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    scribe.until(Began)
    (entry,) = store.issuances.journal(scribe.issuance.id)
    assert entry.at == datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert entry.at.tzinfo is UTC
    scribe.at = datetime(2026, 9, 1)  # noqa: DTZ001 - the fault that is provoked
    with pytest.raises(ValueError, match="without a time zone"):
        scribe.tell(PortraitTaken("p"))
    assert len(store.issuances.journal(scribe.issuance.id)) == 1


def test_a_portrait_is_kept_in_the_step_that_takes_it(store: SqlStore) -> None:
    scribe = Scribe(store).until(Began)
    taken = replace(scribe.change(PortraitTaken("p1")), portrait=portrait("p1", original=b"frame"))
    late = replace(taken, entry=replace(taken.entry, sequence=7))
    assert conflict(scribe, late) == "sequence"
    assert store.portraits.get("p1") is None
    store.issuances.record(taken)
    assert store.portraits.get("p1") == taken.portrait


# --- the last step ------------------------------------------------------------------------------------------------


def test_the_hand_over_writes_card_and_outbox_with_it(store: SqlStore, reopen: Reopen) -> None:
    scribe = Scribe(store)
    card = scribe.hand_over()
    for opened in (store, reopen()):
        assert opened.cards.get(scribe.escn) == card
        assert opened.cards.by_uid(scribe.uid) == card
        assert opened.cards.of_holder(scribe.holder_id) == (card,)
        assert opened.outbox.entries() == scribe.outbox_as_told
        assert opened.issuances.open_issuances() == ()
        assert opened.issuances.by_uid(scribe.uid) == scribe.issuance
    assert store.cards.get("x") is None
    assert store.cards.by_uid("") is None


def test_the_last_step_is_written_whole_or_not_at_all(store: SqlStore) -> None:
    first = Scribe(store, uid="04AA")
    first.hand_over()
    scribe = Scribe(store, uid="04BB").until(Verified)
    double = replace(scribe.outbox()[0], key=first.outbox()[0].key)
    change = replace(scribe.change(HandedOver()), card=scribe.card(), outbox=(*scribe.outbox(), double))
    assert conflict(scribe, change) == "outbox"
    assert store.issuances.get(scribe.issuance.id) == scribe.issuance
    assert len(store.issuances.journal(scribe.issuance.id)) == 7
    assert store.cards.get(scribe.escn) is None
    assert [e.escn for e in store.outbox.entries()] == [first.escn] * 3
    old = store.cards.get(first.escn)
    assert old is not None
    assert old.state is CardState.ACTIVE
    scribe.hand_over()


def test_a_new_card_replaces_the_one_before(store: SqlStore) -> None:
    first = Scribe(store, uid="04AA").hand_over()
    staff = Scribe(store, uid="04CC").until(Verified)
    staff.tell(HandedOver(), card=replace(staff.card(), scheme=CardScheme.STAFF))
    Scribe(store, uid="04DD", holder_id="somebody else").hand_over()
    second = Scribe(store, uid="04BB")
    second.at += timedelta(days=1)
    newer = second.hand_over()
    old = replace(first, state=CardState.REPLACED, reason=newer.escn)
    cards = store.cards.of_holder(first.holder_id)
    assert cards[0] == newer
    assert old in cards
    assert [c.state for c in cards if c.scheme is CardScheme.STAFF] == [CardState.ACTIVE]
    (others,) = store.cards.of_holder("somebody else")
    assert others.state is CardState.ACTIVE


def test_cards_are_listed_newest_first(store: SqlStore) -> None:
    made = []
    for n in range(4):
        scribe = Scribe(store, uid=f"04A{n}", holder_id=f"h{n}")
        scribe.at += timedelta(days=n)
        made.append(scribe.hand_over())
    assert store.cards.issued_since(NOON) == tuple(made[::-1])
    assert store.cards.issued_since(made[2].issued_at) == (made[3], made[2])
    assert store.cards.issued_since(NOON, limit=1) == (made[3],)


def test_a_card_says_what_it_carries_also_after_its_chip_was_changed(store: SqlStore, reopen: Reopen) -> None:
    scribes = [Scribe(store, uid=f"04A{n}", holder_id=f"h{n}") for n in range(3)]
    made = [scribe.hand_over() for scribe in scribes]
    assert [card.key_versions for card in store.cards.each()] == [KEY_VERSIONS] * 3
    begun = scribes[1].tell(RenewBegun("04A1", "deuinfo"))
    assert store.issuances.in_aftercare() == (begun,)
    assert store.issuances.open_issuances() == ()
    assert store.cards.get(made[1].escn) == made[1]
    after = scribes[1].tell(Renewed("04A1", "deuinfo", RouterCardType.SMART_CDZ, 33, "deuinfo-base/v2"))
    changed = replace(
        made[1], chip_profile="deuinfo", card_type=RouterCardType.SMART_CDZ, key_versions="deuinfo-base/v2"
    )
    for opened in (store, reopen()):
        assert list(opened.cards.each()) == [made[0], changed, made[2]]
        assert opened.issuances.get(after.id) == after
        assert opened.issuances.in_aftercare() == ()
        assert opened.issuances.by_uid("04A1") == after


def test_an_erased_card_is_returned_and_its_chip_can_be_anybodys(store: SqlStore, reopen: Reopen) -> None:
    first = Scribe(store, holder_id="id-1")
    card = first.hand_over()
    begun = first.tell(EraseBegun(first.uid, "uid", "returned"))
    assert store.issuances.by_uid(first.uid) == begun
    other = Scribe(store, holder_id="id-2").until(PortraitTaken)
    taking = other.change(EncodeBegun(first.uid, "reader"))
    assert conflict(other, taking) == "uid", "not before it is erased"
    erased = first.tell(Erased(first.uid, "returned"))
    returned = replace(card, state=CardState.RETURNED, reason="returned")
    for opened in (store, reopen()):
        assert opened.cards.get(card.escn) == returned
        assert opened.issuances.by_escn(card.escn) == erased
        assert opened.issuances.by_uid(first.uid) is None
        assert opened.cards.by_uid(first.uid) == returned
        (blank,) = opened.cards.blanks()
        assert (blank.state, blank.uid, blank.issuance_id, blank.cause) == (
            BlankState.IN_STOCK, first.uid, None, "erased",
        )  # fmt: skip
    store.issuances.record(taking)
    other.issuance, other.sequence = taking.issuance, other.sequence + 1
    assert store.issuances.by_uid(first.uid) == other.issuance
    with pytest.raises(StoreConflictError):
        first.tell(EraseBegun(first.uid, "uid"))
    again = Scribe(store, holder_id="id-3")
    again.escn = card.escn
    assert conflict(again, again.change(next(again.events()))) == "escn"


def test_the_newest_card_on_a_chip_counts_also_when_it_is_erased(store: SqlStore) -> None:
    older, newer = Scribe(store, holder_id="id-1"), Scribe(store, holder_id="id-1")
    older.hand_over()
    newer.at += timedelta(days=1)
    newer.hand_over()
    newer.tell(EraseBegun(newer.uid, "uid"))
    newer.tell(Erased(newer.uid))
    assert store.issuances.by_uid(newer.uid) is None


def test_a_renewal_that_was_stopped_leaves_no_trace_but_in_the_journal(store: SqlStore) -> None:
    scribe = Scribe(store)
    card = scribe.hand_over()
    scribe.tell(RenewBegun(scribe.uid, "uid"))
    scribe.tell(AftercareStopped(written=True, cause="CardRemoved"))
    assert [i.doubt for i in store.issuances.in_aftercare()] == [True]
    scribe.tell(RenewBegun(scribe.uid, "uid"))
    scribe.tell(Renewed(scribe.uid, "uid", card.card_type, 4, KEY_VERSIONS))
    assert store.cards.get(card.escn) == card
    journal = store.issuances.journal(scribe.issuance.id)
    assert replay(scribe.issuance.id, [e.event for e in journal]) == store.issuances.get(scribe.issuance.id)


def test_registration_is_kept(store: SqlStore) -> None:
    card = Scribe(store).hand_over()
    store.cards.set_registration(card.escn, Registration.PARKED)
    assert store.cards.get(card.escn) == replace(card, registration=Registration.PARKED)


# --- together -----------------------------------------------------------------------------------------------------


def test_several_threads_may_record_at_once(store: SqlStore) -> None:
    def cards(prefix: str) -> Callable[[], None]:
        def work() -> None:
            for n in range(8):
                Scribe(store, uid=f"{prefix}{n:02X}", holder_id=f"{prefix}{n}").hand_over()

        return work

    def reading() -> None:
        for _ in range(40):
            assert all(e.state is OutboxState.WAITING for e in store.outbox.entries())
            store.issuances.journal_since(limit=50)

    assert in_threads(cards("04A"), cards("04B"), reading) == []
    assert len(store.cards.issued_since(NOON, limit=100)) == 16
    assert len(list(store.entries_for_export())) == 16 * 8
    assert store.issuances.open_issuances() == ()


def test_of_two_that_take_the_same_step_one_is_told(store: SqlStore) -> None:
    scribe = Scribe(store).until(Verified)
    change = replace(scribe.change(HandedOver()), card=scribe.card(), outbox=scribe.outbox())
    raised = in_threads(*[lambda: store.issuances.record(change)] * 4)
    assert [type(error) for error in raised] == [StoreConflictError] * 3
    assert {error.params["constraint"] for error in raised if isinstance(error, StoreConflictError)} == {"sequence"}
    assert len(store.issuances.journal(scribe.issuance.id)) == 8
    assert len(store.outbox.entries()) == 3


def test_threads_never_get_the_same_number_value(store: SqlStore) -> None:
    taken: list[int] = []

    def take() -> None:
        for _ in range(25):
            value = 0
            while not value:
                wanted = store.escns.last_value(1, PIC) + 1
                try:
                    store.escns.advance(1, PIC, wanted)
                except StoreConflictError:
                    continue
                value = wanted
            taken.append(value)

    assert in_threads(take, take, take) == []
    assert sorted(taken) == list(range(1, 76))


def test_a_copy_is_a_store_of_its_own(store: SqlStore, maker: Maker, tmp_path: Path) -> None:
    keep(store, *PEOPLE, RegisterRow(holder("1"), "010190-12345"))
    scribe = Scribe(store)
    card = scribe.hand_over()
    store.portraits.add(portrait("p1", original=b"frame"))
    target = tmp_path / "copy.db"
    target.write_bytes(b"an older copy")
    store.backup(str(target))
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["copy.db"]
    keep(store, row("later"))
    copy = open_store(target, cipher=maker.cipher)
    try:
        assert copy.cards.get(card.escn) == card
        assert copy.portraits.get("p1") == portrait("p1", original=b"frame")
        assert list(copy.entries_for_export()) == list(store.entries_for_export())
        assert copy.outbox.entries() == store.outbox.entries()
        assert names(copy, "грищ") == ["Олена Грищук"]
        assert copy.holders.personal_code("id-1") == "010190-12345"
        assert copy.holders.by_student_number("later") is None
    finally:
        copy.close()


def test_a_copy_into_a_folder_that_is_not_there_says_so(store: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="doesn't exist"):
        store.backup(str(tmp_path / "nowhere" / "copy.db"))


def test_numbers_made_here_are_all_different() -> None:
    assert len({fresh_escn() for _ in range(1000)}) == 1000
