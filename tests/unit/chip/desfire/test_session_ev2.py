"""EV2 secure messaging beyond the published examples: what is counted, and what is noticed."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given
from hypothesis import strategies as st

from station.chip.desfire.native import Native, Protection
from station.chip.desfire.session_ev2 import Ev2Session
from station.domain.errors import ChipError

KEYS = bytes(range(16)), bytes(range(16, 32))
TI = b"\x01\x02\x03\x04"
P = Protection


def session(counter: int = 0) -> Ev2Session:
    return Ev2Session(0, KEYS, TI, counter=counter)


def mac(code: int, counter: int, data: bytes) -> bytes:
    whole = CMAC(AES128(KEYS[1]))
    whole.update(bytes([code]) + counter.to_bytes(2, "little") + TI + data)
    return whole.finalize()[1::2]


def from_card(counter: int, data: bytes) -> bytes:
    """What a card answers in full mode."""
    seed = b"\x5a\xa5" + TI + counter.to_bytes(2, "little") + bytes(8)
    iv = Cipher(AES128(KEYS[0]), modes.CBC(bytes(16))).encryptor().update(seed)
    padded = data + b"\x80" + bytes(-(len(data) + 1) % 16)
    sealed = Cipher(AES128(KEYS[0]), modes.CBC(iv)).encryptor().update(padded)
    return sealed + mac(0, counter, sealed)


@given(st.binary(min_size=1, max_size=50))
def test_an_enciphered_answer_tells_its_own_length(data: bytes) -> None:
    for length in (len(data), None):
        assert session().answer(Native(0xBD, mode=P.FULL, length=length), 0, from_card(1, data)) == data
    with pytest.raises(ChipError, match="altered"):
        session().answer(Native(0xBD, mode=P.FULL, length=len(data) + 1), 0, from_card(1, data))


def test_every_command_counts_whatever_its_mode() -> None:
    opened = session()
    for expected, mode in enumerate((P.PLAIN, P.MACED, P.USUAL)):
        command = Native(0x45, mode=mode)
        sent = opened.command(command)
        assert sent == (b"" if mode is P.PLAIN else mac(0x45, expected, b""))
        answer = b"x" if mode is P.PLAIN else b"x" + mac(0, expected + 1, b"x")
        assert opened.answer(command, 0, answer) == b"x"
    opened.command(Native(0xF5))
    opened.skip()
    assert opened.counter == 4


@pytest.mark.parametrize("answer", [b"", bytes(7), bytes(8), bytes(24)])
@pytest.mark.parametrize("mode", [P.MACED, P.FULL, P.USUAL])
def test_an_answer_without_the_right_mac_is_refused(answer: bytes, mode: Protection) -> None:
    with pytest.raises(ChipError, match="altered"):
        session().answer(Native(0xBD, mode=mode, length=None), 0, answer)


@pytest.mark.parametrize("body", [b"", bytes(15), bytes(16)])
def test_a_right_mac_over_what_is_no_ciphertext_is_refused(body: bytes) -> None:
    with pytest.raises(ChipError, match="altered"):
        session().answer(Native(0xBD, mode=P.FULL, length=None), 0, body + mac(0, 1, body))


def test_the_counter_never_starts_again() -> None:
    with pytest.raises(ChipError, match="needs a key"):
        session(0xFFFF).command(Native(0x45))
    assert session(0xFFFE).command(Native(0x45)) == mac(0x45, 0xFFFE, b"")
