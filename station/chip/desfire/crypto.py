"""AES, CMAC and CRC32 as DESFire EV1 uses them (AN0945): chained by an initial vector from message to message."""

from __future__ import annotations

import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from station.chip.kdf import cmac_subkeys

BLOCK = 16
CRC_LENGTH = 4


def encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return whole blocks enciphered by AES-CBC."""
    encryptor = Cipher(algorithms.AES128(key), modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Return whole blocks deciphered by AES-CBC."""
    decryptor = Cipher(algorithms.AES128(key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def zero_padded(data: bytes) -> bytes:
    """Return ``data`` filled with zeros to whole blocks; whole blocks stay as they are."""
    return data + bytes(-len(data) % BLOCK)


def rotated(block: bytes) -> bytes:
    """Return a block with its first byte moved to the end."""
    return block[1:] + block[:1]


def crc32(data: bytes) -> bytes:
    """Return the CRC32 of DESFire EV1: the common one without its final inversion, low byte first."""
    return (zlib.crc32(data) ^ 0xFFFFFFFF).to_bytes(CRC_LENGTH, "little")


class ChainedCmac:
    """The CMAC of one session key (NIST SP 800-38B), with an initial vector instead of zeros."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._k1, self._k2 = cmac_subkeys(key)

    def of(self, data: bytes, iv: bytes) -> bytes:
        """Return all 16 bytes; they are the next initial vector, too."""
        if data and len(data) % BLOCK == 0:
            padded, last = data, self._k1
        else:
            padded, last = zero_padded(data + b"\x80"), self._k2
        tail = bytes(a ^ b for a, b in zip(padded[-BLOCK:], last, strict=True))
        return encrypt(self._key, iv, padded[:-BLOCK] + tail)[-BLOCK:]
