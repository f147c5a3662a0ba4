"""Each measure follows what it is named for, on drawings whose answer is known and on the demo's two people."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from station.adapters.camera.virtual import demo_portraits
from station.photo.faces import FaceEngine
from station.photo.landmarks import CHIN, FOREHEAD, LEFT_EYE, OVAL, POINT_COUNT, RIGHT_EYE, Landmarks
from station.photo.measures import Measure, OpenEyes, background, geometry, head_height, light_and_sharpness
from station.photo.pictures import load_picture
from tests.helpers.pictures import Pixels


def a_drawn_face(eye_distance: float = 100, x: float = 300, y: float = 260) -> Landmarks:
    """Return points of an oval face; the eyes are level, the outline and the eyes are where a face has them."""
    points = np.zeros((POINT_COUNT, 3), np.float32)
    points[:, :2] = [x, y]
    around = np.linspace(-math.pi / 2, 1.5 * math.pi, len(OVAL), endpoint=False)
    points[list(OVAL), 0] = x + np.cos(around) * eye_distance * 1.1
    points[list(OVAL), 1] = y + eye_distance * 0.3 + np.sin(around) * eye_distance * 1.4
    for eye, side in ((RIGHT_EYE, -1), (LEFT_EYE, 1)):
        turn = np.linspace(0, 2 * math.pi, len(eye), endpoint=False)
        points[list(eye), 0] = x + side * eye_distance / 2 + np.cos(turn) * eye_distance * 0.2
        points[list(eye), 1] = y + np.sin(turn) * eye_distance * 0.07
    for side, outer, inner in ((-1, 33, 133), (1, 263, 362)):
        points[outer, :2] = [x + side * eye_distance * 0.7, y]
        points[inner, :2] = [x + side * eye_distance * 0.3, y]
    points[50, :2], points[280, :2] = (
        [x - eye_distance * 0.6, y + eye_distance * 0.6],
        [
            x + eye_distance * 0.6,
            y + eye_distance * 0.6,
        ],
    )
    points[1, :2] = [x, y + eye_distance * 0.5]
    return Landmarks(points, 20, {"eyeBlinkLeft": 0.1, "eyeBlinkRight": 0.2, "jawOpen": 0.3})


def grey_picture(level: int, width: int = 600, height: int = 640) -> Pixels:
    return np.full((height, width, 3), level, np.uint8)


@cache
def engine() -> FaceEngine:
    return FaceEngine()


@cache
def person(number: int) -> tuple[Pixels, Landmarks]:
    picture = load_picture(demo_portraits()[number])
    main = engine().analyse(picture).main
    assert main
    return picture, main


def test_a_straight_face_has_neither_roll_nor_yaw() -> None:
    taken = geometry(a_drawn_face(), 600)
    assert taken[Measure.ROLL_DEG] == pytest.approx(0, abs=1e-3)
    assert taken[Measure.YAW] == pytest.approx(0, abs=1e-3)
    assert taken[Measure.PITCH_DEG] == pytest.approx(0, abs=1e-3)
    assert taken[Measure.EYE_DISTANCE_PX] == pytest.approx(100, abs=1e-3)
    assert (taken[Measure.BLINK_LEFT], taken[Measure.BLINK_RIGHT], taken[Measure.JAW_OPEN]) == (0.1, 0.2, 0.3)


@pytest.mark.parametrize("size", [40, 100, 320])
def test_the_measures_of_shape_do_not_depend_on_size(size: float) -> None:
    small, usual = geometry(a_drawn_face(size), 600), geometry(a_drawn_face(), 600)
    for name in (Measure.LID_GAP_LEFT, Measure.LID_GAP_RIGHT, Measure.MOUTH_GAP, Measure.YAW, Measure.PITCH_DEG):
        assert small[name] == pytest.approx(usual[name], abs=1e-3)


def test_a_nose_to_one_side_is_a_turned_head() -> None:
    face = a_drawn_face()
    face.points[1, 0] += 40
    assert geometry(face, 600)[Measure.YAW] > 0.18
    face.points[1, 0] -= 80
    assert geometry(face, 600)[Measure.YAW] < -0.18


def test_a_chin_towards_the_camera_is_looking_up() -> None:
    face = a_drawn_face()
    face.points[CHIN, 2], face.points[FOREHEAD, 2] = -50, 50
    assert geometry(face, 600)[Measure.PITCH_DEG] == pytest.approx(math.degrees(math.atan2(100, 280)), abs=1)


@pytest.mark.parametrize("level", [20, 60, 128, 200, 250])
def test_light_is_what_the_face_has_whatever_is_behind(level: int) -> None:
    picture = grey_picture(0 if level > 100 else 255)
    face = a_drawn_face()
    cv2.fillPoly(picture, [np.round(face.points[list(OVAL), :2]).astype(np.int32)], (level, level, level))
    taken = light_and_sharpness(picture, face)
    assert taken[Measure.LIGHT_MEAN] == pytest.approx(level / 255, abs=0.02)
    assert taken[Measure.OVEREXPOSED] == pytest.approx(1.0 if level >= 247 else 0.0, abs=0.03)
    assert taken[Measure.UNDEREXPOSED] == pytest.approx(1.0 if level <= 25 else 0.0, abs=0.03)


def test_light_from_one_side_is_seen_and_from_which() -> None:
    picture = grey_picture(60)
    picture[:, :300] = 180
    assert light_and_sharpness(picture, a_drawn_face())[Measure.SIDE_LIGHT] == pytest.approx(3, rel=0.05)
    assert light_and_sharpness(picture[:, ::-1].copy(), a_drawn_face())[Measure.SIDE_LIGHT] == pytest.approx(
        1 / 3, rel=0.05
    )


def test_a_black_picture_has_no_side_with_more_light() -> None:
    assert light_and_sharpness(grey_picture(0), a_drawn_face())[Measure.SIDE_LIGHT] == 1


def test_a_burnt_out_patch_on_an_eye_is_glare_and_a_catchlight_is_not() -> None:
    picture = grey_picture(120)
    assert light_and_sharpness(picture, a_drawn_face())[Measure.GLARE] == 0
    cv2.circle(picture, (250, 258), 1, (255, 255, 255), -1)
    assert light_and_sharpness(picture, a_drawn_face())[Measure.GLARE] < 0.02
    cv2.ellipse(picture, (350, 258), (9, 6), 0, 0, 360, (255, 255, 255), -1)
    assert light_and_sharpness(picture, a_drawn_face())[Measure.GLARE] > 0.05


def test_a_face_outside_the_picture_has_no_light() -> None:
    assert light_and_sharpness(grey_picture(100), a_drawn_face(x=5000)) == {}
    assert light_and_sharpness(grey_picture(100), a_drawn_face(eye_distance=0.5)) == {}


def test_blur_takes_sharpness_away_bit_by_bit() -> None:
    picture, face = person(1)
    values = [light_and_sharpness(picture, face)[Measure.SHARPNESS]]
    for size in (3, 7, 15):
        blurred = np.asarray(cv2.GaussianBlur(picture, (size, size), 0), np.uint8)
        values.append(light_and_sharpness(blurred, face)[Measure.SHARPNESS])
    assert values == sorted(values, reverse=True)
    assert values[0] > 200
    assert values[-1] < 25


def test_sharpness_is_of_the_face_whatever_size_the_file_has() -> None:
    picture, face = person(1)
    once = light_and_sharpness(picture, face)[Measure.SHARPNESS]
    large = np.asarray(cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8)
    thrice = light_and_sharpness(large, face.moved(1, 1, 3))[Measure.SHARPNESS]
    assert thrice == pytest.approx(once, rel=0.35)


def masked(height: int = 256, width: int = 256) -> npt.NDArray[np.float32]:
    person_mask = np.zeros((height, width), np.float32)
    cv2.ellipse(person_mask, (width // 2, height), (70, 160), 0, 180, 360, 1.0, -1)
    return person_mask


def test_a_plain_wall_is_plain_and_a_busy_one_is_not() -> None:
    grey = np.full((256, 256), 200, np.uint8)
    plain = background(grey, masked())
    assert plain[Measure.BACKGROUND_SPREAD] == plain[Measure.BACKGROUND_GRADIENT] == 0
    assert plain[Measure.BACKGROUND_LIGHT] == pytest.approx(200 / 255)
    grey[::16] = 40
    busy = background(grey, masked())
    assert busy[Measure.BACKGROUND_SPREAD] > 25
    assert busy[Measure.BACKGROUND_GRADIENT] > 10


def test_what_the_person_wears_is_not_the_background() -> None:
    grey = np.full((256, 256), 200, np.uint8)
    grey[masked() > 0.5] = np.random.default_rng(1).integers(0, 255, int((masked() > 0.5).sum()), np.uint8)
    assert background(grey, masked())[Measure.BACKGROUND_SPREAD] == 0


def test_without_a_background_there_is_nothing_to_judge() -> None:
    taken = background(np.zeros((256, 256), np.uint8), np.ones((256, 256), np.float32))
    assert taken == {Measure.BACKGROUND_SHARE: 0}


@pytest.mark.parametrize("above", [60, 100, 140])
def test_a_heads_height_is_where_the_person_ends_above_the_eyes(above: int) -> None:
    face = a_drawn_face(eye_distance=60, x=128, y=180)
    mask = np.zeros((256, 256), np.float32)
    mask[180 - above :, 60:200] = 1
    expected = 1 + above / face.eyes_to_chin_px
    assert head_height(mask, face) == pytest.approx(expected, abs=0.03)


def test_a_head_that_reaches_the_upper_edge_is_at_least_that_high() -> None:
    face = a_drawn_face(eye_distance=60, x=128, y=180)
    assert head_height(np.ones((256, 256), np.float32), face) == pytest.approx(1 + 181 / face.eyes_to_chin_px)
    assert head_height(np.ones((256, 256), np.float32), face.moved(0, -1000)) == 0
    assert head_height(np.ones((256, 256), np.float32), face.moved(1000, 0)) == 0


def eyes(gap: float, blink: float) -> dict[str, float]:
    return {
        Measure.LID_GAP_RIGHT: gap,
        Measure.LID_GAP_LEFT: gap * 1.1,
        Measure.BLINK_RIGHT: blink,
        Measure.BLINK_LEFT: blink + 0.05,
    }


def test_eyes_are_held_against_the_same_persons_open_ones() -> None:
    known = OpenEyes()
    assert known.compared(eyes(0.03, 0.4)) == {}, "nobody was seen before"
    for _ in range(7):
        known = known.after(eyes(0.08, 0.05))
    assert known.compared(eyes(0.03, 0.4)) == {}, "not yet long enough"
    known = known.after(eyes(0.08, 0.05))
    seen = known.compared(eyes(0.03, 0.4))
    assert seen[Measure.LID_SHARE_RIGHT] == pytest.approx(0.375)
    assert seen[Measure.LID_SHARE_LEFT] == pytest.approx(0.375)
    assert seen[Measure.BLINK_RISE_RIGHT] == pytest.approx(0.35)
    assert seen[Measure.BLINK_RISE_LEFT] == pytest.approx(0.35)


def test_whose_eyes_are_narrow_is_not_told_to_open_them_wider() -> None:
    known = OpenEyes()
    for _ in range(30):
        known = known.after(eyes(0.028, 0.45))
    seen = known.compared(eyes(0.026, 0.47))
    assert seen[Measure.LID_SHARE_RIGHT] > 0.9
    assert seen[Measure.BLINK_RISE_RIGHT] < 0.05


def test_a_blink_is_no_new_measure_and_a_lasting_change_becomes_one() -> None:
    known = OpenEyes()
    for _ in range(10):
        known = known.after(eyes(0.08, 0.05))
    for _ in range(9):  # a third of a second
        known = known.after(eyes(0.01, 0.7))
    assert known.compared(eyes(0.08, 0.05))[Measure.LID_SHARE_RIGHT] < 1.1
    for _ in range(600):
        known = known.after(eyes(0.04, 0.3))
    seen = known.compared(eyes(0.04, 0.3))
    assert seen[Measure.LID_SHARE_RIGHT] == pytest.approx(1)
    assert seen[Measure.BLINK_RISE_RIGHT] == pytest.approx(0)
