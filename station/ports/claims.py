"""Claims: what one station has for itself among those that share a store, as long as it lives and wants it."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Standing(Enum):
    """Whose something is."""

    OURS = "ours"
    FREE = "free"
    ANOTHERS = "another station's"
    UNKNOWN = "the database is away"


class Claims(Protocol):
    """Claim things by name. Any thread may call it; none waits for another station.

    A claim ends when it is let go, or when the station dies, however that happens. When the database goes away, what
    was ours is ``UNKNOWN`` until it is back; then everything is claimed anew by itself, and what another station has
    claimed meanwhile is ``ANOTHERS``.
    """

    def take(self, what: str) -> Standing:
        """Claim ``what``: ``OURS``, ``ANOTHERS``, or ``UNKNOWN``, which becomes one of these when the database is back.

        Taken twice, it has to be let go twice; unless the answer was ``ANOTHERS``, which takes nothing.
        """

    def standing(self, what: str) -> Standing:
        """Return how ``what`` stands at this moment."""

    def owner(self, what: str) -> str:
        """Return the name of the station that has ``what``; empty when nobody has it or it can't be told."""

    def let_go(self, what: str) -> None:
        """Give ``what`` up; what isn't ours stays as it is."""

    def close(self) -> None:
        """Give everything up."""


def serving(holder_id: str) -> str:
    """Return what is claimed by who makes a card for this holder."""
    return f"holder:{holder_id}"


def feeding(printer: str) -> str:
    """Return what is claimed by who has a card on its way through this printer."""
    return f"printer:{printer}"


def draining(lane: str) -> str:
    """Return what is claimed by who sends what is in this lane of the outbox."""
    return f"lane:{lane}"
