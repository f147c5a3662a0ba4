"""Secure messaging of DESFire EV2, EV3 and Light, with AES (AN12343; the data sheet of the DESFire Light)."""

from __future__ import annotations

from station.chip.ciphers import aes, marked_padded
from station.chip.desfire import crypto
from station.chip.desfire.native import Native, Protection
from station.chip.desfire.session import ALTERED, MAC_LENGTH, Scheme
from station.domain.errors import N_, ChipError

TI_LENGTH = 4
_COMMAND = b"\xa5\x5a"
_ANSWER = b"\x5a\xa5"
# The counter has two bytes, and never starts again: then the card wants the key once more.
_LAST = 0xFFFF


class Ev2Session:
    """EV2 secure messaging: two session keys, a transaction identifier, and a counter that no message escapes.

    The counter stands in every MAC, so a lost, repeated or foreign message is noticed with the next protected one.
    Unlike EV1, what travels plain carries no MAC at all.
    """

    scheme: Scheme | None = Scheme.EV2

    def __init__(self, key_no: int, keys: tuple[bytes, bytes], identifier: bytes, *, counter: int = 0) -> None:
        self.key_no = key_no
        self.identifier = identifier
        self.counter = counter
        self._cipher = aes(keys[0])
        self._signer = aes(keys[1])

    def command(self, command: Native) -> bytes:
        """Return what is sent after the instruction byte."""
        if self.counter >= _LAST:
            raise ChipError(N_("The command {command} needs a key."), command=f"{command.ins:02X}")
        sent = command.header + command.data
        if command.mode is Protection.PLAIN:
            return sent
        if command.data and command.mode in (Protection.FULL, Protection.SEALED):
            sent = command.header + self._cipher.encrypt(self._iv(_COMMAND), marked_padded(command.data))
        return sent + self._mac(command.ins, sent)

    def answer(self, command: Native, status: int, data: bytes) -> bytes:
        """Return what the card said, checked and in clear."""
        # Before anything is checked: the answer is signed and enciphered under the number after the command's
        # (AN12343).
        self.counter += 1
        if command.mode is Protection.PLAIN:
            return data
        if len(data) < MAC_LENGTH:
            raise ChipError(ALTERED)
        body, mac = data[:-MAC_LENGTH], data[-MAC_LENGTH:]
        if self._mac(status, body) != mac:
            raise ChipError(ALTERED)
        if command.mode is Protection.FULL and command.reads:
            return self._deciphered(command, body)
        return body

    def skip(self) -> None:
        """Count a command that the card refused: it has counted it, too."""
        self.counter += 1

    def _deciphered(self, command: Native, body: bytes) -> bytes:
        if not body or len(body) % self._cipher.block:
            raise ChipError(ALTERED)
        marked = self._cipher.decrypt(self._iv(_ANSWER), body).rstrip(b"\x00")
        content = marked[:-1]
        if not marked.endswith(b"\x80") or command.length not in (None, len(content)):
            raise ChipError(ALTERED)
        return content

    def _mac(self, code: int, data: bytes) -> bytes:
        counted = bytes((code,)) + self.counter.to_bytes(2, "little") + self.identifier
        return crypto.odd_bytes(self._signer.cmac(counted + data))

    def _iv(self, direction: bytes) -> bytes:
        counted = direction + self.identifier + self.counter.to_bytes(2, "little") + bytes(8)
        return self._cipher.encrypt(self._cipher.zero_iv, counted)
