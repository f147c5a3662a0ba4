"""When a portrait is taken by itself: pure logic, fed with what was seen in one frame after another.

All that matters must hold for 0.8 s with a face that keeps still; then three short counts that Esc or a movement stops;
then a burst of five frames, of which the caller keeps the best. What a person can't mend on the spot (a soft lens, a
busy wall, dim light) makes it wait longer, and never for ever: checks are advice.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from station.photo.checks import CheckName, Finding, Verdict
from station.photo.measures import Measure

if TYPE_CHECKING:
    from station.photo.faces import Analysis

HOLD_S = 0.8
PATIENT_HOLD_S = 3.0
"""How long all must hold while something is not as wished that the person may be unable to mend."""
COUNTS, COUNT_S = 3, 0.4
BURST_FRAMES, BURST_S = 5, 1.0
"""How many frames are chosen from, and how long is waited for them at most."""
JITTER_MAX, MOVED_MIN = 0.01, 0.03
"""How far the points of a still face go in a thirtieth of a second at most, of the distance of the eyes; and the least
that is called moving."""
JITTER_OVER_S, FRAME_S = 0.2, 1 / 30
GRACE_S = 0.3
"""How long a check may fail while it is counted: eyes are shut for about as long when somebody blinks."""
GAP_S = 0.7
"""After a gap this long between two frames nothing is known of what was between them."""

SOFT = frozenset(
    {CheckName.RESOLUTION, CheckName.SHARPNESS, CheckName.LIGHT, CheckName.SIDE_LIGHT, CheckName.MOUTH, CheckName.PITCH}
)
"""Where a warning makes it wait longer and no more."""
NEVER_MIND = frozenset({CheckName.BACKGROUND})
"""What is mended afterwards as well: the background can be made plain."""

# Corners of the eyes, tip of the nose, chin: they move with the head and not with what the face does.
_ANCHORS = (33, 133, 362, 263, 1, 152)

Points = tuple[tuple[float, float], ...]


class Readiness(IntEnum):
    """How far a frame is what is wanted."""

    NOT = 0
    NEARLY = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Glance:
    """What counts of one analysed frame: when it was grabbed, how ready it is, and where the face's points are."""

    at_s: float
    readiness: Readiness = Readiness.NOT
    points: Points = ()
    eye_distance_px: float = 1.0


class Phase(StrEnum):
    """What automatic capture is doing; ``TAKEN`` comes once, with the last frame of the burst."""

    RESTING = "resting"
    LOOKING = "looking"
    HOLDING = "holding"
    COUNTING = "counting"
    BURST = "burst"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class AutoState:
    """Where automatic capture stands: ``held`` from 0 to 1, ``count`` from 3 to 1 while it counts, else 0."""

    phase: Phase = Phase.LOOKING
    held: float = 0.0
    count: int = 0

    @property
    def keeps_frame(self) -> bool:
        """Return whether the frame that led to this is one of the burst."""
        return self.phase in (Phase.BURST, Phase.TAKEN)


class AutoCapture:
    """Decides from glances alone; knows no clock, no camera and no picture."""

    def __init__(self) -> None:
        self._state = AutoState()
        self._trail: deque[Glance] = deque()
        self._since_s = 0.0
        self._good_s = 0.0
        self._fresh_s = 0.0
        self._kept = 0

    @property
    def state(self) -> AutoState:
        """Return where it stands."""
        return self._state

    def rest(self) -> AutoState:
        """Stop, also in the middle of a count, until ``wake``."""
        self._trail.clear()
        return self._become(Phase.RESTING)

    def wake(self) -> AutoState:
        """Look again after a rest; nothing that held before counts."""
        return self._become(Phase.LOOKING) if self._state.phase is Phase.RESTING else self._state

    def feed(self, analysis: Analysis, findings: Iterable[Finding], at_s: float) -> AutoState:
        """Take in what was seen in a frame; ``findings`` without those that a person went over."""
        return self.step(glance_at(analysis, findings, at_s))

    def step(self, glance: Glance) -> AutoState:
        """Take in a glance; ``at_s`` never goes back."""
        if self._state.phase is Phase.RESTING:
            return self._state
        gap = bool(self._trail) and glance.at_s - self._trail[-1].at_s > GAP_S
        if gap or not glance.points:
            self._trail.clear()
        self._trail.append(glance)
        while glance.at_s - self._trail[0].at_s > JITTER_OVER_S and len(self._trail) > 2:
            self._trail.popleft()
        phase = self._state.phase
        if phase is Phase.BURST:
            return self._in_burst(glance)
        if phase is Phase.COUNTING and not gap:
            return self._counting(glance)
        return self._holding(glance, begins_anew=gap or phase is not Phase.HOLDING)

    def _holding(self, glance: Glance, *, begins_anew: bool) -> AutoState:
        if glance.readiness is Readiness.NOT or jitter(self._trail) >= JITTER_MAX:
            return self._become(Phase.LOOKING)
        if begins_anew:
            self._since_s = self._good_s = glance.at_s
        if glance.readiness is not Readiness.ALL:
            self._good_s = glance.at_s
        shares = (glance.at_s - self._good_s) / HOLD_S, (glance.at_s - self._since_s) / PATIENT_HOLD_S
        held = min(1.0, max(shares))
        if held < 1:
            return self._become(Phase.HOLDING, held)
        self._since_s = self._good_s = glance.at_s
        return self._become(Phase.COUNTING, 1.0, COUNTS)

    def _counting(self, glance: Glance) -> AutoState:
        if glance.readiness is not Readiness.NOT:
            self._good_s = glance.at_s
        moved = jitter(self._trail) >= MOVED_MIN
        if moved or not glance.points or glance.at_s - self._good_s > GRACE_S:
            return self._become(Phase.LOOKING)
        counted = int((glance.at_s - self._since_s) / COUNT_S)
        if counted < COUNTS:
            return self._become(Phase.COUNTING, 1.0, COUNTS - counted)
        self._kept, self._fresh_s = 0, glance.at_s
        return self._in_burst(glance)

    def _in_burst(self, glance: Glance) -> AutoState:
        late = glance.at_s - self._fresh_s > BURST_S
        if not glance.points:
            # A face that went away in the middle ends it; what was kept until then is no worse for that.
            return self._become(Phase.TAKEN if self._kept else Phase.LOOKING)
        self._kept += 1
        return self._become(Phase.TAKEN if late or self._kept >= BURST_FRAMES else Phase.BURST, 1.0)

    def _become(self, phase: Phase, held: float = 0.0, count: int = 0) -> AutoState:
        self._state = AutoState(phase, held, count)
        return self._state


def glance_at(analysis: Analysis, findings: Iterable[Finding], at_s: float) -> Glance:
    """Return what counts of an analysed frame; one without a face is never ready."""
    face = analysis.main
    if face is None:
        return Glance(at_s)
    points = tuple(face.point(index) for index in _ANCHORS)
    return Glance(at_s, readiness(findings), points, max(face.eye_distance_px, 1.0))


def readiness(findings: Iterable[Finding]) -> Readiness:
    """Return how far a frame is what is wanted, from its findings."""
    least = Readiness.ALL
    for finding in findings:
        if finding.verdict is Verdict.OK or finding.name in NEVER_MIND:
            continue
        if finding.verdict is Verdict.BAD or finding.name not in SOFT:
            return Readiness.NOT
        least = Readiness.NEARLY
    return least


def jitter(trail: Iterable[Glance]) -> float:
    """Return how far the points went in a thirtieth of a second, of the distance of the eyes; without two glances, 0.

    Over the whole trail and not from frame to frame: what the model is unsure of is not a movement.
    """
    glances = list(trail)
    if len(glances) < 2 or not glances[0].points or not glances[-1].points:
        return 0.0
    first, last = glances[0], glances[-1]
    moved = [math.dist(a, b) for a, b in zip(first.points, last.points, strict=True)]
    frames = max(1.0, (last.at_s - first.at_s) / FRAME_S)
    return sum(moved) / len(moved) / last.eye_distance_px / frames


def quality(analysis: Analysis) -> float:
    """Return how good a frame of a burst is beside the others: sharpness times how far both eyes are open."""
    measures = analysis.measures
    blink = max(measures.get(Measure.BLINK_LEFT, 1.0), measures.get(Measure.BLINK_RIGHT, 1.0))
    return measures.get(Measure.SHARPNESS, 0.0) * max(0.0, 1.0 - blink)
