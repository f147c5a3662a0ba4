"""Memory cards through the reader's own commands (PC/SC part 3, 3.2.2.1): the reader speaks to the card in its tongue.

Not every reader has all of them, and each refuses in a way of its own; here it becomes one of four errors: wrong key,
closed, not there, or a reader that can't do it at all.
"""

from __future__ import annotations

from enum import IntEnum

from station.chip.apdu import CommandApdu, ResponseApdu, Transmit, status_name
from station.domain.errors import N_, ChipKeyError, ChipRefusedError, ReaderUnableError

CLA_READER = 0xFF
_LOAD_KEY, _AUTHENTICATE, _AUTHENTICATE_OLD, _READ, _UPDATE = 0x82, 0x86, 0x88, 0xB0, 0xD6
_NAMES = {_LOAD_KEY: "Load Keys", _AUTHENTICATE: "General Authenticate", _READ: "Read Binary", _UPDATE: "Update Binary"}
_IN_MEMORY_THAT_LASTS = 0x20


class ReaderSW(IntEnum):
    """Status words that readers give for their own commands (PC/SC part 3, tables 3-9 to 3-14)."""

    FAILED = 0x6300
    MEMORY_FAILURE = 0x6581
    INCOMPATIBLE = 0x6981
    SECURITY_STATUS = 0x6982
    NOT_AUTHENTICATED = 0x6983
    PLAIN_NOT_SUPPORTED = 0x6984
    NOT_ALLOWED = 0x6986
    LASTING_NOT_AVAILABLE = 0x6987
    KEY_NUMBER = 0x6988
    KEY_LENGTH = 0x6989
    NOT_SUPPORTED = 0x6A81
    NO_SUCH_ADDRESS = 0x6A82
    UNKNOWN_COMMAND = 0x6D00
    UNKNOWN_CLASS = 0x6E00


# 6800, 6400 and 6F00 are in none of those tables; readers give them all the same.
_UNABLE = frozenset((ReaderSW.NOT_SUPPORTED, ReaderSW.UNKNOWN_COMMAND, ReaderSW.UNKNOWN_CLASS, 0x6800))
_WRONG_KEY = frozenset((ReaderSW.FAILED, ReaderSW.SECURITY_STATUS, ReaderSW.NOT_AUTHENTICATED, 0x6400, 0x6F00))


class KeyLetter(IntEnum):
    """Which of a sector's two keys (MF1S50, authentication)."""

    A = 0x60
    B = 0x61


def read_binary(transmit: Transmit, address: int, length: int) -> bytes:
    """Return ``length`` bytes (at most 255) from a block or page on.

    Raises:
        ChipRefusedError: the card keeps it closed, or has no such address.
        ReaderUnableError: the reader has no such command.
    """
    command = CommandApdu(CLA_READER, _READ, address >> 8, address & 0xFF, le=length)
    answer = ResponseApdu.parse(transmit(bytes(command)))
    # A card of pages gives 16 bytes whatever is asked (NTAG21x, READ), and a reader may pass all of them on.
    if not answer.ok or len(answer.data) < length:
        raise refusal(_READ, answer.sw)
    return answer.data[:length]


def update_binary(transmit: Transmit, address: int, data: bytes) -> None:
    """Write whole blocks or pages; raises as ``read_binary``."""
    command = CommandApdu(CLA_READER, _UPDATE, address >> 8, address & 0xFF, data)
    answer = ResponseApdu.parse(transmit(bytes(command)))
    if not answer.ok:
        raise refusal(_UPDATE, answer.sw)


def load_key(transmit: Transmit, key: bytes, slot: int = 0) -> None:
    """Give the reader a key; in memory that forgets without power, where it has such.

    Raises:
        ReaderUnableError: the reader takes no keys.
        ChipRefusedError: it refuses this one.
    """
    answer = ResponseApdu.parse(transmit(bytes(CommandApdu(CLA_READER, _LOAD_KEY, 0x00, slot, key))))
    if not answer.ok:
        # Some HID Omnikey know only memory that lasts.
        command = CommandApdu(CLA_READER, _LOAD_KEY, _IN_MEMORY_THAT_LASTS, slot, key)
        again = ResponseApdu.parse(transmit(bytes(command)))
        # The first refusal is told: the second may be about the kind of memory only.
        if not again.ok:
            raise refusal(_LOAD_KEY, answer.sw)


def authenticate(transmit: Transmit, address: int, letter: KeyLetter, slot: int = 0) -> None:
    """Have the reader prove to the card that it knows the key in ``slot``, for the sector of a block.

    Raises:
        ChipKeyError: the card has another key there.
        ReaderUnableError: the reader can't.
    """
    # 01 is the version of this structure (PC/SC part 3, General Authenticate).
    data = bytes((0x01, address >> 8, address & 0xFF, letter, slot))
    answer = ResponseApdu.parse(transmit(bytes(CommandApdu(CLA_READER, _AUTHENTICATE, data=data))))
    if answer.sw in _UNABLE:
        # PC/SC before 2.01 had the block in the head, and no length.
        old = bytes((CLA_READER, _AUTHENTICATE_OLD, address >> 8, address & 0xFF, letter, slot))
        answer = ResponseApdu.parse(transmit(old))
    if answer.sw in _WRONG_KEY:
        raise ChipKeyError(_WRONG, _WRONG_TODO, sw=f"{answer.sw:04X}", letter=letter.name, address=address)
    if not answer.ok:
        raise refusal(_AUTHENTICATE, answer.sw)


def refusal(ins: int, sw: int) -> ChipRefusedError | ReaderUnableError:
    """Return the error for a status word of the reader's own commands."""
    if sw in _UNABLE:
        return ReaderUnableError(command=_NAMES[ins], sw=f"{sw:04X}")
    try:
        shown = f"{ReaderSW(sw).name.replace('_', ' ').lower()} ({sw:04X})"
    except ValueError:
        shown = status_name(sw)
    return ChipRefusedError(sw=sw, command=_NAMES[ins], detail=shown)


_WRONG = N_("The card doesn't accept key {letter} for block {address}.")
_WRONG_TODO = N_("Take a card from the right stock, or ask IT which keys these cards have. Nothing was written.")
