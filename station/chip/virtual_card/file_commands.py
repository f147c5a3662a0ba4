"""Native commands that make, list and change files (DESFire data sheets, application level)."""

from __future__ import annotations

from station.chip.virtual_card.body import FREE, NEVER, Body, Command, Reply
from station.chip.virtual_card.ciphers import AES, CardKey
from station.chip.virtual_card.memory import CardFile, FileKind, Purse, Records, Witness
from station.chip.virtual_card.messaging import Mode
from station.chip.virtual_card.status import (
    AUTHENTICATION,
    DENIED,
    DUPLICATE,
    ILLEGAL,
    LENGTH,
    NO_MEMORY,
    PARAMETER,
    Refusal,
)

_MOST_FILES = 32
_MODES = (0, 1, 2, 3)
_CHANGE, _CREATE_WITNESS = 0x5F, 0xCE


def create_standard(body: Body, data: bytes) -> Reply:
    """CD: number, ISO id where the application has them, mode, rights, size; the content is zeros."""
    file, size = _began(body, data, FileKind.STANDARD, 3)
    file.content = _content(body, file, size)
    return _finish(body, file)


def create_backup(body: Body, data: bytes) -> Reply:
    """CB: the same, with a second copy: what is written counts after CommitTransaction only."""
    file, size = _began(body, data, FileKind.BACKUP, 3)
    file.content = _content(body, file, size)
    return _finish(body, file)


def create_value(body: Body, data: bytes) -> Reply:
    """CC: number, mode, rights, limits, value, and whether LimitedCredit and GetValue are free."""
    file, rest = _began(body, data, FileKind.VALUE, 13)
    lower, upper, value = (signed(rest[i : i + 4]) for i in (0, 4, 8))
    if not lower <= value <= upper or rest[12] & ~0x03:
        raise Refusal(PARAMETER)
    file.purse = Purse(lower, upper, value, bool(rest[12] & 1), bool(rest[12] & 2))
    return _finish(body, file)


def create_linear(body: Body, data: bytes) -> Reply:
    """C1: number, ISO id, mode, rights, size of a record, most records."""
    return _create_records(body, data, FileKind.LINEAR)


def create_cyclic(body: Body, data: bytes) -> Reply:
    """C0: the same; one record is kept for the transaction, so that there must be two at least."""
    return _create_records(body, data, FileKind.CYCLIC)


def _create_records(body: Body, data: bytes, kind: FileKind) -> Reply:
    file, rest = _began(body, data, kind, 6)
    size, most = int.from_bytes(rest[:3], "little"), int.from_bytes(rest[3:], "little")
    if not size or most < (2 if kind is FileKind.CYCLIC else 1):
        raise Refusal(PARAMETER)
    file.records = Records(size, most)
    return _finish(body, file)


def create_witness(body: Body, wire: bytes) -> Reply:
    """CE (EV2): a transaction MAC file: number, mode, rights, kind of key; then the key and its version, enciphered."""
    header = wire[:5]
    if len(header) < 5:
        raise Refusal(LENGTH)
    _need_directory_key(body)
    body.need_key(0)
    made = CardFile(header[0], header[1], int.from_bytes(header[2:4], "little"), bytearray(), None)
    made.kind = FileKind.TRANSACTION_MAC
    taken = any(file.kind is FileKind.TRANSACTION_MAC for file in body.selected.files.values())
    if header[4] != 0x02 or made.number >= _MOST_FILES or made.mode not in _MODES:
        raise Refusal(PARAMETER)
    if taken or made.number in body.selected.files:
        raise Refusal(DUPLICATE)
    clear = body.receive(_CREATE_WITNESS, header, wire[5:], Mode.FULL, 17)
    made.witness = Witness(CardKey(AES, clear[:16], clear[16]))
    _finish(body, made)
    return body.answer()


def signed(data: bytes) -> int:
    """Return a number of four bytes, low one first, with its sign."""
    return int.from_bytes(data, "little", signed=True)


def _began(body: Body, data: bytes, kind: FileKind, more: int) -> tuple[CardFile, bytes]:
    """Return the new file without its content, and the ``more`` bytes that describe that."""
    _need_directory_key(body)
    app = body.selected
    with_iso = len(data) == 6 + more
    if len(data) != 4 + more and not with_iso:
        raise Refusal(LENGTH)
    if with_iso and (not app.iso_files or kind is FileKind.VALUE):
        raise Refusal(LENGTH)
    if app.iso_files and not with_iso and kind is not FileKind.VALUE:
        raise Refusal(PARAMETER)
    fid = int.from_bytes(data[1:3], "little") if with_iso else None
    rest = data[3:] if with_iso else data[1:]
    number, mode, rights = data[0], rest[0], int.from_bytes(rest[1:3], "little")
    if number >= _MOST_FILES or mode not in _MODES or not _rights_exist(body, rights):
        raise Refusal(PARAMETER)
    if number in app.files or (fid is not None and any(f.iso_fid == fid for f in app.files.values())):
        raise Refusal(DUPLICATE)
    return CardFile(number, mode, rights, bytearray(), fid, kind), rest[3:]


def _content(body: Body, file: CardFile, size: bytes) -> bytearray:
    length = int.from_bytes(size, "little")
    if not length:
        raise Refusal(PARAMETER)
    if length > body.memory.free:
        raise Refusal(NO_MEMORY)  # before anything that long is made
    return bytearray(length)


def _finish(body: Body, file: CardFile) -> Reply:
    if file.cost > body.memory.free:
        raise Refusal(NO_MEMORY)
    body.selected.files[file.number] = file
    body.touch()
    return Reply()


def delete_file(body: Body, data: bytes) -> Reply:
    """DF: the file is gone at once; its memory is not given back before the card is formatted."""
    _need_directory_key(body)
    file = body.file(data[0])
    del body.selected.files[data[0]]
    body.transaction.drafts.pop(data[0], None)
    body.memory.lost += file.cost
    if body.iso_file is file:
        body.iso_file = None
    body.touch()
    return Reply()


def file_ids(body: Body, _: bytes) -> Reply:
    """6F: the numbers of all files."""
    _need_listing_key(body)
    return Reply((bytes(body.selected.files),))


def iso_file_ids(body: Body, _: bytes) -> Reply:
    """61: the ISO ids of all files, low byte first."""
    _need_listing_key(body)
    ids = [f.iso_fid for f in body.selected.files.values() if f.iso_fid is not None]
    return Reply(body.frames(b"".join(fid.to_bytes(2, "little") for fid in ids)))


def file_settings(body: Body, data: bytes) -> Reply:
    """F5: kind, mode, rights, and what else the kind has."""
    _need_listing_key(body)
    file = body.file(data[0])
    return Reply((bytes((file.kind, file.mode)) + file.rights.to_bytes(2, "little") + _particulars(file),))


def _particulars(file: CardFile) -> bytes:
    if file.purse is not None:
        purse = file.purse
        flags = bytes((purse.limited | purse.free_get << 1,))
        numbers = (purse.lower, purse.upper, purse.credit_left)
        return b"".join(number.to_bytes(4, "little", signed=True) for number in numbers) + flags
    if file.records is not None:
        numbers = (file.records.size, file.records.most, len(file.records.entries))
        return b"".join(number.to_bytes(3, "little") for number in numbers)
    if file.witness is not None:
        return bytes((0x02, file.witness.key.version))
    return len(file.content).to_bytes(3, "little")


def change_file_settings(body: Body, wire: bytes) -> Reply:
    """5F: mode and rights, enciphered unless changing them is free."""
    file = body.file(wire[0])
    right = file.rights & 0xF
    if right == NEVER:
        raise Refusal(DENIED)
    if right != FREE:
        body.need_key(right)
    new = body.receive(_CHANGE, wire[:1], wire[1:], Mode.PLAIN if right == FREE else Mode.FULL, 3)
    rights = int.from_bytes(new[1:3], "little")
    if new[0] not in _MODES or not _rights_exist(body, rights):
        raise Refusal(PARAMETER)
    file.mode, file.rights = new[0], rights
    body.touch()
    return body.answer(b"", Mode.PLAIN if right == FREE else Mode.MANAGED)


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


EVERY = {
    0x6F: Command(file_ids),
    0x61: Command(iso_file_ids),
    0xF5: Command(file_settings, lengths=range(1, 2)),
    _CHANGE: Command(change_file_settings, managed=False, lengths=range(4, 42)),
}
CREATION = {
    0xCD: Command(create_standard, lengths=range(7, 10)),
    0xCB: Command(create_backup, lengths=range(7, 10)),
    0xCC: Command(create_value, lengths=range(17, 18)),
    0xC1: Command(create_linear, lengths=range(10, 13)),
    0xC0: Command(create_cyclic, lengths=range(10, 13)),
}
DELETION = {0xDF: Command(delete_file, lengths=range(1, 2))}
WITNESS = {_CREATE_WITNESS: Command(create_witness, managed=False, lengths=range(22, 60))}
