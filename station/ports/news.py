"""News of the store: what other stations that share it have just written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from station.ports.tasks import Cancel


class Topic(StrEnum):
    """What there is something new of."""

    EVERYTHING = "everything"
    """The database was away: nobody knows what was missed."""
    QUEUE = "queue"
    PEOPLE = "people"
    CARDS = "cards"
    PRINTERS = "printers"


@dataclass(frozen=True, slots=True)
class StoreNews:
    """Something new; ``holder_id`` says of whom, where it is of one person."""

    topic: Topic
    holder_id: str = ""


class News(Protocol):
    """Hear of what others write."""

    def follow(self, told: Callable[[StoreNews], None], *, cancel: Cancel) -> None:
        """Call ``told`` for everything new, until ``cancel`` is set; blocks, so it has a thread of its own.

        What this station writes itself is no news. When the database goes away it waits for it, and then tells that
        ``EVERYTHING`` may be new. Returns at once where nobody else can write.
        """
