"""Commands and answers as ISO 7816-4 knows them, and the status words by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from station.domain.errors import N_, ChipError

Transmit = Callable[[bytes], bytes]
"""Send one command APDU, get the answer with its two status bytes."""

# The longest answer of a short command: 256 bytes and the status. Extended ones are never asked for.
LONGEST_ANSWER = 258


class SW(IntEnum):
    """Status words of ISO 7816-4, and the one under which a DESFire reports its own status."""

    OK = 0x9000
    DESFIRE_OK = 0x9100
    MORE_DATA = 0x6100
    END_OF_FILE = 0x6282
    WRONG_LENGTH = 0x6700
    NOT_VERIFIED = 0x6300
    SECURITY_STATUS = 0x6982
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_FILE = 0x6986
    WRONG_DATA = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    NO_ROOM = 0x6A84
    WRONG_P1_P2 = 0x6A86
    WRONG_OFFSET = 0x6B00
    WRONG_LE = 0x6C00
    INS_NOT_SUPPORTED = 0x6D00
    CLA_NOT_SUPPORTED = 0x6E00
    UNKNOWN = 0x6F00


class DesfireStatus(IntEnum):
    """Status bytes of a DESFire, as they follow 91 in an ISO-wrapped answer."""

    OK = 0x00
    NO_CHANGES = 0x0C
    OUT_OF_MEMORY = 0x0E
    ILLEGAL_COMMAND = 0x1C
    INTEGRITY_ERROR = 0x1E
    NO_SUCH_KEY = 0x40
    LENGTH_ERROR = 0x7E
    PERMISSION_DENIED = 0x9D
    PARAMETER_ERROR = 0x9E
    APPLICATION_NOT_FOUND = 0xA0
    APPLICATION_INTEGRITY_ERROR = 0xA1
    SIGNATURE = 0x90
    AUTHENTICATION_ERROR = 0xAE
    ADDITIONAL_FRAME = 0xAF
    BOUNDARY_ERROR = 0xBE
    CARD_INTEGRITY_ERROR = 0xC1
    COMMAND_ABORTED = 0xCA
    CARD_DISABLED = 0xCD
    COUNT_ERROR = 0xCE
    DUPLICATE = 0xDE
    MEMORY_ERROR = 0xEE
    FILE_NOT_FOUND = 0xF0
    FILE_INTEGRITY_ERROR = 0xF1


def status_name(sw: int) -> str:
    """Return a readable name for a status word, as ``permission denied (919D)``; never fails."""
    known: type[IntEnum] = SW
    value = sw
    if sw >> 8 == 0x91:
        known, value = DesfireStatus, sw & 0xFF
    elif sw >> 8 in (SW.MORE_DATA >> 8, SW.WRONG_LE >> 8):
        value = sw & 0xFF00
    try:
        name = known(value).name.replace("_", " ").lower()
    except ValueError:
        name = "unknown status"
    return f"{name} ({sw:04X})"


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """A short command APDU (ISO 7816-4); ``le`` is how many bytes are expected (256: any), ``None`` for no answer."""

    cla: int
    ins: int
    p1: int = 0
    p2: int = 0
    data: bytes = b""
    le: int | None = None

    def __bytes__(self) -> bytes:
        if len(self.data) > 255:
            raise ValueError("a short command carries at most 255 bytes")
        head = bytes((self.cla, self.ins, self.p1, self.p2))
        body = bytes((len(self.data),)) + self.data if self.data else b""
        # 256 is written as 00 (ISO 7816-4, 5.1, short Le).
        tail = b"" if self.le is None else bytes((self.le & 0xFF,))
        return head + body + tail


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """A card's answer: data and the 16-bit status word."""

    data: bytes
    sw: int

    @classmethod
    def parse(cls, raw: bytes) -> ResponseApdu:
        """Take an answer apart.

        Raises:
            ChipError: it is shorter than a status word, or longer than any short answer can be.
        """
        if not 2 <= len(raw) <= LONGEST_ANSWER:
            raise ChipError(N_("The chip gave a senseless answer ({length} bytes)."), length=len(raw))
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))

    @property
    def ok(self) -> bool:
        """Say whether the command was carried out."""
        return self.sw in (SW.OK, SW.DESFIRE_OK)
