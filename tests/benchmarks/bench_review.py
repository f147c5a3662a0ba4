"""What the review of many portraits costs: one picture, its floor, and a hundred in processes of their own."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from station.adapters.camera.virtual import demo_portraits
from station.adapters.workers import ProcessWorkers
from station.photo.checks import PrintTarget
from station.photo.decoding import decode, load_picture
from station.photo.inspection import QUICK_EDGE_PX, InspectionJob, inspect
from tests.helpers.pictures import saved

TARGET = PrintTarget(20.0, 25.0, 300.0)
PICTURES = 100


@pytest.fixture(scope="module")
def telephone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a portrait of 12 megapixels."""
    person = cv2.resize(load_picture(demo_portraits()[1]), (4000, 2250), interpolation=cv2.INTER_CUBIC)
    whole = cv2.copyMakeBorder(person, 0, 750, 0, 0, cv2.BORDER_REPLICATE)
    file = tmp_path_factory.mktemp("review") / "051REB123.jpg"
    file.write_bytes(saved(np.asarray(whole, np.uint8), "JPEG", quality=92))
    return file


def test_a_portrait_of_12_megapixels_is_looked_at(benchmark: BenchmarkFixture, telephone: Path) -> None:
    benchmark(inspect, InspectionJob(telephone, TARGET))


def test_floor_of_it_decoded_at_half_its_size(benchmark: BenchmarkFixture, telephone: Path) -> None:
    benchmark(decode, telephone, edge_px=QUICK_EDGE_PX)


def test_a_hundred_of_them_in_processes(benchmark: BenchmarkFixture, telephone: Path) -> None:
    jobs = []
    for number in range(PICTURES):
        link = telephone.with_name(f"{number:03}.jpg")
        if not link.exists():
            link.hardlink_to(telephone)
        jobs.append(InspectionJob(link, TARGET))

    def review() -> int:
        return len(list(ProcessWorkers().each(inspect, jobs, cancel=threading.Event())))

    assert benchmark.pedantic(review, rounds=1, iterations=1) == PICTURES
