"""Files of the selected application: what there is, how they are made and removed, and plain data in and out of them.

Values and records have modules of their own, ``values`` and ``records``. What is written to a backup, value or record
file counts only from ``commit_transaction`` on; selecting, an error or a lost field take it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.desfire.link import DesfireLink
from station.chip.desfire.model import SENSELESS, AccessRights, CommMode, FileSettings, Right
from station.chip.desfire.native import PROTECTION, Native, Protection
from station.domain.errors import ChipError

# What one command with ISO chaining carries: with padding, header and MAC it still fits a short APDU both ways.
_PIECE = 224


@dataclass(frozen=True, slots=True)
class NewStdFile:
    """A standard data file: written at once, and half written where the card is pulled in the middle."""

    number: int
    size: int
    mode: CommMode
    rights: AccessRights
    iso_fid: int | None = None


@dataclass(frozen=True, slots=True)
class NewBackupFile:
    """A data file that changes as a whole, with the transaction; it takes twice its size."""

    number: int
    size: int
    mode: CommMode
    rights: AccessRights
    iso_fid: int | None = None


@dataclass(frozen=True, slots=True)
class NewValueFile:
    """A signed number of 32 bits between two limits."""

    number: int
    mode: CommMode
    rights: AccessRights
    lower: int
    upper: int
    value: int = 0
    limited_credit: bool = False
    free_get_value: bool = False
    """Whether everybody may ask for the value (EV1 and later)."""


@dataclass(frozen=True, slots=True)
class NewRecordFile:
    """Records of one size; a cyclic file forgets the oldest when it is full, and keeps one place for that."""

    number: int
    mode: CommMode
    rights: AccessRights
    record_size: int
    capacity: int
    cyclic: bool = False
    iso_fid: int | None = None


NewFile = NewStdFile | NewBackupFile | NewValueFile | NewRecordFile


def create_file(link: DesfireLink, new: NewFile) -> None:
    """Create a file with its final access rights (DESFire EV1 data sheet, CreateStdDataFile to CreateCyclicRecordFile).

    Raises:
        ChipRefusedError: ``sw`` is 91DE where there is one of that number, 910E without room.
    """
    match new:
        case NewStdFile():
            ins, sizes = 0xCD, new.size.to_bytes(3, "little")
        case NewBackupFile():
            ins, sizes = 0xCB, new.size.to_bytes(3, "little")
        case NewValueFile():
            ins, sizes = 0xCC, _value_part(new)
        case NewRecordFile():
            ins = 0xC0 if new.cyclic else 0xC1
            sizes = new.record_size.to_bytes(3, "little") + new.capacity.to_bytes(3, "little")
    # ISO 7816-4 has no command for a value, so such a file has no id there.
    iso_fid = None if isinstance(new, NewValueFile) else new.iso_fid
    header = bytes((new.number,)) + (b"" if iso_fid is None else iso_fid.to_bytes(2, "little"))
    link.send(Native(ins, header + bytes((new.mode,)) + int(new.rights).to_bytes(2, "little") + sizes))


def delete_file(link: DesfireLink, number: int) -> None:
    """Delete a file; its memory is free again only when the application goes, or by a format."""
    link.send(Native(0xDF, bytes((number,))))


def get_file_ids(link: DesfireLink) -> tuple[int, ...]:
    """Return the numbers of all files."""
    return tuple(link.send(Native(0x6F)))


def get_iso_file_ids(link: DesfireLink) -> tuple[int, ...]:
    """Return the ISO file ids of all files that have one, in no order that would tell which file."""
    data = link.send(Native(0x61))
    if len(data) % 2:
        raise ChipError(SENSELESS, length=len(data))
    return tuple(int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data), 2))


def get_file_settings(link: DesfireLink, number: int) -> FileSettings:
    """Return kind, mode, rights and size of a file."""
    return FileSettings.parse(link.send(Native(0xF5, bytes((number,)))))


def change_file_settings(
    link: DesfireLink, number: int, mode: CommMode, rights: AccessRights, *, before: FileSettings
) -> None:
    """Change how a file's data travels and who may do what; ``before`` is what GetFileSettings says now.

    Where everybody may change them the command travels plain, else enciphered (DESFire EV1 data sheet,
    ChangeFileSettings).
    """
    # The rights that are in force now decide, not those that are to come.
    free = before.rights.change == Right.FREE
    data = bytes((mode,)) + int(rights).to_bytes(2, "little")
    link.send(Native(0x5F, bytes((number,)), data, Protection.PLAIN if free else Protection.FULL))


def write_data(
    link: DesfireLink, number: int, data: bytes, mode: CommMode = CommMode.PLAIN, *, offset: int = 0
) -> None:
    """Write into a file; ``mode`` is how the data travels (plain where the right is free)."""
    ins, size = (0x8D, _PIECE) if link.iso_chaining else (0x3D, len(data))
    for at in range(0, len(data), size or 1):
        piece = data[at : at + size]
        link.send(
            Native(ins, _place(number, offset + at, len(piece)), piece, PROTECTION[mode], whole=link.iso_chaining)
        )


def read_data(
    link: DesfireLink, number: int, length: int, mode: CommMode = CommMode.PLAIN, *, offset: int = 0
) -> bytes:
    """Return ``length`` bytes of a file, 0 for all there are; ``mode`` is how they travel (plain where it is free).

    Raises:
        ChipError: the card gave more or fewer.
    """
    ins, size = (0xAD, _PIECE) if link.iso_chaining else (0xBD, length)
    # The card alone knows the length then: enciphered, it marks where the data ends.
    if not length:
        return link.send(Native(ins, _place(number, offset, 0), mode=PROTECTION[mode], length=None))
    whole = b""
    for at in range(0, length, size):
        part = min(size, length - at)
        data = link.send(Native(ins, _place(number, offset + at, part), mode=PROTECTION[mode], length=part))
        if len(data) != part:
            raise ChipError(SENSELESS, length=len(data))
        whole += data
    return whole


def commit_transaction(link: DesfireLink) -> None:
    """Make everything count that was written to backup, value and record files of the selected application.

    Raises:
        ChipRefusedError: ``sw`` is 910C where nothing was pending.
    """
    link.send(Native(0xC7))


def abort_transaction(link: DesfireLink) -> None:
    """Take back everything that was written to backup, value and record files and not committed."""
    link.send(Native(0xA7))


def _place(number: int, offset: int, length: int) -> bytes:
    return bytes((number,)) + offset.to_bytes(3, "little") + length.to_bytes(3, "little")


def _value_part(new: NewValueFile) -> bytes:
    numbers = b"".join(number.to_bytes(4, "little", signed=True) for number in (new.lower, new.upper, new.value))
    return numbers + bytes((new.limited_credit | new.free_get_value << 1,))
