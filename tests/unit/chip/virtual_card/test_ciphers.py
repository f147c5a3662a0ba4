"""The software card's own ciphers against the published vectors: they share no code with the encoder's."""

from __future__ import annotations

import pytest

from station.chip.virtual_card.ciphers import AES, TDES, TDES3, CardKey, checksum, checksum16, odd_bytes, session_value
from tests.helpers.chip import unhex, vector


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cmac-aes-0", AES),
        ("cmac-aes-16", AES),
        ("cmac-aes-40", AES),
        ("cmac-aes-64", AES),
        ("cmac-3k3des-0", TDES3),
        ("cmac-3k3des-16", TDES3),
        ("cmac-2k3des-0", TDES),
        ("cmac-2k3des-16", TDES),
        ("cmac-des-0", TDES),
        ("cmac-des-16", TDES),
    ],
)
def test_cmac(name: str, kind: str) -> None:
    case = vector(name)
    key = CardKey(kind, unhex(case["key"]))
    assert key.cmac(unhex(case["message"]), bytes(key.block)) == unhex(case["cmac"])


def test_checksum() -> None:
    case = vector("crc32-ev1")
    assert checksum(unhex(case["data"])) == unhex(case["crc"])


def test_checksum16() -> None:
    case = vector("crc16-d40")
    assert checksum16(unhex(case["data"])) == unhex(case["crc"])


def test_the_half_of_a_cmac_that_ev2_sends() -> None:
    key = CardKey(AES, unhex(vector("cmac-aes-16")["key"]))
    assert odd_bytes(key.cmac(unhex(vector("cmac-aes-16")["message"]))) == unhex("0ab44d449b9d4a7c")


def test_the_factory_key_of_zeros_is_plain_des() -> None:
    # FIPS 81 / SP 800-17: DES of a zero block under a zero key.
    assert CardKey(TDES, bytes(16)).encipher(bytes(8), bytes(8)) == unhex("8CA64DE9C1B123A7")


@pytest.mark.parametrize("kind", [AES, TDES, TDES3])
def test_what_was_enciphered_can_be_deciphered(kind: str) -> None:
    key = CardKey(kind, bytes(range(24))[: 24 if kind == TDES3 else 16])
    data, iv = bytes(range(48)), bytes(range(key.block))
    assert key.decipher(key.encipher(data, iv), iv) == data


def test_aes_session_key() -> None:
    example = vector("an0945-t22-auth-aes")
    key = CardKey(AES, bytes(16))
    assert session_value(key, unhex(example["rndA"]), unhex(example["rndB"])) == unhex(example["session_key"])


def test_session_keys_of_the_des_family() -> None:
    host, card = bytes(range(16)), bytes(range(0x80, 0x90))
    single = session_value(CardKey(TDES, bytes(8) + b"\x01" * 8), host[:8], card[:8])
    assert single == unhex("0001020380818283" * 2)  # the halves differ in parity bits only
    double = session_value(CardKey(TDES, bytes(8) + b"\x02" * 8), host[:8], card[:8])
    assert double == unhex("00010203808182830405060784858687")
    triple = session_value(CardKey(TDES3, bytes(24)), host, card)
    assert triple == unhex("00010203808182830607080986878889" + "0c0d0e0f8c8d8e8f")


def test_a_key_does_not_show_itself() -> None:
    assert "255" not in repr(CardKey(AES, b"\xff" * 16))
    assert "xff" not in repr(CardKey(AES, b"\xff" * 16))
