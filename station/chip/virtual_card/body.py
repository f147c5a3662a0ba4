"""The card with its power on: what is selected, who is authenticated, which command is half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from station.chip.virtual_card.ciphers import CardKey
from station.chip.virtual_card.memory import CardApplication, CardFile, CardMemory
from station.chip.virtual_card.messaging import CardSession
from station.chip.virtual_card.status import AUTHENTICATION, ILLEGAL, LENGTH, NO_FILE, NO_KEY, Refusal

FREE = 0xE
NEVER = 0xF
FRAME = 59


@dataclass(frozen=True, slots=True)
class Reply:
    """Data in frames, and the status after the last of them."""

    frames: tuple[bytes, ...] = (b"",)
    status: int = 0

    @classmethod
    def of(cls, data: bytes) -> Reply:
        """Return ``data`` in as many frames as it needs."""
        return cls(tuple(data[i : i + FRAME] for i in range(0, len(data), FRAME)) or (b"",))


class Body:
    """Memory and the volatile state around it."""

    def __init__(self, memory: CardMemory, random: Callable[[int], bytes]) -> None:
        self.memory = memory
        self.random = random
        self.selected: CardApplication = memory.picc
        self.session: CardSession | None = None
        self.iso_file: CardFile | None = None
        self.changed = False
        # The next frame that the card waits for, and the frames that the host has not fetched yet.
        self.awaited: Callable[[bytes], Reply] | None = None
        self.waiting: list[bytes] = []
        self.shown_uid = b"\x08" + random(3) if memory.random_uid else memory.uid

    @property
    def on_picc(self) -> bool:
        """Say whether the card itself is selected."""
        return self.selected is self.memory.picc

    def select(self, app: CardApplication) -> None:
        """Select an application; whoever was authenticated is no longer."""
        self.selected, self.session, self.iso_file = app, None, None

    def key(self, number: int) -> CardKey:
        """Return a key of what is selected."""
        if number >= len(self.selected.keys):
            raise Refusal(NO_KEY)
        return self.selected.keys[number]

    def file(self, number: int) -> CardFile:
        """Return a file of what is selected."""
        if self.on_picc:
            raise Refusal(ILLEGAL)
        if number not in self.selected.files:
            raise Refusal(NO_FILE)
        return self.selected.files[number]

    @property
    def key_no(self) -> int | None:
        """Return which key is authenticated."""
        return None if self.session is None else self.session.key_no

    def need_key(self, number: int) -> CardSession:
        """Refuse unless this key is authenticated."""
        if self.session is None or self.session.key_no != number:
            raise Refusal(AUTHENTICATION)
        return self.session

    def touch(self) -> None:
        """Note that memory has changed and must be kept."""
        self.changed = True


@dataclass(frozen=True, slots=True)
class Command:
    """How a native command is carried out.

    ``act`` gets what follows the instruction byte. For a ``plain`` command the session takes note of it first and
    adds its MAC to the answer; others do that themselves.
    """

    act: Callable[[Body, bytes], Reply]
    plain: bool = True
    lengths: range = field(default_factory=lambda: range(1))

    def run(self, body: Body, ins: int, data: bytes) -> Reply:
        """Carry the command out; raises Refusal."""
        if self.plain and body.session is not None:
            body.session.take_plain(ins, data)
        if len(data) not in self.lengths:
            raise Refusal(LENGTH)
        reply = self.act(body, data)
        if not self.plain or body.session is None:
            return reply
        # The MAC covers all frames together and travels in the last.
        tail = body.session.give(b"".join(reply.frames))[-8:]
        last = reply.frames[-1] + tail
        rest = tuple(last[i : i + FRAME] for i in range(0, len(last), FRAME))
        return Reply((*reply.frames[:-1], *rest), reply.status)
