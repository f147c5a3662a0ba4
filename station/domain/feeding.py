"""A printer with an encoder takes its blanks by itself: what is journaled of that, and what becomes of the blanks.

``FeedBegun`` is journaled before the printer is asked to move anything, ``Fed`` or ``FeedStopped`` after. Nothing is on
the blank yet, so a station that starts and finds the act begun only has to ask the printer. ``domain.workflow`` says
when; the chip and the print are journaled as everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

# --- events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedBegun:
    """``printer`` is about to move a card to its encoder: the one inside, else the next blank of its feeder."""

    printer: str


@dataclass(frozen=True, slots=True)
class Fed:
    """A card is at the encoder."""

    printer: str


@dataclass(frozen=True, slots=True)
class FeedStopped:
    """No card got to the encoder, or it was put out again with nothing on it."""

    cause: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The blank was no good, and is in the printer's bin or was taken out; nothing of this card was on it.

    ``uid`` is empty for a chip that told nothing. The number is free for the next blank.
    """

    uid: str
    cause: str = ""


FeedingEvent = FeedBegun | Fed | FeedStopped | Rejected


# --- effects ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BlankInBin:
    """The blank is lost, before it was anybody's card."""

    uid: str
    cause: str


@dataclass(frozen=True, slots=True)
class BlankInDoubt:
    """Nobody knows what is on the blank: it counts neither as good nor as lost until that is settled."""

    uid: str
