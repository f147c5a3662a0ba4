"""What is done to a card after its hand-over: blocked, extended, replaced, revoked; and a consent that is withdrawn.

Each is one transaction: how the card stands, a line of its history, and what ESC-Router is to be told of it. Nothing
here waits for the router, so it is the same without a network.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from station.domain.card import (
    Card,
    CardAct,
    CardReplacement,
    CardState,
    Registration,
    expiry_date,
    state_after,
)
from station.domain.enrolment import Right
from station.domain.errors import N_, InputError, StoreConflictError
from station.domain.escn import parse_escn
from station.domain.holder import Holder
from station.domain.outbox import OutboxEntry, OutboxKind
from station.ports.store import CardNote, CardUpdate, ConsentRecord, Withdrawal
from station.services.card_words import card_state
from station.services.consent import EXPORT, agreement_of, agrees
from station.services.journal import Journal
from station.services.notice import NOTICE_VERSION
from station.services.registration import (
    LANE,
    RegistrationPolicy,
    entries_for,
    order_keys_of,
    registration_of,
    update_for,
    withdrawal_for,
)
from station.settings import Settings

Policies = Callable[[str], RegistrationPolicy]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of a withdrawal: how many entries were ended that had not gone out, and how many deletions wait."""

    holder: Holder
    ended: int
    deletions: int


class Lifecycle:
    """Change how cards stand. Safe from any thread; ``changed`` is called when there is something new to tell."""

    def __init__(
        self, journal: Journal, settings: Settings, policies: Policies, *, changed: Callable[[], None]
    ) -> None:
        self._journal, self._store = journal, journal.store
        self._settings, self._policies, self._changed = settings, policies, changed

    def need_right(self) -> None:
        """Return when this station may change how cards stand. Raises NotAllowedError."""
        self._journal.rights.need(Right.CARDS)

    def card(self, escn: str) -> Card:
        """Return a card by its number, in any case. Raises InputError for one that was not handed over here."""
        found = self._store.cards.get(parse_escn(escn).escn)
        if found is None:
            raise InputError(_NO_CARD, _NO_CARD_TODO, value=escn)
        return found

    def history(self, escn: str) -> tuple[CardNote, ...]:
        """Return how a card stood since it was handed over, oldest first."""
        return self._store.cards.history(self.card(escn).escn)

    def block(self, escn: str, reason: str = "", *, act: CardAct = CardAct.BLOCK) -> Card:
        """Block a card, for now or because it was lost or stolen: it goes INACTIVE at ESC-Router."""
        return self._do(self.card(escn), act, reason)

    def unblock(self, escn: str, reason: str = "") -> Card:
        """Let a blocked card, or one that was found again, be used: it goes ACTIVE. Raises InputError if it expired."""
        card = self.card(escn)
        if card.expires_on < self._today():
            raise InputError(_EXPIRED, _EXPIRED_TODO, escn=card.escn, day=card.expires_on.isoformat())
        return self._do(card, CardAct.UNBLOCK, reason)

    def extend(self, escn: str, until: date, reason: str = "") -> Card:
        """Give a card a later last day: the day and ACTIVE go out together, which revives an expired card.

        Raises:
            InputError: ``until`` is not later than the card's own last day, or has passed.
        """
        card = self.card(escn)
        if until <= max(card.expires_on, self._today()):
            raise InputError(_NOT_LATER, _NOT_LATER_TODO, escn=card.escn, day=until.isoformat())
        said = f"{reason} ({until.isoformat()})" if reason else until.isoformat()
        return self._do(replace(card, expires_on=until), CardAct.EXTEND, said, before=card)

    def replaceable(self, escn: str, reason: str = "", *, act: CardAct | None = None) -> Card:
        """Make way for the card that replaces this one, as the profile says; return how the old one stands.

        ``same_number``: its number goes on, to the last day that a card made today would have. ``new_number``: the
        next card of its holder takes its place at the hand-over, and until then it stays as it is; but one that was
        lost or stolen, as ``act`` says, is blocked at once.
        """
        card = self.card(escn)
        if self._settings.card.replace is CardReplacement.SAME_NUMBER and act is None:
            return self.extend(escn, self.new_last_day(self._holder(card)), reason)
        # Lost or stolen goes out now: whoever finds the card could use it until the new one is handed over.
        if act is not None and state_after(card.state, act) is not None:
            return self._do(card, act, reason)
        if state_after(card.state, CardAct.REPLACE) is None:
            raise self._impossible(card)
        return card

    def new_last_day(self, holder: Holder) -> date:
        """Return the last day that a card made today for this holder would have."""
        rules, ends_on = self._settings.card, holder.enrolment.ends_on if holder.enrolment else None
        return expiry_date(rules.expiry, rules.expiry_years, self._today(), ends_on)

    def revoke(self, escn: str, reason: str = "") -> Card:
        """End a card for good: INACTIVE at ESC-Router, where it stays known, so that whoever scans it is told."""
        return self._do(self.card(escn), CardAct.REVOKE, reason)

    def withdraw_consent(self, holder: Holder, *, language: str = "") -> Withdrawn:
        """Stop telling ESC-Router of a holder and have it forget them: cards, picture and person. The cards stay valid.

        What waits in the queue for them is not sent any more. Done twice, nothing happens the second time.
        """
        try:
            return self._withdrawn(holder, language)
        except StoreConflictError as error:
            if error.params.get("constraint") != "card":
                raise
            # At this very moment another desk has handed them one more card, which has to be forgotten, too.
            return self._withdrawn(holder, language)

    def _withdrawn(self, holder: Holder, language: str) -> Withdrawn:
        if not agrees(self._store, holder.id):
            return Withdrawn(holder, 0, 0)
        now = self._journal.clock.now()
        cards = self._store.cards.of_holder(holder.id)
        outbox = withdrawal_for(cards, holder, self._policies(holder.institution), now)
        # Who agreed again meanwhile has been deleted there before, under these keys.
        known = {entry.key for entry in outbox if self._is_known(entry.key)}
        outbox = tuple(replace(e, key=self._anew(e.key, now)) if e.key in known else e for e in outbox)
        said = self._journal.who
        record = ConsentRecord(
            holder.id, NOTICE_VERSION, language, EXPORT, now, withdrawn_at=now,
            extra={"operator": said.operator, "station": said.station},
        )  # fmt: skip
        # For the store to compare in its transaction: a card handed over since has to be forgotten, too.
        known_cards = frozenset(card.escn for card in cards)
        ended = self._store.consents.withdraw(Withdrawal(record, order_keys_of(holder), outbox, known_cards))
        self._changed()
        return Withdrawn(holder, ended, len(outbox))

    def agree_again(self, holder: Holder, *, language: str = "") -> int:
        """Let ESC-Router be told of a holder again who had withdrawn; return of how many cards it is told anew.

        Those that have not ended are told, as they stand now. Done twice, nothing happens the second time; where it
        was broken off in the middle, the second time tells what is still ``owed``.
        """
        if agrees(self._store, holder.id):
            return sum(bool(self.tell_again(card)) for card in self.owed(holder))
        said = self._journal.who
        self._store.consents.add(
            ConsentRecord(
                holder.id, NOTICE_VERSION, language, EXPORT, self._journal.clock.now(),
                extra={"operator": said.operator, "station": said.station},
            )
        )  # fmt: skip
        return sum(bool(self.tell_again(card)) for card in self.telling_again(holder))

    def owed(self, holder: Holder) -> tuple[Card, ...]:
        """Return the cards that ESC-Router was to be told of when their holder agreed again, and was not."""
        decided = [each for each in self._store.consents.of_holder(holder.id) if each.kind == EXPORT]
        if not decided or decided[0].withdrawn_at is not None or all(each.withdrawn_at is None for each in decided):
            return ()
        waits = (c for c in self.telling_again(holder) if c.registration is Registration.NOT_NEEDED)
        return tuple(card for card in waits if self.telling(card))

    def telling_again(self, holder: Holder) -> tuple[Card, ...]:
        """Return the cards of a holder that ESC-Router is to know when they agree again: those that have not ended."""
        cards = self._store.cards.of_holder(holder.id)
        return tuple(c for c in cards if state_after(c.state, CardAct.REVOKE) and c.expires_on >= self._today())

    def telling(self, card: Card, *, all_of_it: bool = True) -> tuple[OutboxEntry, ...]:
        """Return what ``tell_again`` would queue; nothing is written."""
        holder, now = self._holder(card), self._journal.clock.now()
        if not agrees(self._store, holder.id):
            return ()
        policy = self._policies(card.institution)
        told = entries_for(card, holder, policy, now) if all_of_it else update_for(card, holder, policy, now, 0)
        return tuple(replace(entry, key=self._anew(entry.key, now)) for entry in told)

    def tell_again(self, card: Card, *, all_of_it: bool = True) -> tuple[OutboxEntry, ...]:
        """Queue what ESC-Router should know of a card, because it was found to know otherwise; return the entries.

        The card alone, or ``all_of_it``: person and picture too. Nothing is queued of a holder who does not agree.
        """
        entries = self.telling(card, all_of_it=all_of_it)
        if entries:
            told_later = replace(card, registration=registration_of(entries))
            self._store.cards.update(self._update(card, told_later, entries))
            self._changed()
        return entries

    def forgetting(self, escn: str, esi: str, pic: str) -> tuple[OutboxEntry, ...]:
        """Return what ``forget_there`` would queue, nothing where the person is not known; nothing is written."""
        if not esi:
            return ()
        now = self._journal.clock.now()
        key = f"delete-card:{escn}"
        before = self._store.outbox.get(key)
        if before is not None:
            if before.done_at is None:
                return ()  # it waits
            key = self._anew(key, now)
        payload: dict[str, object] = {"escn": escn, "esi": esi, "pic": pic}
        return (OutboxEntry(key, LANE, OutboxKind.DELETE_CARD, esi.casefold(), payload, now, escn=escn),)

    def forget_there(self, escn: str, esi: str, pic: str) -> bool:
        """Queue the deletion of a card at ESC-Router alone; return whether that was possible."""
        entries = self.forgetting(escn, esi, pic)
        if entries:
            self._store.outbox.add(entries)
            self._changed()
        return bool(entries)

    def _is_known(self, key: str) -> bool:
        return self._store.outbox.get(key) is not None

    def _anew(self, key: str, now: datetime) -> str:
        """Return a key that tells an entry from all earlier ones of the same card."""
        stamped = f"{key}:{now:%Y%m%dT%H%M%S%f}"
        # A clock may tell the same moment twice: some count in steps of many milliseconds, and any may be set back.
        more = (f"{stamped}-{number}" for number in itertools.count(2))
        return next(each for each in itertools.chain((stamped,), more) if not self._is_known(each))

    def _do(self, card: Card, act: CardAct, reason: str, *, before: Card | None = None) -> Card:
        self.need_right()
        before = before or card
        state = state_after(before.state, act)
        if state is None:
            raise self._impossible(before)
        after = replace(card, state=state, reason=reason)
        outbox = self._told(after)
        if outbox and card.registration is not Registration.PARKED:  # else it waits behind what is parked, with it
            after = replace(after, registration=Registration.QUEUED)
        self._store.cards.update(self._update(before, after, outbox))
        if outbox:
            self._changed()
        return after

    def _update(self, before: Card, after: Card, outbox: tuple[OutboxEntry, ...]) -> CardUpdate:
        who, agreement = self._journal.who, agreement_of(self._store, after.holder_id)
        # Agreed when the entries were made, withdrawn since: between the two another desk may have asked the holder.
        if outbox and not agreement.agrees:
            raise StoreConflictError(constraint="consent", detail=N_("this person has just decided about their data"))
        now = self._journal.clock.now()
        return CardUpdate(before, after, now, who.operator, who.station, outbox, agreement.records)

    def _told(self, card: Card) -> tuple[OutboxEntry, ...]:
        """Return what ESC-Router has to be told of a card that has changed."""
        holder = self._store.holders.get(card.holder_id)
        if holder is None or card.registration is Registration.NOT_NEEDED or not agrees(self._store, holder.id):
            return ()
        told = update_for(card, holder, self._policies(card.institution), self._journal.clock.now(), 0)
        # The line of its history that belongs to it: no other change of this card has the same.
        line = len(self._store.cards.history(card.escn)) + 1
        return tuple(replace(entry, key=f"card:{card.escn}:state:{line}") for entry in told)

    def _holder(self, card: Card) -> Holder:
        found = self._store.holders.get(card.holder_id)
        if found is None:
            raise InputError(_NO_HOLDER, _NO_HOLDER_TODO, escn=card.escn)
        return found

    def _today(self) -> date:
        return self._journal.clock.now().date()

    @staticmethod
    def _impossible(card: Card) -> InputError:
        todo = _UNBLOCK_TODO if card.state in _BLOCKED else _OTHER_TODO
        return InputError(_IMPOSSIBLE, todo, escn=card.escn, state=card_state(card.state))


_BLOCKED = (CardState.BLOCKED, CardState.LOST, CardState.STOLEN)
_NO_CARD = N_("No card with the number {value} was handed over here.")
_NO_CARD_TODO = N_("Check the number. Nothing was changed.")
_NO_HOLDER = N_("The student of the card {escn} is no longer in the register.")
_NO_HOLDER_TODO = N_("Import the register again, then go on. Nothing was changed.")
_EXPIRED = N_("The last day of the card {escn} was {day}.")
_EXPIRED_TODO = N_("Make a new card, or revoke this one. Nothing was changed.")
_NOT_LATER = N_("The card {escn} can't be extended to {day}: it is valid longer, or that day has passed.")
_NOT_LATER_TODO = N_("Give a later day. Nothing was changed.")
_IMPOSSIBLE = N_("This can't be done to the card {escn}: its record says {state}.")
_UNBLOCK_TODO = N_("Unblock it first, if that is right. Nothing was changed.")
_OTHER_TODO = N_("See its history with: station card history --escn {escn}. Nothing was changed.")
