"""What is measured on a face and behind it; plain numbers, judged elsewhere (``checks``).

Formulas follow ISO/IEC 29794-5 where it has one, on the pixels of the face alone: light is never held against a target
that a skin colour could miss. T is the distance from between the eyes to the chin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from station.photo import landmarks as mesh
from station.photo.landmarks import Landmarks

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from station.photo.pictures import Pixels

EYE_DISTANCE_PX = 100
"""The distance of the eyes at which light, sharpness and glare are measured; a smaller face is measured as it is."""
DARKEST, BRIGHT = 0.1, 0.5
"""Between these means of a face, sharpness is made independent of its brightness."""
OVEREXPOSED, UNDEREXPOSED, SATURATED = 247, 25, 250
PERSON, BACKGROUND = 0.5, 0.1
"""Above the first a pixel is the person's, below the second it is background."""


class Measure(StrEnum):
    """The names of what is measured."""

    EYE_DISTANCE_PX = "eye_distance_px"
    FACE_WIDTH_SHARE = "face_width_share"
    SECOND_FACE = "second_face"
    ROLL_DEG = "roll_deg"
    YAW = "yaw"
    PITCH_DEG = "pitch_deg"
    LID_GAP_RIGHT = "lid_gap_right"
    LID_GAP_LEFT = "lid_gap_left"
    BLINK_RIGHT = "blink_right"
    BLINK_LEFT = "blink_left"
    LID_SHARE_RIGHT = "lid_share_right"
    LID_SHARE_LEFT = "lid_share_left"
    BLINK_RISE_RIGHT = "blink_rise_right"
    BLINK_RISE_LEFT = "blink_rise_left"
    MOUTH_GAP = "mouth_gap"
    JAW_OPEN = "jaw_open"
    LIGHT_MEAN = "light_mean"
    LIGHT_HIGH = "light_high"
    OVEREXPOSED = "overexposed"
    UNDEREXPOSED = "underexposed"
    SIDE_LIGHT = "side_light"
    SHARPNESS = "sharpness"
    GLARE = "glare"
    BACKGROUND_SPREAD = "background_spread"
    BACKGROUND_GRADIENT = "background_gradient"
    BACKGROUND_LIGHT = "background_light"
    BACKGROUND_SHARE = "background_share"
    HEAD_HEIGHT = "head_height"


def geometry(face: Landmarks, width_px: int) -> dict[str, float]:
    """Return size, pose, lids and mouth; needs no picture."""
    eyes_to_chin = max(face.eyes_to_chin_px, 1e-6)
    shapes = face.blendshapes
    return {
        Measure.EYE_DISTANCE_PX: face.eye_distance_px,
        Measure.FACE_WIDTH_SHARE: face.box[2] / max(width_px, 1),
        Measure.ROLL_DEG: face.roll_deg,
        Measure.YAW: _yaw(face),
        Measure.PITCH_DEG: _pitch_deg(face),
        Measure.LID_GAP_RIGHT: _gap(face, mesh.RIGHT_LIDS) / eyes_to_chin,
        Measure.LID_GAP_LEFT: _gap(face, mesh.LEFT_LIDS) / eyes_to_chin,
        Measure.BLINK_RIGHT: shapes.get("eyeBlinkRight", 0.0),
        Measure.BLINK_LEFT: shapes.get("eyeBlinkLeft", 0.0),
        Measure.MOUTH_GAP: _gap(face, mesh.INNER_LIPS) / eyes_to_chin,
        Measure.JAW_OPEN: shapes.get("jawOpen", 0.0),
    }


@dataclass(frozen=True, slots=True)
class OpenEyes:
    """How far somebody's own eyes are open as a rule, right and left, from the frames of one stream.

    Lids and blendshapes differ from person to person and are dulled by glasses: what is compared is one person with the
    moment before. It is forgotten with the face.
    """

    gaps: tuple[float, float] = (0.0, 0.0)
    blinks: tuple[float, float] = (1.0, 1.0)
    frames: int = 0

    def after(self, taken: Mapping[str, float]) -> OpenEyes:
        """Return it with one more frame; it follows slowly where somebody's eyes become narrower."""
        gaps = taken[Measure.LID_GAP_RIGHT], taken[Measure.LID_GAP_LEFT]
        blinks = taken[Measure.BLINK_RIGHT], taken[Measure.BLINK_LEFT]
        wide = [max(gap, before * _GAP_KEPT) for gap, before in zip(gaps, self.gaps, strict=True)]
        least = [min(blink, before + _BLINK_EASED) for blink, before in zip(blinks, self.blinks, strict=True)]
        return OpenEyes((wide[0], wide[1]), (least[0], least[1]), self.frames + 1)

    def compared(self, taken: Mapping[str, float]) -> dict[str, float]:
        """Return how far the lids are open of that, and by how much more they blink; nothing before it is known."""
        if self.frames < _KNOWN_AFTER or min(self.gaps) <= 0:
            return {}
        return {
            Measure.LID_SHARE_RIGHT: taken[Measure.LID_GAP_RIGHT] / self.gaps[0],
            Measure.LID_SHARE_LEFT: taken[Measure.LID_GAP_LEFT] / self.gaps[1],
            Measure.BLINK_RISE_RIGHT: taken[Measure.BLINK_RIGHT] - self.blinks[0],
            Measure.BLINK_RISE_LEFT: taken[Measure.BLINK_LEFT] - self.blinks[1],
        }


_GAP_KEPT, _BLINK_EASED = 0.995, 0.002
"""What is kept of an eye's width from frame to frame, and how much a blink's least may rise: half is lost in 5 s."""
_KNOWN_AFTER = 8


def light_and_sharpness(picture: Pixels, face: Landmarks) -> dict[str, float]:
    """Return light, side light, sharpness and glare, from a copy of the face with the eyes 100 pixels apart or less.

    Empty when the face lies outside the picture.
    """
    import cv2

    patch = _face_patch(picture, face)
    if patch is None:
        return {}
    grey, points = patch
    unit = min(EYE_DISTANCE_PX, face.eye_distance_px)
    mask = _filled(grey.shape, points[list(mesh.OVAL)])
    count = cv2.countNonZero(mask)
    if not count:
        return {}
    light = _light(grey, mask, count)
    zones = [_burnt_out(grey, points[list(eye)], unit * 0.05) for eye in (mesh.RIGHT_EYE, mesh.LEFT_EYE)]
    # In 16 bits, for in 8 all edges from light to dark would be cut off at zero.
    _, spread = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S), mask=mask)
    # Edges are as weak as the light is: without this, a dark face would be called blurred.
    strength = BRIGHT / min(BRIGHT, max(DARKEST, light[Measure.LIGHT_MEAN]))
    return {
        **light,
        Measure.SIDE_LIGHT: _side_light(grey, mask, points, round(unit / 5)),
        Measure.SHARPNESS: (float(spread[0, 0]) * strength) ** 2,
        # Where the whole face is burnt out, it is not the glasses.
        Measure.GLARE: max(0.0, max(zones) - light[Measure.OVEREXPOSED]),
    }


def background(grey: npt.NDArray[np.uint8], person: npt.NDArray[np.float32]) -> dict[str, float]:
    """Return how plain and how light the background is, from a grey picture and the person's mask of the same size.

    Spread is a standard deviation and gradient a mean, of 256 levels; light is 0..1. Where there is no background to
    speak of, only its share is returned.
    """
    import cv2
    import numpy as np

    # A little away from the person, where the mask is sure: hair at its edge is not the wall.
    outside = cv2.erode((person < BACKGROUND).astype(np.uint8), np.ones((9, 9), np.uint8))
    share = cv2.countNonZero(outside) / outside.size
    if share < 0.02:
        return {Measure.BACKGROUND_SHARE: share}
    mean, spread = cv2.meanStdDev(grey, mask=outside)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return {
        Measure.BACKGROUND_SHARE: share,
        Measure.BACKGROUND_SPREAD: float(spread[0, 0]),
        Measure.BACKGROUND_GRADIENT: cv2.mean(cv2.magnitude(across, down), mask=outside)[0],
        Measure.BACKGROUND_LIGHT: float(mean[0, 0]) / 255,
    }


def head_height(person: npt.NDArray[np.float32], face: Landmarks) -> float:
    """Return how far the head reaches above the chin, hair and hat included, in T; 2 is the usual.

    ``face`` is in pixels of the mask. It is only measured how high it is, never what it is.
    """
    import numpy as np

    eyes_x, eyes_y = face.eyes_middle
    reach = face.eye_distance_px * 0.4
    rows, columns = person.shape
    left, right = max(0, round(eyes_x - reach)), min(columns, round(eyes_x + reach) + 1)
    start = min(max(0, round(eyes_y)), rows - 1)
    if left >= right or eyes_y < 0:
        return 0.0
    is_head = person[: start + 1, left:right].mean(axis=1)[::-1] > PERSON
    above = int(np.argmin(is_head)) if not is_head.all() else start + 1
    return 1 + above / max(face.eyes_to_chin_px, 1e-6)


def _yaw(face: Landmarks) -> float:
    """Return how far the nose is off the middle, in face widths; above zero towards the person's left."""
    nose, right, left = (face.point(index) for index in (mesh.NOSE_TIP, mesh.RIGHT_SIDE, mesh.LEFT_SIDE))
    return (math.dist(nose, right) - math.dist(nose, left)) / max(math.dist(right, left), 1e-6)


def _pitch_deg(face: Landmarks) -> float:
    """Return by how much the plane of the face leans: above zero with the chin nearer to the camera (looking up).

    From the depth that the mesh estimates between forehead and chin: rough, for advice only.
    """
    import numpy as np

    forehead, chin = face.points[mesh.FOREHEAD], face.points[mesh.CHIN]
    along = float(np.linalg.norm(chin[:2] - forehead[:2]))
    return math.degrees(math.atan2(float(forehead[2] - chin[2]), max(along, 1e-6)))


def _gap(face: Landmarks, pair: tuple[int, int]) -> float:
    return math.dist(face.point(pair[0]), face.point(pair[1]))


def _face_patch(picture: Pixels, face: Landmarks) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]] | None:
    """Return the face in grey with the eyes 100 pixels apart or less, not turned, and its points there."""
    import cv2
    import numpy as np

    margin = face.eye_distance_px * 0.1
    left, top, width, height = face.box
    x0, y0 = max(0, math.floor(left - margin)), max(0, math.floor(top - margin))
    x1 = min(picture.shape[1], math.ceil(left + width + margin))
    y1 = min(picture.shape[0], math.ceil(top + height + margin))
    if x1 - x0 < 4 or y1 - y0 < 4 or face.eye_distance_px < 2:
        return None
    # Never enlarged: pixels that are not there would make a small face look blurred, and it is only small.
    scale = min(1.0, EYE_DISTANCE_PX / face.eye_distance_px)
    size = max(4, round((x1 - x0) * scale)), max(4, round((y1 - y0) * scale))
    grey = cv2.resize(cv2.cvtColor(picture[y0:y1, x0:x1], cv2.COLOR_BGR2GRAY), size, interpolation=cv2.INTER_AREA)
    points = (face.points[:, :2] - np.asarray([x0, y0], np.float32)) * np.float32(scale)
    return np.asarray(grey, np.uint8), points.astype(np.float32)


def _filled(shape: tuple[int, ...], outline: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    import cv2
    import numpy as np

    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255)
    return mask


def _light(grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8], count: int) -> dict[str, float]:
    import cv2
    import numpy as np

    histogram = cv2.calcHist([grey], [0], mask, [256], [0, 256]).reshape(-1)
    upwards = np.cumsum(histogram) / count
    return {
        Measure.LIGHT_MEAN: float(histogram @ np.arange(256)) / count / 255,
        Measure.LIGHT_HIGH: int(np.searchsorted(upwards, 0.95)) / 255,
        Measure.OVEREXPOSED: float(histogram[OVEREXPOSED:].sum()) / count,
        Measure.UNDEREXPOSED: float(histogram[: UNDEREXPOSED + 1].sum()) / count,
    }


def _side_light(
    grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8], points: npt.NDArray[np.float32], reach: int
) -> float:
    """Return how bright the person's right cheek is for each part of the left one."""
    right, left = (_cheek(grey, mask, points[index], reach) for index in (mesh.RIGHT_CHEEK, mesh.LEFT_CHEEK))
    return right / left if right and left else 1.0


def _cheek(grey: npt.NDArray[np.uint8], mask: npt.NDArray[np.uint8], at: npt.NDArray[np.float32], reach: int) -> float:
    import cv2

    x, y = round(float(at[0])), round(float(at[1]))
    window = (slice(max(0, y - reach), max(0, y + reach)), slice(max(0, x - reach), max(0, x + reach)))
    part = grey[window]
    return float(cv2.mean(part, mask=mask[window])[0]) if part.size else 0.0


def _burnt_out(grey: npt.NDArray[np.uint8], eye: npt.NDArray[np.float32], margin: float) -> float:
    """Return which share of the zone around an eye (its box and 5 % of the eye distance) is burnt out."""
    import numpy as np

    low = np.floor(eye.min(axis=0) - margin).astype(int).clip(0)
    high = np.ceil(eye.max(axis=0) + margin).astype(int).clip(0)
    zone = grey[low[1] : high[1], low[0] : high[0]]
    return float((zone >= SATURATED).mean()) if zone.size else 0.0
