"""MIFARE Classic: sectors of blocks behind two keys each, by the reader's own commands (data sheets MF1S50, MF1S70).

The last block of a sector, its trailer, holds both keys and the access bits. A wrong trailer makes a sector useless for
ever, so trailers are written only whole, from checked access bits, and never by the way that data goes. The keys of
such a chip can be broken in minutes: nothing that matters should depend on them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from station.chip import storage
from station.chip.apdu import Transmit
from station.chip.storage import KeyLetter
from station.domain.errors import N_, ChipError, ChipRefusedError, ChipUnsuitableError, ReaderError

BLOCK = 16
KEY_LENGTH = 6
FACTORY_KEY = b"\xff" * KEY_LENGTH
SECTORS = {"Mini": 5, "1K": 16, "2K": 32, "4K": 40}
"""How many sectors the sizes of a Classic (2K: of a Plus in security level 1) have."""

_FIRST_LARGE_SECTOR, _FIRST_LARGE_BLOCK = 32, 128
_BITS_AT = slice(6, 9)


@dataclass(frozen=True, slots=True, repr=False)
class ClassicKey:
    """One of a sector's keys. Never shown."""

    letter: KeyLetter
    value: bytes

    def __post_init__(self) -> None:
        if len(self.value) != KEY_LENGTH:
            raise ValueError("a key of a MIFARE Classic has 6 bytes")

    def __repr__(self) -> str:
        return f"ClassicKey({self.letter.name})"


class Allowed(Enum):
    """Which key is needed for something."""

    NEVER = ""
    A = "A"
    B = "B"
    BOTH = "AB"


@dataclass(frozen=True, slots=True)
class DataRule:
    """Who may do what with a data block (MF1S50, table 8)."""

    read: Allowed
    write: Allowed
    increment: Allowed
    decrement: Allowed


@dataclass(frozen=True, slots=True)
class TrailerRule:
    """Who may do what with a trailer (MF1S50, table 7); key A is never read."""

    write_key_a: Allowed
    read_bits: Allowed
    write_bits: Allowed
    read_key_b: Allowed
    write_key_b: Allowed


def _data_rule(*words: str) -> DataRule:
    return DataRule(*(Allowed(word) for word in words))


def _trailer_rule(*words: str) -> TrailerRule:
    return TrailerRule(*(Allowed(word) for word in words))


# By the access bits C1 C2 C3 of a block, as one number.
DATA_RULES = {
    0b000: _data_rule("AB", "AB", "AB", "AB"),
    0b010: _data_rule("AB", "", "", ""),
    0b100: _data_rule("AB", "B", "", ""),
    0b110: _data_rule("AB", "B", "B", "AB"),
    0b001: _data_rule("AB", "", "", "AB"),
    0b011: _data_rule("B", "B", "", ""),
    0b101: _data_rule("B", "", "", ""),
    0b111: _data_rule("", "", "", ""),
}
TRAILER_RULES = {
    0b000: _trailer_rule("A", "A", "", "A", "A"),
    0b010: _trailer_rule("", "A", "", "A", ""),
    0b100: _trailer_rule("B", "AB", "", "", "B"),
    0b110: _trailer_rule("", "AB", "", "", ""),
    0b001: _trailer_rule("A", "A", "A", "A", "A"),
    0b011: _trailer_rule("B", "AB", "B", "", "B"),
    0b101: _trailer_rule("", "AB", "B", "", ""),
    0b111: _trailer_rule("", "AB", "", "", ""),
}


@dataclass(frozen=True, slots=True)
class AccessBits:
    """The access bits of a sector: C1 C2 C3 as a number for each data block (or group of five), and the trailer."""

    data: tuple[int, int, int]
    trailer: int

    @classmethod
    def parse(cls, data: bytes) -> AccessBits:
        """Take the three bytes 6 to 8 of a trailer apart.

        Raises:
            ChipError: the bits and their complements contradict each other; the card closes such a sector for ever.
        """
        low, middle, high = data
        c1, c2, c3 = middle >> 4, high & 0x0F, high >> 4
        # Each bit is there twice, once inverted, so that a write that was torn closes the sector instead of opening it.
        if (low & 0x0F, low >> 4, middle & 0x0F) != (c1 ^ 0x0F, c2 ^ 0x0F, c3 ^ 0x0F):
            raise ChipError(_BROKEN)
        each = [(c1 >> at & 1) << 2 | (c2 >> at & 1) << 1 | c3 >> at & 1 for at in range(4)]
        return cls((each[0], each[1], each[2]), each[3])

    def __bytes__(self) -> bytes:
        every = (*self.data, self.trailer)
        c1, c2, c3 = (sum((each >> bit & 1) << at for at, each in enumerate(every)) for bit in (2, 1, 0))
        return bytes(((c2 ^ 0x0F) << 4 | c1 ^ 0x0F, c1 << 4 | c3 ^ 0x0F, c3 << 4 | c2))

    def __post_init__(self) -> None:
        if any(not 0 <= each <= 7 for each in (*self.data, self.trailer)):
            raise ValueError("access bits are three a block")

    @property
    def trailer_rule(self) -> TrailerRule:
        """Return who may do what with the trailer."""
        return TRAILER_RULES[self.trailer]

    def data_rule(self, group: int) -> DataRule:
        """Return who may do what with a data block (0 to 2; in sectors of sixteen, with a group of five).

        A key B that can be read opens nothing (MF1S50, note to table 8).
        """
        rule = DATA_RULES[self.data[group]]
        if self.trailer_rule.read_key_b is Allowed.NEVER:
            return rule
        words = (each.value.replace("B", "") for each in (rule.read, rule.write, rule.increment, rule.decrement))
        return _data_rule(*words)

    @property
    def final(self) -> bool:
        """Say whether nobody can ever change these bits again."""
        return self.trailer_rule.write_bits is Allowed.NEVER


TRANSPORT_BITS = AccessBits((0, 0, 0), 0b001)
"""How a card comes from the factory (FF0780)."""


@dataclass(frozen=True, slots=True, repr=False)
class Trailer:
    """What a sector's trailer shall be; ``user`` is the byte that the chip leaves to us. Never shown."""

    key_a: bytes
    key_b: bytes
    bits: AccessBits
    # 69 is what the factory writes there (MF1S50, transport configuration FF078069).
    user: int = 0x69

    def __post_init__(self) -> None:
        if len(self.key_a) != KEY_LENGTH or len(self.key_b) != KEY_LENGTH or not 0 <= self.user <= 0xFF:
            raise ValueError("both keys of a MIFARE Classic have 6 bytes, and the user byte is one")

    def __bytes__(self) -> bytes:
        return self.key_a + bytes(self.bits) + bytes((self.user,)) + self.key_b


def blocks_of(sector: int) -> range:
    """Return the blocks of a sector, the trailer last: four, or sixteen from sector 32 on."""
    if sector < _FIRST_LARGE_SECTOR:
        return range(sector * 4, sector * 4 + 4)
    first = _FIRST_LARGE_BLOCK + (sector - _FIRST_LARGE_SECTOR) * 16
    return range(first, first + 16)


def sector_of(block: int) -> int:
    """Return the sector that a block is in."""
    return block // 4 if block < _FIRST_LARGE_BLOCK else _FIRST_LARGE_SECTOR + (block - _FIRST_LARGE_BLOCK) // 16


class Classic:
    """A MIFARE Classic on the reader. Used as a context: at its end the reader forgets the last key it was given."""

    def __init__(self, transmit: Transmit, sectors: int = SECTORS["1K"]) -> None:
        self._transmit = transmit
        self._loaded = b""
        self.sectors = sectors

    def __enter__(self) -> Classic:
        return self

    def __exit__(self, *_: object) -> None:
        # Some readers keep it without power. After a failure there may be no reader left to tell.
        if self._loaded not in (b"", FACTORY_KEY):
            with suppress(ChipRefusedError, ReaderError):
                storage.load_key(self._transmit, FACTORY_KEY)
        self._loaded = b""

    def _open(self, sector: int, key: ClassicKey) -> None:
        """Open a sector; what follows may read and write it as its access bits say.

        Raises:
            ChipKeyError: the sector has another key.
            ReaderUnableError: the reader has no commands for such cards.
            ValueError: there is no such sector.
        """
        if not 0 <= sector < self.sectors:
            raise ValueError(f"the card has sectors 0 to {self.sectors - 1}, not {sector}")
        if self._loaded != key.value:
            # Readers that write it into memory that lasts should not do so more often than need be.
            storage.load_key(self._transmit, key.value)
            self._loaded = key.value
        # Any block stands for its whole sector, and only one sector is open at a time (MF1S50, three pass
        # authentication).
        storage.authenticate(self._transmit, blocks_of(sector)[0], key.letter)

    def read_sector(self, sector: int, key: ClassicKey) -> bytes:
        """Return the data of a sector, without its trailer.

        Raises:
            ChipKeyError: the sector has another key. ChipRefusedError: its access bits close a block.
            ReaderUnableError: the reader has no commands for such cards.
        """
        self._open(sector, key)
        return b"".join(self._read(block) for block in blocks_of(sector)[:-1])

    def read_block(self, block: int, key: ClassicKey) -> bytes:
        """Return the 16 bytes of a block; of a trailer what may be seen, zeros for what may not. Raises as above."""
        self._open(sector_of(block), key)
        return self._read(block)

    def read_access(self, sector: int, key: ClassicKey) -> AccessBits:
        """Return the access bits of a sector; raises as ``read_sector``, and ChipError when they are damaged."""
        return AccessBits.parse(self.read_block(blocks_of(sector)[-1], key)[_BITS_AT])

    def _read(self, block: int) -> bytes:
        return storage.read_binary(self._transmit, block, BLOCK)

    def write_block(self, block: int, data: bytes, key: ClassicKey) -> None:
        """Write 16 bytes into a data block, and read them back.

        Raises:
            ValueError: the block is a trailer, or the manufacturer's, or the data is no block.
            ChipKeyError, ChipRefusedError, ReaderUnableError: as ``read_sector``.
            ChipError: the chip keeps something else.
        """
        sector = sector_of(block)
        if block == 0 or block == blocks_of(sector)[-1] or len(data) != BLOCK:
            raise ValueError("only whole data blocks are written; trailers have a way of their own")
        self._open(sector, key)
        self._write(block, data)

    def write_sector(self, sector: int, data: bytes, key: ClassicKey) -> None:
        """Write the data blocks of a sector, and read them back; in sector 0 from block 1 on.

        Blocks that hold the right data already are left alone. Raises as ``write_block``.
        """
        blocks = [block for block in blocks_of(sector)[:-1] if block]
        if len(data) != len(blocks) * BLOCK:
            raise ValueError(f"sector {sector} has {len(blocks) * BLOCK} bytes")
        self._open(sector, key)
        for at, block in enumerate(blocks):
            # After a card was pulled the same call finishes it, and what was right already is not put at risk once
            # more.
            piece = data[at * BLOCK : (at + 1) * BLOCK]
            if self._read(block) != piece:
                self._write(block, piece)

    def _write(self, block: int, data: bytes) -> None:
        storage.update_binary(self._transmit, block, data)
        if self._read(block) != data:
            raise ChipError(_NOT_KEPT, block=block)

    def write_trailer(self, sector: int, new: Trailer, key: ClassicKey, *, final: bool = False) -> None:
        """Change keys and access bits of a sector, and prove that the new keys open it.

        Bits that nobody could ever change again are written only with ``final``. Which keys the present bits let
        ``key`` change is checked first: a chip takes some parts of a trailer and drops the others in silence.

        Raises:
            ChipUnsuitableError: the present bits do not let ``key`` change all of it, or the new ones are final.
            ChipKeyError, ChipRefusedError, ReaderUnableError: as ``read_sector``.
            ChipError: the chip keeps something else.
        """
        if new.bits.final and not final:
            raise ChipUnsuitableError(_FINAL, sector=sector)
        block = blocks_of(sector)[-1]
        self._open(sector, key)
        rule = AccessBits.parse(self._read(block)[_BITS_AT]).trailer_rule
        parts = (rule.write_key_a, rule.write_bits, rule.write_key_b)
        if not all(key.letter.name in part.value for part in parts):
            raise ChipUnsuitableError(_NOT_CHANGEABLE, sector=sector, letter=key.letter.name)
        storage.update_binary(self._transmit, block, bytes(new))
        self._prove(sector, new)

    def _prove(self, sector: int, new: Trailer) -> None:
        block = blocks_of(sector)[-1]
        # Key A reads as zeros for everybody: that it opens the sector is the only proof of it.
        kept = self.read_block(block, ClassicKey(KeyLetter.A, new.key_a))
        if kept[6:10] != bytes(new)[6:10]:
            raise ChipError(_NOT_KEPT, block=block)
        # A key B that can be read is plain data and opens nothing, so that one is compared instead.
        if new.bits.trailer_rule.read_key_b is Allowed.NEVER:
            self._open(sector, ClassicKey(KeyLetter.B, new.key_b))
        elif kept[10:] != new.key_b:
            raise ChipError(_NOT_KEPT, block=block)


_BROKEN = N_("A sector of this card is damaged: its access bits contradict each other. It can never be used again.")
_FINAL = N_("Sector {sector} is not written: nobody could ever change its access again.")
_NOT_CHANGEABLE = N_("Sector {sector} of this card can't get other keys: its access bits don't let key {letter} do it.")
_NOT_KEPT = N_("The chip doesn't keep what is written (block {block}).")
