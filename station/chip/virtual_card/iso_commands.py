"""The ISO 7816-4 commands that a DESFire EV1 knows: SELECT and READ BINARY of what anybody may read."""

from __future__ import annotations

from station.chip.virtual_card.body import FREE, Body

_SELECT, _READ_BINARY, _GET_UID = 0xA4, 0xB0, 0xCA
_BY_FILE_ID, _BY_FILE_ID_BELOW, _BY_NAME = 0x00, 0x02, 0x04
_MASTER_FILE = 0x3F00
OK = 0x9000
WRONG_LENGTH = 0x6700
SECURITY = 0x6982
NO_CURRENT_FILE = 0x6986
NOT_FOUND = 0x6A82
WRONG_PARAMETER = 0x6A86
WRONG_OFFSET = 0x6B00
UNKNOWN_COMMAND = 0x6D00


def reader_command(body: Body, apdu: bytes) -> tuple[bytes, int]:
    """Answer what a real reader answers for the card: its UID (class FF)."""
    if apdu[1] == _GET_UID and apdu[2:4] == b"\x00\x00":
        return body.shown_uid, OK
    return b"", 0x6A81


def iso_command(body: Body, apdu: bytes) -> tuple[bytes, int]:
    """Answer a command of class 00."""
    if apdu[1] == _SELECT:
        return b"", _select(body, apdu[2], apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b"")
    if apdu[1] == _READ_BINARY:
        return _read_binary(body, apdu)
    return b"", UNKNOWN_COMMAND


def _select(body: Body, how: int, name: bytes) -> int:
    if how == _BY_NAME:
        return _select_by_name(body, name)
    if how not in (_BY_FILE_ID, _BY_FILE_ID_BELOW) or len(name) not in (0, 2):
        return WRONG_PARAMETER
    fid = int.from_bytes(name, "big") if name else _MASTER_FILE
    if fid == _MASTER_FILE and how == _BY_FILE_ID:
        body.select(body.memory.picc)
        return OK
    for file in body.selected.files.values():
        if file.iso_fid == fid:
            body.iso_file = file
            return OK
    for app in body.memory.applications.values():
        if app.iso_fid == fid and how == _BY_FILE_ID:
            body.select(app)
            return OK
    return NOT_FOUND


def _select_by_name(body: Body, name: bytes) -> int:
    for app in body.memory.applications.values():
        if name and app.df_name == name:
            body.select(app)
            return OK
    return NOT_FOUND


def _read_binary(body: Body, apdu: bytes) -> tuple[bytes, int]:
    if len(apdu) != 5:
        return b"", WRONG_LENGTH
    offset = apdu[2] << 8 | apdu[3]
    if apdu[2] & 0x80:
        # A short file id stands in the last five bits of the first parameter: the file's number.
        body.iso_file, offset = body.selected.files.get(apdu[2] & 0x1F), apdu[3]
    file = body.iso_file
    if file is None:
        return b"", NO_CURRENT_FILE
    if FREE not in (file.rights >> 12 & 0xF, file.rights >> 4 & 0xF):
        return b"", SECURITY
    if offset >= len(file.content):
        return b"", WRONG_OFFSET
    return bytes(file.content[offset : offset + (apdu[4] or 256)]), OK
