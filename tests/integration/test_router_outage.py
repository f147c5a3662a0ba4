"""The router is away for four hours of a busy day: nobody waits, few requests are wasted, all is told in the end."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from station.adapters.router.crew import ThreadCrew
from station.domain.card import Registration
from station.ports.router import Crew
from tests.helpers.finished_cards import NOW
from tests.helpers.http_server import Trick, scripted_server
from tests.helpers.router_bench import BUSY, NOT_FROM_HERE, SIGN_IN_PAGE, UNWELL, RouterBench
from tests.helpers.sandbox import RunningSandbox, running_sandbox

OUTAGE = timedelta(hours=4)
A_CARD_EVERY = timedelta(minutes=15)
_thousands = itertools.count(1000, 1000)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


ALONE, TOGETHER = None, lambda: ThreadCrew(8)
TROUBLES = {"cut": Trick.CUT_BEFORE, "503": UNWELL, "429": BUSY, "403": NOT_FROM_HERE, "page": SIGN_IN_PAGE}
CASES = [(TOGETHER, "cut"), (ALONE, "429")]
if os.environ.get("STATION_SOAK"):
    CASES = [(crew, trouble) for crew in (ALONE, TOGETHER) for trouble in TROUBLES]


@pytest.fixture
def bench(crew: Callable[[], Crew] | None, tmp_path: Path, sandbox: RunningSandbox) -> Iterator[RouterBench]:
    with scripted_server(sandbox.address) as server:
        bench = RouterBench(tmp_path, server, crew=crew)
        yield bench
        bench.close()


@pytest.mark.parametrize(("crew", "name"), CASES)
def test_four_hours_without_the_router(bench: RouterBench, name: str) -> None:
    trouble = TROUBLES[name]
    base = next(_thousands)
    cards = [bench.finish(base)]
    end, next_card = bench.clock.now() + OUTAGE, bench.clock.now() + A_CARD_EVERY
    while bench.clock.now() < end:
        bench.server.script.clear()
        bench.server.script.extend([trouble] * 200)
        report = bench.work()
        assert report.sent == 0
        assert report.next_at is not None
        # The desk goes on: a card is finished every few minutes, and the worker is woken.
        due = min(max(report.next_at, bench.clock.now() + timedelta(seconds=1)), next_card)
        bench.clock.pass_time((due - bench.clock.now()).total_seconds())
        if bench.clock.now() >= next_card:
            cards.append(bench.finish(base + len(cards)))
            next_card += A_CARD_EVERY
    asked_in_vain = len(bench.server.heard)
    bench.server.script.clear()
    back = bench.clock.now()
    while bench.desk.store.outbox.summary().waiting:
        report = bench.work()
        if report.next_at is not None:
            wait = (report.next_at - bench.clock.now()).total_seconds()
            bench.clock.pass_time(max(1.0, wait))
    assert len(cards) == OUTAGE / A_CARD_EVERY + 1
    assert {bench.registration(card) for card in cards} == {Registration.REGISTERED}
    # Within a rest or two of the router's coming back everything is told; only what had a 5xx of its own may wait for
    # its turn. And it was not hammered while it was away.
    assert bench.clock.now() - back <= timedelta(minutes=12 if name == "503" else 3)
    assert asked_in_vain <= 2.5 * OUTAGE / timedelta(minutes=1)
    assert bench.desk.store.outbox.summary().oldest_at is None
    assert back > NOW
