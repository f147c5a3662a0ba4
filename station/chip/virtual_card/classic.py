"""A MIFARE Classic as PC/SC readers show it: keys in the reader, authentication by block, access bits (MF1S50, MF1S70).

The reader's commands are FF 82 (load a key), FF 86 and the older FF 88 (authenticate), FF B0 and FF D6 (PC/SC part 3,
3.2.2.1). What was stored stays with the card, what was loaded with the reader.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.chip.virtual_card import store
from station.chip.virtual_card.card import VirtualCard
from station.chip.virtual_card.reader import (
    FAILED,
    INCOMPATIBLE,
    NOT_FOUND,
    OK,
    READER_CLASS,
    SECURITY,
    UNKNOWN_CLASS,
    WRONG_LENGTH,
    Answer,
    Apdu,
    get_data,
    storage_atr,
)

_LOAD, _AUTHENTICATE, _OLD_AUTHENTICATE, _READ, _UPDATE = 0x82, 0x86, 0x88, 0xB0, 0xD6
_KEY_A, _KEY_B = 0x60, 0x61
_BLOCK = 16
_BLOCKS = {1: 64, 4: 256}
_NAMES = {1: 0x0001, 4: 0x0002}
_TRAILER = bytes.fromhex("FFFFFFFFFFFF" + "FF078069" + "FFFFFFFFFFFF")
_BAD_KEY_NUMBER, _BAD_KEY_LENGTH = 0x6988, 0x6989
# First bytes of a UID with this bit have meanings of their own: 08 is random, 88 says that more follows.
_RESERVED = 0x08

# By C1 C2 C3: which keys read and write a data block (MF1S50, table 8).
_DATA = {
    0b000: ("AB", "AB"),
    0b010: ("AB", ""),
    0b100: ("AB", "B"),
    0b110: ("AB", "B"),
    0b001: ("AB", ""),
    0b011: ("B", "B"),
    0b101: ("B", ""),
    0b111: ("", ""),
}


@dataclass(frozen=True, slots=True)
class _TrailerRule:
    """Which keys write key A, write the access bits, read key B, write key B (MF1S50, table 7)."""

    write_a: str
    write_bits: str
    read_b: str
    write_b: str


_TRAILERS = {
    0b000: _TrailerRule("A", "", "A", "A"),
    0b010: _TrailerRule("", "", "A", ""),
    0b100: _TrailerRule("B", "", "", "B"),
    0b110: _TrailerRule("", "", "", ""),
    0b001: _TrailerRule("A", "A", "A", "A"),
    0b011: _TrailerRule("B", "B", "", "B"),
    0b101: _TrailerRule("", "B", "", ""),
    0b111: _TrailerRule("", "", "", ""),
}


class VirtualClassic(VirtualCard):
    """A Classic with 1 or 4 KB. The two key slots are the reader's, and outlast the card's stay on it."""

    chip = "classic"

    def __init__(self, memory: bytes, *, path: Path | None = None) -> None:
        super().__init__(path=path)
        if len(memory) // _BLOCK not in _BLOCKS.values() or len(memory) % _BLOCK:
            raise ValueError("a MIFARE Classic has 64 or 256 blocks of 16 bytes")
        self.memory = bytearray(memory)
        self._slots: dict[int, bytes] = {}
        self._open: tuple[int, str] | None = None
        self._changed = False

    @classmethod
    def new(cls, kilobytes: int = 1, *, uid: bytes | None = None, path: Path | None = None) -> VirtualClassic:
        """Return a card as it comes from the factory: all keys FF, everything open to them.

        ``uid`` has four bytes, or is drawn so that it can't be taken for a random or a longer one (ISO 14443-3, 6.5.4).
        """
        uid = uid if uid is not None else bytes((os.urandom(1)[0] & ~_RESERVED,)) + os.urandom(3)
        if len(uid) != 4:
            raise ValueError("this card's UID has 4 bytes")
        # The check byte of the anticollision, BCC (ISO 14443-3, 6.5.3).
        check = uid[0] ^ uid[1] ^ uid[2] ^ uid[3]
        memory = bytearray(_BLOCKS[kilobytes] * _BLOCK)
        memory[:_BLOCK] = uid + bytes((check, 0x08 if kilobytes == 1 else 0x18)) + b"\x04\x00" + b"\x62" * 8
        card = cls(bytes(memory), path=path)
        for sector in range(_sector_of(_BLOCKS[kilobytes] - 1) + 1):
            trailer = _blocks_of(sector)[-1]
            card.memory[trailer * _BLOCK : (trailer + 1) * _BLOCK] = _TRAILER
        card.save()
        return card

    @classmethod
    def restore(cls, data: store.Data, *, path: Path | None = None) -> VirtualClassic:
        """Return the card that ``snapshot`` described."""
        return cls(bytes.fromhex(data["memory"]), path=path)

    def snapshot(self) -> dict[str, Any]:
        """Return everything that the card keeps without power."""
        return {"format": store.FORMAT, "chip": self.chip, "memory": self.memory.hex()}

    @property
    def atr(self) -> bytes:
        """Return the ATR of PC/SC part 3 for memory cards."""
        return storage_atr(_NAMES[len(self.memory) // 1024])

    @property
    def uid(self) -> bytes:
        """Return the UID of four bytes."""
        return bytes(self.memory[:4])

    def _restart(self) -> None:
        self._open = None

    def _take_changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    def _respond(self, apdu: bytes) -> Answer:
        if apdu[:1] and apdu[0] != READER_CLASS:
            # The reader has nothing to send to a card that knows no APDUs.
            return b"", UNKNOWN_CLASS
        if len(apdu) == 6 and apdu[1] == _OLD_AUTHENTICATE:
            return b"", self._authenticate(apdu[3], apdu[4], apdu[5])
        command = Apdu.parse(apdu)
        if command is None:
            return b"", WRONG_LENGTH
        known = {_LOAD: self._load, _AUTHENTICATE: self._authenticate_block, _READ: self._read, _UPDATE: self._update}
        return known[command.ins](command) if command.ins in known else get_data(apdu, self.uid)

    def _load(self, command: Apdu) -> Answer:
        if command.p2 > 1:
            return b"", _BAD_KEY_NUMBER
        if len(command.data) != 6:
            return b"", _BAD_KEY_LENGTH
        self._slots[command.p2] = command.data
        return b"", OK

    def _authenticate_block(self, command: Apdu) -> Answer:
        data = command.data
        return b"", self._authenticate(data[2], data[3], data[4]) if len(data) == 5 else WRONG_LENGTH

    def _authenticate(self, block: int, kind: int, slot: int) -> int:
        self._open = None
        if kind not in (_KEY_A, _KEY_B):
            return INCOMPATIBLE
        if block * _BLOCK >= len(self.memory):
            return NOT_FOUND
        if slot not in self._slots:
            return _BAD_KEY_NUMBER
        sector = _sector_of(block)
        trailer = self._trailer(sector)
        if (trailer[:6] if kind == _KEY_A else trailer[10:]) != self._slots[slot]:
            return FAILED
        self._open = sector, "A" if kind == _KEY_A else "B"
        return OK

    def _read(self, command: Apdu) -> Answer:
        count = _BLOCK if command.longest == 256 else command.longest
        if count % _BLOCK or not count:
            return b"", 0x6C00 | _BLOCK
        data = b""
        for block in range(command.p2, command.p2 + count // _BLOCK):
            if block * _BLOCK >= len(self.memory):
                return b"", NOT_FOUND
            piece = self._readable(block)
            if piece is None:
                return b"", SECURITY
            data += piece
        return data, OK

    def _update(self, command: Apdu) -> Answer:
        if not command.data or len(command.data) % _BLOCK:
            return b"", WRONG_LENGTH
        if command.p1 or (command.p2 + len(command.data) // _BLOCK) * _BLOCK > len(self.memory):
            return b"", NOT_FOUND
        # Block by block, as a reader does: what was written before a refusal stays written.
        for index in range(0, len(command.data), _BLOCK):
            if not self._write(command.p2 + index // _BLOCK, command.data[index : index + _BLOCK]):
                return b"", SECURITY
        return b"", OK

    # --- access bits --------------------------------------------------------------------------------------------

    def _trailer(self, sector: int) -> bytes:
        block = _blocks_of(sector)[-1]
        return bytes(self.memory[block * _BLOCK : (block + 1) * _BLOCK])

    def _condition(self, block: int) -> int | None:
        """Return C1 C2 C3 of the block; ``None`` where the bits contradict themselves: that sector is lost."""
        sector = _sector_of(block)
        low, middle, high = self._trailer(sector)[6:9]
        ones = (middle >> 4, high & 0xF, high >> 4)
        if (low & 0xF ^ 0xF, low >> 4 ^ 0xF, middle & 0xF ^ 0xF) != ones:
            return None
        blocks = _blocks_of(sector)
        place = 3 if block == blocks[-1] else (block - blocks[0]) * 3 // (len(blocks) - 1)
        c1, c2, c3 = (bits >> place & 1 for bits in ones)
        return c1 << 2 | c2 << 1 | c3

    def _key(self, block: int) -> str:
        """Return which key is authenticated for the block; a key B that can be read opens nothing."""
        if self._open is None or self._open[0] != _sector_of(block):
            return "-"
        letter = self._open[1]
        rule = self._condition(_blocks_of(self._open[0])[-1])
        return "-" if rule is None or (letter == "B" and _TRAILERS[rule].read_b) else letter

    def _readable(self, block: int) -> bytes | None:
        condition, key = self._condition(block), self._key(block)
        if condition is None or key == "-":
            return None
        content = bytes(self.memory[block * _BLOCK : (block + 1) * _BLOCK])
        if block != _blocks_of(_sector_of(block))[-1]:
            return content if key in _DATA[condition][0] else None
        shown_b = content[10:] if key in _TRAILERS[condition].read_b else bytes(6)
        return bytes(6) + content[6:10] + shown_b

    def _write(self, block: int, data: bytes) -> bool:
        condition, key, start = self._condition(block), self._key(block), block * _BLOCK
        # Block 0 is the manufacturer's.
        if condition is None or key == "-" or block == 0:
            return False
        if block != _blocks_of(_sector_of(block))[-1]:
            if key not in _DATA[condition][1]:
                return False
            self.memory[start : start + _BLOCK] = data
        else:
            rule = _TRAILERS[condition]
            parts = ((0, 6, rule.write_a), (6, 10, rule.write_bits), (10, 16, rule.write_b))
            allowed = [(first, last) for first, last, keys in parts if key in keys]
            if not allowed:
                return False
            # Parts that this key may not change are dropped without a word, and the answer is a plain yes.
            for first, last in allowed:
                self.memory[start + first : start + last] = data[first:last]
        self._changed = True
        return True


def _sector_of(block: int) -> int:
    return block // 4 if block < 128 else 32 + (block - 128) // 16


def _blocks_of(sector: int) -> range:
    first = sector * 4 if sector < 32 else 128 + (sector - 32) * 16
    return range(first, first + (4 if sector < 32 else 16))
