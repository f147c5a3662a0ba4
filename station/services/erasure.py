"""A card that was given back: what erasing would do to it, and the erasing, journaled on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.domain.aftercare import EraseBegun, Erased, RenewBegun, Renewed
from station.domain.card import Card, CardState, Registration
from station.domain.errors import N_, ChipUnsuitableError, InputError
from station.domain.outbox import OutboxEntry
from station.domain.workflow import Cause, HandedOver, Issuance, State
from station.ports.chip import ChipConnection
from station.services.card_words import card_state
from station.services.desk import Desk
from station.services.registration import update_for
from station.services.upkeep import (
    NOT_OURS,
    OTHER_CARD,
    OTHER_CARD_TODO,
    Attempt,
    data_of,
    has_applications,
    owner_of,
)

if TYPE_CHECKING:
    from station.chip.erasing import EraseReport
    from station.chip.profiles import ChipProfile

# So recorded, a card is with its holder, or may come back from wherever it is.
WITH_SOMEBODY = frozenset((CardState.ACTIVE, CardState.BLOCKED, CardState.LOST, CardState.STOLEN))


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """What erasing would do to the card on the reader.

    ``ours`` and ``others`` are ids of applications as people write them, as far as the card lists them; ``resets_key``
    says that the card's own master key goes back to the factory's.
    """

    uid: str
    kind: str
    issuance: Issuance
    holder: str
    card: Card | None
    ours: tuple[str, ...]
    others: tuple[str, ...]
    resets_key: bool

    @property
    def gives_up(self) -> bool:
        """Say whether the card is in the making and only written so far: then erasing it gives its making up."""
        issuance = self.issuance
        return issuance.state is State.ENCODED and issuance.pending is None and not issuance.doubt


def plan_erase(desk: Desk, connection: ChipConnection, profile: ChipProfile) -> ErasePlan:
    """Return what ``erase`` would delete; deletes nothing.

    Raises:
        ChipUnsuitableError: the card was not made here, so nobody here can answer for it, or know its keys.
        InputError: the profile would leave something on it that was written for its holder.
    """
    from station.chip.glance import glance

    seen = glance(connection)
    issuance = owner_of(desk, seen)
    if issuance is None:
        raise ChipUnsuitableError(NOT_OURS, _NOTHING_ERASED, uid=seen.uid or "-")
    _need_all_gone(desk, issuance, profile)
    holder = desk.store.holders.get(issuance.holder_id)
    ours = {app.aid for app in profile.applications}
    there = seen.applications or ()
    return ErasePlan(
        uid=issuance.uid or seen.uid,
        kind=seen.kind,
        issuance=issuance,
        holder=holder.full_name if holder else "?",
        card=desk.store.cards.get(issuance.escn),
        # DESFire sends the three bytes of an application's id least significant first; people write them the other way.
        ours=tuple(aid[::-1].hex().upper() for aid in there if aid in ours),
        others=tuple(aid[::-1].hex().upper() for aid in there if aid not in ours),
        resets_key=profile.card_key is not None,
    )


def _need_all_gone(desk: Desk, issuance: Issuance, profile: ChipProfile) -> None:
    """Refuse to call a card erased that would still carry what it was made to."""
    if issuance.state is not State.HANDED_OVER:
        return
    for name in {issuance.chip_profile, *_half_written(desk, issuance)} - {profile.name}:
        if not has_applications(desk.making.chip_profile_named(name), profile):
            raise InputError(_MORE_ON_IT, _MORE_ON_IT_TODO, recorded=name, profile=profile.name)


def _half_written(desk: Desk, issuance: Issuance) -> Iterator[str]:
    """Yield the chip profiles that the card was being brought up to, and of which something may be on it."""
    if issuance.pending is None:
        return
    # Backwards to the last whole state: several attempts may have stopped one after the other.
    for entry in reversed(desk.store.issuances.journal(issuance.id)):
        if isinstance(entry.event, Renewed | HandedOver):
            return
        if isinstance(entry.event, RenewBegun):
            yield entry.event.chip_profile


def need_erasable(plan: ErasePlan, *, in_use: bool) -> None:
    """Refuse a card that is further in the making than its chip, and one that somebody has unless ``in_use`` is said.

    Raises:
        InputError: with what to do instead; nothing was erased.
    """
    if plan.issuance.open and not plan.gives_up:
        raise InputError(_BEING_MADE, _BEING_MADE_TODO, name=plan.holder)
    if plan.card is not None and plan.card.state in WITH_SOMEBODY and not in_use:
        raise InputError(_SOMEBODY_HAS_IT, _SOMEBODY_TODO, name=plan.holder, state=card_state(plan.card.state))


def erase_card(  # noqa: PLR0913 - which card, after what; then why and how, by name
    desk: Desk,
    connection: ChipConnection,
    issuance: Issuance,
    profile: ChipProfile,
    *,
    cause: str = "returned",
    whole_card: bool = False,
) -> EraseReport:
    """Delete what is ours from an issuance's card, prove it, and record that it was returned: its chip is free then.

    The journal has it before the first command that deletes: from there on only the card knows what is still on it.
    Pulled, or killed, in between, the same call finishes it. The making of a card that is only written so far is given
    up. Where ESC-Router knows the card, it is told in the same step that it is not in use any more.

    Raises:
        ChipUnsuitableError: another card lies there now. And what ``station.chip.erasing.erase`` raises.
    """
    from station.chip.erasing import erase

    attempt = Attempt(desk.journal, issuance.id)

    def begin(uid: str) -> None:
        if uid != issuance.uid:
            raise ChipUnsuitableError(OTHER_CARD, OTHER_CARD_TODO, uid=uid, escn=issuance.escn)
        if issuance.open:
            # Given up first: whatever happens to the chip from here on, nobody goes on to print this number.
            desk.issuances.spoil(issuance.id, Cause.OTHER, cause)
        attempt.begin(EraseBegun(uid, profile.name, cause, whole_card))

    data = data_of(desk, issuance)
    with attempt.watched():
        report = erase(connection, profile, data, desk.devices.secrets, before_write=begin, whole_card=whole_card)
    attempt.end(Erased(report.uid, cause, report.apdus), _told_of_return(desk, issuance))
    desk.outbox.wake()
    return report


def _told_of_return(desk: Desk, issuance: Issuance) -> tuple[OutboxEntry, ...]:
    """Return what ESC-Router has to be told of a card that is nobody's any more."""
    card = desk.store.cards.get(issuance.escn)
    holder = desk.store.holders.get(issuance.holder_id)
    if card is None or holder is None or card.state is CardState.RETURNED:
        return ()
    if card.registration is Registration.NOT_NEEDED:
        return ()
    # The entry of the journal that it belongs to: it makes the key unlike that of any other change of this card.
    number = len(desk.store.issuances.journal(issuance.id)) + 1
    policy = desk.issuances.policy(card.institution)
    return update_for(replace(card, state=CardState.RETURNED), holder, policy, desk.clock.now(), number)


_MORE_ON_IT = N_("This card was made to the chip profile {recorded}, and {profile} would leave some of that on it.")
_MORE_ON_IT_TODO = N_("Erase it with --chip-profile {recorded} first. Nothing was erased.")
_NOTHING_ERASED = N_("Nothing was erased. Ask the desk that made it.")
_BEING_MADE = N_("This card is being made for {name}: it can't be erased in the middle.")
_BEING_MADE_TODO = N_("Finish it, or mark it as spoiled at the desk. Nothing was erased.")
_SOMEBODY_HAS_IT = N_("This card belongs to {name}: its record says {state}.")
_SOMEBODY_TODO = N_("If it was really given back, say so with --in-use. Nothing was erased.")
