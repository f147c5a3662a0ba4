"""The card's side of EV1 secure messaging, against the examples of AN0945."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.messaging import CardSession
from station.chip.virtual_card.status import Refusal
from tests.helpers.chip import unhex, vector


def test_enciphered_write_then_read() -> None:
    case = vector("an0945-t23-24-full")
    write, read = case["steps"]
    session = CardSession(0, CardKey(AES, unhex(case["session_key"])))
    header, wire = unhex(write["header"]), unhex(write["wire_payload"])
    plain = session.take_enciphered(0x3D, header, wire[len(header) :], 15)
    assert plain == unhex(write["plain"])
    assert session.give(b"") == unhex(write["response"])
    session.take_plain(0xBD, unhex(read["header"]))
    assert session.give_enciphered(plain) == unhex(read["response_cipher"])


def test_a_plain_answer_carries_a_mac() -> None:
    case = vector("an0945-t34-plain")
    session = CardSession(0, CardKey(AES, unhex(case["session_key"])))
    session.take_plain(0x45, b"")
    assert session.give(unhex(case["response"])[:2]) == unhex(case["response"])


def test_a_key_change_is_deciphered() -> None:
    case = vector("an0945-t33-changekey-same")
    session = CardSession(0, CardKey(AES, unhex(case["session_key"])))
    clear = session.take_sealed(unhex(case["wire_payload"])[1:])
    assert clear[:17] == unhex(case["new_key"]) + bytes([case["version"]])


@pytest.mark.parametrize("length", [0, 8, 17])
def test_half_blocks_are_refused(length: int) -> None:
    with pytest.raises(Refusal) as caught:
        CardSession(0, CardKey(AES, bytes(16))).take_sealed(bytes(length))
    assert caught.value.status == 0x7E


def test_wrong_checksums_are_refused() -> None:
    session = CardSession(0, CardKey(AES, bytes(16)))
    with pytest.raises(Refusal) as caught:
        session.take_maced(0x3D, b"data", bytes(8))
    assert caught.value.status == 0x1E
    with pytest.raises(Refusal) as caught:
        session.take_enciphered(0x3D, b"", bytes(32), 16)
    assert caught.value.status == 0x1E
    with pytest.raises(Refusal) as caught:
        session.take_enciphered(0x3D, b"", bytes(16), 16)
    assert caught.value.status == 0x7E


@pytest.mark.parametrize(("length", "wire"), [(1, 16), (12, 16), (13, 32), (300, 304), (1000, 1008)])
def test_lengths_on_the_wire(length: int, wire: int) -> None:
    assert CardSession(0, CardKey(AES, bytes(16))).sealed_length(length) == wire
