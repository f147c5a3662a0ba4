"""The offline promise: who was handed a card that ESC-Router did not know yet, and when the promise was kept.

A card is valid from the hand-over on; abroad it is recognised when it is registered. Whoever is handed a card while
that waits is promised that it happens by itself. Nothing is written down for it: a promise follows from the card and
from what was told of it, so it is kept the moment that the card is registered, whoever sends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from station.domain.card import Card, Registration
from station.domain.escn import qr_text
from station.domain.holder import Holder
from station.domain.message import Message
from station.domain.outbox import OutboxEntry, OutboxState
from station.i18n import MIRROR_LANGUAGES, Translator
from station.ports.store import Store
from station.services.notice import LOOK_UP, PROMISE, PROMISE_TITLE

if TYPE_CHECKING:
    from station.render.slip import Slip
    from station.services.desk import Desk

GRACE = timedelta(minutes=1)
"""What is registered so soon after the hand-over was no promise: it was only on its way."""
SHOWN_MAX = 200
SLIP_LANGUAGES = ("lv", "en")


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise to a holder: when the card was handed over, and when it was registered (``None``: not yet).

    ``entry`` is what is to be told of the card, where it is still in the queue.
    """

    card: Card
    holder: Holder | None
    made_at: datetime
    kept_at: datetime | None = None
    entry: OutboxEntry | None = None

    @property
    def stuck(self) -> bool:
        """Tell whether it can't be kept before somebody has decided something."""
        return self.kept_at is None and self.card.registration is Registration.PARKED

    @property
    def why(self) -> Message | None:
        """Return what holds it up, as far as ESC-Router has said so."""
        entry = self.entry
        return Message(entry.last_answer, entry.last_params) if entry is not None and entry.last_answer else None

    @property
    def todo(self) -> Message | None:
        """Return what to do about that, ``None`` when nobody has to do anything."""
        todo = str(self.entry.last_params.get("todo", "")) if self.stuck and self.entry is not None else ""
        return Message(todo, self.entry.last_params) if todo and self.entry is not None else None


@dataclass(frozen=True, slots=True)
class Promises:
    """The promises not yet kept, oldest first, and those that were kept since midnight, newest first."""

    open: tuple[Promise, ...] = ()
    kept: tuple[Promise, ...] = ()


def promises(store: Store, now: datetime, *, since: datetime) -> Promises:
    """Return the promises that stand, and those that were kept after ``since``."""
    waiting = (card for card in store.cards.untold(limit=SHOWN_MAX) if now - card.issued_at >= GRACE)
    return Promises(
        tuple(found for card in waiting if (found := _open(store, card)) is not None),
        tuple(_kept(store, since)),
    )


def promise_of(store: Store, card: Card) -> Promise | None:
    """Return the promise that belongs to a card, ``None`` where it needs none or is registered already."""
    return _open(store, card)


def _open(store: Store, card: Card) -> Promise | None:
    if card.registration not in (Registration.QUEUED, Registration.PARKED):
        return None
    told = store.outbox.get(f"card:{card.escn}")
    if told is None or told.state is OutboxState.DONE:
        return None  # it was registered once: what waits now is a change of it
    person = store.outbox.get(f"person:{told.order_key}:{card.escn}")
    # The card waits behind its person, so what stops the person is the reason that the desk has to read.
    held_up = person if person is not None and person.state is not OutboxState.DONE else told
    return Promise(card, store.holders.get(card.holder_id), card.issued_at, entry=held_up)


def _kept(store: Store, since: datetime) -> list[Promise]:
    found = []
    # The first time and not the last: a card that was extended today kept its promise long ago.
    for escn, at in store.outbox.first_told(since).items():
        card = store.cards.get(escn)
        if card is not None and at - card.issued_at >= GRACE and card.registration is not Registration.NOT_NEEDED:
            found.append(Promise(card, store.holders.get(card.holder_id), card.issued_at, kept_at=at))
        if len(found) == SHOWN_MAX:
            break
    return sorted(found, key=lambda each: each.kept_at or since, reverse=True)


def slip_of(card: Card, issuer: str, *, languages: tuple[str, ...], address: str, station: str) -> Slip:
    """Return the slip of a card: what is promised, in each language, and where its holder sees that it was kept.

    There is no name on it: it may be lost.
    """
    from station.render.slip import Slip, SlipText

    texts = []
    # A holder whose own language is one of the station's two would read the same text twice.
    for language in dict.fromkeys(languages):
        tr = Translator(language, MIRROR_LANGUAGES)
        texts.append(SlipText(tr.text(PROMISE_TITLE), tr.text(PROMISE), tr.text(LOOK_UP)))
    foot = f"{card.issued_at.astimezone():%d.%m.%Y %H:%M} – {card.expires_on:%d.%m.%Y} · {station}"
    return Slip(issuer, tuple(texts), card.escn, qr_text(card.escn, address), foot)


def slip_at(desk: Desk, card: Card, languages: tuple[str, ...] = SLIP_LANGUAGES) -> Slip:
    """Return the slip of a card made at this desk."""
    settings = desk.settings
    issuer = settings.institution_of(card.institution).name
    return slip_of(card, issuer, languages=languages, address=settings.card.qr_address, station=settings.station.name)
