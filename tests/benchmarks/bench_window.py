"""The window as a person meets it: how soon it is there, how soon it answers a key, how long it ever stands still.

The station runs in a process of its own on a screen of its own; the clock is read in both processes. The figures are in
each benchmark's ``extra_info`` and are printed; the time that pytest-benchmark itself takes is that of the whole run.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.store import open_store
from station.domain.workflow import Began
from tests.benchmarks.bench_store import people
from tests.helpers.scribe import NOON, Scribe
from tests.helpers.xvfb import Screen, screen

pytestmark = pytest.mark.benchmark(group="window")

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 7
CARDS = 5
HOLDERS = 30_000
MOMENTS = ("painted", "listed", "answered", "usable", "alive")
TYPED = "berzi,Bērzi,kalnin,їжак,іжак,Олена,zoe,041rdb,an li,vitol"
PROFILE = """
[station]
name = "Desk 1"
language = "en"
[[institutions]]
key = "rtu"
name = "Example University"
pic = "999465982"
sho = "rtu.lv"
[store]
path = "data/station.db"
[printer]
driver = "pdf"
profile = "generic-cr80-300"
[chip]
profile = "deuinfo"
[router]
url = "https://router.example/esc-rest/api/v2"
"""
MINIMAL = """
import sys, time
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication(sys.argv)
class Window(QMainWindow):
    def paintEvent(self, event):
        print(time.monotonic(), flush=True)
        app.exit()
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
"""

Tell = Callable[[BenchmarkFixture, dict[str, Any]], None]


@pytest.fixture(scope="module")
def on() -> Iterator[Screen]:
    with screen(1400, 900) as running:
        yield running


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the profile of a real desk with 30,000 holders, of whom six were being served when it stopped."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "data").mkdir()
    store = open_store(folder / "data" / "station.db")
    store.holders.apply_import(store.holders.plan_import(people(HOLDERS), "csv"), "csv", NOON)
    for number, holder in enumerate(store.holders.search("a", limit=6)):
        Scribe(store, uid=f"04{number:010X}", holder_id=holder.id).until(Began)
    store.close()
    file = folder / "station.toml"
    file.write_text(PROFILE, encoding="utf-8")
    return file


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Give what keeps figures with the benchmark and prints them."""

    def kept(benchmark: BenchmarkFixture, figures: dict[str, Any]) -> None:
        benchmark.extra_info.update(figures)
        with capsys.disabled():
            print(f"\n{benchmark.name}: " + ", ".join(f"{name} {value}" for name, value in figures.items()))

    return kept


def minimal(on: Screen) -> float:
    """Return how long the smallest PySide6 window takes from its command to its first paint, in seconds."""
    began = time.monotonic()
    command = [sys.executable, "-c", MINIMAL]
    said = subprocess.run(command, env=on.environment, capture_output=True, text=True, check=True, timeout=60)
    return float(said.stdout.split()[0]) - began


def station(on: Screen, out: Path, task: str, *arguments: str | Path, longest_s: float = 120.0) -> dict[str, Any]:
    """Run the station's window with a task; return what it measured, moments as seconds since its command."""
    command = [sys.executable, "-m", "tests.helpers.timed_window", task, str(out), *map(str, arguments)]
    began = time.monotonic()
    done = subprocess.run(
        command, env=on.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=longest_s
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    assert "usable" in told, f"the window did not come to life: {done.stderr}"
    return told | {moment: told[moment] - began for moment in MOMENTS}


def median_of(runs: list[dict[str, Any]], name: str) -> float:
    return round(statistics.median(run[name] for run in runs), 3)


@pytest.mark.parametrize("kind", ["real", "demo"])
def test_start(benchmark: BenchmarkFixture, on: Screen, profile: Path, tmp_path: Path, tell: Tell, kind: str) -> None:
    """From the command to the first paint, to usable, and to a desk that can make cards.

    Usable is a list that is shown, and the painted answer to a search that was typed right after the first paint.
    """
    words = ["--profile", profile] if kind == "real" else ["--demo", "--data", tmp_path / "demo"]
    smallest: list[float] = []
    runs: list[dict[str, Any]] = []

    def start() -> None:
        smallest.append(minimal(on))
        runs.append(station(on, tmp_path / "told.json", "open", *words))

    benchmark.pedantic(start, rounds=ROUNDS, warmup_rounds=1)
    smallest, runs = smallest[1:], runs[1:]
    least = statistics.median(smallest)
    assert all(run["takes_keys"] for run in runs)
    tell(
        benchmark,
        {
            "minimal_s": round(least, 3),
            "painted_s": median_of(runs, "painted"),
            "painted_to_minimal": round(median_of(runs, "painted") / least, 2),
            "listed_s": median_of(runs, "listed"),
            "answered_s": median_of(runs, "answered"),
            "usable_s": median_of(runs, "usable"),
            "usable_slowest_s": round(max(run["usable"] for run in runs), 3),
            "painted_cpu_s": median_of(runs, "painted_cpu_s"),
            "usable_cpu_s": median_of(runs, "cpu_s"),
            "alive_s": median_of(runs, "alive"),
            "rss_mib": median_of(runs, "rss_mib"),
        },
    )


def test_key_to_painted_list(
    benchmark: BenchmarkFixture, on: Screen, profile: Path, tmp_path: Path, tell: Tell
) -> None:
    """Every key of ten searches, in either spelling and two alphabets, over 30,000 holders."""
    runs: list[dict[str, Any]] = []

    def search() -> None:
        runs.append(station(on, tmp_path / "told.json", f"search:{TYPED}", "--profile", profile))

    benchmark.pedantic(search, rounds=3)
    times = sorted(ms for run in runs for ms in run["times_ms"])
    assert len(times) == 3 * len(TYPED.replace(",", ""))
    assert all(run["rows"] for run in runs)
    tell(
        benchmark,
        {
            "keys": len(times),
            "p50_ms": round(statistics.median(times), 1),
            "p95_ms": round(times[int(0.95 * len(times))], 1),
            "max_ms": round(times[-1], 1),
        },
    )


def test_a_card_in_the_window(benchmark: BenchmarkFixture, on: Screen, tmp_path: Path, tell: Tell) -> None:
    """A whole card by keyboard on the demo bench: the longest time the GUI thread was away, memory with the preview."""
    runs: list[dict[str, Any]] = []

    def issue() -> None:
        # A bench of its own each time: the queue of one ends after four people.
        demo = tmp_path / f"demo-{len(runs)}"
        runs.append(station(on, tmp_path / "told.json", "card", "--demo", "--data", demo))

    benchmark.pedantic(issue, rounds=CARDS)
    gaps = sorted((gap for run in runs for gap in run["gaps_ms"]), reverse=True)
    assert all(run["stage"] == "done" for run in runs)
    # A gap shorter than the heartbeat notes at all counts as none.
    longest = [max((gap[0] for gap in run["gaps_ms"]), default=0.0) for run in runs]
    tell(
        benchmark,
        {
            "longest_stall_ms": gaps[0][0] if gaps else 0,
            "longest_stall_median_ms": round(statistics.median(longest), 1),
            "of_it_own_work_ms": gaps[0][1] if gaps else 0,
            "most_own_work_ms": max((gap[1] for gap in gaps), default=0),
            "stalls_over_50_ms_a_card": round(sum(gap[0] > 50 for gap in gaps) / len(runs), 1),
            "rss_preview_mib": max(round(run["rss_preview_mib"]) for run in runs),
        },
    )
