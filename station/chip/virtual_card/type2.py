"""A MIFARE Ultralight or NTAG21x as PC/SC readers show it: pages by FF B0 and FF D6, its own commands passed through.

Sources: data sheets MF0ICU1, NTAG213/215/216; NFC Forum Type 2 Tag. Two ways to pass a command through are known: that
of readers with a PN532 inside (FF 00 00 00, D4 42) and the transparent exchange of PC/SC part 3, 3.2.2.2 (FF C2 00 01).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from station.chip.virtual_card import store
from station.chip.virtual_card.card import VirtualCard, drawn_uid
from station.chip.virtual_card.reader import (
    FAILED,
    NOT_FOUND,
    NOT_SUPPORTED,
    OK,
    READER_CLASS,
    UNKNOWN_CLASS,
    WRONG_LENGTH,
    Answer,
    Apdu,
    get_data,
    storage_atr,
)

ULTRALIGHT: Final = "Ultralight"
NTAG213: Final = "NTAG213"
NTAG215: Final = "NTAG215"
NTAG216: Final = "NTAG216"
_PAGE = 4
_LOCKS, _CAPABILITY = 2, 3
_READ, _UPDATE, _DIRECT, _TRANSPARENT = 0xB0, 0xD6, 0x00, 0xC2
_ACK = b"\x0a"


@dataclass(frozen=True, slots=True)
class _Tag:
    """One type: how many pages, where the second lock bytes are and how many pages a bit locks, and what it says."""

    pages: int
    capability: str
    first_data: str
    lock_page: int = 0
    pages_a_bit: int = 0
    size_code: int = 0

    @property
    def config(self) -> int:
        """Return the first of the four pages with mirror, protection, password."""
        return self.lock_page + 1


_TAGS: Final = {
    ULTRALIGHT: _Tag(16, "00000000", ""),
    NTAG213: _Tag(45, "E1101200", "0103A00C340300FE", 0x28, 2, 0x0F),
    NTAG215: _Tag(135, "E1103E00", "0300FE00", 0x82, 16, 0x11),
    NTAG216: _Tag(231, "E1106D00", "0300FE00", 0xE2, 16, 0x13),
}
KINDS: Final = tuple(_TAGS)


class VirtualType2(VirtualCard):
    """A tag with pages of four bytes; lock bits and capability bits go on and never off."""

    chip = "type2"

    def __init__(self, kind: str, memory: bytes, *, path: Path | None = None) -> None:
        super().__init__(path=path)
        self._tag = _TAGS[kind]
        if len(memory) != self._tag.pages * _PAGE:
            raise ValueError(f"a {kind} has {self._tag.pages} pages of 4 bytes")
        self.kind = kind
        self.memory = bytearray(memory)
        self._password_given = False
        self._changed = False

    @classmethod
    def new(cls, kind: str = NTAG213, *, uid: bytes | None = None, path: Path | None = None) -> VirtualType2:
        """Return a tag as it comes from the factory: an NTAG is empty but for an empty NDEF message."""
        uid = uid if uid is not None else drawn_uid()
        if len(uid) != 7:
            raise ValueError("a tag's UID has 7 bytes")
        tag = _TAGS[kind]
        # BCC of the first cascade level, whose cascade tag 88 is no part of the UID (ISO 14443-3, 6.5.4).
        first = bytes((0x88 ^ uid[0] ^ uid[1] ^ uid[2],))
        second = bytes((uid[3] ^ uid[4] ^ uid[5] ^ uid[6],))
        memory = bytearray(tag.pages * _PAGE)
        head = uid[:3] + first + uid[3:] + second + b"\x48\x00\x00" + bytes.fromhex(tag.capability + tag.first_data)
        memory[: len(head)] = head
        if tag.lock_page:
            memory[tag.lock_page * _PAGE :] = bytes.fromhex(
                "000000BD" + "040000FF" + "00050000" + "FFFFFFFF" + "00000000"
            )
        card = cls(kind, bytes(memory), path=path)
        card.save()
        return card

    @classmethod
    def restore(cls, data: store.Data, *, path: Path | None = None) -> VirtualType2:
        """Return the tag that ``snapshot`` described."""
        return cls(str(data["kind"]), bytes.fromhex(data["memory"]), path=path)

    def snapshot(self) -> dict[str, Any]:
        """Return everything that the tag keeps without power."""
        return {"format": store.FORMAT, "chip": self.chip, "kind": self.kind, "memory": self.memory.hex()}

    @property
    def atr(self) -> bytes:
        """Return the ATR of PC/SC part 3 for memory cards: an NTAG goes by the name of the Ultralight."""
        return storage_atr(0x0003)

    @property
    def uid(self) -> bytes:
        """Return the UID of seven bytes."""
        return bytes(self.memory[:3] + self.memory[4:8])

    def _restart(self) -> None:
        self._password_given = False

    def _take_changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    # --- the reader's commands ----------------------------------------------------------------------------------

    def _respond(self, apdu: bytes) -> Answer:
        command = Apdu.parse(apdu)
        if command is None:
            return b"", WRONG_LENGTH
        if command.cla != READER_CLASS:
            return b"", UNKNOWN_CLASS
        known = {
            _READ: self._reader_read,
            _UPDATE: self._reader_update,
            _DIRECT: self._direct,
            _TRANSPARENT: self._transparent,
        }
        return known[command.ins](command) if command.ins in known else get_data(apdu, self.uid)

    def _reader_read(self, command: Apdu) -> Answer:
        wanted = 16 if command.longest == 256 else command.longest
        # The chip's own READ gives four pages, and a reader passes no more than that on.
        if not 0 < wanted <= 16:
            return b"", 0x6C10
        data = self._read(command.p1 << 8 | command.p2)
        return (data[:wanted], OK) if data else (b"", NOT_FOUND)

    def _reader_update(self, command: Apdu) -> Answer:
        if len(command.data) != _PAGE:
            return b"", WRONG_LENGTH
        return b"", OK if self._write(command.p1 << 8 | command.p2, command.data) else FAILED

    def _direct(self, command: Apdu) -> Answer:
        """Answer InCommunicateThru of a PN532; a silent card is its error 1."""
        if command.data[:2] != b"\xd4\x42":
            return b"", NOT_SUPPORTED
        answer = self._own(command.data[2:])
        return b"\xd5\x43\x00" + answer if answer else b"\xd5\x43\x01", OK

    def _transparent(self, command: Apdu) -> Answer:
        """Answer a transparent exchange: the command is in a data object 95, the answer in one 97."""
        if command.p2 in (0x00, 0x02):
            # Beginning and ending a session, and choosing a protocol: agreed to.
            return bytes.fromhex("C003009000"), OK
        at = command.data.find(b"\x95")
        if command.p2 != 0x01 or at < 0 or len(command.data) < at + 2:
            return b"", WRONG_LENGTH
        answer = self._own(command.data[at + 2 : at + 2 + command.data[at + 1]])
        if not answer:
            return bytes.fromhex("C003016401"), OK  # no answer from the card
        return bytes.fromhex("C003009000" + "920100" + "96020000") + bytes((0x97, len(answer))) + answer, OK

    # --- the chip's own -----------------------------------------------------------------------------------------

    def _own(self, command: bytes) -> bytes:
        """Return the chip's answer; nothing where it would fall silent."""
        known: dict[tuple[int, int], Callable[[bytes], bytes]] = {(0x30, 2): self._own_read, (0xA2, 6): self._own_write}
        if self._tag.lock_page:
            known |= {(0x60, 1): self._own_version, (0x3A, 3): self._own_fast_read, (0x1B, 5): self._password}
        act = known.get((command[0], len(command))) if command else None
        return act(command[1:]) if act is not None else b""

    def _own_read(self, command: bytes) -> bytes:
        return self._read(command[0])

    def _own_write(self, command: bytes) -> bytes:
        return _ACK if self._write(command[0], command[1:]) else b""

    def _own_version(self, command: bytes) -> bytes:
        return bytes((0x00, 0x04, 0x04, 0x02, 0x01, 0x00, self._tag.size_code, 0x03))

    def _own_fast_read(self, command: bytes) -> bytes:
        first, last = command
        if not first <= last < self._tag.pages or self._closed(last, reading=True):
            return b""
        return b"".join(self._shown(page) for page in range(first, last + 1))

    def _password(self, command: bytes) -> bytes:
        at = (self._tag.config + 2) * _PAGE
        self._password_given = bytes(self.memory[at : at + 4]) == command
        return bytes(self.memory[at + 4 : at + 6]) if self._password_given else b""

    def _read(self, page: int) -> bytes:
        """Return four pages; after the last one come the first ones again."""
        if page >= self._tag.pages or self._closed(page, reading=True):
            return b""
        return b"".join(self._shown((page + i) % self._tag.pages) for i in range(4))

    def _shown(self, page: int) -> bytes:
        # Password and its acknowledgement are never shown.
        if self._closed(page, reading=True) or (self._tag.lock_page and page >= self._tag.config + 2):
            return bytes(_PAGE)
        return bytes(self.memory[page * _PAGE : (page + 1) * _PAGE])

    def _closed(self, page: int, *, reading: bool) -> bool:
        if not self._tag.lock_page or self._password_given:
            return False
        at = self._tag.config * _PAGE
        protects_reading = bool(self.memory[at + 4] & 0x80)
        return page >= self.memory[at + 3] and (protects_reading or not reading)

    def _write(self, page: int, data: bytes) -> bool:
        if not _LOCKS <= page < self._tag.pages or self._closed(page, reading=False) or self._locked(page):
            return False
        start = page * _PAGE
        old = self.memory[start : start + _PAGE]
        if page == _LOCKS:
            data = bytes(old[:2]) + self._lock_bits(data[2], data[3], old)
        elif page == _CAPABILITY:
            data = bytes(a | b for a, b in zip(old, data, strict=True))
        elif page == self._tag.lock_page:
            data = bytes(a | b for a, b in zip(old[:3], data[:3], strict=True)) + bytes(old[3:])
        self.memory[start : start + _PAGE] = data
        self._changed = True
        return True

    @staticmethod
    def _lock_bits(first: int, second: int, old: bytearray) -> bytes:
        """Return the lock bytes with the new bits, except those that their own lock bits (0 to 2) have frozen."""
        bits, new = old[2] | old[3] << 8, first | second << 8
        frozen = 0
        for lock, pages in ((0, range(3, 4)), (1, range(4, 10)), (2, range(10, 16))):
            if bits >> lock & 1:
                frozen |= sum(1 << page for page in pages)
        return (bits | (new & ~frozen)).to_bytes(2, "little")

    def _locked(self, page: int) -> bool:
        tag = self._tag
        if _CAPABILITY <= page < 16:
            return bool((self.memory[10] | self.memory[11] << 8) >> page & 1)
        if not tag.lock_page or page < 16:
            return False
        if page in (tag.config, tag.config + 1):
            return bool(self.memory[(tag.config + 1) * _PAGE] & 0x40)
        if page >= tag.lock_page:
            return False
        at = tag.lock_page * _PAGE
        return bool((self.memory[at] | self.memory[at + 1] << 8) >> (page - 16) // tag.pages_a_bit & 1)
