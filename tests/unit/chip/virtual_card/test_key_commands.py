"""Authentication and key changes of the software card, as the data sheet has them."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.ciphers import AES, TDES, TDES3, CardKey, checksum
from tests.helpers.card_host import APP, FACTORY, Host
from tests.helpers.chip import unhex


@pytest.mark.parametrize("kind", [(0x00, TDES, 16, 0x1A), (0x40, TDES3, 24, 0x1A), (0x80, AES, 16, 0xAA)])
def test_applications_have_keys_of_their_kind(host: Host, kind: tuple[int, str, int, int]) -> None:
    bits, name, length, ins = kind
    assert host.send(0xCA, APP + bytes([0x0F, bits | 2]))[1] == 0
    assert host.send(0x5A, APP)[1] == 0
    assert host.send(0x45) == (bytes([0x0F, bits | 2]), 0)
    assert host.authenticate(ins, 1, CardKey(name, bytes(length))) == 0
    assert host.authenticate(ins, 1, CardKey(name, b"\x01" + bytes(length - 1 - 8) + b"\x70" * 8)) == 0xAE
    assert host.authenticate(0xAA if ins == 0x1A else 0x1A, 1, CardKey(name, bytes(length))) == 0xAE
    assert host.authenticate(ins, 2, CardKey(name, bytes(length))) == 0x40


def test_the_key_of_the_card_becomes_aes(host: Host, card: VirtualCard) -> None:
    new = bytes(range(16))
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    data = new + b"\x05"
    assert host.sealed(0xC4, b"\x80", data + checksum(b"\xc4\x80" + data)) == 0
    assert card.memory.picc.keys == [CardKey(AES, new, 5)]
    assert host.send(0x64, b"\x00") == (b"\x05", 0)
    assert host.send(0x45) == (b"\x0f\x81", 0)
    assert host.authenticate(0xAA, 0, CardKey(AES, new)) == 0


def test_a_des_key_carries_its_version_in_the_parity_bits(host: Host, card: VirtualCard) -> None:
    new = unhex("0001000100010001") + unhex("1010101010101010")
    assert host.authenticate(0x1A, 0, FACTORY) == 0
    assert host.sealed(0xC4, b"\x00", new + checksum(b"\xc4\x00" + new)) == 0
    assert card.memory.picc.keys[0].version == 0x55


@pytest.mark.parametrize(
    ("settings", "number", "right"),
    [(0x1F, 2, 0x01), (0x1F, 1, 0x00), (0x0F, 2, 0x00), (0xEF, 2, 0x02), (0xFF, 2, None), (0x0E, 0, None)],
)
def test_who_may_change_a_key(host: Host, card: VirtualCard, settings: int, number: int, right: int | None) -> None:
    host.send(0xCA, APP + bytes([settings, 0x83]))
    host.send(0x5A, APP)
    new = bytes(range(16)) + b"\x01"
    body = new + checksum(b"\xc4" + bytes([number]) + new)
    for key in range(3):
        assert host.authenticate(0xAA, key, CardKey(AES, bytes(16))) == 0
        tail = b"" if key == number else checksum(new[:16])
        status = host.sealed(0xC4, bytes([number]), body + tail)
        assert status == (0 if key == right else 0x9D if right is None else 0xAE)
        if status == 0:
            break
    changed = card.memory.applications[APP].keys[number].version
    assert changed == (1 if right is not None else 0)


def test_a_token_of_a_wrong_length_is_refused(host: Host) -> None:
    assert host.send(0x1A, b"\x00")[1] == 0xAF
    assert host.send(0xAF, bytes(15))[1] == 0x7E


def test_a_key_change_of_a_wrong_length_or_checksum_is_refused(host: Host) -> None:
    for length, status in ((8, 0x7E), (16, 0x7E), (24, 0x1E)):
        assert host.authenticate(0x1A, 0, FACTORY) == 0
        assert host.sealed(0xC4, b"\x00", bytes(length)) == status
