"""Native commands that read and write the data of standard and backup files (DESFire data sheets)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from station.chip.virtual_card.body import Body, Command, Reply
from station.chip.virtual_card.memory import CardFile, FileKind
from station.chip.virtual_card.messaging import Mode
from station.chip.virtual_card.status import BOUNDARY, DENIED, LENGTH, MORE, PARAMETER, Refusal
from station.chip.virtual_card.transactions import log, log_data

READ, WRITE, BOTH = 12, 8, 4
"""Where the rights of a file stand."""
_HEADER = 7
_CHUNKED_READ, _CHUNKED_WRITE = 0xBD, 0x3D
_WHOLE_READ, _WHOLE_WRITE = 0xAD, 0x8D


@dataclass(frozen=True, slots=True)
class Incoming:
    """A command that brings ``length`` bytes of data, maybe in several frames."""

    ins: int
    header: bytes
    mode: Mode
    length: int
    done: Callable[[bytes], None]
    some: Callable[[bytes], None] | None = None
    """What to do with the data that is there while the rest is still to come."""

    @property
    def chunked(self) -> bool:
        """Say whether further frames may follow; other commands come whole, cut and joined below this level."""
        return self.ins in (0x3B, 0x3D, 0xDB)


def collect(body: Body, write: Incoming, first: bytes) -> Reply:
    """Take the first frame; carry the command out when all are there."""
    session = body.session
    wanted = write.length if session is None else session.wire_length(write.length, write.mode)
    got = bytearray()

    def frame(piece: bytes) -> Reply:
        got.extend(piece)
        if len(got) > wanted or (len(got) < wanted and not write.chunked):
            raise Refusal(LENGTH)
        if len(got) < wanted:
            if write.some is not None:
                known = bytes(got) if session is None else session.so_far(bytes(got), write.mode)
                write.some(known[: write.length])
            body.awaited = frame
            return Reply(status=MORE)
        write.done(body.receive(write.ins, write.header, bytes(got), write.mode, write.length))
        return body.answer(b"", write.mode)

    return frame(first)


def whole(body: Body, ins: int, reply: Reply) -> Reply:
    """Return the answer in one piece where the command asks for that, in frames otherwise."""
    if ins in (0xAB, 0xAD) and len(reply.frames) > 1:
        data = b"".join(reply.frames)
        if len(data) > body.longest_answer:
            raise Refusal(LENGTH)
        return Reply((data,), reply.status)
    return reply


def number(data: bytes) -> int:
    """Return a number, low byte first."""
    return int.from_bytes(data, "little")


def read_data(ins: int, body: Body, wire: bytes) -> Reply:
    """BD, and AD since EV2: number, offset, length; length 0 means up to the end."""
    file = body.file(wire[0])
    if file.kind not in (FileKind.STANDARD, FileKind.BACKUP, FileKind.TRANSACTION_MAC):
        raise Refusal(DENIED)
    mode = body.access(file, READ, BOTH)
    params = body.request(ins, wire, mode, range(_HEADER, _HEADER + 1))
    content = _content(file)
    start, asked = number(params[1:4]), number(params[4:7])
    length = asked or len(content) - start
    if length <= 0 or start + length > len(content):
        raise Refusal(BOUNDARY)
    data = content[start : start + length]
    log_data(body, ins, params, data)
    return whole(body, ins, body.answer(data, mode, open_ended=not asked))


def _content(file: CardFile) -> bytes:
    if file.witness is not None:
        return file.witness.counter.to_bytes(4, "little") + file.witness.value
    return bytes(file.content)


def write_data(ins: int, body: Body, wire: bytes) -> Reply:
    """3D, and 8D since EV2: number, offset, length, then as many bytes as there are.

    A standard file has no safety net: data is stored as its frames come, and a card pulled in between holds a mixture
    of old and new. A backup file shows nothing of it before CommitTransaction.
    """
    file = body.file(wire[0])
    if file.kind not in (FileKind.STANDARD, FileKind.BACKUP):
        raise Refusal(DENIED)
    mode = body.access(file, WRITE, BOTH)
    header = wire[:_HEADER]
    start, length = number(header[1:4]), number(header[4:7])
    if not length or start + length > len(file.content):
        raise Refusal(BOUNDARY)
    backup = file.kind is FileKind.BACKUP

    def some(data: bytes) -> None:
        file.content[start : start + len(data)] = data
        body.touch()

    def done(data: bytes) -> None:
        if backup:
            body.draft(file).file.content[start : start + length] = data
        else:
            some(data)
        log_data(body, ins, header, data)

    return collect(body, Incoming(ins, header, mode, length, done, None if backup else some), wire[_HEADER:])


# --- record files -----------------------------------------------------------------------------------------------


def write_record(ins: int, body: Body, wire: bytes) -> Reply:
    """3B, and 8B since EV2: number, offset in the record, length, data: a new record, once in a transaction."""
    file = body.file(wire[0])
    records = file.records
    if records is None:
        raise Refusal(DENIED)
    mode = body.access(file, WRITE, BOTH)
    header = wire[:_HEADER]
    start, length = number(header[1:4]), number(header[4:7])
    if not length or start + length > records.size:
        raise Refusal(BOUNDARY)
    begun = body.transaction.drafts.get(file.number)
    if begun is not None and begun.cleared:
        raise Refusal(DENIED)
    full = file.kind is FileKind.LINEAR and len(records.entries) >= records.most
    if full and (begun is None or not begun.open_record):
        raise Refusal(BOUNDARY)

    def done(data: bytes) -> None:
        draft = body.draft(file)
        entries = draft.file.records.entries if draft.file.records is not None else []
        if not draft.open_record:
            draft.open_record = True
            entries.append(bytes(records.size))
            if file.kind is FileKind.CYCLIC:
                # One record is the spare that the transaction needs; the oldest gives way.
                del entries[: max(0, len(entries) - (records.most - 1))]
        entries[-1] = entries[-1][:start] + data + entries[-1][start + length :]
        log_data(body, ins, header, data)

    return collect(body, Incoming(ins, header, mode, length, done), wire[_HEADER:])


def update_record(ins: int, body: Body, wire: bytes) -> Reply:
    """DB and BA, since EV2: number, which record (0 is the newest), offset, length, data."""
    file = body.file(wire[0])
    records = file.records
    if records is None:
        raise Refusal(DENIED)
    mode = body.access(file, BOTH)
    header = wire[:10]
    which, start, length = (number(header[i : i + 3]) for i in (1, 4, 7))
    if not length or start + length > records.size or which >= len(records.entries):
        raise Refusal(BOUNDARY)

    def done(data: bytes) -> None:
        draft = body.draft(file)
        if draft.file.records is not None:
            entries = draft.file.records.entries
            old = entries[-1 - which]
            entries[-1 - which] = old[:start] + data + old[start + length :]
        # Eleven bytes of instruction and header, filled up to a block.
        log(body, bytes((ins,)) + header + bytes(5), data)

    return collect(body, Incoming(ins, header, mode, length, done), wire[10:])


def read_records(ins: int, body: Body, wire: bytes) -> Reply:
    """BB, and AB since EV2: number, how many of the newest to leave out, how many to read (0: all); oldest first."""
    file = body.file(wire[0])
    if file.records is None:
        raise Refusal(DENIED)
    mode = body.access(file, READ, BOTH)
    params = body.request(ins, wire, mode, range(_HEADER, _HEADER + 1))
    end, count = len(file.records.entries) - number(params[1:4]), number(params[4:7])
    if end <= 0 or count > end:
        raise Refusal(BOUNDARY)
    data = b"".join(file.records.entries[end - count if count else 0 : end])
    log_data(body, ins, params, data)
    return whole(body, ins, body.answer(data, mode, open_ended=not count))


def clear_records(body: Body, data: bytes) -> Reply:
    """EB: no record is left after CommitTransaction; nothing may be written before it."""
    file = body.file(data[0])
    if file.records is None:
        raise Refusal(DENIED)
    body.access(file, BOTH)
    draft = body.draft(file)
    if draft.open_record:
        raise Refusal(PARAMETER)
    if draft.file.records is not None:
        draft.file.records.entries.clear()
    draft.cleared = True
    log(body, b"\xeb" + data + bytes(14))
    return Reply()


def _command(act: Callable[[int, Body, bytes], Reply], ins: int, shortest: int) -> dict[int, Command]:
    return {ins: Command(partial(act, ins), managed=False, lengths=range(shortest, 0x10000))}


CHUNKED = {
    **_command(read_data, _CHUNKED_READ, _HEADER),
    **_command(write_data, _CHUNKED_WRITE, _HEADER),
    **_command(read_records, 0xBB, _HEADER),
    **_command(write_record, 0x3B, _HEADER),
}
EVERY = {0xEB: Command(clear_records, lengths=range(1, 2))}
WHOLE = {
    **_command(read_data, _WHOLE_READ, _HEADER),
    **_command(write_data, _WHOLE_WRITE, _HEADER),
    **_command(read_records, 0xAB, _HEADER),
    **_command(write_record, 0x8B, _HEADER),
    **_command(update_record, 0xBA, 10),
}
SECOND = _command(update_record, 0xDB, 10)
