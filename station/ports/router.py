"""ESC-Router, as the services see it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from station.domain.card import RouterCardType
from station.domain.holder import AcademicLevel

NUMBERS_AT_ONCE_MAX = 100
"""So many new card numbers are asked for in one request; for more the router answers 500."""

PAGE_SIZE = 10
"""So many rows a page of a list has; the router overlooks a wish for more."""


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


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person as the router has it, seen by one institution: what that institution says of them."""

    esi: str
    full_name: str = ""
    email: str | None = None
    academic_level: str | None = None
    has_picture: bool = False
    organisations: int = 0


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card as the router has it. Lists leave ``status`` and ``card_type`` out (``None``): ask for the card itself."""

    escn: str
    esi: str = ""
    holder_name: str = ""
    issuer_pic: str = ""
    issuer_name: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    status: str | None = None
    card_type: str | None = None
    processor: str | None = None
    display_name: str | None = None


RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class RouterPage(Generic[RowT]):
    """A page of a list: its rows, its number from 0, and how many rows and pages there are in all."""

    rows: tuple[RowT, ...]
    number: int = 0
    total: int = 0
    pages: int = 0


@dataclass(frozen=True, slots=True)
class CardChange:
    """What is to be another at the router; ``None`` stays. A new last day and ACTIVE in one revive an expired card."""

    status: RouterCardStatus | None = None
    expires_on: date | None = None
    card_type: RouterCardType | None = None


class CsvOperation(StrEnum):
    """What the rows of an import file are for."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class CsvRowError:
    """What is wrong with one row of an import file; ``row`` counts the lines from 1, 0 means the file itself."""

    row: int
    field: str
    message: str
    params: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QrStyle:
    """How the router shall draw a card's QR: vertical or horizontal, normal or inverted, XS, S or M."""

    orientation: str = "horizontal"
    colours: str = "normal"
    size: str = "S"


class RouterReading(Protocol):
    """What ESC-Router is asked. ``pic`` says whose key, where the station issues for several; its own when empty."""

    def persons(self, page: int = 0, *, search: str = "", pic: str = "") -> RouterPage[KnownPerson]:
        """Return a page of the institution's persons; ``search`` is plain text or ``field:value<+>field:value``."""

    def person(self, esi: str, *, pic: str = "") -> KnownPerson:
        """Return a person. Raises RouterNotFoundError, RouterElsewhereError, RouterGoneError."""

    def cards(self, page: int = 0, *, search: str = "", pic: str = "") -> RouterPage[KnownCard]:
        """Return a page of the cards that the institution issued."""

    def card(self, escn: str, *, pic: str = "") -> KnownCard:
        """Return a card. Raises RouterNotFoundError, RouterElsewhereError."""

    def card_status(self, escn: str) -> PublicCardStatus:
        """Return the public status of any card in Europe; needs no key. Raises RouterNotFoundError."""

    def card_qr(self, escn: str, style: QrStyle = QrStyle(), *, pic: str = "") -> bytes:
        """Return the card's QR as the router draws it, as SVG."""

    def picture(self, esi: str, *, pic: str = "") -> bytes:
        """Return the person's picture. Raises RouterNotFoundError when there is none."""

    def new_numbers(self, prefix: int, count: int = 1, *, pic: str = "") -> tuple[str, ...]:
        """Return ``count`` new card numbers made by the router."""

    def csv_columns(self, *, pic: str = "") -> tuple[str, ...]:
        """Return the columns of the router's import form, in their order, which has changed before."""

    def validate_csv(self, operation: CsvOperation, data: bytes, *, pic: str = "") -> tuple[CsvRowError, ...]:
        """Return what the router would refuse of an import file; nothing is imported."""


class Router(RouterReading, Protocol):
    """ESC-Router. Calls block, from any thread, several at a time. Every error is a ``RouterError``."""

    @property
    def base_url(self) -> str:
        """Return where it is."""

    def ping(self, pic: str = "") -> None:
        """Ask something harmless with the key; raises when unreachable or the key is refused."""

    def told_at(self) -> datetime | None:
        """Return the router's own time of day in the answer that this thread got last, ``None`` when it told none."""

    def put_person(self, person: RouterPerson) -> str:
        """Create or update a person; return ``created``, ``updated`` or ``same``."""

    def put_card(self, card: RouterCard, *, known: bool = False) -> str:
        """Create or update a card; return ``created``, ``updated`` or ``same``. ``known``: look before creating."""

    def change_card(self, escn: str, change: CardChange, *, pic: str = "") -> str:
        """Change a card that the router has, whatever else it says of it; return ``updated`` or ``same``."""

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Store the person's picture (JPEG, exactly 200 × 300 px)."""

    def delete_person(self, esi: str, *, pic: str = "") -> bool:
        """Take a person, with cards and picture, from the institution; return whether the router knew them."""

    def delete_card(self, escn: str, *, pic: str = "") -> bool:
        """Make the router forget a card; return whether it knew it."""

    def delete_picture(self, esi: str, *, pic: str = "") -> bool:
        """Make the router forget a person's picture; return whether it knew the person."""


class Crew(Protocol):
    """Helpers that talk to the router at the same time; who is given none talks alone."""

    def submit(self, job: Callable[[], None]) -> None:
        """Have ``job`` done soon, by one of them; it must not raise."""

    def close(self) -> None:
        """Return when every job that was begun has ended; those that were not begun never are."""
