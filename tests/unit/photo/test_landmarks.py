"""Where a face is cut out for the mesh, and that its points come back to where they are in the picture."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.adapters.camera.virtual import demo_portraits
from station.photo.detector import Face, FaceDetector, whole
from station.photo.landmarks import (
    CHIN,
    LEFT_EYE_OUTER,
    OVAL,
    POINT_COUNT,
    RIGHT_EYE_OUTER,
    FaceMesh,
    Landmarks,
    Region,
    region_of_face,
    region_of_landmarks,
)
from station.photo.models import ModelName, load_model
from station.photo.pictures import load_picture
from tests.helpers.pictures import Pixels


def a_face_of(eyes: tuple[float, float, float, float], chin: tuple[float, float]) -> Landmarks:
    """Return points where only eyes and chin are in their places, the others between the eyes."""
    right_x, right_y, left_x, left_y = eyes
    points = np.zeros((POINT_COUNT, 3), np.float32)
    points[:, :2] = [(right_x + left_x) / 2, (right_y + left_y) / 2]
    points[[33, 133], :2] = [right_x, right_y]
    points[[362, 263], :2] = [left_x, left_y]
    points[CHIN, :2] = chin
    return Landmarks(points, 20.0)


@cache
def mesh() -> FaceMesh:
    return FaceMesh(load_model(ModelName.LANDMARKS))


@cache
def person(number: int) -> tuple[Pixels, Face, Landmarks]:
    picture = load_picture(demo_portraits()[number])
    detector = FaceDetector(load_model(ModelName.DETECTOR))
    (face,) = detector.search(picture, [whole(picture.shape[1], picture.shape[0])])
    found = mesh().landmarks(picture, region_of_face(face))
    assert found
    return picture, face, found


def test_lengths_and_angles_of_a_drawn_face() -> None:
    face = a_face_of((100, 100, 200, 100), (150, 240))
    assert face.eyes_middle == (150, 100)
    assert (face.eye_distance_px, face.eyes_to_chin_px, face.roll_deg) == (100, 140, 0)
    assert a_face_of((0, 0, 10, 10), (0, 9)).roll_deg == pytest.approx(45)
    assert face.box == (100, 100, 100, 140)
    moved = face.moved(5, -5, 2)
    assert moved.eyes_middle == (305, 195)
    assert moved.presence == face.presence


@given(st.floats(-60, 60), st.floats(20, 400), st.floats(-500, 500), st.floats(-500, 500))
def test_the_region_of_a_face_turns_and_grows_with_it(angle: float, size: float, x: float, y: float) -> None:
    """A ring of points around a middle: the square is half as wide again as the ring, wherever and however it lies."""
    points = np.zeros((POINT_COUNT, 3), np.float32)
    around = np.linspace(0, 2 * math.pi, POINT_COUNT, endpoint=False)
    points[:, 0], points[:, 1] = np.cos(around), np.sin(around)
    points[RIGHT_EYE_OUTER, :2], points[LEFT_EYE_OUTER, :2] = (-1, 0), (1, 0)
    turn = np.asarray(
        [
            [math.cos(math.radians(angle)), -math.sin(math.radians(angle))],
            [math.sin(math.radians(angle)), math.cos(math.radians(angle))],
        ]
    )
    points[:, :2] = points[:, :2] @ turn.T * size + [x, y]
    region = region_of_landmarks(Landmarks(points, 1))
    assert region.turn_deg == pytest.approx(angle, abs=0.1)
    assert region.side_px == pytest.approx(3 * size, rel=1e-2)
    assert (region.centre_x_px, region.centre_y_px) == pytest.approx((x, y), abs=size * 0.01)


def test_the_region_of_a_found_face_is_half_as_wide_again() -> None:
    points = np.asarray([[10, 10], [20, 20], [0, 0], [0, 0], [0, 0], [0, 0]], np.float32)
    assert region_of_face(Face((100, 200, 40, 60), 1, points)) == Region(120, 230, 90, pytest.approx(45))


@pytest.mark.parametrize("number", [0, 1])
def test_the_points_lie_on_the_face(number: int) -> None:
    picture, face, found = person(number)
    assert found.points.shape == (POINT_COUNT, 3)
    assert found.presence > 10
    left, top, width, height = face.box
    eyes = face.keypoints[:2]
    assert np.abs(eyes[0] - found.right_eye).max() < width * 0.08
    assert np.abs(eyes[1] - found.left_eye).max() < width * 0.08
    middle = found.points[list(OVAL), :2].mean(axis=0)
    assert left < middle[0] < left + width
    assert top < middle[1] < top + height
    assert found.point(CHIN)[1] < picture.shape[0]
    assert 0.5 < found.eye_distance_px / found.eyes_to_chin_px < 1.1


@pytest.mark.parametrize("angle", [-25, 12, 40])
def test_a_turned_picture_gives_the_same_points_turned(angle: float) -> None:
    picture, _, found = person(1)
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    turned = np.asarray(cv2.warpAffine(picture, matrix, (width, height)), np.uint8)
    points = found.points.copy()
    points[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    again = mesh().landmarks(turned, region_of_landmarks(Landmarks(points, 1)))
    assert again
    assert again.roll_deg == pytest.approx(found.roll_deg + angle, abs=1.5)
    off = np.linalg.norm(again.points[:, :2] - points[:, :2], axis=1)
    assert float(off.mean()) < 0.03 * found.eye_distance_px


def test_following_stays_on_a_face_that_stays() -> None:
    picture, _, found = person(0)
    first = found
    for _ in range(10):
        again = mesh().landmarks(picture, region_of_landmarks(found))
        assert again
        found = again
    assert np.linalg.norm(found.points[:, :2] - first.points[:, :2], axis=1).mean() < 0.03 * first.eye_distance_px


def test_where_there_is_no_face_there_are_no_points() -> None:
    grey = np.full((480, 640, 3), 128, np.uint8)
    assert mesh().landmarks(grey, Region(320, 240, 200, 0)) is None
    picture, _, _ = person(1)
    assert mesh().landmarks(picture, Region(60, 60, 110, 0)) is None


@pytest.mark.parametrize("side", [math.nan, math.inf, 0.0, -3.0])
def test_a_region_that_is_none_is_no_accident(side: float) -> None:
    assert mesh().landmarks(np.zeros((10, 10, 3), np.uint8), Region(5, 5, side, 0)) is None
