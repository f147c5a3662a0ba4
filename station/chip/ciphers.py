"""AES and the DES family as chips use them: whole blocks, an initial vector that runs on, and the CMAC over both.

This is the one place that knows how a short DES key becomes a long one: a library takes three keys for 3DES, a card
has one, two or three of them, and its factory key is all zeros. E(K, D(K, E(K, x))) is E(K, x) (NIST SP 800-67, 3.2).
"""

from __future__ import annotations

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, algorithms, modes

from station.ports.secrets import KeyKind

# What CMAC subtracts when a subkey overflows, by block length (NIST SP 800-38B, 5.3).
_R = {16: 0x87, 8: 0x1B}


class BlockCipher:
    """One key, ready for use: CBC both ways, and the CMAC (NIST SP 800-38B) from any initial vector."""

    def __init__(self, algorithm: BlockCipherAlgorithm) -> None:
        self._algorithm = algorithm
        self.block = getattr(algorithm, "block_size", 0) // 8
        # One block at a time, with nothing to chain: what D40 does by hand, and what the subkeys are defined by.
        bare = Cipher(algorithm, modes.ECB())  # noqa: S305
        self._encrypt_block = bare.encryptor().update
        self._decrypt_block = bare.decryptor().update
        # Made once a key: a session makes a CMAC of every command and of every answer.
        self._k1 = doubled(self._encrypt_block(bytes(self.block)))
        self._k2 = doubled(self._k1)

    @property
    def zero_iv(self) -> bytes:
        """Return the initial vector that everything starts with."""
        return bytes(self.block)

    def encrypt(self, iv: bytes, data: bytes) -> bytes:
        """Return whole blocks enciphered by CBC."""
        encryptor = Cipher(self._algorithm, modes.CBC(iv)).encryptor()
        return encryptor.update(data) + encryptor.finalize()

    def decrypt(self, iv: bytes, data: bytes) -> bytes:
        """Return whole blocks deciphered by CBC."""
        decryptor = Cipher(self._algorithm, modes.CBC(iv)).decryptor()
        return decryptor.update(data) + decryptor.finalize()

    def send_by_decrypting(self, data: bytes) -> bytes:
        """Return whole blocks chained like CBC, but deciphered: a host that speaks D40 never enciphers."""
        sent = bytearray()
        last = bytes(self.block)
        for at in range(0, len(data), self.block):
            last = self._decrypt_block(xor(data[at : at + self.block], last))
            sent += last
        return bytes(sent)

    def cmac(self, data: bytes, iv: bytes | None = None) -> bytes:
        """Return the whole CMAC, one block; it is the next initial vector of an EV1 session, too."""
        # Two subkeys, so that a message that was padded never has the CMAC of a whole one that ends in the same bytes.
        # An empty message counts as one that is not whole (NIST SP 800-38B, 6.2).
        if data and len(data) % self.block == 0:
            padded, last = data, self._k1
        else:
            padded, last = zero_padded(data + b"\x80", self.block), self._k2
        tail = xor(padded[-self.block :], last)
        return self.encrypt(self.zero_iv if iv is None else iv, padded[: -self.block] + tail)[-self.block :]


def aes(key: bytes) -> BlockCipher:
    """Return AES-128 with a key of 16 bytes."""
    return BlockCipher(algorithms.AES128(key))


def tdes(key: bytes) -> BlockCipher:
    """Return DES, 2K3DES or 3K3DES, by a key of 8, 16 or 24 bytes; also where the keys in it are the same."""
    return BlockCipher(TripleDES((key * 3)[:24] if len(key) == 8 else (key + key[:8])[:24]))


def cipher_for(kind: KeyKind, key: bytes) -> BlockCipher:
    """Return the cipher of a key of this kind."""
    return aes(key) if kind is KeyKind.AES128 else tdes(key)


def zero_padded(data: bytes, block: int = 16) -> bytes:
    """Return ``data`` filled with zeros to whole blocks; whole blocks stay as they are."""
    return data + bytes(-len(data) % block)


def marked_padded(data: bytes, block: int = 16) -> bytes:
    """Return ``data`` with a mark of 80 and zeros to whole blocks; always longer (ISO 9797-1, padding method 2)."""
    return zero_padded(data + b"\x80", block)


def xor(first: bytes, second: bytes) -> bytes:
    """Return two byte strings of one length, XORed."""
    return (int.from_bytes(first, "big") ^ int.from_bytes(second, "big")).to_bytes(len(first), "big")


def doubled(block: bytes) -> bytes:
    """Return a block doubled in its field, the step between the subkeys of a CMAC (NIST SP 800-38B, 6.1)."""
    bits = 8 * len(block)
    value = int.from_bytes(block, "big") << 1
    if value >> bits:
        value = (value ^ _R[len(block)]) & ((1 << bits) - 1)
    return value.to_bytes(len(block), "big")
