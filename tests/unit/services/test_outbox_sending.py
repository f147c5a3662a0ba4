"""Every kind of entry, as the router hears it: removal, withdrawal, change, replacement, and what is only asked."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest

from station.domain.card import Card, CardScheme, CardState
from station.domain.errors import RouterNotFoundError
from station.domain.holder import Holder
from station.domain.outbox import DOWNLOADS, OutboxState
from station.services.registration import (
    removal_for,
    replacement_for,
    status_for,
    update_for,
    withdrawal_for,
)
from tests.helpers.finished_cards import NOW, POLICY, a_card, a_portrait, a_student
from tests.helpers.router_bench import NO_KEY, RouterBench

_hundreds = itertools.count(100, 100)


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


@pytest.fixture
def student() -> Holder:
    return a_student(next(_hundreds))


@pytest.fixture
def card(bench: RouterBench, student: Holder) -> Card:
    """Return a card that is registered."""
    bench.desk.know(student)
    card = bench.desk.finish(student)
    bench.work()
    bench.finish(next(_hundreds))
    bench.work()  # with a look at the router, of which there is no more for a while
    bench.server.heard.clear()
    return card


def test_a_blocked_card_is_changed_and_not_made_anew(bench: RouterBench, student: Holder, card: Card) -> None:
    blocked = replace(card, state=CardState.BLOCKED)
    bench.desk.store.outbox.add(update_for(blocked, student, POLICY, NOW, 1))
    assert bench.work().sent == 1
    assert bench.told() == ["GET cards", "PUT cards"]
    assert bench.router.card_status(card.escn).status == "INACTIVE"
    bench.desk.store.outbox.add(update_for(card, student, POLICY, NOW, 2))
    bench.work()
    assert bench.router.card_status(card.escn).status == "ACTIVE"


def test_an_extension_is_a_new_day_and_active_in_one_request(bench: RouterBench, student: Holder, card: Card) -> None:
    longer = replace(card, expires_on=date(2032, 8, 31))
    bench.desk.store.outbox.add(update_for(longer, student, POLICY, NOW, 1))
    bench.work()
    found = bench.router.card(card.escn)
    assert (found.expires_on, found.status) == (date(2032, 8, 31), "ACTIVE")


def test_a_card_that_was_blocked_before_the_router_heard_of_it_is_made_inactive(
    bench: RouterBench, student: Holder, card: Card
) -> None:
    unknown = replace(a_card(student), state=CardState.LOST)
    bench.desk.store.outbox.add(update_for(unknown, student, POLICY, NOW, 1))
    assert bench.work().sent == 1
    assert bench.told() == ["GET cards", "POST cards"]
    assert bench.router.card(unknown.escn).status == "INACTIVE"


def test_a_replaced_card_goes_inactive_before_the_new_one_comes(
    bench: RouterBench, student: Holder, card: Card
) -> None:
    new = a_card(student)
    old = replace(card, state=CardState.REPLACED, reason=new.escn)
    bench.desk.store.outbox.add(replacement_for(old, new, student, POLICY, NOW))
    assert bench.work().sent == 3
    puts = [told for told in bench.told() if not told.startswith("GET")]
    assert puts == ["PUT cards", "POST persons", "POST cards"]
    assert [bench.router.card_status(escn).status for escn in (old.escn, new.escn)] == ["INACTIVE", "ACTIVE"]


def test_a_removal_makes_the_router_forget_the_card_and_twice_is_once(
    bench: RouterBench, student: Holder, card: Card
) -> None:
    (entry,) = removal_for(card, student, POLICY, NOW)
    bench.desk.store.outbox.add([entry, replace(entry, key="delete-card:again", sequence=1)])
    assert bench.work().sent == 2
    with pytest.raises(RouterNotFoundError):
        bench.router.card_status(card.escn)
    said = [bench.entry(key).last_params["did"] for key in (entry.key, "delete-card:again")]
    assert said == ["deleted", "was not there"]


def test_who_agrees_no_more_is_forgotten_with_everything(bench: RouterBench, student: Holder) -> None:
    bench.desk.know(student)
    with_picture = replace(POLICY, send_picture=True)
    card = bench.desk.finish(student, with_picture, portrait=a_portrait(student))
    bench.work()
    assert bench.router.picture(str(student.esi))[:2] == b"\xff\xd8"
    bench.desk.store.outbox.add(withdrawal_for([card], student, POLICY, NOW))
    bench.server.heard.clear()
    assert bench.work().sent == 3
    assert bench.told() == ["DELETE cards", "DELETE organisations", "DELETE persons"]
    with pytest.raises(RouterNotFoundError):
        bench.router.person(str(student.esi))


def test_nothing_is_removed_of_whom_the_router_never_heard(student: Holder) -> None:
    staff = a_card(student, scheme=CardScheme.STAFF)
    no_esi = a_student(1, esi=False)
    assert removal_for(staff, student, POLICY, NOW) == ()
    assert withdrawal_for([a_card(no_esi)], no_esi, POLICY, NOW) == ()
    assert withdrawal_for([a_card(student)], student, replace(POLICY, enabled=False), NOW) == ()


def test_the_public_status_is_asked_in_a_lane_of_its_own(bench: RouterBench, student: Holder, card: Card) -> None:
    asked = status_for(card.escn, POLICY.pic, NOW)
    bench.desk.store.outbox.add([asked])
    assert asked.lane == DOWNLOADS
    assert bench.work().sent == 0, "it is asked, and not told"
    assert bench.entry(asked.key).last_params == {
        "status": "ACTIVE",
        "issuer": "Rīgas Demonstrācijas universitāte",
        "expires_on": "2030-08-31",
    }
    assert "authorization" not in bench.server.heard[-1].headers


def test_downloads_go_on_when_uploads_are_refused(bench: RouterBench, student: Holder, card: Card) -> None:
    bench.finish(next(_hundreds))
    asked = status_for(card.escn, POLICY.pic, NOW)
    bench.desk.store.outbox.add([asked])
    bench.server.script.extend([NO_KEY, NO_KEY])
    report = bench.work()
    assert report.error is not None
    assert bench.said[-1] is report.error, "that the other lane was answered takes nothing back"
    assert bench.entry(asked.key).state is OutboxState.DONE


def test_uploads_go_on_when_a_download_fails(bench: RouterBench, student: Holder, card: Card) -> None:
    unknown = status_for(a_card(student).escn, POLICY.pic, NOW)
    bench.desk.store.outbox.add([unknown])
    bench.finish(next(_hundreds))
    report = bench.work()
    assert (report.sent, report.parked) == (2, 0)
    assert bench.entry(unknown.key).state is OutboxState.WAITING


def test_both_clocks_times_are_kept(bench: RouterBench, student: Holder) -> None:
    bench.clock.set_wrong(timedelta(days=-400))
    bench.desk.know(student)
    card = bench.desk.finish(student)
    bench.server.told_time = "Tue, 01 Sep 2026 09:30:00 GMT"
    bench.work()
    entry = bench.card_entry(card)
    assert entry.done_at == NOW - timedelta(days=400)
    assert entry.router_at == NOW + timedelta(hours=1, minutes=30)
