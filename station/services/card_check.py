"""Check any European Student Card: tapped, scanned or typed, what anybody may know of it. No key is needed.

The number is taken from the chip, from the text of a QR as a camera or a hand scanner gives it, or from what was typed;
ESC-Router's public status is asked, and what the record here says is put beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from station.domain.card import Card, CardState, Registration
from station.domain.errors import N_, EscnError, RouterError, RouterGoneError, RouterNotFoundError
from station.domain.escn import escn_from_qr, parse_escn
from station.domain.message import Message
from station.ports.clock import Clock
from station.ports.router import RouterCardStatus, RouterReading
from station.ports.store import Store
from station.services.card_watch import SeenCard, Standing
from station.services.card_words import card_state


class Verdict(StrEnum):
    """What is to be said of a card."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    NOT_ESC = "not_esc"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class CardCheck:
    """A card that was checked: the verdict, whose card it is, until when; ``card`` is the record here, if there is one.

    ``copy`` says that the number is of a card made here, and the chip another one; ``error``, why nobody answered.
    """

    verdict: Verdict
    escn: str = ""
    issuer: str = ""
    ours: bool = False
    issued_on: date | None = None
    expires_on: date | None = None
    card: Card | None = None
    holder: str = ""
    copy: bool = False
    error: RouterError | None = None

    @property
    def elsewhere(self) -> bool:
        """Tell whether another institution issued it."""
        return bool(self.issuer) and not self.ours

    @property
    def overruled(self) -> bool:
        """Tell whether the record here knows better that a card is not to be used: ESC-Router does not know it yet."""
        ended = self.card is not None and self.card.state not in (CardState.ACTIVE, CardState.EXPIRED)
        return ended and self.verdict in _OVERRULED

    @property
    def valid(self) -> bool:
        """Tell whether the card may be taken as good."""
        return self.verdict is Verdict.ACTIVE and not self.copy and not self.overruled


class CardChecker:
    """Check cards. Blocks while the router is asked; safe from any thread."""

    def __init__(
        self, store: Store, router: RouterReading, clock: Clock, *, pics: frozenset[str], qr_address: str = ""
    ) -> None:
        self._store, self._router, self._clock = store, router, clock
        self._pics, self._qr_address = pics, qr_address

    def check_text(self, text: str) -> CardCheck:
        """Return what is to be said of the card whose number, or whose QR's text, this is."""
        try:
            escn = number_in(text, self._qr_address)
        except EscnError:
            return CardCheck(Verdict.NOT_ESC)
        return self._check(escn)

    def holds_number(self, text: str) -> bool:
        """Tell whether there is a whole card number in it; nobody is asked."""
        try:
            number_in(text, self._qr_address)
        except EscnError:
            return False
        return True

    def check_seen(self, found: SeenCard) -> CardCheck:
        """Return what is to be said of the card that was looked at on the reader."""
        # The record's number only where the chip is proved to be that card's: of a copy the chip's own word is checked.
        recorded = found.card.escn if found.card is not None and found.standing is Standing.OURS else ""
        escn = found.seen.escn or recorded
        if not escn:
            return CardCheck(Verdict.NOT_ESC)
        return replace(self._check(escn.lower()), copy=found.standing is Standing.COPY)

    def _check(self, escn: str) -> CardCheck:
        card = self._store.cards.get(escn)
        holder = self._store.holders.get(card.holder_id) if card is not None else None
        here = CardCheck(Verdict.UNKNOWN, escn, card=card, holder=holder.full_name if holder else "")
        here = replace(here, ours=card is not None or parse_escn(escn).pic in self._pics)
        try:
            status = self._router.card_status(escn)
        except (RouterNotFoundError, RouterGoneError):
            return here
        except RouterError as error:
            return replace(here, verdict=Verdict.UNREACHABLE, error=error)
        return replace(
            here,
            verdict=_verdict(status.status, status.expires_on, self._clock.now().date()),
            issuer=status.issuer_name or status.issuer_pic,
            ours=status.issuer_pic in self._pics,
            issued_on=status.issued_on,
            expires_on=status.expires_on,
        )


def number_in(text: str, qr_address: str = "") -> str:
    """Return the card number in a QR's text, or as it was typed: with or without hyphens, in any case.

    Raises:
        EscnError: there is none.
    """
    # A hand scanner ends with Enter or Tab, and sends its text twice when its button is held.
    words = text.split()
    said = words[0] if words and all(word == words[0] for word in words) else " ".join(words)
    plain = "".join(words)
    if re.fullmatch(r"[0-9A-Fa-f]{32}", plain):
        said = "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
    if "/" in said:
        return escn_from_qr(said, prefix_url=qr_address or None)
    return parse_escn(said).escn


def _verdict(status: str, expires_on: date | None, today: date) -> Verdict:
    # The day counts as well as the status: whether the router has noticed that it passed is not for us to rely on.
    if status == RouterCardStatus.EXPIRED or (expires_on is not None and expires_on < today):
        return Verdict.EXPIRED if status != RouterCardStatus.INACTIVE else Verdict.INACTIVE
    # A status that is not known to us is not taken as good.
    return Verdict.ACTIVE if status == RouterCardStatus.ACTIVE else Verdict.INACTIVE


def title_of(check: CardCheck) -> Message:
    """Return the verdict in a few words."""
    if check.copy:
        return Message(N_("Perhaps a copy"))
    if check.overruled:
        return Message(N_("Not valid: says the record here"))
    return said_there(check)


def said_there(check: CardCheck) -> Message:
    """Return in a few words what ESC-Router says, whatever the record here does."""
    return Message((_ELSEWHERE if check.elsewhere else _TITLES).get(check.verdict, _TITLES[check.verdict]))


def lines_of(check: CardCheck) -> tuple[Message, ...]:
    """Return what else there is to say, the most important first."""
    said: list[Message] = []
    if check.copy:
        said.append(Message(_COPY))
    if check.error is not None:
        said.append(Message(check.error.what, check.error.params))
    if check.overruled:
        said.append(Message(_REFUSED_HERE))
        said += [Message(_STILL_IN_USE)] if check.verdict is Verdict.ACTIVE else []
    else:
        said.append(Message(_ADVICE[check.verdict]))
    if check.elsewhere:
        said.append(Message(N_("Issued by {issuer}, another institution."), {"issuer": check.issuer}))
    elif check.issuer:
        said.append(Message(N_("Issued by {issuer}."), {"issuer": check.issuer}))
    if check.expires_on is not None:
        said.append(Message(N_("Last day: {day}"), {"day": check.expires_on}))
    if check.card is not None:
        values: dict[str, object] = {"name": check.holder or "?", "state": card_state(check.card.state)}
        said.append(Message(N_("The record here: card of {name}, {state}."), values))
        if check.card.registration is Registration.QUEUED:
            said.append(Message(_BEING_TOLD))
        elif _differs(check):
            said.append(Message(_DIFFERS))
    return tuple(said)


def _differs(check: CardCheck) -> bool:
    """Tell whether the record here and the router don't say the same of whether the card is in use."""
    asked = check.verdict not in (Verdict.UNREACHABLE, Verdict.EXPIRED, Verdict.NOT_ESC)
    active_here = check.card is not None and check.card.state is CardState.ACTIVE
    return asked and active_here != (check.verdict is Verdict.ACTIVE)


_TITLES = {
    Verdict.ACTIVE: N_("Valid"),
    Verdict.INACTIVE: N_("Not valid: blocked"),
    Verdict.EXPIRED: N_("Not valid: expired"),
    Verdict.UNKNOWN: N_("Unknown number"),
    Verdict.NOT_ESC: N_("Not a European Student Card"),
    Verdict.UNREACHABLE: N_("Can't be checked now"),
}
_ELSEWHERE = {
    Verdict.ACTIVE: N_("Valid, another institution's"),
    Verdict.INACTIVE: N_("Not valid: blocked by another institution"),
    Verdict.EXPIRED: N_("Not valid: another institution's, expired"),
}
_ADVICE = {
    Verdict.ACTIVE: N_("ESC-Router says that this card is in use. Compare the photo with the person."),
    Verdict.INACTIVE: N_("ESC-Router says that this card is not to be used."),
    Verdict.EXPIRED: N_("The card was good until its last day."),
    Verdict.UNKNOWN: N_("ESC-Router doesn't know this number. A card that was just made may not be registered yet."),
    Verdict.NOT_ESC: N_("It carries no card number that could be asked about."),
    Verdict.UNREACHABLE: N_("This says nothing about the card. Try again when there is a network."),
}
_OVERRULED = (Verdict.ACTIVE, Verdict.UNKNOWN, Verdict.UNREACHABLE)
"""What does not stand when the record here says that a card is not to be used."""
_REFUSED_HERE = N_("The record here says that this card is not to be used.")
_STILL_IN_USE = N_("At ESC-Router it still counts as in use.")
_COPY = N_(
    "The number belongs to a card made here, but this is another chip. Keep the card and tell the person in charge."
)
_BEING_TOLD = N_("ESC-Router will be told of the last change; it waits in the queue.")
_DIFFERS = N_("The record here and ESC-Router don't agree. Compare them: Ctrl+R in the window, or station reconcile.")
