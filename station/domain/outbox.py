"""What is still to be told to others, and when to try: entries, back-off and the plan, all pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class OutboxKind(StrEnum):
    """What an entry tells ESC-Router."""

    PERSON = "person"
    CARD = "card"
    PICTURE = "picture"


class OutboxState(StrEnum):
    """``waiting`` goes out by itself; ``parked`` waits for a person to decide."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One thing to tell. ``key`` is unique for what is told (kind and ESCN), ``order_key`` is the person.

    Entries of one ``order_key`` go out in the order of ``sequence``; different order keys never wait for each other.
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


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with full jitter: a wait from 0 to min(cap, first · 2^(attempts-1)) seconds."""

    first_s: float = 2.0
    cap_s: float = 600.0

    def wait(self, attempts: int, fraction: float, *, at_least_s: float = 0.0) -> timedelta:
        """Return the wait after ``attempts`` failures; ``fraction`` (0..1) is the draw, ``at_least_s`` Retry-After."""
        ceiling = min(self.cap_s, self.first_s * 2.0 ** min(attempts - 1, 32))
        return timedelta(seconds=max(at_least_s, ceiling * fraction))


def plan(entries: Iterable[OutboxEntry], now: datetime) -> tuple[OutboxEntry, ...]:
    """Return the entries to send now: the first unfinished one of each person, when its time has come.

    A parked entry holds back only what belongs to the same person.
    """
    heads: dict[tuple[str, str], OutboxEntry] = {}
    for entry in sorted(entries, key=lambda e: e.sequence):
        if entry.state is not OutboxState.DONE:
            heads.setdefault((entry.lane, entry.order_key), entry)
    return tuple(
        e for e in heads.values() if e.state is OutboxState.WAITING and (e.next_at is None or e.next_at <= now)
    )


def succeeded(entry: OutboxEntry, now: datetime) -> OutboxEntry:
    """Return ``entry`` as done."""
    return replace(
        entry,
        state=OutboxState.DONE,
        attempts=entry.attempts + 1,
        next_at=None,
        last_answer="",
        last_params={},
        done_at=now,
    )


def failed(entry: OutboxEntry, answer: str, params: dict[str, object], next_at: datetime | None) -> OutboxEntry:
    """Return ``entry`` after a failure: to be tried again at ``next_at``, or parked when that is ``None``."""
    state = OutboxState.PARKED if next_at is None else OutboxState.WAITING
    return replace(
        entry, state=state, attempts=entry.attempts + 1, next_at=next_at, last_answer=answer, last_params=params
    )


def retried(entry: OutboxEntry) -> OutboxEntry:
    """Return ``entry`` to be sent at once, because a person said so or its cause was corrected."""
    return replace(entry, state=OutboxState.WAITING, next_at=None)
