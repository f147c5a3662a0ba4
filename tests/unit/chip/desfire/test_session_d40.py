"""Secure messaging of the first DESFire, computed once more from the bare cipher."""

from __future__ import annotations

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from hypothesis import given
from hypothesis import strategies as st

from station.chip.ciphers import tdes
from station.chip.desfire.crypto import crc16
from station.chip.desfire.native import Native, Protection
from station.chip.desfire.session_d40 import D40Session
from station.domain.errors import ChipError

KEY = bytes(range(16))
P = Protection


def enciphered(blocks: bytes) -> bytes:
    """What a card does, which only ever enciphers."""
    encryptor = Cipher(TripleDES(KEY + KEY[:8]), modes.CBC(bytes(8))).encryptor()
    return encryptor.update(blocks) + encryptor.finalize()


def read_by_card(sent: bytes) -> bytes:
    """What a card understands: each block enciphered, and the one before XORed out."""
    clear = b""
    for at in range(0, len(sent), 8):
        before = sent[at - 8 : at] if at else bytes(8)
        alone = enciphered(sent[at : at + 8])
        clear += bytes(a ^ b for a, b in zip(alone, before, strict=True))
    return clear


def session() -> D40Session:
    return D40Session(0, tdes(KEY))


@given(st.binary(min_size=1, max_size=60))
def test_enciphered_data_has_a_crc16_over_itself(data: bytes) -> None:
    sent = session().command(Native(0x3D, b"header.", data, P.FULL))
    assert sent[:7] == b"header."
    assert read_by_card(sent[7:]).rstrip(b"\x00") == (data + crc16(data)).rstrip(b"\x00")


def test_a_command_whose_length_nothing_tells_is_marked() -> None:
    sent = session().command(Native(0x5C, b"\x02", b"\x05\x75\x77\x81\x02", P.FULL, open_end=True))
    clear = read_by_card(sent[1:])
    assert clear == b"\x05\x75\x77\x81\x02" + crc16(b"\x05\x75\x77\x81\x02") + b"\x80"


@given(st.binary(min_size=1, max_size=60))
def test_a_mac_is_half_of_the_last_block_over_the_data_alone(data: bytes) -> None:
    mac = enciphered(data + bytes(-len(data) % 8))[-8:-4]
    assert session().command(Native(0x3D, b"header.", data, P.MACED)) == b"header." + data + mac
    reading = Native(0xBD, mode=P.MACED, length=len(data))
    assert session().answer(reading, 0, data + mac) == data
    with pytest.raises(ChipError, match="altered"):
        session().answer(reading, 0, data + mac[::-1] + b"\x00")


@given(st.binary(max_size=40))
def test_enciphered_answers_with_a_length_known_and_not(data: bytes) -> None:
    if data:
        clear = data + crc16(data)
        known = Native(0xBD, mode=P.FULL, length=len(data))
        assert session().answer(known, 0, enciphered(clear + bytes(-len(clear) % 8))) == data
    marked = data + crc16(data) + b"\x80"
    unknown = Native(0xBD, mode=P.FULL, length=None)
    assert session().answer(unknown, 0, enciphered(marked + bytes(-len(marked) % 8))) == data


def test_management_travels_as_it_is() -> None:
    for mode in (P.PLAIN, P.USUAL):
        command = Native(0x45, b"", b"data", mode)
        assert session().command(command) == b"data"
        assert session().answer(command, 0, b"answer") == b"answer"
    # Who writes is answered with a status only.
    assert session().answer(Native(0x3D, b"", b"data", P.FULL), 0, b"") == b""


@pytest.mark.parametrize("answer", [b"", bytes(4), bytes(7), bytes(9), bytes(24)])
@pytest.mark.parametrize("mode", [P.MACED, P.FULL])
def test_answers_of_impossible_lengths_are_refused(answer: bytes, mode: Protection) -> None:
    with pytest.raises(ChipError, match="altered"):
        session().answer(Native(0xBD, mode=mode, length=8), 0, answer)
