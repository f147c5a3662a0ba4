"""One lane of the outbox: what goes next, what an answer means for its entry, and when the lane rests."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from station.domain.card import Registration
from station.domain.errors import (
    RouterBusyError,
    RouterError,
    RouterGoneError,
    RouterNotFoundError,
    RouterUnreachableError,
    StationError,
    StoreError,
)
from station.domain.outbox import (
    FINAL,
    PUT_OFF_AT,
    Backoff,
    LookAgain,
    OutboxEntry,
    OutboxKind,
    OutboxState,
    Rewind,
    failed,
    plan,
    retried,
    succeeded,
)
from station.ports.clock import Clock
from station.ports.store import OutboxOutcome, Store
from station.services.lane import KeyRests, LaneRest
from station.services.outbox_corrections import Corrections
from station.services.outbox_queue import LaneQueue
from station.services.outbox_sending import Answer
from station.services.outbox_window import Window
from station.services.registration import status_for, taking_back, without_esi

log = logging.getLogger(__name__)

IN_A_ROW_MAX = 3
"""After so many failures in a row it is the router or the network, not the entries: the lane rests."""

# No answer says when a refused key will be taken again; a person puts another one in, and that shows within a minute.
KEY_REST_S = 60.0
NOT_SHOWN = "UNKNOWN"
"""What is kept as a card's public status when the router took the card and, asked again and again, shows none."""
_ASKED_MAX = 5
_SHORTEST_WAIT_S = 1.0
_HEADS_LOOKED_AT = 50
_HELD_UP_MAX = 1000
_HEALED = "healed"


@dataclass(frozen=True, slots=True)
class LaneOptions:
    """How a lane waits, whom it tells how the router stands, and whether it looks how others see what was told.

    ``recorded`` is called, on whose thread it may be, when what became of entries is durable.
    """

    entry_backoff: Backoff
    lane_backoff: Backoff
    draw: Callable[[], float]
    say: Callable[[RouterError | None], None]
    read_back: bool = False
    recorded: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry that was sent, and what became of it; ``None`` when nothing was learnt about it."""

    entry: OutboxEntry
    outcome: OutboxOutcome | None
    generation: int = 0


class Lane:
    """Keep one lane going (one thread; ``end_rests`` from any). Nothing in another lane holds it up."""

    def __init__(self, name: str, store: Store, clock: Clock, options: LaneOptions, *, window: Window) -> None:
        self.name, self.window = name, window
        self._store, self._clock, self._options = store.outbox, clock, options
        self.rest, self.keys = LaneRest(clock, IN_A_ROW_MAX), KeyRests(clock)
        self.queue = LaneQueue(store.outbox, name)
        self.counts: dict[OutboxState, int] = {}
        self.ours = True
        """Whether this station sends what is in it."""
        self.still_ours: Callable[[], bool] = lambda: True
        # Bounded, as a router that is away for a day could hold up every entry; what is beyond it waits for its own
        # time.
        self._held_up: set[str] = set()
        self.begin()

    def begin(self) -> None:
        """Begin a run: nothing is on its way."""
        self.counts = dict.fromkeys(OutboxState, 0)
        self.queue.on_way.clear()
        self.queue.restart()

    @property
    def why(self) -> RouterError | None:
        """Return why the lane, or an institution in it, rests."""
        return self.rest.why or self.keys.why

    def next(self) -> OutboxEntry | None:
        """Return the entry to send next, ``None`` when there is none now."""
        now = self._clock.now()
        while not self.rest.left():
            entry = self.queue.take(now, lambda e: bool(self.keys.left(_pic(e))))
            # ESC-Router files everybody under an ESI: without one there is nothing to ask it; parked, it goes out by
            # itself once the register has one.
            if entry is None or entry.payload.get("esi") or entry.kind is OutboxKind.STATUS:
                return entry
            parked = without_esi(entry)
            self._store.settle([OutboxOutcome(parked, Registration.PARKED)])
            self._note(parked)
        return None

    def judge(self, answers: list[Answer], corrections: Corrections) -> list[Judged]:
        """Say what became of what came back, and what that means for the lane; nothing is written yet.

        Raises:
            StoreError: what was to be sent could not be read.
        """
        now = self._clock.now()
        # The answers of all lanes come back together, as one crew sends for them all.
        mine = (answer for answer in answers if answer.entry.lane == self.name)
        return [Judged(each.entry, self._outcome(each, now, corrections), each.generation) for each in mine]

    def write(self, judged: list[Judged], corrections: Corrections) -> dict[str, OutboxOutcome]:
        """Make it durable, all at once, from any thread; return by key what was written. Raises StoreError.

        What told what the records said before somebody corrected them is left as it is, and told again.
        """
        # From the check to the commit nobody corrects: a correction in between would be overwritten by an old outcome.
        with corrections.standing_still():
            written = {
                each.entry.key: each.outcome
                for each in judged
                if each.outcome is not None and not corrections.is_stale(each.entry.key, each.generation)
            }
            gone = self._store.settle(list(written.values()))
            if gone and not self.still_ours():
                # Who withdrew was forgotten there by the station that sends now, perhaps before this was told.
                told = [written[key].entry for key in gone]
                self._store.add(taking_back(told, self._clock.now()))
        if written and self._options.recorded is not None:
            self._options.recorded()
        return written

    def finish(self, judged: list[Judged], written: dict[str, OutboxOutcome]) -> None:
        """Let what waits behind it go, now that it is durable."""
        for each in judged:
            outcome = written.get(each.entry.key)
            if outcome is None:
                self.queue.finished(each.entry, self._clock.now())
            else:
                self._note(outcome.entry)

    def next_at(self) -> datetime | None:
        """Return when there is something to do again: the end of a rest, or the first delayed entry's time."""
        now = self._clock.now()
        heads = self._store.page(self.name, now, limit=_HEADS_LOOKED_AT).entries
        times = [now + self.keys.left(_pic(entry)) for entry in heads if entry.state is OutboxState.WAITING]
        put_off = self._store.put_off(self.name)
        for action in plan((put_off,), now) if put_off is not None else ():
            if isinstance(action, Rewind):
                # Nobody waits so long on purpose: the clock was wrong when this was written, and all that follow.
                self._store.release()
                times.append(now)
            elif isinstance(action, LookAgain):
                times.append(action.at)
        return max(min(times), now + self.rest.left()) if times else None

    def rest_for(self, error: RouterError, wait: timedelta) -> None:
        """Let the lane rest."""
        self.rest.begin(error, wait)
        log.info("the lane %s rests for %.0f s: %s", self.name, wait.total_seconds(), error.code)
        self._options.say(error)

    def end_rests(self) -> None:
        """End every rest: a person says so."""
        self.rest.end()
        self.keys.end()

    def works(self, pic: str = "", *, sent_s: float | None = None) -> None:
        """Note that the router answers, and takes this institution's key; what only waited for that goes out now."""
        if sent_s is not None and self.rest.left() and sent_s <= self.rest.began_s:
            return  # it was on its way when the trouble began, and proves nothing
        key_rested, lane_rested = self.keys.end(pic), self.rest.end()
        self._options.say(self.keys.why)  # another institution's key may still be refused
        held_up, self._held_up = self._held_up, set()
        for key in held_up if key_rested or lane_rested else ():
            entry = self._store.get(key)
            if entry is not None and entry.state is OutboxState.WAITING:
                self._store.update(retried(entry))

    # --- one answer

    def _outcome(self, answer: Answer, now: datetime, corrections: Corrections) -> OutboxOutcome | None:
        """Return what to write of an answer; ``None`` when nothing was learnt about its entry."""
        entry, error = answer.entry, answer.error
        # What was to be sent could not be read: neither the entry nor the router is to blame, so nothing is noted of
        # either.
        if isinstance(error, StoreError):
            raise error
        if error is None:
            return self._done(answer, now)
        if answer.is_about_the_key and isinstance(error, RouterError):
            self._rest_key(entry, error)
            return None
        if isinstance(error, RouterError) and error.retryable:
            return self._later(answer, error, now)
        # Once an entry: a router that goes on missing the person whom it just took would be told the two in turn for
        # ever.
        if answer.person_is_missing and not entry.last_params.get(_HEALED):
            told = {**plain(error), _HEALED: True}
            healing = failed(entry, error.what, told, now, router_at=answer.router_at)
            if corrections.tell_person_first(healing):
                return None
        if entry.kind is OutboxKind.STATUS and isinstance(error, RouterNotFoundError):
            return self._not_shown(answer, error, now)
        return self._parked(answer, error)

    def _done(self, answer: Answer, now: datetime) -> OutboxOutcome:
        entry = answer.entry
        self.window.answered(answer.took_s)
        self.works(_pic(entry), sent_s=answer.sent_s)
        done = succeeded(entry, now, router_at=answer.router_at, said=answer.said)
        if entry.kind is not OutboxKind.CARD:
            return OutboxOutcome(done)
        # With the outcome, in one transaction: a crash after it would lose the question, as nothing else asks it.
        asked = status_for(entry.escn, _pic(entry), now) if self._options.read_back else None
        return OutboxOutcome(done, Registration.REGISTERED, asked)

    def _not_shown(self, answer: Answer, error: RouterError, now: datetime) -> OutboxOutcome:
        """Ask again later for a card that was told and is not shown yet; in the end keep that it is not."""
        entry, backoff = answer.entry, self._options.entry_backoff
        self.window.answered(answer.took_s)
        self.works(sent_s=answer.sent_s)
        if entry.attempts + 1 >= _ASKED_MAX:
            return OutboxOutcome(succeeded(entry, now, router_at=answer.router_at, said={"status": NOT_SHOWN}))
        # A refusal to a question is no failure of the lane: it neither rests nor sends less for it.
        wait = backoff.wait(entry.attempts + 1, self._options.draw(), at_least_s=_SHORTEST_WAIT_S)
        return OutboxOutcome(_put_off(answer, error, now, wait))

    def _parked(self, answer: Answer, error: StationError) -> OutboxOutcome:
        entry = answer.entry
        if isinstance(error, RouterError):
            self.window.answered(answer.took_s)
            self.works(_pic(entry), sent_s=answer.sent_s)
        final = {FINAL: True} if isinstance(error, RouterGoneError) else {}
        after = failed(entry, error.what, {**plain(error), **final}, None, router_at=answer.router_at)
        # A picture or a question that was refused takes nothing from the card: it is registered, or still on its way.
        counts = entry.kind in (OutboxKind.PERSON, OutboxKind.CARD)
        return OutboxOutcome(after, Registration.PARKED if counts else None)

    def _later(self, answer: Answer, error: RouterError, now: datetime) -> OutboxOutcome:
        """Put an entry off, and let the lane rest when the trouble is the router's or the network's."""
        entry, options, asked = answer.entry, self._options, error.retry_after_s or 0.0
        at_least = max(_SHORTEST_WAIT_S, asked)
        wait = options.entry_backoff.wait(entry.attempts + 1, options.draw(), at_least_s=at_least)
        unreachable = isinstance(error, RouterUnreachableError)
        # Where nobody answers the next one goes alone, to find out; a router that pushes back is there, and gets half
        # as many.
        (self.window.failed if unreachable else self.window.pushed_back)()
        if (unreachable or isinstance(error, RouterBusyError)) and len(self._held_up) < _HELD_UP_MAX:
            # Not the entry's fault: when the trouble is over it waits no longer than the others.
            self._held_up.add(entry.key)
        options.say(error)
        if self.rest.failed() or asked or isinstance(error, RouterBusyError):
            rest = options.lane_backoff.wait(self.rest.rests + 1, options.draw(), at_least_s=at_least)
            # Many that were on their way together tell of one trouble: one rest, unless a longer one is asked for.
            if not self.rest.left() or timedelta(seconds=asked) > self.rest.left():
                self.rest_for(error, rest)
        return OutboxOutcome(_put_off(answer, error, now, wait))

    def _rest_key(self, entry: OutboxEntry, error: RouterError) -> None:
        wait = timedelta(seconds=KEY_REST_S)
        # Several of this institution were on their way together: one rest for all of them, from the first refusal on.
        if not self.keys.left(_pic(entry)):
            self.keys.begin(_pic(entry), error, wait)
            log.info("PIC %s rests for %.0f s: %s", _pic(entry), wait.total_seconds(), error.code)
        self.window.failed()
        self._options.say(error)

    def _note(self, entry: OutboxEntry) -> None:
        self.counts[entry.state] += 1
        self.queue.finished(entry, self._clock.now())


def plain(error: StationError) -> dict[str, object]:
    """Return an error's values as plain JSON, with what to do."""
    params: dict[str, object] = {
        name: value if isinstance(value, str | int | float) else str(value) for name, value in error.params.items()
    }
    return {**params, "todo": error.todo, "code": error.code}


def _put_off(answer: Answer, error: StationError, now: datetime, wait: timedelta) -> OutboxEntry:
    entry = answer.entry
    said = {**_kept(entry), **plain(error), PUT_OFF_AT: now.isoformat()}
    return failed(entry, error.what, said, now + wait, router_at=answer.router_at)


def _kept(entry: OutboxEntry) -> dict[str, object]:
    return {_HEALED: True} if entry.last_params.get(_HEALED) else {}


def _pic(entry: OutboxEntry) -> str:
    """Return whose key an entry goes out with; a question to anybody needs none."""
    return "" if entry.kind is OutboxKind.STATUS else str(entry.payload.get("pic", ""))
