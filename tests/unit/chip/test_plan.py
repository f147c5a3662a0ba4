"""The plan: what is missing, in the order that can be interrupted anywhere."""

from __future__ import annotations

from station.chip.plan import (
    STEP_NAMES,
    CreateApplication,
    CreateFile,
    Open,
    ReadBack,
    SetKey,
    Step,
    WriteFile,
    make_plan,
)
from station.chip.profiles import shipped_profile
from station.chip.survey import Found, Master, Wanted
from tests.helpers.chip import ESCN, UID, unhex

(APP,) = shipped_profile("deuinfo").applications
(FILE,) = APP.files
NUMBER = unhex(ESCN.replace("-", ""))
WANTED = Wanted(UID, APP, {0: NUMBER}, {0: b"\x00" * 16, 1: b"\x01" * 16, 2: b"\x02" * 16})
FINISHED = {0: 1, 1: 1, 2: 1}
LOCKING = tuple(SetKey(APP.keys[number]) for number in (2, 1, 0))


def plan(found: Found) -> tuple[Step, ...]:
    return make_plan(WANTED, found)


def test_a_blank_card_gets_everything_and_its_master_key_last() -> None:
    assert plan(Found()) == (
        CreateApplication(APP),
        Open(APP, Master.DEFAULT),
        CreateFile(FILE),
        WriteFile(FILE),
        ReadBack(FILE),
        *LOCKING,
    )


def test_a_finished_card_gets_nothing() -> None:
    assert plan(Found(Master.OURS, {0: NUMBER}, FINISHED)) == ()


def test_an_empty_application_gets_its_file() -> None:
    steps = plan(Found(Master.DEFAULT, {}, {0: 0, 1: 0, 2: 0}))
    assert steps == (Open(APP, Master.DEFAULT), CreateFile(FILE), WriteFile(FILE), ReadBack(FILE), *LOCKING)


def test_a_half_written_file_is_written_again_with_the_key_that_is_there() -> None:
    steps = plan(Found(Master.OURS, {0: NUMBER[:8] + bytes(8)}, FINISHED))
    assert steps == (Open(APP, Master.OURS), WriteFile(FILE), ReadBack(FILE))


def test_only_the_keys_that_are_missing_are_set() -> None:
    steps = plan(Found(Master.DEFAULT, {0: NUMBER}, {0: 0, 1: 0, 2: 1}))
    assert steps == (Open(APP, Master.DEFAULT), SetKey(APP.keys[1]), SetKey(APP.keys[0]))


def test_every_step_has_a_name_for_the_operator() -> None:
    assert {type(step) for step in plan(Found())} == set(STEP_NAMES)


def test_neither_numbers_nor_keys_show_themselves() -> None:
    assert "\\x01" not in repr(WANTED)
    assert ESCN.replace("-", "") not in repr(WANTED)
