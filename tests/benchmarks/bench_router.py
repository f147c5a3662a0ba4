"""200 finished cards told to the sandbox, one after the other; beside what the requests alone cost."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.clock import SystemClock
from station.domain.card import Card
from station.domain.holder import Holder
from station.services.outbox_worker import OutboxWorker
from station.services.registration import card_of, card_payload, person_of, person_payload
from tests.helpers.finished_cards import POLICY, Desk, a_card, a_student
from tests.helpers.sandbox import RunningSandbox, running_sandbox

CARDS = 200
_thousands = itertools.count(1000, 1000)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def _students() -> list[Holder]:
    first = next(_thousands)
    return [a_student(first + number) for number in range(CARDS)]


def test_200_queued_cards_are_registered(
    benchmark: BenchmarkFixture, sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Person and card each, every outcome durably recorded before the next request."""
    with sandbox.client() as router:

        def setup() -> tuple[tuple[Desk], dict[str, object]]:
            desk = Desk(tmp_path_factory.mktemp("desk") / "station.db")
            students = _students()
            desk.know(*students)
            for student in students:
                desk.finish(student)
            return (desk,), {}

        def drain(desk: Desk) -> None:
            report = OutboxWorker(desk.store, router, SystemClock()).run_once(threading.Event())
            assert report.sent == 2 * CARDS
            desk.store.close()

        benchmark.pedantic(drain, setup=setup, rounds=3, iterations=1)


def test_floor_of_200_persons_and_cards_told(benchmark: BenchmarkFixture, sandbox: RunningSandbox) -> None:
    """The same requests by the same client, with no store at all."""
    with sandbox.client() as router:

        def setup() -> tuple[tuple[list[tuple[Holder, Card]]], dict[str, object]]:
            return ([(student, a_card(student)) for student in _students()],), {}

        def tell(pairs: list[tuple[Holder, Card]]) -> None:
            for student, card in pairs:
                router.put_person(person_of(person_payload(student, POLICY)))
                router.put_card(card_of(card_payload(card, student, POLICY)))

        benchmark.pedantic(tell, setup=setup, rounds=3, iterations=1)


def test_floor_of_400_bare_requests(benchmark: BenchmarkFixture, sandbox: RunningSandbox) -> None:
    """As many requests to a page that does nothing: what httpx and the socket cost."""
    with httpx.Client(trust_env=False) as client:

        def ask() -> None:
            for _each in range(2 * CARDS):
                client.get(f"{sandbox.address}/api/v2/nowhere")

        benchmark.pedantic(ask, rounds=3, iterations=1)


def test_a_card_told_again(benchmark: BenchmarkFixture, sandbox: RunningSandbox) -> None:
    """What a crash between answer and record costs: a 409, a look, a comparison."""
    student = a_student(next(_thousands))
    card = card_of(card_payload(a_card(student), student, POLICY))
    with sandbox.client() as router:
        router.put_person(person_of(person_payload(student, POLICY)))
        router.put_card(card)
        assert benchmark(lambda: router.put_card(replace(card))) == "same"


def test_the_sandbox_is_ready(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """From nothing to the first answer; the process is ended each time."""

    def start() -> None:
        with running_sandbox(tmp_path) as running, running.client() as router:
            router.ping()

    benchmark.pedantic(start, rounds=3, iterations=1)
