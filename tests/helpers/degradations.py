"""What can be wrong with a portrait, made on purpose out of one with which nothing is wrong; in memory only.

Points and distances are those of the good picture's face, so that each defect has the same strength on every person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from station.photo import landmarks as mesh
from station.photo.background import BackgroundMaker
from station.photo.checks import CheckName
from station.photo.faces import FaceEngine, Landmarks
from station.photo.person import PersonFinder
from tests.helpers.pictures import Pixels

Points = npt.NDArray[np.float32]
WALL = (225, 225, 225)
# Upper and lower lid of each eye, from corner to corner.
_LIDS = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER_LIP = (324, 318, 402, 317, 14, 87, 178, 88, 95)
_INNER_LIPS = _UPPER_LIP + _LOWER_LIP


@dataclass(frozen=True)
class Good:
    """A picture with which nothing is wrong, the face in it, and what tells the person from the wall."""

    picture: Pixels
    face: Landmarks
    finder: PersonFinder

    @property
    def eyes_px(self) -> float:
        """Return the distance of the eyes."""
        return self.face.eye_distance_px


def made_good(engine: FaceEngine, picture: Pixels) -> Good:
    """Return a picture with its background made plain, as the desk offers it, and with room all around."""
    plain = picture
    for _ in range(2):  # what a busy wall left behind the first time is gone after the second
        plain = BackgroundMaker(engine.person).make_plain(plain, WALL).after
    room = round(plain.shape[0] * 0.3)
    below = cv2.copyMakeBorder(plain, 0, room, 0, 0, cv2.BORDER_REPLICATE)
    plain = np.asarray(cv2.copyMakeBorder(below, room, 0, room, room, cv2.BORDER_CONSTANT, value=WALL), np.uint8)
    face = engine.analyse(plain).main
    assert face, "there is a face in every portrait that is used here"
    return Good(plain, face, engine.person)


def blurred(good: Good) -> Pixels:
    """Return it out of focus."""
    return np.asarray(cv2.GaussianBlur(good.picture, (0, 0), good.eyes_px * 0.04), np.uint8)


def too_dark(good: Good) -> Pixels:
    """Return it as a camera sees who sits before a window: a fifth of the light."""
    return (good.picture * 0.18).astype(np.uint8)


def too_bright(good: Good) -> Pixels:
    """Return it with more light than the sensor can hold."""
    return np.clip(good.picture * 1.7, 0, 255).astype(np.uint8)


def gamma_dark(good: Good) -> Pixels:
    """Return it as a screen shows it that drowns the shadows."""
    return _through(good.picture, gamma=1.8, gain=0.25)


def gamma_bright(good: Good) -> Pixels:
    """Return it washed out."""
    return _through(good.picture, gamma=0.6, gain=1.35)


def tilted(good: Good) -> Pixels:
    """Return it with the head tilted by 16 degrees."""
    height, width = good.picture.shape[:2]
    matrix = cv2.getRotationMatrix2D(good.face.eyes_middle, 16, 1.0)
    return np.asarray(
        cv2.warpAffine(good.picture, matrix, (width, height), flags=cv2.INTER_LANCZOS4, borderValue=WALL), np.uint8
    )


def turned_left(good: Good) -> Pixels:
    """Return the head turned by 25 degrees to the person's left."""
    return _moved(good, _rotated(good.face.points, yaw_deg=25))


def turned_right(good: Good) -> Pixels:
    """Return the head turned by 25 degrees to the person's right."""
    return _moved(good, _rotated(good.face.points, yaw_deg=-25))


def looking_up(good: Good) -> Pixels:
    """Return the head leant back by 30 degrees."""
    return _moved(good, _rotated(good.face.points, pitch_deg=30))


def looking_down(good: Good) -> Pixels:
    """Return the head bent forward by 34 degrees."""
    return _moved(good, _rotated(good.face.points, pitch_deg=-34))


def eyes_closed(good: Good) -> Pixels:
    """Return the person in the moment of a blink: the upper lids drawn down over the eyes, lashes and all."""
    out = good.picture.copy()
    for upper, lower in _LIDS:
        _close(out, good.picture, good.face.points[list(upper), :2], good.face.points[list(lower), :2])
    return out


def _close(out: Pixels, picture: Pixels, upper: Points, lower: Points) -> None:
    """Draw skin over one eye, and the lashes where it ends: from above, or from below where above is a rim."""
    columns = np.arange(int(upper[:, 0].min()), int(np.ceil(upper[:, 0].max())) + 1)
    above = np.interp(columns, *upper[np.argsort(upper[:, 0])].T)
    below = np.interp(columns, *lower[np.argsort(lower[:, 0])].T)
    below = below + (below - above) * 0.15
    height = below - above
    lash, fold = float(height.max()) * 0.3, float(height.max()) * 0.5
    rimmed = _light_at(picture, columns, above - lash - fold) < 0.6 * _light_at(picture, columns, below + lash)
    start = (above - lash * 0.8 - (0 if rimmed else lash * 0.2 + fold))[None]
    rows = np.arange(int(start.min()), int(np.ceil(below.max())) + 1)[:, None]
    top = int(rows[0, 0])
    from_above = start + (rows - start) * fold / (fold + (lash + height)[None])
    source = (below + lash)[None] + (below[None] - rows) * 0.6 if rimmed else from_above
    inside = (rows >= start) & (rows <= below[None])
    there = np.where(inside, source, rows).astype(np.float32)
    across = np.broadcast_to(columns.astype(np.float32), there.shape)
    lid = cv2.remap(picture, np.ascontiguousarray(across), there, cv2.INTER_LINEAR)
    out[top : top + len(rows), columns[0] : columns[-1] + 1] = lid
    line = np.stack([columns, below], axis=1)
    thick = max(1, round(float(height.max()) * 0.1))
    cv2.polylines(out, [np.round(line).astype(np.int32)], False, (35, 35, 45), thick, cv2.LINE_AA)


def _light_at(picture: Pixels, columns: Points, rows: Points) -> float:
    return float(picture[rows.astype(int), columns.astype(int)].mean())


def mouth_open(good: Good) -> Pixels:
    """Return the person in the middle of a word: lower lip and chin go down, and it is dark between the lips."""
    points = good.face.points.copy()
    down = _below(good.face) * good.face.eyes_to_chin_px * 0.34
    points[:, 1] += down
    middle = (good.face.point(mesh.INNER_LIPS[0])[0], good.face.point(mesh.INNER_LIPS[1])[1])
    near = np.exp(-(((good.face.points[:, :2] - middle) / (good.eyes_px * 0.4)) ** 2).sum(axis=1))
    points[:, 0] -= (points[:, 0] - middle[0]) * near * 0.3
    picture = _moved(good, points)
    lips = points[list(_INNER_LIPS), :2]
    cv2.fillPoly(picture, [np.round(lips).astype(np.int32)], (30, 25, 45), cv2.LINE_AA)
    return picture


def _below(face: Landmarks) -> Points:
    """Return for each point how far it belongs to the lower jaw: 0 above the lips, 1 from the lower lip on."""
    upper, lower = face.point(mesh.INNER_LIPS[0])[1], face.point(mesh.INNER_LIPS[1])[1]
    depth = max(1.0, lower - upper, face.eyes_to_chin_px * 0.02)
    share = np.clip((face.points[:, 1] - (upper + lower) / 2) / depth, 0, 1)
    share[list(_LOWER_LIP)] = 1.0
    share[list(_UPPER_LIP)] = 0.0
    return np.asarray(share, np.float32)


def with_glare(good: Good) -> Pixels:
    """Return it with the lamp's reflection over one glass."""
    out = good.picture.copy()
    x, y = good.face.right_eye
    unit = good.eyes_px
    cv2.ellipse(
        out, (round(x + unit * 0.05), round(y)), (round(unit * 0.13), round(unit * 0.08)), 20, 0, 360, (255,) * 3, -1
    )
    return out


def half_lit(good: Good) -> Pixels:
    """Return it with one half of the face in shade."""
    x, y, width, height = (round(value) for value in good.face.box)
    shade = np.ones(good.picture.shape[:2], np.float32)
    shade[y : y + height, max(0, x - width // 4) : x + width // 2] = 0.45
    person = BackgroundMaker(good.finder).outline(good.picture)
    shade = 1 - (1 - cv2.GaussianBlur(shade, (0, 0), good.eyes_px * 0.09)) * person
    return (good.picture * shade[..., None]).astype(np.uint8)


def two_people(good: Good) -> Pixels:
    """Return it with the same person once more beside, a little smaller."""
    other = cv2.resize(good.picture, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    room = np.full((good.picture.shape[0], other.shape[1], 3), WALL, np.uint8)
    room[-other.shape[0] :] = other
    return np.hstack([room, good.picture])


def before_shelves(good: Good) -> Pixels:
    """Return the person before a wall of coloured shelves."""
    person = BackgroundMaker(good.finder).outline(good.picture)[..., None]
    shelves = np.random.default_rng(5).integers(0, 255, (24, 42, 3), np.uint8)
    size = (good.picture.shape[1], good.picture.shape[0])
    large = cv2.resize(shelves, size, interpolation=cv2.INTER_NEAREST)
    return (good.picture * person + large * (1 - person)).astype(np.uint8)


def half_out(good: Good) -> Pixels:
    """Return it with a part of the face outside the frame."""
    return np.ascontiguousarray(good.picture[:, : round(good.face.left_eye[0] + good.eyes_px * 0.2)])


def tiny(good: Good) -> Pixels:
    """Return it with so few pixels that the eyes are 28 apart."""
    scale = 28 / good.eyes_px
    return np.asarray(cv2.resize(good.picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True)
class Defect:
    """One way to spoil a portrait, the check that is there for it, and what the help calls it."""

    spoil: Callable[[Good], Pixels]
    check: CheckName
    en: str
    lv: str


DEFECTS = (
    Defect(two_people, CheckName.ONE_FACE, "a second face", "otra seja"),
    Defect(half_out, CheckName.FRAMING, "half out of the picture", "pa pusei ārpus attēla"),
    Defect(tiny, CheckName.RESOLUTION, "tiny", "pavisam mazs attēls"),
    Defect(turned_left, CheckName.YAW, "turned to the left", "pagriezta pa kreisi"),
    Defect(turned_right, CheckName.YAW, "turned to the right", "pagriezta pa labi"),
    Defect(tilted, CheckName.ROLL, "tilted", "noliekta uz sāniem"),
    Defect(looking_up, CheckName.PITCH, "looking up", "skatās augšup"),
    Defect(looking_down, CheckName.PITCH, "looking down", "skatās lejup"),
    Defect(eyes_closed, CheckName.EYES, "eyes closed", "acis ciet"),
    Defect(blurred, CheckName.SHARPNESS, "blurred", "izplūdis"),
    Defect(with_glare, CheckName.GLARE, "glare before an eye", "atspulgs acs priekšā"),
    Defect(too_dark, CheckName.LIGHT, "a fifth of the light", "piektdaļa gaismas"),
    Defect(too_bright, CheckName.LIGHT, "too much light", "par daudz gaismas"),
    Defect(gamma_dark, CheckName.LIGHT, "black shadows", "melnas ēnas"),
    Defect(gamma_bright, CheckName.LIGHT, "washed out", "izbalējis"),
    Defect(half_lit, CheckName.SIDE_LIGHT, "light from one side", "gaisma no vienas puses"),
    Defect(mouth_open, CheckName.MOUTH, "mouth wide open", "mute plaši vaļā"),
    Defect(before_shelves, CheckName.BACKGROUND, "a busy wall", "raiba siena"),
)
"""Every defect, in the order of the checks."""


def _through(picture: Pixels, *, gamma: float, gain: float) -> Pixels:
    curve = np.clip(np.round(255 * gain * (np.arange(256) / 255) ** gamma), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, curve), np.uint8)


def _rotated(points: Points, *, yaw_deg: float = 0.0, pitch_deg: float = 0.0) -> Points:
    """Return the points of a head that turned about the middle between its ears."""
    ears = (points[mesh.RIGHT_SIDE] + points[mesh.LEFT_SIDE]) / 2
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    right, down, away = (points - ears).T
    across = right * np.cos(yaw) - away * np.sin(yaw)
    away = right * np.sin(yaw) + away * np.cos(yaw)
    along = down * np.cos(pitch) + away * np.sin(pitch)
    return np.stack([across, along, away], axis=1).astype(np.float32) + ears


def _moved(good: Good, points: Points) -> Pixels:
    """Return the picture with the face's points moved to others, and what lies between and around them with them."""
    height, width = good.picture.shape[:2]
    reach, step = good.eyes_px * 0.12, 2
    x0, y0, w, h = good.face.box
    left, top = max(0, int(x0 - w * 0.6)), max(0, int(y0 - h * 0.6))
    right, bottom = min(width, int(x0 + w * 1.6)), min(height, int(y0 + h * 1.6))
    columns, rows = np.arange(left, right, step), np.arange(top, bottom, step)
    shift = (good.face.points[:, :2] - points[:, :2]).astype(np.float32)
    across = np.exp(-((columns[:, None] - points[None, :, 0]) ** 2) / (2 * reach**2))
    along = np.exp(-((rows[:, None] - points[None, :, 1]) ** 2) / (2 * reach**2))
    total = along @ across.T
    field = np.stack([along @ (across * shift[:, axis]).T for axis in (0, 1)], axis=-1) / (total[..., None] + 0.3)
    grid = np.zeros((height, width, 2), np.float32)
    grid[top:bottom, left:right] = cv2.resize(field.astype(np.float32), (right - left, bottom - top))
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.asarray(
        cv2.remap(good.picture, xx + grid[..., 0], yy + grid[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )
