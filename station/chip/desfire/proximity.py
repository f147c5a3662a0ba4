"""Proximity check: is the card really in the field, or relayed from afar? (EV2 and later; MF2DL(H)x0 data sheet, 9.7)

The card answers random numbers within a time that it published before, and both sign the whole exchange. How long
each answer took is measured by whoever has a clock; what a reader, driver and bus add to it is far longer than the
limit, so on a desktop only the signature says something: that it is this card that answered.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from station.chip.apdu import DesfireStatus
from station.chip.ciphers import aes
from station.chip.desfire.applications import exactly
from station.chip.desfire.crypto import odd_bytes
from station.chip.desfire.link import DesfireLink, refusal
from station.chip.desfire.model import SENSELESS
from station.domain.errors import ChipError

_PREPARE, _CHECK, _VERIFY = 0xF0, 0xF2, 0xFD
_LENGTH = 8
_HAS_PPS = 0x01
_DONE = (DesfireStatus.OK, DesfireStatus.SIGNATURE)


@dataclass(frozen=True, slots=True)
class Proximity:
    """What came of a check: whether the card signed the exchange, and the time in µs that it says its answers take."""

    signed: bool
    published_us: int


def check_proximity(
    link: DesfireLink, key: bytes, *, rounds: int = 8, random: Callable[[int], bytes] = os.urandom
) -> Proximity:
    """Carry out a proximity check with the card's AES key for it; a session ends by it.

    Raises:
        ChipRefusedError: the card has none (``sw`` 911C), or does not know our key.
        ValueError: ``rounds`` is not 1, 2, 4 or 8.
    """
    if rounds not in (1, 2, 4, 8):
        raise ValueError("a proximity check has 1, 2, 4 or 8 rounds")
    prepared = _exchange(link, _PREPARE)
    if len(prepared) != (4 if prepared[:1] and prepared[0] & _HAS_PPS else 3):
        raise ChipError(SENSELESS, length=len(prepared))
    ours, said = random(_LENGTH), b""
    size = _LENGTH // rounds
    for at in range(0, _LENGTH, size):
        part = ours[at : at + size]
        said += exactly(_exchange(link, _CHECK, bytes((size,)) + part), size) + part
    signer = aes(key)
    answer = link.bare(_VERIFY, odd_bytes(signer.cmac(bytes((_VERIFY,)) + prepared + said)))
    if answer.status not in _DONE:
        raise refusal(_VERIFY, answer.status)
    # The card signs the status that it answers with, whichever of the two it is.
    expected = odd_bytes(signer.cmac(bytes((answer.status,)) + prepared + said))
    return Proximity(compare_digest(answer.data, expected), int.from_bytes(prepared[1:3], "big"))


def _exchange(link: DesfireLink, ins: int, data: bytes = b"") -> bytes:
    answer = link.bare(ins, data)
    if answer.status not in _DONE:
        raise refusal(ins, answer.status)
    return answer.data
