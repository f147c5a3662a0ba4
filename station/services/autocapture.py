"""Watch the camera's frames for a portrait: face, findings, one calm hint, and the picture that is taken by itself.

Runs on the analysis lane and takes the newest frame whenever it is ready for one: the preview never waits for it.
Frames of a burst that are not kept are forgotten; nothing here writes anything anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.domain.portrait import Crop
from station.photo.autocapture import GAP_S, AutoCapture, AutoState, Phase, quality
from station.photo.checks import CheckName, Finding, PrintTarget, check, first_hint
from station.photo.hints import Calm
from station.photo.measures import OpenEyes
from station.photo.pictures import as_pixels
from station.ports.camera import Frame
from station.ports.tasks import Cancel
from station.services.capture import LatestFrame

if TYPE_CHECKING:
    from station.photo.faces import Analysis, FaceEngine

# So soon a cancel is noticed while no frame comes.
WAIT_S = 0.05


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds now: whether pictures are taken by themselves, and which checks a person went over."""

    auto: bool = True
    overridden: frozenset[CheckName] = frozenset()


@dataclass(frozen=True, slots=True)
class Outline:
    """Where the face is, in shares of the unmirrored frame: both eyes (the person's right one first) and an oval.

    ``width`` and ``height`` are the oval's diameters, in shares of the frame's width and height when ``roll_deg`` is 0.
    """

    right_eye: tuple[float, float]
    left_eye: tuple[float, float]
    centre: tuple[float, float]
    width: float
    height: float
    roll_deg: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a still: the crop that the face asks for, and the findings; no crop without a face."""

    crop: Crop | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one analysed frame showed. ``hint`` is calm: it lags behind a little, and ``None`` means all is well."""

    number: int
    grabbed_at_s: float
    outline: Outline | None
    judged: Judged
    hint: Finding | None
    auto: AutoState

    @property
    def good(self) -> bool:
        """Return whether nothing is left to be said."""
        return self.hint is None and self.outline is not None


@dataclass(frozen=True, slots=True)
class Shot:
    """The best frame of a burst, with what was found in it."""

    frame: Frame
    judged: Judged


def not_overridden(findings: Iterable[Finding], overridden: Collection[CheckName]) -> tuple[Finding, ...]:
    """Return the findings that still count."""
    return tuple(finding for finding in findings if finding.name not in overridden)


class FaceWatch:
    """Looks for one face, in a stream or in a still. All of it on one thread, which its models belong to."""

    def __init__(self, load: Callable[[], FaceEngine] | None = None) -> None:
        """Prepare to watch; the models are loaded at the first frame, by ``load``."""
        self._load = load or _load_engine
        self._engine: FaceEngine | None = None
        self._eyes = OpenEyes(), 0.0
        """How the eyes of the one who was watched last are open as a rule, and when they were seen."""
        self.rules = Rules()
        """Set from any thread; holds from the next frame on."""

    def watch(
        self,
        frames: LatestFrame,
        target: PrintTarget,
        *,
        on_seen: Callable[[Seen], None],
        on_shot: Callable[[Shot], None],
        cancel: Cancel,
    ) -> None:
        """Analyse the newest frames until ``cancel``; tell of each, and of the pictures that are taken by themselves.

        Raises:
            ModelError: a model is missing or altered; photos are taken by hand then.
        """
        engine = self.engine()
        turn = _Turn(target)
        self._eyes = OpenEyes(), 0.0
        while not cancel.is_set():
            frame = frames.take(WAIT_S)
            if frame is None:
                continue
            seen = turn.look(engine, frame, self.rules)
            if turn.near is not None:
                self._eyes = turn.near.open_eyes, frame.grabbed_at_s
            on_seen(seen)
            shot = turn.shot(seen.auto)
            # Between the analysis and here somebody else may have sat down: the window cancels when it turns to another
            # person.
            if shot is not None and not cancel.is_set():
                on_shot(shot)

    def judge(self, frame: Frame, target: PrintTarget) -> Judged:
        """Return what is found in a still; raises ModelError as ``watch``.

        One of the stream that was watched last is held against the frames before it.
        """
        analysis, (open_eyes, seen_at_s) = self.engine().analyse(as_pixels(frame)), self._eyes
        # Only of the same moment: a picture from a file, or of the next student, has another person's eyes.
        if abs(seen_at_s - frame.grabbed_at_s) < GAP_S:
            analysis = analysis.beside(open_eyes)
        return _judged(analysis, target)

    def engine(self) -> FaceEngine:
        """Return the models, loaded when they are first asked for."""
        if self._engine is None:
            self._engine = self._load()
        return self._engine


@dataclass
class _Turn:
    """One run of the watch: what is remembered from frame to frame."""

    target: PrintTarget
    auto: AutoCapture = field(default_factory=AutoCapture)
    calm: Calm[_Said] = field(default_factory=Calm)
    near: Analysis | None = None
    burst: list[tuple[float, Frame, Analysis]] = field(default_factory=list)

    def look(self, engine: FaceEngine, frame: Frame, rules: Rules) -> Seen:
        """Analyse a frame and draw the conclusions."""
        self.near = analysis = engine.analyse(as_pixels(frame), near=self.near)
        judged = _judged(analysis, self.target)
        count = not_overridden(judged.findings, rules.overridden)
        if rules.auto:
            self.auto.wake()
            state = self.auto.feed(analysis, count, frame.grabbed_at_s)
        else:
            state = self.auto.rest()
        if state.keeps_frame and analysis.main is not None:
            self.burst.append((quality(analysis), frame, analysis))
        elif not state.keeps_frame:
            self.burst.clear()
        said = self.calm.feed(_said(first_hint(count)), frame.grabbed_at_s)
        hint = said.finding if said else None
        return Seen(frame.number, frame.grabbed_at_s, _outline(analysis), judged, hint, state)

    def shot(self, state: AutoState) -> Shot | None:
        """Return the best frame once a burst is complete; the others are forgotten."""
        if state.phase is not Phase.TAKEN or not self.burst:
            return None
        _, frame, analysis = max(self.burst, key=lambda kept: kept[0])
        self.burst.clear()
        return Shot(frame, _judged(analysis, self.target))


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """A hint that equals another when it says the same, whatever was measured."""

    finding: Finding

    # A number in the hint changes with every frame; by it no hint would ever last long enough to be shown.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Said) and self._words == other._words

    def __hash__(self) -> int:
        return hash(self._words)

    @property
    def _words(self) -> tuple[CheckName, str]:
        return self.finding.name, self.finding.hint.msgid


def _said(finding: Finding | None) -> _Said | None:
    return _Said(finding) if finding else None


def _judged(analysis: Analysis, target: PrintTarget) -> Judged:
    proposal = analysis.crop(target.ratio)
    return Judged(proposal.crop if proposal else None, check(analysis, target))


def _outline(analysis: Analysis) -> Outline | None:
    face = analysis.main
    if face is None:
        return None
    width, height = analysis.size_px
    left, top, across, down = face.box

    def share(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] / width, point[1] / height

    # The points end at the brow; a head goes on for about a third of that.
    centre = share((left + across / 2, top + down * 0.42))
    return Outline(
        share(face.right_eye), share(face.left_eye), centre, across * 1.12 / width, down * 1.34 / height, face.roll_deg
    )


def _load_engine() -> FaceEngine:
    from station.photo.faces import FaceEngine

    return FaceEngine()
