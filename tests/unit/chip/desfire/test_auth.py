"""AES authentication: the example of AN0945, the software card, and those that only pretend."""

from __future__ import annotations

import pytest

from station.chip.desfire.applications import get_card_uid, select
from station.chip.desfire.auth import authenticate_aes
from station.chip.desfire.crypto import session_key
from station.chip.desfire.link import DesfireLink
from station.chip.virtual_card import VirtualCard
from station.domain.errors import ChipKeyError, ChipRefusedError
from station.ports.secrets import KeyKind
from tests.helpers.chip import ESC_AID, UID, Altered, Direct, Rambling, Replay, run_encode, unhex, vector

EXAMPLE = vector("an0945-t22-auth-aes")


def test_the_example() -> None:
    replay = Replay(EXAMPLE["exchange"])
    link = DesfireLink(replay.transmit)
    authenticate_aes(link, 0, unhex(EXAMPLE["key"]), random=lambda _: unhex(EXAMPLE["rndA"]))
    assert replay.done == 2
    assert link.authenticated == 0


def test_the_session_key_of_the_example() -> None:
    made = session_key(KeyKind.AES128, unhex(EXAMPLE["key"]), unhex(EXAMPLE["rndA"]), unhex(EXAMPLE["rndB"]))
    assert made == unhex(EXAMPLE["session_key"])


@pytest.fixture
def encoded() -> VirtualCard:
    card = VirtualCard.blank(UID)
    run_encode(Direct(card))
    return card


def test_the_right_key_opens_a_session_that_works(encoded: VirtualCard) -> None:
    link = DesfireLink(Direct(encoded).transmit)
    select(link, ESC_AID)
    authenticate_aes(link, 1, encoded.memory.applications[ESC_AID].keys[1].value)
    assert link.authenticated == 1
    assert get_card_uid(link) == UID


@pytest.mark.parametrize("number", [0, 1, 2, 3, 13])
def test_a_wrong_key_or_none_is_told_apart(encoded: VirtualCard, number: int) -> None:
    link = DesfireLink(Direct(encoded).transmit)
    select(link, ESC_AID)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, number, bytes(16))
    assert link.authenticated is None


def test_a_key_of_another_kind_is_no_aes_key() -> None:
    link = DesfireLink(Direct(VirtualCard.blank(UID)).transmit)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, bytes(16))  # the card itself has a DES key


def test_a_card_that_does_not_know_the_key_cannot_pretend() -> None:
    # It takes any token and answers with anything of the right length.
    link = DesfireLink(Rambling([bytes(16) + b"\x91\xaf", bytes(16) + b"\x91\x00"]).transmit)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, bytes(16))
    assert link.authenticated is None


@pytest.mark.parametrize("length", [0, 8, 15, 17])
@pytest.mark.parametrize("index", [1, 2])
def test_tokens_of_a_wrong_length_are_refused(encoded: VirtualCard, length: int, index: int) -> None:
    link = DesfireLink(Altered(encoded, lambda i, a: bytes(length) + a[-2:] if i == index else a).transmit)
    select(link, ESC_AID)
    with pytest.raises(ChipKeyError):
        authenticate_aes(link, 0, encoded.memory.applications[ESC_AID].keys[0].value)


def test_another_refusal_is_no_wrong_key() -> None:
    with pytest.raises(ChipRefusedError) as caught:
        authenticate_aes(DesfireLink(Rambling([b"\x91\xcd"]).transmit), 0, bytes(16))
    assert caught.value.sw == 0x91CD
    with pytest.raises(ChipRefusedError):
        authenticate_aes(DesfireLink(Rambling([b"\x91\x00"]).transmit), 0, bytes(16))
