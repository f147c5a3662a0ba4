"""Card readers in software, in this very process: the demo bench puts cards on them and takes them away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from station.adapters.reader.bell import Bell, Report
from station.adapters.reader.busy import busy_error
from station.adapters.reader.quirks import quirk_of
from station.adapters.reader.roles import NO_ROLES, Roles
from station.chip.virtual_card.card import Tear, VirtualCard
from station.domain.errors import (
    Cancelled,
    CardAbsentError,
    CardRemovedError,
    ReaderMissingError,
    ReaderServiceDownError,
)
from station.ports.chip import ReaderEvent, ReaderInfo, ReaderTraits, Signal
from station.ports.faults import FaultSource, NoFaults
from station.ports.tasks import Cancel

DEFAULT_NAME = "Virtual reader 0"
_LOOK_EVERY_S = 0.05
T = TypeVar("T")


@dataclass(slots=True)
class _Slot:
    name: str
    card: VirtualCard | None = None
    # Pulled by a fault: still the demo's card, but not in the field until the fault is cleared.
    pulled: bool = False
    open: bool = False
    held_by: str = ""
    generation: int = 0
    pull_after: int | None = None
    pull_how: Tear = Tear.BEFORE
    signals: list[Signal] = field(default_factory=list)

    @property
    def present(self) -> VirtualCard | None:
        """Return the card in the field."""
        return None if self.pulled else self.card


class VirtualReaders:
    """Readers whose cards are ``VirtualCard``; insert, remove, pull in mid-work, stop the service.

    The fault ``pulled`` (device ``card``) takes the card off after as many APDUs as its value says; the card comes
    back when the fault is cleared, like a person who puts it on the reader again.
    """

    def __init__(
        self, *names: str, faults: FaultSource | None = None, roles: Roles = NO_ROLES, busy_wait_s: float = 0.0
    ) -> None:
        self._faults = faults or NoFaults()
        self.roles = roles
        self.busy_wait_s = busy_wait_s
        self._slots = {name: _Slot(name) for name in names or (DEFAULT_NAME,)}
        self._changed = threading.Condition(threading.RLock())
        self._bell = Bell()
        self._down = False

    # --- what the demo and the tests do -------------------------------------------------------------------------

    def insert(self, card: VirtualCard, reader: str | None = None) -> None:
        """Put a card on a reader (the first, when none is named), in place of what lay there."""
        with self._changed:
            slot = self._slot(reader)
            self._take_off(slot)
            slot.card, slot.pulled = card, False
            slot.generation += 1
            card.reset()
            self._tell("card_in", slot)

    def remove(self, reader: str | None = None) -> VirtualCard | None:
        """Take the card off a reader, in mid-work too, and return it."""
        with self._changed:
            slot = self._slot(reader)
            card = slot.card
            self._take_off(slot)
            return card

    def flicker(self, reader: str | None = None) -> None:
        """Have the card lose the field and find it again at once: it is there, and nothing volatile is left."""
        card = self.remove(reader)
        if card is not None:
            self.insert(card, reader)

    def signals(self, reader: str | None = None) -> tuple[Signal, ...]:
        """Return what lamp and buzzer of a reader have told so far."""
        with self._changed:
            return tuple(self._slot(reader).signals)

    def card(self, reader: str | None = None) -> VirtualCard | None:
        """Return the card that lies on a reader."""
        with self._changed:
            return self._slot(reader).present

    def pull_after(self, apdus: int, how: Tear = Tear.BEFORE, *, reader: str | None = None) -> None:
        """Take the card off at the APDU that follows the next ``apdus``; once."""
        with self._changed:
            slot = self._slot(reader)
            slot.pull_after, slot.pull_how = apdus, how

    def plug(self, name: str) -> None:
        """Plug in another reader."""
        with self._changed:
            self._slots[name] = _Slot(name)
            self._tell("reader_in", self._slots[name])

    def unplug(self, name: str) -> None:
        """Unplug a reader, whatever lies on it."""
        with self._changed:
            slot = self._slots.pop(name)
            self._take_off(slot)
            self._tell("reader_out", slot)

    def stop_service(self) -> None:
        """Have the PC/SC service die."""
        with self._changed:
            self._down = True
            for slot in self._slots.values():
                slot.generation += 1
            self._send(ReaderEvent("service_down", ""))

    def start_service(self) -> None:
        """Have the PC/SC service run again."""
        with self._changed:
            self._down = False
            for event in self._present():
                self._send(event)

    @contextmanager
    def held(self, program: str, *, reader: str | None = None) -> Iterator[None]:
        """Have another program hold a reader as long as the context lasts."""
        with self._changed:
            slot = self._slot(reader)
            slot.held_by = program
        try:
            yield
        finally:
            with self._changed:
                slot.held_by = ""
                self._changed.notify_all()

    # --- what the port promises ---------------------------------------------------------------------------------

    def list_readers(self) -> tuple[ReaderInfo, ...]:
        """Return the readers and their cards."""
        with self._changed:
            self._need_service()
            self._put_back()
            return tuple(
                self.roles.describe(
                    ReaderInfo(slot.name, slot.present is not None, slot.present.atr if slot.present else b"")
                )
                for slot in self._slots.values()
            )

    def wait_card(self, pattern: str, *, cancel: Cancel, timeout_s: float) -> str:
        """Wait until a card lies on a matching reader, return the reader's name."""

        def found() -> str | None:
            matching = [info for info in self.list_readers() if self.roles.answers(info.name, pattern)]
            if not matching:
                raise ReaderMissingError(device=pattern)
            return next((info.name for info in matching if info.card_present), None)

        name = self._wait(found, cancel=cancel, timeout_s=timeout_s)
        if name is None:
            raise CardAbsentError(device=pattern)
        return name

    def wait_no_card(self, reader: str, *, cancel: Cancel, timeout_s: float) -> bool:
        """Wait until the reader is empty; say whether it is."""

        def empty() -> bool | None:
            return True if all(i.name != reader or not i.card_present for i in self.list_readers()) else None

        return self._wait(empty, cancel=cancel, timeout_s=timeout_s) is True

    @contextmanager
    def open_card(self, reader: str, *, cancel: Cancel | None = None) -> Iterator[VirtualConnection]:
        """Connect to the card on ``reader`` for this program alone."""
        with self._changed:
            slot = self._wait_free(reader, cancel or threading.Event())
            if slot.present is None:
                raise CardAbsentError(device=reader)
            # Nobody inherits what the program before had selected: a real reader resets the card for the next one.
            slot.present.reset()
            slot.open = True
            connection = VirtualConnection(self, slot.name, slot.present.atr, slot.generation)
        try:
            yield connection
        finally:
            with self._changed:
                slot.open = False
                self._changed.notify_all()

    def watch(self, report: Report) -> Callable[[], None]:
        """Call ``report`` on a thread of its own: first for what is there already, then for each change."""
        with self._changed:
            now = (ReaderEvent("service_down", ""),) if self._down else self._present()
            return self._bell.watch(report, [self.roles.describe_event(event) for event in now])

    # --- behind it ----------------------------------------------------------------------------------------------

    def exchange(self, connection: VirtualConnection, apdu: bytes) -> bytes:
        """Carry one APDU of a connection to its card."""
        with self._changed:
            slot, card = self._in_field(connection)
            if self._pulled_now(slot, connection, card, apdu):
                raise CardRemovedError(device=slot.name)
            connection.apdus += 1
        # Not under the lock: a card that takes its time must not hold up the other readers.
        answer = self._answer(slot, card, apdu)
        with self._changed:
            self._in_field(connection)  # else it left while it was answering, and the answer is lost
        return answer

    def signalled(self, connection: VirtualConnection, signal: Signal) -> bool:
        """Remember what lamp and buzzer told; say whether this model of a reader has them."""
        with self._changed:
            slot = self._slots.get(connection.reader)
            if slot is None or not quirk_of(slot.name).commands(signal):
                return False
            slot.signals.append(signal)
            return True

    def _wait_free(self, reader: str, cancel: Cancel) -> _Slot:
        def free() -> _Slot | None:
            self._need_service()
            self._put_back()
            slot = self._slots.get(reader)
            if slot is None:
                raise ReaderMissingError(device=reader)
            return None if slot.open or slot.held_by else slot

        slot = self._wait(free, cancel=cancel, timeout_s=self.busy_wait_s)
        if slot is None:
            holder = self._slots[reader].held_by
            raise busy_error(reader, (holder,) if holder else ())
        return slot

    def _in_field(self, connection: VirtualConnection) -> tuple[_Slot, VirtualCard]:
        self._need_service()
        slot = self._slots.get(connection.reader)
        if slot is None:
            raise ReaderMissingError(device=connection.reader)
        # A card that was off and is back is another one to this connection, as it is to PC/SC.
        if slot.present is None or slot.generation != connection.generation:
            raise CardRemovedError(device=slot.name)
        return slot, slot.present

    def _answer(self, slot: _Slot, card: VirtualCard, apdu: bytes) -> bytes:
        try:
            return card.transmit(apdu)
        except CardRemovedError as error:
            # The card itself was told to tear: then it no longer lies on the reader.
            with self._changed:
                if slot.card is card:
                    self._take_off(slot)
            raise CardRemovedError(device=slot.name) from error

    def _pulled_now(self, slot: _Slot, connection: VirtualConnection, card: VirtualCard, apdu: bytes) -> bool:
        if slot.pull_after == 0:
            slot.pull_after = None
            card.tear(apdu, slot.pull_how)
            self._take_off(slot)
            return True
        if slot.pull_after is not None:
            slot.pull_after -= 1
        fault = self._faults.fault("card")
        if fault is None or fault.kind != "pulled" or connection.apdus < fault.value:
            return False
        # The card did it and the answer was lost: the worse of the two ways to lose a card.
        card.tear(apdu, Tear.AFTER)
        slot.pulled = True
        slot.generation += 1
        self._tell("card_out", slot, card)
        return True

    def _put_back(self) -> None:
        """Put cards back that a fault took off, once it is cleared."""
        fault = self._faults.fault("card")
        if fault is not None and fault.kind == "pulled":
            return
        for slot in self._slots.values():
            if slot.pulled and slot.card is not None:
                slot.pulled = False
                slot.generation += 1
                self._tell("card_in", slot)

    def _wait(self, look: Callable[[], T | None], *, cancel: Cancel, timeout_s: float) -> T | None:
        end = time.monotonic() + timeout_s
        with self._changed:
            while True:
                if cancel.is_set():
                    raise Cancelled
                found = look()
                left = end - time.monotonic()
                if found is not None or left <= 0:
                    return found
                # Not only when notified: nobody who turns the dial or sets ``cancel`` knows of this condition.
                self._changed.wait(min(left, _LOOK_EVERY_S))

    def _slot(self, reader: str | None) -> _Slot:
        return next(iter(self._slots.values())) if reader is None else self._slots[reader]

    def _take_off(self, slot: _Slot) -> None:
        card, was_there = slot.card, slot.present is not None
        slot.card, slot.pulled = None, False
        slot.generation += 1
        if card is not None and was_there:
            card.reset()
            self._tell("card_out", slot, card)

    def _tell(self, kind: str, slot: _Slot, card: VirtualCard | None = None) -> None:
        shown = card or slot.present
        atr = shown.atr if shown is not None and kind == "card_in" else b""
        if not self._down:
            self._send(ReaderEvent(kind, slot.name, atr))
        self._changed.notify_all()

    def _send(self, event: ReaderEvent) -> None:
        self._bell.ring(self.roles.describe_event(event))

    def _present(self) -> tuple[ReaderEvent, ...]:
        events = [ReaderEvent("reader_in", name) for name in self._slots]
        for slot in self._slots.values():
            if slot.present is not None:
                events.append(ReaderEvent("card_in", slot.name, slot.present.atr))
        return tuple(events)

    def _need_service(self) -> None:
        if self._down:
            raise ReaderServiceDownError


class VirtualConnection:
    """The way to a card on a virtual reader."""

    def __init__(self, readers: VirtualReaders, reader: str, atr: bytes, generation: int) -> None:
        self._readers = readers
        self.reader = reader
        self.atr = atr
        self.generation = generation
        self.apdus = 0

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command APDU, return the response with its two status bytes."""
        return self._readers.exchange(self, apdu)

    @property
    def traits(self) -> ReaderTraits:
        """Return what is known of readers of this name."""
        return quirk_of(self.reader).traits

    def signal(self, signal: Signal) -> bool:
        """Use lamp and buzzer, where a reader of this name has them: they are remembered."""
        return self._readers.signalled(self, signal)
