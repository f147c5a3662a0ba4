"""Begin, portray, hand over, spoil, abandon: the steps of an issuance that need no device."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from station.domain.card import Card, CardScheme, CardState, Registration, expiry_date
from station.domain.enrolment import Right
from station.domain.errors import N_, InputError, StoreConflictError, WorkflowError
from station.domain.holder import EnrolmentStatus, Holder
from station.domain.outbox import OutboxEntry
from station.domain.portrait import Portrait
from station.domain.workflow import (
    FINAL,
    Abandoned,
    Began,
    Cause,
    HandedOver,
    Issuance,
    PortraitTaken,
    Spoiled,
    State,
)
from station.ports.store import Store
from station.services.consent import agreement_of
from station.services.journal import Journal
from station.services.numbers import EscnIssuer
from station.services.registration import RegistrationPolicy, entries_for, registration_of, replacement_for
from station.settings import Settings


@dataclass(frozen=True, slots=True)
class CardPlan:
    """To what a new card is made: the layout with its version, the chip profile."""

    scheme: CardScheme
    layout: str
    chip_profile: str
    layout_digest: str = ""


class IssuanceService:
    """Carry an issuance from the holder to the hand-over; encoding, printing and verifying have their own services."""

    def __init__(
        self, journal: Journal, settings: Settings, numbers: dict[str, EscnIssuer], finished: Callable[[], None]
    ) -> None:
        self._journal, self._settings, self._numbers, self._finished = journal, settings, numbers, finished

    @property
    def _store(self) -> Store:
        return self._journal.store

    def plan(self, layout: str, digest: str = "") -> CardPlan:
        """Return to what new cards are made, by the profile of this station."""
        return CardPlan(self._settings.card.scheme, layout, self._settings.chip.profile, digest)

    def holder(self, issuance: Issuance) -> Holder:
        """Return the person this card is for; raises InputError for one who is no longer in the register."""
        found = self._store.holders.get(issuance.holder_id)
        if found is None:
            raise InputError(
                N_("The student of this card is no longer in the register."),
                N_("Import the register again, then go on."),
                value=issuance.holder_id,
            )
        return found

    def open_of(self, holder: Holder) -> Issuance | None:
        """Return the card that was begun for ``holder`` and is not finished."""
        mine = (i for i in self._store.issuances.open_issuances() if i.holder_id == holder.id)
        return next(mine, None)

    def begin(self, holder: Holder, plan: CardPlan) -> Issuance:
        """Begin a card for ``holder``, or go on with the one that was begun; its number is fixed here.

        Raises:
            InputError: the holder has no active enrolment. NotAllowedError: this station may not begin any.
            StoreError: nothing was begun.
        """
        # Going on, not beginning twice: a second card begun for the same person would waste a number and a blank.
        if (issuance := self.open_of(holder)) is not None:
            return issuance
        self._journal.rights.need(Right.ISSUE)
        _need_active(holder)
        return self._begin(holder, plan)

    def begin_again(self, issuance_id: str) -> Issuance:
        """Begin a new card, with a new number and the same portrait, after one that was spoiled.

        Raises:
            WorkflowError: it is not spoiled. InputError, NotAllowedError, StoreError: as ``begin``.
        """
        spoiled = self._journal.issuance(issuance_id)
        if spoiled.state is not State.SPOILED:
            raise WorkflowError(detail=N_("the card is not spoiled"))
        holder = self.holder(spoiled)
        # To what the spoiled one was made to and not to today's profile: the same person must not get another kind of
        # card.
        begun = self.begin(holder, self._plan_again(spoiled))
        if spoiled.portrait_id and begun.state is State.DRAFT:
            begun = self._journal.step(begun, PortraitTaken(spoiled.portrait_id))
        return begun

    def accept_portrait(self, issuance_id: str, portrait: Portrait) -> Issuance:
        """Keep ``portrait`` and put it on the card; raises InputError for one that is of somebody else."""
        issuance = self._journal.issuance(issuance_id)
        if portrait.holder_id != issuance.holder_id:
            raise InputError(N_("This portrait belongs to another student."), N_("Take the photo again."))
        # The last portrait may be taken for a new card: it is in the store already, and pictures are large.
        known = self._store.portraits.get(portrait.id) is not None
        return self._journal.step(issuance, PortraitTaken(portrait.id), portrait=None if known else portrait)

    def hand_over(self, issuance_id: str) -> Card:
        """Record that the holder has the card; the card and what is to be told of it are written in the same step."""
        try:
            return self._handed_over(issuance_id)
        except StoreConflictError as error:
            # Tried once more only for this: it is decided anew by the newest record, and everything else is the
            # caller's to hear.
            if error.params.get("constraint") != "consent":
                raise
            # At this very moment, at another desk, they said whether ESC-Router may be told of them.
            return self._handed_over(issuance_id)

    def _handed_over(self, issuance_id: str) -> Card:
        issuance = self._journal.issuance(issuance_id)
        holder = self.holder(issuance)
        card, agreement = self._card(issuance, holder), agreement_of(self._store, holder.id)
        outbox = self._to_tell(card, holder) if agreement.agrees else ()
        card = replace(card, registration=registration_of(outbox))
        # One transaction: a card without its outbox entries would never be registered, and nobody would notice.
        self._journal.step(issuance, HandedOver(), card=card, outbox=outbox, consents=agreement.records)
        self._finished()
        return card

    def _to_tell(self, card: Card, holder: Holder) -> tuple[OutboxEntry, ...]:
        """Return what ESC-Router is told of a new card: first that the one whose place it takes is no longer active."""
        policy = self.policy(card.institution)
        mine = self._store.cards.of_holder(holder.id)
        # The new card comes behind it: told the other way round, a holder would have two cards in use for a while.
        old = next((c for c in mine if c.state is CardState.ACTIVE and c.scheme is card.scheme), None)
        if old is None or old.registration is Registration.NOT_NEEDED:
            return entries_for(card, holder, policy, card.issued_at)
        return replacement_for(replace(old, state=CardState.REPLACED), card, holder, policy, card.issued_at)

    def spoil(self, issuance_id: str, cause: Cause, detail: str = "") -> Issuance:
        """Record that the blank is lost, and its number with it."""
        return self._journal.step(self._journal.issuance(issuance_id), Spoiled(cause, detail))

    def give_up(self, issuance_id: str, cause: Cause, detail: str = "") -> Issuance:
        """End an issuance: abandoned while nothing physical has begun, spoiled after."""
        issuance = self._journal.issuance(issuance_id)
        if issuance.state in FINAL:
            return issuance
        # A blank that was touched is counted as lost, whatever the reason: the stock has to add up.
        event = Spoiled(cause, detail) if issuance.physical else Abandoned(cause, detail)
        return self._journal.step(issuance, event)

    def policy(self, institution: str) -> RegistrationPolicy:
        """Return what is told of this institution's cards."""
        return policy_of(self._settings, institution)

    def _begin(self, holder: Holder, plan: CardPlan) -> Issuance:
        institution = self._settings.institution_of(holder.institution)
        # Taken before the event: a crash between the two wastes a number, the other order could use one twice.
        escn = self._numbers[institution.key].take()
        today = self._journal.clock.now().date()
        event = Began(
            holder.id,
            institution.key,
            escn,
            plan.scheme,
            plan.layout,
            plan.chip_profile,
            self._expiry(holder, today).isoformat(),
            layout_digest=plan.layout_digest,
            issued_on=today.isoformat(),
        )
        return self._journal.step(Issuance(uuid.uuid4().hex), event)

    @staticmethod
    def _plan_again(spoiled: Issuance) -> CardPlan:
        return CardPlan(spoiled.scheme, spoiled.layout, spoiled.chip_profile, spoiled.layout_digest)

    def _expiry(self, holder: Holder, today: date) -> date:
        rules = self._settings.card
        ends_on = holder.enrolment.ends_on if holder.enrolment else None
        return expiry_date(rules.expiry, rules.expiry_years, today, ends_on)

    def _card(self, issuance: Issuance, holder: Holder) -> Card:
        return Card(
            escn=issuance.escn,
            holder_id=holder.id,
            institution=issuance.institution,
            issuance_id=issuance.id,
            scheme=issuance.scheme,
            card_type=issuance.card_type,
            layout=issuance.layout,
            layout_digest=issuance.layout_digest,
            chip_profile=issuance.chip_profile,
            issued_at=self._journal.clock.now(),
            expires_on=date.fromisoformat(issuance.expires_on),
            uid=issuance.uid or None,
            portrait_id=issuance.portrait_id,
            key_versions=issuance.key_versions,
        )


def policy_of(settings: Settings, institution: str) -> RegistrationPolicy:
    """Return what the profile says is told of an institution's cards; raises ProfileError for one it doesn't have."""
    router, issuer = settings.router, settings.institution_of(institution)
    return RegistrationPolicy(issuer.pic, issuer.processor_vat, router.send_picture, router.enabled)


def _need_active(holder: Holder) -> None:
    enrolment = holder.enrolment
    if enrolment is None or enrolment.status is not EnrolmentStatus.ACTIVE:
        raise InputError(
            N_("{name} has no active enrolment, so no card can be made."),
            N_("Check the student's status in the register, import it again, then try again."),
            name=holder.full_name,
        )
