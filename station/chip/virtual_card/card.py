"""Any card in software: an APDU in, an answer out, power on and off, and the ways to be torn out of the field."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar

from station.chip.virtual_card import store
from station.domain.errors import CardRemovedError

_NXP = 0x04


class Tear(Enum):
    """At which moment of a command the card loses its power."""

    BEFORE = "before"
    """The command never arrived."""
    DURING = "during"
    """Data of a standard file is stored in part; anything else is not done."""
    AFTER = "after"
    """Everything is done, but the answer is lost."""


class VirtualCard(ABC):
    """A card of whatever kind. Safe to use from several threads, one command after the other."""

    chip: ClassVar[str]
    """What the card's file calls the kind."""

    def __init__(self, *, path: Path | None = None) -> None:
        self._path = path
        # Reentrant, for an exchange that tears the card holds it already.
        self._lock = threading.RLock()
        self._until_torn: int | None = None
        self._torn_how = Tear.BEFORE
        self._in_field = True

    @classmethod
    @abstractmethod
    def restore(cls, data: store.Data, *, path: Path | None = None) -> VirtualCard:
        """Return the card that ``snapshot`` described."""

    @abstractmethod
    def snapshot(self) -> dict[str, Any]:
        """Return everything that the card keeps without power, as what JSON can carry."""

    @property
    @abstractmethod
    def atr(self) -> bytes:
        """Return the answer to reset, as a PC/SC reader makes it up."""

    @property
    @abstractmethod
    def uid(self) -> bytes:
        """Return the real UID."""

    def save(self) -> None:
        """Keep the state in the card's file, if it has one."""
        if self._path is not None:
            store.write(self._path, self.snapshot())

    def reset(self) -> None:
        """Switch the power off and on, or bring the card back into the field: nothing volatile is left."""
        with self._lock:
            self._in_field = True
            self._restart()

    def power_off(self) -> None:
        """Take the power away, until ``reset``."""
        with self._lock:
            self._restart()
            self._in_field = False

    def tear_after(self, apdus: int, how: Tear = Tear.BEFORE) -> None:
        """Lose the field at the APDU that follows the next ``apdus``; once."""
        with self._lock:
            self._until_torn, self._torn_how = apdus, how

    def tear(self, apdu: bytes, how: Tear) -> None:
        """Take the power away around a command; there is no answer."""
        with self._lock:
            if how is Tear.AFTER:
                self._respond(apdu)
            elif how is Tear.DURING:
                self._respond_in_part(apdu)
            # The power goes before anything is kept: a torn command leaves memory, and nothing volatile.
            self._restart()
            self.save()

    def transmit(self, apdu: bytes) -> bytes:
        """Return the answer to any bytes whatever.

        Raises:
            CardRemovedError: the card is not in the field (``tear_after``, ``power_off``).
        """
        with self._lock:
            if self._in_field and self._until_torn == 0:
                self._until_torn = None
                self.tear(apdu, self._torn_how)
                self._in_field = False
            if not self._in_field:
                raise CardRemovedError(device=type(self).__name__)
            if self._until_torn is not None:
                self._until_torn -= 1
            data, sw = self._respond(apdu)
            if self._take_changed():
                self.save()
            return data + sw.to_bytes(2, "big")

    @abstractmethod
    def _respond(self, apdu: bytes) -> tuple[bytes, int]:
        """Carry a command out, return data and status word."""

    @abstractmethod
    def _restart(self) -> None:
        """Forget everything that needs power."""

    @abstractmethod
    def _take_changed(self) -> bool:
        """Say whether there is something to be kept since the last time."""

    def _respond_in_part(self, apdu: bytes) -> None:
        """Begin a command without ending it."""
        # Most chips leave no trace of it: what is torn in the middle was never done.
        return


def drawn_uid() -> bytes:
    """Return a UID of seven bytes as NXP gives them."""
    return bytes((_NXP,)) + os.urandom(6)
