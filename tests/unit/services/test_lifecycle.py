"""Cards after their hand-over, here and at a real sandbox: whatever is done, in any order, both end up agreeing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from station.domain.card import Card, CardAct, CardState, Registration
from station.domain.errors import InputError, RouterNotFoundError, StoreConflictError
from station.domain.holder import Holder, Identifier, IdentifierKind
from station.domain.outbox import DELETIONS, OutboxKind, OutboxState
from station.ports.store import CardUpdate, ConsentRecord
from station.services.consent import EXPORT, agrees
from station.services.lifecycle import Lifecycle
from tests.helpers.finished_cards import NOW, POLICY, a_card, a_portrait, a_student
from tests.helpers.http_server import Trick
from tests.helpers.lives import life_of
from tests.helpers.router_bench import GONE, REFUSED, UNWELL, RouterBench

TODAY = NOW.date()
_numbers = itertools.count(7000)


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


@pytest.fixture
def life(bench: RouterBench, tmp_path: Path) -> Lifecycle:
    return life_of(bench, tmp_path)


@pytest.fixture
def card(bench: RouterBench) -> Card:
    return bench.finish(next(_numbers))


def at_router(bench: RouterBench, card: Card) -> tuple[str, date | None]:
    found = bench.router.card_status(card.escn)
    return found.status, found.expires_on


def test_a_card_is_blocked_and_unblocked(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    bench.work()
    blocked = life.block(card.escn.upper(), "left in the library", act=CardAct.REPORT_LOST)
    assert (blocked.state, blocked.registration) == (CardState.LOST, Registration.QUEUED)
    bench.work()
    assert at_router(bench, card)[0] == "INACTIVE"
    assert bench.registration(card) is Registration.REGISTERED
    life.unblock(card.escn)
    bench.work()
    assert at_router(bench, card)[0] == "ACTIVE"
    told = [(note.state, note.reason, note.operator) for note in life.history(card.escn)]
    assert told[1:] == [(CardState.LOST, "left in the library", "Anna"), (CardState.ACTIVE, "", "Anna")]


def test_a_day_and_active_revive_an_expired_card(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    bench.work()
    with pytest.raises(InputError, match="valid longer"):
        life.extend(card.escn, card.expires_on)
    assert life.extend(card.escn, date(2032, 8, 31), "studies longer").expires_on == date(2032, 8, 31)
    before = len(bench.told())
    bench.work()
    assert bench.told()[before:][-1] == "PUT cards"
    assert at_router(bench, card) == ("ACTIVE", date(2032, 8, 31))


def test_what_has_ended_stays_ended(life: Lifecycle, card: Card) -> None:
    life.revoke(card.escn, "exmatriculated")
    for again in (life.block, life.unblock, life.revoke, life.replaceable):
        with pytest.raises(InputError) as refused:
            again(card.escn)
        assert "state" in refused.value.params
    with pytest.raises(InputError, match="handed over here"):
        life.card("00000000-0000-1000-8000-001999465982")


def test_an_expired_card_is_not_unblocked(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    life.block(card.escn)
    bench.clock.pass_time((card.expires_on - TODAY + timedelta(days=2)).total_seconds())
    with pytest.raises(InputError, match="last day"):
        life.unblock(card.escn)


def test_nobody_gets_two_active_cards(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    life.block(card.escn)
    holder = bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    newer = a_card(holder)
    bench.desk.record(newer, holder)
    with pytest.raises(StoreConflictError):
        life.unblock(card.escn)
    assert life.card(card.escn).state is CardState.BLOCKED
    assert [note.state for note in life.history(card.escn)][-1] is CardState.BLOCKED


def test_who_read_an_older_record_writes_nothing(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    stale = life.card(card.escn)
    life.block(card.escn)
    waiting = bench.desk.store.outbox.summary().waiting
    with pytest.raises(StoreConflictError):
        bench.desk.store.cards.update(CardUpdate(stale, replace(stale, state=CardState.REVOKED), NOW))
    assert bench.desk.store.outbox.summary().waiting == waiting


def test_a_number_goes_on_where_the_profile_says_so(bench: RouterBench, tmp_path: Path, card: Card) -> None:
    life = life_of(bench, tmp_path, same_number=True)
    bench.clock.pass_time(timedelta(days=365).total_seconds())
    after = life.replaceable(card.escn, "renewed")
    assert (after.escn, after.state) == (card.escn, CardState.ACTIVE)
    assert after.expires_on > card.expires_on


def test_the_old_card_stays_until_the_new_one_unless_it_is_lost(life: Lifecycle, card: Card) -> None:
    assert life.replaceable(card.escn, "worn").state is CardState.ACTIVE
    assert life.replaceable(card.escn, "gone", act=CardAct.REPORT_STOLEN).state is CardState.STOLEN


def test_who_does_not_agree_is_told_of_no_more(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    bench.work()
    holder = bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    life.block(card.escn)  # waits, and must not go out any more
    before = len(bench.told())
    done = life.withdraw_consent(holder)
    assert (done.ended, done.deletions) == (1, 3)
    assert not agrees(bench.desk.store, holder.id)
    bench.work()
    assert all(line.startswith("DELETE") for line in bench.told()[before:])
    with pytest.raises(RouterNotFoundError):
        bench.router.card_status(card.escn)
    life.unblock(card.escn)
    assert life.card(card.escn).registration is Registration.NOT_NEEDED
    assert bench.desk.store.outbox.summary().waiting == 0
    assert life.withdraw_consent(holder).deletions == 0
    assert bench.work().parked == 0


def test_an_agreement_that_was_broken_off_is_finished_the_second_time(bench: RouterBench, life: Lifecycle) -> None:
    card = bench.finish(next(_numbers))
    holder = bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    assert life.owed(holder) == ()
    life.withdraw_consent(holder)
    bench.work()
    assert life.owed(holder) == (), "they do not agree"
    # The power goes between the record and what is told.
    bench.desk.store.consents.add(ConsentRecord(holder.id, "1", "en", EXPORT, bench.clock.now()))
    assert [each.escn for each in life.owed(holder)] == [card.escn]
    assert life.agree_again(holder) == 1
    bench.work()
    assert at_router(bench, card)[0] == "ACTIVE"
    assert life.owed(holder) == ()
    assert life.agree_again(holder) == 0


def test_who_agrees_again_is_told_anew_and_may_withdraw_once_more(bench: RouterBench, life: Lifecycle) -> None:
    bygone = bench.finish(next(_numbers))
    holder = bench.desk.store.holders.get(bygone.holder_id)
    assert holder is not None
    assert life.agree_again(holder) == 0, "nobody has withdrawn"
    life.revoke(bygone.escn)
    card = a_card(holder)
    bench.desk.record(card, holder)
    bench.work()
    life.withdraw_consent(holder)
    bench.work()
    assert [each.escn for each in life.telling_again(holder)] == [card.escn], "what has ended is not told"
    assert life.agree_again(holder) == 1
    assert agrees(bench.desk.store, holder.id)
    bench.work()
    assert at_router(bench, card)[0] == "ACTIVE"
    with pytest.raises(RouterNotFoundError):
        bench.router.card_status(bygone.escn)
    assert life.withdraw_consent(holder).deletions == 4, "two cards, the picture, the person"
    assert bench.work().parked == 0
    with pytest.raises(RouterNotFoundError):
        bench.router.card_status(card.escn)


def test_any_number_of_decisions_fall_into_one_moment(bench: RouterBench, life: Lifecycle) -> None:
    card = bench.finish(next(_numbers))
    holder = bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    for _ in range(3):  # the bench's clock stands still
        assert life.withdraw_consent(holder).deletions == 3, "the card, the picture, the person"
        assert bench.work().parked == 0
        with pytest.raises(RouterNotFoundError):
            bench.router.card_status(card.escn)
        assert life.agree_again(holder) == 1
        assert bench.work().parked == 0
        assert at_router(bench, card)[0] == "ACTIVE"
    for _ in range(3):
        assert life.forget_there(card.escn, holder.esi or "", POLICY.pic)
        assert bench.work().parked == 0


def test_what_waits_to_be_forgotten_is_not_asked_for_twice(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    holder = bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    assert life.forget_there(card.escn, holder.esi or "", POLICY.pic)
    assert not life.forget_there(card.escn, holder.esi or "", POLICY.pic)
    assert not life.forget_there(card.escn, "", POLICY.pic)


def test_what_waits_without_an_identifier_ends_too(bench: RouterBench, life: Lifecycle) -> None:
    student = a_student(next(_numbers), esi=False)
    bench.desk.know(student)
    bench.desk.finish(student)
    assert life.withdraw_consent(student).ended == 2
    summary = bench.desk.store.outbox.summary()
    assert (summary.waiting, summary.parked, summary.done) == (0, 0, 0)


def with_another_esi(student: Holder) -> Holder:
    code = f"{student.esi}-corrected"
    return replace(student, identifiers=(Identifier(IdentifierKind.ESI, code, "register", preferred=True),))


def test_a_block_never_overtakes_what_waited_for_an_identifier(bench: RouterBench, life: Lifecycle) -> None:
    student = a_student(number := next(_numbers), esi=False)
    bench.desk.know(student)
    card = bench.desk.finish(student)
    bench.work()
    bench.desk.know(a_student(number))
    bench.server.script.append(UNWELL)
    bench.worker.records_changed()
    bench.work()
    life.block(card.escn, act=CardAct.REPORT_LOST)
    # The person is told; the card as it was is put off, and what it is now must not go out before it.
    bench.server.script += [Trick.FORWARD, UNWELL]
    for _ in range(3):
        bench.clock.pass_time(700)
        bench.work()
    assert bench.desk.store.outbox.summary().waiting == 0
    assert at_router(bench, card)[0] == "INACTIVE"


def test_a_withdrawal_ends_what_is_filed_under_a_former_identifier(bench: RouterBench, life: Lifecycle) -> None:
    card = bench.finish(number := next(_numbers))
    code = f"urn:schac:personalUniqueCode:int:esi:lv:corrected-{number}"
    student = replace(
        a_student(number), identifiers=(Identifier(IdentifierKind.ESI, code, "register", preferred=True),)
    )
    bench.desk.know(student)
    assert life.withdraw_consent(student).ended == 2
    assert {e.kind for e in bench.desk.store.outbox.entries() if e.escn == card.escn} <= DELETIONS


def test_nothing_waits_behind_what_is_final_of_a_former_identifier(bench: RouterBench, life: Lifecycle) -> None:
    card = bench.finish(number := next(_numbers))
    bench.server.script.append(GONE)
    bench.work()
    life.revoke(card.escn)
    code = f"urn:schac:personalUniqueCode:int:esi:lv:new-{number}"
    student = replace(
        a_student(number), identifiers=(Identifier(IdentifierKind.ESI, code, "register", preferred=True),)
    )
    bench.desk.know(student)
    newer = a_card(student)
    bench.desk.record(newer, student)
    bench.work()
    assert at_router(bench, newer)[0] == "ACTIVE"


def test_a_lost_card_is_blocked_although_its_picture_was_refused(bench: RouterBench, life: Lifecycle) -> None:
    student = a_student(next(_numbers))
    bench.desk.know(student)
    card = bench.desk.finish(student, replace(POLICY, send_picture=True), portrait=a_portrait(student))
    bench.server.script += [Trick.FORWARD, Trick.FORWARD, REFUSED]
    assert bench.work().parked == 1
    life.block(card.escn, act=CardAct.REPORT_LOST)
    bench.work()
    assert at_router(bench, card)[0] == "INACTIVE"
    assert [e.kind for e in bench.desk.store.outbox.entries()] == [OutboxKind.PICTURE]


def test_in_one_run_too_a_refused_picture_holds_nothing_back(bench: RouterBench, life: Lifecycle) -> None:
    student = a_student(next(_numbers))
    bench.desk.know(student)
    card = bench.desk.finish(student, replace(POLICY, send_picture=True), portrait=a_portrait(student))
    life.block(card.escn, act=CardAct.REPORT_LOST)
    bench.server.script += [Trick.FORWARD, Trick.FORWARD, REFUSED]
    bench.work()
    assert at_router(bench, card)[0] == "INACTIVE"


def test_a_card_whose_last_change_was_refused_is_not_registered(
    bench: RouterBench, life: Lifecycle, card: Card
) -> None:
    life.block(card.escn)
    bench.server.script += [Trick.FORWARD, Trick.FORWARD, REFUSED]  # the person, the card, and the block
    assert (bench.work().parked, at_router(bench, card)[0]) == (1, "ACTIVE")
    assert bench.registration(card) is Registration.PARKED
    bench.worker.retry()
    bench.work()
    assert bench.registration(card) is Registration.REGISTERED
    assert at_router(bench, card)[0] == "INACTIVE"


def test_what_is_done_to_a_card_that_is_held_up_waits_with_it(bench: RouterBench, life: Lifecycle, card: Card) -> None:
    bench.server.script.append(GONE)
    bench.work()
    assert life.block(card.escn).registration is Registration.PARKED
    bench.work()
    assert bench.registration(card) is Registration.PARKED


class LifeMachine(RuleBasedStateMachine):
    """Two holders' cards, a router that is away now and then, and an operator who tries everything."""

    bench: RouterBench
    life: Lifecycle

    def __init__(self) -> None:
        super().__init__()
        self.holders: list[Holder] = []
        self.cards: list[Card] = []

    @initialize()
    def begin(self) -> None:
        for _ in range(2):
            student = a_student(next(_numbers))
            self.bench.desk.know(student)
            self.holders.append(student)
            self.cards.append(self.bench.desk.finish(student))

    @rule(which=st.integers(0, 1), act=st.sampled_from([CardAct.BLOCK, CardAct.REPORT_LOST, CardAct.REPORT_STOLEN]))
    def block(self, which: int, act: CardAct) -> None:
        self.tried(lambda: self.life.block(self.cards[which].escn, act=act))

    @rule(which=st.integers(0, 1))
    def unblock(self, which: int) -> None:
        self.tried(lambda: self.life.unblock(self.cards[which].escn))

    @rule(which=st.integers(0, 1), days=st.integers(-5, 900))
    def extend(self, which: int, days: int) -> None:
        until = self.cards[which].expires_on + timedelta(days=days)
        self.tried(lambda: self.life.extend(self.cards[which].escn, until))

    @rule(which=st.integers(0, 1))
    def revoke(self, which: int) -> None:
        self.tried(lambda: self.life.revoke(self.cards[which].escn))

    @rule(which=st.just(1))
    def withdraw(self, which: int) -> None:
        self.life.withdraw_consent(self.holders[which])

    @rule(which=st.just(1))
    def agree(self, which: int) -> None:
        self.life.agree_again(self.holders[which])

    @rule()
    def send(self) -> None:
        self.bench.work()

    @invariant()
    def nothing_is_exported_of_who_does_not_agree(self) -> None:
        store = self.bench.desk.store
        for holder in self.holders:
            if not agrees(store, holder.id):
                theirs = {card.escn for card in store.cards.of_holder(holder.id)}
                assert all(e.kind in DELETIONS for e in store.outbox.entries() if e.escn in theirs)

    def teardown(self) -> None:
        if not self.cards:
            return
        self.bench.work()
        store = self.bench.desk.store
        assert not [e for e in store.outbox.entries() if e.state is not OutboxState.DONE]
        for card in self.cards:
            here = store.cards.get(card.escn)
            assert here is not None
            assert store.cards.history(card.escn)[-1].state is here.state
            forgotten = here.registration is Registration.NOT_NEEDED  # withdrawn, and ended when they agreed again
            if forgotten or not agrees(store, here.holder_id):
                with pytest.raises(RouterNotFoundError):
                    self.bench.router.card_status(card.escn)
                continue
            wanted = "ACTIVE" if here.state is CardState.ACTIVE else "INACTIVE"
            assert at_router(self.bench, here) == (wanted, here.expires_on)

    @staticmethod
    def tried(do: Callable[[], object]) -> None:
        with suppress(InputError):
            do()


def test_here_and_the_router_agree_in_the_end(bench: RouterBench, life: Lifecycle) -> None:
    class Machine(LifeMachine):
        pass

    Machine.bench, Machine.life = bench, life
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
