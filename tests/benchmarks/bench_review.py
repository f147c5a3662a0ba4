"""A review of a thousand portraits in the real window: how long it takes, and how long the window ever stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.camera.virtual import demo_portraits
from station.photo.decoding import load_picture
from tests.benchmarks.bench_window import Tell, station, tell
from tests.helpers.pictures import Pixels, saved
from tests.helpers.xvfb import Screen, screen

__all__ = ["tell"]

FILES, LARGE_EVERY = 1000, 10
"""So many pictures are reviewed; each tenth is as a telephone takes it, the others as people send them."""
LONGEST_S = 600.0


@pytest.fixture
def on() -> Iterator[Screen]:
    with screen(1400, 900) as running:
        yield running


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """Give a folder with the demo's two people in several sizes, as many as are reviewed."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    people = [load_picture(file) for file in demo_portraits()[:2]]
    large = [saved(_scaled(person, 4000), "JPEG", quality=90) for person in people]
    usual = [saved(_scaled(person, width), "JPEG", quality=85) for person in people for width in (800, 1200, 1600)]
    for number in range(FILES):
        kind = large if number % LARGE_EVERY == 0 else usual
        (folder / f"{number:04}.jpg").write_bytes(kind[number // LARGE_EVERY % len(kind)])
    return folder


def _scaled(picture: Pixels, width_px: int) -> Pixels:
    size = width_px, round(picture.shape[0] * width_px / picture.shape[1])
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.timeout(LONGEST_S + 60)
def test_a_review_of_1000_files(
    benchmark: BenchmarkFixture, on: Screen, uploads: Path, tmp_path: Path, tell: Tell
) -> None:
    """Every file is looked at by as many processes as the station takes, and shown with its verdict; goal: 60 s.

    The seconds of processor are told too: on a machine that does other work, they are what can be compared.
    """
    words = ("--demo", "--data", tmp_path / "demo")
    run = benchmark.pedantic(
        lambda: station(on, tmp_path / "told.json", f"review:{uploads}", *words, longest_s=LONGEST_S), rounds=1
    )
    assert run["looked_at"] == FILES
    gaps = run["gaps_ms"]
    tell(
        benchmark,
        {
            "review_s": round(run["review_s"], 1),
            "processor_s": round(run["review_cpu_s"], 1),
            "longest_stall_ms": gaps[0][0] if gaps else 0,
            "of_it_own_work_ms": gaps[0][1] if gaps else 0,
            "stalls_over_50_ms": sum(gap[0] > 50 for gap in gaps),
        },
    )
