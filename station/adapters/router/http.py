"""ESC-Router over HTTP, the whole of API v2: what it is told is here, what it is asked in ``reading``."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from PIL import Image, UnidentifiedImageError

from station.adapters.router.address import RouterAddress
from station.adapters.router.bodies import CardView, PersonView, read
from station.adapters.router.calls import Ask, Calls, Identity, quoted
from station.adapters.router.hearing import told_at
from station.adapters.router.reading import HttpReading, check_identity
from station.adapters.router.updates import CardUpdate, PersonUpdate, card_update, person_update
from station.domain.card import RouterCardType
from station.domain.errors import (
    N_,
    RouterConflictError,
    RouterGoneError,
    RouterNotFoundError,
    RouterRefusedError,
)
from station.ports.router import CardChange, KnownCard, RouterCard, RouterCardStatus, RouterPerson

# ESC-Router API v2, the picture of a person; without its option to resize everything else is refused.
PICTURE_SIZE = (200, 300)


class HttpRouter(HttpReading):
    """Implement ``ports.router.Router`` over httpx. Safe to use from several threads.

    A new record costs one request: it is posted at once, and only a 409 makes the client look, compare and, where
    something differs, update. So telling a thing twice changes nothing.
    """

    def __init__(
        self,
        address: RouterAddress,
        *,
        pic: str,
        institution: str,
        key: Callable[[], bytes],
        heard: Callable[[datetime], None] | None = None,
    ) -> None:
        """Prepare the client; nothing is sent yet.

        Args:
            address: where the router is.
            pic: the institution's PIC, to which the key is bound.
            institution: its name, for ``User-Agent``.
            key: returns the key, or raises SecretError; asked when a key is needed and after the router refused one.
            heard: is told the time of day of every answer that carries one, in the thread of the caller.

        Raises:
            ProfileError: the address is not ``https://``, and not on this computer either; or the CA file is unusable.
        """
        super().__init__(Calls(address, Identity(pic, institution, key, heard)))

    def __repr__(self) -> str:
        return f"HttpRouter({self.base_url!r})"

    @property
    def base_url(self) -> str:
        """Return where it is, without the version of the interface."""
        return self._calls.base_url

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def ping(self, pic: str = "") -> None:
        """Ask for one person with the key; raises when unreachable or the key is refused. There is one key only."""
        self._calls.ask_with_key()

    def told_at(self) -> datetime | None:
        """Return the router's own time of day in the answer that this thread got last."""
        return told_at()

    def put_person(self, person: RouterPerson) -> str:
        """Create or update a person; return ``created``, ``updated`` or ``same``."""
        body = person_update(person)
        try:
            answer = self._calls.call(Ask("POST", "/persons", body.json_body()))
        except RouterConflictError:
            # Posting first costs one request for a new person, and nearly everybody is new.
            return self._update_person(person, body)
        check_identity(read(PersonView, answer).identifier, person.esi)
        return "created"

    def put_card(self, card: RouterCard, *, known: bool = False) -> str:
        """Create or update a card; return ``created``, ``updated`` or ``same``. ``known``: look before creating.

        Raises:
            RouterConflictError: the number is another person's card.
        """
        body = card_update(card)
        if known:
            try:
                return self._update_card(card, body)
            except RouterNotFoundError:
                pass  # a card that was blocked before the router ever heard of it
        try:
            answer = self._calls.call(Ask("POST", "/cards", body.json_body()))
        except RouterConflictError:
            return self._update_card(card, body)
        check_identity(read(CardView, answer).card_number, card.escn)
        return "created"

    def change_card(self, escn: str, change: CardChange, *, pic: str = "") -> str:
        """Change a card that the router has, whatever else it says of it; return ``updated`` or ``same``."""
        # The router has no request for one field: a PUT says all of a card, so what it said before is sent along.
        card = _as_told(self.card(escn), change)
        return self._update_card(card, card_update(card))

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Store the person's picture; raises RouterRefusedError, before sending, for one that is not 200 × 300 px."""
        _check_picture(jpeg_200x300)
        files = {"file": ("portrait.jpg", jpeg_200x300, "image/jpeg")}
        self._calls.call(Ask("POST", self._picture_path(esi, organisation_pic), files=files))

    def delete_person(self, esi: str, *, pic: str = "") -> bool:
        """Take a person, with cards and picture, from the institution; return whether the router knew them."""
        return self._delete(f"/persons/{quoted(esi)}")

    def delete_card(self, escn: str, *, pic: str = "") -> bool:
        """Make the router forget a card; return whether it knew it. Another institution's is not ours to delete."""
        return self._delete(f"/cards/{quoted(escn)}")

    def delete_picture(self, esi: str, *, pic: str = "") -> bool:
        """Make the router forget a person's picture; return whether it knew the person."""
        return self._delete(self._picture_path(esi, pic))

    def _update_person(self, person: RouterPerson, body: PersonUpdate) -> str:
        known = self._person(person.esi)
        # Telling twice must change nothing, not even the router's "last changed".
        if known.says_the_same(person):
            return "same"
        answer = self._calls.call(Ask("PUT", f"/persons/{quoted(person.esi)}", body.json_body()))
        check_identity(read(PersonView, answer).identifier, person.esi)
        return "updated"

    def _update_card(self, card: RouterCard, body: CardUpdate) -> str:
        known = self._card(card.escn)
        # Looked at before anything is written: a number that is somebody else's card must not become our holder's.
        if not known.is_of(card):
            raise _taken(card.escn)
        if known.says_the_same(card):
            return "same"
        answer = self._calls.call(Ask("PUT", f"/cards/{quoted(card.escn)}", body.json_body()))
        check_identity(read(CardView, answer).card_number, card.escn)
        return "updated"

    def _delete(self, path: str) -> bool:
        try:
            self._calls.call(Ask("DELETE", path))
        except (RouterNotFoundError, RouterGoneError):
            return False
        return True


def _taken(escn: str) -> RouterConflictError:
    return RouterConflictError(
        N_("At ESC-Router the card number {escn} belongs to another person."),
        N_("Don't hand out a card with this number. Ask IT: two stations may share a number prefix."),
        status=409,
        escn=escn,
    )


def _as_told(known: KnownCard, change: CardChange) -> RouterCard:
    """Return what the router has, as it would be told, with the change; raises RouterRefusedError where it lacks."""
    if known.issued_on is None or known.expires_on is None or known.card_type is None:
        raise RouterRefusedError(detail=N_("ESC-Router's own record of this card is incomplete"))
    try:
        status, card_type = RouterCardStatus(known.status or RouterCardStatus.ACTIVE), RouterCardType(known.card_type)
    except ValueError as error:
        raise RouterRefusedError(detail=f"card: {known.status}, {known.card_type}") from error
    card = RouterCard(
        escn=known.escn,
        esi=known.esi,
        issuer_pic=known.issuer_pic,
        card_type=change.card_type or card_type,
        # EXPIRED is only ever read: with a new last day the card is what it would have been.
        status=change.status or (RouterCardStatus.ACTIVE if status is RouterCardStatus.EXPIRED else status),
        issued_on=known.issued_on,
        expires_on=change.expires_on or known.expires_on,
        processor=known.processor,
    )
    return replace(card, display_name=known.display_name)


def _check_picture(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            found = (image.format, image.size)
    except (UnidentifiedImageError, OSError) as error:
        raise RouterRefusedError(detail=N_("the portrait is not a picture")) from error
    if found != ("JPEG", PICTURE_SIZE):
        raise RouterRefusedError(detail=f"picture: {found[0]} {found[1][0]} × {found[1][1]} px")
