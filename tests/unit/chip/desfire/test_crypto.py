"""Checksums and session keys against the published vectors."""

from __future__ import annotations

import pytest

from station.chip.desfire import crypto
from station.ports.secrets import KeyKind
from tests.helpers.chip import unhex, vector


def test_crc32() -> None:
    case = vector("crc32-ev1")
    assert crypto.crc32(unhex(case["data"])) == unhex(case["crc"])


def test_crc16_is_the_one_of_iso_14443() -> None:
    # ISO 14443-3, annex B: CRC_A of 00 00 and of 12 34, as they are sent.
    assert crypto.crc16(unhex("0000")) == unhex("a01e")
    assert crypto.crc16(unhex("1234")) == unhex("26cf")


def test_rotation() -> None:
    assert crypto.rotated(b"\x01\x02\x03") == b"\x02\x03\x01"


OURS, THEIRS = bytes(range(16)), bytes(range(0x80, 0x90))


@pytest.mark.parametrize(
    ("kind", "key", "expected"),
    [
        (KeyKind.TDES2K, bytes(16), "0001020380818283" * 2),
        # The bits that carry the version don't make two keys of one.
        (KeyKind.TDES2K, b"\x02" * 8 + b"\x03" * 8, "0001020380818283" * 2),
        (KeyKind.TDES2K, bytes(range(0, 32, 2)), "00010203808182830405060784858687"),
        (KeyKind.TDES3K, bytes(24), "000102038081828306070809868788890c0d0e0f8c8d8e8f"),
        (KeyKind.AES128, bytes(16), "00010203808182830c0d0e0f8c8d8e8f"),
    ],
)
def test_session_keys_are_made_of_both_random_numbers(kind: KeyKind, key: bytes, expected: str) -> None:
    assert crypto.session_key(kind, key, OURS, THEIRS).hex() == expected
