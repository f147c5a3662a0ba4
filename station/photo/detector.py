"""Find faces: what BlazeFace's short-range model gives, decoded, and where in a picture it has to look.

The model sees 128 × 128 pixels and nothing of a face that is smaller than about a seventh of that. So a picture is
looked at as a whole and in overlapping squares, and in smaller squares when those show nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from station.photo.models import Model

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from station.photo.pictures import Pixels

    Floats: TypeAlias = npt.NDArray[np.float32]

INPUT_PX = 128
SURE_SCORE, MIN_SCORE = 0.5, 0.3
"""A face counts from the first; where there is none, the best one counts from the second: half a face has so little."""
SAME_FACE_IOU = 0.3
INSIDE = 0.5
"""How much of the smaller of two boxes lies in the larger when both are the same face, seen whole and cut off."""
SMALLEST_TILE_PX = 96


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face that was found, in pixels of the picture: left, top, width and height; six points, the eyes first."""

    box: tuple[float, float, float, float]
    score: float
    keypoints: Floats

    @property
    def area(self) -> float:
        """Return the area of its box in square pixels."""
        return self.box[2] * self.box[3]


@dataclass(frozen=True, slots=True)
class Tile:
    """A square of a picture that the detector looks at; where it reaches beyond the picture, it is black."""

    left_px: float
    top_px: float
    side_px: float


def whole(width_px: int, height_px: int) -> Tile:
    """Return the smallest square around a picture."""
    side = max(width_px, height_px)
    return Tile((width_px - side) / 2, (height_px - side) / 2, side)


def squares(width_px: int, height_px: int, part: float = 1.0) -> tuple[Tile, ...]:
    """Return overlapping squares that cover a picture, ``part`` of its shorter side wide: the middle one first.

    Neighbours overlap by 40 % or more, so that a face which is no larger than that lies in one of them wholly.
    """
    side = max(min(width_px, height_px) * part, SMALLEST_TILE_PX)
    places = [Tile(x, y, side) for y in _steps(height_px, side) for x in _steps(width_px, side)]
    middle_x, middle_y = (width_px - side) / 2, (height_px - side) / 2
    return tuple(sorted(places, key=lambda tile: (tile.left_px - middle_x) ** 2 + (tile.top_px - middle_y) ** 2))


def _steps(length: int, side: float) -> list[float]:
    room = length - side
    if room <= 0:
        return [room / 2]
    count = -int(-room // (side * 0.6))
    return [room * number / count for number in range(count + 1)]


@cache
def anchors() -> Floats:
    """Return the centres of the model's 896 anchors in shares of its input: 16² places twice, 8² places six times."""
    import numpy as np

    parts = []
    for cells, times in ((16, 2), (8, 6)):
        middles = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(middles, middles)
        parts.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), times, axis=0))
    return np.concatenate(parts).astype(np.float32)


def decode(scores: Floats, regressors: Floats, *, min_score: float = MIN_SCORE) -> tuple[Floats, Floats]:
    """Return boxes (n × 16) and scores (n) of what the model is sure enough of, in shares of its input.

    A row is left, top, right, bottom and six points. ``scores`` are 896 logits, ``regressors`` 896 × 16 pixels:
    centre, width and height of the box and the points, all but width and height from the anchor.
    """
    import numpy as np

    # Past 88 the exponential leaves 32-bit floats.
    sure = 1 / (1 + np.exp(-np.clip(scores.reshape(-1), -80, 80)))
    kept = np.flatnonzero(sure >= min_score)
    raw = regressors.reshape(-1, 16)[kept] / INPUT_PX
    centres = anchors()[kept]
    found = raw + np.tile(centres, 8)
    half = raw[:, 2:4] / 2
    middle = found[:, 0:2].copy()
    found[:, 0:2], found[:, 2:4] = middle - half, middle + half
    real = (half > 0).all(axis=1)
    return found[real].astype(np.float32), sure[kept][real].astype(np.float32)


def merged(rows: Floats, scores: Floats, *, iou: float = SAME_FACE_IOU) -> tuple[Floats, Floats]:
    """Return one row a face: overlapping rows become their mean, each weighed by its score; the surest first."""
    import numpy as np

    left = np.argsort(-scores, kind="stable")
    out, sure = [], []
    while left.size:
        best = left[0]
        same = overlap(rows[best, :4], rows[left, :4]) >= iou
        same[0] = True
        group = left[same]
        weight = scores[group][:, None]
        out.append((rows[group] * weight).sum(axis=0) / weight.sum())
        sure.append(scores[best])
        left = left[~same]
    return np.asarray(out, np.float32).reshape(-1, 16), np.asarray(sure, np.float32)


def overlap(one: Floats, others: Floats, *, of_smaller: bool = False) -> Floats:
    """Return how much a box (left, top, right, bottom) and others overlap: of their union, or of the smaller one."""
    import numpy as np

    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    mine, theirs = np.prod(one[2:] - one[:2]), np.prod(others[:, 2:] - others[:, :2], axis=1)
    base = np.minimum(mine, theirs) if of_smaller else mine + theirs - common
    shares: Floats = (common / np.maximum(base, 1e-12)).astype(np.float32)
    return shares


class FaceDetector:
    """The detector on one thread; its input is made in memory that is kept."""

    def __init__(self, model: Model) -> None:
        import numpy as np

        self._model = model
        self._small = np.zeros((INPUT_PX, INPUT_PX, 3), np.uint8)

    def search(self, picture: Pixels, tiles: Iterable[Tile]) -> tuple[Face, ...]:
        """Return the faces in those squares of a picture (blue first), the largest first."""
        import numpy as np

        height, width = picture.shape[:2]
        found = [self._in_tile(picture, tile) for tile in tiles]
        rows = np.concatenate([rows for rows, _ in found] or [np.zeros((0, 16), np.float32)])
        scores = np.concatenate([scores for _, scores in found] or [np.zeros(0, np.float32)])
        faces = [_face(row, float(score)) for row, score in zip(*merged(rows, scores), strict=True)]
        inside = [face for face in faces if _middle_inside(face, width, height)]
        sure = [face for face in inside if face.score >= SURE_SCORE]
        return without_doubles(sure or sorted(inside, key=lambda face: -face.score)[:1])

    def _in_tile(self, picture: Pixels, tile: Tile) -> tuple[Floats, Floats]:
        import cv2
        import numpy as np

        scale = INPUT_PX / tile.side_px
        # Half a pixel, because a pixel's middle is what stays in its place.
        shift = 0.5 * scale - 0.5
        matrix = np.asarray([[scale, 0, shift - tile.left_px * scale], [0, scale, shift - tile.top_px * scale]])
        cv2.warpAffine(picture, matrix, (INPUT_PX, INPUT_PX), dst=self._small, flags=cv2.INTER_LINEAR)
        # This model takes red first, from -1 to 1; the others of the station take 0 to 1.
        blob = cv2.dnn.blobFromImage(self._small, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)
        scores, regressors = self._model.run(np.asarray(blob, np.float32))
        rows, sure = merged(*decode(scores, regressors))
        whole_ones = _not_cut_off(rows, tile, picture.shape[1], picture.shape[0])
        rows, sure = rows[whole_ones], sure[whole_ones]
        return rows * tile.side_px + np.tile(np.asarray([tile.left_px, tile.top_px], np.float32), 8), sure


def without_doubles(faces: Sequence[Face]) -> tuple[Face, ...]:
    """Return the faces, largest first, without those that lie in a larger one for the most part."""
    import numpy as np

    kept: list[Face] = []
    for face in sorted(faces, key=lambda each: -each.area):
        corners = np.asarray([_corners(other) for other in kept], np.float32).reshape(-1, 4)
        mine = np.asarray(_corners(face), np.float32)
        if not (overlap(mine, corners, of_smaller=True) > INSIDE).any():
            kept.append(face)
    return tuple(kept)


def _not_cut_off(rows: Floats, tile: Tile, width_px: int, height_px: int) -> npt.NDArray[np.bool_]:
    """Return which faces the tile's own edge does not cut; a neighbour sees those whole."""
    import numpy as np

    slack = 0.02
    low = np.asarray([tile.left_px > 0, tile.top_px > 0]) & (rows[:, 0:2] < slack)
    right, bottom = tile.left_px + tile.side_px < width_px, tile.top_px + tile.side_px < height_px
    high = np.asarray([right, bottom]) & (rows[:, 2:4] > 1 - slack)
    return np.asarray(~(low | high).any(axis=1), np.bool_)


def _corners(face: Face) -> tuple[float, float, float, float]:
    left, top, width, height = face.box
    return left, top, left + width, top + height


def _middle_inside(face: Face, width_px: int, height_px: int) -> bool:
    left, top, right, bottom = _corners(face)
    return 0 <= (left + right) / 2 < width_px and 0 <= (top + bottom) / 2 < height_px


def _face(row: Floats, score: float) -> Face:
    left, top, right, bottom = (float(value) for value in row[:4])
    return Face((left, top, right - left, bottom - top), score, row[4:].reshape(6, 2))
