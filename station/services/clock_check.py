"""Notice a wrong clock: by ESC-Router's time when it answers, by the journal when nobody does. Advice, never a stop.

A card takes its dates from this computer: the day of issue, and with some rules the day of expiry. Its number carries
the time too, and stays unique whatever the clock says, because the last one is kept (``services.numbers``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from station.domain.errors import N_
from station.domain.message import Message
from station.domain.workflow import JournalEntry
from station.ports.clock import Clock
from station.ports.store import Store
from station.services.health import Health, HealthState

WRONG_BY = timedelta(minutes=5)
"""From here on a clock is wrong: the skew that Kerberos tolerates between computers (RFC 4120, 8.2). It is far more
than an answer takes on its way (time-out 20 s) and than the clocks of stations on one store differ, and too little to
move a card's dates except right at midnight."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the router's clock said, and what ours did at that moment."""

    said: datetime
    now: datetime
    at_s: float


class ClockCheck:
    """Compare this computer's clock with others. ``heard`` comes from any thread, the rest from one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: _Heard | None = None
        self._ahead_of_us: JournalEntry | None = None

    def heard(self, said: datetime) -> None:
        """Note the time of day that ESC-Router's answer carries, as soon as it is here."""
        # One value, put there in one step: it is written on the thread that asks the router and read on another.
        self._heard = _Heard(said, self._clock.now(), self._clock.monotonic())

    def look_into(self, store: Store) -> None:
        """Look whether the journal has an entry from a time that is still to come: then this clock was set back."""
        late = store.issuances.journal_since(self._clock.now() + WRONG_BY, limit=1)
        self._ahead_of_us = late[0] if late else None

    def health(self) -> Health:
        """Return how the clock stands; ``off`` when there was nothing to compare it with."""
        heard, entry, now = self._heard, self._ahead_of_us, self._clock.now()
        if heard is not None:
            # The router's word goes first: an entry from the future may have been written while the clock was ahead.
            ahead = self._ahead(heard, now)
            if abs(ahead) <= WRONG_BY:
                return Health("clock", HealthState.OK, "", Message(N_("agrees with ESC-Router")))
            params: dict[str, object] = {"span": _span(abs(ahead)), "time": _local(now), "other": _local(now - ahead)}
            said, short = (_AHEAD, _SHORT_AHEAD) if ahead > timedelta() else (_BEHIND, _SHORT_BEHIND)
            return _wrong(said, short, params)
        if entry is not None:
            params = {"span": _span(entry.at - now), "time": _local(now), "other": _local(entry.at)}
            return _wrong(_SET_BACK, _SHORT_BEHIND, {**params, "station": entry.station})
        return Health("clock", HealthState.OFF, "", Message(N_("nothing to compare it with yet")))

    def _ahead(self, heard: _Heard, now: datetime) -> timedelta:
        """Return how far ahead of the router's our clock is: then, or by now, whichever is less.

        By now it is less when somebody has set the clock right; then it was less when the computer slept since, for
        the counter that never goes back stands still in sleep.
        """
        then = heard.now - heard.said
        by_now = now - heard.said - timedelta(seconds=self._clock.monotonic() - heard.at_s)
        return min(then, by_now, key=abs)


def _wrong(what: str, short: str, params: dict[str, object]) -> Health:
    return Health("clock", HealthState.WARN, "", Message(what, params), Message(_TODO), Message(short, params))


def _span(span: timedelta) -> Message:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return Message(N_("{n} min"), {"n": minutes})
    if minutes < 48 * 60:
        return Message(N_("{n} h"), {"n": minutes // 60})
    return Message(N_("{n} d"), {"n": minutes // (24 * 60)})


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


_AHEAD = N_("This computer's clock is {span} ahead: it says {time}, ESC-Router says {other}.")
_BEHIND = N_("This computer's clock is {span} behind: it says {time}, ESC-Router says {other}.")
_SET_BACK = N_(
    "This computer's clock says {time}, but the journal has an entry of “{station}” that is {span} later ({other}):"
    " this clock was set back, or that one was ahead."
)
_SHORT_AHEAD = N_("{span} ahead")
_SHORT_BEHIND = N_("{span} behind")
_TODO = N_(
    "Ask IT to set the clock, best by the network. Until then new cards get their dates by the wrong clock;"
    " their numbers stay unique, and you can go on working."
)
