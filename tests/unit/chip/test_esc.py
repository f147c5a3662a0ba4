"""The card number on the chip: read by anybody, in two commands."""

from __future__ import annotations

import pytest

from station.chip.desfire.link import DesfireLink
from station.chip.esc import escn_on_chip, read_escn
from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.kinds import blank_card
from station.domain.errors import ChipRefusedError
from tests.helpers.chip import ESC_AID, ESCN, UID, Altered, Direct, Replay, run_encode, unhex

NUMBER = unhex(ESCN.replace("-", ""))


@pytest.fixture
def encoded() -> VirtualCard:
    card = blank_card(UID)
    run_encode(Direct(card))
    return card


def test_the_number_is_read_in_two_commands(encoded: VirtualCard) -> None:
    connection = Direct(encoded)
    assert read_escn(DesfireLink(connection.transmit)) == (True, ESCN)
    assert [sent.hex() for sent, _ in connection.log] == ["905a0000034088f500", "90bd0000070000000010000000"]


def test_a_card_without_the_application_costs_one_command() -> None:
    connection = Direct(blank_card(UID))
    assert read_escn(DesfireLink(connection.transmit)) == (False, None)
    assert len(connection.log) == 1


@pytest.mark.parametrize("rights", [0x0000, 0x1000, 0xF000])
def test_a_number_behind_a_key_is_no_number_for_us(encoded: VirtualCard, rights: int) -> None:
    encoded.memory.applications[ESC_AID].files[0].rights = rights
    assert read_escn(DesfireLink(Direct(encoded).transmit)) == (True, None)


def test_an_application_without_the_file_has_no_number(encoded: VirtualCard) -> None:
    encoded.memory.applications[ESC_AID].files.clear()
    assert read_escn(DesfireLink(Direct(encoded).transmit)) == (True, None)


def test_other_refusals_are_errors(encoded: VirtualCard) -> None:
    connection = Altered(encoded, lambda index, answer: b"\x91\xc1" if index == 1 else answer)
    with pytest.raises(ChipRefusedError) as caught:
        read_escn(DesfireLink(connection.transmit))
    assert caught.value.sw == 0x91C1


@pytest.mark.parametrize("data", [None, b"", bytes(16), NUMBER[:15], NUMBER[:8] + bytes(8), b"\xff" * 16])
def test_what_is_no_number(data: bytes | None) -> None:
    assert escn_on_chip(data) is None


def test_what_is_a_number() -> None:
    assert escn_on_chip(NUMBER) == ESCN


def test_the_second_door_of_iso_7816_opens_on_the_same_number(encoded: VirtualCard) -> None:
    card = Direct(encoded)
    assert card.transmit(unhex("00a4040009a00000061404f5884000")) == b"\x90\x00"
    assert card.transmit(unhex("00a40000021001")) == b"\x90\x00"
    assert card.transmit(unhex("00b0000000")) == NUMBER + b"\x90\x00"


def test_a_recorded_conversation_reads_the_same() -> None:
    replay = Replay([("905a0000034088f500", "9100"), ("90bd0000070000000010000000", NUMBER.hex() + "9100")])
    assert read_escn(DesfireLink(replay.transmit)) == (True, ESCN)
