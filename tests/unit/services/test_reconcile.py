"""Cards here against a real sandbox's, both ways; each kind of difference, and how it is settled."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from station.domain.card import Card, CardState
from station.domain.errors import (
    Cancelled,
    InputError,
    RouterAddressError,
    RouterNotFoundError,
    RouterUnreachableError,
)
from station.ports.router import CardChange, RouterCard, RouterCardStatus, RouterPerson
from station.ports.store import CardUpdate
from station.services.journal import Journal, Who
from station.services.lifecycle import Lifecycle
from station.services.reconcile import Difference, Finding, Group, Reconciliation, leave, settle, would_queue
from station.services.registration import card_of, card_payload
from tests.helpers.desks import desk_settings
from tests.helpers.finished_cards import NOW, POLICY, a_card, a_student
from tests.helpers.http_server import Answer, Trick
from tests.helpers.router_bench import GONE, NO_SUCH, NOT_FROM_HERE, NOT_YOURS, RouterBench
from tests.helpers.sandbox import RunningSandbox, running_sandbox

_numbers = itertools.count(9000)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


@pytest.fixture
def life(bench: RouterBench, tmp_path: Path) -> Lifecycle:
    journal = Journal(bench.desk.store, bench.clock, Who("Anna", "Desk 1"))
    return Lifecycle(journal, desk_settings(tmp_path), lambda _: POLICY, changed=bench.worker.queue_changed)


def comparison(bench: RouterBench) -> Reconciliation:
    return Reconciliation(bench.desk.store, bench.router, lambda _: POLICY, ("rtu",), today=NOW.date())


def found(bench: RouterBench, *, thorough: bool = False) -> list[Finding]:
    run = comparison(bench)
    return list(run.findings(cancel=threading.Event(), progress=lambda _s, _p: None, thorough=thorough))


def cards(bench: RouterBench, count: int) -> list[Card]:
    made = [bench.finish(next(_numbers)) for _ in range(count)]
    bench.work()
    return made


def only_there(bench: RouterBench) -> Card:
    """Register a card that this store has never had."""
    student = a_student(next(_numbers))
    bench.router.put_person(RouterPerson(student.esi or "", student.full_name, None, POLICY.pic))
    card = a_card(student)
    bench.router.put_card(card_of(card_payload(card, student, POLICY)))
    return card


def test_pages_that_agree_say_nothing(bench: RouterBench) -> None:
    cards(bench, 23)
    run = comparison(bench)
    shares: list[float] = []
    assert list(run.findings(cancel=threading.Event(), progress=lambda _s, p: shares.append(p), thorough=True)) == []
    assert (run.tally.there, run.tally.here, run.tally.queued, run.tally.same) == (23, 23, 0, True)
    assert shares == [10 / 23, 20 / 23, 1.0]


def test_what_waits_in_the_queue_is_no_difference(bench: RouterBench, life: Lifecycle) -> None:
    (one,) = cards(bench, 1)
    bench.finish(next(_numbers))
    life.block(one.escn)
    run = comparison(bench)
    assert list(run.findings(cancel=threading.Event(), progress=lambda _s, _p: None)) == []
    assert (run.tally.here, run.tally.queued) == (2, 2)


def test_each_difference_is_found_and_settled(bench: RouterBench, life: Lifecycle) -> None:
    lost, other_day, fine = cards(bench, 3)
    bench.router.delete_card(lost.escn)
    bench.router.change_card(other_day.escn, CardChange(expires_on=date(2029, 1, 31)))
    strange = only_there(bench)
    findings = {finding.escn: finding for finding in found(bench)}
    assert {escn: f.group for escn, f in findings.items()} == {
        lost.escn: Group.MISSING_THERE,
        other_day.escn: Group.DIFFERS,
        strange.escn: Group.MISSING_HERE,
    }
    assert findings[other_day.escn].differences == (Difference("expires_on", "2030-08-31", "2029-01-31"),)
    assert bench.desk.store.outbox.summary().waiting == 0, "looking changes nothing"
    for finding in findings.values():
        assert settle(finding, life, bench.desk.store)
    report = bench.work()
    assert (report.parked, report.failed) == (0, 0)
    assert found(bench, thorough=True) == []
    with pytest.raises(RouterNotFoundError):
        bench.router.card_status(strange.escn)
    assert bench.router.card_status(fine.escn).status == "ACTIVE"


def test_a_blocked_card_that_is_active_there_is_found_without_asking_for_all(bench: RouterBench) -> None:
    blocked, active = cards(bench, 2)
    store = bench.desk.store
    before = store.cards.get(blocked.escn)
    assert before is not None
    store.cards.update(CardUpdate(before, replace(before, state=CardState.BLOCKED), NOW))
    bench.router.change_card(active.escn, CardChange(status=RouterCardStatus.INACTIVE))
    assert [(f.escn, f.differences) for f in found(bench)] == [
        (blocked.escn, (Difference("status", "INACTIVE", "ACTIVE"),))
    ]
    assert [f.escn for f in found(bench, thorough=True)] == [blocked.escn, active.escn]


def test_who_does_not_agree_should_be_gone(bench: RouterBench, life: Lifecycle) -> None:
    (card,) = cards(bench, 1)
    holder = bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    life.withdraw_consent(holder)
    assert found(bench) == [], "the deletion waits"
    bench.work()
    # Somebody registers it there by hand again.
    bench.router.put_person(RouterPerson(holder.esi or "", holder.full_name, None, POLICY.pic))
    bench.router.put_card(card_of(card_payload(card, holder, POLICY)))
    (unwanted,) = found(bench)
    assert unwanted.group is Group.UNWANTED
    assert settle(unwanted, life, bench.desk.store)
    bench.work()
    assert found(bench) == []


def test_another_institutions_card_is_left_to_a_person(
    bench: RouterBench, sandbox: RunningSandbox, life: Lifecycle
) -> None:
    card, _another = cards(bench, 2)
    bench.router.delete_card(card.escn)
    told = bench.card_entry(card).payload
    with sandbox.client(key=b"key-of-the-other-institution", pic="999859608") as other:
        other.put_person(RouterPerson(str(told["esi"]), "Žanete", None, "999859608"))
        theirs: RouterCard = replace(card_of(told), issuer_pic="999859608")
        other.put_card(theirs)
    (finding,) = found(bench)
    assert finding.group is Group.ELSEWHERE
    with pytest.raises(InputError, match="another institution"):
        settle(finding, life, bench.desk.store)


@pytest.mark.parametrize(
    ("answer", "group"),
    [(NO_SUCH, Group.MISSING_THERE), (GONE, Group.MISSING_THERE), (NOT_YOURS, Group.ELSEWHERE)],
)
@pytest.mark.parametrize("listed", [True, False])
def test_one_card_that_is_not_shown_holds_up_no_other(
    bench: RouterBench, life: Lifecycle, answer: Answer, group: Group, listed: bool
) -> None:
    hidden, lost = cards(bench, 2)
    bench.router.delete_card(lost.escn)
    if listed:
        life.block(hidden.escn)
        bench.work()
    else:
        bench.router.delete_card(hidden.escn)
        only_there(bench)
    bench.server.script.extend([Trick.FORWARD, answer])
    groups = {finding.escn: finding.group for finding in found(bench)}
    assert (groups[hidden.escn], groups[lost.escn]) == (group, Group.MISSING_THERE)


def test_a_network_that_is_not_let_in_is_no_difference(bench: RouterBench) -> None:
    (lost, _other) = cards(bench, 2)
    bench.router.delete_card(lost.escn)
    bench.server.script.extend([Trick.FORWARD, NOT_FROM_HERE, NOT_FROM_HERE])
    with pytest.raises(RouterAddressError):
        found(bench)


def test_a_comparison_can_be_stopped_and_tells_when_nobody_answers(bench: RouterBench) -> None:
    cards(bench, 1)
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        list(comparison(bench).findings(cancel=stop, progress=lambda _s, _p: None))
    bench.server.script += [Trick.CUT_BEFORE] * 20
    with pytest.raises(RouterUnreachableError):
        found(bench)


def test_what_is_left_as_it_is_stays_so_until_something_else_differs(bench: RouterBench, life: Lifecycle) -> None:
    (card,) = cards(bench, 1)
    bench.router.change_card(card.escn, CardChange(expires_on=date(2027, 1, 31)))
    (finding,) = found(bench)
    assert not finding.left
    leave(finding, life, bench.desk.store)
    run = comparison(bench)
    (again,) = run.findings(cancel=threading.Event(), progress=lambda _s, _p: None)
    assert again == replace(finding, left=True)
    assert (run.tally.left, run.tally.groups.total()) == (1, 1)
    bench.router.change_card(card.escn, CardChange(expires_on=date(2027, 2, 28)))
    (other,) = found(bench)
    assert not other.left, "that is another difference"


def test_what_would_be_queued_is_what_is_queued(bench: RouterBench, life: Lifecycle) -> None:
    lost, other_day = cards(bench, 2)
    bench.router.delete_card(lost.escn)
    bench.router.change_card(other_day.escn, CardChange(expires_on=date(2029, 1, 31)))
    strange = only_there(bench)
    store = bench.desk.store
    for finding in found(bench):
        planned = would_queue(finding, life, store)
        assert store.outbox.summary().waiting == 0, "looking ahead writes nothing"
        assert settle(finding, life, store)
        assert [e.kind for e in planned] == [e.kind for e in store.outbox.entries(unfinished=True)], finding.group
        assert would_queue(finding, life, store) == (), "it waits already"
        assert not settle(finding, life, store)
        bench.work()
    assert strange.escn not in [finding.escn for finding in found(bench)]
    assert would_queue(Finding(Group.ELSEWHERE, lost.escn), life, store) == ()
