"""Each check fires on its own defect, stays quiet on the others, and says one thing that can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from station.adapters.camera.virtual import demo_portraits
from station.domain.portrait import PortraitFinding
from station.photo.background import BackgroundMaker
from station.photo.checks import (
    LABELS,
    THRESHOLDS_VERSION,
    CheckName,
    Finding,
    PrintTarget,
    Verdict,
    check,
    first_hint,
    for_crop,
    worst,
)
from station.photo.faces import Analysis, FaceEngine
from station.photo.measures import Measure
from station.photo.pictures import load_picture
from tests.helpers.pictures import Pixels

CARD = PrintTarget(25, 32)
"""A place for a photo as cards have it."""


@cache
def engine() -> FaceEngine:
    return FaceEngine()


@cache
def good() -> Pixels:
    """Return the demo's person with glasses and hat, before a plain wall: nothing is wrong with it."""
    return BackgroundMaker(engine().person).make_plain(load_picture(demo_portraits()[1])).after


@cache
def analysis() -> Analysis:
    return engine().analyse(good())


def verdicts(found: Analysis, target: PrintTarget = CARD) -> dict[CheckName, Verdict]:
    return {finding.name: finding.verdict for finding in check(found, target)}


def wrong(found: Analysis, target: PrintTarget = CARD) -> set[CheckName]:
    return {name for name, verdict in verdicts(found, target).items() if verdict is not Verdict.OK}


def measured(changes: Mapping[Measure, float]) -> Analysis:
    return replace(analysis(), measures={**analysis().measures, **changes})


def blurred(picture: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 4), np.uint8)


def dimmed(picture: Pixels) -> Pixels:
    return (picture * 0.18).astype(np.uint8)


def too_bright(picture: Pixels) -> Pixels:
    return np.clip(picture.astype(int) * 2, 0, 255).astype(np.uint8)


def tilted(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 16, 1.0)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderValue=(225, 225, 225)), np.uint8)


def with_glare(picture: Pixels) -> Pixels:
    out = picture.copy()
    main = analysis().main
    assert main
    x, y = main.right_eye
    cv2.ellipse(out, (round(x) + 6, round(y)), (16, 10), 20, 0, 360, (255, 255, 255), -1)
    return out


def before_shelves(picture: Pixels) -> Pixels:
    person = BackgroundMaker(engine().person).outline(picture)[..., None]
    shelves = np.random.default_rng(5).integers(0, 255, (24, 42, 3), np.uint8)
    size = (picture.shape[1], picture.shape[0])
    large = cv2.resize(shelves, size, interpolation=cv2.INTER_NEAREST)
    return (picture * person + large * (1 - person)).astype(np.uint8)


def cut_by_the_edge(picture: Pixels) -> Pixels:
    main = analysis().main
    assert main
    return np.ascontiguousarray(picture[:, round(main.right_eye[0]) :])


def far_away(picture: Pixels) -> Pixels:
    return np.asarray(cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.uint8)


def lit_from_one_side(picture: Pixels) -> Pixels:
    main = analysis().main
    assert main
    x, y, width, height = (round(value) for value in main.box)
    shade = np.ones(picture.shape[:2], np.float32)
    shade[y : y + height, x - width // 4 : x + width // 2] = 0.35
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), 9))
    return (picture * shade[..., None]).astype(np.uint8)


def two_people(picture: Pixels) -> Pixels:
    other = load_picture(demo_portraits()[0])
    width = min(picture.shape[1], other.shape[1]) // 2
    middle = picture.shape[1] // 2
    return np.hstack([other[:, middle - width // 2 : middle + width // 2], picture])


DEFECTS: dict[CheckName, list[Callable[[Pixels], Pixels]]] = {
    CheckName.ONE_FACE: [two_people],
    CheckName.FRAMING: [cut_by_the_edge],
    CheckName.RESOLUTION: [far_away],
    CheckName.ROLL: [tilted],
    CheckName.SHARPNESS: [blurred],
    CheckName.GLARE: [with_glare],
    CheckName.LIGHT: [dimmed, too_bright],
    CheckName.SIDE_LIGHT: [lit_from_one_side],
    CheckName.BACKGROUND: [before_shelves],
}


def test_glasses_and_a_hat_pass_without_an_override() -> None:
    assert wrong(analysis()) == set()
    assert wrong(engine().analyse(load_picture(demo_portraits()[0])), CARD) == set()


@pytest.mark.parametrize(
    ("name", "defect"),
    [(name, defect) for name, defects in DEFECTS.items() for defect in defects],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_a_check_fires_on_its_own_defect_only(name: CheckName, defect: Callable[[Pixels], Pixels]) -> None:
    # Who is half out of the picture also stands before whatever is left of the wall.
    assert wrong(engine().analyse(defect(good()))) - {name} <= ({CheckName.BACKGROUND} - {name})
    assert name in wrong(engine().analyse(defect(good())))


@pytest.mark.parametrize(
    ("changes", "name", "verdict", "hint"),
    [
        ({Measure.SECOND_FACE: 0.16}, CheckName.ONE_FACE, Verdict.BAD, "the others step out"),
        ({Measure.YAW: 0.11}, CheckName.YAW, Verdict.WARN, "to your right"),
        ({Measure.YAW: -0.3}, CheckName.YAW, Verdict.BAD, "to your left"),
        ({Measure.ROLL_DEG: -8.5}, CheckName.ROLL, Verdict.WARN, "upright"),
        ({Measure.PITCH_DEG: 12}, CheckName.PITCH, Verdict.WARN, "Lower your chin"),
        ({Measure.PITCH_DEG: -22}, CheckName.PITCH, Verdict.WARN, "Raise your chin"),
        ({Measure.LID_GAP_LEFT: 0.01, Measure.BLINK_LEFT: 0.7}, CheckName.EYES, Verdict.BAD, "Open your eyes"),
        ({Measure.LID_SHARE_LEFT: 0.4, Measure.BLINK_RISE_LEFT: 0.3}, CheckName.EYES, Verdict.BAD, "Open your eyes"),
        ({Measure.SHARPNESS: 59}, CheckName.SHARPNESS, Verdict.WARN, "hold still"),
        ({Measure.SHARPNESS: 24}, CheckName.SHARPNESS, Verdict.BAD, "hold still"),
        ({Measure.GLARE: 0.03}, CheckName.GLARE, Verdict.WARN, "glasses"),
        ({Measure.OVEREXPOSED: 0.02}, CheckName.LIGHT, Verdict.WARN, "too bright"),
        ({Measure.LIGHT_MEAN: 0.85}, CheckName.LIGHT, Verdict.WARN, "too bright"),
        ({Measure.UNDEREXPOSED: 0.75}, CheckName.LIGHT, Verdict.WARN, "too dark"),
        ({Measure.LIGHT_MEAN: 0.1, Measure.LIGHT_HIGH: 0.2}, CheckName.LIGHT, Verdict.WARN, "window behind you"),
        ({Measure.LIGHT_MEAN: 0.1, Measure.UNDEREXPOSED: 0.5}, CheckName.LIGHT, Verdict.WARN, "too dark"),
        ({Measure.SIDE_LIGHT: 0.5}, CheckName.SIDE_LIGHT, Verdict.WARN, "one side"),
        ({Measure.SIDE_LIGHT: 1.7}, CheckName.SIDE_LIGHT, Verdict.WARN, "one side"),
        ({Measure.MOUTH_GAP: 0.17, Measure.JAW_OPEN: 0.4}, CheckName.MOUTH, Verdict.WARN, "smile is fine"),
        ({Measure.BACKGROUND_SPREAD: 26}, CheckName.BACKGROUND, Verdict.WARN, "plain wall"),
        ({Measure.BACKGROUND_GRADIENT: 11}, CheckName.BACKGROUND, Verdict.WARN, "plain wall"),
    ],
)
def test_each_limit_has_its_own_hint(
    changes: dict[Measure, float], name: CheckName, verdict: Verdict, hint: str
) -> None:
    found = check(measured(changes), CARD)
    fired = [finding for finding in found if finding.verdict is not Verdict.OK]
    assert [(each.name, each.verdict) for each in fired] == [(name, verdict)]
    assert hint in str(fired[0].hint)
    assert first_hint(found) is fired[0]
    assert worst(found) is verdict


@pytest.mark.parametrize(
    "changes",
    [
        {Measure.LID_GAP_LEFT: 0.02, Measure.LID_GAP_RIGHT: 0.02, Measure.BLINK_LEFT: 0.3},
        {Measure.BLINK_LEFT: 0.9, Measure.LID_GAP_LEFT: 0.05},
        {Measure.LID_GAP_LEFT: 0.02, Measure.BLINK_RIGHT: 0.9},
        {Measure.MOUTH_GAP: 0.17, Measure.JAW_OPEN: 0.1},
        {Measure.LIGHT_MEAN: 0.12, Measure.LIGHT_HIGH: 0.45},
        {Measure.BACKGROUND_SPREAD: 20},
    ],
    ids=[
        "narrow eyes",
        "half-closed by nature",
        "one sign at each eye",
        "smile with teeth",
        "dark skin",
        "uneven wall",
    ],
)
def test_what_people_are_like_is_no_defect(changes: dict[Measure, float]) -> None:
    assert wrong(measured(changes)) == set()


def test_the_findings_come_in_the_order_of_what_matters() -> None:
    assert [finding.name for finding in check(analysis())] == list(CheckName)
    assert set(LABELS) == set(CheckName)


def test_the_worst_comes_first_and_then_the_more_important() -> None:
    found = check(measured({Measure.ROLL_DEG: 9, Measure.SHARPNESS: 10, Measure.GLARE: 0.5}), CARD)
    first = first_hint(found)
    assert first
    assert first.name is CheckName.SHARPNESS
    found = check(measured({Measure.ROLL_DEG: 9, Measure.GLARE: 0.5}), CARD)
    first = first_hint(found)
    assert first
    assert first.name is CheckName.ROLL
    assert first_hint(check(analysis(), CARD)) is None
    assert worst(()) is Verdict.OK


def test_without_a_face_there_is_one_finding() -> None:
    (finding,) = check(Analysis((640, 480)))
    assert (finding.name, finding.verdict, finding.measure, finding.limit) == (CheckName.ONE_FACE, Verdict.BAD, 0, 1)
    assert "sit in front of the camera" in str(finding.hint)


@pytest.mark.parametrize(
    ("target", "verdict"),
    [(PrintTarget(25, 32), Verdict.OK), (PrintTarget(35, 45, 600), Verdict.BAD), (PrintTarget(50, 65), Verdict.WARN)],
)
def test_the_resolution_is_held_against_the_printed_size(target: PrintTarget, verdict: Verdict) -> None:
    finding = next(each for each in check(analysis(), target) if each.name is CheckName.RESOLUTION)
    crop = analysis().crop(target.ratio)
    assert crop
    dpi = crop.crop.height * analysis().size_px[1] / (target.height_mm / 25.4)
    assert (finding.measure, finding.limit, finding.verdict) == (pytest.approx(dpi), target.dpi, verdict)


def framed(left: int = 0, top: int = 0, right: int = 0, bottom: int = 0) -> Finding:
    """Return the finding about the frame when so many pixels are cut off the good picture's edges."""
    width = good().shape[1]
    more_wall = (
        cv2.copyMakeBorder(good(), 200, 0, 0, 0, cv2.BORDER_CONSTANT, value=(225, 225, 225)) if bottom else good()
    )
    part = np.ascontiguousarray(more_wall[top : len(more_wall) - bottom, left : width - right])
    found = check(engine().analyse(part), CARD)
    return next(each for each in found if each.name is CheckName.FRAMING)


def test_a_tight_frame_says_where_to_go() -> None:
    main = analysis().main
    assert main
    x, y, width, _ = (round(value) for value in main.box)
    assert framed().verdict is Verdict.OK
    assert "to the middle" in str(framed(left=x - 30).hint)
    assert "to the middle" in str(framed(right=good().shape[1] - x - width - 30).hint)
    assert "Raise the camera" in str(framed(top=60).hint)
    assert "Lower the camera" in str(framed(bottom=220).hint)
    both = framed(left=x - 40, right=good().shape[1] - x - width - 40)
    assert "Move back" in str(both.hint)
    assert framed(top=y + 40).verdict is Verdict.BAD
    assert framed(left=x - 30).verdict is Verdict.WARN


def test_a_finding_is_stored_with_its_reason() -> None:
    finding = check(measured({Measure.YAW: 0.15}), CARD)[list(CheckName).index(CheckName.YAW)]
    assert finding.record("disability") == PortraitFinding("yaw", 0.15, 0.10, "warn", "disability", THRESHOLDS_VERSION)


def test_who_zooms_in_by_hand_has_fewer_pixels_to_print() -> None:
    findings = check(measured({}), CARD)
    at = list(CheckName).index(CheckName.RESOLUTION)
    closer = for_crop(findings, 0.1)
    assert closer[at].measure == pytest.approx(findings[at].measure * 0.1)
    assert closer[at].verdict is Verdict.BAD
    assert closer[:at] + closer[at + 1 :] == findings[:at] + findings[at + 1 :]
    assert for_crop(findings, 1.0) == findings
