"""The ciphers of a DESFire from the card's side: AES and (2- and 3-key) triple DES, CBC, CMAC, CRC16 and CRC32."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

AES: Final = "aes"
TDES: Final = "2k3des"
TDES3: Final = "3k3des"
KEY_BYTES: Final = {AES: 16, TDES: 16, TDES3: 24}
BLOCK_BYTES: Final = {AES: 16, TDES: 8, TDES3: 8}
# Which byte the doubling in a CMAC folds back: SP 800-38B, 5.3.
_FOLD: Final = {16: 0x87, 8: 0x1B}


@dataclass(frozen=True, slots=True, repr=False)
class CardKey:
    """A key as the card holds it."""

    kind: str
    value: bytes
    version: int = 0

    @property
    def block(self) -> int:
        """Return the block size in bytes."""
        return BLOCK_BYTES[self.kind]

    def encipher(self, data: bytes, iv: bytes) -> bytes:
        """Return ``data`` (whole blocks) after CBC encryption."""
        return _run(self._cipher(iv).encryptor(), data)

    def decipher(self, data: bytes, iv: bytes) -> bytes:
        """Return ``data`` (whole blocks) after CBC decryption."""
        return _run(self._cipher(iv).decryptor(), data)

    def unmake(self, data: bytes) -> bytes:
        """Undo what a host of the first DESFire did: it only ever deciphers, so the card enciphers, block by block."""
        size, before, clear = self.block, bytes(self.block), b""
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            clear += _xor(self.encipher(piece, bytes(size)), before)
            before = piece
        return clear

    def cmac(self, message: bytes, iv: bytes = b"") -> bytes:
        """Return the full CMAC of ``message``, started from ``iv`` (zeros where none is given)."""
        size = self.block
        iv = iv or bytes(size)
        subkey = self._doubled(self.encipher(bytes(size), bytes(size)))
        if not message or len(message) % size:
            subkey = self._doubled(subkey)
            message += b"\x80" + bytes(-(len(message) + 1) % size)
        # A CMAC is the last block of CBC, with a subkey mixed into the last block of the message.
        head, last = message[:-size], message[-size:]
        return self.encipher(head + _xor(last, subkey), iv)[-size:]

    def _doubled(self, block: bytes) -> bytes:
        bits = len(block) * 8
        shifted = int.from_bytes(block, "big") << 1
        carried, shifted = shifted >> bits, shifted & ((1 << bits) - 1)
        return (shifted ^ (_FOLD[len(block)] if carried else 0)).to_bytes(len(block), "big")

    def _cipher(self, iv: bytes) -> Cipher[modes.CBC]:
        if self.kind == AES:
            return Cipher(algorithms.AES(self.value), modes.CBC(iv))
        # The library takes 24 bytes only; two-key triple DES uses the first key again as the third.
        return Cipher(TripleDES(self.value if self.kind == TDES3 else self.value + self.value[:8]), modes.CBC(iv))


def session_value(key: CardKey, host: bytes, card: bytes) -> bytes:
    """Return the session key bytes that both random numbers make, for the kind of ``key``."""
    if key.kind == AES:
        return host[0:4] + card[0:4] + host[12:16] + card[12:16]
    if key.kind == TDES3:
        return host[0:4] + card[0:4] + host[6:10] + card[6:10] + host[12:16] + card[12:16]
    left = host[0:4] + card[0:4]
    # Two equal halves are single DES, whose session key is single, too. The lowest bits are parity.
    if all(a | 1 == b | 1 for a, b in zip(key.value[:8], key.value[8:], strict=True)):
        return left + left
    return left + host[4:8] + card[4:8]


def ev2_session_values(key: CardKey, host: bytes, card: bytes) -> tuple[bytes, bytes]:
    """Return the session keys of EV2 for enciphering and for MACs (AN12343): CMACs over both random numbers."""
    seed = b"\x00\x01\x00\x80" + host[0:2] + _xor(host[2:8], card[0:6]) + card[6:16] + host[8:16]
    return key.cmac(b"\xa5\x5a" + seed), key.cmac(b"\x5a\xa5" + seed)


def odd_bytes(mac: bytes) -> bytes:
    """Return the half of a CMAC that EV2 sends."""
    return mac[1::2]


def checksum16(data: bytes) -> bytes:
    """Return the CRC16 of the first DESFire (CRC_A of ISO 14443-3), low byte first."""
    register = 0x6363
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ (0x8408 if register & 1 else 0)
    return register.to_bytes(2, "little")


def checksum(data: bytes) -> bytes:
    """Return the CRC32 of a DESFire: IEEE 802.3, but not inverted at the end, low byte first."""
    register = 0xFFFFFFFF
    for byte in data:
        register = _CRC_TABLE[(register ^ byte) & 0xFF] ^ (register >> 8)
    return register.to_bytes(4, "little")


def _crc_entry(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
    return value


_CRC_TABLE: Final = tuple(_crc_entry(index) for index in range(256))


def _run(context: CipherContext, data: bytes) -> bytes:
    return context.update(data) + context.finalize()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
