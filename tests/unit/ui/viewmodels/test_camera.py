"""The camera of the window: nothing of one person is left for the next, and what breaks is said."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import SystemClock
from station.domain.errors import CameraError, CameraUnpluggedError
from station.ports.faults import NoFaults
from station.services.capture import CameraReport, CameraState, LatestFrame
from station.ui.viewmodels.stages import Stage
from tests.helpers.window import Bench, a_bench


def test_a_frame_that_comes_after_the_camera_was_switched_off_is_nobodys(bench: Bench) -> None:
    bench.reach(Stage.PHOTO)
    camera = bench.models.camera
    camera.start()
    bench.until(lambda: camera.newest is not None)
    frame, turn = camera.newest, camera._turn
    assert frame is not None
    camera.stop()
    camera.tap = frames = LatestFrame()
    camera.start()
    camera._on_frame(turn, frame)  # as the old run's thread does that was in the middle of it
    assert camera._newest is not frame
    camera.stop()
    camera.tap = None
    assert frames.take() is not frame


def test_what_was_seen_last_is_forgotten_when_the_cable_is_pulled(bench: Bench) -> None:
    bench.reach(Stage.PHOTO)
    camera = bench.models.camera
    camera.start()
    bench.until(lambda: camera.newest is not None)
    bench.hands.dial.set("camera", "unplugged")
    bench.until(lambda: camera.report is not None and camera.report.state is CameraState.AWAY)
    assert isinstance(camera.report and camera.report.error, CameraUnpluggedError)
    assert (camera._newest, camera.image) == (None, None), "or Space could take it when the cable is back"
    camera.stop()


def test_a_camera_that_breaks_in_a_new_way_is_told_as_away(qtbot: QtBot, tmp_path: Path) -> None:
    cameras = VirtualCameras(SystemClock(), NoFaults(), portraits=[tmp_path / "not-there.jpg"])
    with a_bench(qtbot, tmp_path / "desk", cameras=cameras) as bench:
        camera = bench.models.camera
        camera.start()
        bench.until(lambda: camera.report is not None and camera.report.state is CameraState.AWAY)
        assert isinstance(camera.report and camera.report.error, CameraError)
        assert not camera.live
        session = bench.models.desk.serve(bench.hands.liga)
        assert session.camera_away, "a file is offered instead"


def test_who_looks_around_slowly_is_not_asked_again_meanwhile(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    camera, gate, asked = bench.models.camera, threading.Event(), list[int]()
    listed = bench.hands.desk.devices.cameras.list_cameras

    def slowly() -> object:
        asked.append(1)
        gate.wait(20)
        return listed()

    monkeypatch.setattr(bench.hands.desk.devices.cameras, "list_cameras", slowly)
    for _ in range(5):
        camera.look_around()
    gate.set()
    bench.until(lambda: camera.cameras)
    assert len(asked) == 1
    camera.look_around()
    bench.until(lambda: len(asked) == 2)


def test_a_report_of_the_run_before_still_says_that_it_is_closed(bench: Bench) -> None:
    camera, told = bench.models.camera, list[CameraReport]()
    camera.changed.connect(lambda: told.append(camera.report) if camera.report else None)
    camera.start()
    bench.until(lambda: camera.live)
    camera.stop()
    bench.until(lambda: told[-1].state is CameraState.CLOSED)
    assert camera.newest is None
