"""One native command of a DESFire, and how it is protected on its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from station.chip.desfire.model import CommMode


class Protection(Enum):
    """How a command and its answer are protected."""

    USUAL = "usual"
    """As the session does it for commands that have no choice: D40 not at all, EV1 as plain, EV2 with a MAC."""
    PLAIN = "plain"
    MACED = "maced"
    FULL = "full"
    SEALED = "sealed"
    """Enciphered like ``FULL``, but the data brings its own checksums (ChangeKey)."""


PROTECTION = {CommMode.PLAIN: Protection.PLAIN, CommMode.MACED: Protection.MACED, CommMode.FULL: Protection.FULL}


@dataclass(frozen=True, slots=True, repr=False)
class Native:
    """One native command: ``header`` travels in clear, ``data`` and the answer as ``mode`` says. Never shown."""

    ins: int
    header: bytes = b""
    data: bytes = b""
    mode: Protection = Protection.USUAL
    length: int | None = 0
    """How many bytes of protected data the answer has; ``None`` where only the card knows."""
    open_end: bool = False
    """The card can't tell the length of ``data`` by the header, so it is marked where it ends."""
    whole: bool = False
    """The card takes all of it at once: reader and card cut it by ISO 14443-4, not by frames of DESFire's own."""
    also_ok: int = 0
    """Another status that means success."""

    @property
    def reads(self) -> bool:
        """Say whether the answer has data that ``mode`` protects."""
        return self.length != 0

    def __repr__(self) -> str:
        return f"Native({self.ins:02X}, {len(self.header) + len(self.data)} bytes)"
