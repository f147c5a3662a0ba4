"""What the ATR says about a contactless card: the reader makes it up from what it saw (PC/SC part 3, 3.1.3.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Family(Enum):
    """What kind of card this is, as far as it matters for talking to it."""

    DESFIRE = "desfire"
    PLUS = "plus"
    CLASSIC = "classic"
    TYPE2 = "type2"
    """Ultralight and NTAG21x: pages without or with a password."""
    NTAG_DNA = "ntag-dna"
    ISO7816 = "iso7816"
    """Contactless, with applications by ISO 7816-4 and nothing else that we know."""
    TYPE_B = "type-b"
    FELICA = "felica"
    ICLASS = "iclass"
    VICINITY = "vicinity"
    """ISO 15693: tags of libraries and ski passes."""
    CONTACT = "contact"
    MEMORY = "memory"
    """Other memory cards that have a name."""
    UNKNOWN = "unknown"


# Memory cards are named by two bytes (PC/SC part 3, supplemental document, "storage card names"). Those above F000 are
# what readers of ACS say (ACR122U manual, 3.1).
_STORAGE = bytes.fromhex("804F0CA000000306")
_NAMES: dict[int, tuple[str, Family]] = {
    0x0001: ("MIFARE Classic 1K", Family.CLASSIC),
    0x0002: ("MIFARE Classic 4K", Family.CLASSIC),
    0x0003: ("MIFARE Ultralight or NTAG", Family.TYPE2),
    0x0012: ("Tag-it", Family.VICINITY),
    0x0014: ("ICODE SLI", Family.VICINITY),
    0x0016: ("I.CODE 1", Family.VICINITY),
    0x0017: ("HID iCLASS (PicoPass 2K)", Family.ICLASS),
    0x0018: ("HID iCLASS (PicoPass 2KS)", Family.ICLASS),
    0x0019: ("HID iCLASS (PicoPass 16K)", Family.ICLASS),
    0x001A: ("HID iCLASS (PicoPass 16KS)", Family.ICLASS),
    0x001B: ("HID iCLASS (PicoPass 16K, 8 x 2)", Family.ICLASS),
    0x001C: ("HID iCLASS (PicoPass 16KS, 8 x 2)", Family.ICLASS),
    0x001D: ("HID iCLASS (PicoPass 32KS, 16 + 16)", Family.ICLASS),
    0x001E: ("HID iCLASS (PicoPass 32KS, 16 + 8 x 2)", Family.ICLASS),
    0x001F: ("HID iCLASS (PicoPass 32KS, 8 x 2 + 16)", Family.ICLASS),
    0x0020: ("HID iCLASS (PicoPass 32KS, 8 x 2 + 8 x 2)", Family.ICLASS),
    0x0026: ("MIFARE Mini", Family.CLASSIC),
    0x002F: ("Jewel", Family.MEMORY),
    0x0030: ("Topaz", Family.MEMORY),
    0x0035: ("ICODE SLIX2", Family.VICINITY),
    0x0036: ("MIFARE Plus 2K SL1", Family.CLASSIC),
    0x0037: ("MIFARE Plus 4K SL1", Family.CLASSIC),
    0x0038: ("MIFARE Plus 2K SL2", Family.PLUS),
    0x0039: ("MIFARE Plus 4K SL2", Family.PLUS),
    0x003A: ("MIFARE Ultralight C", Family.TYPE2),
    0x003B: ("FeliCa", Family.FELICA),
    0x003D: ("MIFARE Ultralight EV1", Family.TYPE2),
    0xF004: ("Topaz", Family.MEMORY),
    0xF011: ("FeliCa 212K", Family.FELICA),
    0xF012: ("FeliCa 424K", Family.FELICA),
    # FF and the SAK (NXP AN10833), for cards without a name of their own.
    0xFF08: ("MIFARE Classic 1K", Family.CLASSIC),
    0xFF09: ("MIFARE Mini", Family.CLASSIC),
    0xFF18: ("MIFARE Classic 4K", Family.CLASSIC),
    0xFF88: ("MIFARE Classic 1K", Family.CLASSIC),
    0xFF10: ("MIFARE Plus 2K SL2", Family.PLUS),
    0xFF11: ("MIFARE Plus 4K SL2", Family.PLUS),
}
# The standard byte before the name, where the name itself says nothing.
_STANDARDS: dict[int, tuple[str, Family]] = {
    0x09: ("ISO 15693 card", Family.VICINITY),
    0x0A: ("ISO 15693 card", Family.VICINITY),
    0x0B: ("ISO 15693 card", Family.VICINITY),
    0x0C: ("ISO 15693 card", Family.VICINITY),
    0x11: ("FeliCa", Family.FELICA),
}
# The historical bytes of a MIFARE Plus in a security level that speaks ISO 14443-4 (NXP AN10833).
_PLUS = {
    "C1052F2F0035C7": "MIFARE Plus S (SL0 or SL3)",
    "C1052F2F01BCD6": "MIFARE Plus X (SL0 or SL3)",
    "C105213000F6D1": "MIFARE Plus SE (SL0 or SL3)",
    "C105213010F6D1": "MIFARE Plus SE (SL0 or SL3)",
    "C10521300077C1": "MIFARE Plus SE (SL0 or SL3)",
}
# TD1 and TD2, which offer T=0 and T=1: every reader makes them up for a card without contacts.
_CONTACTLESS = bytes.fromhex("8001")
_LARGEST_FRAME_CODE = 0x0C


@dataclass(frozen=True, slots=True)
class AtrFacts:
    """What an ATR says by itself; ``kind`` is empty where it says nothing."""

    kind: str = ""
    family: Family = Family.UNKNOWN
    contactless: bool = False
    memory_card: bool = False
    """Whether the card speaks to its reader only, and knows no APDU."""


def read_atr(atr: bytes) -> AtrFacts:
    """Return what ``atr`` says; never fails, whatever the bytes are."""
    at = atr.find(_STORAGE)
    if at >= 0 and len(atr) >= at + len(_STORAGE) + 3:
        return _memory_card(atr[at + len(_STORAGE) :])
    history = contactless_history(atr)
    if history is None:
        return AtrFacts()
    plus = _PLUS.get(history.hex().upper())
    if plus is not None:
        return AtrFacts(plus, Family.PLUS, contactless=True)
    if _is_type_b(history):
        return AtrFacts("ISO 14443-4 type B card", Family.TYPE_B, contactless=True)
    return AtrFacts(contactless=True)


def _memory_card(rest: bytes) -> AtrFacts:
    # One byte for the standard comes first, then the two of the name.
    number = int.from_bytes(rest[1:3], "big")
    kind, family = _NAMES.get(number) or _STANDARDS.get(rest[0]) or ("", Family.UNKNOWN)
    return AtrFacts(kind, family, contactless=True, memory_card=bool(kind))


def contactless_history(atr: bytes) -> bytes | None:
    """Return the historical bytes of a card that speaks ISO 14443-4, ``None`` for an ATR of another kind."""
    if len(atr) < 5 or atr[0] != 0x3B or atr[1] & 0xF0 != 0x80 or atr[2:4] != _CONTACTLESS:
        return None
    # The last byte is the checksum, TCK, which an ATR with T=1 must have (ISO 7816-3, 8.2.5).
    history = atr[4:-1]
    return history if len(history) == atr[1] & 0x0F else None


def _is_type_b(history: bytes) -> bool:
    """Say whether this is what a type B card says: application data, protocol information, MBLI (3.1.3.2.3.1)."""
    if len(history) != 8 or history[7] & 0x0F:
        return False
    frame, protocol, waiting = history[5] >> 4, history[5] & 0x0F, history[6] >> 4
    # ISO 14443-3, 7.9.4: bit 4 is 0, bit 1 says ISO 14443-4; the waiting time 15 is not used.
    return frame <= _LARGEST_FRAME_CODE and protocol & 0x09 == 0x01 and waiting < 0x0F
