"""Card readers: a list that opens nothing, events, and a connection that moves bytes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from station.ports.tasks import Cancel


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """A reader (slot) by its PC/SC name, and whether a card lies on it; ``atr`` is empty without one."""

    name: str
    card_present: bool = False
    atr: bytes = b""


@dataclass(frozen=True, slots=True)
class ReaderEvent:
    """A change: ``kind`` is ``card_in``, ``card_out``, ``reader_in``, ``reader_out`` or ``service_down``."""

    kind: str
    reader: str
    atr: bytes = b""


class ChipConnection(Protocol):
    """An open, exclusive way to the card on a reader."""

    @property
    def reader(self) -> str:
        """Return the reader's name."""

    @property
    def atr(self) -> bytes:
        """Return the card's answer to reset."""

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command APDU, return the response with its two status bytes.

        Raises:
            CardRemovedError: the card left the field.
            ReaderServiceDownError: the service stopped in the middle.
            ReaderError: the reader failed otherwise.
        """


class Readers(Protocol):
    """All readers of this desk. Every call happens on the ``chip`` lane."""

    def list_readers(self) -> tuple[ReaderInfo, ...]:
        """Return the readers and their cards; connects to none.

        Raises:
            ReaderServiceDownError: there is no PC/SC service.
        """

    def wait_card(self, pattern: str, *, cancel: Cancel, timeout_s: float) -> str:
        """Wait until a card lies on a reader whose name contains ``pattern`` (any case; empty: any), return its name.

        Raises:
            CardAbsentError: none came in time. ReaderMissingError: no reader matches. Cancelled: ``cancel`` was set.
        """

    def wait_no_card(self, reader: str, *, cancel: Cancel, timeout_s: float) -> bool:
        """Wait until the reader is empty; say whether it is."""

    def open_card(self, reader: str) -> AbstractContextManager[ChipConnection]:
        """Connect to the card on ``reader`` for this program alone, for as long as the context lasts.

        Raises:
            CardAbsentError, ReaderBusyError, ReaderMissingError, ReaderServiceDownError.
        """

    def watch(self, report: Callable[[ReaderEvent], None]) -> Callable[[], None]:
        """Call ``report`` on a thread of its own for each change until the returned function is called.

        What is there already is reported first, as if it came just now; so nothing is missed in between.
        """
