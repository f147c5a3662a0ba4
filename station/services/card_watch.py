"""The card on the reader: whether one lies there, and whose it is; it gives way to whoever writes or checks a card."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from station.domain.card import Card, RouterCardType
from station.domain.errors import Cancelled, ReaderError
from station.domain.holder import Holder
from station.domain.message import Message
from station.domain.workflow import AFTERCARE, Issuance, State
from station.ports.chip import ChipConnection, ReaderEvent, ReaderRole, Readers
from station.ports.store import Store
from station.ports.tasks import Cancel

if TYPE_CHECKING:
    from station.chip.explore.node import Node
    from station.chip.glance import Glance


class Standing(StrEnum):
    """What a card on the reader is to this station."""

    OURS = "ours"
    """It was made here, and what it tells agrees with its record."""
    IN_WORK = "in_work"
    """It is being made here, and not finished."""
    SPOILED = "spoiled"
    """It was made here and given up."""
    RETURNED = "returned"
    """It was made here, given back and erased: another card can be made on it."""
    DIFFERS = "differs"
    """It was made here, but its chip no longer carries the number of its record."""
    COPY = "copy"
    """It carries the number of a card that was made here, on another chip."""
    ELSEWHERE = "elsewhere"
    """It is a European Student Card that was not made here."""
    BLANK = "blank"
    OTHER = "other"
    """It is a card of some other use."""
    RANDOM = "random"
    """It hides its UID, and nothing else on it says whose it is."""
    UNKNOWN = "unknown"
    """What its chip is can't be told."""


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A card that was looked at: what it tells, and what the record says of it."""

    standing: Standing
    seen: Glance
    issuance: Issuance | None = None
    holder: Holder | None = None
    card: Card | None = None
    contents: tuple[Message | str, ...] = ()
    """What is on it, by name."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a card lies on the desk's reader.

    ``reader`` is where, empty for nowhere. ``turn`` grows with each card that is laid down, ``worked`` with each piece
    of work on a card. ``tapped`` says that the newest was laid there while the station watched and had not asked for
    it; ``busy``, that it is being worked with.
    """

    readers: int = 0
    reader: str = ""
    turn: int = 0
    worked: int = 0
    tapped: bool = False
    busy: bool = False

    @property
    def sight(self) -> tuple[str, int, int]:
        """Return what a look at the card is good for: another one is needed when this is no longer the same."""
        return self.reader, self.turn, self.worked


News = Callable[[Presence], None]
CountTold = Callable[[int], None]


def nobody_listens(presence: Presence) -> None:
    """Take no notice."""


def not_counted(commands: int) -> None:
    """Take no notice."""


@dataclass
class _Seen:
    """What the reader events have told so far."""

    readers: set[str] = field(default_factory=set)
    cards: dict[str, tuple[int, bool]] = field(default_factory=dict)
    lying: set[str] = field(default_factory=set)
    """Where a card lay before the watch began: nobody has just tapped it."""
    turn: int = 0


class CardWatch:
    """Watch the desk's reader and look at what lies there. Safe from any thread; writes to no card.

    Whoever works with a card does so in ``hold``: a look that is under way is broken off, and none begins.
    """

    def __init__(self, readers: Readers, store: Store, *, pattern: str) -> None:
        self._readers, self._store, self._pattern = readers, store, pattern.lower()
        self._lock = threading.Lock()
        self._at_reader = threading.RLock()
        self._held = self._worked = 0
        self._looking: Cancel | None = None
        self._seen = _Seen()
        self._news: News = nobody_listens

    def start(self, news: News) -> Callable[[], None]:
        """Report each change to ``news``, from any thread, until the returned function is called."""
        with self._lock:
            self._seen, self._news = _Seen(lying=self._already_there()), news
        unwatch = self._readers.watch(self._happened)

        def stop() -> None:
            with self._lock:
                self._news = nobody_listens
            unwatch()

        return stop

    @property
    def presence(self) -> Presence:
        """Return how the reader stands now."""
        with self._lock:
            return self._presence()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Have the card to oneself: who looks at it stops before the next command, and waits until this ends."""
        with self._lock:
            # Said before the reader is free: a look that would begin in between gives up by itself.
            self._held += 1
            self._stop_looking()
        try:
            with self._at_reader:
                self._tell()
                yield
        finally:
            with self._lock:
                self._held -= 1
                # What was seen before may be written over now: the number makes every earlier look out of date.
                self._worked += 1
            self._tell()

    def make_way(self) -> None:
        """Stop a look that is under way, for somebody who is about to work with the card."""
        with self._lock:
            self._stop_looking()

    def look(self, reader: str, *, cancel: Cancel) -> SeenCard:
        """Return what lies on ``reader`` and whose it is.

        Raises:
            Cancelled: somebody works with the card; look again when the presence is no longer busy.
            ReaderError, ChipError: it could not be read.
        """
        from station.chip.glance import glance

        with self._looks(cancel):
            with self._readers.open_card(reader, cancel=cancel) as connection:
                seen = glance(Stoppable(connection, cancel))
            return self.known(seen)

    def explore(self, reader: str, *, cancel: Cancel, told: CountTold = not_counted) -> Node:
        """Return all that ``reader``'s card lets anybody read; ``told`` hears how many commands it took so far.

        Raises:
            Cancelled: also when somebody is about to work with the card. ReaderError, ChipError: there is no tree.
        """
        from station.chip.explore.card import explore

        with self._looks(cancel), self._readers.open_card(reader, cancel=cancel) as connection:
            return explore(Stoppable(connection, cancel, told).transmit, connection.atr)

    def known(self, seen: Glance) -> SeenCard:
        """Return whose card it is, as the store says."""
        uid = "" if seen.random_uid else seen.uid
        issuance = self._store.issuances.by_uid(uid) if uid else None
        if issuance is None and seen.escn:
            issuance = self._store.issuances.by_escn(seen.escn)
        if issuance is None and uid:
            issuance = self._erased(uid)
        if issuance is None:
            return SeenCard(_strange(seen), seen, contents=_names(seen))
        holder = self._store.holders.get(issuance.holder_id)
        card = self._store.cards.get(issuance.escn)
        return SeenCard(_standing(seen, issuance, uid), seen, issuance, holder, card, _names(seen))

    # --- inside --------------------------------------------------------------------------------------------------

    def _erased(self, uid: str) -> Issuance | None:
        """Return whose card this chip was last, where it was erased since."""
        last = self._store.cards.by_uid(uid)
        issuance = self._store.issuances.get(last.issuance_id) if last is not None else None
        return issuance if issuance is not None and issuance.state is State.ERASED else None

    @contextmanager
    def _looks(self, cancel: Cancel) -> Iterator[None]:
        """Be at the reader until somebody needs it, who sets ``cancel``."""
        # Never waited for: whoever works with the card may take a minute, and a look of a minute ago is worth nothing.
        if not self._at_reader.acquire(blocking=False):
            raise Cancelled
        try:
            with self._lock:
                if self._held:
                    raise Cancelled
                self._looking = cancel
            yield
        finally:
            with self._lock:
                self._looking = None
            self._at_reader.release()

    def _already_there(self) -> set[str]:
        try:
            return {each.name for each in self._readers.list_readers() if each.card_present}
        except ReaderError:
            return set()

    def _happened(self, event: ReaderEvent) -> None:
        """Note a reader's event; on the watcher's own thread."""
        with self._lock:
            if not self._concerns(event):
                return
            seen, reader = self._seen, event.reader
            if event.kind == "card_in":
                seen.readers.add(reader)
                seen.turn += 1
                seen.cards[reader] = (seen.turn, reader not in seen.lying and not self._held)
                seen.lying.discard(reader)
            elif event.kind == "card_out":
                seen.cards.pop(reader, None)
                seen.lying.discard(reader)
            elif event.kind == "reader_in":
                seen.readers.add(reader)
            elif event.kind == "reader_out":
                seen.readers.discard(reader)
                seen.cards.pop(reader, None)
            else:
                # pcscd is gone, and with it all that it told; cards and readers are told anew when it is back. The
                # count goes on, so that no later card is taken for an earlier one.
                self._seen = _Seen(turn=seen.turn)
        self._tell()

    def _concerns(self, event: ReaderEvent) -> bool:
        if event.kind == "service_down":
            return True
        return event.role is ReaderRole.DESK and self._pattern in event.reader.lower()

    def _presence(self) -> Presence:
        seen = self._seen
        reader = max(seen.cards, key=lambda name: seen.cards[name][0], default="")
        turn, tapped = seen.cards.get(reader, (seen.turn, False))
        return Presence(len(seen.readers), reader, turn, self._worked, tapped, self._held > 0)

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.set()

    def _tell(self) -> None:
        with self._lock:
            # Called without the lock: who hears of it may ask this very watch.
            news, presence = self._news, self._presence()
        news(presence)


class Stoppable:
    """A connection that obeys a cancel before each command, and counts them."""

    def __init__(self, connection: ChipConnection, cancel: Cancel, told: CountTold = not_counted) -> None:
        self._connection, self._cancel, self._told = connection, cancel, told
        self.reader, self.atr = connection.reader, connection.atr
        self.commands = 0

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command unless it was cancelled."""
        if self._cancel.is_set():
            raise Cancelled
        self.commands += 1
        self._told(self.commands)
        return self._connection.transmit(apdu)


def _names(seen: Glance) -> tuple[Message | str, ...]:
    from station.chip.explore.names import application_name

    return tuple(application_name(aid) for aid in seen.applications or ())


def _strange(seen: Glance) -> Standing:
    """Return what a card is that nothing here is known of."""
    if seen.escn or seen.has_esc:
        return Standing.ELSEWHERE
    if seen.random_uid:
        return Standing.RANDOM
    if not seen.known_kind:
        return Standing.UNKNOWN
    return Standing.BLANK if seen.blank else Standing.OTHER


def _standing(seen: Glance, issuance: Issuance, uid: str) -> Standing:
    # A hidden UID proves nothing, and speaks against nothing either: then the number on the chip has to do.
    if uid and issuance.uid != uid:
        return Standing.COPY
    if issuance.state in (State.SPOILED, State.ERASED):
        return _given_up(seen, issuance)
    begun = issuance.state is not State.HANDED_OVER and not _made(issuance)
    if begun or issuance.pending in AFTERCARE:
        return Standing.IN_WORK
    if seen.escn != issuance.escn and issuance.card_type is RouterCardType.SMART_CDZ:
        return Standing.DIFFERS
    return Standing.OURS if issuance.state is State.HANDED_OVER else Standing.IN_WORK


def _given_up(seen: Glance, issuance: Issuance) -> Standing:
    if issuance.state is State.SPOILED:
        return Standing.SPOILED
    # By its record nothing is on it any more; a number that is there all the same came from somewhere.
    return Standing.DIFFERS if seen.escn else Standing.RETURNED


def _made(issuance: Issuance) -> bool:
    return issuance.pending is None and issuance.state in (State.ENCODED, State.PRINTED, State.VERIFIED)
