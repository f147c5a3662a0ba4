"""Card readers: a list that opens nothing, events, and a connection that moves bytes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from station.ports.tasks import Cancel

# Native data in one DESFire frame: what fits every card and every reader, and the most that a chip of 256-byte frames
# takes (DESFire EV3 data sheet: FSC 256).
SAFE_FRAME_DATA = 54
LONGEST_FRAME_DATA = 247
SHORT_APDU = 261
"""The longest short command: header, Lc, 255 bytes of data, Le (ISO 7816-4, 5.1)."""


class ReaderRole(StrEnum):
    """What a reader (slot) is there for."""

    DESK = "desk"
    """Cards are laid on it to be encoded, read and verified."""
    ENCODER = "encoder"
    """It sits in the card printer."""
    OPERATOR = "operator"
    """The staff's own cards lie on it."""
    SAM = "sam"
    """A slot for a security module or a contact card; no card of a holder ever comes there."""


class Signal(StrEnum):
    """What a reader's lamp and buzzer can tell."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class ReaderTraits:
    """What is known of a reader's model; the defaults are what any reader can do.

    ``longest_apdu`` is in bytes. ``traps`` are notes for IT, in English.
    """

    model: str = ""
    longest_apdu: int = SHORT_APDU
    extended_apdu: bool = False
    long_frames: bool = False
    uid_reversed: bool = False
    signals: tuple[Signal, ...] = ()
    traps: tuple[str, ...] = ()

    @property
    def frame_data(self) -> int:
        """Return how many bytes of native DESFire data may go in one frame, if the card takes as many."""
        # The frame travels as 90 INS 00 00 Lc data 00.
        return min(LONGEST_FRAME_DATA, self.longest_apdu - 6) if self.long_frames else SAFE_FRAME_DATA

    @property
    def refuses_long_frames(self) -> bool:
        """Say whether the model is known, and not for long frames; of an unknown one the chip profile is believed."""
        return bool(self.model) and not self.long_frames


ANY_READER = ReaderTraits()


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """A reader (slot) by its PC/SC name, and whether a card lies on it; ``atr`` is empty without one."""

    name: str
    card_present: bool = False
    atr: bytes = b""
    role: ReaderRole = ReaderRole.DESK
    traits: ReaderTraits = ANY_READER


@dataclass(frozen=True, slots=True)
class ReaderEvent:
    """A change: ``kind`` is ``card_in``, ``card_out``, ``reader_in``, ``reader_out`` or ``service_down``."""

    kind: str
    reader: str
    atr: bytes = b""
    role: ReaderRole = ReaderRole.DESK


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


class SignallingConnection(ChipConnection, Protocol):
    """A connection that knows its reader's model; those of recorded or tampered conversations do not."""

    @property
    def traits(self) -> ReaderTraits:
        """Return what is known of the reader's model."""

    def signal(self, signal: Signal) -> bool:
        """Use the reader's lamp and buzzer; say whether it has them and obeyed. Never an error: the card counts."""


def traits_of(connection: ChipConnection) -> ReaderTraits:
    """Return what is known of the reader behind a connection; what holds for any where nothing is."""
    traits = getattr(connection, "traits", ANY_READER)
    return traits if isinstance(traits, ReaderTraits) else ANY_READER


def signal(connection: ChipConnection, what: Signal) -> bool:
    """Use lamp and buzzer of the reader behind a connection, if there are any; say whether it did."""
    send: Callable[[Signal], bool] | None = getattr(connection, "signal", None)
    return send is not None and send(what)


class Readers(Protocol):
    """All readers of this desk. Every call happens on the ``chip`` lane."""

    def list_readers(self) -> tuple[ReaderInfo, ...]:
        """Return the readers and their cards; connects to none.

        Raises:
            ReaderServiceDownError: there is no PC/SC service.
        """

    def wait_card(self, pattern: str, *, cancel: Cancel, timeout_s: float) -> str:
        """Wait until a card lies on a reader whose name contains ``pattern`` (any case; empty: any), return its name.

        SAM slots do not count, unless the pattern names one; for the desk's pattern, nor do readers of other roles.

        Raises:
            CardAbsentError: none came in time. ReaderMissingError: no reader matches. Cancelled: ``cancel`` was set.
        """

    def wait_no_card(self, reader: str, *, cancel: Cancel, timeout_s: float) -> bool:
        """Wait until the reader is empty; say whether it is."""

    def open_card(self, reader: str, *, cancel: Cancel | None = None) -> AbstractContextManager[ChipConnection]:
        """Connect to the card on ``reader`` for this program alone, for as long as the context lasts.

        A reader that another program holds is waited for, as long as was set up; ``cancel`` ends that at once.

        Raises:
            CardAbsentError, ReaderBusyError, ReaderMissingError, ReaderServiceDownError, Cancelled.
        """

    def watch(self, report: Callable[[ReaderEvent], None]) -> Callable[[], None]:
        """Call ``report`` on a thread of its own for each change until the returned function is called.

        What is there already is reported first, as if it came just now; so nothing is missed in between.
        """
