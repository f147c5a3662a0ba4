"""Secure messaging: what protects commands and answers once a key is authenticated.

Three generations, each a session of its own: ``D40Session`` (data sheet of the first DESFire, in ``session_d40``),
``Ev1Session`` (AN0945, here) and ``Ev2Session`` (AN12343, in ``session_ev2``).
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from station.chip.ciphers import BlockCipher, marked_padded, zero_padded
from station.chip.desfire import crypto
from station.chip.desfire.native import Native, Protection
from station.domain.errors import N_, ChipError

MAC_LENGTH = 8


class Scheme(Enum):
    """The generations of secure messaging."""

    D40 = "d40"
    EV1 = "ev1"
    EV2 = "ev2"


class Session(Protocol):
    """One authenticated session; every command and every answer must pass through it, in order."""

    key_no: int
    scheme: Scheme | None

    def command(self, command: Native) -> bytes:
        """Return what is sent after the instruction byte; the header is never enciphered."""

    def answer(self, command: Native, status: int, data: bytes) -> bytes:
        """Return what the card said to ``command``, checked and in clear.

        Raises:
            ChipError: a checksum is wrong: the answer was altered, or is not of this session.
        """


class NoSession:
    """Nothing is authenticated: everything travels as it is."""

    key_no = -1
    scheme: Scheme | None = None

    def command(self, command: Native) -> bytes:
        """Return header and data as they are.

        Raises:
            ChipError: they may not travel unprotected.
        """
        # Whoever lost the session without noticing must not send a key or a person's data in clear.
        if command.mode not in (Protection.PLAIN, Protection.USUAL):
            raise ChipError(N_("The command {command} needs a key."), command=f"{command.ins:02X}")
        return command.header + command.data

    def answer(self, command: Native, status: int, data: bytes) -> bytes:
        """Return ``data``; nothing vouches for it."""
        return data


class Ev1Session:
    """EV1 secure messaging with a session key of any kind (AN0945; DESFire EV1 data sheet).

    One initial vector runs through the whole session: each command changes it (by its CMAC, or by its last enciphered
    block), and so does each answer. So a lost, repeated or foreign message breaks the chain and is noticed.
    """

    scheme: Scheme | None = Scheme.EV1

    def __init__(self, key_no: int, cipher: BlockCipher) -> None:
        self.key_no = key_no
        self._cipher = cipher
        self._iv = cipher.zero_iv

    def command(self, command: Native) -> bytes:
        """Return what is sent after the instruction byte."""
        clear = bytes((command.ins,)) + command.header + command.data
        if command.data and command.mode in (Protection.FULL, Protection.SEALED):
            # The checksum covers instruction and header, too: they travel in clear, and nobody shall exchange them.
            checked = command.data + (crypto.crc32(clear) if command.mode is Protection.FULL else b"")
            pad = marked_padded if command.open_end else zero_padded
            sealed = self._cipher.encrypt(self._iv, pad(checked, self._cipher.block))
            self._iv = sealed[-self._cipher.block :]
            return command.header + sealed
        self._iv = self._cipher.cmac(clear, self._iv)
        # The MAC of a plain command, and of one that only asks, is never sent, but moves the chain on.
        sent = self._iv[:MAC_LENGTH] if command.data and command.mode is Protection.MACED else b""
        return command.header + command.data + sent

    def answer(self, command: Native, status: int, data: bytes) -> bytes:
        """Return what the card said, checked and in clear."""
        if command.mode is Protection.FULL and command.reads:
            return self._deciphered(command, status, data)
        # Unlike D40 and EV2, EV1 puts a MAC to every answer, also to one that travels plain.
        if len(data) < MAC_LENGTH:
            raise ChipError(ALTERED)
        clear, mac = data[:-MAC_LENGTH], data[-MAC_LENGTH:]
        self._iv = self._cipher.cmac(clear + bytes((status,)), self._iv)
        if self._iv[:MAC_LENGTH] != mac:
            raise ChipError(ALTERED)
        return clear

    def _deciphered(self, command: Native, status: int, data: bytes) -> bytes:
        check_blocks(data, command, self._cipher.block, crypto.CRC32_LENGTH)
        clear = self._cipher.decrypt(self._iv, data)
        self._iv = data[-self._cipher.block :]
        content, checksum = without_padding(clear, command, crypto.CRC32_LENGTH)
        if crypto.crc32(content + bytes((status,))) != checksum:
            raise ChipError(ALTERED)
        return content


def check_blocks(data: bytes, command: Native, block: int, extra: int) -> None:
    """Raise ChipError unless ``data`` are whole blocks, and as many as ``command`` expects with ``extra`` bytes."""
    expected = None if command.length is None else len(zero_padded(bytes(command.length + extra), block))
    if not data or len(data) % block or (expected is not None and len(data) != expected):
        raise ChipError(ALTERED)


def without_padding(clear: bytes, command: Native, checksum: int) -> tuple[bytes, bytes]:
    """Return the content and the checksum (of so many bytes) of a deciphered answer.

    Data may end in zeros like the padding does: only a known length, or a mark where the card chose the length,
    tells where the checksum stands.

    Raises:
        ChipError: the padding is none.
    """
    if command.length is None:
        marked = clear.rstrip(b"\x00")
        if not marked.endswith(b"\x80"):
            raise ChipError(ALTERED)
        end, padding = len(marked) - 1, b""
    else:
        end = command.length + checksum
        padding = clear[end:]
    if end < checksum or any(padding):
        raise ChipError(ALTERED)
    return clear[: end - checksum], clear[end - checksum : end]


ALTERED = N_("An answer of the chip was altered on its way, or came from another card.")
