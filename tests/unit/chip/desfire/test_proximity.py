"""Proximity check: in as many rounds as asked for, signed by both, and never taken for passed when it is not."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC

from station.chip.desfire import proximity
from station.chip.desfire.link import DesfireLink
from station.chip.virtual_card.desfire import VirtualDesfire
from station.domain.errors import ChipError, ChipRefusedError
from tests.helpers.chip import Rambling

KEY = bytes(range(16))
PREPARED = bytes.fromhex("0103200a")


class FakeNearCard:
    """The card's side of one check, computed anew."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.said = b""
        self.rounds = 0

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command."""
        ins, data = apdu[1], apdu[5:-1]
        if ins == 0xF0:
            return PREPARED + bytes([0x91, self.status])
        if ins == 0xF2:
            self.rounds += 1
            ours = b"\xc0" * data[0]
            self.said += ours + data[1:]
            return ours + bytes([0x91, self.status])
        assert data == self.signed(0xFD)
        return self.signed(self.status) + bytes([0x91, self.status])

    def signed(self, code: int) -> bytes:
        """Return the MAC over the whole exchange."""
        mac = CMAC(AES128(KEY))
        mac.update(bytes([code]) + PREPARED + self.said)
        return mac.finalize()[1::2]


@pytest.mark.parametrize("rounds", [1, 2, 4, 8])
@pytest.mark.parametrize("status", [0x00, 0x90])
def test_a_card_that_has_the_key_signs(rounds: int, status: int) -> None:
    card = FakeNearCard(status)
    found = proximity.check_proximity(DesfireLink(card.transmit), KEY, rounds=rounds)
    assert found == proximity.Proximity(signed=True, published_us=0x0320)
    assert card.rounds == rounds


def test_a_card_that_only_pretends_does_not() -> None:
    pretender = Rambling([PREPARED + b"\x91\x00", bytes(8) + b"\x91\x00"])
    assert not proximity.check_proximity(DesfireLink(pretender.transmit), KEY, rounds=1).signed


def test_a_card_without_it_says_so() -> None:
    with pytest.raises(ChipRefusedError) as caught:
        proximity.check_proximity(DesfireLink(VirtualDesfire.new("EV1").transmit), KEY)
    assert caught.value.sw == 0x911C


@pytest.mark.parametrize("prepared", ["", "00", "010320", "0003200a", "0103200a00"])
def test_a_preparation_of_a_senseless_length_is_refused(prepared: str) -> None:
    with pytest.raises(ChipError):
        proximity.check_proximity(DesfireLink(Rambling([bytes.fromhex(prepared) + b"\x91\x00"]).transmit), KEY)


@pytest.mark.parametrize("rounds", [0, 3, 16])
def test_rounds_that_do_not_share_eight_bytes_are_refused(rounds: int) -> None:
    with pytest.raises(ValueError, match="rounds"):
        proximity.check_proximity(DesfireLink(Rambling([b"\x91\x00"]).transmit), KEY, rounds=rounds)
