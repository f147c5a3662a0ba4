"""What a DESFire tells about itself, as values: version, settings, access rights, communication modes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

from station.domain.errors import N_, ChipError
from station.ports.secrets import KeyKind

SENSELESS = N_("The chip gave a senseless answer ({length} bytes).")

PICC = bytes(3)
"""The application id that stands for the card itself."""
ISO_IDS = 0x20
KEY_SETS = 0x10


class CommMode(IntEnum):
    """How a file's data travels once a key is authenticated (DESFire EV1 data sheet, communication settings)."""

    PLAIN = 0x00
    MACED = 0x01
    FULL = 0x03


class FileKind(IntEnum):
    """The kinds of files (DESFire EV1 data sheet; the last one: EV2 and later)."""

    STANDARD = 0x00
    BACKUP = 0x01
    VALUE = 0x02
    LINEAR = 0x03
    CYCLIC = 0x04
    TRANSACTION_MAC = 0x05


class Right(IntEnum):
    """Special values of an access right; 0 to 13 are key numbers."""

    FREE = 0x0E
    NEVER = 0x0F


@dataclass(frozen=True, slots=True)
class AccessRights:
    """Who may read, write, do both, and change the settings of a file; each a key number or a ``Right``."""

    read: int
    write: int
    read_write: int
    change: int

    @classmethod
    def parse(cls, value: int) -> AccessRights:
        """Take the 16-bit form apart: four nibbles, read first."""
        return cls(value >> 12 & 0xF, value >> 8 & 0xF, value >> 4 & 0xF, value & 0xF)

    def __int__(self) -> int:
        return self.read << 12 | self.write << 8 | self.read_write << 4 | self.change

    def __str__(self) -> str:
        return f"{int(self):04X}"


@dataclass(frozen=True, slots=True)
class Version:
    """GetVersion: hardware, software, the UID (zeros where the card hides it), the lot, and when it was made."""

    vendor: int
    kind: int
    major: int
    minor: int
    storage: int
    uid: bytes
    software: tuple[int, int] = (0, 0)
    batch: bytes = b""
    week: int = 0
    year: int = 0

    @classmethod
    def parse(cls, data: bytes) -> Version:
        """Take the 28 bytes of GetVersion apart.

        Raises:
            ChipError: they are too few.
        """
        if len(data) < 28:
            raise ChipError(SENSELESS, length=len(data))
        # Three frames in one: hardware (7 bytes), software (7), then UID, lot and date (14).
        made = data[26:28].hex()
        # Week and year are digits; a card that says otherwise says nothing of use.
        week, year = (int(made[:2]), 2000 + int(made[2:])) if made.isdecimal() else (0, 0)
        return cls(
            *(data[0], data[1], data[3], data[4], data[5], data[14:21]),
            software=(data[10], data[11]),
            batch=data[21:26],
            week=week,
            year=year,
        )

    @property
    def is_desfire(self) -> bool:
        """Say whether this is a DESFire of NXP (vendor 4, type 1; 8 is the Light), not another NFC chip."""
        return self.vendor == 0x04 and self.kind & 0x0F in (0x01, 0x08)

    @property
    def is_light(self) -> bool:
        """Say whether this is a DESFire Light, which has one application and no way to make more."""
        return self.kind & 0x0F == 0x08

    @property
    def generation(self) -> str:
        """Return ``EV1``, ``EV2``, ``EV3``, ``Light``, ``MF3ICD40`` or ``EV?``."""
        if self.is_light:
            return "Light"
        known = {0x00: "MF3ICD40", 0x01: "EV1", 0x12: "EV2", 0x22: "EV2 XL", 0x33: "EV3"}
        return known.get(self.major, "EV?")

    @property
    def has_ev2_channel(self) -> bool:
        """Say whether the card knows EV2 secure messaging: everything from the EV2 on, and the Light."""
        # By the version that the chip states: trying the command instead would cost a session on a card that lacks it.
        return self.is_light or self.major >= 0x12

    @property
    def has_long_frames(self) -> bool:
        """Say whether the card takes frames of 256 bytes (EV3); the reader must, too."""
        return not self.is_light and self.major >= 0x33

    @property
    def storage_bytes(self) -> int:
        """Return the size of the memory; an odd code means "between this and the next power of two"."""
        return int(2 ** (self.storage >> 1))

    @property
    def name(self) -> str:
        """Return what people call it, as ``DESFire EV1 8K``."""
        size = self.storage_bytes
        shown = f"{size // 1024}K" if size >= 1024 else f"{size} bytes"
        return f"DESFire {self.generation} {shown}"


class KeySettingBit(IntFlag):
    """What the settings of a master key allow (DESFire EV1 data sheet, PICC and application master key settings)."""

    MASTER_CHANGEABLE = 0x01
    FREE_LISTING = 0x02
    FREE_CREATION = 0x04
    SETTINGS_CHANGEABLE = 0x08


@dataclass(frozen=True, slots=True)
class KeySettings:
    """GetKeySettings of the card or of an application; ``key_sets`` is more than 1 on an EV2 and later only."""

    settings: int
    keys: int
    kind: KeyKind
    key_sets: int = 1

    @classmethod
    def parse(cls, data: bytes) -> KeySettings:
        """Take the answer of GetKeySettings apart.

        Raises:
            ChipError: it has a senseless length, or no known kind of key.
        """
        if len(data) not in (2, _WITH_KEY_SETS):
            raise ChipError(SENSELESS, length=len(data))
        kind = _KINDS.get(data[1] & 0xC0)
        if kind is None:
            raise ChipError(SENSELESS, length=len(data))
        # Third byte: whether there are key sets; then the version of the one in use, and how many there are.
        count = data[4] if len(data) == _WITH_KEY_SETS and data[2] & 0x01 else 1
        return cls(data[0], data[1] & 0x0F, kind, count)

    @property
    def aes(self) -> bool:
        """Say whether the keys are AES."""
        return self.kind is KeyKind.AES128

    @property
    def change_key(self) -> int:
        """Return which key changes the others: a number, 0xE for each key itself, 0xF for all frozen."""
        return self.settings >> 4

    @property
    def free_creation(self) -> bool:
        """Say whether applications (files) may be created without the master key."""
        return bool(self.settings & KeySettingBit.FREE_CREATION)


@dataclass(frozen=True, slots=True)
class ValueLimits:
    """What a value file allows; ``limited_credit`` is what may be given back, ``None`` where that is off."""

    lower: int
    upper: int
    limited_credit: int | None = None


@dataclass(frozen=True, slots=True)
class RecordLimits:
    """Of a record file: the size of one record in bytes, how many fit, and how many there are."""

    size: int
    capacity: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class FileSettings:
    """GetFileSettings; ``size`` is 0 for kinds that have none, ``values`` and ``records`` are there for their kinds."""

    kind: int
    mode: int
    rights: AccessRights
    size: int
    values: ValueLimits | None = None
    records: RecordLimits | None = None
    more_rights: tuple[AccessRights, ...] = ()
    """Further sets of rights, of which any one is enough (EV2 and later)."""

    @classmethod
    def parse(cls, data: bytes) -> FileSettings:
        """Take the answer of GetFileSettings apart.

        Raises:
            ChipError: it is too short for the kind of file that it says to be of.
        """
        if len(data) < 4:
            raise ChipError(SENSELESS, length=len(data))
        kind, mode, rights = data[0], data[1] & 0x03, AccessRights.parse(int.from_bytes(data[2:4], "little"))
        length = _SETTINGS_LENGTHS.get(kind, 0)
        rest = data[4:]
        if len(rest) < length:
            raise ChipError(SENSELESS, length=len(data))
        more = _more_rights(rest[length:]) if data[1] & _MORE_RIGHTS else ()
        if kind in (FileKind.STANDARD, FileKind.BACKUP):
            return cls(kind, mode, rights, int.from_bytes(rest[:3], "little"), more_rights=more)
        if kind == FileKind.VALUE:
            return cls(kind, mode, rights, 0, values=_value_limits(rest), more_rights=more)
        if kind in (FileKind.LINEAR, FileKind.CYCLIC):
            numbers = (int.from_bytes(rest[at : at + 3], "little") for at in (0, 3, 6))
            return cls(kind, mode, rights, 0, records=RecordLimits(*numbers), more_rights=more)
        return cls(kind, mode, rights, 0, more_rights=more)

    def mode_for(self, key: int | None, *, writing: bool) -> CommMode:
        """Return how data travels with ``key`` authenticated: as the file says, but plain where the right is free.

        A right that a key gives comes before one that is free (DESFire EV1 data sheet, access rights): the file's mode
        counts when ``key`` may read (write) or do both.
        """
        sets = (self.rights, *self.more_rights)
        if key is not None and any(key in (each.write if writing else each.read, each.read_write) for each in sets):
            return CommMode(self.mode if self.mode != _PLAIN_TOO else CommMode.PLAIN)
        return CommMode.PLAIN


def _value_limits(rest: bytes) -> ValueLimits:
    lower, upper, limited = (int.from_bytes(rest[at : at + 4], "little", signed=True) for at in (0, 4, 8))
    return ValueLimits(lower, upper, limited if rest[12] & 0x01 else None)


def _more_rights(data: bytes) -> tuple[AccessRights, ...]:
    count = data[0] if data else 0
    if len(data) < 1 + 2 * count:
        raise ChipError(SENSELESS, length=len(data))
    return tuple(AccessRights.parse(int.from_bytes(data[1 + 2 * i : 3 + 2 * i], "little")) for i in range(count))


_KINDS = {0x00: KeyKind.TDES2K, 0x40: KeyKind.TDES3K, 0x80: KeyKind.AES128}
_SETTINGS_LENGTHS: dict[int, int] = {
    FileKind.STANDARD: 3,
    FileKind.BACKUP: 3,
    FileKind.VALUE: 13,
    FileKind.LINEAR: 9,
    FileKind.CYCLIC: 9,
}
# Two settings bytes; with key sets: their switch, the version in use, how many, the longest key, and their settings.
_WITH_KEY_SETS = 7
_MORE_RIGHTS = 0x80
# Of two bits, 10 is plain as 00 is (DESFire EV1 data sheet, communication settings).
_PLAIN_TOO = 0x02
