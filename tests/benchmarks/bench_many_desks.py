"""What each added desk gives: stations on one PostgreSQL that do the store's part of cards as fast as they can."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.store import open_store
from station.ports.register import RegisterRow
from tests.helpers.desks import NOW
from tests.helpers.postgres import running_postgres
from tests.helpers.shared_desk import student

pytestmark = pytest.mark.bench_postgres
ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench-results" / "many-desks.txt"
DESKS = (1, 2, 4, 8)
SECONDS, EACH, DEADLINE_S = 6.0, 600, 120
_HEAD = ("desks", "cards a minute", "a card, median ms", "a card, 95 of 100 ms", "desk's processor, ms")
Line = tuple[int, float, float, float, float]


@pytest.fixture(scope="module")
def table() -> Iterator[list[Line]]:
    """Give the lines of the table; written when all are there."""
    lines: list[Line] = []
    yield lines
    if len(lines) == len(DESKS):
        text = ["".join(f"{name:>22}" for name in _HEAD)]
        text += [
            f"{desks:>22}{rate:>22.0f}{median:>22.1f}{slow:>22.1f}{cpu:>22.1f}"
            for desks, rate, median, slow, cpu in lines
        ]
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("\n".join(text) + "\n", "utf-8")


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Give a database that waits for its disk, with people enough for every run."""
    with running_postgres(durable=True) as server:
        address = server.url(server.new_database())
        store = open_store(address)
        people = [RegisterRow(student(number)) for number in range(sum(DESKS) * EACH)]
        store.holders.apply_import(store.holders.plan_import(people, "bench"), "bench", NOW)
        store.close()
        yield address


@pytest.mark.parametrize("desks", DESKS)
def test_the_store_part_of_cards(benchmark: BenchmarkFixture, database: str, table: list[Line], desks: int) -> None:
    """Cards a minute of all desks together: claim, nine durable steps, what is to be told."""
    took_s, cpu_s = benchmark.pedantic(_run, (database, desks), rounds=1)
    rate = len(took_s) / SECONDS * 60
    slowest = statistics.quantiles(took_s, n=20)[-1]
    line = (desks, rate, statistics.median(took_s) * 1000, slowest * 1000, cpu_s / len(took_s) * 1000)
    table.append(line)
    benchmark.extra_info.update(
        zip(("desks", "cards_a_minute", "median_ms", "p95_ms", "desk_cpu_ms"), line, strict=True)
    )


def _run(address: str, desks: int) -> tuple[list[float], float]:
    begun = sum(each for each in DESKS if each < desks)
    stations = []
    for number in range(desks):
        first = (begun + number) * EACH
        place = (address, f"Desk {number + 1}", str(begun + number), str(first), str(SECONDS))
        stations.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.helpers.store_desk", *place],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
        )
    for station in stations:
        assert station.stdout is not None
        assert station.stdout.readline() == "ready\n"
    for station in stations:
        assert station.stdin is not None
        station.stdin.write("go\n")
        station.stdin.flush()
    took_s: list[float] = []
    cpu_s = 0.0
    for station in stations:
        out, _err = station.communicate(timeout=DEADLINE_S)
        assert station.returncode == 0
        said = json.loads(out)
        took_s += said["took_s"]
        cpu_s += said["cpu_s"]
    return took_s, cpu_s
