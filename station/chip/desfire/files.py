"""Commands about the files of the selected application."""

from __future__ import annotations

from dataclasses import dataclass

from station.chip.desfire.link import DesfireLink, Native
from station.chip.desfire.model import PROTECTION, AccessRights, CommMode, FileSettings
from station.domain.errors import N_, ChipError


@dataclass(frozen=True, slots=True)
class NewFile:
    """What CreateStdDataFile takes."""

    number: int
    size: int
    mode: CommMode
    rights: AccessRights
    iso_fid: int | None = None


def create_std_file(link: DesfireLink, new: NewFile) -> None:
    """Create a standard data file with its final access rights."""
    header = bytes((new.number,))
    if new.iso_fid is not None:
        header += new.iso_fid.to_bytes(2, "little")
    header += bytes((new.mode,)) + int(new.rights).to_bytes(2, "little") + new.size.to_bytes(3, "little")
    link.send(Native(0xCD, header))


def get_file_ids(link: DesfireLink) -> tuple[int, ...]:
    """Return the numbers of all files."""
    return tuple(link.send(Native(0x6F)))


def get_file_settings(link: DesfireLink, number: int) -> FileSettings:
    """Return kind, mode, rights and size of a file; the size is 0 for kinds that have none."""
    data = link.send(Native(0xF5, bytes((number,))))
    if len(data) < 7:
        raise ChipError(N_("The chip gave a senseless answer ({length} bytes)."), length=len(data))
    size = int.from_bytes(data[4:7], "little") if data[0] in (0, 1) else 0
    return FileSettings(data[0], data[1] & 0x03, AccessRights.parse(int.from_bytes(data[2:4], "little")), size)


def write_data(
    link: DesfireLink, number: int, data: bytes, mode: CommMode = CommMode.PLAIN, *, offset: int = 0
) -> None:
    """Write into a file; ``mode`` is how the data travels (plain where the right is free)."""
    header = bytes((number,)) + offset.to_bytes(3, "little") + len(data).to_bytes(3, "little")
    link.send(Native(0x3D, header, data, sent=PROTECTION[mode]))


def read_data(
    link: DesfireLink, number: int, length: int, mode: CommMode = CommMode.PLAIN, *, offset: int = 0
) -> bytes:
    """Return ``length`` bytes of a file; ``mode`` is how they travel (plain where the right is free).

    Raises:
        ChipError: the card gave more or fewer.
    """
    header = bytes((number,)) + offset.to_bytes(3, "little") + length.to_bytes(3, "little")
    data = link.send(Native(0xBD, header, received=PROTECTION[mode], length=length))
    if len(data) != length:
        raise ChipError(N_("The chip gave a senseless answer ({length} bytes)."), length=len(data))
    return data
