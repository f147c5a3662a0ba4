"""The factory's signature; the published examples are among the vectors."""

from __future__ import annotations

import pytest

from station.chip.desfire import originality
from station.chip.desfire.link import DesfireLink
from station.domain.errors import ChipError
from tests.helpers.chip import Rambling, Replay, unhex, vector

EXAMPLE = vector("originality-ntag424-0")


@pytest.mark.parametrize("status", ["9100", "9190"])
def test_cards_answer_with_either_success(status: str) -> None:
    replay = Replay([("903c0000010000", EXAMPLE["signature"] + status)])
    assert originality.read_signature(DesfireLink(replay.transmit)) == unhex(EXAMPLE["signature"])


@pytest.mark.parametrize("length", [0, 55, 57])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ChipError):
        originality.read_signature(DesfireLink(Rambling([bytes(length) + b"\x91\x90"]).transmit))


def test_a_signature_is_of_one_uid_by_one_family() -> None:
    uid, signature = unhex(EXAMPLE["uid"]), unhex(EXAMPLE["signature"])
    assert originality.made_by_nxp(uid, signature) == "DESFire EV2 or Light"
    assert originality.made_by_nxp(uid[:-1] + b"\x00", signature) is None
    assert not originality.is_signed_by(unhex(EXAMPLE["public_key"]), uid, signature[:-1])
    assert not originality.is_signed_by(unhex(EXAMPLE["public_key"]), bytes(29), signature)
    assert originality.made_by_nxp(uid, bytes(56)) is None
