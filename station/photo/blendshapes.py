"""How far lids and jaw are open, from the points of a face; nothing about what somebody feels is concluded from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from station.photo.models import Model

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from station.photo.models import Tensor

# The points that the model was trained on (MediaPipe, face_blendshapes_graph), as ranges and single ones.
_POINTS = (
    "0 1 4-8 10 13 14 17 21 33 37 39 40 46 52-55 58 61 63 65-67 70 78 80-82 84 87 88 91 93 95 103 105 107 109 127 132"
    " 133 136 144-146 148-150 152-155 157-163 168 172 173 176 178 181 185 191 195 197 234 246 249 251 263 267 269 270"
    " 276 282-285 288 291 293 295-297 300 308 310-312 314 317 318 321 323 324 332 334 336 338 356 361 362 365 373-375"
    " 377-382 384-390 397 398 400 402 405 409 415 454 466 468-477"
)
POINT_COUNT = 146
# Only what a check is made of is given a name: the other 45 of the 52 outputs are never looked at.
USED = {
    "eyeBlinkLeft": 9,
    "eyeBlinkRight": 10,
    "eyeLookDownLeft": 11,
    "eyeLookDownRight": 12,
    "eyeLookUpLeft": 17,
    "eyeLookUpRight": 18,
    "jawOpen": 25,
}


@cache
def points_used() -> npt.NDArray[np.intp]:
    """Return the indices of the 146 points that the model takes."""
    import numpy as np

    ends = [(part.split("-")[0], part.split("-")[-1]) for part in _POINTS.split()]
    return np.asarray([index for low, high in ends for index in range(int(low), int(high) + 1)], np.intp)


def blendshapes(model: Model, points: Tensor) -> Mapping[str, float]:
    """Return lids, gaze up and down, and jaw (0..1) of a face given as 478 points in pixels."""
    import numpy as np

    blob = np.ascontiguousarray(points[points_used(), :2], np.float32)[None]
    scores = model.run(blob)[0].reshape(-1)
    return {name: float(scores[index]) for name, index in USED.items()}
