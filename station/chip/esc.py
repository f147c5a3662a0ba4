"""The European Student Card on a chip: its number, read by anybody in two commands."""

from __future__ import annotations

from station.chip.apdu import DesfireStatus
from station.chip.desfire import applications, files
from station.chip.desfire.link import DesfireLink
from station.chip.profiles import ESC_AID
from station.domain.errors import ChipRefusedError, EscnError
from station.domain.escn import escn_from_bytes

ESCN_FILE = 0
ESCN_LENGTH = 16
# A file that is there but empty, closed or of another size is no card number, and no fault of the card either.
_NO_NUMBER = frozenset(
    0x9100 | status
    for status in (
        DesfireStatus.FILE_NOT_FOUND,
        DesfireStatus.AUTHENTICATION_ERROR,
        DesfireStatus.PERMISSION_DENIED,
        DesfireStatus.BOUNDARY_ERROR,
        DesfireStatus.PARAMETER_ERROR,
    )
)


def read_escn(link: DesfireLink) -> tuple[bool, str | None]:
    """Say whether the card has the ESC application, and return the number in it; two commands, no key."""
    if not applications.select(link, ESC_AID):
        return False, None
    return True, escn_on_chip(read_number(link))


def read_number(link: DesfireLink) -> bytes | None:
    """Return the 16 bytes of the selected ESC application's number file, ``None`` where they cannot be read freely."""
    try:
        return files.read_data(link, ESCN_FILE, ESCN_LENGTH)
    except ChipRefusedError as error:
        if error.sw in _NO_NUMBER:
            return None
        raise


def escn_on_chip(data: bytes | None) -> str | None:
    """Return the number that 16 bytes from a chip stand for, ``None`` when they are none (empty, or half written)."""
    if data is None or len(data) != ESCN_LENGTH or not any(data):
        return None
    try:
        return escn_from_bytes(data)
    except EscnError:
        return None
