"""How fast the store is: a step of a card against one bare wait for the disk, and search while typing."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import RootTransaction as Transaction

from station.adapters.store import SqlStore, open_store
from station.adapters.store.issuances import write_change
from station.domain.workflow import Began, Event
from station.ports.register import RegisterRow
from tests.helpers.scribe import NOON, Scribe, holder

pytestmark = pytest.mark.benchmark(group="store")

STEPS = 1000
# Parts of Baltic, Ukrainian and other names; put together they make as many different people as are asked for.
GIVEN = "Jānis Anna Mārtiņš Līga Kristīne Ģirts Žanete Олена Тарас Марія Łukasz Søren An Elīna Ķirils Ņina Zoé Juris"
FAMILY = (
    "Bērziņ Kalniņ Ozol Liepiņ Šķēl Ģērman Vītol Грищ Їжак Шевч Коваль Nowak Żół Ørst Nguy Ūdr Zariņ Āboliņ Ķikul"
    " Ļebed Petrov Müller García Szabó"
)
ENDS = "š a e is us ко енко ук ová ski son ez ó"


def people(count: int) -> Iterator[RegisterRow]:
    """Yield as many people, the same ones each time."""
    chance = random.Random(7)
    given, family, ends = GIVEN.split(), FAMILY.split(), ENDS.split()
    for n in range(count):
        first = " ".join(chance.sample(given, chance.choice((1, 1, 1, 2))))
        last = chance.choice(family) + chance.choice("aeiou") * chance.randint(0, 1) + chance.choice(ends)
        yield RegisterRow(holder(f"{n % 90 + 10:03d}RDB{n:06d}", first, last))


def queries(count: int) -> list[str]:
    """Return what people type for some of them: 1 to 8 letters of a name, a number, or two beginnings."""
    chance = random.Random(11)
    typed = []
    for row in itertools.islice(people(count), 0, None, max(1, count // 200)):
        person = row.holder
        name = chance.choice([person.family_name, person.given_names, person.student_number])
        part = name[: chance.randint(1, 8)]
        typed.append(chance.choice([part, part.lower(), f"{person.given_names[:2]} {person.family_name[:3]}"]))
    return typed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(tmp_path / "store.db")
    yield opened
    opened.close()


def test_bare_append_and_wait_for_the_disk(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    wait = getattr(os, "fdatasync", os.fsync)
    file = os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def append() -> None:
        os.write(file, b"x" * 4096)
        wait(file)

    benchmark.pedantic(append, rounds=STEPS, warmup_rounds=20)
    os.close(file)


def test_the_commit_of_a_step(benchmark: BenchmarkFixture, store: SqlStore) -> None:
    """The wait for the disk alone, which is to be held against the bare one."""
    numbers = itertools.count()
    database = store._db

    def prepare() -> tuple[tuple[Transaction], dict[str, object]]:
        number = next(numbers)
        connection = database.engine.connect().execution_options(station_write=True)
        begun = connection.begin()
        scribe = Scribe(store, uid=f"04{number:010X}", holder_id=f"h{number}")
        write_change(connection, database, scribe.change(next(scribe.events())))
        return (begun,), {}

    def commit(begun: Transaction) -> None:
        begun.commit()

    def close(begun: Transaction) -> None:
        begun.connection.close()

    benchmark.pedantic(commit, setup=prepare, teardown=close, rounds=STEPS, warmup_rounds=20)


def test_one_step_of_a_card(benchmark: BenchmarkFixture, store: SqlStore) -> None:
    """Every event from the first to the verified card, in the order in which they come."""
    waiting: list[tuple[Scribe, Event]] = []
    numbers = itertools.count()

    def prepare() -> tuple[tuple[Scribe, Event], dict[str, object]]:
        if not waiting:
            n = next(numbers)
            scribe = Scribe(store, uid=f"04{n:010X}", holder_id=f"h{n}")
            waiting.extend((scribe, event) for event in scribe.events())
        return waiting.pop(0), {}

    def step(scribe: Scribe, event: Event) -> None:
        scribe.tell(event)

    benchmark.pedantic(step, setup=prepare, rounds=STEPS)


def test_the_hand_over_of_a_card(benchmark: BenchmarkFixture, store: SqlStore) -> None:
    numbers = itertools.count()

    def prepare() -> tuple[tuple[Scribe], dict[str, object]]:
        n = next(numbers)
        scribe = Scribe(store, uid=f"04{n:010X}", holder_id=f"h{n % 50}")
        for event in scribe.events():
            scribe.tell(event)
        return (scribe,), {}

    benchmark.pedantic(lambda scribe: scribe.hand_over(), setup=prepare, rounds=200)


@pytest.mark.parametrize("count", [30_000, 200_000])
def test_search_while_typing(benchmark: BenchmarkFixture, store: SqlStore, count: int) -> None:
    store.holders.apply_import(store.holders.plan_import(people(count), "csv"), "csv", NOON)
    typed = itertools.cycle(queries(count))
    benchmark.pedantic(store.holders.search, setup=lambda: ((next(typed),), {}), rounds=400)


def test_import_of_30_000_holders(benchmark: BenchmarkFixture, store: SqlStore) -> None:
    rows = list(people(30_000))

    def write() -> None:
        store.holders.apply_import(store.holders.plan_import(rows, "csv"), "csv", NOON)

    benchmark.pedantic(write, rounds=1)


def test_plan_of_an_import_in_which_nothing_is_new(benchmark: BenchmarkFixture, store: SqlStore) -> None:
    rows = list(people(30_000))
    store.holders.apply_import(store.holders.plan_import(rows, "csv"), "csv", NOON)
    assert benchmark.pedantic(lambda: store.holders.plan_import(rows, "csv"), rounds=3).same == 30_000


def test_opening_a_store(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = open_store(path)
    for n in range(200):
        Scribe(first, uid=f"04{n:010X}", holder_id=f"h{n}").until(Began)
    first.close()
    benchmark.pedantic(lambda: open_store(path).close(), rounds=30)
