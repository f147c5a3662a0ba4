"""Cards: who issued them, how long they are valid, and their numbers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import date

from station.domain.errors import EscnError
from station.domain.escn import next_escn
from station.sandbox.router.bodies import CardUpdateView
from station.sandbox.router.database import Database, Row
from station.sandbox.router.errors import ApiError, access_denied, bad_request, not_found, unauthorized
from station.sandbox.router.lists import CARDS, PageRequest, page_of
from station.sandbox.router.persons import Persons
from station.sandbox.router.views import View, Views

NUMBERS_MAX = 100
"""Measured: to ask for more is answered with 500."""

_ROUTERS_OWN_PREFIX = 0


class Cards:
    """What the operations on cards do; ``pic`` is the caller's."""

    def __init__(self, database: Database, views: Views, persons: Persons, today: Callable[[], date]) -> None:
        self._db, self._views, self._persons, self._today = database, views, persons, today

    def page(self, pic: str, asked: PageRequest) -> View:
        """Return a page of the cards that the caller issued."""
        return page_of(self._db, CARDS, pic, asked, lambda row: self._views.card_lite(row, pic))

    def create(self, pic: str, body: CardUpdateView) -> View:
        """Create a card for a person of the caller's; without a number it gets one."""
        _check_issuer(pic, body)
        with self._db.transaction():
            person = self._holder(pic, body.person_identifier)
            escn = body.card_number or self._numbers(pic, _ROUTERS_OWN_PREFIX, 1)[0]
            if self._find(escn) is not None:
                raise ApiError(409, "ER-0002", f"Card {escn} already exists")
            self._db.execute(
                "INSERT INTO cards (escn, person_id, issuer, processor, status, type, display_name, issued_at,"
                " expires_at) VALUES (:escn, :person, :issuer, :processor, :status, :type, :name, :issued, :expires)",
                {**_columns(body), "escn": escn, "person": person["id"], "issuer": pic},
            )
            return self.read(pic, escn)

    def read(self, pic: str, escn: str) -> View:
        """Return a card that the caller issued."""
        return self._views.card(self._own(pic, escn), pic)

    def update(self, pic: str, escn: str, body: CardUpdateView) -> View:
        """Change a card. An expired one comes back only with a new last day and a status in the same request."""
        _check_issuer(pic, body)
        if body.card_number is not None and body.card_number != escn.lower():
            raise bad_request("cardNumber", "can't be changed")
        with self._db.transaction():
            card = self._own(pic, escn)
            person = self._holder(pic, body.person_identifier)
            # A number is one person's for ever; whoever sends another's has mixed two cards up.
            if person["id"] != card["person_id"]:
                raise bad_request("personIdentifier", "can't be changed")
            if self._views.status_of(card) == "EXPIRED" and body.expires_at < self._today().isoformat():
                raise bad_request("expiresAt", "the card is expired: give a new expiration date, and a status")
            self._db.execute(
                "UPDATE cards SET processor = :processor, status = :status, type = :type, display_name = :name,"
                " issued_at = :issued, expires_at = :expires WHERE escn = :escn",
                {**_columns(body), "escn": card["escn"]},
            )
            return self.read(pic, escn)

    def delete(self, pic: str, escn: str) -> None:
        """Forget a card that the caller issued."""
        self._db.execute("DELETE FROM cards WHERE escn = ?", (self._own(pic, escn)["escn"],))

    def status(self, escn: str) -> View:
        """Return what anyone may know of a card."""
        card = self._find(escn)
        if card is None:
            raise not_found("Card")
        return self._views.card_status(card)

    def generate(self, pic: str, wanted_pic: str, prefix: int, count: int) -> list[str]:
        """Return new numbers for the caller's own PIC."""
        # A plain mistake of the server and no refusal, as it was measured: a client has to know the limit by itself.
        if count > NUMBERS_MAX:
            raise ApiError(500, "SX-0500", "Unexpected error")
        if count < 1:
            raise bad_request("numberOfESCN", "must not be less than 1")
        if wanted_pic != pic:
            raise bad_request("pic", "this key is not for that organisation")
        with self._db.transaction():
            return self._numbers(pic, prefix, count)

    def exists(self, escn: str) -> bool:
        """Tell whether a number is in use."""
        return self._find(escn) is not None

    def _numbers(self, pic: str, prefix: int, count: int) -> list[str]:
        # Kept in the file: numbers must grow across restarts, and two in one millisecond differ by chance only.
        last = self._db.count("SELECT last FROM numbers WHERE pic = ? AND prefix = ?", (pic, prefix))
        numbers = []
        for _each in range(count):
            try:
                escn, last = next_escn(time.time_ns() // 1_000_000, last, secrets.randbits(14), prefix, pic)
            except EscnError as error:
                raise bad_request(str(error.params.get("part", "prefix")), "can't be in a card number") from error
            numbers.append(escn)
        self._db.execute("INSERT OR REPLACE INTO numbers VALUES (?, ?, ?)", (pic, prefix, last))
        return numbers

    def _find(self, escn: str) -> Row | None:
        return self._db.one("SELECT * FROM cards WHERE escn = ?", (escn.lower(),))

    def _own(self, pic: str, escn: str) -> Row:
        card = self._find(escn)
        if card is None:
            raise not_found("Card")
        if card["issuer"] != pic:
            raise access_denied("this card belongs to another organisation")
        return card

    def _holder(self, pic: str, esi: str) -> Row:
        # Neither operation that names a holder has a 404 of its own for them: an unknown one is a wrong field.
        if self._persons.find(esi) is None:
            raise bad_request("personIdentifier", "there is no such person")
        return self._persons.own(pic, esi)


def _check_issuer(pic: str, body: CardUpdateView) -> None:
    if body.issuer_identifier != pic:
        raise unauthorized("This key is not for that organisation")
    if body.expires_at < body.issued_at:
        raise bad_request("expiresAt", "is before issuedAt")


def _columns(body: CardUpdateView) -> dict[str, object]:
    return {
        "processor": body.processor_identifier or None,
        "status": body.card_status_type,
        "type": body.card_type,
        "name": body.display_name or None,
        "issued": body.issued_at,
        "expires": body.expires_at,
    }
