"""The live picture in the real window: how old a frame is when it is painted, and how soon the first one comes."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from station.adapters.camera.opencv import OpenCvCameras
from station.adapters.clock import SystemClock
from station.services.capture import CameraState
from station.ui.viewmodels.stages import Stage
from tests.helpers.mjpeg import MjpegServer
from tests.helpers.sitters import IN_UNIFORM, stream_of
from tests.helpers.window import Opening, a_window

CLOCK = SystemClock()
FRAMES = 300
FIRST_PICTURES = 5


class Painted(QObject):
    """Notes how old the picture is each time that another one has been painted."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.ages_ms: list[float] = []
        self._camera, self._seen_s = opening.models.camera, 0.0
        opening.window.middle.photo.camera.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and self._camera.image_at_s > self._seen_s:
            self._seen_s = at_s = self._camera.image_at_s
            # The filter comes before the painting; the next turn of the loop comes after it.
            QTimer.singleShot(0, self, lambda: self._note(at_s))
        return False

    def _note(self, at_s: float) -> None:
        self.ages_ms.append((CLOCK.monotonic() - at_s) * 1000)


@pytest.fixture
def opening(qtbot: QtBot, tmp_path: Path) -> Iterator[Opening]:
    """Give the window with a stream of 1280 × 720 at 30 frames a second as its camera."""
    with (
        MjpegServer(stream_of(IN_UNIFORM), 30) as server,
        a_window(
            qtbot, tmp_path / "desk", cameras=OpenCvCameras(CLOCK), camera={"driver": "opencv", "source": server.url}
        ) as made,
    ):
        yield made


def test_a_frame_is_painted_while_faces_are_looked_for(
    benchmark: BenchmarkFixture, opening: Opening, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the grab to the paint, with every frame analysed that there is time for; goal: 50 ms."""
    opening.reach(Stage.PHOTO)
    live = opening.models.desk.live
    opening.until(lambda: live.seen is not None and live.seen.outline is not None)
    painted, analysed = Painted(opening), list[int]()
    live.changed.connect(lambda: analysed.append(1))
    benchmark.pedantic(lambda: opening.until(lambda: len(painted.ages_ms) >= FRAMES), rounds=1)
    ages = sorted(painted.ages_ms)
    figures: dict[str, Any] = {
        "painted": len(ages),
        "analysed": len(analysed),
        "median_ms": round(statistics.median(ages), 1),
        "p95_ms": round(ages[int(len(ages) * 0.95)], 1),
        "most_ms": round(ages[-1], 1),
    }
    benchmark.extra_info.update(figures)
    with capsys.disabled():
        print(f"\ntest_a_frame_is_painted: {figures}")


def test_the_first_picture(benchmark: BenchmarkFixture, opening: Opening, capsys: pytest.CaptureFixture[str]) -> None:
    """From switching the camera on to its first picture in the window; goal: 1.0 s."""
    opening.reach(Stage.PHOTO)
    camera = opening.models.camera
    took: list[float] = []

    def first() -> None:
        began = CLOCK.monotonic()
        camera.start()
        opening.until(lambda: camera.live and camera.image is not None)
        took.append((CLOCK.monotonic() - began) * 1000)

    def off() -> None:
        camera.stop()
        opening.until(lambda: camera.report is not None and camera.report.state is CameraState.CLOSED)

    benchmark.pedantic(first, setup=off, rounds=FIRST_PICTURES)
    with capsys.disabled():
        print(f"\ntest_the_first_picture: median {statistics.median(took):.0f} ms, most {max(took):.0f} ms")
