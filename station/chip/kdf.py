"""Key diversification: one master key, and for each card a key of its own (NXP AN10922, AES-128, 2K3DES and 3K3DES).

What is computed with the master key itself is one thing only: encryption in CBC mode with an IV of zeros. So it may
be done by whoever has the key, a token or a SAM included, and ``diversify_inside`` needs no more.
"""

from __future__ import annotations

from collections.abc import Callable

from station.chip.ciphers import cipher_for, doubled, xor
from station.ports.secrets import KeyKind

LONGEST_INPUT = 31
LONGEST_INPUT_TDES = 15

EncryptCbc = Callable[[bytes], bytes]
"""Encrypts whole blocks with the master key: CBC, IV of zeros."""

# One constant for each block of the key that is made (AN10922, 2.2 to 2.4).
_CONSTANTS = {
    KeyKind.AES128: (0x01,),
    KeyKind.TDES2K: (0x21, 0x22),
    KeyKind.TDES3K: (0x31, 0x32, 0x33),
}


def diversify_inside(kind: KeyKind, encrypt: EncryptCbc, data: bytes) -> bytes:
    """Return the key of the card that ``data`` stands for, while the master key stays where ``encrypt`` has it.

    The message ``constant || data`` is always brought to two blocks before the CMAC, also where the CMAC by itself
    would pad to one block only; implementations that forget this make other keys (AN10922, section 2.2).

    Raises:
        ValueError: the data has not 1 to 31 bytes (AES-128), or not 1 to 15 (3DES).
    """
    size = block_of(kind)
    if not 1 <= len(data) < 2 * size:
        raise ValueError(f"AN10922 takes 1 to {2 * size - 1} bytes of data for {kind.value}")
    subkeys = _subkeys(encrypt(bytes(size)))
    return b"".join(encrypt(_message(constant, data, subkeys, size))[size : 2 * size] for constant in _CONSTANTS[kind])


def diversify(kind: KeyKind, master: bytes, data: bytes) -> bytes:
    """Return the key of the card that ``data`` stands for: 16 bytes, or 24 for 3K3DES, as the CMAC gives them.

    Raises:
        ValueError: as ``diversify_inside``, or the master key has not the length of its kind.
    """
    if len(master) != kind.length:
        raise ValueError(f"AN10922 takes a master key of {kind.length} bytes for {kind.value}")
    return diversify_inside(kind, lambda blocks: encrypt_cbc(kind, master, blocks), data)


def diversify_aes128(master: bytes, data: bytes) -> bytes:
    """Return the AES-128 key (16 bytes) of the card that ``data`` (1 to 31 bytes) stands for (AN10922, 2.2).

    Raises:
        ValueError: the master key has not 16 bytes, or the data not 1 to 31.
    """
    return diversify(KeyKind.AES128, master, data)


def diversify_2k3des(master: bytes, data: bytes) -> bytes:
    """Return the 2K3DES key (16 bytes) of the card that ``data`` (1 to 15 bytes) stands for (AN10922, 2.3).

    The bits that 3DES does not use, the lowest of each byte, are as the CMAC gives them: DESFire keeps the key version
    there, and it is written in afterwards.

    Raises:
        ValueError: the master key has not 16 bytes, or the data not 1 to 15.
    """
    return diversify(KeyKind.TDES2K, master, data)


def diversify_3k3des(master: bytes, data: bytes) -> bytes:
    """Return the 3K3DES key (24 bytes) of the card that ``data`` (1 to 15 bytes) stands for (AN10922, 2.4).

    The lowest bit of each byte is as the CMAC gives it, as in ``diversify_2k3des``.

    Raises:
        ValueError: the master key has not 24 bytes, or the data not 1 to 15.
    """
    return diversify(KeyKind.TDES3K, master, data)


def cmac_subkeys(key: bytes) -> tuple[bytes, bytes]:
    """Return the two subkeys K1 and K2 of an AES-128 key (NIST SP 800-38B, 6.1)."""
    return _subkeys(encrypt_cbc(KeyKind.AES128, key, bytes(16)))


def encrypt_cbc(kind: KeyKind, key: bytes, blocks: bytes) -> bytes:
    """Encrypt whole blocks with a key of this kind: CBC with an IV of zeros."""
    cipher = cipher_for(kind, key)
    return cipher.encrypt(cipher.zero_iv, blocks)


def _message(constant: int, data: bytes, subkeys: tuple[bytes, bytes], size: int) -> bytes:
    message = bytes([constant]) + data
    last = subkeys[0]
    if len(message) < 2 * size:
        message = (message + b"\x80").ljust(2 * size, b"\x00")
        last = subkeys[1]
    return message[:size] + xor(message[size:], last)


def _subkeys(k0: bytes) -> tuple[bytes, bytes]:
    k1 = doubled(k0)
    return k1, doubled(k1)


def block_of(kind: KeyKind) -> int:
    """Return how many bytes a block of this kind's cipher has."""
    return 16 if kind is KeyKind.AES128 else 8
