"""The ISO 7816-4 commands that a DESFire knows: SELECT, READ BINARY and UPDATE BINARY of what is free to anybody."""

from __future__ import annotations

from station.chip.virtual_card.body import FREE, Body, Transaction
from station.chip.virtual_card.memory import CardFile, FileKind
from station.chip.virtual_card.reader import (
    NOT_FOUND,
    OK,
    SECURITY,
    UNKNOWN_COMMAND,
    WRONG_LENGTH,
    WRONG_OFFSET,
    WRONG_PARAMETER,
    Answer,
    Apdu,
)

_SELECT, _READ_BINARY, _UPDATE_BINARY = 0xA4, 0xB0, 0xD6
_BY_FILE_ID, _BY_DIRECTORY_ID, _BY_FILE_ID_BELOW, _BY_NAME = 0x00, 0x01, 0x02, 0x04
_MASTER_FILE = 0x3F00
# NXP's registered name for the card itself.
_CARD_NAME = bytes.fromhex("D2760000850100")
NO_CURRENT_FILE = 0x6986


def iso_command(body: Body, apdu: Apdu) -> Answer:
    """Answer a command of class 00; whatever goes wrong ends the transaction."""
    commands = {_SELECT: _select, _READ_BINARY: _read_binary, _UPDATE_BINARY: _update_binary}
    if apdu.ins not in commands:
        return b"", UNKNOWN_COMMAND
    data, sw = commands[apdu.ins](body, apdu)
    if sw != OK:
        body.transaction = Transaction()
    return data, sw


def _select(body: Body, apdu: Apdu) -> Answer:
    if apdu.p1 == _BY_NAME:
        return b"", _select_by_name(body, apdu.data)
    if apdu.p1 not in (_BY_FILE_ID, _BY_DIRECTORY_ID, _BY_FILE_ID_BELOW) or len(apdu.data) not in (0, 2):
        return b"", WRONG_PARAMETER
    fid = int.from_bytes(apdu.data, "big") if apdu.data else _MASTER_FILE
    if fid == _MASTER_FILE and apdu.p1 == _BY_FILE_ID:
        body.select(body.memory.picc)
        return b"", OK
    if apdu.p1 != _BY_DIRECTORY_ID:
        for file in body.selected.files.values():
            if file.iso_fid == fid:
                body.iso_file = file
                return b"", OK
    for app in body.memory.applications.values():
        if app.iso_fid == fid and apdu.p1 != _BY_FILE_ID_BELOW:
            body.select(app)
            return b"", OK
    return b"", NOT_FOUND


def _select_by_name(body: Body, name: bytes) -> int:
    if name == _CARD_NAME:
        body.select(body.memory.picc)
        return OK
    for app in body.memory.applications.values():
        if name and app.df_name == name:
            body.select(app)
            return OK
    return NOT_FOUND


def _read_binary(body: Body, apdu: Apdu) -> Answer:
    if apdu.data or not apdu.longest:
        return b"", WRONG_LENGTH
    file, offset = _target(body, apdu)
    refusal = _refusal(file, 12)
    if file is None or refusal:
        return b"", refusal
    if offset >= len(file.content):
        return b"", WRONG_OFFSET
    return bytes(file.content[offset : offset + apdu.longest]), OK


def _update_binary(body: Body, apdu: Apdu) -> Answer:
    if not apdu.data:
        return b"", WRONG_LENGTH
    file, offset = _target(body, apdu)
    refusal = _refusal(file, 8)
    if file is None or refusal:
        return b"", refusal
    if offset + len(apdu.data) > len(file.content):
        return b"", WRONG_OFFSET
    target = body.draft(file).file if file.kind is FileKind.BACKUP else file
    target.content[offset : offset + len(apdu.data)] = apdu.data
    body.touch()
    return b"", OK


def _target(body: Body, apdu: Apdu) -> tuple[CardFile | None, int]:
    if apdu.p1 & 0x80:
        # A short file id stands in the last five bits of the first parameter: the file's number.
        body.iso_file = body.selected.files.get(apdu.p1 & 0x1F)
        return body.iso_file, apdu.p2
    return body.iso_file, apdu.p1 << 8 | apdu.p2


def _refusal(file: CardFile | None, shift: int) -> int:
    if file is None or file.kind not in (FileKind.STANDARD, FileKind.BACKUP):
        return NO_CURRENT_FILE
    return 0 if FREE in (file.rights >> shift & 0xF, file.rights >> 4 & 0xF) else SECURITY
