"""How one entry of the outbox is told to the router, and what the answer means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from station.domain.errors import (
    N_,
    RouterAddressError,
    RouterElsewhereError,
    RouterError,
    RouterGoneError,
    RouterKeyError,
    RouterKeyScopeError,
    RouterNotFoundError,
    RouterRefusedError,
    StationError,
)
from station.domain.outbox import OutboxEntry, OutboxKind
from station.ports.clock import Clock
from station.ports.router import Router
from station.ports.store import Store
from station.services.registration import card_of, person_of

_NO_PORTRAIT = N_("The portrait that was to go to ESC-Router is not in the store any more.")
_NO_PORTRAIT_TODO = N_("The card is registered, only without a picture. Nothing more needs to be done.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for an entry: what was learnt, or what went wrong; when it was sent, how long it took.

    ``sent_s`` and ``took_s`` are by the clock that is never set, ``router_at`` by the router's.
    """

    entry: OutboxEntry
    error: StationError | None = None
    said: dict[str, object] = field(default_factory=dict)
    sent_s: float = 0.0
    took_s: float = 0.0
    router_at: datetime | None = None
    generation: int = 0
    """How many corrections there had been when the entry was read."""

    @property
    def person_is_missing(self) -> bool:
        """Tell whether the router doesn't know the person whom this card or picture belongs to."""
        if self.entry.kind not in (OutboxKind.CARD, OutboxKind.PICTURE):
            return False
        # A card whose person is unknown is refused by the name of the field; for a picture the person is in the
        # address: 404.
        wrong = isinstance(self.error, RouterRefusedError) and self.error.field == "personIdentifier"
        return wrong or isinstance(self.error, RouterNotFoundError)

    @property
    def is_about_the_key(self) -> bool:
        """Tell whether everything of this institution would be answered so: no entry is to blame."""
        # A key that lacks one right works for the rest, so its refusal is that entry's own. An address that isn't on
        # the list is refused for everything, as a wrong key is.
        wrong_key = isinstance(self.error, RouterKeyError) and not isinstance(self.error, RouterKeyScopeError)
        return wrong_key or isinstance(self.error, RouterAddressError)


class Sender:
    """Send single entries; ``picture`` gives the picture of a portrait as the router wants it. Safe from any thread."""

    def __init__(self, router: Router, clock: Clock, picture: Callable[[str], bytes]) -> None:
        self._router, self._clock, self._picture = router, clock, picture

    def send(self, entry: OutboxEntry, generation: int = 0) -> Answer:
        """Send one entry and return the answer; raises only what is no ``StationError``."""
        sent_s = self._clock.monotonic()
        said: dict[str, object] = {}
        error: StationError | None = None
        try:
            said = self._tell(entry)
        except StationError as caught:
            error = caught
        # Only an answer carries the router's time; the one of the answer before would make the two clocks seem to
        # differ.
        answered = error is None or (isinstance(error, RouterError) and error.status > 0)
        router_at = self._router.told_at() if answered else None
        took_s = self._clock.monotonic() - sent_s
        return Answer(entry, error, said, sent_s, took_s, router_at, generation)

    def _tell(self, entry: OutboxEntry) -> dict[str, object]:
        payload, router = entry.payload, self._router
        esi, pic = str(payload.get("esi", "")), str(payload.get("pic", ""))
        match entry.kind:
            case OutboxKind.PERSON:
                return {"did": router.put_person(person_of(payload))}
            case OutboxKind.CARD:
                # Known or not only decides which request is tried first, changing or adding; the other follows where
                # that was wrong.
                return {"did": router.put_card(card_of(payload), known=bool(payload.get("known")))}
            case OutboxKind.PICTURE:
                # The entry holds the portrait's name and not its bytes: read only now, or the queue would hold each
                # picture twice.
                router.put_picture(esi, pic, self._picture(str(payload["portrait"])))
                return {}
            case OutboxKind.STATUS:
                return self._status(entry.escn)
            case _:
                return {"did": "deleted" if self._forget(entry.kind, entry.escn, esi, pic) else "was not there"}

    def _forget(self, kind: OutboxKind, escn: str, esi: str, pic: str) -> bool:
        """Make the router forget something of ours; return whether it knew it."""
        router = self._router
        try:
            match kind:
                case OutboxKind.DELETE_PICTURE:
                    return router.delete_picture(esi, pic=pic)
                case OutboxKind.DELETE_CARD:
                    return router.delete_card(escn, pic=pic)
                case _:
                    return router.delete_person(esi, pic=pic)
        except (RouterElsewhereError, RouterGoneError):
            # Only others know this person, or nobody does any more: of ours there is nothing left.
            return False

    def _status(self, escn: str) -> dict[str, object]:
        found = self._router.card_status(escn)
        return {
            "status": found.status,
            "issuer": found.issuer_name,
            "expires_on": found.expires_on.isoformat() if found.expires_on else "",
        }


def picture_of(store: Store, portrait_id: str) -> bytes:
    """Return the picture of a portrait as ESC-Router wants it. Raises StationError when it is not in the store."""
    portrait = store.portraits.get(portrait_id)
    if portrait is None:
        raise StationError(_NO_PORTRAIT, _NO_PORTRAIT_TODO)
    from station.photo.crop import router_picture

    return router_picture(portrait.image)
