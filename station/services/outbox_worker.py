"""Send what the outbox holds: each thing once, in the order of its person, and nobody waits for anybody else.

What an answer does:

    done (also: it was the same already)      the entry is done; with the card's own entry the card is registered
    unreachable, 5xx                          later, with back-off; after a few in a row the whole lane rests
    429                                       the lane rests as long as the router asks for
    key refused, address not allowed          the institution rests, others go on; no entry is blamed. If the router
                                              accepts the key for something else (``ping``), it is the entry: parked
    refused, gone, another's, anything else   parked, with the reason in plain words; a person decides

Every outcome is on disk before the next thing is sent. A crash between the answer and that record makes the station
tell the router twice, which compares and says that it is the same.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom

from station.domain.card import Registration
from station.domain.errors import (
    N_,
    RouterError,
    RouterForbiddenError,
    RouterKeyError,
    RouterUnreachableError,
    StationError,
    StoreError,
)
from station.domain.outbox import (
    Backoff,
    OutboxEntry,
    OutboxKind,
    OutboxState,
    failed,
    plan,
    retried,
    succeeded,
    to_send,
)
from station.photo.crop import router_picture
from station.ports.clock import Clock
from station.ports.router import Router
from station.ports.store import Store
from station.ports.tasks import Cancel
from station.services.lane import KeyRests, LaneRest
from station.services.registration import LANE, RegistrationPolicy, card_of, person_of, refreshed, without_esi

log = logging.getLogger(__name__)

IN_A_ROW_MAX = 3
"""After so many failures in a row it is the router or the network, not the entries: the lane rests."""

ENTRY_BACKOFF = Backoff()
LANE_BACKOFF = Backoff(cap_s=60.0)
KEY_REST_S = 60.0
LOOK_AGAIN_S = 60.0
# A card was just handed over: the desk shows that before the processor goes to a router nobody waits for.
_BREATH_S = 0.1
_TICK_S = 0.5
_SHORTEST_WAIT_S = 1.0
LONGEST_WAIT = timedelta(hours=25)
"""A bit more than a router may ask for."""

_HEADS_MAX = 1000
_EVERYTHING = 1_000_000
_FAR_AHEAD = timedelta(days=366_000)

_OURS = N_("The station could not make this message for ESC-Router: {detail}")
_OURS_TODO = N_("The card is valid. Call IT and show them this message.")
_NO_PORTRAIT = N_("The portrait that was to go to ESC-Router is not in the store any more.")
_NO_PORTRAIT_TODO = N_("The card is registered, only without a picture. Nothing more needs to be done.")


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What a run did; ``next_at`` is when there is something to do again, ``error`` why the lane rests."""

    sent: int = 0
    failed: int = 0
    parked: int = 0
    next_at: datetime | None = None
    error: RouterError | None = None


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How the worker waits and whom it tells.

    ``entry_backoff`` and ``lane_backoff`` with ``draw`` (0..1) make the waits; ``policy`` returns what the profile
    says of an institution, so that corrected records go out on a retry; ``answered`` is told how the router stands
    after every answer (``None`` when it works).
    """

    entry_backoff: Backoff = ENTRY_BACKOFF
    lane_backoff: Backoff = LANE_BACKOFF
    draw: Callable[[], float] = SystemRandom().random
    policy: Callable[[str], RegistrationPolicy] | None = None
    answered: Callable[[RouterError | None], None] | None = None


class OutboxWorker:
    """Drain the outbox. One thread runs it; ``wake``, ``retry`` and reading are allowed from any."""

    def __init__(self, store: Store, router: Router, clock: Clock, options: WorkerOptions | None = None) -> None:
        self._store, self._router, self._clock = store, router, clock
        self._options = options or WorkerOptions()
        self._rest, self._keys = LaneRest(clock, IN_A_ROW_MAX), KeyRests(clock)
        self._woken = threading.Event()
        self._held_up: set[str] = set()
        self._asked_at_s: float | None = None

    # --- what others call

    def wake(self) -> None:
        """Make ``run_forever`` look at the outbox now; a rest that was begun is still kept."""
        self._woken.set()

    def retry(self, key: str | None = None) -> int:
        """Send an entry, or all that are parked or delayed, at once; return how many.

        What is told is made anew from the records, which someone may have corrected. The router may not know the
        person any more, so a card or a picture takes the person's entry along.
        """
        entries = self._retriable() if key is None else [e for e in [self._store.outbox.get(key)] if e is not None]
        count = 0
        for entry in entries:
            if entry.state is OutboxState.DONE:
                continue
            for each in [*self._person_before(entry), entry]:
                self._send_again(each)
            self._correct_the_rest(entry)
            count += 1
        self._rest.end()
        self._keys.end()
        self.wake()
        return count

    def run_once(self, cancel: Cancel) -> WorkReport:
        """Send everything that is due; return when nothing is left, the lane rests or ``cancel`` is set.

        Raises:
            StoreError: an outcome could not be recorded; what was sent is told again later, and is the same.
        """
        counts = {OutboxState.DONE: 0, OutboxState.WAITING: 0, OutboxState.PARKED: 0}
        while not cancel.is_set() and not self._rest.left():
            due = self._due(self._clock.now())
            if not due:
                break
            for entry in due:
                if cancel.is_set() or self._rest.left():
                    break
                if self._keys.left(_pic(entry)):
                    continue
                state = self._tell(entry)
                if state is not None:
                    counts[state] += 1
        return WorkReport(
            sent=counts[OutboxState.DONE],
            failed=counts[OutboxState.WAITING],
            parked=counts[OutboxState.PARKED],
            next_at=self._next_at(),
            error=self._rest.why or self._keys.why,
        )

    def run_forever(self, cancel: Cancel) -> None:
        """Drain the outbox whenever something is due or ``wake`` is called, until ``cancel`` is set.

        In between the router is asked, once a minute, whether it is there: the status bar shows it.
        """
        while not cancel.is_set():
            self._woken.clear()
            next_at: datetime | None = None
            try:
                next_at = self.run_once(cancel).next_at
                self._ask_how_it_is()
            except StationError as error:
                # Its causes may quote what was to be written, which is personal: the log gets the name of the trouble.
                log.error("the outbox could not be worked on: %s", error.code)  # noqa: TRY400
            except Exception:
                # The lane must outlive whatever happens in it: a full disk now may have room in a minute.
                log.exception("the outbox could not be worked on")
            self._wait(cancel, next_at)
            if self._woken.is_set():
                cancel.wait(_BREATH_S)

    # --- one entry

    def _due(self, now: datetime) -> tuple[OutboxEntry, ...]:
        """Return what can be sent now. Behind many who wait for their institution's key there may be others."""
        heads = self._store.outbox.due(LANE, now, **({"limit": _HEADS_MAX} if self._keys.any_left() else {}))
        return tuple(entry for entry in to_send(plan(heads, now)) if not self._keys.left(_pic(entry)))

    def _tell(self, entry: OutboxEntry) -> OutboxState | None:
        """Send one entry and record the outcome; ``None`` when nothing was learnt about it."""
        if not entry.payload.get("esi"):
            self._record(without_esi(entry))
            return OutboxState.PARKED
        error = self._send(entry)
        now = self._clock.now()
        if error is None:
            self._record(succeeded(entry, now))
            self._works(_pic(entry))
            return OutboxState.DONE
        if isinstance(error, RouterError) and self._is_about_the_key(error, _pic(entry)):
            self._keys.begin(_pic(entry), error, timedelta(seconds=KEY_REST_S))
            self._tell_of_rest(error, timedelta(seconds=KEY_REST_S))
            return None
        if not isinstance(error, RouterError) or not error.retryable:
            self._record(failed(entry, error.what, _plain(error), None))
            if isinstance(error, RouterError):
                self._works(_pic(entry))
            return OutboxState.PARKED
        self._later(entry, error, now)
        return OutboxState.WAITING

    def _later(self, entry: OutboxEntry, error: RouterError, now: datetime) -> None:
        """Put an entry off, and let the lane rest when the trouble is the router's or the network's."""
        options, asked = self._options, error.retry_after_s or 0.0
        at_least = max(_SHORTEST_WAIT_S, asked)
        wait = options.entry_backoff.wait(entry.attempts + 1, options.draw(), at_least_s=at_least)
        self._record(failed(entry, error.what, _plain(error), now + wait))
        if isinstance(error, RouterUnreachableError):
            self._held_up.add(entry.key)
        self._say(error)
        if self._rest.failed() or asked or error.status == 429:
            rest = options.lane_backoff.wait(self._rest.rests + 1, options.draw(), at_least_s=at_least)
            self._begin_rest(error, rest)

    def _send(self, entry: OutboxEntry) -> StationError | None:
        """Send one entry; return what went wrong."""
        try:
            if entry.kind is OutboxKind.PERSON:
                self._router.put_person(person_of(entry.payload))
            elif entry.kind is OutboxKind.CARD:
                self._router.put_card(card_of(entry.payload))
            else:
                self._send_picture(entry)
        except StoreError:
            raise
        except StationError as error:
            return error
        except Exception as error:
            # A bad entry must not hold up anybody else's: it is put aside, and the cause is in the log.
            log.exception("the outbox entry of card %s could not be sent", entry.escn)
            return StationError(_OURS, _OURS_TODO, detail=type(error).__name__)
        return None

    def _send_picture(self, entry: OutboxEntry) -> None:
        portrait = self._store.portraits.get(str(entry.payload["portrait"]))
        if portrait is None:
            raise StationError(_NO_PORTRAIT, _NO_PORTRAIT_TODO)
        picture = router_picture(portrait.image)
        self._router.put_picture(str(entry.payload["esi"]), str(entry.payload["pic"]), picture)

    def _record(self, entry: OutboxEntry) -> None:
        """Write an outcome durably, and with it how the card stands. A picture is no part of being registered."""
        registration = None
        if entry.kind is OutboxKind.CARD and entry.state is OutboxState.DONE:
            registration = Registration.REGISTERED
        elif entry.kind is not OutboxKind.PICTURE and entry.state is OutboxState.PARKED:
            registration = self._unless_registered(entry, Registration.PARKED)
        self._store.outbox.update(entry, registration)

    def _unless_registered(self, entry: OutboxEntry, registration: Registration) -> Registration | None:
        # A person who is told once more, for a picture, takes nothing back from a card the router has.
        card = self._store.cards.get(entry.escn)
        return None if card is None or card.registration is Registration.REGISTERED else registration

    # --- retry

    def _retriable(self) -> list[OutboxEntry]:
        entries = self._store.outbox.entries(unfinished=True, limit=_EVERYTHING)
        return [e for e in entries if e.state is OutboxState.PARKED or e.next_at is not None]

    def _person_before(self, entry: OutboxEntry) -> list[OutboxEntry]:
        if entry.kind is OutboxKind.PERSON or entry.state is not OutboxState.PARKED:
            return []
        person = self._store.outbox.get(f"{OutboxKind.PERSON.value}:{entry.order_key}:{entry.escn}")
        return [person] if person is not None and person.state is OutboxState.DONE else []

    def _send_again(self, entry: OutboxEntry) -> None:
        again = retried(self._as_the_records_say(entry))
        registration = None
        if entry.kind is not OutboxKind.PICTURE:
            registration = self._unless_registered(entry, Registration.QUEUED)
        self._store.outbox.update(again, registration)

    def _correct_the_rest(self, entry: OutboxEntry) -> None:
        """Make what waits behind a person anew too: it names the person by the identifier that was corrected."""
        if entry.kind is not OutboxKind.PERSON:
            return
        for kind in (OutboxKind.CARD, OutboxKind.PICTURE):
            behind = self._store.outbox.get(f"{kind.value}:{entry.escn}")
            if behind is not None and behind.state is OutboxState.WAITING:
                self._store.outbox.update(self._as_the_records_say(behind))

    def _as_the_records_say(self, entry: OutboxEntry) -> OutboxEntry:
        card = self._store.cards.get(entry.escn)
        holder = self._store.holders.get(card.holder_id) if card is not None else None
        if card is None or holder is None or self._options.policy is None:
            return entry
        return refreshed(entry, card, holder, self._options.policy(card.institution))

    # --- the lane

    def _is_about_the_key(self, error: RouterError, pic: str) -> bool:
        """Tell whether a refusal of key or address is general, by asking for something harmless with the same key."""
        if not isinstance(error, RouterKeyError | RouterForbiddenError) or error.router_code == "SE-0000":
            return False
        try:
            self._router.ping(pic)
        except RouterError:
            return True
        return False

    def _begin_rest(self, error: RouterError, wait: timedelta) -> None:
        self._rest.begin(error, wait)
        self._tell_of_rest(error, wait)

    def _tell_of_rest(self, error: RouterError, wait: timedelta) -> None:
        log.info("the outbox rests for %.0f s: %s", wait.total_seconds(), error.code)
        self._say(error)

    def _works(self, pic: str = "") -> None:
        """Note that the router answers, and takes this institution's key; what only waited for that goes out now."""
        key_rested, lane_rested = self._keys.end(pic), self._rest.end()
        had_rested = key_rested or lane_rested
        self._say(self._keys.why)  # another institution's key may still be refused
        held_up, self._held_up = self._held_up, set()
        for key in held_up if had_rested else ():
            entry = self._store.outbox.get(key)
            if entry is not None and entry.state is OutboxState.WAITING:
                self._store.outbox.update(retried(entry))

    def _say(self, error: RouterError | None) -> None:
        self._asked_at_s = self._clock.monotonic()
        if self._options.answered is not None:
            self._options.answered(error)

    def _ask_how_it_is(self) -> None:
        asked_at_s = self._asked_at_s
        asked_lately = asked_at_s is not None and self._clock.monotonic() - asked_at_s < LOOK_AGAIN_S
        if asked_lately or self._rest.left() or self._keys.any_left():
            return
        try:
            self._router.ping()
        except RouterError as error:
            self._say(error)
        else:
            self._works()

    def _next_at(self) -> datetime | None:
        """Return when there is something to do again: the end of a rest, or the first delayed entry's time."""
        now = self._clock.now()
        times = []
        for entry in self._store.outbox.due(LANE, now + _FAR_AHEAD, limit=_HEADS_MAX):
            at = entry.next_at or now
            if at - now > LONGEST_WAIT:
                # Nobody waits so long on purpose: the clock was wrong when this was written.
                self._store.outbox.update(retried(entry))
                at = now
            times.append(max(at, now + self._keys.left(_pic(entry))))
        return max(min(times), now + self._rest.left()) if times else None

    def _wait(self, cancel: Cancel, next_at: datetime | None) -> None:
        """Wait for ``wake``, ``next_at`` or ``cancel``; at most until it is time to look again."""
        left = LOOK_AGAIN_S
        if next_at is not None:
            left = min(left, max(0.0, (next_at - self._clock.now()).total_seconds()))
        until = self._clock.monotonic() + left
        # In short pieces, for nobody who cancels knows what this waits for.
        while not cancel.is_set() and not self._woken.is_set():
            left = until - self._clock.monotonic()
            if left <= 0:
                return
            self._woken.wait(min(left, _TICK_S))


def _pic(entry: OutboxEntry) -> str:
    """Return whose key an entry goes out with."""
    return str(entry.payload.get("pic", ""))


def _plain(error: StationError) -> dict[str, object]:
    """Return an error's values as plain JSON, with what to do."""
    params: dict[str, object] = {
        name: value if isinstance(value, str | int | float) else str(value) for name, value in error.params.items()
    }
    return {**params, "todo": error.todo, "code": error.code}
