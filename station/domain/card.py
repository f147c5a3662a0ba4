"""The card record: what it is, what is on it, how it stands, here and at ESC-Router; and the blanks it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class CardScheme(StrEnum):
    """Under which rules a card is made."""

    ESC = "esc"
    ISIC_ESC = "isic+esc"
    STAFF = "staff"
    GUEST = "guest"


class CardState(StrEnum):
    """How a card that was handed over stands."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    LOST = "lost"
    STOLEN = "stolen"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REVOKED = "revoked"
    RETURNED = "returned"
    DESTROYED = "destroyed"


class CardAct(StrEnum):
    """What can be done to a card that was handed over, whether a router can be reached or not."""

    BLOCK = "block"
    REPORT_LOST = "report_lost"
    REPORT_STOLEN = "report_stolen"
    UNBLOCK = "unblock"
    EXTEND = "extend"
    REPLACE = "replace"
    REVOKE = "revoke"
    RETURN = "return"


class CardReplacement(StrEnum):
    """What a replaced card's number does: the new card gets a new one, or the old one goes on with a later last day."""

    NEW_NUMBER = "new_number"
    SAME_NUMBER = "same_number"


_NOT_ENDED = (CardState.ACTIVE, CardState.BLOCKED, CardState.LOST, CardState.STOLEN, CardState.EXPIRED)
_AFTER: Mapping[CardAct, tuple[tuple[CardState, ...], CardState]] = {
    CardAct.BLOCK: ((CardState.ACTIVE,), CardState.BLOCKED),
    CardAct.REPORT_LOST: ((CardState.ACTIVE, CardState.BLOCKED), CardState.LOST),
    CardAct.REPORT_STOLEN: ((CardState.ACTIVE, CardState.BLOCKED, CardState.LOST), CardState.STOLEN),
    # Cards that were lost or stolen do turn up again.
    CardAct.UNBLOCK: ((CardState.BLOCKED, CardState.LOST, CardState.STOLEN), CardState.ACTIVE),
    CardAct.EXTEND: ((CardState.ACTIVE, CardState.EXPIRED), CardState.ACTIVE),
    CardAct.REPLACE: (_NOT_ENDED, CardState.REPLACED),
    CardAct.REVOKE: (_NOT_ENDED, CardState.REVOKED),
    # What was replaced or revoked is plastic still, and is often brought back later.
    CardAct.RETURN: ((*_NOT_ENDED, CardState.REPLACED, CardState.REVOKED), CardState.RETURNED),
}


def state_after(state: CardState, act: CardAct) -> CardState | None:
    """Return how a card stands after ``act``, ``None`` where that can't be done to a card that stands so.

    What has ended stays ended: nothing brings a card back that was replaced, revoked, returned or destroyed.
    """
    before, after = _AFTER[act]
    return after if state in before else None


class Registration(StrEnum):
    """How a card stands with ESC-Router."""

    QUEUED = "queued"
    REGISTERED = "registered"
    PARKED = "parked"
    NOT_NEEDED = "not_needed"


class RouterCardType(StrEnum):
    """ESC-Router API v2, ``cardType``: what kind of chip a card carries."""

    PASSIVE = "PASSIVE"
    SMART_NO_CDZ = "SMART_NO_CDZ"
    SMART_CDZ = "SMART_CDZ"


class BlankState(StrEnum):
    """What became of an unprinted card."""

    IN_STOCK = "in_stock"
    IN_WORK = "in_work"
    USED = "used"
    SPOILED = "spoiled"
    TEST = "test"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Blank:
    """One piece of plastic: known by its chip's UID (hex, upper case) or, without a chip, by its issuance."""

    id: str
    state: BlankState
    uid: str | None = None
    serial_number: str | None = None
    issuance_id: str | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A card that was handed over. ``escn`` is its identity, everywhere and for ever.

    ``key_versions`` are the master keys of the keys on its chip, as ``domain.key_versions`` writes them; ``layout`` and
    ``layout_digest`` the version of the layout, and which contents of it, that it was printed with.
    """

    escn: str
    holder_id: str
    institution: str
    issuance_id: str
    scheme: CardScheme
    card_type: RouterCardType
    layout: str
    chip_profile: str
    issued_at: datetime
    expires_on: date
    uid: str | None = None
    serial_number: str | None = None
    portrait_id: str | None = None
    key_versions: str = ""
    state: CardState = CardState.ACTIVE
    reason: str = ""
    registration: Registration = Registration.QUEUED
    layout_digest: str = ""


class ExpiryRule(StrEnum):
    """How a card's last day is found."""

    STUDY_END = "study_end"
    YEARS = "years"
    END_OF_YEAR = "end_of_year"


def expiry_date(rule: ExpiryRule, years: int, issued_on: date, study_ends_on: date | None) -> date:
    """Return a card's last day.

    ``study_end``: the study's end where it is known and lies ahead, but never more than ``years`` years away.
    ``years``: that many years from the day of issue. ``end_of_year``: 31 December after that many years.
    """
    anniversary = _years_later(issued_on, years)
    if rule is ExpiryRule.END_OF_YEAR:
        return date(issued_on.year + years, 12, 31)
    if rule is ExpiryRule.STUDY_END and study_ends_on is not None and study_ends_on > issued_on:
        return min(study_ends_on, anniversary)
    return anniversary


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 2, 28)
