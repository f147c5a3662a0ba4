"""What a card keeps without power, and its file on the disk."""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.chip.virtual_card.ciphers import AES, KEY_BYTES, TDES, CardKey
from station.domain.errors import N_, ChipError

PICC_AID = bytes(3)
FORMAT = 1
# The biggest EV1. What an application costs is not published; this is near what real cards lose.
CAPACITY = 7936
APPLICATION_COST = 160
_BLOCK = 32
FACTORY_SETTINGS = 0x0F


@dataclass(slots=True)
class CardFile:
    """A standard data file."""

    number: int
    mode: int
    rights: int
    content: bytearray
    iso_fid: int | None = None

    @property
    def cost(self) -> int:
        """Return how much memory the file takes."""
        return -(-len(self.content) // _BLOCK) * _BLOCK


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


@dataclass(slots=True)
class CardMemory:
    """All of it."""

    uid: bytes
    picc: CardApplication
    applications: dict[bytes, CardApplication] = field(default_factory=dict)
    capacity: int = CAPACITY
    random_uid: bool = False
    default_key: CardKey = field(default_factory=lambda: CardKey(AES, bytes(24)))

    @classmethod
    def blank(cls, uid: bytes) -> CardMemory:
        """Return a card as it comes from the factory: one DES key of zeros, and everybody may create applications."""
        return cls(uid, CardApplication(PICC_AID, FACTORY_SETTINGS, TDES, [CardKey(TDES, bytes(KEY_BYTES[TDES]))]))

    @property
    def free(self) -> int:
        """Return how many bytes are left."""
        used = sum(APPLICATION_COST + sum(f.cost for f in app.files.values()) for app in self.applications.values())
        return self.capacity - used

    def copy(self) -> CardMemory:
        """Return an independent copy."""
        return copy.deepcopy(self)

    def save(self, path: Path) -> None:
        """Write everything to ``path`` at once: whoever reads sees the old state or the new one, never half."""
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.write_text(json.dumps(_card_data(self), indent=1), encoding="utf-8")
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> CardMemory:
        """Read what ``save`` wrote.

        Raises:
            ChipError: the file is not one of a software card.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return _card(data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ChipError(_DAMAGED, _DELETE_IT, file=str(path), detail=str(error)) from error


def _card_data(card: CardMemory) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "uid": card.uid.hex(),
        "capacity": card.capacity,
        "random_uid": card.random_uid,
        "default_key": _key_data(card.default_key),
        "picc": _application_data(card.picc),
        "applications": [_application_data(app) for app in card.applications.values()],
    }


def _application_data(app: CardApplication) -> dict[str, Any]:
    return {
        "aid": app.aid.hex(),
        "settings": app.settings,
        "kind": app.kind,
        "keys": [_key_data(key) for key in app.keys],
        "iso_fid": app.iso_fid,
        "df_name": app.df_name.hex(),
        "iso_files": app.iso_files,
        "files": [
            {"number": f.number, "mode": f.mode, "rights": f.rights, "iso_fid": f.iso_fid, "content": f.content.hex()}
            for f in app.files.values()
        ],
    }


def _key_data(key: CardKey) -> dict[str, Any]:
    return {"kind": key.kind, "value": key.value.hex(), "version": key.version}


def _card(data: dict[str, Any]) -> CardMemory:
    if data["format"] != FORMAT:
        raise ValueError(f"format {data['format']}")
    apps = [_application(each) for each in data["applications"]]
    return CardMemory(
        bytes.fromhex(data["uid"]),
        _application(data["picc"]),
        {app.aid: app for app in apps},
        int(data["capacity"]),
        bool(data["random_uid"]),
        _key(data["default_key"]),
    )


def _application(data: dict[str, Any]) -> CardApplication:
    files = [
        CardFile(each["number"], each["mode"], each["rights"], bytearray.fromhex(each["content"]), each["iso_fid"])
        for each in data["files"]
    ]
    return CardApplication(
        bytes.fromhex(data["aid"]),
        int(data["settings"]),
        str(data["kind"]),
        [_key(each) for each in data["keys"]],
        data["iso_fid"],
        bytes.fromhex(data["df_name"]),
        bool(data["iso_files"]),
        {file.number: file for file in files},
    )


def _key(data: dict[str, Any]) -> CardKey:
    return CardKey(str(data["kind"]), bytes.fromhex(data["value"]), int(data["version"]))


_DAMAGED = N_("The software card's file {file} is damaged ({detail}).")
_DELETE_IT = N_("Delete the file: the demo makes a new card. No real card is concerned.")
