"""The model of lids and jaw gets the points that it was trained on, and only lids, gaze and jaw are read."""

from __future__ import annotations

import numpy as np

from station.photo.blendshapes import POINT_COUNT, USED, points_used


def test_the_models_points_are_146_in_order_with_both_irises() -> None:
    points = points_used()
    assert len(points) == POINT_COUNT == len(set(points.tolist()))
    assert (np.diff(points) > 0).all()
    assert points[-10:].tolist() == list(range(468, 478))
    # The corners of the eyes, the lids, the lips and the chin must be among them.
    assert {33, 133, 159, 145, 263, 362, 386, 374, 13, 14, 61, 291, 152} <= set(points.tolist())
    # The sum of the indices in the maker's own list.
    assert int(points.sum()) == 33248


def test_nothing_is_read_that_tells_a_mood() -> None:
    assert not [name for name in USED if "mile" in name or "rown" in name or "brow" in name or "cheek" in name]
