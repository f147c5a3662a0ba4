"""Secure messaging: what protects commands and answers once a key is authenticated (DESFire EV1 with AES, AN0945)."""

from __future__ import annotations

from typing import Protocol

from station.chip.desfire import crypto
from station.chip.desfire.model import Protection
from station.domain.errors import N_, ChipError

MAC_LENGTH = 8


class Session(Protocol):
    """One authenticated session; every command and every answer must pass through it, in order."""

    key_no: int

    def command(self, ins: int, header: bytes, data: bytes, protection: Protection) -> bytes:
        """Return what is sent after the instruction byte; ``header`` is never enciphered."""

    def answer(self, status: int, data: bytes, protection: Protection, length: int) -> bytes:
        """Return what the card said, checked and in clear; ``length`` is how many bytes are expected when enciphered.

        Raises:
            ChipError: a checksum is wrong: the answer was altered, or is not of this session.
        """


class NoSession:
    """Nothing is authenticated: everything travels as it is."""

    key_no = -1

    def command(self, ins: int, header: bytes, data: bytes, protection: Protection) -> bytes:
        """Return header and data as they are.

        Raises:
            ChipError: they may not travel unprotected.
        """
        if protection is not Protection.PLAIN:
            raise ChipError(N_("The command {command} needs a key."), command=f"{ins:02X}")
        return header + data

    def answer(self, status: int, data: bytes, protection: Protection, length: int) -> bytes:
        """Return ``data``; nothing vouches for it."""
        return data


class Ev1AesSession:
    """EV1 secure messaging with an AES session key.

    One initial vector runs through the whole session: each command changes it (by its CMAC, or by its last enciphered
    block), and so does each answer. So a lost, repeated or foreign message breaks the chain and is noticed.
    """

    def __init__(self, key_no: int, session_key: bytes) -> None:
        self.key_no = key_no
        self._key = session_key
        self._cmac = crypto.ChainedCmac(session_key)
        self._iv = bytes(crypto.BLOCK)

    def command(self, ins: int, header: bytes, data: bytes, protection: Protection) -> bytes:
        """Return what is sent after the instruction byte."""
        if protection in (Protection.FULL, Protection.SEALED):
            checked = data
            if protection is Protection.FULL:
                checked += crypto.crc32(bytes((ins,)) + header + data)
            sealed = crypto.encrypt(self._key, self._iv, crypto.zero_padded(checked))
            self._iv = sealed[-crypto.BLOCK :]
            return header + sealed
        mac = self._cmac.of(bytes((ins,)) + header + data, self._iv)
        self._iv = mac
        # The MAC of a plain command is never sent, but moves the chain on.
        return header + data + (mac[:MAC_LENGTH] if protection is Protection.MACED else b"")

    def answer(self, status: int, data: bytes, protection: Protection, length: int) -> bytes:
        """Return what the card said, checked and in clear."""
        if protection is Protection.FULL:
            return self._deciphered(status, data, length)
        if len(data) < MAC_LENGTH:
            raise ChipError(_ALTERED)
        clear, mac = data[:-MAC_LENGTH], data[-MAC_LENGTH:]
        self._iv = self._cmac.of(clear + bytes((status,)), self._iv)
        if self._iv[:MAC_LENGTH] != mac:
            raise ChipError(_ALTERED)
        return clear

    def _deciphered(self, status: int, data: bytes, length: int) -> bytes:
        if not data or len(data) != len(crypto.zero_padded(bytes(length + crypto.CRC_LENGTH))):
            raise ChipError(_ALTERED)
        clear = crypto.decrypt(self._key, self._iv, data)
        self._iv = data[-crypto.BLOCK :]
        end = length + crypto.CRC_LENGTH
        # Data may end in zeros like the padding does: only the known length tells where the checksum stands.
        if crypto.crc32(clear[:length] + bytes((status,))) != clear[length:end] or any(clear[end:]):
            raise ChipError(_ALTERED)
        return clear[:length]


_ALTERED = N_("An answer of the chip was altered on its way, or came from another card.")
