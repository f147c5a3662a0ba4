"""What happens to a chip after the hand-over: new keys at a tap, and the erasing of a card that was given back.

Both are physical acts like encoding, so both are journaled on both sides: ``RenewBegun`` and ``EraseBegun`` before the
first command that writes, ``Renewed`` and ``Erased`` after the outcome was read back. ``domain.workflow`` says when.
"""

from __future__ import annotations

from dataclasses import dataclass

from station.domain.card import RouterCardType

# --- events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RenewBegun:
    """The chip ``uid`` of a card that somebody has is about to be brought up to ``chip_profile``."""

    uid: str
    chip_profile: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The chip is what ``chip_profile`` says, and was read back; ``key_versions`` as ``domain.key_versions`` writes."""

    uid: str
    chip_profile: str
    card_type: RouterCardType
    apdus: int = 0
    key_versions: str = ""


@dataclass(frozen=True, slots=True)
class EraseBegun:
    """What ``chip_profile`` wrote on the chip ``uid`` is about to be deleted, because of ``cause``."""

    uid: str
    chip_profile: str
    cause: str = ""
    whole_card: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """Nothing of ours is on the chip any more; it was looked at once more afterwards."""

    uid: str
    cause: str = ""
    apdus: int = 0


@dataclass(frozen=True, slots=True)
class AftercareStopped:
    """Renewing or erasing ended early; ``written`` says that the chip may have changed, so that it must be finished."""

    written: bool
    cause: str = ""


AftercareEvent = RenewBegun | Renewed | EraseBegun | Erased | AftercareStopped


# --- effects ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardRenewed:
    """The card's record gets what its chip carries now."""

    chip_profile: str
    card_type: RouterCardType
    key_versions: str


@dataclass(frozen=True, slots=True)
class CardReturned:
    """The card's record says that it came back and was erased; its number is used for nobody else."""

    cause: str


@dataclass(frozen=True, slots=True)
class BlankErased:
    """The chip is as good as new: another card can be made on it."""

    uid: str
