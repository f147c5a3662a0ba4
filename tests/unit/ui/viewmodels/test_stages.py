"""The stages: where a journal leads to, and what can be done there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.workflow import Act, Issuance, State
from station.ui.viewmodels.stages import IRREVERSIBLE, KEY_NAMES, OPEN, Stage, Todo, offers_at, stage_of


@pytest.mark.parametrize(
    ("state", "pending", "stage"),
    [
        (State.DRAFT, None, Stage.PHOTO),
        (State.CAPTURED, None, Stage.REVIEW),
        (State.CAPTURED, Act.ENCODE, Stage.ENCODE),
        (State.ENCODED, None, Stage.PRINT),
        (State.ENCODED, Act.PRINT, Stage.ASK),
        (State.PRINTED, None, Stage.VERIFY),
        (State.VERIFIED, None, Stage.HAND_OVER),
        (State.HANDED_OVER, None, Stage.DONE),
        (State.SPOILED, None, Stage.SPOILED),
        (State.ABANDONED, None, Stage.SPOILED),
    ],
)
def test_a_journal_leads_to_a_stage(state: State, pending: Act | None, stage: Stage) -> None:
    assert stage_of(replace(Issuance("1"), state=state, pending=pending)) is stage


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("busy", [False, True])
def test_no_key_means_two_things(stage: Stage, busy: bool) -> None:
    offers = offers_at(stage, busy=busy)
    keys = [offer.key for offer in offers if offer.key]
    assert len(keys) == len(set(keys))
    assert set(keys) <= set(KEY_NAMES)
    assert len({offer.todo for offer in offers}) == len(offers)


@pytest.mark.parametrize("stage", [Stage.PHOTO, Stage.CHECK])
def test_no_key_means_two_things_without_camera_or_on_a_small_window(stage: Stage) -> None:
    offers = offers_at(stage, camera_away=True, more_below=True)
    keys = [offer.key for offer in offers if offer.key]
    assert len(keys) == len(set(keys))
    assert offers[0].primary
    assert offers[0].todo in (Todo.FROM_FILE, Todo.READ_ON)


def test_what_a_person_answers_for_is_irreversible() -> None:
    mains = {stage: offers_at(stage)[0].todo for stage in (Stage.CHECK, Stage.ASK, Stage.HAND_OVER, Stage.SPOILED)}
    assert set(mains.values()) <= IRREVERSIBLE
    assert Todo.SHUTTER not in IRREVERSIBLE


@pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.PHOTO])
def test_while_it_works_nothing_can_be_pressed_twice(stage: Stage) -> None:
    assert not [offer for offer in offers_at(stage, busy=True) if offer.primary]


@pytest.mark.parametrize("camera_away", [False, True])
def test_other_sources_of_a_portrait_are_a_key_away_with_and_without_camera(camera_away: bool) -> None:
    keys = {offer.todo: offer.key for offer in offers_at(Stage.PHOTO, camera_away=camera_away)}
    assert keys[Todo.OTHER_SOURCES] == OPEN
