"""Native commands about standard data files (DESFire EV1 data sheet, file and data level)."""

from __future__ import annotations

from station.chip.virtual_card.body import FREE, NEVER, Body, Command, Reply
from station.chip.virtual_card.memory import CardFile
from station.chip.virtual_card.status import (
    AUTHENTICATION,
    BOUNDARY,
    DENIED,
    DUPLICATE,
    ILLEGAL,
    LENGTH,
    MORE,
    NO_MEMORY,
    PARAMETER,
    Refusal,
)

_MOST_FILES = 32
_PLAIN, _MACED, _FULL = 0, 1, 3
_WRITE, _READ = 0x3D, 0xBD
_HEADER = 7


def create_file(body: Body, data: bytes) -> Reply:
    """CD: number, ISO id where the application has them, mode, rights, size; the content is zeros."""
    _need_directory_key(body)
    app = body.selected
    with_iso = len(data) == 9
    if len(data) == 8 or (with_iso and not app.iso_files):
        raise Refusal(LENGTH)
    if app.iso_files and not with_iso:
        raise Refusal(PARAMETER)
    number, rest = data[0], data[3:] if with_iso else data[1:]
    fid = int.from_bytes(data[1:3], "little") if with_iso else None
    mode, rights, size = rest[0], int.from_bytes(rest[1:3], "little"), int.from_bytes(rest[3:6], "little")
    if number >= _MOST_FILES or mode not in (_PLAIN, _MACED, _FULL) or not size or not _rights_exist(body, rights):
        raise Refusal(PARAMETER)
    if number in app.files or (fid is not None and any(f.iso_fid == fid for f in app.files.values())):
        raise Refusal(DUPLICATE)
    if size > body.memory.free:
        raise Refusal(NO_MEMORY)
    file = CardFile(number, mode, rights, bytearray(size), fid)
    if file.cost > body.memory.free:
        raise Refusal(NO_MEMORY)
    app.files[number] = file
    body.touch()
    return Reply()


def delete_file(body: Body, data: bytes) -> Reply:
    """DF: the memory of the file is not given back before the card is formatted; here it is."""
    _need_directory_key(body)
    body.file(data[0])
    del body.selected.files[data[0]]
    body.touch()
    return Reply()


def file_ids(body: Body, _: bytes) -> Reply:
    """6F: the numbers of all files."""
    _need_listing_key(body)
    return Reply.of(bytes(body.selected.files))


def iso_file_ids(body: Body, _: bytes) -> Reply:
    """61: the ISO ids of all files, low byte first."""
    _need_listing_key(body)
    ids = [f.iso_fid for f in body.selected.files.values() if f.iso_fid is not None]
    return Reply.of(b"".join(fid.to_bytes(2, "little") for fid in ids))


def file_settings(body: Body, data: bytes) -> Reply:
    """F5: kind, mode, rights, size."""
    _need_listing_key(body)
    file = body.file(data[0])
    return Reply.of(bytes([0, file.mode]) + file.rights.to_bytes(2, "little") + len(file.content).to_bytes(3, "little"))


def change_file_settings(body: Body, data: bytes) -> Reply:
    """5F: mode and rights, enciphered unless changing them is free."""
    file = body.file(data[0])
    right = file.rights & 0xF
    if right == NEVER:
        raise Refusal(DENIED)
    if right == FREE:
        if body.session is not None:
            body.session.take_plain(0x5F, data)
        new = data[1:]
    else:
        new = body.need_key(right).take_enciphered(0x5F, data[:1], data[1:], 3)
    if len(new) != 3:
        raise Refusal(LENGTH)
    rights = int.from_bytes(new[1:3], "little")
    if new[0] not in (_PLAIN, _MACED, _FULL) or not _rights_exist(body, rights):
        raise Refusal(PARAMETER)
    file.mode, file.rights = new[0], rights
    body.touch()
    return Reply.of(body.session.give(b"")) if body.session is not None else Reply()


def read_data(body: Body, data: bytes) -> Reply:
    """BD: number, offset, length; length 0 means up to the end."""
    file = body.file(data[0])
    mode = _access(body, file, read=True)
    start, length = _span(data)
    length = length or len(file.content) - start
    if start + length > len(file.content) or length <= 0:
        raise Refusal(BOUNDARY)
    content = bytes(file.content[start : start + length])
    if body.session is None:
        return Reply.of(content)
    body.session.take_plain(_READ, data)
    return Reply.of(body.session.give_enciphered(content) if mode == _FULL else body.session.give(content))


def write_data(body: Body, data: bytes) -> Reply:
    """3D: number, offset, length, then as many bytes as there are, over several frames.

    A standard file has no safety net: plain data is stored as each frame comes, and a card pulled in between holds a
    mixture of old and new. Data with a checksum is stored after it was checked.
    """
    file = body.file(data[0])
    mode = _access(body, file, read=False)
    start, length = _span(data)
    if not length or start + length > len(file.content):
        raise Refusal(BOUNDARY)
    if body.session is None or mode == _PLAIN:
        wire = length
    else:
        wire = length + 8 if mode == _MACED else body.session.sealed_length(length)
    got = bytearray()

    def frame(piece: bytes) -> Reply:
        got.extend(piece)
        if len(got) > wire:
            raise Refusal(LENGTH)
        if mode == _PLAIN:
            _store(body, file, start + len(got) - len(piece), piece)
        if len(got) < wire:
            body.awaited = frame
            return Reply(status=MORE)
        return _written(body, data[:_HEADER], bytes(got), mode)

    return frame(data[_HEADER:])


def _written(body: Body, header: bytes, got: bytes, mode: int) -> Reply:
    session = body.session
    if session is None:
        return Reply()
    file = body.file(header[0])
    start, length = _span(header)
    if mode == _PLAIN:
        session.take_plain(_WRITE, header + got)
    elif mode == _MACED:
        session.take_maced(_WRITE, header + got[:length], got[length:])
        _store(body, file, start, got[:length])
    else:
        _store(body, file, start, session.take_enciphered(_WRITE, header, got, length))
    return Reply.of(session.give(b""))


def _store(body: Body, file: CardFile, start: int, data: bytes) -> None:
    file.content[start : start + len(data)] = data
    body.touch()


def _span(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[1:4], "little"), int.from_bytes(data[4:7], "little")


def _access(body: Body, file: CardFile, *, read: bool) -> int:
    """Return the mode in which data travels, or refuse: by a key in the file's mode, freely in plain."""
    rights = ((file.rights >> 12 if read else file.rights >> 8) & 0xF, file.rights >> 4 & 0xF)
    if body.key_no is not None and body.key_no in rights:
        return file.mode
    if FREE in rights:
        return _PLAIN
    raise Refusal(DENIED if rights == (NEVER, NEVER) else AUTHENTICATION)


def _rights_exist(body: Body, rights: int) -> bool:
    nibbles = [rights >> shift & 0xF for shift in (0, 4, 8, 12)]
    return all(n in (FREE, NEVER) or n < len(body.selected.keys) for n in nibbles)


def _need_directory_key(body: Body) -> None:
    if body.on_picc:
        raise Refusal(ILLEGAL)
    if not body.selected.settings & 0x04 and body.key_no != 0:
        raise Refusal(AUTHENTICATION)


def _need_listing_key(body: Body) -> None:
    if body.on_picc:
        raise Refusal(ILLEGAL)
    if not body.selected.settings & 0x02 and body.key_no != 0:
        raise Refusal(AUTHENTICATION)


COMMANDS = {
    0xCD: Command(create_file, lengths=range(7, 10)),
    0xDF: Command(delete_file, lengths=range(1, 2)),
    0x6F: Command(file_ids),
    0x61: Command(iso_file_ids),
    0xF5: Command(file_settings, lengths=range(1, 2)),
    0x5F: Command(change_file_settings, plain=False, lengths=range(4, 18)),
    _READ: Command(read_data, plain=False, lengths=range(_HEADER, _HEADER + 1)),
    _WRITE: Command(write_data, plain=False, lengths=range(_HEADER, 60)),
}
