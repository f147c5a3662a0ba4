"""Which station sends what: one at a time drains a lane, and another one takes over when it dies or can't send."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from station.domain.errors import RouterForbiddenError, RouterKeyError, RouterUnreachableError
from station.domain.outbox import OutboxState
from station.ports.claims import Claims, Standing, draining
from station.ports.clock import Clock
from station.services.lane import KeyRests, LaneRest

TAKE_OVER_S = 3.0
"""So often a station that doesn't send looks whether nobody else does."""

# Each look is a question to the server, and it is asked between two requests: four a second cost nothing.
_LOOK_S = 0.25
# Longer than the others need to notice that the lane is free, or this station would take it again at once.
_GIVE_UP_S = 10.0
# What another station may not have: it is this one's cable, address or key.
_OURS_ALONE = (RouterUnreachableError, RouterForbiddenError, RouterKeyError)


class ClaimedLane(Protocol):
    """What is looked at of a lane; ``ours``, and how to ask whether it still is, are set here."""

    name: str
    ours: bool
    still_ours: Callable[[], bool]
    counts: dict[OutboxState, int]

    @property
    def rest(self) -> LaneRest:
        """Return when the lane rests."""

    @property
    def keys(self) -> KeyRests:
        """Return which institutions rest."""


class LaneClaims:
    """Claim lanes for this station (one thread). Without ``claims`` they are always its own."""

    def __init__(self, claims: Claims | None, clock: Clock) -> None:
        self._claims, self._clock = claims, clock
        self._held: set[str] = set()
        self._leave_until_s: dict[str, float] = {}
        self._looked_s = 0.0

    def begin(self, lane: ClaimedLane) -> None:
        """Take a lane for this station, unless another one has it or this one could not send."""
        if self._claims is None:
            lane.ours = True
        elif lane.name in self._held:
            lane.ours = self._is_ours(lane.name)
        elif self._clock.monotonic() < self._leave_until_s.get(lane.name, 0.0):
            lane.ours = False
        else:
            standing = self._claims.take(draining(lane.name))
            # Also when nobody could be asked: the claim is remembered, and taken as soon as the database is back.
            if standing is not Standing.ANOTHERS:
                self._held.add(lane.name)
            lane.ours, lane.still_ours = standing is Standing.OURS, partial(self._is_ours, lane.name)

    def look(self, lanes: tuple[ClaimedLane, ...]) -> None:
        """Look now and then whether lanes are still this station's: the database may have been away."""
        now_s = self._clock.monotonic()
        if self._claims is None or now_s - self._looked_s < _LOOK_S:
            return
        self._looked_s = now_s
        for lane in lanes:
            if lane.ours:
                lane.ours = self._is_ours(lane.name)

    def end(self, lane: ClaimedLane) -> None:
        """Leave a lane to others when nothing of it could be sent for a reason that may be this station's alone."""
        # What was told proves that this station can: a cable that was pulled after that is no reason to leave.
        unable = isinstance(lane.rest.why or lane.keys.why, _OURS_ALONE) and not lane.counts[OutboxState.DONE]
        if self._claims is not None and lane.name in self._held and unable:
            self._held.discard(lane.name)
            self._claims.let_go(draining(lane.name))
            left_s = max(_GIVE_UP_S, lane.rest.left().total_seconds())
            self._leave_until_s[lane.name] = self._clock.monotonic() + left_s
            lane.ours = False

    def _is_ours(self, name: str) -> bool:
        return self._claims is None or self._claims.standing(draining(name)) is Standing.OURS
