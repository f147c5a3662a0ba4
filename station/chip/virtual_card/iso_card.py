"""Other cards: one with applications by ISO 7816-4 only, one that hides its UID, one that nobody knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from station.chip.virtual_card import store
from station.chip.virtual_card.card import VirtualCard, drawn_uid
from station.chip.virtual_card.reader import (
    END_OF_FILE,
    NOT_FOUND,
    OK,
    READER_CLASS,
    UNKNOWN_CLASS,
    UNKNOWN_COMMAND,
    WRONG_LENGTH,
    WRONG_OFFSET,
    WRONG_PARAMETER,
    Answer,
    Apdu,
    get_data,
    iso_atr,
)

_SELECT, _READ_BINARY = 0xA4, 0xB0
_BY_FILE_ID, _BY_FILE_ID_BELOW, _BY_NAME = 0x00, 0x02, 0x04
_NO_CURRENT_FILE = 0x6986
# Historical bytes as multi-application cards have them: no card service, capabilities, "all is well".
_HISTORY = bytes.fromhex("0073C84000009000")
# As identity cards of type A have them (ISO 7816-4, 8.1.1): service data, capabilities, "all is well".
_IDENTITY_HISTORY = bytes.fromhex("8031F873F741E0829000")


class VirtualIsoCard(VirtualCard):
    """A card whose applications and files are read by SELECT and READ BINARY, and cannot be written.

    ``applications`` has the files by id for each name. With ``random_id`` the reader sees another UID each time, four
    bytes that begin with 08 (ISO 14443-3, 6.5.4).
    """

    chip = "iso7816"

    def __init__(
        self,
        applications: Mapping[bytes, Mapping[int, bytes]],
        *,
        uid: bytes | None = None,
        random_id: bool = False,
        path: Path | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        super().__init__(path=path)
        self.applications = {name: dict(files) for name, files in applications.items()}
        self._uid = uid if uid is not None else drawn_uid()
        self._random_id = random_id
        self._random = random
        self._restart()

    @classmethod
    def restore(cls, data: store.Data, *, path: Path | None = None) -> VirtualIsoCard:
        """Return the card that ``snapshot`` described."""
        applications = {
            bytes.fromhex(name): {int(fid, 16): bytes.fromhex(content) for fid, content in files.items()}
            for name, files in data["applications"].items()
        }
        return cls(applications, uid=bytes.fromhex(data["uid"]), random_id=bool(data["random_id"]), path=path)

    def snapshot(self) -> dict[str, Any]:
        """Return everything that the card keeps without power."""
        return {
            "format": store.FORMAT,
            "chip": self.chip,
            "uid": self._uid.hex(),
            "random_id": self._random_id,
            "applications": {
                name.hex(): {f"{fid:04x}": content.hex() for fid, content in files.items()}
                for name, files in self.applications.items()
            },
        }

    @property
    def atr(self) -> bytes:
        """Return the ATR that a reader makes of the historical bytes."""
        return iso_atr(_IDENTITY_HISTORY if self._random_id else _HISTORY)

    @property
    def uid(self) -> bytes:
        """Return the real UID."""
        return self._uid

    def _restart(self) -> None:
        self._shown = b"\x08" + self._random(3) if self._random_id else self._uid
        self._selected: Mapping[int, bytes] = {}
        self._file: bytes | None = None

    def _take_changed(self) -> bool:
        return False

    def _respond(self, apdu: bytes) -> Answer:
        command = Apdu.parse(apdu)
        if command is None:
            return b"", WRONG_LENGTH
        if command.cla == READER_CLASS:
            return get_data(apdu, self._shown)
        if command.cla != 0x00:
            return b"", UNKNOWN_CLASS
        if command.ins == _SELECT:
            return self._select(command)
        if command.ins == _READ_BINARY:
            return self._read(command)
        return b"", UNKNOWN_COMMAND

    def _select(self, command: Apdu) -> Answer:
        if command.p1 == _BY_NAME:
            if command.data not in self.applications:
                return b"", NOT_FOUND
            self._selected, self._file = self.applications[command.data], None
            name = b"\x84" + bytes((len(command.data),)) + command.data
            return (b"" if command.p2 & 0x0C else b"\x6f" + bytes((len(name),)) + name), OK
        if command.p1 not in (_BY_FILE_ID, _BY_FILE_ID_BELOW) or len(command.data) != 2:
            return b"", WRONG_PARAMETER
        found = self._selected.get(int.from_bytes(command.data, "big"))
        if found is None:
            return b"", NOT_FOUND
        self._file = found
        return b"", OK

    def _read(self, command: Apdu) -> Answer:
        if command.data or not command.longest:
            return b"", WRONG_LENGTH
        offset = command.p1 << 8 | command.p2
        if self._file is None:
            return b"", _NO_CURRENT_FILE
        if command.p1 & 0x80:
            return b"", WRONG_PARAMETER  # short file ids are not given here
        if offset >= len(self._file):
            return b"", WRONG_OFFSET
        data = self._file[offset : offset + command.longest]
        # Le 00 asks for whatever there is; who names a number is told when there are fewer (ISO 7816-4, 6282).
        return data, OK if len(data) == command.longest or command.longest % 256 == 0 else END_OF_FILE


class VirtualUnknown(VirtualCard):
    """A card with an ATR of its own, a UID, and no answer to any question."""

    chip = "unknown"

    def __init__(self, atr: bytes, *, uid: bytes | None = None, path: Path | None = None) -> None:
        super().__init__(path=path)
        self._atr = atr
        self._uid = uid if uid is not None else drawn_uid()

    @classmethod
    def restore(cls, data: store.Data, *, path: Path | None = None) -> VirtualUnknown:
        """Return the card that ``snapshot`` described."""
        return cls(bytes.fromhex(data["atr"]), uid=bytes.fromhex(data["uid"]), path=path)

    def snapshot(self) -> dict[str, Any]:
        """Return everything that the card keeps without power."""
        return {"format": store.FORMAT, "chip": self.chip, "uid": self._uid.hex(), "atr": self._atr.hex()}

    @property
    def atr(self) -> bytes:
        """Return the ATR that it was given."""
        return self._atr

    @property
    def uid(self) -> bytes:
        """Return the UID; the reader has none to tell where it is empty."""
        return self._uid

    def _restart(self) -> None:
        """Forget nothing: there is nothing."""

    def _take_changed(self) -> bool:
        return False

    def _respond(self, apdu: bytes) -> Answer:
        if len(apdu) < 4:
            return b"", WRONG_LENGTH
        return get_data(apdu, self._uid) if apdu[0] == READER_CLASS else (b"", UNKNOWN_COMMAND)
