"""The card with its power on: what is selected, who is authenticated, which command or transaction is half done."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from station.chip.virtual_card.ciphers import CardKey
from station.chip.virtual_card.memory import CardApplication, CardFile, CardMemory
from station.chip.virtual_card.messaging import CardSession, Mode
from station.chip.virtual_card.status import AUTHENTICATION, DENIED, ILLEGAL, LENGTH, NO_FILE, NO_KEY, Refusal

FREE = 0xE
NEVER = 0xF


@dataclass(frozen=True, slots=True)
class Reply:
    """Data in frames, and the status after the last of them."""

    frames: tuple[bytes, ...] = (b"",)
    status: int = 0


@dataclass(slots=True)
class Draft:
    """A file as it will be after CommitTransaction."""

    file: CardFile
    debited: int = 0
    credit_used: bool = False
    cleared: bool = False
    open_record: bool = False


@dataclass(slots=True)
class Transaction:
    """What CommitTransaction would make true. ``log`` is what the transaction MAC covers, ``reader`` who does it."""

    drafts: dict[int, Draft] = field(default_factory=dict)
    log: bytearray = field(default_factory=bytearray)
    reader: bytes = b""


class Body:
    """Memory and the volatile state around it."""

    def __init__(self, memory: CardMemory, random: Callable[[int], bytes]) -> None:
        self.memory = memory
        self.random = random
        self.selected: CardApplication = memory.picc
        self.session: CardSession | None = None
        self.iso_file: CardFile | None = None
        self.transaction = Transaction()
        self.changed = False
        # The next frame that the card waits for, and the frames that the host has not fetched yet.
        self.awaited: Callable[[bytes], Reply] | None = None
        self.waiting: list[bytes] = []
        # The most bytes that the answer to the present command may have (ISO 7816-4, Le).
        self.longest_answer = 256
        self.last_status = 0
        # The proximity check: the card's random bytes, and what was said so far.
        self.proximity = self.proximity_log = b""
        # Drawn at each power-up, and the same until the next one (ISO 14443-3, 6.5.4).
        self.shown_uid = b"\x08" + random(3) if memory.random_uid else memory.uid

    @property
    def on_picc(self) -> bool:
        """Say whether the card itself is selected."""
        return self.selected is self.memory.picc

    @property
    def key_no(self) -> int | None:
        """Return which key is authenticated."""
        return None if self.session is None else self.session.key_no

    def select(self, app: CardApplication) -> None:
        """Select an application; whoever was authenticated is no longer, and the transaction is over."""
        self.selected, self.session, self.iso_file = app, None, None
        self.transaction = Transaction()

    def key(self, number: int) -> CardKey:
        """Return a key of what is selected."""
        if self.on_picc and number in self.memory.extra_keys:
            return self.memory.extra_keys[number]
        if number >= len(self.selected.keys):
            raise Refusal(NO_KEY)
        return self.selected.keys[number]

    def file(self, number: int) -> CardFile:
        """Return a file of what is selected, as it was committed."""
        if self.on_picc:
            raise Refusal(ILLEGAL)
        if number not in self.selected.files:
            raise Refusal(NO_FILE)
        return self.selected.files[number]

    def draft(self, file: CardFile) -> Draft:
        """Return the file as the transaction has it, to be changed."""
        if file.number not in self.transaction.drafts:
            # Down to its bytes: until the commit the file itself must show nothing of it.
            self.transaction.drafts[file.number] = Draft(copy.deepcopy(file))
        return self.transaction.drafts[file.number]

    def need_key(self, number: int) -> None:
        """Refuse unless this key is authenticated."""
        if self.key_no != number:
            raise Refusal(AUTHENTICATION)

    def touch(self) -> None:
        """Note that memory has changed and must be kept."""
        self.changed = True

    # --- through the session, if there is one -------------------------------------------------------------------

    def request(self, ins: int, wire: bytes, mode: Mode, lengths: range) -> bytes:
        """Take a command without data of its own; raises Refusal."""
        data = wire if self.session is None else self.session.request(ins, wire, mode)
        if len(data) not in lengths:
            raise Refusal(LENGTH)
        return data

    def receive(self, ins: int, header: bytes, wire: bytes, mode: Mode, length: int) -> bytes:
        """Take a command with ``length`` bytes of data; raises Refusal."""
        wanted = length if self.session is None else self.session.wire_length(length, mode)
        if len(wire) != wanted:
            raise Refusal(LENGTH)
        return wire if self.session is None else self.session.receive(ins, header, wire, mode, length)

    def answer(
        self, data: bytes = b"", mode: Mode = Mode.MANAGED, status: int = 0, *, open_ended: bool = False
    ) -> Reply:
        """Return an answer as it travels."""
        if self.session is not None:
            data = self.session.answer(data, mode, status, open_ended=open_ended)
        return Reply(self.frames(data), status)

    def frames(self, data: bytes) -> tuple[bytes, ...]:
        """Return ``data`` in as many frames as it needs."""
        size = self.memory.model.answer_bytes
        return tuple(data[i : i + size] for i in range(0, len(data), size)) or (b"",)

    def protected(self, reply: Reply) -> Reply:
        """Add the session's MAC to a managed answer: it covers all frames together and travels in the last."""
        if self.session is None:
            return reply
        clear = b"".join(reply.frames)
        tail = self.session.answer(clear, Mode.MANAGED, reply.status)[len(clear) :]
        return Reply((*reply.frames[:-1], *self.frames(reply.frames[-1] + tail)), reply.status)

    def access(self, file: CardFile, *shifts: int) -> Mode:
        """Return the mode in which data travels, or refuse: by a key in the file's mode, freely in plain.

        ``shifts`` are the places of the rights that will do: 12 read, 8 write, 4 both.
        """
        rights = [file.rights >> shift & 0xF for shift in shifts]
        if self.key_no is not None and self.key_no in rights:
            # Bit 0 decides: 2 means plain, too.
            return Mode(file.mode) if file.mode & 1 else Mode.PLAIN
        if FREE in rights:
            return Mode.PLAIN
        raise Refusal(DENIED if all(right == NEVER for right in rights) else AUTHENTICATION)


@dataclass(frozen=True, slots=True)
class Command:
    """How a native command is carried out.

    ``act`` gets what follows the instruction byte. Of a ``managed`` command the session has taken off what it adds, and
    puts its MAC onto the answer; others do both themselves.
    """

    act: Callable[[Body, bytes], Reply]
    managed: bool = True
    lengths: range = field(default_factory=lambda: range(1))

    def run(self, body: Body, ins: int, wire: bytes) -> Reply:
        """Carry the command out; raises Refusal."""
        if body.session is not None:
            body.session.noted = False
        if self.managed:
            return body.protected(self.act(body, body.request(ins, wire, Mode.MANAGED, self.lengths)))
        if len(wire) not in self.lengths:
            raise Refusal(LENGTH)
        return self.act(body, wire)
