"""A router that is made when it is first needed: its client takes longer to load than the whole window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from station.adapters.router.hearing import told_at
from station.ports.router import (
    CardChange,
    CsvOperation,
    CsvRowError,
    KnownCard,
    KnownPerson,
    PublicCardStatus,
    QrStyle,
    Router,
    RouterCard,
    RouterPage,
    RouterPerson,
)


class ClosableRouter(Router, Protocol):
    """A router that holds connections."""

    def close(self) -> None:
        """Close the connections."""


class PassingRouter:
    """Implement ``ports.router.Router`` by passing each call on to the router that ``of`` returns for its institution.

    ``of("")`` is the station's own.
    """

    def of(self, pic: str) -> Router:
        """Return the router for an institution."""
        raise NotImplementedError

    @property
    def base_url(self) -> str:
        """Return where it is."""
        return self.of("").base_url

    def ping(self, pic: str = "") -> None:
        """Ask something harmless with the key."""
        self.of(pic).ping(pic)

    def told_at(self) -> datetime | None:
        """Return the router's own time of day in the answer that this thread got last."""
        return told_at()

    def put_person(self, person: RouterPerson) -> str:
        """Create or update a person."""
        return self.of(person.organisation_pic).put_person(person)

    def put_card(self, card: RouterCard, *, known: bool = False) -> str:
        """Create or update a card."""
        return self.of(card.issuer_pic).put_card(card, known=known)

    def change_card(self, escn: str, change: CardChange, *, pic: str = "") -> str:
        """Change a card that the router has."""
        return self.of(pic).change_card(escn, change, pic=pic)

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Store the person's picture."""
        self.of(organisation_pic).put_picture(esi, organisation_pic, jpeg_200x300)

    def delete_person(self, esi: str, *, pic: str = "") -> bool:
        """Take a person from the institution."""
        return self.of(pic).delete_person(esi, pic=pic)

    def delete_card(self, escn: str, *, pic: str = "") -> bool:
        """Make the router forget a card."""
        return self.of(pic).delete_card(escn, pic=pic)

    def delete_picture(self, esi: str, *, pic: str = "") -> bool:
        """Make the router forget a person's picture."""
        return self.of(pic).delete_picture(esi, pic=pic)

    def persons(self, page: int = 0, *, search: str = "", pic: str = "") -> RouterPage[KnownPerson]:
        """Return a page of the institution's persons."""
        return self.of(pic).persons(page, search=search, pic=pic)

    def person(self, esi: str, *, pic: str = "") -> KnownPerson:
        """Return a person."""
        return self.of(pic).person(esi, pic=pic)

    def cards(self, page: int = 0, *, search: str = "", pic: str = "") -> RouterPage[KnownCard]:
        """Return a page of the cards that the institution issued."""
        return self.of(pic).cards(page, search=search, pic=pic)

    def card(self, escn: str, *, pic: str = "") -> KnownCard:
        """Return a card."""
        return self.of(pic).card(escn, pic=pic)

    def card_status(self, escn: str) -> PublicCardStatus:
        """Return the public status; any client can ask, for no key is sent."""
        return self.of("").card_status(escn)

    def card_qr(self, escn: str, style: QrStyle = QrStyle(), *, pic: str = "") -> bytes:  # noqa: B008 - frozen
        """Return the card's QR as the router draws it."""
        return self.of(pic).card_qr(escn, style, pic=pic)

    def picture(self, esi: str, *, pic: str = "") -> bytes:
        """Return the person's picture."""
        return self.of(pic).picture(esi, pic=pic)

    def new_numbers(self, prefix: int, count: int = 1, *, pic: str = "") -> tuple[str, ...]:
        """Return new card numbers made by the router."""
        return self.of(pic).new_numbers(prefix, count, pic=pic)

    def csv_columns(self, *, pic: str = "") -> tuple[str, ...]:
        """Return the columns of the router's import form."""
        return self.of(pic).csv_columns(pic=pic)

    def validate_csv(self, operation: CsvOperation, data: bytes, *, pic: str = "") -> tuple[CsvRowError, ...]:
        """Return what the router would refuse of an import file."""
        return self.of(pic).validate_csv(operation, data, pic=pic)


class DeferredRouter(PassingRouter):
    """A router that ``make`` returns when it is first needed; safe to use from several threads.

    What ``make`` raises comes out of the call that needed the router; the next call tries again.
    """

    def __init__(self, make: Callable[[], ClosableRouter]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: ClosableRouter | None = None

    def of(self, pic: str) -> Router:
        """Return the router itself: there is one for everybody."""
        return self.ready()

    def ready(self) -> Router:
        """Return the router itself, made now unless it was."""
        with self._lock:
            if self._made is None:
                # Kept only when it was made: after a failure the next call tries again, as the sandbox may be up by
                # then.
                self._made = self._make()
            return self._made

    def close(self) -> None:
        """Close its connections, if it was ever made."""
        with self._lock:
            if self._made is not None:
                self._made.close()
