"""What is said about the live picture, and the camera that was chosen: on the demo's camera, without any window."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.domain.portrait import Crop, OverrideReason
from station.photo import autocapture
from station.photo.autocapture import Phase
from station.photo.checks import CheckName
from station.ports.camera import FrameSize
from station.services.capture import CameraChoice, CameraState
from station.ui.preferences import Preferences
from station.ui.tone import Tone
from station.ui.viewmodels.live import LiveModel
from station.ui.viewmodels.models import make_models
from station.ui.viewmodels.stages import Stage, Todo
from tests.helpers.sitters import IN_UNIFORM, TOO_NEAR
from tests.helpers.window import Bench


def before_the_camera(bench: Bench, seat: int = IN_UNIFORM) -> LiveModel:
    bench.reach(Stage.PHOTO)
    bench.hands.seat(seat)
    bench.models.desk.people_changed.emit()  # the camera runs because a photo is being taken
    live = bench.models.desk.live
    bench.until(lambda: live.seen is not None and live.seen.outline is not None)
    return live


def test_models_are_loaded_only_when_the_camera_is_opened(bench: Bench) -> None:
    bench.models.desk.serve(bench.hands.liga)
    live = bench.models.desk.live
    assert live._watch._engine is None
    assert not live.running
    before_the_camera(bench)
    assert live._watch._engine is not None


def test_it_stops_with_the_photo_page(bench: Bench) -> None:
    live = before_the_camera(bench)
    bench.models.desk.leave()
    assert not live.running
    assert live.seen is None
    assert bench.models.camera.tap is None


def test_what_is_said_follows_what_is_seen(bench: Bench) -> None:
    live = before_the_camera(bench, TOO_NEAR)
    bench.until(lambda: live.saying().tone is Tone.WARN)
    assert live.hint is not None
    assert live.saying().message == live.hint.hint
    bench.session.portrait.go_over(CheckName.FRAMING, OverrideReason.EQUIPMENT)
    bench.until(lambda: live.hint is not None and live.hint.name is CheckName.BACKGROUND)
    bench.session.portrait.go_over(CheckName.BACKGROUND, OverrideReason.OTHER)
    bench.until(lambda: live.saying().tone is Tone.OK)
    assert live.saying().message.msgid == "Good. Press Space", "by hand, since automatic capture is off"


def test_the_count_is_said_and_read_out_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autocapture, "COUNT_S", 1.0)  # longer than a gap may be: each number is seen
    live = before_the_camera(bench)
    said = set[tuple[str, str]]()

    def listen() -> None:
        saying = live.saying()
        if live.counting and saying.aloud is not None:
            said.add((str(saying.message), str(saying.aloud)))

    live.changed.connect(listen)
    live.set_auto(True)
    bench.until(lambda: bench.session.stage is Stage.CROP)
    assert {"Good. Hold still… 3", "Good. Hold still… 1"} <= {shown for shown, _ in said}
    assert {aloud for _, aloud in said} == {"Good. Hold still…"}, "a screen reader is not made to count"


def test_another_person_begins_with_nothing_gone_over_and_nothing_stopped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autocapture, "COUNT_S", 60.0)  # it lasts for as long as it is looked at
    live = before_the_camera(bench)
    live.set_auto(True)
    bench.until(lambda: live.counting)
    assert live.stop_count()
    assert not live.stop_count()
    live.go_over({CheckName.BACKGROUND})
    live.stop()
    live.start("somebody else")
    assert live.takes_itself
    assert live._watch.rules.overridden == frozenset()


def test_by_hand_the_crop_follows_from_the_face_unless_it_was_moved(bench: Bench) -> None:
    before_the_camera(bench)
    frame = bench.models.camera.newest
    assert frame is not None
    portrait = bench.session.portrait
    portrait.take(frame)
    bench.until(lambda: portrait.findings)
    assert abs(portrait.crop.centre_x - 0.5) < 0.2
    assert portrait.crop.height > 0.5
    portrait.take(frame)
    portrait.set_crop(Crop(0.5, 0.5, 0.3))
    bench.until(lambda: portrait.findings)
    assert portrait.crop.height == pytest.approx(0.3)


def test_a_shot_that_comes_too_late_changes_nothing(bench: Bench) -> None:
    live = before_the_camera(bench)
    shots: list[object] = []
    live.shot.connect(shots.append)
    live.set_auto(True)
    bench.until(lambda: live.seen is not None and live.seen.auto.phase is Phase.HOLDING)
    live.set_auto(False)
    seen = live.seen.number if live.seen else 0
    bench.until(lambda: live.seen is not None and live.seen.number > seen + 50)
    assert not shots
    assert bench.session.stage is Stage.PHOTO


def test_another_camera_is_opened_at_once(bench: Bench) -> None:
    before_the_camera(bench)
    camera = bench.models.camera
    camera.choose(CameraChoice("nobody's camera"))
    bench.until(lambda: camera.report is not None and camera.report.state is CameraState.AWAY)
    assert bench.session.camera_away
    camera.choose(CameraChoice("demo", FrameSize(640, 480)))
    bench.until(lambda: camera.live and not bench.session.camera_away)


def test_the_status_bar_asks_for_the_camera_that_was_chosen(bench: Bench) -> None:
    bench.models.camera.choose(CameraChoice("nobody's camera"))
    bench.models.devices.ask()
    bench.until(lambda: bench.models.devices.of("camera") is not None)
    health = bench.models.devices.of("camera")
    assert health is not None
    assert health.name == "nobody's camera"


def test_what_was_chosen_is_there_the_next_day(bench: Bench, tmp_path: Path) -> None:
    preferences = Preferences(tmp_path / "window.ini")
    first = make_models(bench.models.opened, bench.tasks, preferences)
    assert first.camera.choice == CameraChoice("demo")
    first.camera.choose(CameraChoice("C920", FrameSize(1920, 1080)))
    first.desk.live.set_auto(True)
    again = make_models(bench.models.opened, bench.tasks, preferences)
    assert again.camera.choice == CameraChoice("C920", FrameSize(1920, 1080))
    assert again.desk.live.auto


def test_a_burst_of_one_person_is_never_the_next_persons_photo(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autocapture, "COUNT_S", 60.0)  # it lasts for as long as it is looked at
    live = before_the_camera(bench)
    live.set_auto(True)
    bench.until(lambda: live.counting)
    first, turn = bench.session, live._turn
    desk = bench.models.desk
    second = desk.serve(bench.hands.martins)
    second.do(Todo.CONFIRM_DATA)
    bench.until(lambda: second.stage is Stage.PHOTO)
    bench.until(lambda: live.counting)
    desk.serve(first.holder)
    assert not live.counting, "whoever was counted is not the one who is served now"
    assert live._turn > turn + 1, "what is seen from here on is seen anew"
    monkeypatch.setattr(autocapture, "COUNT_S", 0.1)
    bench.until(lambda: first.stage is Stage.CROP)
    assert not second.portrait.has_still


@pytest.mark.expects_log("station.ui.tasks", "nobody foresaw")
def test_what_nobody_foresaw_is_told_and_tried_again_with_the_next_person(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = before_the_camera(bench)
    engine = live._watch.engine()
    live.stop()

    def breaks(*_args: object, **_kwargs: object) -> None:
        raise ValueError("an odd frame")

    monkeypatch.setattr(engine, "analyse", breaks)
    bench.models.desk.people_changed.emit()
    bench.until(lambda: live.error is not None)
    assert live.seen is None, "no outline stays behind that follows nobody"
    assert not live.takes_itself
    bench.models.desk.serve(bench.hands.martins)
    live.start(bench.hands.martins.id)
    assert live.error is None
    live.stop()
