"""The checksums of DESFire, and how two random numbers become a session key (AN0945, AN12343)."""

from __future__ import annotations

import zlib

from station.chip.ciphers import aes, xor
from station.ports.secrets import KeyKind

CRC16_LENGTH = 2
CRC32_LENGTH = 4
_CRC_A_START = 0x6363
_DES_KEY = 8


def crc16(data: bytes) -> bytes:
    """Return the CRC_A of ISO 14443-3, low byte first: the checksum of D40."""
    crc = _CRC_A_START
    for byte in data:
        crc = crc >> 8 ^ _CRC_A[(crc ^ byte) & 0xFF]
    return crc.to_bytes(CRC16_LENGTH, "little")


def crc32(data: bytes) -> bytes:
    """Return the CRC32 of DESFire EV1: the common one without its final inversion, low byte first."""
    return (zlib.crc32(data) ^ 0xFFFFFFFF).to_bytes(CRC32_LENGTH, "little")


def rotated(block: bytes) -> bytes:
    """Return a block with its first byte moved to the end."""
    return block[1:] + block[:1]


def is_single_des(key: bytes) -> bool:
    """Say whether the halves of a DES key are the same but for the bits that carry its version."""
    return bytes(b & 0xFE for b in key[:_DES_KEY]) == bytes(b & 0xFE for b in key[_DES_KEY:])


def session_key(kind: KeyKind, key: bytes, ours: bytes, theirs: bytes) -> bytes:
    """Return the session key of D40 and EV1: parts of both random numbers in turn (AN0945; DESFire EV1 data sheet).

    A key whose halves are the same is single DES, and so is its session key.
    """
    if kind is KeyKind.AES128:
        return ours[:4] + theirs[:4] + ours[12:] + theirs[12:]
    if kind is KeyKind.TDES3K:
        return ours[:4] + theirs[:4] + ours[6:10] + theirs[6:10] + ours[12:] + theirs[12:]
    if is_single_des(key):
        return (ours[:4] + theirs[:4]) * 2
    return ours[:4] + theirs[:4] + ours[4:8] + theirs[4:8]


def ev2_session_keys(key: bytes, ours: bytes, theirs: bytes) -> tuple[bytes, bytes]:
    """Return the two AES session keys of EV2, the one that enciphers and the one that signs (AN12343)."""
    context = ours[:2] + xor(ours[2:8], theirs[:6]) + theirs[6:] + ours[8:]
    cipher = aes(key)
    # A label for each key, the counter 1, and the length of 128 bits: NIST SP 800-108 in counter mode.
    return cipher.cmac(b"\xa5\x5a\x00\x01\x00\x80" + context), cipher.cmac(b"\x5a\xa5\x00\x01\x00\x80" + context)


def odd_bytes(mac: bytes) -> bytes:
    """Return every second byte of a CMAC: what EV2 sends of its 16 bytes (AN12343)."""
    return mac[1::2]


def _crc_a_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_CRC_A = _crc_a_table()
