"""What a DESFire keeps without power: applications, keys, files of all kinds, and how much room they take."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from enum import IntEnum

from station.chip.virtual_card.ciphers import AES, KEY_BYTES, TDES, CardKey
from station.chip.virtual_card.models import EV1, LIGHT, Model, model

PICC_AID = bytes(3)
CAPACITY = model(EV1).capacity
# What an application costs is not published; this is near what real cards lose.
APPLICATION_COST = 160
FACTORY_SETTINGS = 0x0F
_BLOCK = 32


class FileKind(IntEnum):
    """The types of file, as GetFileSettings numbers them."""

    STANDARD = 0
    BACKUP = 1
    VALUE = 2
    LINEAR = 3
    CYCLIC = 4
    TRANSACTION_MAC = 5


@dataclass(slots=True)
class Purse:
    """What a value file holds besides its rights."""

    lower: int
    upper: int
    value: int
    limited: bool = False
    free_get: bool = False
    credit_left: int = 0
    """How much LimitedCredit may give back."""


@dataclass(slots=True)
class Records:
    """What a record file holds, the oldest record first."""

    size: int
    most: int
    entries: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Witness:
    """What a transaction MAC file holds besides its rights: the key, the counter, the last value."""

    key: CardKey
    counter: int = 0
    value: bytes = bytes(8)
    reader: bytes = bytes(16)
    """Which reader did the last transaction that had to name one."""


@dataclass(slots=True)
class CardFile:
    """A file; ``content`` is for standard and backup files, others have a part of their own."""

    number: int
    mode: int
    rights: int
    content: bytearray
    iso_fid: int | None = None
    kind: FileKind = FileKind.STANDARD
    purse: Purse | None = None
    records: Records | None = None
    witness: Witness | None = None

    @property
    def cost(self) -> int:
        """Return how much memory the file takes: whole blocks, twice where a second copy is kept."""
        if self.records is not None:
            return _blocks(self.records.size * self.records.most)
        if self.purse is not None or self.witness is not None:
            return _BLOCK
        return _blocks(len(self.content)) * (2 if self.kind is FileKind.BACKUP else 1)


def _blocks(length: int) -> int:
    return -(-length // _BLOCK) * _BLOCK


@dataclass(slots=True)
class KeySet:
    """A set of keys besides the active one (EV2); ``ready`` once it is finalised."""

    kind: str
    version: int
    keys: list[CardKey]
    ready: bool = False


@dataclass(slots=True)
class KeySets:
    """What an application with several key sets knows about them."""

    most: int
    biggest: int
    settings: int
    active_version: int
    others: dict[int, KeySet] = field(default_factory=dict)


@dataclass(slots=True)
class CardApplication:
    """An application; the card itself is one, too, with the id 000000."""

    aid: bytes
    settings: int
    kind: str
    keys: list[CardKey]
    iso_fid: int | None = None
    df_name: bytes = b""
    iso_files: bool = False
    files: dict[int, CardFile] = field(default_factory=dict)
    key_sets: KeySets | None = None

    @property
    def cost(self) -> int:
        """Return how much memory the application takes with its files."""
        sets = len(self.key_sets.others) if self.key_sets is not None else 0
        return APPLICATION_COST + _blocks(sets * len(self.keys) * 24) + sum(f.cost for f in self.files.values())


@dataclass(slots=True)
class CardMemory:
    """All of it."""

    uid: bytes
    picc: CardApplication
    applications: dict[bytes, CardApplication] = field(default_factory=dict)
    capacity: int = CAPACITY
    random_uid: bool = False
    default_key: CardKey = field(default_factory=lambda: CardKey(AES, bytes(24)))
    model: Model = field(default_factory=lambda: model(EV1))
    lost: int = 0
    """What deleted files and applications took, and what only formatting gives back."""
    format_disabled: bool = False
    ats: bytes = b""
    capabilities: bytes = bytes(6)
    extra_keys: dict[int, CardKey] = field(default_factory=dict)
    """Keys of the card since EV2: delegation 10 to 12, virtual card 20 and 21."""
    forbidden: int = 0
    """Ways to authenticate that SetConfiguration has switched off: 1 the first DESFire's, 2 EV1's."""

    @classmethod
    def blank(cls, uid: bytes, kind: Model | None = None) -> CardMemory:
        """Return a card as it comes from the factory: one DES key of zeros, and everybody may create applications.

        The Light has one application, made in the factory, and AES keys only.
        """
        if len(uid) != 7:
            raise ValueError("a DESFire's UID has 7 bytes")
        kind = kind or model(EV1)
        if kind.generation == LIGHT:
            return _light(uid, kind)
        picc = CardApplication(PICC_AID, FACTORY_SETTINGS, TDES, [CardKey(TDES, bytes(KEY_BYTES[TDES]))])
        return cls(uid, picc, capacity=kind.capacity, model=kind, extra_keys=_extra_keys(kind))

    @property
    def free(self) -> int:
        """Return how many bytes are left."""
        return self.capacity - self.lost - sum(app.cost for app in self.applications.values())

    def copy(self) -> CardMemory:
        """Return an independent copy."""
        return copy.deepcopy(self)


def _extra_keys(kind: Model) -> dict[int, CardKey]:
    zeros = CardKey(AES, bytes(16))
    return dict.fromkeys((0x10, 0x11, 0x12, 0x20, 0x21), zeros) if kind.second_generation else {}


# The one application of a Light, and its files: number, ISO id, rights, size (MF2DLHX0, 8.2.3).
LIGHT_AID = b"\x01\x00\x00"
_LIGHT_NAME = bytes.fromhex("A00000039656434103F015400000000B")
_LIGHT_FILES = ((0x00, 0xEF00, 0x1F20, 256), (0x04, 0xEF04, 0x1F20, 256), (0x1F, 0xEF1F, 0x1F30, 32))


def _light(uid: bytes, kind: Model) -> CardMemory:
    keys = [CardKey(AES, bytes(16)) for _ in range(5)]
    app = CardApplication(LIGHT_AID, 0x0B, AES, keys, 0xDF01, _LIGHT_NAME, iso_files=True)
    for number, fid, rights, size in _LIGHT_FILES:
        app.files[number] = CardFile(number, 3, rights, bytearray(size), fid)
    app.files[3] = CardFile(3, 3, 0x1230, bytearray(), None, FileKind.VALUE, purse=Purse(0, 0x7FFFFFFF, 0))
    app.files[1] = CardFile(1, 3, 0x1230, bytearray(), 0xEF01, FileKind.CYCLIC, records=Records(16, 5))
    memory = CardMemory(uid, CardApplication(PICC_AID, FACTORY_SETTINGS, AES, []), model=kind)
    memory.applications[app.aid] = app
    memory.capacity = app.cost
    return memory
