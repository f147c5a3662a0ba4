"""The plan: what is missing, in the order that can be interrupted anywhere and is never more open than it must."""

from __future__ import annotations

import itertools

import pytest

from station.adapters.secrets.virtual import VirtualSecrets
from station.chip.content import ChipData
from station.chip.desfire.keys import Key
from station.chip.plan import (
    STEP_NAMES,
    WRITING,
    CheckUid,
    CreateApplication,
    CreateFile,
    DeleteFile,
    HideUid,
    OpenApplication,
    OpenCard,
    ReadBack,
    SetCardKey,
    SetCardSettings,
    SetKey,
    Step,
    UseKey,
    WriteFile,
    plan_application,
    plan_card,
    plan_hiding,
)
from station.chip.profiles import CardKeySpec
from station.chip.survey import FACTORY_KEY, Found, FoundCard
from station.chip.wanted import make_wanted
from tests.helpers.chip import ESCN, UID, demo_profile

(WANTED,), _ = make_wanted(demo_profile(), ChipData(ESCN), UID, VirtualSecrets(demo=True), to_write=True)
APP = WANTED.app
NUMBER, SIGNATURE, CERTIFICATE = APP.files
CONTENTS = dict(WANTED.contents)
DEFAULT = Key.aes()
BLANK_KEYS = dict.fromkeys(range(3), DEFAULT)


def plan(keys: dict[int, Key] | None = None, contents: dict[int, bytes] | None = None) -> tuple[Step, ...]:
    held = dict(WANTED.keys) if keys is None else keys
    return plan_application(WANTED, Found(True, held, CONTENTS if contents is None else contents))


def test_a_new_application_gets_its_keys_before_any_file_and_its_master_key_last() -> None:
    assert plan_application(WANTED, Found()) == (
        OpenApplication(APP),
        UseKey(APP, 0, ours=False),
        CheckUid(),
        SetKey(APP, APP.keys[2]),
        SetKey(APP, APP.keys[1]),
        SetKey(APP, APP.keys[0]),
        UseKey(APP, 0, ours=True),
        *(step(APP, file) for file in APP.files for step in (CreateFile, WriteFile, ReadBack)),
    )


def test_a_finished_application_gets_nothing() -> None:
    assert plan() == ()


def test_only_what_is_missing_is_done() -> None:
    assert plan(contents={0: CONTENTS[0], 1: CONTENTS[1]}) == (
        OpenApplication(APP),
        UseKey(APP, 0, ours=True),
        CreateFile(APP, CERTIFICATE),
        WriteFile(APP, CERTIFICATE),
        ReadBack(APP, CERTIFICATE),
    )


def test_a_half_written_file_is_written_again() -> None:
    torn = {**CONTENTS, 0: CONTENTS[0][:8] + bytes(8)}
    assert plan(contents=torn)[2:] == (WriteFile(APP, NUMBER), ReadBack(APP, NUMBER))


def test_a_file_of_another_length_is_made_anew() -> None:
    assert plan(contents={**CONTENTS, 1: bytes(60)})[2:] == (
        DeleteFile(APP, SIGNATURE),
        CreateFile(APP, SIGNATURE),
        WriteFile(APP, SIGNATURE),
        ReadBack(APP, SIGNATURE),
    )


def test_another_signature_of_the_same_card_is_as_good() -> None:
    (again,), _ = make_wanted(demo_profile(), ChipData(ESCN), UID, VirtualSecrets(demo=True), to_write=True)
    assert again.contents[1] != CONTENTS[1]
    assert plan(contents={**CONTENTS, 1: again.contents[1]}) == ()


def test_a_key_of_an_older_version_is_rolled_over_with_its_own_session() -> None:
    older = {number: Key.aes(bytes([number + 1]) * 16, 9) for number in range(3)}
    assert plan(keys=older) == (
        OpenApplication(APP),
        UseKey(APP, 0, ours=False),
        SetKey(APP, APP.keys[2]),
        SetKey(APP, APP.keys[1]),
        SetKey(APP, APP.keys[0]),
        UseKey(APP, 0, ours=True),
    )


@pytest.mark.parametrize("ours", list(itertools.product((True, False), repeat=3)))
def test_whatever_was_found_no_file_is_touched_before_every_key_is_ours(ours: tuple[bool, ...]) -> None:
    steps = plan({n: WANTED.keys[n] if mine else DEFAULT for n, mine in enumerate(ours)}, {})
    touching = [i for i, step in enumerate(steps) if isinstance(step, (CreateFile, WriteFile, DeleteFile))]
    setting = [i for i, step in enumerate(steps) if isinstance(step, SetKey)]
    assert max(setting, default=-1) < min(touching)
    changed = [step.key.number for step in steps if isinstance(step, SetKey)]
    assert changed == sorted(changed, reverse=True) == [n for n in (2, 1, 0) if not ours[n]]
    if 0 in changed:
        # A changed master key is proved before anything else is done with it.
        assert steps[setting[-1] + 1] == UseKey(APP, 0, ours=True)


def test_a_file_that_others_write_is_written_and_read_with_their_keys() -> None:
    (doors,), _ = make_wanted(
        demo_profile("access-control"), ChipData(ESCN), UID, VirtualSecrets(demo=True), to_write=True
    )
    app, (file,) = doors.app, doors.app.files
    assert plan_application(doors, Found(), uid_checked=True)[-5:] == (
        UseKey(app, 0, ours=True),
        CreateFile(app, file),
        UseKey(app, 2, ours=True),
        WriteFile(app, file),
        ReadBack(app, file),
    )


# --- the card itself --------------------------------------------------------------------------------------------

CARD_KEY = CardKeySpec.model_validate({"secret": "card", "version": 1, "diversify": "card.uid", "settings": "09"})


def test_a_card_without_a_key_of_ours_gets_the_missing_applications() -> None:
    assert plan_card(None, FoundCard(), (APP,), key_is_ours=True) == (OpenCard(None, ours=True), CreateApplication(APP))
    assert plan_card(None, FoundCard(), (), key_is_ours=True) == ()


def test_the_card_s_own_master_key_ends_its_session_and_is_proved() -> None:
    assert plan_card(CARD_KEY, FoundCard(FACTORY_KEY, 0x0F), (APP,), key_is_ours=False) == (
        OpenCard(CARD_KEY, ours=False),
        CreateApplication(APP),
        SetCardKey(CARD_KEY),
        OpenCard(CARD_KEY, ours=True),
        SetCardSettings(0x09),
    )


def test_a_card_that_is_ours_is_left_as_it_is() -> None:
    assert plan_card(CARD_KEY, FoundCard(Key.aes(), 0x09), (), key_is_ours=True) == ()
    assert plan_card(CARD_KEY, FoundCard(Key.aes(), 0x0F), (), key_is_ours=True) == (
        OpenCard(CARD_KEY, ours=True),
        SetCardSettings(0x09),
    )


def test_every_step_has_a_name_and_those_that_write_are_known() -> None:
    assert set(WRITING) < set(STEP_NAMES)
    reading = set(STEP_NAMES) - set(WRITING)
    assert reading == {OpenCard, OpenApplication, UseKey, CheckUid, ReadBack}


def test_the_uid_is_hidden_last_of_all_and_once() -> None:
    hiding = CARD_KEY.model_copy(update={"random_uid": True})
    assert plan_hiding(hiding, hidden=False) == (OpenCard(hiding, ours=True), HideUid())
    assert (
        plan_hiding(hiding, hidden=True) == plan_hiding(CARD_KEY, hidden=False) == plan_hiding(None, hidden=False) == ()
    )
