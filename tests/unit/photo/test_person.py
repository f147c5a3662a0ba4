"""A person's mask covers the person, in a picture of any shape, and parts of pictures stay inside them."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.adapters.camera.virtual import demo_portraits
from station.photo.models import ModelName, load_model
from station.photo.person import Part, PersonFinder
from station.photo.pictures import load_picture

numbers = st.integers(-3000, 3000)


@cache
def finder() -> PersonFinder:
    return PersonFinder(load_model(ModelName.PERSON))


@given(numbers, numbers, st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 500), st.integers(1, 500))
def test_a_part_within_a_picture_is_what_both_have(
    left: int, top: int, width: int, height: int, wide: int, high: int
) -> None:
    part = Part(left, top, width, height).within(wide, high)
    picture = np.zeros((high, wide, 3), np.uint8)
    assert part.width == max(0, min(wide, left + width) - max(0, left))
    assert part.height == max(0, min(high, top + height) - max(0, top))
    if part.width and part.height:
        assert part.of(picture).shape == (part.height, part.width, 3)
        assert part.of(picture).base is not None


@pytest.mark.parametrize("size", [(1344, 756), (756, 756), (400, 900), (90, 60)])
def test_the_middle_is_the_person_and_the_corners_above_are_not(size: tuple[int, int]) -> None:
    picture = load_picture(demo_portraits()[1])
    middle = picture[:, (picture.shape[1] - 756) // 2 :][:, :756] if size[0] <= size[1] else picture
    small, mask = finder().look(np.asarray(cv2.resize(middle, size), np.uint8))
    assert max(mask.shape) == 256
    assert mask.shape == small.shape[:2]
    assert mask.shape[1] / mask.shape[0] == pytest.approx(size[0] / size[1], rel=0.02)
    assert float(mask.min()) >= 0
    assert float(mask.max()) <= 1
    rows, columns = mask.shape
    assert mask[rows // 2, columns // 2] > 0.9
    assert mask[: rows // 10, : columns // 10].max() < 0.5
    assert mask[: rows // 10, -columns // 10 :].max() < 0.5
    # Shoulders go on to the lower edge: the person is not cut off where the picture was filled up.
    assert mask[-1, columns // 2] > 0.5


def test_the_mask_is_the_callers_own() -> None:
    picture = load_picture(demo_portraits()[0])
    _, first = finder().look(picture)
    kept = first.copy()
    finder().look(np.zeros_like(picture))
    assert (first == kept).all()
