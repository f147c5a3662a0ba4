"""The DESFire in software: EV1, EV2, EV3 and Light."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.chip.virtual_card import store
from station.chip.virtual_card.body import Body, Reply, Transaction
from station.chip.virtual_card.card import VirtualCard, drawn_uid
from station.chip.virtual_card.commands import COMMANDS
from station.chip.virtual_card.data_commands import WHOLE
from station.chip.virtual_card.iso_commands import iso_command
from station.chip.virtual_card.memory import CardMemory, FileKind
from station.chip.virtual_card.models import EV1, model
from station.chip.virtual_card.reader import (
    READER_CLASS,
    UNKNOWN_CLASS,
    WRONG_LENGTH,
    Answer,
    Apdu,
    ats_history,
    get_data,
    iso_atr,
)
from station.chip.virtual_card.status import ABORTED, ENDS_SESSION, ILLEGAL, LENGTH, MORE, Refusal

_NATIVE, _ISO = 0x90, 0x00
_CONTINUE = 0xAF


class VirtualDesfire(VirtualCard):
    """A DESFire with this memory. ``random`` stands in for the card's random numbers, in tests."""

    chip = store.DESFIRE

    def __init__(
        self, memory: CardMemory, *, path: Path | None = None, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        super().__init__(path=path)
        self._random = random
        self._body = Body(memory, random)

    @classmethod
    def new(
        cls,
        generation: str = EV1,
        kilobytes: int | None = None,
        *,
        uid: bytes | None = None,
        random_id: bool = False,
        path: Path | None = None,
    ) -> VirtualDesfire:
        """Return a card as it comes from the factory: ``EV1``, ``EV2``, ``EV3`` or ``Light``, in a size that exists.

        ``uid`` has 7 bytes and begins with 04, or is drawn. With ``random_id`` readers see another UID each time.
        """
        memory = CardMemory.blank(uid if uid is not None else drawn_uid(), model(generation, kilobytes))
        memory.random_uid = random_id
        card = cls(memory, path=path)
        card.save()
        return card

    @classmethod
    def restore(cls, data: store.Data, *, path: Path | None = None) -> VirtualDesfire:
        """Return the card that ``snapshot`` described."""
        return cls(store.desfire_memory(data), path=path)

    def snapshot(self) -> dict[str, Any]:
        """Return everything that the card keeps without power."""
        return store.desfire_data(self.memory)

    @property
    def atr(self) -> bytes:
        """Return the answer to reset: the historical bytes of the ATS, which is one byte, 80, on a new card."""
        return iso_atr(ats_history(self._ats))

    @property
    def _ats(self) -> bytes:
        return self.memory.ats or self.memory.model.ats

    @property
    def uid(self) -> bytes:
        """Return the real UID."""
        return self.memory.uid

    @property
    def memory(self) -> CardMemory:
        """Return what the card keeps; changing it from outside is for preparing tests."""
        return self._body.memory

    def _restart(self) -> None:
        self._body = Body(self.memory, self._random)

    def _take_changed(self) -> bool:
        changed, self._body.changed = self._body.changed, False
        return changed

    def _respond_in_part(self, apdu: bytes) -> None:
        before = self.memory.copy()
        self._respond(apdu)
        self._body = Body(_half_done(before, self.memory), self._random)

    def _respond(self, apdu: bytes) -> Answer:
        command = Apdu.parse(apdu)
        if command is None:
            return b"", WRONG_LENGTH
        if command.cla == READER_CLASS:
            return get_data(apdu, self._body.shown_uid, self._ats)
        if command.cla == _ISO:
            return iso_command(self._body, command)
        if command.cla != _NATIVE:
            return b"", UNKNOWN_CLASS
        self._body.longest_answer = max(command.longest, 256)
        frame, status = self._native(command.ins, command.data)
        return frame, 0x9100 | status

    def _native(self, ins: int, data: bytes) -> tuple[bytes, int]:
        body = self._body
        if ins == _CONTINUE and body.waiting:
            return self._next_frame()
        awaited, half_read = body.awaited, bool(body.waiting)
        body.awaited, body.waiting = None, []
        try:
            # A chain of frames that another command breaks into is over (CA), and so is that command.
            if ins != _CONTINUE and (awaited is not None or half_read):
                raise Refusal(ABORTED)  # noqa: TRY301 - the one way to refuse
            reply = self._carry_out(ins, data) if awaited is None else awaited(self._fitting(ins, data))
        except Refusal as refusal:
            self._refused(refusal.status, ins, data)
            return b"", refusal.status
        body.waiting, body.last_status = list(reply.frames), reply.status
        return self._next_frame()

    def _carry_out(self, ins: int, data: bytes) -> Reply:
        command = COMMANDS[self.memory.model.generation].get(ins)
        if command is None:
            raise Refusal(ILLEGAL)
        return command.run(self._body, ins, self._fitting(ins, data))

    def _fitting(self, ins: int, data: bytes) -> bytes:
        if len(data) > self.memory.model.command_bytes and ins not in WHOLE:
            raise Refusal(LENGTH)
        return data

    def _refused(self, status: int, ins: int, data: bytes) -> None:
        body = self._body
        # Any error takes back what was not committed.
        body.transaction = Transaction()
        if status in ENDS_SESSION:
            body.session = None
        # A refused command counts as well: vector or counter move on, or the next MAC would not agree.
        elif body.session is not None and not body.session.noted:
            body.session.refuse(ins, data)

    def _next_frame(self) -> tuple[bytes, int]:
        frame = self._body.waiting.pop(0)
        return frame, MORE if self._body.waiting else self._body.last_status


def _half_done(before: CardMemory, after: CardMemory) -> CardMemory:
    """Return ``before`` with the first half of every change that ``after`` has in a standard file."""
    for aid, app in before.applications.items():
        files = after.applications[aid].files if aid in after.applications else {}
        for number, file in app.files.items():
            if number not in files or file.kind is not FileKind.STANDARD:
                continue
            new = files[number].content
            changed = [i for i, (a, b) in enumerate(zip(file.content, new, strict=False)) if a != b]
            for index in changed[: (len(changed) + 1) // 2]:
                file.content[index] = new[index]
    return before
