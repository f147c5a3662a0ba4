"""Notice that the router is not the one it was: emptied, or another environment. Then nothing more is sent.

A router that has lost everything would take every card anew without a word, and a profile whose address was changed by
mistake would fill the sandbox with real people, or production with trials. So some cards that were told before are
asked for, the newest and the oldest ones, without a key.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from station.domain.errors import RouterError, RouterNotFoundError, RouterStrangeError
from station.domain.outbox import OutboxEntry
from station.domain.router_place import host_of
from station.ports.clock import Clock
from station.ports.router import Router
from station.ports.store import OutboxStore

LOOK_AFTER_S = 600.0
ENOUGH_WITNESSES = 3
"""So many cards that are all unknown are no accident; fewer may have been taken away there by hand."""

_HOST, _SINCE = "router-host", "router-since"


class _Seen(Enum):
    KNOWN = "it knows a card"
    NONE = "it knows none of them"
    FEW = "it knows none of the few that there are"
    NOTHING = "there is none to ask for, or nobody answers"


class RouterGuard:
    """Look at the router before anything is sent, and again now and then (one thread; ``suspect`` from any)."""

    def __init__(self, store: OutboxStore, router: Router, clock: Clock) -> None:
        self._store, self._router, self._clock = store, router, clock
        self._looked_s: float | None = None
        self._strange: RouterStrangeError | None = None

    @property
    def strange(self) -> RouterStrangeError | None:
        """Return why nothing may be sent, ``None`` when all is well."""
        return self._strange

    def suspect(self) -> None:
        """Look again as soon as possible: the router did not know something that it was told."""
        self._looked_s = None

    def look(self) -> RouterStrangeError | None:
        """Return what is strange about the router, ``None`` when nothing is, or when it can't be told."""
        now_s = self._clock.monotonic()
        # By the clock that is never set: one that is set back would put this look off for as long.
        lately = self._looked_s is not None and now_s - self._looked_s < LOOK_AFTER_S
        # Once it looked strange it is asked at every try: what was wrong there may have been put right meanwhile.
        if lately and self._strange is None:
            return None
        seen = self._ask()
        host, before = host_of(self._router.base_url), self._store.fact(_HOST)
        moved = before is not None and before != host
        # One or two unknown cards may have been deleted by hand, but not at the moment at which the address changed
        # too.
        if seen is _Seen.NONE or (seen is _Seen.FEW and moved):
            self._strange = RouterStrangeError(host=host)
            return self._strange
        if seen in (_Seen.KNOWN, _Seen.FEW):
            self._looked_s, self._strange = now_s, None
        # A new address counts from the moment that a card of ours is known there; kept earlier, the check of a moved
        # router would be lost with the first restart.
        if before is None or (moved and seen is _Seen.KNOWN):
            self._store.keep_fact(_HOST, host)
        return self._strange

    def accept(self) -> None:
        """Take the router as it is: a person says that it was changed on purpose. Older cards prove nothing now."""
        self._store.keep_fact(_HOST, host_of(self._router.base_url))
        # An empty router that a person accepted would know none of the older cards for ever, and stop the queue again.
        self._store.keep_fact(_SINCE, self._clock.now().isoformat())
        self._strange, self._looked_s = None, None

    def _ask(self) -> _Seen:
        unknown, pic = 0, ""
        for entry in self._witnesses():
            pic = str(entry.payload.get("pic", ""))
            try:
                self._router.card_status(entry.escn)
            except RouterNotFoundError:
                unknown += 1
            except RouterError:
                return _Seen.NOTHING
            else:
                return _Seen.KNOWN
        if not unknown:
            return _Seen.NOTHING
        return _Seen.NONE if unknown >= ENOUGH_WITNESSES or self._is_empty(pic) else _Seen.FEW

    def _is_empty(self, pic: str) -> bool:
        try:
            return self._router.cards(pic=pic).total == 0
        except RouterError:
            return False

    def _witnesses(self) -> list[OutboxEntry]:
        since = self._store.fact(_SINCE)
        told = self._store.told_cards(datetime.fromisoformat(since) if since else None, limit=ENOUGH_WITNESSES)
        # What was taken away by us is no sign of anything.
        return [entry for entry in told if self._store.get(f"delete-card:{entry.escn}") is None]
