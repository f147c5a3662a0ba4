"""Watching for a portrait: what a still is judged to be, what a person's rules change, and how a watch ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from station.domain.errors import ModelError
from station.photo.autocapture import Phase
from station.photo.checks import CheckName, PrintTarget, Verdict
from station.photo.decoding import decode
from station.photo.faces import FaceEngine
from station.photo.pictures import as_frame
from station.ports.camera import Frame
from station.resources import asset
from station.services.autocapture import FaceWatch, Rules, Seen, not_overridden
from station.services.capture import LatestFrame
from tests.helpers.cross_matrix import person
from tests.helpers.degradations import eyes_closed

CARD = PrintTarget(25.0, 32.0, 300.0)


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return FaceEngine()


def somebody(number: int = 0) -> Frame:
    path = asset("demo", "portraits", "person-2.jpg")
    return as_frame(decode(path.read_bytes(), name=path.name).pixels, number=number, grabbed_at_s=number / 30)


def nobody(number: int = 0) -> Frame:
    return as_frame(np.full((720, 1280, 3), 190, np.uint8), number=number, grabbed_at_s=number / 30)


def watched(engine: FaceEngine, frame: Callable[[int], Frame], rules: Rules, count: int = 3) -> list[Seen]:
    """Watch ``count`` frames, each given when the one before was looked at."""
    watch, frames, cancel, seen = FaceWatch(lambda: engine), LatestFrame(), threading.Event(), list[Seen]()
    watch.rules = rules

    def on_seen(what: Seen) -> None:
        seen.append(what)
        if len(seen) == count:
            cancel.set()
        else:
            frames.put(frame(len(seen)))

    frames.put(frame(0))
    watch.watch(frames, CARD, on_seen=on_seen, on_shot=lambda _: pytest.fail("too early"), cancel=cancel)
    return seen


def test_a_still_has_a_crop_and_findings(engine: FaceEngine) -> None:
    judged = FaceWatch(lambda: engine).judge(somebody(), CARD)
    assert judged.crop is not None
    assert 0 < judged.crop.height <= 1
    assert {finding.name for finding in judged.findings} >= {CheckName.ONE_FACE, CheckName.SHARPNESS}


def test_a_still_without_a_face_has_no_crop_and_says_so(engine: FaceEngine) -> None:
    judged = FaceWatch(lambda: engine).judge(nobody(), CARD)
    assert judged.crop is None
    assert [finding.name for finding in judged.findings] == [CheckName.ONE_FACE]


def test_the_outline_is_within_the_frame_and_the_eyes_are_in_order(engine: FaceEngine) -> None:
    for seen in watched(engine, somebody, Rules()):
        outline = seen.outline
        assert outline is not None
        assert 0 < outline.right_eye[0] < outline.left_eye[0] < 1, "unmirrored: the person's right eye is on the left"
        assert 0 < outline.width < 1
        assert 0 < outline.height < 1


def test_nobody_there_is_not_good_and_nothing_is_held(engine: FaceEngine) -> None:
    for seen in watched(engine, nobody, Rules()):
        assert seen.outline is None
        assert not seen.good


def test_without_automatic_capture_the_watch_rests(engine: FaceEngine) -> None:
    assert {seen.auto.phase for seen in watched(engine, somebody, Rules(auto=False))} == {Phase.RESTING}


def test_what_a_person_went_over_counts_no_more(engine: FaceEngine) -> None:
    findings = FaceWatch(lambda: engine).judge(somebody(), CARD).findings
    left = not_overridden(findings, {CheckName.BACKGROUND, CheckName.GLARE})
    assert {finding.name for finding in findings} - {finding.name for finding in left} <= {
        CheckName.BACKGROUND,
        CheckName.GLARE,
    }
    assert all(finding.name not in (CheckName.BACKGROUND, CheckName.GLARE) for finding in left)


def test_models_are_loaded_once_and_only_when_somebody_looks(engine: FaceEngine) -> None:
    loaded = []
    watch = FaceWatch(lambda: loaded.append(1) or engine)  # type: ignore[func-returns-value]
    assert not loaded
    watch.judge(nobody(), CARD)
    watch.judge(nobody(), CARD)
    assert loaded == [1]


def test_a_missing_model_is_told_to_whoever_watches() -> None:
    def missing() -> FaceEngine:
        raise ModelError

    with pytest.raises(ModelError):
        FaceWatch(missing).judge(nobody(), CARD)


def test_a_still_of_the_stream_is_held_against_the_eyes_before_it(engine: FaceEngine) -> None:
    good = person("glasses and hat")
    shut = eyes_closed(good)
    watch, frames, cancel, seen = FaceWatch(lambda: engine), LatestFrame(), threading.Event(), list[Seen]()

    def open_eyes(number: int) -> Frame:
        return as_frame(good.picture, number=number, grabbed_at_s=100 + number / 30)

    def on_seen(what: Seen) -> None:
        seen.append(what)
        if len(seen) == 10:
            cancel.set()
        frames.put(open_eyes(len(seen)))

    def eyes_in(still: Frame) -> Verdict:
        return next(f.verdict for f in watch.judge(still, CARD).findings if f.name is CheckName.EYES)

    frames.put(open_eyes(0))
    watch.watch(frames, CARD, on_seen=on_seen, on_shot=lambda _: None, cancel=cancel)
    assert eyes_in(as_frame(shut, grabbed_at_s=100.4)) is Verdict.BAD
    assert eyes_in(as_frame(good.picture, grabbed_at_s=100.4)) is Verdict.OK
    assert eyes_in(as_frame(shut)) is Verdict.OK, "a picture file is of nobody who was seen before"
