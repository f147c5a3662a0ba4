"""The router that is not the one it was: nothing more is sent until somebody has decided."""

from __future__ import annotations

import itertools
import sqlite3

import pytest

from station.adapters.router.address import RouterAddress
from station.adapters.router.http import HttpRouter
from station.domain.card import Card, Registration
from station.domain.errors import RouterStrangeError
from station.services.outbox_safety import ENOUGH_WITNESSES, LOOK_AFTER_S
from station.services.outbox_worker import LOOK_AGAIN_S
from station.services.registration import removal_for
from tests.helpers.finished_cards import NOW, POLICY, a_student
from tests.helpers.router_bench import RouterBench
from tests.helpers.sandbox import KEY, PIC, RunningSandbox

_hundreds = itertools.count(100, 100)
STOPPED = pytest.mark.expects_log("station.services.outbox_worker", "nothing more is sent")


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


@pytest.fixture
def number() -> int:
    return next(_hundreds)


def registered(bench: RouterBench, first: int, count: int) -> list[Card]:
    cards = [bench.finish(first + each) for each in range(count)]
    assert bench.work().sent == 2 * count
    return cards


def forget_everything(sandbox: RunningSandbox) -> None:
    """Empty the router, as whoever restores an old copy of it does."""
    connection = sqlite3.connect(sandbox.folder / "router.sqlite", isolation_level=None)
    for table in ("cards", "memberships", "persons"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
    connection.close()


@STOPPED
def test_a_router_that_was_emptied_gets_nothing(bench: RouterBench, sandbox: RunningSandbox, number: int) -> None:
    registered(bench, number, ENOUGH_WITNESSES)
    forget_everything(sandbox)
    waiting = bench.finish(number + 50)
    bench.worker = bench.new_worker()
    bench.server.heard.clear()
    report = bench.work()
    assert (report.sent, type(report.error)) == (0, RouterStrangeError)
    assert all(told.startswith("GET cards") for told in bench.told())
    assert bench.registration(waiting) is Registration.QUEUED
    assert isinstance(bench.said[-1], RouterStrangeError)


@STOPPED
def test_it_goes_on_by_itself_when_the_router_is_back_as_it_was(
    bench: RouterBench, sandbox: RunningSandbox, number: int
) -> None:
    cards = registered(bench, number, ENOUGH_WITNESSES)
    forget_everything(sandbox)
    waiting = bench.finish(number + 50)
    bench.worker = bench.new_worker()
    bench.work()
    with HttpRouterOf(sandbox) as other_desk:
        other_desk.tell(bench, cards)
    bench.clock.pass_time(LOOK_AGAIN_S)
    assert bench.work().sent == 2
    assert bench.registration(waiting) is Registration.REGISTERED


@STOPPED
def test_a_person_may_say_that_it_was_on_purpose(bench: RouterBench, sandbox: RunningSandbox, number: int) -> None:
    registered(bench, number, ENOUGH_WITNESSES)
    forget_everything(sandbox)
    bench.finish(number + 50)
    bench.worker = bench.new_worker()
    assert bench.work().sent == 0
    bench.worker.accept_router()
    assert bench.work().sent == 2
    # ... and a restart does not ask again: cards of before prove nothing any more.
    bench.worker = bench.new_worker()
    bench.finish(number + 51)
    assert bench.work().sent == 2


@STOPPED
def test_it_is_noticed_in_the_middle_of_the_work(bench: RouterBench, sandbox: RunningSandbox, number: int) -> None:
    cards = registered(bench, number, ENOUGH_WITNESSES)
    forget_everything(sandbox)
    # The worker has looked lately; but a card whose person is unknown there makes it look again.
    entry = bench.card_entry(cards[0])
    bench.desk.store.outbox.add(
        [type(entry)(**{**_fields(entry), "key": "card:again", "state": "waiting", "sequence": 0})]
    )
    bench.finish(number + 50)
    report = bench.work()
    assert isinstance(report.error, RouterStrangeError)


def test_one_card_that_was_taken_away_by_hand_stops_nothing(
    bench: RouterBench, sandbox: RunningSandbox, number: int
) -> None:
    (card,) = registered(bench, number, 1)
    bench.router.delete_card(card.escn)
    with HttpRouterOf(sandbox) as other_desk:
        other_desk.tell(bench, [bench.finish(number + 60)])  # the router is not empty
    bench.finish(number + 50)
    bench.worker = bench.new_worker()
    assert bench.work().error is None


def test_what_the_station_took_away_itself_is_no_sign(bench: RouterBench, number: int) -> None:
    cards = registered(bench, number, ENOUGH_WITNESSES)
    for index, card in enumerate(cards):
        bench.desk.store.outbox.add(removal_for(card, a_student(number + index), POLICY, NOW))
    bench.work()
    bench.finish(number + 50)
    bench.worker = bench.new_worker()
    assert (bench.work().sent, bench.work().error) == (2, None)


def test_the_router_is_looked_at_now_and_then_only(bench: RouterBench, number: int) -> None:
    registered(bench, number, ENOUGH_WITNESSES)
    bench.worker = bench.new_worker()
    looks = []
    for each in range(4):
        bench.server.heard.clear()
        bench.finish(number + 50 + each)
        bench.work()
        looks.append(bench.told().count("GET cards"))
        bench.clock.pass_time(LOOK_AFTER_S / 3 + 1)
    assert looks == [1, 0, 0, 1]


class HttpRouterOf:
    """Another desk, which registers at the same router."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self._router = HttpRouter(
            RouterAddress(sandbox.address, timeout_s=20), pic=PIC, institution="Other", key=KEY.encode
        )

    def __enter__(self) -> HttpRouterOf:
        return self

    def __exit__(self, *_error: object) -> None:
        self._router.close()

    def tell(self, bench: RouterBench, cards: list[Card]) -> None:
        """Register these cards, as the outbox has them."""
        from station.services.registration import card_of, person_of

        for card in cards:
            entries = [e for e in bench.desk.store.outbox.entries(unfinished=False) if e.escn == card.escn]
            self._router.put_person(person_of(entries[0].payload))
            self._router.put_card(card_of(entries[1].payload))


def _fields(entry: object) -> dict[str, object]:
    return {name: getattr(entry, name) for name in entry.__slots__}  # type: ignore[attr-defined]
