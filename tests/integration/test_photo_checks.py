"""The checks of the photo on real people: each fires on its own defect and on no other, and lets people be."""

from __future__ import annotations

import pytest

from station.photo.background import BackgroundMaker
from station.photo.checks import CheckName, PrintTarget, Verdict, check
from station.photo.pictures import load_picture
from tests.helpers import degradations, portraits
from tests.helpers.cross_matrix import (
    CARD,
    HEADS,
    PEOPLE,
    engine,
    fired,
    legend,
    outcome,
    page,
    person,
    table,
    table_in,
)
from tests.helpers.degradations import DEFECTS, Defect
from tests.helpers.portraits import Source

MISSED = {("glasses and hat", degradations.eyes_closed)}
"""Lids behind glasses: in a single picture the mesh only half believes them. The help says that they may be missed."""
NEAR_THE_EYES = (
    degradations.eyes_closed, degradations.looking_up, degradations.looking_down, degradations.mouth_open,
    degradations.with_glare, degradations.turned_left, degradations.blurred, degradations.half_lit,
)  # fmt: skip


def seen_in(source: Source, *, plain: bool = True, target: PrintTarget = CARD) -> dict[CheckName, Verdict]:
    picture = load_picture(portraits.portrait(source))
    if plain:
        picture = BackgroundMaker(engine().person).make_plain(picture).after
    findings = check(engine().analyse(picture), target)
    return {each.name: each.verdict for each in findings if each.verdict is not Verdict.OK}


@pytest.mark.parametrize("source", [portraits.DARK_SKIN, portraits.GLASSES_AND_HAT], ids=["dark skin", "glasses, hat"])
@pytest.mark.parametrize("target", [CARD, PrintTarget(25, 32)], ids=["small", "larger"])
def test_people_as_they_are_pass_without_an_override(source: Source, target: PrintTarget) -> None:
    assert seen_in(source, target=target) == {}


@pytest.mark.parametrize("source", [portraits.DARK_SKIN, portraits.GLASSES_AND_HAT], ids=["dark skin", "glasses, hat"])
def test_before_flags_it_is_the_wall_and_the_frame_only(source: Source) -> None:
    seen = seen_in(source, plain=False)
    assert CheckName.BACKGROUND in seen
    assert set(seen) <= {CheckName.BACKGROUND, CheckName.FRAMING}
    assert Verdict.BAD not in seen.values()


@pytest.mark.parametrize("name", PEOPLE)
def test_nothing_is_wrong_with_the_portraits_that_are_spoilt(name: str) -> None:
    assert fired(person(name).picture) == set()


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.spoil.__name__)
def test_a_check_fires_on_its_own_defect_and_no_other_does(name: str, defect: Defect) -> None:
    expected = set() if (name, defect.spoil) in MISSED else {defect.check}
    assert outcome(name, defect) == expected


@pytest.mark.parametrize("name", PEOPLE)
def test_beside_a_persons_own_open_eyes_closed_ones_are_seen_behind_glasses_too(name: str) -> None:
    good, before = person(name), None
    for _ in range(10):
        before = engine().analyse(good.picture, near=before)
    spoken = [
        spoil
        for spoil in NEAR_THE_EYES
        if any(
            each.name is CheckName.EYES and each.verdict is Verdict.BAD
            for each in check(engine().analyse(spoil(good), near=before), CARD)
        )
    ]
    assert spoken == [degradations.eyes_closed]


def test_every_check_has_a_defect() -> None:
    assert {defect.check for defect in DEFECTS} == set(CheckName)


@pytest.mark.parametrize("language", HEADS)
def test_the_table_in_the_help_is_what_was_measured(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    measured = table(language)
    with capsys.disabled():
        print("\n" + "\n".join(legend(language) + measured))
    text = page(language).read_text(encoding="utf-8")
    assert table_in(text, language) == measured, "python -m tests.helpers.cross_matrix writes it anew"
    assert "\n".join(legend(language)) in text


@pytest.mark.parametrize(
    ("source", "own"),
    [
        (portraits.TURNED_LEFT, CheckName.YAW),
        (portraits.TURNED_RIGHT, CheckName.YAW),
        (portraits.CUT_LEFT, CheckName.FRAMING),
        (portraits.CUT_RIGHT, CheckName.FRAMING),
        (portraits.ASTRONAUT, CheckName.RESOLUTION),
    ],
    ids=["turned", "turned the other way", "cut", "cut on the other side", "small"],
)
def test_what_is_wrong_with_real_pictures_is_seen(source: Source, own: CheckName) -> None:
    seen = seen_in(source, target=PrintTarget(25, 32))
    assert seen[own] is Verdict.BAD


def test_a_small_picture_is_small_and_nothing_else() -> None:
    assert set(seen_in(portraits.ASTRONAUT, target=PrintTarget(25, 32))) == {CheckName.RESOLUTION}
