"""Commit and abort, value files, and the transaction MAC of EV2 (DESFire data sheets; AN12343)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from station.chip.virtual_card.body import NEVER, Body, Command, Draft, Reply, Transaction
from station.chip.virtual_card.ciphers import AES, CardKey, odd_bytes
from station.chip.virtual_card.memory import CardFile, Purse, Witness
from station.chip.virtual_card.messaging import Mode
from station.chip.virtual_card.status import BOUNDARY, DENIED, ILLEGAL, NO_CHANGES, PARAMETER, Refusal

_GET, _CREDIT, _DEBIT, _LIMITED, _READER = 0x6C, 0x0C, 0xDC, 0x1C, 0xC8
_READ, _WRITE, _BOTH = 12, 8, 4


def get_value(body: Body, wire: bytes) -> Reply:
    """6C: the value as it was committed last."""
    file, purse = _purse(body, wire)
    try:
        mode = body.access(file, _READ, _WRITE, _BOTH)
    except Refusal:
        if not purse.free_get:
            raise
        mode = Mode.PLAIN
    body.request(_GET, wire, mode, range(1, 2))
    data = purse.value.to_bytes(4, "little", signed=True)
    log(body, bytes((_GET, file.number)) + data + bytes(10))
    return body.answer(data, mode)


def change_value(ins: int, body: Body, wire: bytes) -> Reply:
    """0C, DC, 1C: more, less, or back what was taken in the last transaction, once."""
    file, purse = _purse(body, wire)
    if ins == _LIMITED and not purse.limited:
        raise Refusal(DENIED)
    mode = body.access(file, *{_CREDIT: (_BOTH,), _DEBIT: (_READ, _WRITE, _BOTH), _LIMITED: (_WRITE, _BOTH)}[ins])
    data = body.receive(ins, wire[:1], wire[1:], mode, 4)
    amount = int.from_bytes(data, "little", signed=True)
    if amount < 0:
        raise Refusal(PARAMETER)
    known = body.transaction.drafts.get(file.number)
    current = known.file.purse.value if known is not None and known.file.purse is not None else purse.value
    after = current - amount if ins == _DEBIT else current + amount
    used = known is not None and known.credit_used
    if not purse.lower <= after <= purse.upper or (ins == _LIMITED and (used or amount > purse.credit_left)):
        raise Refusal(BOUNDARY)
    _note(body.draft(file), after, amount if ins == _DEBIT else 0, limited=ins == _LIMITED)
    log(body, bytes((ins, file.number)) + data + bytes(10))
    return body.answer(b"", mode)


def _note(draft: Draft, value: int, debited: int, *, limited: bool) -> None:
    if draft.file.purse is not None:
        draft.file.purse.value = value
    draft.debited += debited
    draft.credit_used = draft.credit_used or limited


def _purse(body: Body, wire: bytes) -> tuple[CardFile, Purse]:
    file = body.file(wire[0])
    if file.purse is None:
        raise Refusal(DENIED)
    return file, file.purse


def commit(body: Body, data: bytes) -> Reply:
    """C7: what was written counts from here on; with option 1 the transaction MAC is in the answer."""
    if body.on_picc:
        raise Refusal(ILLEGAL)
    if data not in (b"", b"\x00", b"\x01"):
        raise Refusal(PARAMETER)
    file = _witness(body)
    if data == b"\x01" and file is None:
        raise Refusal(PARAMETER)
    if not body.transaction.drafts:
        raise Refusal(NO_CHANGES)
    if file is not None and file.rights >> _BOTH & 0xF != NEVER and not body.transaction.reader:
        raise Refusal(DENIED)  # the reader must be named first
    for number, draft in body.transaction.drafts.items():
        purse = draft.file.purse
        if purse is not None and (draft.debited or draft.credit_used):
            # LimitedCredit gives back at most what this transaction took, and once.
            purse.credit_left = draft.debited
        body.selected.files[number] = draft.file
    if body.iso_file is not None:
        body.iso_file = body.selected.files.get(body.iso_file.number)
    answer = b"" if file is None or file.witness is None else _testify(body, file.witness)
    body.transaction = Transaction()
    body.touch()
    return Reply((answer if data == b"\x01" else b"",))


def abort(body: Body, _: bytes) -> Reply:
    """A7: what was written since the last commit never was."""
    if body.on_picc:
        raise Refusal(ILLEGAL)
    if not body.transaction.drafts:
        raise Refusal(NO_CHANGES)
    body.transaction = Transaction()
    return Reply()


def log(body: Body, block: bytes, data: bytes = b"") -> None:
    """Have the transaction MAC cover a command: its 16 bytes, and its data filled up with zeros."""
    if _witness(body) is not None:
        body.transaction.log += block + data + bytes(-len(data) % 16)


def log_data(body: Body, ins: int, header: bytes, data: bytes) -> None:
    """Have the transaction MAC cover a command with file number, offset, length and data."""
    log(body, bytes((ins,)) + header + bytes(8), data)


def commit_reader(body: Body, wire: bytes) -> Reply:
    """C8 (EV2): name the reader, once in a transaction; the answer is the one before, enciphered."""
    if body.on_picc:
        raise Refusal(ILLEGAL)
    file = _witness(body)
    if file is None or file.witness is None or body.transaction.reader:
        raise Refusal(DENIED)
    body.access(file, _BOTH)
    mode = Mode.PLAIN if body.session is None else Mode.MACED
    reader = body.receive(_READER, b"", wire, mode, 16)
    # Under the number that this transaction has if it is committed.
    hidden = _session_key(body, file.witness, 0xA5, file.witness.counter + 1).encipher(file.witness.reader, bytes(16))
    body.transaction.reader = reader
    log(body, b"", bytes((_READER,)) + reader + hidden)
    return body.answer(hidden, mode)


def _witness(body: Body) -> CardFile | None:
    return next((file for file in body.selected.files.values() if file.witness is not None), None)


def _session_key(body: Body, witness: Witness, purpose: int, counter: int) -> CardKey:
    seed = bytes((purpose, 0x00, 0x01, 0x00, 0x80)) + counter.to_bytes(4, "little") + body.memory.uid
    return CardKey(AES, witness.key.cmac(seed))


def _testify(body: Body, witness: Witness) -> bytes:
    """Return counter and MAC of the transaction, and keep them in their file."""
    witness.counter += 1
    witness.reader = body.transaction.reader or witness.reader
    session = _session_key(body, witness, 0x5A, witness.counter)
    witness.value = odd_bytes(session.cmac(bytes(body.transaction.log)))
    return witness.counter.to_bytes(4, "little") + witness.value


def _change(ins: int) -> Callable[[Body, bytes], Reply]:
    return partial(change_value, ins)


_VALUE = range(5, 34)
EVERY = {
    _GET: Command(get_value, managed=False, lengths=range(1, 10)),
    _CREDIT: Command(_change(_CREDIT), managed=False, lengths=_VALUE),
    _DEBIT: Command(_change(_DEBIT), managed=False, lengths=_VALUE),
    _LIMITED: Command(_change(_LIMITED), managed=False, lengths=_VALUE),
    0xC7: Command(commit, lengths=range(2)),
    0xA7: Command(abort),
}
WITNESS = {_READER: Command(commit_reader, managed=False, lengths=range(16, 25))}
