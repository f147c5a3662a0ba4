"""Authentication with an AES key (DESFire EV1, command AA)."""

from __future__ import annotations

import os
from collections.abc import Callable

from station.chip.apdu import DesfireStatus
from station.chip.desfire import crypto
from station.chip.desfire.link import DesfireLink, key_refusal
from station.chip.desfire.session import Ev1AesSession
from station.chip.processors import INS_MORE
from station.domain.errors import ChipKeyError

_INS = 0xAA


def authenticate_aes(
    link: DesfireLink, key_no: int, key: bytes, *, random: Callable[[int], bytes] = os.urandom
) -> None:
    """Prove to the card that we know ``key``, have it prove the same, and open the session.

    Raises:
        ChipKeyError: the card has another key there, or none.
        ChipRefusedError: the card refused for another reason.
    """
    link.drop_session()
    challenge = link.frame(_INS, bytes((key_no,)))
    if challenge.status != DesfireStatus.ADDITIONAL_FRAME:
        raise key_refusal(_INS, challenge.status)
    if len(challenge.data) != crypto.BLOCK:
        raise ChipKeyError(sw="")
    ours = random(crypto.BLOCK)
    theirs = crypto.decrypt(key, bytes(crypto.BLOCK), challenge.data)
    # The initial vector runs on through all three messages.
    token = crypto.encrypt(key, challenge.data, ours + crypto.rotated(theirs))
    proof = link.frame(INS_MORE, token)
    if proof.status != DesfireStatus.OK:
        raise key_refusal(_INS, proof.status)
    if len(proof.data) != crypto.BLOCK or crypto.decrypt(key, token[-crypto.BLOCK :], proof.data) != crypto.rotated(
        ours
    ):
        raise ChipKeyError(sw="")
    link.open_session(Ev1AesSession(key_no, session_key(ours, theirs)))


def session_key(ours: bytes, theirs: bytes) -> bytes:
    """Return the AES session key made of both random numbers (16 bytes each)."""
    return ours[:4] + theirs[:4] + ours[12:] + theirs[12:]
