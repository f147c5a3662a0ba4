"""The ISO 7816-4 door of the software card."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.kinds import blank_card
from tests.helpers.chip import ESC_AID, ESCN, UID, Direct, run_encode, unhex

NUMBER = ESCN.replace("-", "")
BY_NAME = "00a4040009a00000061404f5884000"


@pytest.fixture
def card() -> VirtualCard:
    made = blank_card(UID)
    run_encode(Direct(made))
    made.reset()
    return made


def talk(card: VirtualCard, *apdus: str) -> list[str]:
    return [card.transmit(unhex(apdu)).hex() for apdu in apdus]


def test_by_name_then_by_file_id(card: VirtualCard) -> None:
    assert talk(card, BY_NAME, "00a40000021001", "00b0000000") == ["9000", "9000", NUMBER + "9000"]


def test_by_directory_id_then_below(card: VirtualCard) -> None:
    assert talk(card, "00a40000021000", "00a40200021001", "00b0000004") == [
        "9000",
        "9000",
        NUMBER[:8] + "9000",
    ]


def test_by_short_file_id(card: VirtualCard) -> None:
    assert talk(card, BY_NAME, "00b0800c04") == ["9000", NUMBER[24:] + "9000"]


def test_the_master_file_leaves_the_application(card: VirtualCard) -> None:
    assert talk(card, BY_NAME, "00a40000023f00", "00b0800000") == ["9000", "9000", "6986"]


@pytest.mark.parametrize(
    ("apdus", "last"),
    [
        (["00a40400051122334455"], "6a82"),
        (["00a40400"], "6a82"),
        (["00a4000002beef"], "6a82"),
        (["00a4000003beef00"], "6a86"),
        (["00a4050002beef"], "6a86"),
        (["00b0000000"], "6986"),
        ([BY_NAME, "00b0000000"], "6986"),
        ([BY_NAME, "00b0800000", "00b0001000"], "6b00"),
        ([BY_NAME, "00b08000"], "6700"),
        (["00d6000001ff"], "6986"),
        (["00e2000001ff"], "6d00"),
    ],
)
def test_refusals(card: VirtualCard, apdus: list[str], last: str) -> None:
    assert talk(card, *apdus)[-1] == last


def test_what_needs_a_key_is_closed_here(card: VirtualCard) -> None:
    card.memory.applications[ESC_AID].files[0].rights = 0x0000
    assert talk(card, BY_NAME, "00b0800000")[-1] == "6982"


def test_selecting_ends_a_native_session(card: VirtualCard) -> None:
    assert talk(card, "905a0000034088f500", BY_NAME, "9051000000")[-1] == "91ae"
