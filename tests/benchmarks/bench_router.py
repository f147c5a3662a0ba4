"""1,000 finished cards (person and card) told to a router that is 50 ms late; beside the floor and the single parts."""

from __future__ import annotations

import itertools
import resource
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.clock import SystemClock
from station.adapters.router.crew import ThreadCrew
from station.domain.card import Card
from station.domain.holder import Holder
from station.services.outbox_worker import OutboxWorker, WorkerOptions
from station.services.registration import card_of, card_payload, person_of, person_payload
from tests.helpers.finished_cards import NOW, POLICY, Desk, a_card, a_student
from tests.helpers.sandbox import RunningSandbox, running_sandbox

CARDS = 1000
FEW = 100
LATE_S = 0.05
_thousands = itertools.count(10_000, 10_000)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def late(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """Give the sandbox with each answer 50 ms late."""
    sandbox.dial.set("router", "slow", LATE_S)
    yield sandbox
    sandbox.dial.clear()


def _students(count: int) -> list[Holder]:
    first = next(_thousands)
    return [a_student(first + number) for number in range(count)]


def _queued(folder: Path, count: int) -> Desk:
    """Return a desk with that many finished cards."""
    desk = Desk(folder / "station.db")
    students = _students(count)
    desk.know(*students)
    for student in students:
        desk.finish(student)
    return desk


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("at_once", [16, 64])
def test_1000_queued_cards_are_registered(
    benchmark: BenchmarkFixture, late: RunningSandbox, tmp_path_factory: pytest.TempPathFactory, at_once: int
) -> None:
    """Person and card each, every outcome durably recorded; one round trip each at so many at once is the bound."""
    benchmark.extra_info["bound_s"] = 2 * LATE_S * CARDS / at_once
    spent: list[float] = []
    with late.client(timeout_s=30.0) as router:

        def setup() -> tuple[tuple[Desk], dict[str, object]]:
            return (_queued(tmp_path_factory.mktemp("desk"), CARDS),), {}

        def drain(desk: Desk) -> None:
            options = WorkerOptions(
                crew=lambda: ThreadCrew(at_once + 1), in_flight_start=at_once, in_flight_max=at_once
            )
            before = _cpu_s()
            report = OutboxWorker(desk.store, router, SystemClock(), options).run_once(threading.Event())
            spent.append(_cpu_s() - before)
            assert report.sent == 2 * CARDS
            desk.store.close()

        benchmark.pedantic(drain, setup=setup, rounds=3, iterations=1)
    benchmark.extra_info["client_cpu_s"] = sorted(spent)[1]


def test_1000_queued_cards_are_registered_and_read_back(
    benchmark: BenchmarkFixture, late: RunningSandbox, tmp_path: Path
) -> None:
    """As a station does: how others see each card is asked behind it; ``registered_s`` is when all were registered."""
    registered: list[float] = []
    desk = _queued(tmp_path, CARDS)
    with late.client(timeout_s=30.0) as router:

        def recorded() -> None:
            if not registered and desk.store.outbox.summary().waiting == 0:
                registered.append(time.perf_counter())

        def drain() -> float:
            options = WorkerOptions(crew=lambda: ThreadCrew(65), read_back=True, recorded=recorded)
            began = time.perf_counter()
            report = OutboxWorker(desk.store, router, SystemClock(), options).run_once(threading.Event())
            assert report.sent == 2 * CARDS
            return registered[0] - began

        benchmark.extra_info["registered_s"] = benchmark.pedantic(drain, rounds=1, iterations=1)
    assert desk.store.outbox.summary().done == 3 * CARDS
    desk.store.close()


def test_100_queued_cards_one_after_the_other(
    benchmark: BenchmarkFixture, late: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As a station without a crew does; ten times this is what 1,000 cost."""
    with late.client() as router:
        desks = iter([_queued(tmp_path_factory.mktemp("desk"), FEW)])

        def drain() -> None:
            desk = next(desks)
            assert OutboxWorker(desk.store, router, SystemClock()).run_once(threading.Event()).sent == 2 * FEW
            desk.store.close()

        benchmark.pedantic(drain, rounds=1, iterations=1)


@pytest.mark.parametrize("at_once", [16, 64])
def test_floor_of_1000_persons_and_cards_told(benchmark: BenchmarkFixture, late: RunningSandbox, at_once: int) -> None:
    """The same requests by the same client in as many threads, with no store at all."""
    with late.client(timeout_s=30.0) as router:

        def setup() -> tuple[tuple[list[tuple[Holder, Card]]], dict[str, object]]:
            return ([(student, a_card(student)) for student in _students(CARDS)],), {}

        def tell(pairs: list[tuple[Holder, Card]]) -> None:
            def some() -> None:
                while pairs:
                    try:
                        student, card = pairs.pop()
                    except IndexError:
                        return
                    router.put_person(person_of(person_payload(student, POLICY)))
                    router.put_card(card_of(card_payload(card, student, POLICY)))

            _in_threads(some, at_once)

        benchmark.pedantic(tell, setup=setup, rounds=3, iterations=1)


def test_floor_of_400_bare_requests(benchmark: BenchmarkFixture, sandbox: RunningSandbox) -> None:
    """As many requests to a page that does nothing: what httpx and the socket cost."""
    with httpx.Client(trust_env=False) as client:

        def ask() -> None:
            for _each in range(400):
                client.get(f"{sandbox.address}/api/v2/nowhere")

        benchmark.pedantic(ask, rounds=3, iterations=1)


def test_a_card_told_again(benchmark: BenchmarkFixture, sandbox: RunningSandbox) -> None:
    """What a crash between answer and record costs: a 409, a look, a comparison."""
    (student,) = _students(1)
    card = card_of(card_payload(a_card(student), student, POLICY))
    with sandbox.client() as router:
        router.put_person(person_of(person_payload(student, POLICY)))
        router.put_card(card)
        assert benchmark(lambda: router.put_card(replace(card))) == "same"


def test_a_page_of_a_queue_of_20000(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """What the worker reads at a time, from the middle of a long queue; and what the status bar asks, beside it."""
    desk = _queued(tmp_path, 10_000)
    outbox = desk.store.outbox
    now = NOW + timedelta(hours=1)
    middle = outbox.page("router", now, limit=5_000).after
    assert len(benchmark(lambda: outbox.page("router", now, after=middle, limit=100)).entries) == 200
    benchmark.extra_info["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    desk.store.close()


def test_the_sandbox_is_ready(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """From nothing to the first answer; the process is ended each time."""

    def start() -> None:
        with running_sandbox(tmp_path) as running, running.client() as router:
            router.ping()

    benchmark.pedantic(start, rounds=3, iterations=1)


def _in_threads(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _each in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
