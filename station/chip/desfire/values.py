"""Value files: a number that is credited and debited, and counts from the commit on (DESFire EV1 data sheet)."""

from __future__ import annotations

from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import SENSELESS, CommMode
from station.chip.desfire.native import PROTECTION, Native
from station.domain.errors import ChipError

_LENGTH = 4


def get_value(link: DesfireLink, number: int, mode: CommMode = CommMode.PLAIN) -> int:
    """Return the value of a file, as it was at the last commit."""
    data = link.send(Native(0x6C, bytes((number,)), mode=PROTECTION[mode], length=_LENGTH))
    if len(data) != _LENGTH:
        raise ChipError(SENSELESS, length=len(data))
    return int.from_bytes(data, "little", signed=True)


def credit(link: DesfireLink, number: int, amount: int, mode: CommMode = CommMode.PLAIN) -> None:
    """Add to the value; needs the right to read and write.

    Raises:
        ChipRefusedError: ``sw`` is 91BE where the upper limit is passed.
    """
    _change(link, 0x0C, number, amount, mode)


def debit(link: DesfireLink, number: int, amount: int, mode: CommMode = CommMode.PLAIN) -> None:
    """Take from the value; the right to read is enough.

    Raises:
        ChipRefusedError: ``sw`` is 91BE where the lower limit is passed.
    """
    _change(link, 0xDC, number, amount, mode)


def limited_credit(link: DesfireLink, number: int, amount: int, mode: CommMode = CommMode.PLAIN) -> None:
    """Give back at most what the last transaction took; the right to write is enough."""
    _change(link, 0x1C, number, amount, mode)


def _change(link: DesfireLink, ins: int, number: int, amount: int, mode: CommMode) -> None:
    data = amount.to_bytes(_LENGTH, "little", signed=True)
    link.send(Native(ins, bytes((number,)), data, PROTECTION[mode]))
