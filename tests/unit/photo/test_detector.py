"""What the detector gives is decoded into the right places, once a face, wherever in a picture it is."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from station.photo.detector import (
    INPUT_PX,
    SMALLEST_TILE_PX,
    Face,
    Tile,
    anchors,
    decode,
    merged,
    overlap,
    squares,
    whole,
    without_doubles,
)

edges = st.integers(100, 6000)
shares = st.floats(0.05, 0.95)


def row_of(left: float, top: float, right: float, bottom: float) -> list[float]:
    return [left, top, right, bottom, *[(left + right) / 2, (top + bottom) / 2] * 6]


def test_the_anchors_are_the_models_own() -> None:
    """896: a grid of 16 by 16 twice, then one of 8 by 8 six times, each at the middle of its cell."""
    assert anchors().shape == (896, 2)
    assert anchors()[0].tolist() == anchors()[1].tolist() == [1 / 32, 1 / 32]
    assert anchors()[2].tolist() == [3 / 32, 1 / 32]
    assert anchors()[512].tolist() == anchors()[517].tolist() == [1 / 16, 1 / 16]
    assert anchors()[-1].tolist() == [15 / 16, 15 / 16]


@given(st.integers(0, 895), shares, shares, st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_a_box_is_decoded_where_it_was_encoded(index: int, x: float, y: float, width: float, height: float) -> None:
    scores = np.full((1, 896, 1), -10, np.float32)
    scores[0, index] = 3
    raw = np.zeros((1, 896, 16), np.float32)
    anchor_x, anchor_y = anchors()[index].tolist()
    raw[0, index, :4] = [(x - anchor_x) * INPUT_PX, (y - anchor_y) * INPUT_PX, width * INPUT_PX, height * INPUT_PX]
    raw[0, index, 4:] = np.tile([(0.25 - anchor_x) * INPUT_PX, (0.75 - anchor_y) * INPUT_PX], 6)
    rows, sure = decode(scores, raw)
    assert rows.shape == (1, 16)
    assert sure[0] == pytest.approx(1 / (1 + math.exp(-3)))
    expected = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    assert rows[0, :4].tolist() == pytest.approx(expected, abs=1e-5)
    assert rows[0, 4:].tolist() == pytest.approx([0.25, 0.75] * 6, abs=1e-5)


@given(st.floats(-1e9, 1e9), st.sampled_from([0.1, 0.5, 0.9]))
def test_only_what_is_sure_enough_is_decoded(logit: float, least: float) -> None:
    wanted = math.log(least / (1 - least))
    assume(abs(logit - wanted) > 1e-3)
    rows, sure = decode(np.full(896, logit, np.float32), np.full((896, 16), 10, np.float32), min_score=least)
    assert len(rows) == len(sure) == (896 if logit > wanted else 0)


def test_a_box_without_a_size_is_dropped() -> None:
    rows, _ = decode(np.full(896, 5, np.float32), np.zeros((896, 16), np.float32))
    assert len(rows) == 0


def test_overlapping_boxes_become_their_weighed_mean() -> None:
    rows = np.asarray([row_of(0, 0, 1, 1), row_of(0.1, 0, 1.1, 1), row_of(3, 3, 4, 4)], np.float32)
    out, sure = merged(rows, np.asarray([0.6, 0.9, 0.7], np.float32))
    assert sure.tolist() == pytest.approx([0.9, 0.7])
    assert out[0, 0] == pytest.approx(0.1 * 0.9 / 1.5)
    assert out[1, :4].tolist() == [3, 3, 4, 4]


def test_nothing_merges_into_nothing() -> None:
    out, sure = merged(np.zeros((0, 16), np.float32), np.zeros(0, np.float32))
    assert (out.shape, sure.shape) == ((0, 16), (0,))


boxes = st.tuples(shares, shares, st.floats(0.02, 0.5), st.floats(0.02, 0.5)).map(
    lambda box: row_of(box[0], box[1], box[0] + box[2], box[1] + box[3])
)


@given(st.lists(st.tuples(boxes, st.floats(0.5, 1.0)), min_size=1, max_size=12))
def test_merging_keeps_every_face_and_invents_none(found: list[tuple[list[float], float]]) -> None:
    rows = np.asarray([row for row, _ in found], np.float32)
    scores = np.asarray([score for _, score in found], np.float32)
    out, sure = merged(rows, scores)
    assert 1 <= len(out) <= len(rows)
    assert sure.tolist() == sorted(sure.tolist(), reverse=True)
    assert sure[0] == scores.max()
    low, high = rows.min(axis=0) - 1e-4, rows.max(axis=0) + 1e-4
    assert ((out >= low) & (out <= high)).all()
    # Of what is left, no two lie so on each other that the surest of them would have taken the other.
    for row in rows:
        assert overlap(row[:4], out[:, :4], of_smaller=True).max() > 0


@given(boxes, boxes)
def test_an_overlap_is_a_share_and_the_same_from_both_sides(one: list[float], other: list[float]) -> None:
    first, second = np.asarray(one[:4], np.float32), np.asarray(other[:4], np.float32)
    for of_smaller in (False, True):
        there = overlap(first, second[None], of_smaller=of_smaller)[0]
        back = overlap(second, first[None], of_smaller=of_smaller)[0]
        assert there == pytest.approx(back, abs=1e-5)
        assert -1e-6 <= there <= 1 + 1e-3
    assert overlap(first, first[None])[0] == pytest.approx(1, abs=1e-3)


@given(edges, edges, st.sampled_from([1.0, 0.5]), st.data())
def test_the_squares_cover_the_picture_and_a_face_lies_in_one_of_them_wholly(
    width: int, height: int, part: float, data: st.DataObject
) -> None:
    tiles = squares(width, height, part)
    side = tiles[0].side_px
    assert side == max(min(width, height) * part, SMALLEST_TILE_PX)
    face = side * 0.39
    x = data.draw(st.floats(0, max(0.0, width - face)))
    y = data.draw(st.floats(0, max(0.0, height - face)))
    slack = 1e-6 * side
    assert any(
        tile.left_px <= x + slack
        and x + face <= tile.left_px + side + slack
        and tile.top_px <= y + slack
        and y + face <= tile.top_px + side + slack
        for tile in tiles
    )


def test_the_middle_is_looked_at_first() -> None:
    tiles = squares(1280, 720)
    assert tiles[0] == Tile(280, 0, 720)
    assert {tile.left_px for tile in tiles} == {0, 280, 560}
    assert whole(1280, 720) == Tile(0, -280, 1280)


def a_face(left: float, top: float, size: float) -> Face:
    points: npt.NDArray[np.float32] = np.zeros((6, 2), np.float32)
    return Face((left, top, size, size), 0.9, points)


def test_a_face_that_was_seen_in_part_too_counts_once() -> None:
    large, part_of_it, other = a_face(100, 100, 100), a_face(120, 140, 50), a_face(300, 100, 60)
    assert without_doubles([part_of_it, other, large]) == (large, other)
