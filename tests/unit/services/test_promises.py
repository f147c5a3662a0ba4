"""Promises: made by handing a card over, kept by its registration, whoever brings that about."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from station.domain.card import Card, CardScheme, CardState, Registration
from station.i18n import MIRROR_LANGUAGES, Translator
from station.ports.store import CardUpdate
from station.services.notice import PROMISE, PROMISE_TITLE
from station.services.promises import GRACE, Promises, promise_of, promises, slip_at, slip_of
from station.services.registration import update_for
from tests.helpers.desks import open_test_desk
from tests.helpers.finished_cards import NOW, POLICY, a_card, a_student
from tests.helpers.http_server import Trick
from tests.helpers.router_bench import REFUSED, RouterBench

_hundreds = itertools.count(50_000, 100)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


def made(bench: RouterBench) -> Promises:
    return promises(bench.desk.store, bench.clock.now(), since=NOW - timedelta(hours=8))


def stored(bench: RouterBench, card: Card) -> Card:
    found = bench.desk.store.cards.get(card.escn)
    assert found is not None
    return found


def test_a_promise_is_kept_by_itself_when_the_card_is_registered(bench: RouterBench) -> None:
    card = bench.finish(next(_hundreds))
    assert made(bench) == Promises(), "it is only on its way"
    bench.clock.pass_time(3600)
    (promise,) = made(bench).open
    assert (promise.card.escn, promise.made_at, promise.kept_at, promise.stuck) == (card.escn, NOW, None, False)
    assert promise.holder is not None
    assert promise.why is None
    bench.work()
    assert made(bench).open == ()
    (kept,) = made(bench).kept
    assert (kept.card.escn, kept.made_at, kept.kept_at, kept.todo) == (card.escn, NOW, LATER, None)
    assert promise_of(bench.desk.store, stored(bench, card)) is None


def test_what_is_registered_at_once_is_no_promise(bench: RouterBench) -> None:
    bench.finish(next(_hundreds))
    bench.clock.pass_time(GRACE.total_seconds() - 1)
    bench.work()
    bench.clock.pass_time(3600)
    assert made(bench) == Promises()


def test_why_it_waits_is_told_and_what_to_do_when_it_is_stuck(bench: RouterBench) -> None:
    for _each in range(2):
        bench.finish(next(_hundreds))
        bench.work()  # with a look at the router, of which there is no more for a while
    card = bench.finish(next(_hundreds))
    bench.clock.pass_time(120)
    bench.server.script.extend([Trick.CUT_BEFORE] * 3)
    bench.work()
    (waiting,) = made(bench).open
    assert not waiting.stuck
    assert waiting.todo is None
    assert "reached" in Translator("en").message(waiting.why or pytest.fail("nothing was answered"))
    bench.server.script.clear()
    bench.server.script.append(REFUSED)
    bench.clock.pass_time(60)
    bench.work()
    (stuck,) = made(bench).open
    assert (stuck.card.escn, stuck.stuck) == (card.escn, True)
    assert stuck.todo is not None
    assert "email" in Translator("en").message(stuck.why or pytest.fail("nothing was answered"))


def test_a_change_of_a_registered_card_is_no_promise(bench: RouterBench) -> None:
    card = bench.finish(next(_hundreds))
    bench.work()
    before = stored(bench, card)
    holder = bench.desk.store.holders.get(card.holder_id)
    assert holder is not None
    blocked = replace(before, state=CardState.BLOCKED, registration=Registration.QUEUED)
    told = update_for(blocked, holder, POLICY, bench.clock.now(), 1)
    bench.desk.store.cards.update(CardUpdate(before, blocked, NOW, outbox=told))
    bench.clock.pass_time(3600)
    assert made(bench).open == ()


def test_guests_and_staff_are_promised_nothing(bench: RouterBench) -> None:
    student = a_student(next(_hundreds))
    bench.desk.know(student)
    bench.desk.record(a_card(student, scheme=CardScheme.STAFF), student)
    bench.clock.pass_time(3600)
    assert made(bench) == Promises()


def test_the_slip_says_it_in_every_language_and_names_nobody() -> None:
    student = a_student(1)
    card = a_card(student)
    address = "https://s.esc-r.eu/"
    slip = slip_of(card, "Uni", languages=("lv", "en", "uk", "ru", "en"), address=address, station="Desk 1")
    assert len(slip.texts) == 4
    for language, text in zip(("lv", "en", "uk", "ru"), slip.texts, strict=True):
        tr = Translator(language, MIRROR_LANGUAGES)
        assert (text.title, text.words) == (tr.text(PROMISE_TITLE), tr.text(PROMISE))
    assert len({text.words for text in slip.texts}) == 4
    assert slip.address == address + card.escn
    assert student.family_name not in repr(slip)


def test_the_slip_of_a_desk_is_its_institutions(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        card = hands.desk.issuances.hand_over(hands.verified().id)
        slip = slip_at(hands.desk, card)
    assert slip.issuer == hands.desk.settings.institution.name
    assert hands.desk.settings.station.name in slip.foot
