"""The file that a software card lives in: JSON, written at once.

Format 1 knew an EV1 with standard files only; it is still read. Format 2 names the chip.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from station.chip.virtual_card.ciphers import CardKey
from station.chip.virtual_card.memory import (
    CardApplication,
    CardFile,
    CardMemory,
    FileKind,
    KeySet,
    KeySets,
    Purse,
    Records,
    Witness,
)
from station.chip.virtual_card.models import EV1, model
from station.domain.errors import N_, ChipError

FORMAT = 2
DESFIRE = "desfire"
Data = dict[str, Any]
T = TypeVar("T")


def write(path: Path, data: Data) -> None:
    """Write everything to ``path`` at once: whoever reads sees the old state or the new one, never half."""
    # A name for each process: two may write the same card at the same moment.
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    # On one line: a card is written many times while it is encoded, and indenting takes four times as long.
    beside.write_text(json.dumps(data, separators=(",", ":")), encoding="ascii")
    beside.replace(path)


def read(path: Path, make: Callable[[Data], T]) -> T:
    """Return what ``make`` makes of the file's data.

    Raises:
        ChipError: the file is not one of a software card.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] not in (1, FORMAT):
            raise ValueError(f"format {data['format']}")  # noqa: TRY301 - damaged in the same sense
        return make(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChipError(_DAMAGED, _DELETE_IT, file=str(path), detail=str(error)) from error


def save(path: Path, memory: CardMemory) -> None:
    """Keep a DESFire's memory in ``path``."""
    write(path, desfire_data(memory))


def load(path: Path) -> CardMemory:
    """Return the memory of the DESFire that is kept in ``path``.

    Raises:
        ChipError: the file is not one of a software card.
    """
    return read(path, desfire_memory)


def chip_of(data: Data) -> str:
    """Return which chip the data is of."""
    return str(data.get("chip", DESFIRE))


def desfire_data(card: CardMemory) -> Data:
    """Return a DESFire's memory as what JSON can carry."""
    return {
        "format": FORMAT,
        "chip": DESFIRE,
        "model": card.model.generation,
        "kilobytes": card.model.kilobytes,
        "uid": card.uid.hex(),
        "capacity": card.capacity,
        "lost": card.lost,
        "random_uid": card.random_uid,
        "format_disabled": card.format_disabled,
        "ats": card.ats.hex(),
        "capabilities": card.capabilities.hex(),
        "forbidden": card.forbidden,
        "default_key": _key_data(card.default_key),
        "extra_keys": {str(number): _key_data(key) for number, key in card.extra_keys.items()},
        "picc": _application_data(card.picc),
        "applications": [_application_data(app) for app in card.applications.values()],
    }


def desfire_memory(data: Data) -> CardMemory:
    """Return the memory that the data describes; what format 1 did not know is as on a new card."""
    apps = [_application(each) for each in data["applications"]]
    memory = CardMemory(bytes.fromhex(data["uid"]), _application(data["picc"]))
    memory.applications = {app.aid: app for app in apps}
    memory.capacity = int(data["capacity"])
    memory.random_uid = bool(data["random_uid"])
    memory.default_key = _key(data["default_key"])
    memory.model = model(data.get("model", EV1), data.get("kilobytes"))
    memory.lost = int(data.get("lost", 0))
    memory.format_disabled = bool(data.get("format_disabled", False))
    memory.ats = bytes.fromhex(data.get("ats", ""))
    memory.capabilities = bytes.fromhex(data.get("capabilities", "00" * 6))
    memory.forbidden = int(data.get("forbidden", 0))
    memory.extra_keys = {int(number): _key(key) for number, key in data.get("extra_keys", {}).items()}
    return memory


def _application_data(app: CardApplication) -> Data:
    return {
        "aid": app.aid.hex(),
        "settings": app.settings,
        "kind": app.kind,
        "keys": [_key_data(key) for key in app.keys],
        "iso_fid": app.iso_fid,
        "df_name": app.df_name.hex(),
        "iso_files": app.iso_files,
        "files": [_file_data(file) for file in app.files.values()],
        "key_sets": None if app.key_sets is None else _key_sets_data(app.key_sets),
    }


def _file_data(file: CardFile) -> Data:
    records, witness = file.records, file.witness
    return {
        "number": file.number,
        "mode": file.mode,
        "rights": file.rights,
        "iso_fid": file.iso_fid,
        "content": file.content.hex(),
        "kind": int(file.kind),
        "purse": None if file.purse is None else asdict(file.purse),
        "records": None
        if records is None
        else {"size": records.size, "most": records.most, "entries": [entry.hex() for entry in records.entries]},
        "witness": None
        if witness is None
        else {
            "key": _key_data(witness.key),
            "counter": witness.counter,
            "value": witness.value.hex(),
            "reader": witness.reader.hex(),
        },
    }


def _key_sets_data(sets: KeySets) -> Data:
    return {
        "most": sets.most,
        "biggest": sets.biggest,
        "settings": sets.settings,
        "active_version": sets.active_version,
        "others": {
            str(number): {
                "kind": each.kind,
                "version": each.version,
                "ready": each.ready,
                "keys": [_key_data(key) for key in each.keys],
            }
            for number, each in sets.others.items()
        },
    }


def _key_data(key: CardKey) -> Data:
    return {"kind": key.kind, "value": key.value.hex(), "version": key.version}


def _application(data: Data) -> CardApplication:
    files = [_file(each) for each in data["files"]]
    sets = data.get("key_sets")
    return CardApplication(
        bytes.fromhex(data["aid"]),
        int(data["settings"]),
        str(data["kind"]),
        [_key(each) for each in data["keys"]],
        data["iso_fid"],
        bytes.fromhex(data["df_name"]),
        bool(data["iso_files"]),
        {file.number: file for file in files},
        None if sets is None else _key_sets(sets),
    )


def _file(data: Data) -> CardFile:
    purse, records, witness = data.get("purse"), data.get("records"), data.get("witness")
    return CardFile(
        data["number"],
        data["mode"],
        data["rights"],
        bytearray.fromhex(data["content"]),
        data["iso_fid"],
        FileKind(data.get("kind", 0)),
        None if purse is None else Purse(**purse),
        None if records is None else Records(records["size"], records["most"], _entries(records)),
        None if witness is None else _witness(witness),
    )


def _witness(data: Data) -> Witness:
    return Witness(_key(data["key"]), data["counter"], bytes.fromhex(data["value"]), bytes.fromhex(data["reader"]))


def _entries(records: Data) -> list[bytes]:
    return [bytes.fromhex(entry) for entry in records["entries"]]


def _key_sets(data: Data) -> KeySets:
    others = {
        int(number): KeySet(each["kind"], each["version"], [_key(key) for key in each["keys"]], each["ready"])
        for number, each in data["others"].items()
    }
    return KeySets(data["most"], data["biggest"], data["settings"], data["active_version"], others)


def _key(data: Data) -> CardKey:
    return CardKey(str(data["kind"]), bytes.fromhex(data["value"]), int(data["version"]))


_DAMAGED = N_("The software card's file {file} is damaged ({detail}).")
_DELETE_IT = N_("Delete the file: the demo makes a new card. No real card is concerned.")
