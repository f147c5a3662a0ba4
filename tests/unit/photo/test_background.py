"""A plain background is plain, the person is untouched, and hair keeps its own colour instead of the old wall's."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from station.adapters.camera.virtual import demo_portraits
from station.domain.errors import ModelError
from station.photo.background import LIGHT_GREY, BackgroundMaker, composed
from station.photo.checks import CheckName, Verdict, check
from station.photo.crop import PORTRAIT_RATIO, cut_out
from station.photo.faces import FaceEngine
from station.photo.measures import Measure
from station.photo.pictures import load_picture
from tests.helpers.pictures import Pixels


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return FaceEngine()


def portrait(engine: FaceEngine, number: int) -> Pixels:
    picture = load_picture(demo_portraits()[number])
    crop = engine.analyse(picture).crop()
    assert crop
    return cut_out(picture, crop.crop, crop.ratio, 600)


@pytest.mark.parametrize("number", [0, 1])
def test_the_face_stays_and_the_background_becomes_plain(engine: FaceEngine, number: int) -> None:
    before = portrait(engine, number)
    made = BackgroundMaker(engine.person).make_plain(before)
    assert made.before is before
    assert made.after.shape == before.shape
    assert 0.3 < made.person_share < 0.8
    first, second = engine.analyse(before), engine.analyse(made.after)
    assert first.main
    assert second.main
    oval = second.main.points[:, :2]
    low, high = np.ceil(oval.min(axis=0)).astype(int), oval.max(axis=0).astype(int)
    inner = (slice(low[1] + 20, high[1] - 20), slice(low[0] + 20, high[0] - 20))
    assert (made.after[inner] == before[inner]).mean() > 0.97
    assert second.measures[Measure.BACKGROUND_SPREAD] < 5
    assert second.measures[Measure.BACKGROUND_GRADIENT] < 8
    finding = next(each for each in check(second) if each.name is CheckName.BACKGROUND)
    assert finding.verdict is Verdict.OK
    assert (made.after[3, 3] == LIGHT_GREY).all()


def test_any_colour_can_be_had(engine: FaceEngine) -> None:
    made = BackgroundMaker(engine.person).make_plain(portrait(engine, 1), (250, 200, 150))
    assert (made.after[made.person == 0] == (250, 200, 150)).all()


def test_a_mix_of_hair_and_wall_becomes_a_mix_of_hair_and_grey() -> None:
    """Black hair before a red wall, half of each in between: no red may be left in what was half hair."""
    picture = np.zeros((200, 200, 3), np.uint8)
    picture[:, 100:] = (0, 0, 255)
    person = np.zeros((200, 200), np.float32)
    person[:, :96] = 1
    person[:, 96:104] = 0.5
    picture[:, 96:104] = (0, 0, 128)
    edge = composed(picture, person, (200, 200, 200))[:, 98:102].reshape(-1, 3).astype(int)
    assert np.abs(edge - 100).max() <= 12


def test_outside_is_the_colour_and_inside_the_picture_to_the_last_bit() -> None:
    picture = np.random.default_rng(3).integers(0, 255, (60, 50, 3), np.uint8)
    person = np.zeros((60, 50), np.float32)
    person[20:] = 1
    out = composed(picture, person, (1, 2, 3))
    assert (out[20:] == picture[20:]).all()
    assert (out[:20] == (1, 2, 3)).all()


@pytest.mark.parametrize("size", [(97, 131), (500, 300), (300, 500), (1500, 1100)])
def test_every_shape_of_picture_comes_back_in_its_own(engine: FaceEngine, size: tuple[int, int]) -> None:
    before = np.asarray(cv2.resize(portrait(engine, 0), size), np.uint8)
    made = BackgroundMaker(engine.person).make_plain(before)
    assert made.after.shape == before.shape
    assert made.person.shape == before.shape[:2]
    assert made.person.dtype == np.float32
    assert made.person.min() >= 0
    assert made.person.max() <= 1


def test_a_larger_picture_gives_the_same_outline_finer(engine: FaceEngine) -> None:
    maker = BackgroundMaker(engine.person)
    before = portrait(engine, 0)
    twice = np.asarray(cv2.resize(before, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    small = np.asarray(cv2.resize(maker.outline(twice), before.shape[1::-1], interpolation=cv2.INTER_AREA))
    assert np.abs(small - maker.outline(before)).mean() < 0.02


def test_the_maker_loads_its_own_model_or_says_why_not(engine: FaceEngine, tmp_path: Path) -> None:
    before = portrait(engine, 1)
    alone, shared = BackgroundMaker(), BackgroundMaker(engine.person)
    assert (alone.make_plain(before).after == shared.make_plain(before).after).all()
    with pytest.raises(ModelError):
        BackgroundMaker(folder=tmp_path)


def test_the_ratio_of_a_portrait_is_kept(engine: FaceEngine) -> None:
    after = BackgroundMaker(engine.person).make_plain(portrait(engine, 0)).after
    assert after.shape[1] / after.shape[0] == pytest.approx(PORTRAIT_RATIO, abs=0.003)


def test_what_stands_beside_the_head_is_seen_through_by_a_second_look(engine: FaceEngine) -> None:
    before = portrait(engine, 1)  # a flag and its cord hang beside the hat
    _, once = engine.person.look(before)
    twice = BackgroundMaker(engine.person)._rough(before)
    assert twice.shape == once.shape
    height, width = once.shape
    beside = (slice(int(0.2 * height), int(0.66 * height)), slice(0, int(0.16 * width)))
    assert twice[beside].sum() < 0.8 * once[beside].sum()
    face = (slice(int(0.3 * height), int(0.7 * height)), slice(int(0.3 * width), int(0.7 * width)))
    assert twice[face].min() > 0.99
