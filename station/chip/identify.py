"""Which chip is this: its UID, and what kind it is, as far as it says so itself."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.apdu import CommandApdu, ResponseApdu, Transmit
from station.chip.desfire import applications
from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import Version
from station.domain.errors import N_, ChipError

GET_UID = bytes(CommandApdu(0xFF, 0xCA, le=256))
"""Answered by the reader itself (PC/SC part 3, 3.2.2.1.3)."""

# ISO 14443-3: a UID of four bytes that begins with 08 was drawn at random when the card came into the field.
_RANDOM_UID_LENGTH = 4
_RANDOM_UID_FIRST = 0x08
_UID_LENGTHS = (4, 7, 8, 10)

# PC/SC part 3, 3.1.3.2.3.2: memory cards are named by two bytes in the ATR that the reader makes up for them. Those
# above F000 are what readers of ACS say (ACR122U manual, 3.1).
_STORAGE_ATR = bytes.fromhex("804F0CA000000306")
_STORAGE_NAMES = {
    0x0001: "MIFARE Classic 1K",
    0x0002: "MIFARE Classic 4K",
    0x0003: "MIFARE Ultralight or NTAG",
    0x0026: "MIFARE Mini",
    0x0036: "MIFARE Plus 2K SL1",
    0x0037: "MIFARE Plus 4K SL1",
    0x003A: "MIFARE Ultralight C",
    0x003B: "FeliCa",
    0xF004: "Topaz",
    0xF011: "FeliCa 212K",
    0xF012: "FeliCa 424K",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A chip: ``uid`` is empty where nothing tells it; ``version`` is there for a DESFire only."""

    uid: bytes
    kind: str
    version: Version | None = None

    @property
    def random_uid(self) -> bool:
        """Say whether the chip hides its UID behind a number that changes."""
        return len(self.uid) == _RANDOM_UID_LENGTH and self.uid[0] == _RANDOM_UID_FIRST

    @property
    def uid_text(self) -> str:
        """Return the UID in upper-case hex, as the record keeps it."""
        return self.uid.hex().upper()


def identify(transmit: Transmit, atr: bytes) -> Identity:
    """Ask a chip who it is; one that is unknown is called so, with its ATR.

    Raises:
        ChipError: reader and chip name different UIDs, which happens when two cards lie on one reader.
    """
    uid = _reader_uid(transmit)
    version = _version(transmit)
    if version is None:
        return Identity(uid, kind_by_atr(atr))
    if any(version.uid):
        # Some readers turn the bytes round; the chip's own word counts.
        if uid and uid not in (version.uid, version.uid[::-1]):
            raise ChipError(_TWO_CARDS, _ONE_CARD)
        uid = version.uid
    return Identity(uid, version.name, version)


def kind_by_atr(atr: bytes) -> str:
    """Return what the ATR says about a chip, or that it is unknown."""
    at = atr.find(_STORAGE_ATR)
    if at >= 0 and len(atr) >= at + len(_STORAGE_ATR) + 3:
        # One byte for the standard comes first, then the two of the name.
        number = int.from_bytes(atr[at + len(_STORAGE_ATR) + 1 : at + len(_STORAGE_ATR) + 3], "big")
        if number in _STORAGE_NAMES:
            return _STORAGE_NAMES[number]
    return f"unknown chip (ATR {atr.hex().upper() or 'empty'})"


def _reader_uid(transmit: Transmit) -> bytes:
    try:
        answer = ResponseApdu.parse(transmit(GET_UID))
    except ChipError:
        return b""
    return answer.data if answer.ok and len(answer.data) in _UID_LENGTHS else b""


def _version(transmit: Transmit) -> Version | None:
    try:
        version = applications.get_version(DesfireLink(transmit))
    except ChipError:
        return None  # a chip of another kind refuses the command in a way of its own
    return version if version.is_desfire else None


_TWO_CARDS = N_("The reader sees two cards at once.")
_ONE_CARD = N_("Leave one card on the reader, and take everything else away.")
