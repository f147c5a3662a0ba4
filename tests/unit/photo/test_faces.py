"""Faces are found wherever they are and however small, followed from frame to frame, and lost when they go."""

from __future__ import annotations

import gc
import resource
import sys
from functools import cache

import cv2
import numpy as np
import pytest

from station.adapters.camera.virtual import demo_portraits
from station.photo.faces import BACKGROUND_EVERY, OTHERS_STAY, Analysis, FaceEngine
from station.photo.measures import Measure
from station.photo.pictures import load_picture
from tests.helpers.pictures import Pixels


@cache
def engine() -> FaceEngine:
    return FaceEngine()


@cache
def person(number: int) -> Pixels:
    return load_picture(demo_portraits()[number])


@cache
def looked_at(number: int) -> Analysis:
    return engine().analyse(person(number))


def scene(number: int, face_share: float, *, across: float = 0.5, down: float = 0.5) -> Pixels:
    """Return a frame of 1280 × 720 in which the face takes a share of the width; its head is placed in the frame."""
    main = looked_at(number).main
    assert main
    scale = face_share * 1280 / main.box[2]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(person(number), None, fx=scale, fy=scale, interpolation=way), np.uint8)
    x, y = (value * scale for value in main.eyes_middle)
    half = round(face_share * 1280 * 1.2)
    head = scaled[max(0, round(y) - half) : round(y) + half, max(0, round(x) - half) : round(x) + half]
    frame = np.full((720, 1280, 3), (150, 145, 140), np.uint8)
    left, top = round((1280 - head.shape[1]) * across), max(0, round((720 - head.shape[0]) * down))
    frame[top : top + head.shape[0], left : left + head.shape[1]] = head[: 720 - top]
    return frame


def followed(frames: list[Pixels], near: Analysis | None = None) -> Analysis:
    for frame in frames:
        near = engine().analyse(frame, near=near)
    assert near
    return near


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("share", [0.3, 0.15, 0.09, 0.06])
@pytest.mark.parametrize(("across", "down"), [(0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (0.25, 0.8), (0.7, 0.1)])
def test_a_face_is_found_at_any_place_and_distance(number: int, share: float, across: float, down: float) -> None:
    """The detector alone sees nothing of a face that takes 9 % of a frame's width."""
    found = engine().analyse(scene(number, share, across=across, down=down))
    assert found.main
    assert len(found.faces) == 1
    assert found.main.box[2] / 1280 == pytest.approx(share, rel=0.12)


def test_half_a_face_at_the_edge_is_found_too() -> None:
    frame = person(1)
    main = looked_at(1).main
    assert main
    half = np.ascontiguousarray(frame[:, round(main.eyes_middle[0]) - 10 :])
    found = engine().analyse(half)
    assert found.main
    assert found.main.box[0] < 0


def test_a_picture_without_anybody() -> None:
    noise = np.random.default_rng(7).integers(0, 255, (480, 640, 3), np.uint8)
    for picture in (np.full((720, 1280, 3), 127, np.uint8), noise, np.zeros((3, 2, 3), np.uint8)):
        empty = engine().analyse(picture)
        assert (empty.main, empty.faces, dict(empty.measures), empty.crop()) == (None, (), {}, None)
        assert engine().faces(picture) == ()


def test_both_of_two_people_are_seen_and_the_larger_one_in_the_middle_is_meant() -> None:
    frame = scene(0, 0.2, across=0.05)
    frame[:, 500:] = scene(1, 0.25, across=0.7)[:, 500:]
    found = engine().analyse(frame)
    assert len(found.faces) == 2
    assert found.main
    assert found.main.eyes_middle[0] > 500
    assert 0.3 < found.measures[Measure.SECOND_FACE] < 1
    assert len(engine().faces(frame)) == 2


def test_the_points_of_a_found_face_can_be_asked_for_alone() -> None:
    (face,) = engine().faces(person(0))
    points = engine().landmarks(person(0), face)
    main = looked_at(0).main
    assert points
    assert main
    assert np.abs(points.points - main.points).max() < 1
    assert points.blendshapes == pytest.approx(dict(main.blendshapes), abs=0.02)
    assert engine().landmarks(np.full_like(person(0), 90), face) is None


def test_a_large_photo_gives_what_the_small_one_gives() -> None:
    large = np.asarray(cv2.resize(person(1), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8)
    found, small = engine().analyse(large), looked_at(1)
    assert found.main
    assert small.main
    assert np.abs(found.main.points[:, :2] / 3 - small.main.points[:, :2]).max() < 3
    for name in (Measure.LIGHT_MEAN, Measure.YAW, Measure.LID_GAP_LEFT, Measure.MOUTH_GAP):
        assert found.measures[name] == pytest.approx(small.measures[name], abs=0.02)
    assert found.measures[Measure.HEAD_HEIGHT] == pytest.approx(small.measures[Measure.HEAD_HEIGHT], abs=0.06)


def test_a_face_is_followed_as_it_moves() -> None:
    frames = [scene(1, 0.2, across=0.3 + step * 0.02) for step in range(20)]
    last = followed(frames)
    anew = engine().analyse(frames[-1])
    assert last.number == 19
    assert last.main
    assert anew.main
    off = np.abs(last.main.points[:, :2] - anew.main.points[:, :2]).max()
    assert off < 0.04 * anew.main.eye_distance_px
    beside = {Measure.LID_SHARE_RIGHT, Measure.LID_SHARE_LEFT, Measure.BLINK_RISE_RIGHT, Measure.BLINK_RISE_LEFT}
    assert set(last.measures) == set(anew.measures) | beside, "and the eyes beside those of the frames before"


def test_who_sits_down_is_found_and_who_goes_is_lost() -> None:
    empty = np.full((720, 1280, 3), (150, 145, 140), np.uint8)
    there = followed([empty, empty, scene(0, 0.2)])
    assert there.main
    gone = followed([empty], there)
    assert (gone.main, gone.faces, dict(gone.measures)) == (None, (), {})
    assert followed([scene(1, 0.2, across=0.9)], gone).main


def test_a_tiny_face_far_off_is_found_within_a_few_frames() -> None:
    frame = scene(0, 0.045, across=0.85, down=0.2)
    near = engine().analyse(np.zeros_like(frame))
    for _ in range(8):
        near = engine().analyse(frame, near=near)
    assert near.main


def test_somebody_behind_is_noticed_within_half_a_second_and_forgotten_after() -> None:
    alone = scene(1, 0.25, across=0.75)
    both = alone.copy()
    both[:, :480] = scene(0, 0.18, across=0.05)[:, :480]
    near = followed([alone] * 3)
    assert len(near.faces) == 1
    near = followed([both] * OTHERS_STAY, near)
    assert len(near.faces) == 2
    assert near.measures[Measure.SECOND_FACE] > 0.15
    near = followed([both] * OTHERS_STAY, near)
    assert len(near.faces) == 2
    assert len(followed([alone] * OTHERS_STAY, near).faces) == 1


def test_the_background_is_looked_at_again_after_some_frames() -> None:
    plain = scene(1, 0.25)
    near = followed([plain])
    before = near.measures[Measure.BACKGROUND_SPREAD]
    busy = plain.copy()
    busy[:, :380:24], busy[:, 900::24] = 0, 255
    busy[::20, :380], busy[::20, 900:] = 255, 0
    after = [near := followed([busy], near) for _ in range(BACKGROUND_EVERY)]
    assert after[0].measures[Measure.BACKGROUND_SPREAD] == before
    assert after[-1].measures[Measure.BACKGROUND_SPREAD] != before


def test_another_frame_size_starts_anew() -> None:
    near = followed([scene(0, 0.2)] * 4)
    assert near.number == 3
    assert engine().analyse(person(0), near=near).number == 0


def test_a_hat_gets_more_room_and_short_hair_the_usual() -> None:
    main = looked_at(1).main
    assert main
    hat = looked_at(1)
    assert hat.room == 0.33
    bare = Analysis(hat.size_px, hat.faces, main, {**hat.measures, Measure.HEAD_HEIGHT: 2.0})
    assert bare.room == 0.36
    wide, close = hat.crop(), bare.crop()
    assert wide
    assert close
    assert wide.crop.height / close.crop.height == pytest.approx(0.36 / 0.33)


def test_an_analysis_changes_nothing_in_the_picture() -> None:
    picture = person(0).copy()
    picture.setflags(write=False)
    assert engine().analyse(picture).main
    assert (picture == person(0)).all()


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_memory_stays_flat() -> None:
    frames = [scene(1, 0.2, across=0.4), scene(1, 0.2, across=0.42)]
    near = followed(frames * 15)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    followed(frames * 40, near)
    # In kilobytes on Linux, in bytes on macOS: less than one frame of 1280 × 720 either way.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < (2700 if sys.platform == "linux" else 2.7e6)
