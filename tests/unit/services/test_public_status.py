"""What is read back of a card after it was told: over a real socket, from the sandbox, and through trouble."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from station.adapters.router.crew import ThreadCrew
from station.domain.card import Card, CardState, Registration
from station.domain.outbox import OutboxState
from station.i18n import Translator
from station.ports.router import CardChange, RouterCardStatus
from station.ports.store import CardUpdate
from station.services.journal import Journal, Who
from station.services.lifecycle import Lifecycle
from station.services.outbox_lane import NOT_SHOWN
from station.services.public_status import RouterStanding, router_standing
from station.services.registration import status_for, status_key, update_for
from tests.helpers.desks import desk_settings
from tests.helpers.finished_cards import NOW, POLICY
from tests.helpers.http_server import Trick, scripted_server
from tests.helpers.router_bench import NO_SUCH, UNWELL, RouterBench
from tests.helpers.sandbox import PIC, RunningSandbox

_hundreds = itertools.count(40_000, 100)
EN, LV = Translator("en"), Translator("lv")


@pytest.fixture
def bench(tmp_path: Path, sandbox: RunningSandbox) -> Iterator[RouterBench]:
    with scripted_server(sandbox.address) as server:
        bench = RouterBench(tmp_path, server)
        bench.read_back = True
        bench.worker = bench.new_worker()
        yield bench
        bench.close()


def look_at_the_router(bench: RouterBench) -> None:
    """Have the worker look whether the router is the one it was: not again for a while."""
    for _each in range(2):
        bench.finish(next(_hundreds))
        bench.work()
    bench.server.heard.clear()


def standing(bench: RouterBench, card: Card) -> RouterStanding:
    found = bench.desk.store.cards.get(card.escn)
    assert found is not None
    return router_standing(bench.desk.store, found)


def words(bench: RouterBench, card: Card, tr: Translator = EN) -> str:
    return tr.message(standing(bench, card).message)


def test_a_card_that_was_told_is_looked_up_as_everybody_would(bench: RouterBench) -> None:
    card = bench.finish(next(_hundreds))
    assert words(bench, card) == "waits in the queue; the card is valid"
    assert bench.work().sent == 2
    assert bench.told() == ["POST persons", "POST cards", "GET cards"]
    assert "authorization" not in bench.server.heard[-1].headers
    seen = standing(bench, card)
    assert (seen.status, seen.expires_on, seen.read_at, seen.differs) == ("ACTIVE", date(2030, 8, 31), NOW, False)
    assert words(bench, card) == "everybody sees it as valid until 31 Aug 2030"


def test_nobody_is_told_that_a_card_is_valid_whose_blocking_waits(bench: RouterBench, tmp_path: Path) -> None:
    journal = Journal(bench.desk.store, bench.clock, Who("Anna", "Desk 1"))
    life = Lifecycle(journal, desk_settings(tmp_path), lambda _: POLICY, changed=bench.worker.queue_changed)
    card = bench.finish(next(_hundreds))
    life.block(card.escn)
    assert words(bench, card) == "the last change of the card waits in the queue"
    assert words(bench, card, LV) == "kartes pēdējā izmaiņa gaida sūtījumos"
    bench.work()
    assert words(bench, card) == "everybody sees it as blocked"


def test_many_are_looked_up_once_each(bench: RouterBench) -> None:
    bench.crew = lambda: ThreadCrew(5)
    bench.worker = bench.new_worker()
    cards = [bench.finish(next(_hundreds)) for _ in range(12)]
    bench.work()
    assert {standing(bench, card).status for card in cards} == {"ACTIVE"}
    assert bench.told().count("GET cards") == 12


def test_a_change_is_looked_up_anew_in_the_same_entry(bench: RouterBench) -> None:
    card = bench.finish(next(_hundreds))
    bench.work()
    store = bench.desk.store
    before = store.cards.get(card.escn)
    holder = store.holders.get(card.holder_id)
    assert before is not None
    assert holder is not None
    blocked = replace(before, state=CardState.BLOCKED, registration=Registration.QUEUED)
    store.cards.update(CardUpdate(before, blocked, NOW, outbox=update_for(blocked, holder, POLICY, NOW, 1)))
    bench.clock.pass_time(60)
    bench.work()
    seen = standing(bench, card)
    assert (seen.status, seen.differs, seen.read_at) == ("INACTIVE", False, bench.clock.now())
    assert words(bench, card) == "everybody sees it as blocked"
    entry = bench.entry(status_key(card.escn))
    assert entry.created_at == bench.clock.now()
    assert entry.attempts == 1


def test_what_others_see_and_should_not_is_noticed(bench: RouterBench) -> None:
    card = bench.finish(next(_hundreds))
    bench.work()
    bench.router.change_card(card.escn, CardChange(status=RouterCardStatus.INACTIVE), pic=PIC)
    bench.desk.store.outbox.update(status_for(card.escn, PIC, NOW))
    bench.work()
    assert standing(bench, card).differs


def test_the_card_is_registered_whatever_the_question_comes_to(bench: RouterBench) -> None:
    look_at_the_router(bench)
    card = bench.finish(next(_hundreds))
    bench.server.script.extend([Trick.FORWARD, Trick.FORWARD, UNWELL])
    report = bench.work()
    assert (report.sent, report.failed, bench.registration(card)) == (2, 0, Registration.REGISTERED)
    assert bench.desk.store.outbox.summary().waiting == 0, "no card waits"
    assert words(bench, card) == "registered; how others see it is not read back yet"
    assert [entry.kind for entry in bench.desk.store.outbox.entries()] == ["status"], "the queue shows it"
    assert report.next_at is not None
    bench.clock.pass_time(600)
    bench.work()
    assert standing(bench, card).status == "ACTIVE"


def test_a_card_that_is_never_shown_is_asked_for_five_times(bench: RouterBench) -> None:
    look_at_the_router(bench)
    card = bench.finish(next(_hundreds))
    bench.server.script.extend([Trick.FORWARD, Trick.FORWARD])
    for _each in range(6):
        bench.server.script.append(NO_SUCH)
        bench.work()
        bench.clock.pass_time(60)
    assert bench.told().count("GET cards") == 5
    seen = standing(bench, card)
    assert (seen.status, seen.differs) == (NOT_SHOWN, True)
    assert words(bench, card).startswith("took the card, but does not show it to others")
    assert bench.entry(status_key(card.escn)).state is OutboxState.DONE


def test_a_cut_cable_asks_again(bench: RouterBench) -> None:
    look_at_the_router(bench)
    card = bench.finish(next(_hundreds))
    bench.server.script.extend([Trick.FORWARD, Trick.FORWARD, *[Trick.CUT_AFTER] * 3])
    bench.work()
    assert standing(bench, card).status == ""
    bench.server.script.clear()
    bench.worker.retry()
    bench.work()
    assert standing(bench, card).status == "ACTIVE"


def test_a_card_that_is_not_told_has_no_status(bench: RouterBench) -> None:
    card = bench.finish(next(_hundreds))
    bench.work()
    bench.desk.store.cards.set_registration(card.escn, Registration.NOT_NEEDED)
    assert standing(bench, card) == RouterStanding(Registration.NOT_NEEDED, wanted="ACTIVE")
    assert words(bench, card) == "is not told of this card"


def test_every_standing_has_words_in_both_languages() -> None:
    statuses = ("", "ACTIVE", "INACTIVE", "EXPIRED", NOT_SHOWN, "SOMETHING_NEW")
    for registration, status, day in itertools.product(Registration, statuses, (None, date(2030, 8, 31))):
        message = RouterStanding(registration, status, "ACTIVE", day).message
        english, latvian = EN.message(message), LV.message(message)
        assert latvian not in ("", english)
        assert "{" not in english + latvian
        if status == "SOMETHING_NEW" and registration is Registration.REGISTERED:
            assert status in english
