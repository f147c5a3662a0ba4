"""Record files, linear and cyclic: written and cleared records count from the commit on (DESFire EV1 data sheet)."""

from __future__ import annotations

from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import SENSELESS, CommMode
from station.chip.desfire.native import PROTECTION, Native
from station.domain.errors import ChipError


def write_record(
    link: DesfireLink, number: int, data: bytes, mode: CommMode = CommMode.PLAIN, *, offset: int = 0
) -> None:
    """Write into the new record of this transaction, from ``offset`` in it on."""
    ins = 0x8B if link.iso_chaining else 0x3B
    link.send(
        Native(
            ins, bytes((number,)) + _three(offset) + _three(len(data)), data, PROTECTION[mode], whole=link.iso_chaining
        )
    )


def update_record(  # noqa: PLR0913 - which file, which record, what, and where in it
    link: DesfireLink, number: int, record: int, data: bytes, mode: CommMode = CommMode.PLAIN, *, offset: int = 0
) -> None:
    """Write into a record that is there; 0 is the newest (EV2 and later)."""
    ins = 0xBA if link.iso_chaining else 0xDB
    header = bytes((number,)) + _three(record) + _three(offset) + _three(len(data))
    link.send(Native(ins, header, data, PROTECTION[mode], whole=link.iso_chaining))


def read_records(  # noqa: PLR0913 - which file, how long its records are, which of them, and how they travel
    link: DesfireLink, number: int, size: int, mode: CommMode = CommMode.PLAIN, *, first: int = 0, count: int = 0
) -> tuple[bytes, ...]:
    """Return records of ``size`` bytes each, the oldest first.

    ``first`` counts back from the newest, which is 0; without a ``count`` it is all from there back to the oldest.

    Raises:
        ChipRefusedError: ``sw`` is 91BE where there are not so many, or none.
        ChipError: what came is not so many records.
    """
    ins = 0xAB if link.iso_chaining else 0xBB
    length = size * count or None
    data = link.send(
        Native(ins, bytes((number,)) + _three(first) + _three(count), mode=PROTECTION[mode], length=length)
    )
    if not data or len(data) % size or length not in (None, len(data)):
        raise ChipError(SENSELESS, length=len(data))
    return tuple(data[at : at + size] for at in range(0, len(data), size))


def clear_record_file(link: DesfireLink, number: int) -> None:
    """Remove all records; like everything else it counts from the commit on."""
    link.send(Native(0xEB, bytes((number,))))


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
