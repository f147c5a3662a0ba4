"""Authentication: card and host prove to each other that they know a key, and agree on a session.

Five commands of three generations: Authenticate (0A: DES, 2K3DES; D40), AuthenticateISO (1A: DES, 2K3DES, 3K3DES) and
AuthenticateAES (AA), both EV1 (AN0945), AuthenticateEV2First (71) and EV2NonFirst (77), with AES (AN12343).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hmac import compare_digest

from station.chip.apdu import DesfireStatus
from station.chip.ciphers import BlockCipher, aes, tdes
from station.chip.desfire import crypto
from station.chip.desfire.keys import Key
from station.chip.desfire.link import DesfireLink, key_refusal
from station.chip.desfire.session import Ev1Session, Scheme
from station.chip.desfire.session_d40 import D40Session
from station.chip.desfire.session_ev2 import TI_LENGTH, Ev2Session
from station.chip.processors import INS_MORE
from station.domain.errors import ChipKeyError, ChipRefusedError
from station.ports.secrets import KeyKind

Random = Callable[[int], bytes]

_D40 = 0x0A
_ISO = 0x1A
_AES = 0xAA
_EV2_FIRST = 0x71
_EV2_NEXT = 0x77
_AES_BLOCK = 16
_NOTHING_SPECIAL = 0x00
"""How many bytes of capabilities the host names in AuthenticateEV2First: none."""


def authenticate(
    link: DesfireLink, key_no: int, key: Key, *, scheme: Scheme | None = None, random: Random = os.urandom
) -> None:
    """Prove to the card that we know ``key``, have it prove the same, and open the session.

    Without a ``scheme`` it is EV1, for every kind of key, and D40 on a card too old for that. EV2 takes an AES key and
    a card that has it (``Version.has_ev2_channel``); a second key in one application keeps transaction and counter.

    Raises:
        ChipKeyError: the card has another key there, or none.
        ChipRefusedError: the card refused for another reason.
        ValueError: the scheme has no keys of this kind.
    """
    aes_key = key.kind is KeyKind.AES128
    if scheme is Scheme.EV2 and aes_key:
        _authenticate_ev2(link, key_no, key, random)
    elif scheme is Scheme.D40 and key.kind is KeyKind.TDES2K:
        _authenticate_d40(link, key_no, key, random)
    elif scheme is Scheme.EV1 or (scheme is None and key.kind is not KeyKind.TDES2K):
        _authenticate_ev1(link, key_no, key, random)
    elif scheme is None:
        try:
            _authenticate_ev1(link, key_no, key, random)
        except ChipRefusedError as error:
            if error.sw & 0xFF != DesfireStatus.ILLEGAL_COMMAND:
                raise
            _authenticate_d40(link, key_no, key, random)
    else:
        raise ValueError(f"{scheme.value} has no keys of kind {key.kind.value}")


def authenticate_aes(link: DesfireLink, key_no: int, key: bytes, *, random: Random = os.urandom) -> None:
    """Authenticate an AES key for an EV1 session, as ``authenticate`` does."""
    authenticate(link, key_no, Key.aes(key), random=random)


def _authenticate_ev1(link: DesfireLink, key_no: int, key: Key, random: Random) -> None:
    ins = _AES if key.kind is KeyKind.AES128 else _ISO
    cipher = key.cipher()
    # DES and 2K3DES draw one block of 8 bytes; 3K3DES draws two, AES one of 16.
    size = 8 if key.kind is KeyKind.TDES2K else _AES_BLOCK
    challenge = _challenge(link, ins, bytes((key_no,)), size)
    ours = random(size)
    theirs = cipher.decrypt(cipher.zero_iv, challenge)
    # The initial vector runs on through all three messages.
    token = cipher.encrypt(challenge[-cipher.block :], ours + crypto.rotated(theirs))
    proof = _proof(link, ins, token, size)
    _check_proof(cipher.decrypt(token[-cipher.block :], proof), ours)
    session = crypto.session_key(key.kind, key.value, ours, theirs)
    link.open_session(Ev1Session(key_no, aes(session) if ins == _AES else tdes(session)))


def _authenticate_d40(link: DesfireLink, key_no: int, key: Key, random: Random) -> None:
    cipher = key.cipher()
    size = cipher.block
    challenge = _challenge(link, _D40, bytes((key_no,)), size)
    ours = random(size)
    theirs = cipher.decrypt(cipher.zero_iv, challenge)
    token = cipher.send_by_decrypting(ours + crypto.rotated(theirs))
    proof = _proof(link, _D40, token, size)
    _check_proof(cipher.decrypt(cipher.zero_iv, proof), ours)
    session = crypto.session_key(key.kind, key.value, ours, theirs)
    link.open_session(D40Session(key_no, tdes(session)))


def _authenticate_ev2(link: DesfireLink, key_no: int, key: Key, random: Random) -> None:
    # Taken before the first message, which drops it.
    before = link.session
    cipher = key.cipher()
    if isinstance(before, Ev2Session):
        theirs, ours, answer = _ev2_exchange(link, (_EV2_NEXT, bytes((key_no,)), _AES_BLOCK), cipher, random)
        _check_proof(answer, ours)
        identifier, counter = before.identifier, before.counter
    else:
        first = (_EV2_FIRST, bytes((key_no, _NOTHING_SPECIAL)), 2 * _AES_BLOCK)
        theirs, ours, answer = _ev2_exchange(link, first, cipher, random)
        _check_proof(answer[TI_LENGTH : TI_LENGTH + _AES_BLOCK], ours)
        identifier, counter = answer[:TI_LENGTH], 0
    keys = crypto.ev2_session_keys(key.value, ours, theirs)
    link.open_session(Ev2Session(key_no, keys, identifier, counter=counter))


def _ev2_exchange(
    link: DesfireLink, first: tuple[int, bytes, int], cipher: BlockCipher, random: Random
) -> tuple[bytes, bytes, bytes]:
    """Return the card's random number, ours, and what the card answered last; ``first`` ends with its length."""
    ins, data, size = first
    theirs = cipher.decrypt(cipher.zero_iv, _challenge(link, ins, data, _AES_BLOCK))
    ours = random(_AES_BLOCK)
    # Unlike EV1, each of the three messages starts from zeros.
    token = cipher.encrypt(cipher.zero_iv, ours + crypto.rotated(theirs))
    return theirs, ours, cipher.decrypt(cipher.zero_iv, _proof(link, ins, token, size))


def _challenge(link: DesfireLink, ins: int, data: bytes, size: int) -> bytes:
    # The card forgets its session at this message, even if the authentication then fails.
    link.drop_session()
    answer = link.frame(ins, data)
    if answer.status != DesfireStatus.ADDITIONAL_FRAME:
        raise key_refusal(ins, answer.status)
    if len(answer.data) != size:
        raise ChipKeyError(sw="")
    return answer.data


def _proof(link: DesfireLink, ins: int, token: bytes, size: int) -> bytes:
    answer = link.frame(INS_MORE, token)
    if answer.status != DesfireStatus.OK:
        raise key_refusal(ins, answer.status)
    if len(answer.data) != size:
        raise ChipKeyError(sw="")
    return answer.data


def _check_proof(shown: bytes, ours: bytes) -> None:
    if not compare_digest(shown, crypto.rotated(ours)):
        raise ChipKeyError(sw="")
