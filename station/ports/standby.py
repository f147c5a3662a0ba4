"""The desk's own copy of a store that several share: how it stands, and what a person has to decide of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from station.domain.errors import StationError
from station.domain.message import Message


@dataclass(frozen=True, slots=True)
class StandbyState:
    """How a desk stands to the shared database.

    ``alone_since`` is since when it goes on alone, ``None`` while the database answers; ``cards`` are made or changed
    here and wait to be merged; ``doubts`` wait for a person; ``ready`` says that the whole store was copied once;
    ``trouble`` is why the database can't be used though it answers, or the copy can't be written.
    """

    alone_since: datetime | None = None
    cards: int = 0
    doubts: int = 0
    ready: bool = True
    trouble: StationError | None = None


@dataclass(frozen=True, slots=True)
class MergeDoubt:
    """What was recorded here and contradicts what others recorded meanwhile.

    ``number`` is what it is called by; ``steps`` are the events of one card, or the name of the call; ``handed_over``
    says that the holder has the card.
    """

    number: int
    at: datetime
    reason: Message
    steps: tuple[str, ...] = ()
    escn: str = ""
    holder_id: str = ""
    handed_over: bool = False


class Standby(Protocol):
    """What a window and the command line ask of a desk that can go on alone. Any thread may call it."""

    @property
    def alone(self) -> bool:
        """Tell whether the desk goes on alone now: nothing is told to ESC-Router meanwhile."""

    def state(self) -> StandbyState:
        """Return how the desk stands; asks nobody."""

    def doubts(self) -> tuple[MergeDoubt, ...]:
        """Return what a person has to decide, oldest first."""

    def try_again(self, number: int) -> None:
        """Merge a doubt once more, because its cause was put right; raises InputError for one that is not there."""

    def set_aside(self, number: int) -> None:
        """Let a doubt not count: what the others recorded stays. It is kept here; raises InputError as above."""

    def written_out(self) -> tuple[str, bytes]:
        """Return what waits to be merged, and the doubts, as a sealed file, and before it the phrase that opens it."""

    def take_in(self, phrase: str, file: bytes) -> int:
        """Have merged what another desk wrote out; return how many steps that are. Raises InputError."""
