"""Secure messaging of the first DESFire, which every later one still speaks (data sheet of the MF3ICD40)."""

from __future__ import annotations

from station.chip.ciphers import BlockCipher, marked_padded, zero_padded
from station.chip.desfire import crypto
from station.chip.desfire.native import Native, Protection
from station.chip.desfire.session import ALTERED, Scheme, check_blocks, without_padding
from station.domain.errors import ChipError

MAC_LENGTH = 4


class D40Session:
    """D40 secure messaging: only data of files, keys and settings is protected, and each message by itself.

    Nothing chains the messages and nothing vouches for a status: an answer that carries no data can be forged.
    """

    scheme: Scheme | None = Scheme.D40

    def __init__(self, key_no: int, cipher: BlockCipher) -> None:
        self.key_no = key_no
        self._cipher = cipher

    def command(self, command: Native) -> bytes:
        """Return what is sent after the instruction byte."""
        sent = command.data
        if not sent or command.mode in (Protection.PLAIN, Protection.USUAL):
            return command.header + sent
        if command.mode is Protection.MACED:
            return command.header + sent + self._mac(sent)
        if command.mode is Protection.FULL:
            sent += crypto.crc16(sent)
        pad = marked_padded if command.open_end else zero_padded
        return command.header + self._cipher.send_by_decrypting(pad(sent, self._cipher.block))

    def answer(self, command: Native, status: int, data: bytes) -> bytes:
        """Return what the card said, checked and in clear."""
        if not command.reads or command.mode in (Protection.PLAIN, Protection.USUAL):
            return data
        if command.mode is Protection.FULL:
            return self._deciphered(command, data)
        clear, mac = data[:-MAC_LENGTH], data[-MAC_LENGTH:]
        if not clear or self._mac(clear) != mac:
            raise ChipError(ALTERED)
        return clear

    def _mac(self, data: bytes) -> bytes:
        """Return the first half of the last block of CBC: it covers the data alone, neither command nor status."""
        last = self._cipher.encrypt(self._cipher.zero_iv, zero_padded(data, self._cipher.block))[-self._cipher.block :]
        return last[:MAC_LENGTH]

    def _deciphered(self, command: Native, data: bytes) -> bytes:
        check_blocks(data, command, self._cipher.block, crypto.CRC16_LENGTH)
        clear = self._cipher.decrypt(self._cipher.zero_iv, data)
        content, checksum = without_padding(clear, command, crypto.CRC16_LENGTH)
        if crypto.crc16(content) != checksum:
            raise ChipError(ALTERED)
        return content
