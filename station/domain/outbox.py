"""What is still to be told to others, or asked of them, and when: entries, back-off and the plan, all pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from station.domain.errors import N_

UPLOADS = "router"
"""The lane of what ESC-Router is told."""
DOWNLOADS = "router.read"
"""The lane of what it is asked: a refusal there, or here, is nothing to the other lane."""

LONGEST_WAIT = timedelta(hours=25)
"""A bit more than a router may ask for: nobody waits longer on purpose."""
CLOCKS_APART = timedelta(minutes=10)
"""So much may the clocks of two stations that share a store differ."""

FINAL = "final"
"""Name of the value in ``last_params`` that says that nothing will ever change this answer."""
PUT_OFF_AT = "put_off_at"
"""Name of the value in ``last_params`` that says when an entry was put off, by this computer's clock."""


class OutboxKind(StrEnum):
    """What an entry tells ESC-Router; ``STATUS`` asks it what anyone can read of a card."""

    PERSON = "person"
    CARD = "card"
    PICTURE = "picture"
    DELETE_PICTURE = "delete-picture"
    DELETE_CARD = "delete-card"
    DELETE_PERSON = "delete-person"
    STATUS = "status"


KIND_NAMES = {
    OutboxKind.PERSON: N_("the person"),
    OutboxKind.CARD: N_("the card"),
    OutboxKind.PICTURE: N_("the picture"),
    OutboxKind.DELETE_PICTURE: N_("to forget the picture"),
    OutboxKind.DELETE_CARD: N_("to forget the card"),
    OutboxKind.DELETE_PERSON: N_("to forget the person"),
    OutboxKind.STATUS: N_("how the card is seen by others"),
}
"""What an entry tells, or asks, in words."""

DELETIONS = frozenset({OutboxKind.DELETE_PICTURE, OutboxKind.DELETE_CARD, OutboxKind.DELETE_PERSON})
"""What makes the router forget; that it knew nothing is as good."""


class OutboxState(StrEnum):
    """``waiting`` goes out by itself; ``parked`` waits for a person to decide, or for its cause to be corrected."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One thing to tell. ``key`` is unique for what is told (kind and ESCN), ``order_key`` is the person.

    Entries of one ``order_key`` go out in the order of ``sequence``; different order keys never wait for each other.
    ``done_at`` is when it was done by this computer's clock, ``router_at`` when it was last answered by the router's.
    """

    key: str
    lane: str
    kind: OutboxKind
    order_key: str
    payload: dict[str, object]
    created_at: datetime
    escn: str = ""
    sequence: int = 0
    state: OutboxState = OutboxState.WAITING
    attempts: int = 0
    next_at: datetime | None = None
    last_answer: str = ""
    last_params: dict[str, object] = field(default_factory=dict)
    done_at: datetime | None = None
    router_at: datetime | None = None

    @property
    def final(self) -> bool:
        """Tell whether its last answer stands for ever: nothing brings it out again."""
        return self.state is OutboxState.PARKED and bool(self.last_params.get(FINAL))


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with full jitter: a wait from 0 to min(cap, first · 2^(attempts-1)) seconds."""

    first_s: float = 2.0
    cap_s: float = 600.0

    def wait(self, attempts: int, fraction: float, *, at_least_s: float = 0.0) -> timedelta:
        """Return the wait after ``attempts`` failures; ``fraction`` (0..1) is the draw, ``at_least_s`` Retry-After."""
        # An entry may fail for years, and a float has room for 1023 doublings.
        ceiling = min(self.cap_s, self.first_s * 2.0 ** min(attempts - 1, 32))
        # Drawn from the whole span, so that stations which lost the router together don't come back together.
        return timedelta(seconds=max(at_least_s, ceiling * fraction))


@dataclass(frozen=True, slots=True)
class Send:
    """Send this entry now."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True)
class Rewind:
    """Write this entry, whose time has been put right: its old one came from a wrong clock."""

    entry: OutboxEntry


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing else can be sent before ``at``."""

    at: datetime


Action = Send | Rewind | LookAgain


def holds_back(entry: OutboxEntry) -> bool:
    """Tell whether what comes after an entry of the same person has to wait for it.

    Nothing depends on a picture: while one waits for a person to decide, a card that was lost can be blocked.
    """
    return entry.state is OutboxState.WAITING or (
        entry.state is OutboxState.PARKED and entry.kind is not OutboxKind.PICTURE
    )


def plan(entries: Iterable[OutboxEntry], now: datetime, *, busy: Collection[str] = ()) -> tuple[Action, ...]:
    """Return what to do now: of each person the first unfinished entry is sent, when its time has come.

    A parked entry holds back only what belongs to the same person, and a parked picture nothing; so does one that is on
    its way, whose order keys are ``busy``. The plan of a queue is the plans of its persons put together, so any part
    of it can be planned.
    """
    heads: dict[tuple[str, str], OutboxEntry] = {}
    for entry in sorted(entries, key=lambda e: e.sequence):
        if holds_back(entry):
            heads.setdefault((entry.lane, entry.order_key), entry)
    actions: list[Action] = []
    times: list[datetime] = []
    for head in heads.values():
        # The next one of the same person waits, too: it is no head. Everybody else goes on.
        if head.state is OutboxState.PARKED or head.order_key in busy:
            continue
        if head.next_at is None or head.next_at <= now:
            actions.append(Send(head))
        elif _by_wrong_clock(head, head.next_at, now):
            actions += [Rewind(retried(head)), Send(retried(head))]
        else:
            times.append(head.next_at)
    return (*actions, LookAgain(min(times))) if times else tuple(actions)


def _by_wrong_clock(entry: OutboxEntry, next_at: datetime, now: datetime) -> bool:
    """Tell whether an entry's time came from a clock that was ahead: it was put off when it is not yet."""
    put_off_at = entry.last_params.get(PUT_OFF_AT)
    ahead = isinstance(put_off_at, str) and datetime.fromisoformat(put_off_at) - now > CLOCKS_APART
    return ahead or next_at - now > LONGEST_WAIT


def to_send(actions: Iterable[Action]) -> tuple[OutboxEntry, ...]:
    """Return the entries that a plan sends."""
    return tuple(action.entry for action in actions if isinstance(action, Send))


def succeeded(
    entry: OutboxEntry, now: datetime, *, router_at: datetime | None = None, said: dict[str, object] | None = None
) -> OutboxEntry:
    """Return ``entry`` as done; ``said`` is what was learnt, for whoever shows it."""
    return replace(
        entry,
        state=OutboxState.DONE,
        attempts=entry.attempts + 1,
        next_at=None,
        last_answer="",
        last_params=said or {},
        done_at=now,
        router_at=router_at or entry.router_at,
    )


def failed(
    entry: OutboxEntry,
    answer: str,
    params: dict[str, object],
    next_at: datetime | None,
    *,
    router_at: datetime | None = None,
) -> OutboxEntry:
    """Return ``entry`` after a failure: to be tried again at ``next_at``, or parked when that is ``None``."""
    return replace(
        entry,
        state=OutboxState.PARKED if next_at is None else OutboxState.WAITING,
        attempts=entry.attempts + 1,
        next_at=next_at,
        last_answer=answer,
        last_params=params,
        router_at=router_at or entry.router_at,
    )


def ended_with(entry: OutboxEntry, before: OutboxEntry) -> OutboxEntry:
    """Return ``entry`` parked for good: what was answered to one ``before`` it, of the same person, stands for ever."""
    return replace(
        entry, state=OutboxState.PARKED, next_at=None, last_answer=before.last_answer, last_params=before.last_params
    )


def retried(entry: OutboxEntry) -> OutboxEntry:
    """Return ``entry`` to be sent at once, because a person said so or its cause was corrected."""
    return replace(entry, state=OutboxState.WAITING, next_at=None)


def corrected(entry: OutboxEntry, payload: dict[str, object]) -> OutboxEntry | None:
    """Return ``entry`` with ``payload``, to be sent at once, when that is another one; ``None`` when nothing changed.

    ``payload`` is what the records say now. What was refused would be refused again; an answer that is final stays.
    """
    if entry.final or payload == entry.payload:
        return None
    return retried(replace(entry, payload=payload))
