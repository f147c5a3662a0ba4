"""Look at a picture: whose face is it made for, where are its points, and what is measured on it.

For one frame after another, the analysis of the frame before is handed in: then the face is followed by its points,
which costs a third of finding it anew, and what changes slowly is looked at in turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from station.photo import measures
from station.photo.blendshapes import blendshapes
from station.photo.crop import PORTRAIT_RATIO, ROOM, ROOM_ABOVE, CropProposal, propose_crop
from station.photo.detector import SURE_SCORE, Face, FaceDetector, Tile, overlap, squares, whole, without_doubles
from station.photo.landmarks import FaceMesh, Landmarks, region_of_face, region_of_landmarks
from station.photo.measures import Measure, OpenEyes
from station.photo.models import ModelName, load_model, models_folder
from station.photo.person import Part, PersonFinder

if TYPE_CHECKING:
    from station.photo.pictures import Pixels

__all__ = ["Analysis", "Face", "FaceEngine", "Landmarks"]

WORKING_EDGE_PX = 1280
"""A picture whose longer edge has twice this or more is searched on a copy reduced by a whole number."""
SMALL_PART = 0.5
"""How large the squares are, of the shorter side, that are looked at when nobody was found in larger ones."""
TILES_A_FRAME = 4
BACKGROUND_EVERY = 10
"""The person is told from the background in every tenth frame: that costs more than everything else together."""
OTHERS_EVERY = 3
"""Whether there is somebody else is looked up in every third frame, in one place after another."""
OTHERS_STAY = 15
"""For how many frames a second face counts that was seen in one of them: every place has its turn in fewer."""
SECOND_FACE_MATTERS = 0.15
NEARER = 2.5
"""How many times as wide as a face the square is in which it is looked for once more."""
USUAL_HEAD, HIGH_HEAD = 1.9, (2.0, 2.1)
"""How many T a head reaches from the chin to its top. From the first of the others on it gets more room, and from the
second on all of it: in a stream, a hair's breadth must not make the crop jump."""
PATCH_ROOM = 0.3


@dataclass(frozen=True, slots=True)
class _Other:
    face: Face
    seen: int


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What was seen in one picture; ``faces`` has the main one first, ``number`` counts the frames of one stream."""

    size_px: tuple[int, int]
    faces: tuple[Face, ...] = ()
    main: Landmarks | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    number: int = 0
    others: tuple[_Other, ...] = ()
    background_at: int = -BACKGROUND_EVERY
    open_eyes: OpenEyes = field(default_factory=OpenEyes)

    def beside(self, open_eyes: OpenEyes) -> Analysis:
        """Return this analysis with its eyes compared to the same person's in the frames before."""
        if self.main is None:
            return self
        return replace(self, measures={**self.measures, **open_eyes.compared(self.measures)})

    @property
    def room(self) -> float:
        """Return T as a share of the portrait that this head needs: less where hair or hat reach high."""
        high = (self.measures.get(Measure.HEAD_HEIGHT, USUAL_HEAD) - HIGH_HEAD[0]) / (HIGH_HEAD[1] - HIGH_HEAD[0])
        return ROOM + (ROOM_ABOVE - ROOM) * min(max(high, 0.0), 1.0)

    def crop(self, ratio: float = PORTRAIT_RATIO) -> CropProposal | None:
        """Return the crop for a layout's ratio; ``None`` without a face."""
        if self.main is None:
            return None
        above = max(self.measures.get(Measure.HEAD_HEIGHT, USUAL_HEAD), USUAL_HEAD) - 1
        return propose_crop(self.main, self.size_px, ratio, room=self.room, above=above)


class FaceEngine:
    """All four models, loaded once; one for each thread that looks at pictures."""

    def __init__(self, folder: Path | None = None) -> None:
        """Load the models from ``folder``, or from those that came with the station.

        Raises:
            ModelError: one is missing or altered.
        """
        folder = folder or models_folder()
        self._detector = FaceDetector(load_model(ModelName.DETECTOR, folder))
        self._mesh = FaceMesh(load_model(ModelName.LANDMARKS, folder))
        self._shapes = load_model(ModelName.BLENDSHAPES, folder)
        self.person = PersonFinder(load_model(ModelName.PERSON, folder))

    def faces(self, image: Pixels) -> tuple[Face, ...]:
        """Return all faces in a picture (blue first), the largest first."""
        found = self._faces(*_reduced(image))
        return tuple(face for face in found if face.score >= SURE_SCORE or self._points(image, face))

    def _faces(self, small: Pixels, factor: int) -> tuple[Face, ...]:
        """Return what the detector sees; where it is not sure of anything, the best it has."""
        height, width = small.shape[:2]
        found = self._detector.search(small, [whole(width, height), *squares(width, height)])
        if not any(face.score >= SURE_SCORE for face in found):
            found = without_doubles([*found, *self._detector.search(small, squares(width, height, SMALL_PART))])
        return tuple(_enlarged(face, factor) for face in found)

    def landmarks(self, image: Pixels, face: Face) -> Landmarks | None:
        """Return the points and blendshapes of a face in the picture; ``None`` when it is none after all."""
        found = self._points(image, face)
        return self._with_shapes(found) if found else None

    def analyse(self, image: Pixels, *, near: Analysis | None = None) -> Analysis:
        """Return faces, points and measures of a picture (blue first, 8 bits).

        Args:
            image: the picture, unmirrored.
            near: the analysis of the frame before it, from the same camera.
        """
        height, width = image.shape[:2]
        if near is None or near.size_px != (width, height):
            return self._anew(image)
        return self._followed(image, near)

    def _anew(self, image: Pixels) -> Analysis:
        small, factor = _reduced(image)
        real: list[tuple[Face, Landmarks]] = []
        for face in self._faces(small, factor):
            if real and face.area <= SECOND_FACE_MATTERS * real[0][0].area:
                break
            points = self._points(image, face)
            if points:
                real.append((face, points))
        if not real:
            return Analysis((image.shape[1], image.shape[0]))
        real.sort(key=lambda pair: -_weight(pair[0], image.shape[1], image.shape[0]))
        others = tuple(_Other(face, 0) for face, _ in real[1:])
        bare = Analysis((image.shape[1], image.shape[0]), main=self._with_shapes(real[0][1]), others=others)
        return self._measured(image, small, factor, bare)

    def _followed(self, image: Pixels, near: Analysis) -> Analysis:
        number = near.number + 1
        small, factor = _reduced(image)
        height, width = small.shape[:2]
        main = self._mesh.landmarks(image, region_of_landmarks(near.main)) if near.main else None
        seen = self._detector.search(small, _tiles_in_turn(width, height, number, found=main is not None))
        faces = [_enlarged(face, factor) for face in seen]
        if main is None:
            for face in faces:
                main = main or self._points(image, face)
        if main is None:
            return Analysis(near.size_px, number=number)
        fresh = tuple(_Other(face, number) for face in faces if self._is_somebody_else(image, face, main, near))
        stayed = tuple(
            other
            for other in near.others
            if number - other.seen < OTHERS_STAY
            and not _is_same(other.face, main)
            and not any(_overlaps(other.face, new.face) for new in fresh)
        )
        carried = replace(
            near, main=self._with_shapes(main), number=number, others=fresh + stayed, measures=dict(near.measures)
        )
        return self._measured(image, small, factor, carried)

    def _is_somebody_else(self, image: Pixels, face: Face, main: Landmarks, near: Analysis) -> bool:
        """Return whether a found face is another one that counts: the mesh looks too before it is believed once."""
        if _is_same(face, main) or face.area <= SECOND_FACE_MATTERS * _as_face(main).area:
            return False
        known = any(_overlaps(face, other.face) for other in near.others)
        return known or self._mesh.landmarks(image, region_of_face(face)) is not None

    def _points(self, image: Pixels, face: Face) -> Landmarks | None:
        """Return the points of a found face, looked for twice: they say better than the detector where it ends."""
        first = self._mesh.landmarks(image, region_of_face(face)) or self._from_nearer(image, face)
        return self._mesh.landmarks(image, region_of_landmarks(first)) if first else None

    def _from_nearer(self, image: Pixels, face: Face) -> Landmarks | None:
        """Return the points of a face whose box is too rough for the mesh: the detector looks at it from nearby."""
        left, top, width, height = face.box
        side = NEARER * max(width, height)
        tile = Tile(left + (width - side) / 2, top + (height - side) / 2, side)
        for nearer in self._detector.search(image, [tile])[:1]:
            return self._mesh.landmarks(image, region_of_face(nearer))
        return None

    def _with_shapes(self, face: Landmarks) -> Landmarks:
        return replace(face, blendshapes=blendshapes(self._shapes, face.points))

    def _measured(self, image: Pixels, small: Pixels, factor: int, bare: Analysis) -> Analysis:
        """Return ``bare`` with its faces listed and all measures taken, the background's only when it is its turn."""
        points = bare.main
        if points is None:
            return bare
        main = _as_face(points)
        faces = (main, *sorted((other.face for other in bare.others), key=lambda face: -face.area))
        behind = {name: value for name, value in bare.measures.items() if name in _SLOW}
        background_at = bare.background_at
        if bare.number - background_at >= BACKGROUND_EVERY:
            behind, background_at = self._behind(small, factor, points), bare.number
        geometry = measures.geometry(points, image.shape[1])
        taken = {
            **geometry,
            **bare.open_eyes.compared(geometry),
            **measures.light_and_sharpness(image, points),
            Measure.SECOND_FACE: max((face.area for face in faces[1:]), default=0.0) / max(main.area, 1e-6),
            **behind,
        }
        open_eyes = bare.open_eyes.after(geometry)
        return replace(bare, faces=faces, measures=taken, background_at=background_at, open_eyes=open_eyes)

    def _behind(self, small: Pixels, factor: int, main: Landmarks) -> dict[str, float]:
        """Return what is measured around the head, in the part of the picture that a portrait shows."""
        import cv2
        import numpy as np

        face = main.moved((1 / factor - 1) / 2, (1 / factor - 1) / 2, 1 / factor)
        part = _portrait_part(face, small.shape[1], small.shape[0])
        if part.width < 8 or part.height < 8:
            return {}
        patch, person = self.person.look(part.of(small))
        scale = patch.shape[0] / part.height
        there = face.moved(-part.left * scale, -part.top * scale, scale)
        grey = np.asarray(cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY), np.uint8)
        return {
            **measures.background(grey, person),
            Measure.HEAD_HEIGHT: measures.head_height(person, there),
        }


_SLOW = frozenset(
    {
        Measure.BACKGROUND_SPREAD, Measure.BACKGROUND_GRADIENT, Measure.BACKGROUND_LIGHT, Measure.BACKGROUND_SHARE,
        Measure.HEAD_HEIGHT,
    }
)  # fmt: skip


def _reduced(image: Pixels) -> tuple[Pixels, int]:
    """Return a picture made smaller by a whole number where it is large, and the number."""
    import cv2
    import numpy as np

    factor = max(image.shape[:2]) // WORKING_EDGE_PX
    if factor < 2:
        return image, 1
    height, width = image.shape[0] // factor, image.shape[1] // factor
    # A whole number is ten times as fast as a fraction; the rows that are left over are less than one of the copy.
    even = image[: height * factor, : width * factor]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8), factor


def _enlarged(face: Face, factor: int) -> Face:
    if factor == 1:
        return face
    left, top, width, height = (value * factor for value in face.box)
    return Face((left, top, width, height), face.score, face.keypoints * factor)


def _weight(face: Face, width_px: int, height_px: int) -> float:
    """Return how likely the picture is taken of this face: its size, less where it is off the middle."""
    left, top, width, height = face.box
    off_x, off_y = abs(left + width / 2 - width_px / 2) / width_px, abs(top + height / 2 - height_px / 2) / height_px
    return face.area * (1 - max(off_x, off_y))


def _tiles_in_turn(width_px: int, height_px: int, number: int, *, found: bool) -> list[Tile]:
    """Return where to look in this frame: one place or none while a face is followed, everywhere otherwise."""
    large = [whole(width_px, height_px), *squares(width_px, height_px)]
    if found:
        turn, rest = divmod(number, OTHERS_EVERY)
        return [] if rest else [large[turn % len(large)]]
    small = squares(width_px, height_px, SMALL_PART)
    first = number * TILES_A_FRAME
    return large + [small[(first + step) % len(small)] for step in range(min(TILES_A_FRAME, len(small)))]


def _as_face(points: Landmarks) -> Face:
    import numpy as np

    eyes = np.asarray([points.right_eye, points.left_eye], np.float32)
    # As BlazeFace has its six points: both eyes, nose, mouth and both sides of the head.
    rest = points.points[[1, 13, 234, 454], :2]
    return Face(points.box, 1.0, np.concatenate([eyes, rest]).astype(np.float32))


def _is_same(face: Face, main: Landmarks) -> bool:
    return _overlaps(face, _as_face(main))


def _overlaps(one: Face, other: Face) -> bool:
    import numpy as np

    corners = [
        np.asarray([left, top, left + width, top + height], np.float32)
        for left, top, width, height in (one.box, other.box)
    ]
    return bool(overlap(corners[0], corners[1][None], of_smaller=True)[0] > 0.5)


def _portrait_part(face: Landmarks, width_px: int, height_px: int) -> Part:
    """Return the square around the portrait, with some more above, as far as the picture has it."""
    side = face.eyes_to_chin_px / PATCH_ROOM
    x, y = face.eyes_middle
    return Part(round(x - side / 2), round(y - side * 0.5), round(side), round(side)).within(width_px, height_px)
