"""A photo is taken by itself only of a face that was right and still, and never against somebody's wish."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.message import Message
from station.photo.autocapture import (
    BURST_FRAMES,
    BURST_S,
    COUNT_S,
    COUNTS,
    GAP_S,
    HOLD_S,
    JITTER_MAX,
    PATIENT_HOLD_S,
    SOFT,
    AutoCapture,
    AutoState,
    Glance,
    Phase,
    Readiness,
    jitter,
    quality,
    readiness,
)
from station.photo.checks import CheckName, Finding, Verdict
from station.photo.faces import Analysis
from station.photo.measures import Measure

FRAME_S = 1 / 30
EYES_PX = 100.0
ALL, NEARLY, NOT = Readiness.ALL, Readiness.NEARLY, Readiness.NOT


def glance(at_s: float, ready: Readiness = ALL, x: float = 0.0) -> Glance:
    return Glance(at_s, ready, ((x, 0.0), (x + EYES_PX, 0.0)), EYES_PX)


@dataclass
class Sitter:
    """Somebody before the camera, frame after frame."""

    auto: AutoCapture = field(default_factory=AutoCapture)
    at_s: float = 0.0
    x: float = 0.0
    states: list[tuple[float, AutoState]] = field(default_factory=list)

    def sit(self, seconds: float, ready: Readiness = ALL, *, px_a_frame: float = 0.0) -> list[Phase]:
        """Sit for a while; return the phases in their order, each once in a row."""
        first = len(self.states)
        for _ in range(round(seconds / FRAME_S)):
            self.at_s += FRAME_S
            self.x += px_a_frame
            self.states.append((self.at_s, self.auto.step(glance(self.at_s, ready, self.x))))
        return [phase for phase, _ in itertools.groupby(state.phase for _, state in self.states[first:])]

    def until(self, phase: Phase) -> float:
        """Return when it first came to a phase."""
        return next(at for at, state in self.states if state.phase is phase)


def test_who_sits_still_is_counted_and_taken() -> None:
    sitter = Sitter()
    assert sitter.sit(2.5)[:4] == [Phase.HOLDING, Phase.COUNTING, Phase.BURST, Phase.TAKEN]
    held = sitter.until(Phase.COUNTING) - sitter.states[0][0]
    assert held == pytest.approx(HOLD_S, abs=2 * FRAME_S)
    assert sitter.until(Phase.BURST) - sitter.until(Phase.COUNTING) == pytest.approx(COUNTS * COUNT_S, abs=2 * FRAME_S)
    assert sum(state.keeps_frame for _, state in sitter.states[: 5 + round(2.2 / FRAME_S)]) == BURST_FRAMES
    counted = [count for count, _ in itertools.groupby(s.count for _, s in sitter.states if s.phase is Phase.COUNTING)]
    assert counted[:3] == [3, 2, 1]


def test_it_fills_while_it_holds() -> None:
    sitter = Sitter()
    sitter.sit(HOLD_S - FRAME_S)
    held = [state.held for _, state in sitter.states]
    assert held == sorted(held)
    assert held[0] == 0
    assert held[-1] < 1


def test_what_one_cannot_mend_makes_it_wait_and_not_for_ever() -> None:
    sitter = Sitter()
    assert Phase.COUNTING not in sitter.sit(PATIENT_HOLD_S - 0.2, NEARLY)
    assert Phase.COUNTING in sitter.sit(0.4, NEARLY)


@pytest.mark.parametrize("during_s", [0.4, HOLD_S + 0.2])
def test_moving_begins_it_anew(during_s: float) -> None:
    sitter = Sitter()
    sitter.sit(during_s)
    assert sitter.sit(0.3, px_a_frame=4.0)[-1] is Phase.LOOKING


def test_a_blink_does_not_stop_the_count_but_closed_eyes_do() -> None:
    sitter = Sitter()
    sitter.sit(HOLD_S + 0.1)
    assert sitter.sit(0.2, NOT) == [Phase.COUNTING]
    sitter.sit(0.1)
    assert sitter.sit(0.6, NOT)[-1] is Phase.LOOKING


def test_a_face_that_goes_away_stops_the_count() -> None:
    sitter = Sitter()
    sitter.sit(HOLD_S + 0.1)
    assert sitter.auto.step(Glance(sitter.at_s + FRAME_S)).phase is Phase.LOOKING


def test_rest_stops_it_until_it_is_woken() -> None:
    sitter = Sitter()
    sitter.sit(HOLD_S + 0.2)
    assert sitter.auto.rest().phase is Phase.RESTING
    assert sitter.sit(5.0) == [Phase.RESTING]
    sitter.auto.wake()
    assert sitter.sit(HOLD_S - 0.1) == [Phase.HOLDING], "what held before counts no more"


def test_after_a_gap_nothing_that_held_before_counts() -> None:
    sitter = Sitter()
    sitter.sit(HOLD_S - 0.1)
    sitter.at_s += GAP_S + 0.1
    assert sitter.sit(HOLD_S - 0.1) == [Phase.HOLDING]


def test_a_burst_that_drags_on_is_ended_with_what_there_is() -> None:
    sitter = Sitter()
    sitter.sit(HOLD_S + COUNTS * COUNT_S)
    while sitter.auto.state.phase is not Phase.BURST:
        sitter.sit(FRAME_S)
    state = sitter.auto.step(glance(sitter.at_s + 0.6))
    assert state.phase is Phase.BURST
    assert sitter.auto.step(glance(sitter.at_s + BURST_S + 0.1)).phase is Phase.TAKEN


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ALL, ALL, ALL, NEARLY, NOT]),
            st.integers(1, 25),  # frames
            st.sampled_from([0.0, 0.0, 0.5, 1.5, 6.0]),  # pixels a frame
        ),
        max_size=12,
    )
)
def test_nothing_is_taken_that_did_not_hold_long_enough(pieces: list[tuple[Readiness, int, float]]) -> None:
    sitter, trail = Sitter(), list[tuple[float, Readiness, float]]()
    for ready, frames, speed in pieces:
        for _ in range(frames):
            sitter.sit(FRAME_S, ready, px_a_frame=speed)
            trail.append((sitter.at_s, ready, speed))
            if sitter.auto.state.phase is Phase.COUNTING and sitter.states[-2][1].phase is not Phase.COUNTING:
                before = [(r, v) for at, r, v in trail if at > sitter.at_s - HOLD_S + FRAME_S]
                assert all(r is not NOT for r, _ in before)
                assert sum(v for _, v in before) / len(before) < JITTER_MAX * EYES_PX
    for (_, one), (_, other) in itertools.pairwise(sitter.states):
        assert 0 <= other.held <= 1
        if other.phase is Phase.COUNTING:
            assert one.phase in (Phase.HOLDING, Phase.COUNTING)
        if other.phase is Phase.TAKEN:
            assert one.phase is Phase.BURST


@given(st.floats(0, 3), st.integers(2, 12), st.floats(1, 400))
def test_jitter_is_the_speed_whatever_the_distance_to_the_camera(speed: float, frames: int, eyes_px: float) -> None:
    share = speed / 100
    trail = [replace(glance(n * FRAME_S, x=n * share * eyes_px), eye_distance_px=eyes_px) for n in range(frames)]
    assert math.isclose(jitter(trail), share, rel_tol=1e-6, abs_tol=1e-9)


def test_at_half_the_rate_the_same_movement_is_the_same_jitter() -> None:
    assert jitter([glance(0), glance(2 * FRAME_S, x=3)]) == pytest.approx(jitter([glance(0), glance(FRAME_S, x=1.5)]))


def finding(name: CheckName, verdict: Verdict) -> Finding:
    return Finding(name, 0.0, 0.0, verdict, Message("x"))


@pytest.mark.parametrize("name", CheckName)
def test_only_what_matters_keeps_a_photo_from_being_taken(name: CheckName) -> None:
    warned = readiness([finding(CheckName.ONE_FACE, Verdict.OK), finding(name, Verdict.WARN)])
    assert warned is (ALL if name is CheckName.BACKGROUND else NEARLY if name in SOFT else NOT)
    assert readiness([finding(name, Verdict.BAD)]) is (ALL if name is CheckName.BACKGROUND else NOT)


def test_the_best_frame_is_sharp_and_has_open_eyes() -> None:
    def frame(sharpness: float, left: float, right: float) -> Analysis:
        measures: dict[str, float] = {
            Measure.SHARPNESS: sharpness,
            Measure.BLINK_LEFT: left,
            Measure.BLINK_RIGHT: right,
        }
        return Analysis((1280, 720), measures=measures)

    best, blurred, winking = frame(90, 0.1, 0.1), frame(30, 0.1, 0.1), frame(95, 0.1, 0.8)
    assert max((blurred, winking, best), key=quality) is best
    assert quality(Analysis((1280, 720))) == 0
