"""Secure messaging from the card's side: what a DESFire EV1 expects of a command and adds to an answer (AN0945)."""

from __future__ import annotations

from station.chip.virtual_card.ciphers import CardKey, checksum
from station.chip.virtual_card.status import INTEGRITY, LENGTH, Refusal

_MAC = 8


class CardSession:
    """An authenticated session. The initial vector goes on from message to message."""

    def __init__(self, key_no: int, key: CardKey) -> None:
        self.key_no = key_no
        self._key = key
        self._iv = bytes(key.block)

    @property
    def block(self) -> int:
        """Return the block size in bytes."""
        return self._key.block

    def take_plain(self, ins: int, data: bytes) -> None:
        """Take note of a command that carries no checksum."""
        self._iv = self._key.cmac(bytes([ins]) + data, self._iv)

    def take_maced(self, ins: int, data: bytes, mac: bytes) -> None:
        """Check the MAC of a command."""
        self._iv = self._key.cmac(bytes([ins]) + data, self._iv)
        if self._iv[:_MAC] != mac:
            raise Refusal(INTEGRITY)

    def take_enciphered(self, ins: int, header: bytes, sealed: bytes, length: int) -> bytes:
        """Decipher ``length`` bytes of a command and check their CRC."""
        clear = self.take_sealed(sealed)
        if len(clear) < length + 4:
            raise Refusal(LENGTH)
        data, rest = clear[:length], clear[length:]
        if rest[:4] != checksum(bytes([ins]) + header + data):
            raise Refusal(INTEGRITY)
        return data

    def take_sealed(self, sealed: bytes) -> bytes:
        """Decipher a command whose checksums are its own."""
        if not sealed or len(sealed) % self.block:
            raise Refusal(LENGTH)
        clear = self._key.decipher(sealed, self._iv)
        self._iv = sealed[-self.block :]
        return clear

    def give(self, data: bytes) -> bytes:
        """Return an answer with its MAC; EV1 adds one to plain answers, too."""
        self._iv = self._key.cmac(data + b"\x00", self._iv)
        return data + self._iv[:_MAC]

    def give_enciphered(self, data: bytes) -> bytes:
        """Return an enciphered answer with its CRC inside."""
        clear = data + checksum(data + b"\x00")
        clear += bytes(-len(clear) % self.block)
        sealed = self._key.encipher(clear, self._iv)
        self._iv = sealed[-self.block :]
        return sealed

    def sealed_length(self, length: int) -> int:
        """Return how long ``length`` bytes and their CRC are on the wire."""
        return -(-(length + 4) // self.block) * self.block
