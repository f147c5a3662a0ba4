"""ESC-Router, as the services see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from station.domain.card import RouterCardType
from station.domain.holder import AcademicLevel


class RouterCardStatus(StrEnum):
    """ESC-Router API v2, ``cardStatusType``; ``EXPIRED`` is only ever read."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class RouterPerson:
    """What ESC-Router may know of a holder; nothing more ever leaves."""

    esi: str
    full_name: str
    email: str | None
    organisation_pic: str
    academic_level: AcademicLevel | None = None


@dataclass(frozen=True, slots=True)
class RouterCard:
    """What ESC-Router may know of a card."""

    escn: str
    esi: str
    issuer_pic: str
    card_type: RouterCardType
    status: RouterCardStatus
    issued_on: date
    expires_on: date
    processor: str | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class PublicCardStatus:
    """What anyone may ask about a card, without a key."""

    escn: str
    status: str
    issuer_name: str
    issuer_pic: str
    issued_on: date | None
    expires_on: date | None


class Router(Protocol):
    """ESC-Router. Calls block; they happen on the ``network`` lane. Every error is a ``RouterError``."""

    @property
    def base_url(self) -> str:
        """Return where it is."""

    def ping(self, pic: str = "") -> None:
        """Ask something harmless with the key; raises when unreachable or the key is refused.

        ``pic`` says whose key, where the station issues for several institutions; its own when empty.
        """

    def put_person(self, person: RouterPerson) -> str:
        """Create or update a person; return ``created``, ``updated`` or ``same``."""

    def put_card(self, card: RouterCard) -> str:
        """Create or update a card; return ``created``, ``updated`` or ``same``."""

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Store the person's picture (JPEG, exactly 200 × 300 px)."""

    def card_status(self, escn: str) -> PublicCardStatus:
        """Return the public status; needs no key. Raises RouterNotFoundError for an unknown number."""
