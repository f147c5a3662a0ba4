"""What this station may do; asked before something is begun, never before something is finished.

A card in the printer, a doubt, the queue: what happened is a fact, so that nothing of it depends on a right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from station.domain.enrolment import EVERYTHING, RIGHTS_IN_WORDS, EnrolledStation, Right
from station.domain.errors import N_, StoreError
from station.domain.message import Message
from station.domain.station_errors import NotAllowedError, NotEnrolledError
from station.ports.clock import Clock
from station.ports.enrolment import EnrolmentStore


class Rights(Protocol):
    """The rights of this station. Any thread may ask."""

    def need(self, right: Right) -> None:
        """Return when this station may do that.

        Raises:
            NotAllowedError: it may not. NotEnrolledError: it was withdrawn, or its time is over.
        """

    def held(self) -> frozenset[Right]:
        """Return what it may do now."""


class AllRights:
    """A station of a store where nobody was ever enrolled."""

    def need(self, right: Right) -> None:
        """Return: it may."""

    def held(self) -> frozenset[Right]:
        """Return everything."""
        return EVERYTHING


class RightsUntilBegun:
    """A station of a store where nobody is enrolled yet. Asked each time: once somebody begins, who is not is refused.

    ``ask`` returns what this station may do now; it raises NotEnrolledError.
    """

    def __init__(self, ask: Callable[[], Rights]) -> None:
        self._ask = ask

    def need(self, right: Right) -> None:
        """Return when this station may do that."""
        self._ask().need(right)

    def held(self) -> frozenset[Right]:
        """Return what it may do now."""
        try:
            return self._ask().held()
        except NotEnrolledError:
            return frozenset()


class StationRights:
    """An enrolled station. The store is asked each time: who is withdrawn begins nothing any more, at once.

    ``told`` is called with what is new about the station, so that it is known at the next start, too.
    """

    def __init__(
        self,
        store: EnrolmentStore,
        clock: Clock,
        station: EnrolledStation,
        told: Callable[[EnrolledStation], None] = lambda station: None,
    ) -> None:
        self._store, self._clock, self._station, self._told = store, clock, station, told

    def need(self, right: Right) -> None:
        """Return when this station may do that."""
        station = self._now()
        trouble = out_of_use(station, self._clock)
        if trouble is not None:
            raise trouble
        if right not in station.rights:
            raise NotAllowedError(right=Message(RIGHTS_IN_WORDS[right]))

    def held(self) -> frozenset[Right]:
        """Return what it may do now."""
        station = self._now()
        return frozenset() if out_of_use(station, self._clock) is not None else station.rights

    def _now(self) -> EnrolledStation:
        try:
            found = self._store.by_token(self._station.token)
        except StoreError:
            # Without the database a desk goes on alone, with what it was told last.
            return self._station
        if found is not None and found != self._station:
            self._station = found
            self._told(found)
        return self._station


def out_of_use(station: EnrolledStation, clock: Clock) -> NotEnrolledError | None:
    """Return why a station may not work any more, ``None`` when it may."""
    if station.withdrawn_at is not None:
        day, why = station.withdrawn_at.date().isoformat(), station.reason or "-"
        return NotEnrolledError(_WITHDRAWN, _QUEUE_GOES, name=station.name, day=day, reason=why)
    if station.ends_at is not None and station.ends_at <= clock.now():
        day = station.ends_at.date().isoformat()
        return NotEnrolledError(_ENDED, _QUEUE_GOES, name=station.name, day=day)
    return None


_WITHDRAWN = N_("The station {name} was withdrawn on {day} ({reason}).")
_ENDED = N_("The station {name} was enrolled until {day}.")
_QUEUE_GOES = N_(
    "Its cards stay valid, and its queue still goes to ESC-Router. To make cards here, have it enrolled anew."
)
