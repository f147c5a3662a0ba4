"""What a DESFire tells about itself, as values: version, settings, access rights, communication modes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from station.domain.errors import N_, ChipError

PICC = bytes(3)
"""The application id that stands for the card itself."""
AES_KEYS = 0x80
ISO_IDS = 0x20


class CommMode(IntEnum):
    """How a file's data travels once a key is authenticated (DESFire EV1 data sheet, communication settings)."""

    PLAIN = 0x00
    MACED = 0x01
    FULL = 0x03


class Protection(Enum):
    """How one direction of one command is protected."""

    PLAIN = "plain"
    MACED = "maced"
    FULL = "full"
    SEALED = "sealed"
    """Enciphered like ``FULL``, but the data brings its own checksums (ChangeKey)."""


PROTECTION = {CommMode.PLAIN: Protection.PLAIN, CommMode.MACED: Protection.MACED, CommMode.FULL: Protection.FULL}


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
    """GetVersion: hardware and software, and the UID (zeros where the card hides it)."""

    vendor: int
    kind: int
    major: int
    minor: int
    storage: int
    uid: bytes

    @classmethod
    def parse(cls, data: bytes) -> Version:
        """Take the 28 bytes of GetVersion apart.

        Raises:
            ChipError: they are too few.
        """
        if len(data) < 28:
            raise ChipError(N_("The chip gave a senseless answer ({length} bytes)."), length=len(data))
        return cls(data[0], data[1], data[3], data[4], data[5], data[14:21])

    @property
    def is_desfire(self) -> bool:
        """Say whether this is a DESFire of NXP (vendor 4, type 1; 8 is the Light), not another NFC chip."""
        return self.vendor == 0x04 and self.kind & 0x0F in (0x01, 0x08)

    @property
    def generation(self) -> str:
        """Return ``EV1``, ``EV2``, ``EV3``, ``Light``, ``MF3ICD40`` or ``EV?``."""
        if self.kind & 0x0F == 0x08:
            return "Light"
        known = {0x00: "MF3ICD40", 0x01: "EV1", 0x12: "EV2", 0x22: "EV2 XL", 0x33: "EV3"}
        return known.get(self.major, "EV?")

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


@dataclass(frozen=True, slots=True)
class KeySettings:
    """GetKeySettings of the card or of an application."""

    settings: int
    keys: int
    aes: bool

    @property
    def free_creation(self) -> bool:
        """Say whether applications (files) may be created without the master key."""
        return bool(self.settings & 0x04)


@dataclass(frozen=True, slots=True)
class FileSettings:
    """GetFileSettings of a standard data file (type 0) or a backup file (1); other types keep their number."""

    kind: int
    mode: int
    rights: AccessRights
    size: int
