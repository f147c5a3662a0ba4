"""All cards here against all cards at ESC-Router, page by page: what they cost in time, and that memory stays flat.

The comparison runs in a process of its own, so that the figures are its own. 50,000 cards take some minutes: they are
compared with STATION_SOAK=1 only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.helpers.many_cards import fill
from tests.helpers.sandbox import running_sandbox

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("count", [1_000, 5_000, *([50_000] if os.environ.get("STATION_SOAK") else [])])
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is read as Linux tells it")
def test_cards_are_compared_both_ways(benchmark: BenchmarkFixture, tmp_path: Path, count: int) -> None:
    """What differs is found to the last card; ``grew_mb`` is what the comparison itself added to the process."""
    expected = fill(tmp_path / "station.db", tmp_path / "router.sqlite", count)

    def compare() -> dict[str, object]:
        command = [sys.executable, "-m", "tests.helpers.many_cards", tmp_path / "station.db", sandbox.address]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
        found: dict[str, object] = json.loads(done.stdout)
        return found

    with running_sandbox(tmp_path) as sandbox:
        said = benchmark.pedantic(compare, rounds=1, iterations=1)
    assert said["groups"] == {group.value: number for group, number in expected.groups.items()}
    assert said["here"] == count
    benchmark.extra_info.update(said)
