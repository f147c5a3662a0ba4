"""A router that is made when it is first needed: its client takes longer to load than the whole window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from station.ports.router import PublicCardStatus, Router, RouterCard, RouterPerson


class ClosableRouter(Router, Protocol):
    """A router that holds connections."""

    def close(self) -> None:
        """Close the connections."""


class DeferredRouter:
    """Implement ``ports.router.Router`` by another one, which ``make`` returns; safe to use from several threads.

    What ``make`` raises comes out of the call that needed the router; the next call tries again.
    """

    def __init__(self, make: Callable[[], ClosableRouter]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: ClosableRouter | None = None

    def ready(self) -> Router:
        """Return the router itself, made now unless it was."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def close(self) -> None:
        """Close its connections, if it was ever made."""
        with self._lock:
            if self._made is not None:
                self._made.close()

    @property
    def base_url(self) -> str:
        """Return where it is."""
        return self.ready().base_url

    def ping(self, pic: str = "") -> None:
        """Ask something harmless with the key."""
        self.ready().ping(pic)

    def put_person(self, person: RouterPerson) -> str:
        """Create or update a person."""
        return self.ready().put_person(person)

    def put_card(self, card: RouterCard) -> str:
        """Create or update a card."""
        return self.ready().put_card(card)

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Store the person's picture."""
        self.ready().put_picture(esi, organisation_pic, jpeg_200x300)

    def card_status(self, escn: str) -> PublicCardStatus:
        """Return the public status."""
        return self.ready().card_status(escn)
