"""The 478 points of one face: where to cut it out for the model, and back into the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from station.photo.detector import Face
from station.photo.models import Model

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from station.photo.pictures import Pixels

    Points: TypeAlias = npt.NDArray[np.float32]
    """Points of a face, n × 3 (or 2): right, down and away from the camera, in pixels of the frame."""

INPUT_PX = 256
POINT_COUNT = 478
ROOM = 1.5
"""How much wider than the face the square is that the model looks at."""
MIN_PRESENCE = 0.0
"""Below this the model itself says that there is no face; a good frontal one has 15 to 26."""

# "Right" and "left" are the person's own, as in the model's own drawing of the points.
RIGHT_EYE_OUTER, RIGHT_EYE_INNER, LEFT_EYE_INNER, LEFT_EYE_OUTER = 33, 133, 362, 263
RIGHT_LIDS, LEFT_LIDS = (159, 145), (386, 374)
INNER_LIPS = (13, 14)
NOSE_TIP, FOREHEAD, CHIN = 1, 10, 152
RIGHT_SIDE, LEFT_SIDE = 234, 454
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The outline of the face, clockwise on an unmirrored picture, from the forehead."""
RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
RIGHT_CHEEK, LEFT_CHEEK = 50, 280


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """The points of a face in pixels of its frame, and how sure the model is (a logit) that there is one."""

    points: Points
    presence: float
    blendshapes: Mapping[str, float] = field(default_factory=dict)

    @property
    def right_eye(self) -> tuple[float, float]:
        """Return the middle between the corners of the person's right eye, the left one on an unmirrored picture."""
        return _middle(self.points, RIGHT_EYE_OUTER, RIGHT_EYE_INNER)

    @property
    def left_eye(self) -> tuple[float, float]:
        """Return the middle between the corners of the person's left eye."""
        return _middle(self.points, LEFT_EYE_INNER, LEFT_EYE_OUTER)

    @property
    def eyes_middle(self) -> tuple[float, float]:
        """Return the middle between the eyes."""
        right, left = self.right_eye, self.left_eye
        return (right[0] + left[0]) / 2, (right[1] + left[1]) / 2

    @property
    def eye_distance_px(self) -> float:
        """Return the distance of the eyes (ISO/IEC 39794-5: the inter-eye distance)."""
        return math.dist(self.right_eye, self.left_eye)

    @property
    def eyes_to_chin_px(self) -> float:
        """Return T, the distance from between the eyes to the chin (ISO/IEC 29794-5)."""
        return math.dist(self.eyes_middle, self.point(CHIN))

    @property
    def roll_deg(self) -> float:
        """Return by how much the line of the eyes falls to the right of the picture."""
        right, left = self.right_eye, self.left_eye
        return math.degrees(math.atan2(left[1] - right[1], left[0] - right[0]))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return left, top, width and height around all points."""
        low, high = self.points[:, :2].min(axis=0), self.points[:, :2].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])

    def point(self, index: int) -> tuple[float, float]:
        """Return one point in the plane of the picture."""
        return float(self.points[index, 0]), float(self.points[index, 1])

    def moved(self, dx_px: float, dy_px: float, scale: float = 1.0) -> Landmarks:
        """Return the same face in a picture that was enlarged by ``scale`` and then moved."""
        import numpy as np

        points = self.points * np.float32(scale) + np.asarray([dx_px, dy_px, 0], np.float32)
        return Landmarks(points.astype(np.float32), self.presence, self.blendshapes)


@dataclass(frozen=True, slots=True)
class Region:
    """The square that the model looks at: its middle, side and turn (clockwise, degrees)."""

    centre_x_px: float
    centre_y_px: float
    side_px: float
    turn_deg: float


def region_of_face(face: Face) -> Region:
    """Return where to look for the points of a face that the detector found."""
    left, top, width, height = face.box
    (right_x, right_y), (left_x, left_y) = face.keypoints[0].tolist(), face.keypoints[1].tolist()
    turn = math.degrees(math.atan2(left_y - right_y, left_x - right_x))
    return Region(left + width / 2, top + height / 2, max(width, height) * ROOM, turn)


def region_of_landmarks(landmarks: Landmarks) -> Region:
    """Return where to look for the same face in the next frame: around its points, as it is turned."""
    import numpy as np

    eyes = landmarks.points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER], :2]
    angle = math.atan2(float(eyes[1, 1] - eyes[0, 1]), float(eyes[1, 0] - eyes[0, 0]))
    across = np.asarray([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    level = landmarks.points[:, :2] @ across.T
    low, high = level.min(axis=0), level.max(axis=0)
    centre_x, centre_y = ((low + high) / 2 @ across).tolist()
    return Region(centre_x, centre_y, float((high - low).max()) * ROOM, math.degrees(angle))


class FaceMesh:
    """The model of the 478 points on one thread."""

    def __init__(self, model: Model) -> None:
        import numpy as np

        self._model = model
        self._patch = np.zeros((INPUT_PX, INPUT_PX, 3), np.uint8)

    def landmarks(self, picture: Pixels, region: Region) -> Landmarks | None:
        """Return the points of the face in a region, in pixels of ``picture``; ``None`` when there is no face."""
        import cv2
        import numpy as np

        if not math.isfinite(region.side_px) or region.side_px < 2:
            return None
        back = _from_patch(region)
        # One matrix for both ways: OpenCV takes the one that leads back into the picture, and so do the points below.
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cv2.warpAffine(picture, back, (INPUT_PX, INPUT_PX), dst=self._patch, flags=flags)
        blob = cv2.dnn.blobFromImage(self._patch, 1 / 255, swapRB=True)
        raw, presence = self._model.run(np.asarray(blob, np.float32))
        logit = float(presence.reshape(-1)[0])
        if logit < MIN_PRESENCE:
            return None
        found = raw.reshape(POINT_COUNT, 3)
        points = np.empty_like(found)
        points[:, :2] = found[:, :2] @ back[:, :2].T + back[:, 2]
        points[:, 2] = found[:, 2] * (region.side_px / INPUT_PX)
        return Landmarks(points, logit)


def _from_patch(region: Region) -> npt.NDArray[np.float64]:
    """Return the matrix that takes pixels of the model's input to pixels of the picture."""
    import numpy as np

    scale = region.side_px / INPUT_PX
    across, along = math.cos(math.radians(region.turn_deg)) * scale, math.sin(math.radians(region.turn_deg)) * scale
    middle = INPUT_PX / 2
    return np.asarray(
        [
            [across, -along, region.centre_x_px - (across - along) * middle],
            [along, across, region.centre_y_px - (along + across) * middle],
        ]
    )


def _middle(points: Points, one: int, other: int) -> tuple[float, float]:
    x, y = ((points[one, :2] + points[other, :2]) / 2).tolist()
    return float(x), float(y)
