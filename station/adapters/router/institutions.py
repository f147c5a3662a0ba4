"""One ESC-Router, several institutions: each is told of with its own key, which is bound to its PIC."""

from __future__ import annotations

from collections.abc import Mapping

from station.adapters.router.deferred import ClosableRouter
from station.domain.errors import N_, RouterRefusedError
from station.ports.router import PublicCardStatus, RouterCard, RouterPerson


class InstitutionRouters:
    """Implement ``ports.router.Router`` by one client an institution; the first is the station's own."""

    def __init__(self, by_pic: Mapping[str, ClosableRouter]) -> None:
        self._by_pic = dict(by_pic)
        self._own = next(iter(self._by_pic))

    def of(self, pic: str) -> ClosableRouter:
        """Return the client of an institution.

        Raises:
            RouterRefusedError: the profile has no such institution; another's key must never be tried instead.
        """
        try:
            return self._by_pic[pic]
        except KeyError as error:
            raise RouterRefusedError(_NO_INSTITUTION, _NO_INSTITUTION_TODO, pic=pic) from error

    def close(self) -> None:
        """Close all connections."""
        for router in self._by_pic.values():
            router.close()

    @property
    def base_url(self) -> str:
        """Return where the router is."""
        return self.of(self._own).base_url

    def ping(self, pic: str = "") -> None:
        """Ask something harmless with the key of an institution, the station's own when none is named."""
        self.of(pic or self._own).ping()

    def put_person(self, person: RouterPerson) -> str:
        """Create or update a person."""
        return self.of(person.organisation_pic).put_person(person)

    def put_card(self, card: RouterCard) -> str:
        """Create or update a card."""
        return self.of(card.issuer_pic).put_card(card)

    def put_picture(self, esi: str, organisation_pic: str, jpeg_200x300: bytes) -> None:
        """Store the person's picture."""
        self.of(organisation_pic).put_picture(esi, organisation_pic, jpeg_200x300)

    def card_status(self, escn: str) -> PublicCardStatus:
        """Return the public status; any client can ask, for no key is sent."""
        return self.of(self._own).card_status(escn)


_NO_INSTITUTION = N_("This card can't be registered: the station profile has no institution with the PIC {pic}.")
_NO_INSTITUTION_TODO = N_(
    "The card is valid. Ask IT to put the institution into the profile, then press 'Try again' in the queue."
)
