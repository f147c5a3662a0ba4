"""Judge a picture: one finding a check, each with what was measured, the limit, and one plain thing to do about it.

Advice, never a gate: a finding stops nothing. Nothing here looks at the colour of skin, at what is worn on the head or
at what somebody feels; light is judged by what is lost in it. The limits are those that trials gave
(ISO/IEC 29794-5 has no limits of its own); ``THRESHOLDS_VERSION`` is stored with every portrait that they judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from station.domain.errors import N_
from station.domain.message import Message
from station.domain.portrait import PortraitFinding
from station.photo import advice
from station.photo.crop import CropProposal
from station.photo.faces import Analysis, Landmarks
from station.photo.measures import Measure

THRESHOLDS_VERSION = "2"

MM_PER_INCH = 25.4
SECOND_FACE_MAX = 0.15
DPI_SHARE_BAD = 60 / 90
"""60 pixels between the eyes are the least for a face image, 90 what is asked for (ISO/IEC 19794-5)."""
YAW_MAX, YAW_BAD = 0.10, 0.18
ROLL_MAX_DEG = 8.0
PITCH_USUAL_DEG, PITCH_MAX_DEG = -5.0, 15.0
"""Where straight faces lie on average, and how far one may be off that: the depth of the mesh is no better."""
LID_GAP_MIN, BLINK_MAX = 0.03, 0.5
LID_SHARE_MIN, BLINK_RISE_MAX = 0.5, 0.2
"""Of one person beside the moment before: that holds for narrow eyes and behind glasses too, where the others don't."""
MOUTH_GAP_MAX, JAW_OPEN_MAX = 0.06, 0.25
SHARPNESS_MIN, SHARPNESS_BAD = 60.0, 25.0
GLARE_MAX = 0.02
LIGHT_MIN, LIGHT_MAX, LIGHT_HIGH_MIN = 0.15, 0.8, 0.3
OVEREXPOSED_MAX, UNDEREXPOSED_MAX, DROWNED = 0.01, 0.7, 0.4
"""The last is what of a face with a low mean may be drowned in black before it is called dark."""
SIDE_LIGHT_MIN, SIDE_LIGHT_MAX = 0.6, 1.6
SPREAD_MAX, GRADIENT_MAX = 25.0, 10.0
CROWN_MARGIN = 0.03


class CheckName(StrEnum):
    """The checks, in the order of what matters."""

    ONE_FACE = "one_face"
    FRAMING = "framing"
    RESOLUTION = "resolution"
    YAW = "yaw"
    ROLL = "roll"
    PITCH = "pitch"
    EYES = "eyes"
    SHARPNESS = "sharpness"
    GLARE = "glare"
    LIGHT = "light"
    SIDE_LIGHT = "side_light"
    MOUTH = "mouth"
    BACKGROUND = "background"


class Verdict(StrEnum):
    """How a check came out; nothing of it stops anybody."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


LABELS: Mapping[CheckName, str] = {
    CheckName.ONE_FACE: N_("One person"),
    CheckName.FRAMING: N_("Head in the picture"),
    CheckName.RESOLUTION: N_("Size for print"),
    CheckName.YAW: N_("Facing the camera"),
    CheckName.ROLL: N_("Head upright"),
    CheckName.PITCH: N_("Head neither up nor down"),
    CheckName.EYES: N_("Eyes"),
    CheckName.SHARPNESS: N_("Sharpness"),
    CheckName.GLARE: N_("Glasses"),
    CheckName.LIGHT: N_("Light on the face"),
    CheckName.SIDE_LIGHT: N_("Light from both sides"),
    CheckName.MOUTH: N_("Mouth"),
    CheckName.BACKGROUND: N_("Background"),
}
"""What each check is called on screen, as message ids."""


@dataclass(frozen=True, slots=True)
class PrintTarget:
    """How large the portrait is printed, and how finely."""

    width_mm: float = 35.0
    height_mm: float = 45.0
    dpi: float = 300.0

    @property
    def ratio(self) -> float:
        """Return width to height."""
        return self.width_mm / self.height_mm


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result; ``hint`` is what to do about it, or that all is well."""

    name: CheckName
    measure: float
    limit: float
    verdict: Verdict
    hint: Message

    def record(self, override_reason: str = "") -> PortraitFinding:
        """Return the finding as it is stored with a portrait."""
        name, verdict = self.name.value, self.verdict.value
        return PortraitFinding(name, self.measure, self.limit, verdict, override_reason, THRESHOLDS_VERSION)


def check(analysis: Analysis, target: PrintTarget | None = None) -> tuple[Finding, ...]:
    """Return all findings, in the order of what matters; of a picture without a face only that there is none."""
    target = target or PrintTarget()
    crop = analysis.crop(target.ratio)
    if analysis.main is None or crop is None:
        return (Finding(CheckName.ONE_FACE, 0, 1, Verdict.BAD, Message(advice.NO_FACE)),)
    sight = _Sight(analysis, analysis.main, crop, target)
    return tuple(judge(sight) for judge in _JUDGES)


def for_crop(findings: Iterable[Finding], factor: float) -> tuple[Finding, ...]:
    """Return the findings for a crop that is ``factor`` times as high as the one that the face asked for.

    Who zooms in by hand has fewer pixels to print; everything else was measured on the face, and stays.
    """
    return tuple(
        _printed(each.measure * factor, each.limit) if each.name is CheckName.RESOLUTION else each for each in findings
    )


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the worst verdict; OK when there is no finding at all."""
    order = list(Verdict)
    return max((finding.verdict for finding in findings), key=order.index, default=Verdict.OK)


def first_hint(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding to act on first: the worst, and of equally bad ones that which matters most."""
    wrong = [finding for finding in findings if finding.verdict is not Verdict.OK]
    return min(wrong, key=lambda finding: finding.verdict is not Verdict.BAD, default=None)


_GOOD = N_("Good")


@dataclass(frozen=True, slots=True)
class _Sight:
    analysis: Analysis
    face: Landmarks
    crop: CropProposal
    target: PrintTarget

    def __getitem__(self, name: Measure) -> float:
        return self.analysis.measures.get(name, 0.0)


@dataclass(frozen=True, slots=True)
class _Against:
    """A measure and the limit it is held against."""

    name: CheckName
    measure: float
    limit: float

    def finding(self, hint: str, *, warn: bool = False, bad: bool = False) -> Finding:
        verdict = Verdict.BAD if bad else Verdict.WARN if warn else Verdict.OK
        return Finding(self.name, self.measure, self.limit, verdict, Message(_GOOD if verdict is Verdict.OK else hint))


def _one_face(sight: _Sight) -> Finding:
    share = sight[Measure.SECOND_FACE]
    return _Against(CheckName.ONE_FACE, share, SECOND_FACE_MAX).finding(advice.TWO_FACES, bad=share > SECOND_FACE_MAX)


def _framing(sight: _Sight) -> Finding:
    """Judge by how much of the crop is not in the frame; bad when head or chin themselves are not."""
    crop, face = sight.crop, sight.face
    sides, above, below = max(crop.over_left, crop.over_right), crop.over_top, crop.over_bottom
    both = (crop.over_left and crop.over_right) or (above and below) or crop.crop.height > 1
    if both:
        hint = advice.STEP_BACK
    elif sides >= max(above, below):
        hint = advice.TO_THE_MIDDLE
    else:
        hint = advice.CAMERA_UP if above >= below else advice.CAMERA_DOWN
    left, top, width, height = face.box
    frame_width, frame_height = sight.analysis.size_px
    # The points end at the forehead; a head reaches about as far above the eyes as below.
    crown = top + height - 2 * face.eyes_to_chin_px
    cut = left < 0 or left + width > frame_width or crown < -CROWN_MARGIN * frame_height or top + height > frame_height
    return _Against(CheckName.FRAMING, crop.overhang, 0.0).finding(hint, warn=crop.leaves_frame, bad=cut)


def _resolution(sight: _Sight) -> Finding:
    height_px = sight.crop.crop.height * sight.analysis.size_px[1]
    return _printed(height_px / (sight.target.height_mm / MM_PER_INCH), sight.target.dpi)


def _printed(dpi: float, wanted: float) -> Finding:
    return _Against(CheckName.RESOLUTION, dpi, wanted).finding(
        advice.CLOSER, warn=dpi < wanted - 0.5, bad=dpi < wanted * DPI_SHARE_BAD
    )


def _yaw(sight: _Sight) -> Finding:
    yaw = sight[Measure.YAW]
    hint = advice.TURN_RIGHT if yaw > 0 else advice.TURN_LEFT
    return _Against(CheckName.YAW, yaw, YAW_MAX).finding(hint, warn=abs(yaw) > YAW_MAX, bad=abs(yaw) > YAW_BAD)


def _roll(sight: _Sight) -> Finding:
    roll = sight[Measure.ROLL_DEG]
    return _Against(CheckName.ROLL, roll, ROLL_MAX_DEG).finding(advice.UPRIGHT, warn=abs(roll) > ROLL_MAX_DEG)


def _pitch(sight: _Sight) -> Finding:
    off = sight[Measure.PITCH_DEG] - PITCH_USUAL_DEG
    hint = advice.CHIN_DOWN if off > 0 else advice.CHIN_UP
    return _Against(CheckName.PITCH, off, PITCH_MAX_DEG).finding(hint, warn=abs(off) > PITCH_MAX_DEG)


def _eyes(sight: _Sight) -> Finding:
    """Call an eye closed only when lids and blendshape agree: either alone misjudges eyes that are just narrow.

    Where the same person was seen before, they are also held against that person's own open eyes.
    """
    eyes = (
        (sight[Measure.LID_GAP_RIGHT], sight[Measure.BLINK_RIGHT]),
        (sight[Measure.LID_GAP_LEFT], sight[Measure.BLINK_LEFT]),
    )
    closed = any(gap < LID_GAP_MIN and blink >= BLINK_MAX for gap, blink in eyes)
    measures = sight.analysis.measures
    for share, rise in _OWN_EYES:
        fallen, more = measures.get(share, 1.0), measures.get(rise, 0.0)
        if not closed and fallen < LID_SHARE_MIN and more > BLINK_RISE_MAX:
            return _Against(CheckName.EYES, fallen, LID_SHARE_MIN).finding(advice.EYES, bad=True)
    return _Against(CheckName.EYES, min(gap for gap, _ in eyes), LID_GAP_MIN).finding(advice.EYES, bad=closed)


_OWN_EYES = (
    (Measure.LID_SHARE_RIGHT, Measure.BLINK_RISE_RIGHT),
    (Measure.LID_SHARE_LEFT, Measure.BLINK_RISE_LEFT),
)


def _sharpness(sight: _Sight) -> Finding:
    value = sight[Measure.SHARPNESS]
    return _Against(CheckName.SHARPNESS, value, SHARPNESS_MIN).finding(
        advice.BLURRED, warn=value < SHARPNESS_MIN, bad=value < SHARPNESS_BAD
    )


def _glare(sight: _Sight) -> Finding:
    share = sight[Measure.GLARE]
    return _Against(CheckName.GLARE, share, GLARE_MAX).finding(advice.GLARE, warn=share > GLARE_MAX)


def _light(sight: _Sight) -> Finding:
    """Judge what is lost: burnt out, drowned in black, or dim to the brightest parts; a low mean alone is none."""
    mean, over, under = sight[Measure.LIGHT_MEAN], sight[Measure.OVEREXPOSED], sight[Measure.UNDEREXPOSED]
    if over > OVEREXPOSED_MAX:
        return _Against(CheckName.LIGHT, over, OVEREXPOSED_MAX).finding(advice.TOO_BRIGHT, warn=True)
    if under > UNDEREXPOSED_MAX:
        return _Against(CheckName.LIGHT, under, UNDEREXPOSED_MAX).finding(advice.TOO_DARK, warn=True)
    if mean > LIGHT_MAX:
        return _Against(CheckName.LIGHT, mean, LIGHT_MAX).finding(advice.TOO_BRIGHT, warn=True)
    dim = mean < LIGHT_MIN and (sight[Measure.LIGHT_HIGH] < LIGHT_HIGH_MIN or under > DROWNED)
    return _Against(CheckName.LIGHT, mean, LIGHT_MIN).finding(advice.TOO_DARK, warn=dim)


def _side_light(sight: _Sight) -> Finding:
    ratio = sight[Measure.SIDE_LIGHT]
    limit = SIDE_LIGHT_MIN if ratio < 1 else SIDE_LIGHT_MAX
    uneven = not SIDE_LIGHT_MIN <= ratio <= SIDE_LIGHT_MAX
    return _Against(CheckName.SIDE_LIGHT, ratio, limit).finding(advice.SIDE_LIGHT, warn=uneven)


def _mouth(sight: _Sight) -> Finding:
    """Take a smile that shows teeth for a smile: only a jaw that hangs makes the mouth open."""
    gap = sight[Measure.MOUTH_GAP]
    is_open = gap > MOUTH_GAP_MAX and sight[Measure.JAW_OPEN] > JAW_OPEN_MAX
    return _Against(CheckName.MOUTH, gap, MOUTH_GAP_MAX).finding(advice.MOUTH, warn=is_open)


def _background(sight: _Sight) -> Finding:
    spread, gradient = sight[Measure.BACKGROUND_SPREAD], sight[Measure.BACKGROUND_GRADIENT]
    if spread / SPREAD_MAX >= gradient / GRADIENT_MAX:
        return _Against(CheckName.BACKGROUND, spread, SPREAD_MAX).finding(advice.BUSY, warn=spread > SPREAD_MAX)
    return _Against(CheckName.BACKGROUND, gradient, GRADIENT_MAX).finding(advice.BUSY, warn=gradient > GRADIENT_MAX)


_JUDGES: tuple[Callable[[_Sight], Finding], ...] = (
    _one_face, _framing, _resolution, _yaw, _roll, _pitch, _eyes, _sharpness, _glare, _light, _side_light, _mouth,
    _background,
)  # fmt: skip
