"""The camera's lane: states are told once, frames go on, a pulled cable is waited for; on the demo's camera."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass, field

import pytest

from station.adapters.camera.virtual import VirtualCameras
from station.adapters.clock import SystemClock
from station.domain.errors import CameraMissingError, CameraUnpluggedError, Cancelled
from station.ports.camera import Frame, FrameSize, LightLock
from station.ports.faults import Fault
from station.services.capture import LIGHT_FOUND_S, CameraChoice, CameraReport, CameraState, CaptureService, LatestFrame

CLOCK = SystemClock()
DEADLINE_S = 20.0


@dataclass
class Dial:
    faults: dict[str, Fault] = field(default_factory=dict)

    def fault(self, device: str) -> Fault | None:
        return self.faults.get(device)

    def unplug(self) -> None:
        self.faults["camera"] = Fault("camera", "unplugged")


def service(dial: Dial) -> CaptureService:
    return CaptureService(VirtualCameras(CLOCK, dial, frames_per_s=200), CLOCK, reopen_every_s=0.01)


def a_frame(number: int) -> Frame:
    return Frame(bytes(12), 2, 2, number)


def test_states_are_told_once_and_frames_come_between_them() -> None:
    dial, cancel, told = Dial(), threading.Event(), list[CameraReport | int]()

    def on_state(report: CameraReport) -> None:
        told.append(report)
        if report.state is CameraState.AWAY:
            # Away for a while: it is tried several times before the cable is back.
            threading.Timer(0.05, dial.faults.clear).start()

    def on_frame(frame: Frame) -> None:
        told.append(frame.number)
        if told.count(2) == 1 and frame.number == 2:
            dial.unplug()
        if told.count(2) == 2:
            cancel.set()

    service(dial).run("demo", on_frame=on_frame, on_state=on_state, cancel=cancel)
    states = [each.state.value for each in told if isinstance(each, CameraReport)]
    assert states == ["opening", "live", "away", "live", "closed"]
    assert [each for each in told if isinstance(each, int)] == [0, 1, 2, 0, 1, 2]
    live, away = told[1], told[5]
    assert isinstance(live, CameraReport)
    assert (live.name, live.error) == ("Demo camera", None)
    assert live.first_frame_s > 0
    assert isinstance(away, CameraReport)
    assert isinstance(away.error, CameraUnpluggedError)


def test_the_light_is_locked_once_after_its_first_second() -> None:
    cancel, told = threading.Event(), list[float]()

    def on_frame(frame: Frame) -> None:
        told.append(frame.grabbed_at_s)
        if len(told) > 320:
            cancel.set()

    lights: list[tuple[LightLock, int]] = []
    service(Dial()).run(
        CameraChoice("demo", FrameSize(640, 480)),
        on_frame=on_frame,
        on_state=lambda _: None,
        on_light=lambda light: lights.append((light, len(told))),
        cancel=cancel,
    )
    [(light, frames)] = lights
    assert light is LightLock.STEADY, "a demo has no light to be locked"
    assert told[frames - 1] - told[0] >= LIGHT_FOUND_S
    assert told[frames - 2] - told[0] < LIGHT_FOUND_S


def test_a_camera_that_was_never_there_is_missing() -> None:
    cancel, told = threading.Event(), list[CameraReport]()

    def on_state(report: CameraReport) -> None:
        told.append(report)
        if report.state is CameraState.AWAY:
            cancel.set()

    service(Dial()).run("another", on_frame=lambda _: None, on_state=on_state, cancel=cancel)
    assert [report.state.value for report in told] == ["opening", "away", "closed"]
    assert isinstance(told[1].error, CameraMissingError)


def test_a_camera_that_went_between_two_people_is_unplugged() -> None:
    dial, told = Dial(), list[CameraReport]()
    capture = service(dial)
    first = threading.Event()
    capture.run("demo", on_frame=lambda _: first.set(), on_state=lambda _: None, cancel=first)
    dial.unplug()
    second = threading.Event()

    def on_state(report: CameraReport) -> None:
        told.append(report)
        if report.state is CameraState.AWAY:
            second.set()

    capture.run("demo", on_frame=lambda _: pytest.fail("a frame came"), on_state=on_state, cancel=second)
    assert isinstance(told[1].error, CameraUnpluggedError)
    assert "Demo camera" in str(told[1].error) or "demo" in str(told[1].error)


def test_nothing_is_opened_for_who_has_stopped_already() -> None:
    cancel = threading.Event()
    cancel.set()
    told = list[CameraState]()

    def on_frame(_: Frame) -> None:
        pytest.fail("a frame came")

    service(Dial()).run("demo", on_frame=on_frame, on_state=lambda report: told.append(report.state), cancel=cancel)
    assert told == [CameraState.OPENING, CameraState.CLOSED]


def test_a_fault_of_our_own_is_not_taken_for_the_cameras() -> None:
    def broken(_: Frame) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        service(Dial()).run("demo", on_frame=broken, on_state=lambda _: None, cancel=threading.Event())


def test_a_snapshot_waits_until_the_camera_has_settled() -> None:
    frame = service(Dial()).snapshot("demo", threading.Event(), settle_frames=3)
    assert (frame.number, frame.width_px, frame.height_px) == (3, 1280, 720)


def test_a_snapshot_of_no_camera_says_so() -> None:
    dial = Dial()
    dial.unplug()
    with pytest.raises(CameraMissingError):
        service(dial).snapshot("demo", threading.Event())


def test_a_snapshot_can_be_stopped() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        service(Dial()).snapshot("demo", cancel)


def test_the_slot_keeps_the_newest_and_counts_the_others() -> None:
    slot = LatestFrame()
    assert slot.take() is None
    assert [slot.put(a_frame(number)) for number in range(3)] == [True, False, False]
    taken = slot.take()
    assert taken is not None
    assert taken.number == 2
    assert slot.dropped == 2
    assert slot.take() is None
    assert slot.put(a_frame(3)) is True


def test_who_waits_at_the_slot_is_woken() -> None:
    slot, got = LatestFrame(), queue.Queue[Frame | None]()
    waiting = threading.Thread(target=lambda: got.put(slot.take(DEADLINE_S)))
    waiting.start()
    slot.put(a_frame(7))
    frame = got.get(timeout=DEADLINE_S)
    waiting.join()
    assert frame is not None
    assert frame.number == 7


def test_the_slot_loses_nothing_between_two_threads() -> None:
    """Every frame is either taken or counted as dropped, and those taken are in order."""
    slot, taken, count = LatestFrame(), list[int](), 2000

    def look() -> None:
        while len(taken) == 0 or taken[-1] != count - 1:
            frame = slot.take(DEADLINE_S)
            if frame is None:
                return
            taken.append(frame.number)

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(count):
        slot.put(a_frame(number))
    looking.join(DEADLINE_S)
    assert taken == sorted(set(taken))
    assert taken[-1] == count - 1
    assert len(taken) + slot.dropped == count
