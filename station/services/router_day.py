"""One day of cards at ESC-Router: how many were issued and how many registered, hour by hour, for a chart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from station.domain.card import Registration
from station.ports.store import Store

_CARDS_MAX = 5000


@dataclass(frozen=True, slots=True)
class RouterDay:
    """When cards were issued and when they were registered, in order, from midnight here to ``until``.

    What was registered today may have been issued before: then there are more of those.
    """

    midnight: datetime
    until: datetime = field(compare=False)
    """When it was read; a day on which nothing has happened since is the same."""
    issued: tuple[datetime, ...] = ()
    registered: tuple[datetime, ...] = ()

    @property
    def behind(self) -> int:
        """Return how many more were issued than registered."""
        return max(0, len(self.issued) - len(self.registered))

    def counts(self, at: datetime) -> tuple[int, int]:
        """Return how many had been issued, and registered, at a time."""
        return bisect_right(self.issued, at), bisect_right(self.registered, at)

    def steps(self, every: timedelta = timedelta(hours=1)) -> tuple[tuple[datetime, int, int], ...]:
        """Return time, issued and registered at each full step from the first card on, and at the end."""
        first = min((*self.issued[:1], *self.registered[:1]), default=None)
        if first is None:
            return ()
        at = self.midnight + ((first - self.midnight) // every) * every
        found = []
        while at < self.until:
            found.append((at, *self.counts(at)))
            at += every
        return (*found, (self.until, *self.counts(self.until)))


def midnight_before(now: datetime) -> datetime:
    """Return when the day of ``now`` began, on the clock of this place."""
    # By the calendar and not 24 hours back: on two days of the year midnight is 23 or 25 hours away.
    return datetime.combine(now.astimezone().date(), time()).astimezone()


def router_day(store: Store, now: datetime) -> RouterDay:
    """Return the day so far."""
    midnight = midnight_before(now)
    cards = store.cards.issued_since(midnight, limit=_CARDS_MAX)
    issued = sorted(card.issued_at for card in cards if card.registration is not Registration.NOT_NEEDED)
    registered = sorted(store.outbox.first_told(midnight).values())
    return RouterDay(midnight, now, tuple(issued), tuple(registered))


def line_of(times: Sequence[datetime], start: datetime, end: datetime, top: int) -> tuple[tuple[float, float], ...]:
    """Return a line of steps as points from 0 to 1, left to right and bottom to top: how many there were by when."""
    length = max((end - start).total_seconds(), 1.0)
    points, height = [(0.0, bisect_right(times, start) / top)], bisect_right(times, start)
    for at in times[height:]:
        if at > end:
            break
        across = (at - start).total_seconds() / length
        points += [(across, height / top), (across, (height + 1) / top)]
        height += 1
    return (*points, (1.0, height / top))
