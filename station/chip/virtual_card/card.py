"""The software card: an APDU in, an answer out, power on and off, and the ways to be torn out of the field."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from station.chip.virtual_card.body import Body, Reply
from station.chip.virtual_card.file_commands import COMMANDS as FILE_COMMANDS
from station.chip.virtual_card.iso_commands import WRONG_LENGTH, iso_command, reader_command
from station.chip.virtual_card.key_commands import COMMANDS as KEY_COMMANDS
from station.chip.virtual_card.memory import CardMemory
from station.chip.virtual_card.picc_commands import COMMANDS as PICC_COMMANDS
from station.chip.virtual_card.status import ABORTED, AUTHENTICATION, ILLEGAL, MORE, OK, Refusal

ATR = bytes.fromhex("3B8180018080")
"""What PC/SC readers make of a DESFire's answer (PC/SC part 3, 3.1.3.2.3.1)."""

_NATIVE, _ISO, _READER = 0x90, 0x00, 0xFF
_CONTINUE = 0xAF
_NXP = 0x04
_COMMANDS = {**PICC_COMMANDS, **KEY_COMMANDS, **FILE_COMMANDS}


class Tear(Enum):
    """At which moment of a command the card loses its power."""

    BEFORE = "before"
    """The command never arrived."""
    DURING = "during"
    """Data of a standard file is stored in part; anything else is not done."""
    AFTER = "after"
    """Everything is done, but the answer is lost."""


class VirtualCard:
    """A DESFire EV1 with 8 KB. Safe to use from several threads, one command after the other."""

    def __init__(
        self, memory: CardMemory, *, path: Path | None = None, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._path = path
        self._random = random
        self._lock = threading.RLock()
        self._body = Body(memory, random)

    @classmethod
    def blank(cls, uid: bytes | None = None, *, path: Path | None = None) -> VirtualCard:
        """Return a card as it comes from the factory; ``uid`` has 7 bytes and begins with 04, or is drawn."""
        uid = uid if uid is not None else bytes((_NXP,)) + os.urandom(6)
        if len(uid) != 7:
            raise ValueError("a DESFire's UID has 7 bytes")
        card = cls(CardMemory.blank(uid), path=path)
        card.save()
        return card

    @classmethod
    def open(cls, path: Path) -> VirtualCard:
        """Return the card that is kept in ``path``; a new blank one if there is no such file.

        Raises:
            ChipError: the file is damaged.
        """
        return cls(CardMemory.load(path), path=path) if path.exists() else cls.blank(path=path)

    @property
    def atr(self) -> bytes:
        """Return the answer to reset."""
        return ATR

    @property
    def uid(self) -> bytes:
        """Return the real UID."""
        return self.memory.uid

    @property
    def memory(self) -> CardMemory:
        """Return what the card keeps; changing it from outside is for preparing tests."""
        return self._body.memory

    def save(self) -> None:
        """Keep the state in the card's file, if it has one."""
        if self._path is not None:
            self.memory.save(self._path)

    def reset(self) -> None:
        """Switch the power off and on: nothing is selected or authenticated, no command is half done."""
        with self._lock:
            self._body = Body(self.memory, self._random)

    def tear(self, apdu: bytes, how: Tear) -> None:
        """Take the power away around a command; there is no answer."""
        with self._lock:
            before = self.memory.copy()
            if how is not Tear.BEFORE:
                self.transmit(apdu)
            if how is Tear.DURING:
                self._body = Body(_half_done(before, self.memory), self._random)
            self.save()
            self.reset()

    def transmit(self, apdu: bytes) -> bytes:
        """Return the answer to any bytes whatever."""
        with self._lock:
            data, sw = self._answer(apdu)
            if self._body.changed:
                self._body.changed = False
                self.save()
            return data + sw.to_bytes(2, "big")

    def _answer(self, apdu: bytes) -> tuple[bytes, int]:
        if len(apdu) < 4:
            return b"", WRONG_LENGTH
        if apdu[0] == _READER:
            return reader_command(self._body, apdu)
        if apdu[0] == _ISO:
            return iso_command(self._body, apdu)
        if apdu[0] != _NATIVE:
            return b"", 0x6E00
        data = _wrapped_data(apdu)
        if data is None:
            return b"", WRONG_LENGTH
        frame, status = self._native(apdu[1], data)
        return frame, 0x9100 | status

    def _native(self, ins: int, data: bytes) -> tuple[bytes, int]:
        body = self._body
        if ins == _CONTINUE and body.waiting:
            return self._next_frame(OK)
        awaited, half_read = body.awaited, bool(body.waiting)
        body.awaited, body.waiting = None, []
        if ins != _CONTINUE and (awaited is not None or half_read):
            return b"", ABORTED
        try:
            if ins == _CONTINUE and awaited is not None:
                reply = awaited(data)
            elif ins in _COMMANDS:
                reply = _COMMANDS[ins].run(body, ins, data)
            else:
                raise Refusal(ILLEGAL)  # noqa: TRY301 - the one way to refuse
        except Refusal as refusal:
            if refusal.status == AUTHENTICATION:
                body.session = None
            return b"", refusal.status
        return self._first_frame(reply)

    def _first_frame(self, reply: Reply) -> tuple[bytes, int]:
        self._body.waiting = list(reply.frames)
        return self._next_frame(reply.status)

    def _next_frame(self, last_status: int) -> tuple[bytes, int]:
        frame = self._body.waiting.pop(0)
        return frame, MORE if self._body.waiting else last_status


def _wrapped_data(apdu: bytes) -> bytes | None:
    """Return the data of ``90 INS 00 00 [Lc data] 00``, ``None`` when the lengths do not fit."""
    if len(apdu) in (4, 5):
        return b""
    length = apdu[4]
    return apdu[5 : 5 + length] if len(apdu) in (5 + length, 6 + length) and length else None


def _half_done(before: CardMemory, after: CardMemory) -> CardMemory:
    """Return ``before`` with the first half of every change that ``after`` has in a standard file."""
    for aid, app in before.applications.items():
        files = after.applications[aid].files if aid in after.applications else {}
        for number, file in app.files.items():
            new = files[number].content if number in files else file.content
            changed = [i for i, (a, b) in enumerate(zip(file.content, new, strict=True)) if a != b]
            for index in changed[: (len(changed) + 1) // 2]:
                file.content[index] = new[index]
    return before
