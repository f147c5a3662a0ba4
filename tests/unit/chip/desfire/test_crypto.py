"""Ciphers and checksums of EV1 against the published vectors."""

from __future__ import annotations

import pytest

from station.chip.desfire import crypto
from tests.helpers.chip import unhex, vector


@pytest.mark.parametrize("name", ["cmac-aes-0", "cmac-aes-16", "cmac-aes-40", "cmac-aes-64"])
def test_cmac(name: str) -> None:
    case = vector(name)
    mac = crypto.ChainedCmac(unhex(case["key"])).of(unhex(case["message"]), bytes(16))
    assert mac == unhex(case["cmac"])
    assert mac[:8] == unhex(case["desfire_ev1_transmits"])


def test_a_cmac_goes_on_from_its_initial_vector() -> None:
    # CBC: a first block that is XORed with the initial vector gives the same as starting from it.
    key = unhex(vector("cmac-aes-0")["key"])
    iv, first, rest = bytes(range(16)), bytes(range(16, 32)), b"rest"
    turned = bytes(a ^ b for a, b in zip(iv, first, strict=True))
    cmac = crypto.ChainedCmac(key)
    assert cmac.of(first + rest, iv) == cmac.of(turned + rest, bytes(16))


def test_crc32() -> None:
    case = vector("crc32-ev1")
    assert crypto.crc32(unhex(case["data"])) == unhex(case["crc"])


def test_padding_and_rotation() -> None:
    assert crypto.zero_padded(b"") == b""
    assert crypto.zero_padded(bytes(16)) == bytes(16)
    assert crypto.zero_padded(b"\x01" * 17) == b"\x01" * 17 + bytes(15)
    assert crypto.rotated(b"\x01\x02\x03") == b"\x02\x03\x01"


def test_what_was_enciphered_can_be_deciphered() -> None:
    key, iv, data = bytes(range(16)), bytes(16), b"sixteen letters!" * 3
    assert crypto.decrypt(key, iv, crypto.encrypt(key, iv, data)) == data
