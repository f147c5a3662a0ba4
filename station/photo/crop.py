"""The crop: which part of a picture becomes the portrait, dragged and zoomed without ever leaving the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.domain.portrait import Crop
from station.photo.pictures import as_pixels, to_jpeg
from station.ports.camera import Frame

if TYPE_CHECKING:
    from station.photo.landmarks import Landmarks
    from station.photo.pictures import Pixels

PORTRAIT_RATIO = 35 / 45
"""Width to height of an ID photo of 35 × 45 mm (ICAO Doc 9303)."""
ROUTER_SIZE_PX = (200, 300)
"""Width and height of the pictures that ESC-Router API v2 takes."""
SMALLEST_SHARE = 0.1
"""How far one can zoom in: a tenth of the picture's height."""


ROOM, ROOM_ABOVE, ROOM_TIGHT = 0.36, 0.33, 0.40
"""T, from between the eyes to the chin, as a share of the portrait's height: 0.36 makes the head about 72 % of it, as
ICAO Doc 9303 asks (70 to 80 %); 0.33 leaves room for high hair, a turban or a hat; with 0.40 it is as large as may be.
"""
ROOM_LOOSE = 0.28
"""The same for what reaches even higher: smaller than this the face would hardly be seen on a card."""
EYES_DOWN, EYES_DOWN_LEAST = 0.45, 0.36
"""How far down the portrait the middle between the eyes lies; the second where the frame ends soon above the head
(ISO/IEC 19794-5 takes 0.30 to 0.50)."""
MARGIN_ABOVE = 0.02
"""How much of the portrait's height stays free above hair or hat, however tight the frame."""


@dataclass(frozen=True, slots=True)
class Box:
    """A crop in pixels of its picture, before it is turned about its own centre."""

    left_px: float
    top_px: float
    width_px: float
    height_px: float


@dataclass(frozen=True, slots=True)
class CropArea:
    """The picture that is cropped, and the ratio (width to height) that the layout asks for.

    Every crop that a method returns lies inside the picture wholly, turned or not.
    """

    width_px: int
    height_px: int
    ratio: float = PORTRAIT_RATIO

    def centred(self) -> Crop:
        """Return the largest crop in the middle."""
        return self.clamp(Crop())

    def clamp(self, crop: Crop) -> Crop:
        """Return the crop nearest to ``crop`` that is inside the picture: made smaller first, then pushed in."""
        wide, tall = self._extent(crop.turn_deg)
        largest = min(self.width_px / (wide * self.height_px), 1 / tall)
        height = max(min(crop.height, largest), min(SMALLEST_SHARE, largest))
        half_x = height * wide * self.height_px / self.width_px / 2
        half_y = height * tall / 2
        return replace(
            crop,
            centre_x=_between(crop.centre_x, half_x, 1 - half_x),
            centre_y=_between(crop.centre_y, half_y, 1 - half_y),
            height=height,
        )

    def move(self, crop: Crop, dx: float, dy: float) -> Crop:
        """Return ``crop`` moved by shares of the picture's width and height, as far as the picture goes."""
        return self.clamp(replace(crop, centre_x=crop.centre_x + dx, centre_y=crop.centre_y + dy))

    def zoom(self, crop: Crop, factor: float) -> Crop:
        """Return ``crop`` about the same centre, ``factor`` times closer; below 1 is farther away."""
        return self.clamp(replace(crop, height=crop.height / factor))

    def box(self, crop: Crop) -> Box:
        """Return ``crop`` in pixels."""
        height = crop.height * self.height_px
        width = height * self.ratio
        left = crop.centre_x * self.width_px - width / 2
        return Box(left, crop.centre_y * self.height_px - height / 2, width, height)

    def _extent(self, turn_deg: float) -> tuple[float, float]:
        """Return width and height of the upright box around a turned crop, for a crop of height 1."""
        across, along = abs(math.cos(math.radians(turn_deg))), abs(math.sin(math.radians(turn_deg)))
        return self.ratio * across + along, self.ratio * along + across


@dataclass(frozen=True, slots=True)
class CropProposal:
    """The crop that a face asks for; ``leaves_frame`` when the frame does not have all of it, and then it is unclamped.

    The four others are by how much it goes over each edge, in shares of the crop's own height.
    """

    crop: Crop
    ratio: float
    head_share: float
    over_left: float = 0.0
    over_top: float = 0.0
    over_right: float = 0.0
    over_bottom: float = 0.0

    @property
    def overhang(self) -> float:
        """Return the most by which it goes over an edge, in shares of its height; 0 when it lies inside."""
        return max(self.over_left, self.over_top, self.over_right, self.over_bottom)

    @property
    def leaves_frame(self) -> bool:
        """Return whether the frame lacks a part of it: the person must step back, or to the middle."""
        return self.overhang > 1e-6


def propose_crop(
    face: Landmarks,
    frame_size: tuple[int, int],
    ratio: float = PORTRAIT_RATIO,
    *,
    room: float = ROOM,
    above: float = 1.0,
) -> CropProposal:
    """Return the crop from eyes and chin: eyes level, at 45 % of the height, the head at the size that standards ask.

    Where the frame is too tight for that, the eyes lie a little higher first, then the head becomes a little larger.

    Args:
        face: the points of the face in the frame.
        frame_size: width and height of the frame in pixels.
        ratio: the portrait's width to its height.
        room: T, from between the eyes to the chin, as a share of the portrait's height, where the frame allows it.
        above: how far the head reaches above the eyes, hair and hat included, in T: never cut off for a tight frame.
    """
    uncut = (EYES_DOWN - MARGIN_ABOVE) / max(above, 0.1)
    room, tight = max(min(room, uncut), ROOM_LOOSE), min(ROOM_TIGHT, uncut)
    wanted = _proposed(face, frame_size, ratio, room)
    best = _eyes_higher(face, frame_size, ratio, room, above) if wanted.leaves_frame else wanted
    if not best.leaves_frame or tight <= room:
        return wanted if best.leaves_frame else best
    best = _eyes_higher(face, frame_size, ratio, tight, above)
    if best.leaves_frame:
        return wanted
    low, high = room, tight
    # Ten halvings of so narrow a range are less than a pixel.
    for _ in range(10):
        middle = (low + high) / 2
        tried = _eyes_higher(face, frame_size, ratio, middle, above)
        low, high, best = (middle, high, best) if tried.leaves_frame else (low, middle, tried)
    return best


def _eyes_higher(face: Landmarks, frame_size: tuple[int, int], ratio: float, room: float, above: float) -> CropProposal:
    """Return the crop with the eyes only so much higher that the frame has it, as far as the head allows that."""
    proposal = _proposed(face, frame_size, ratio, room)
    least = max(EYES_DOWN_LEAST, above * room + MARGIN_ABOVE)
    lower = proposal.over_top / max(math.cos(math.radians(face.roll_deg)), 0.5) + 1e-6
    if not proposal.over_top or EYES_DOWN - lower < least:
        return proposal
    return _proposed(face, frame_size, ratio, room, eyes_down=EYES_DOWN - lower)


def _proposed(
    face: Landmarks, frame_size: tuple[int, int], ratio: float, room: float, *, eyes_down: float = EYES_DOWN
) -> CropProposal:
    width_px, height_px = frame_size
    high = face.eyes_to_chin_px / room
    angle = math.radians(face.roll_deg)
    # The middle of the crop lies below the eyes, along the face and not along the picture.
    down = (0.5 - eyes_down) * high
    eyes_x, eyes_y = face.eyes_middle
    x, y = eyes_x - down * math.sin(angle), eyes_y + down * math.cos(angle)
    wide = (ratio * abs(math.cos(angle)) + abs(math.sin(angle))) * high / 2
    tall = (ratio * abs(math.sin(angle)) + abs(math.cos(angle))) * high / 2
    crop = Crop(x / width_px, y / height_px, high / height_px, face.roll_deg)
    over = (wide - x, tall - y, x + wide - width_px, y + tall - height_px)
    left, top, right, bottom = (max(0.0, each / high) for each in over)
    return CropProposal(crop, ratio, 2 * room, left, top, right, bottom)


def cut_out(picture: Pixels, crop: Crop, ratio: float, height_px: int | None = None) -> Pixels:
    """Return the cropped part as pixels, ``height_px`` high or less; a crop that leaves the picture is clamped."""
    area = CropArea(picture.shape[1], picture.shape[0], ratio)
    clamped = area.clamp(crop)
    box = area.box(clamped)
    height = max(1, min(height_px or round(box.height_px), round(box.height_px)))
    return _resized(_taken(picture, box, clamped.turn_deg, height), max(1, round(height * ratio)), height)


def cut(picture: Frame | Pixels, crop: Crop, ratio: float, height_px: int) -> bytes:
    """Return the cropped part as a JPEG (quality 92, 4:4:4, sRGB, no metadata), ``height_px`` high or less.

    It is less where the crop itself has fewer pixels: none are invented. A crop that leaves the picture is clamped.
    """
    pixels = as_pixels(picture) if isinstance(picture, Frame) else picture
    return to_jpeg(cut_out(pixels, crop, ratio, height_px))


def router_picture(jpeg: bytes) -> bytes:
    """Return a portrait as ESC-Router wants it: the middle of it, 200 × 300 pixels."""
    from station.photo.pictures import load_picture

    pixels = load_picture(jpeg)
    width, height = ROUTER_SIZE_PX
    area = CropArea(pixels.shape[1], pixels.shape[0], width / height)
    return to_jpeg(_resized(_taken(pixels, area.box(area.centred()), 0.0), width, height))


def _between(value: float, low: float, high: float) -> float:
    # A crop as wide as the picture has one place only; rounding may put low a hair above high.
    return (low + high) / 2 if low >= high else min(max(value, low), high)


def _taken(pixels: Pixels, box: Box, turn_deg: float, height_px: int | None = None) -> Pixels:
    """Return the part of ``pixels`` in ``box``; the box is turned clockwise by ``turn_deg``.

    It has its own size, or one that a whole number made smaller and that is ``height_px`` or more.
    """
    if turn_deg:
        return _turned(pixels, box, turn_deg, max(1, int(box.height_px // height_px)) if height_px else 1)
    width, height = max(1, round(box.width_px)), max(1, round(box.height_px))
    left = min(max(0, round(box.left_px)), pixels.shape[1] - width)
    top = min(max(0, round(box.top_px)), pixels.shape[0] - height)
    return pixels[max(0, top) : top + height, max(0, left) : left + width]


def _turned(pixels: Pixels, box: Box, turn_deg: float, smaller: int) -> Pixels:
    import cv2
    import numpy as np

    x, y = box.left_px + box.width_px / 2, box.top_px + box.height_px / 2
    if smaller > 1:
        # Only a whole number of pixels is averaged quickly, and only what can be seen once it is turned.
        reach = math.ceil(math.hypot(box.width_px, box.height_px) / 2) + smaller
        left, top = max(0, math.floor(x) - reach), max(0, math.floor(y) - reach)
        part = pixels[top : math.ceil(y) + reach, left : math.ceil(x) + reach]
        size = part.shape[1] // smaller, part.shape[0] // smaller
        part = part[: size[1] * smaller, : size[0] * smaller]
        pixels = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        x, y = (x - left) / smaller, (y - top) / smaller
    width, height = max(1, round(box.width_px / smaller)), max(1, round(box.height_px / smaller))
    # Not smaller in this step: a turn cannot average, so it would alias.
    matrix = cv2.getRotationMatrix2D((x, y), turn_deg, 1.0)
    matrix[0, 2] += width / 2 - x
    matrix[1, 2] += height / 2 - y
    edge = cv2.BORDER_REPLICATE  # only ever seen by the half pixel that rounding adds
    turned = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=edge)
    return np.asarray(turned, dtype=np.uint8)


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    import cv2
    import numpy as np

    if pixels.shape[:2] == (height, width):
        return pixels
    smaller = width * height <= pixels.shape[0] * pixels.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=way), dtype=np.uint8)
