"""What a PC/SC reader adds to a chip: the ATR that it makes up, and the UID that it tells itself (PC/SC part 3)."""

from __future__ import annotations

from dataclasses import dataclass

OK = 0x9000
END_OF_FILE = 0x6282
WRONG_LENGTH = 0x6700
INCOMPATIBLE = 0x6981
SECURITY = 0x6982
NOT_SUPPORTED = 0x6A81
NOT_FOUND = 0x6A82
WRONG_PARAMETER = 0x6A86
WRONG_OFFSET = 0x6B00
UNKNOWN_COMMAND = 0x6D00
UNKNOWN_CLASS = 0x6E00
FAILED = 0x6300

READER_CLASS = 0xFF
_GET_DATA = 0xCA
_STORAGE = bytes.fromhex("804F0CA000000306")
Answer = tuple[bytes, int]


def iso_atr(historical: bytes) -> bytes:
    """Return the ATR for a card that speaks ISO 14443-4: the historical bytes of its ATS (3.1.3.2.3.1)."""
    return _checked(bytes((0x3B, 0x80 | len(historical), 0x80, 0x01)) + historical)


def storage_atr(name: int, standard: int = 0x03) -> bytes:
    """Return the ATR for a memory card with this number in the list of names (3.1.3.2.3.2)."""
    return iso_atr(_STORAGE + bytes((standard,)) + name.to_bytes(2, "big") + bytes(4))


def _checked(atr: bytes) -> bytes:
    check = 0
    # TCK: everything from T0 on, XORed (ISO 7816-3, 8.2.5).
    for byte in atr[1:]:
        check ^= byte
    return atr + bytes((check,))


def ats_history(ats: bytes) -> bytes:
    """Return the historical bytes of an ATS (ISO 14443-4, 5.2)."""
    if len(ats) < 2:
        return b""
    return ats[2 + (ats[1] >> 4 & 7).bit_count() : ats[0]]


def get_data(apdu: bytes, uid: bytes, ats: bytes = b"") -> Answer:
    """Answer FF CA: the UID, or with P1 = 1 the ATS (3.2.2.1.3)."""
    if len(apdu) < 4 or apdu[1] != _GET_DATA or apdu[2] > 1 or apdu[3]:
        return b"", NOT_SUPPORTED
    data = ats if apdu[2] else uid
    if not data:
        return b"", NOT_SUPPORTED
    wanted = apdu[4] if len(apdu) > 4 else 0
    if 0 < wanted < len(data):
        return b"", 0x6C00 | len(data)
    return data, OK if wanted in (0, len(data)) else END_OF_FILE


@dataclass(frozen=True, slots=True)
class Apdu:
    """A command taken apart; ``longest`` is how much may come back."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    longest: int = 0

    @classmethod
    def parse(cls, raw: bytes) -> Apdu | None:
        """Return the command, short or extended (ISO 7816-4, 5.1); ``None`` when its lengths do not fit."""
        if len(raw) < 4:
            return None
        body = raw[4:]
        parts = (b"", 0) if not body else _extended(body[1:]) if len(body) > 1 and not body[0] else _short(body)
        return None if parts is None else cls(raw[0], raw[1], raw[2], raw[3], *parts)


def _short(body: bytes) -> tuple[bytes, int] | None:
    if len(body) == 1:
        return b"", body[0] or 256
    length, rest = body[0], body[1:]
    if len(rest) not in (length, length + 1):
        return None
    return rest[:length], (rest[length] if len(rest) > length else 0) or 256


def _extended(body: bytes) -> tuple[bytes, int] | None:
    if len(body) < 2:
        return None
    length, rest = int.from_bytes(body[:2], "big"), body[2:]
    if not rest:
        return b"", length or 65536
    if not length or len(rest) not in (length, length + 2):
        return None
    return rest[:length], int.from_bytes(rest[length:], "big") or 65536
