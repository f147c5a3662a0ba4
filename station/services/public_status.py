"""How a card stands at ESC-Router, for whoever asks at the desk: registered, and what everybody else sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from station.domain.card import Card, CardState, Registration
from station.domain.errors import N_
from station.domain.message import Message
from station.domain.outbox import OutboxState
from station.ports.router import RouterCardStatus
from station.ports.store import Store
from station.services.outbox_lane import NOT_SHOWN
from station.services.registration import status_key


@dataclass(frozen=True, slots=True)
class RouterStanding:
    """How a card stands at ESC-Router. ``status`` is what anyone was shown of it at ``read_at``; empty: not read yet.

    ``wanted`` is what they should be shown, as the record here says.
    """

    registration: Registration
    status: str = ""
    wanted: str = ""
    expires_on: date | None = None
    read_at: datetime | None = None

    @property
    def differs(self) -> bool:
        """Tell whether others see something else than they should."""
        known = bool(self.status) and self.registration is Registration.REGISTERED
        return known and self.status not in (self.wanted, RouterCardStatus.EXPIRED)

    @property
    def message(self) -> Message:
        """Return it in plain words."""
        if self.registration is Registration.REGISTERED and self.status:
            shown = _SHOWN.get(self.status, _SHOWN_OTHER)
            if "{date}" in shown and self.expires_on is None:
                shown = _SHOWN_OTHER
            return Message(shown, {"status": self.status, "date": self.expires_on})
        if self.registration is Registration.QUEUED and self.wanted == RouterCardStatus.INACTIVE:
            return Message(_CHANGE_WAITS)
        return Message(_STANDS[self.registration])


def router_standing(store: Store, card: Card) -> RouterStanding:
    """Return how a card stands at ESC-Router, with what was read back of it last."""
    wanted = RouterCardStatus.ACTIVE if card.state is CardState.ACTIVE else RouterCardStatus.INACTIVE
    nothing = RouterStanding(card.registration, wanted=wanted)
    # Of a card whose change waits, what was read back before tells of the time before that change.
    entry = store.outbox.get(status_key(card.escn)) if card.registration is Registration.REGISTERED else None
    if entry is None or entry.state is not OutboxState.DONE:
        return nothing
    said, day = entry.last_params, str(entry.last_params.get("expires_on") or "")
    return RouterStanding(
        card.registration,
        status=str(said.get("status", "")),
        wanted=wanted,
        expires_on=date.fromisoformat(day) if day else None,
        read_at=entry.done_at,
    )


_STANDS = {
    Registration.REGISTERED: N_("registered; how others see it is not read back yet"),
    Registration.QUEUED: N_("waits in the queue; the card is valid"),
    Registration.PARKED: N_("needs a decision: see the queue"),
    Registration.NOT_NEEDED: N_("is not told of this card"),
}
_CHANGE_WAITS = N_("the last change of the card waits in the queue")
_SHOWN = {
    RouterCardStatus.ACTIVE.value: N_("everybody sees it as valid until {date}"),
    RouterCardStatus.INACTIVE.value: N_("everybody sees it as blocked"),
    RouterCardStatus.EXPIRED.value: N_("everybody sees that it expired on {date}"),
    NOT_SHOWN: N_("took the card, but does not show it to others; compare both: station reconcile"),
}
_SHOWN_OTHER = N_("everybody sees it as {status}")
