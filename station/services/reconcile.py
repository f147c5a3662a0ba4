"""Cards here against cards at ESC-Router, both ways: what differs, and what a person decides about it.

The router's list is walked page by page, then the store's; of the router's only eight bytes a card are kept meanwhile.
What waits in the queue is no difference: it is being told. Nothing is changed before somebody says so.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from station.domain.card import Card, CardState, Registration
from station.domain.errors import (
    N_,
    Cancelled,
    InputError,
    RouterAddressError,
    RouterForbiddenError,
    RouterGoneError,
    RouterNotFoundError,
    StoreConflictError,
)
from station.domain.holder import Holder
from station.domain.outbox import OutboxEntry
from station.ports.router import KnownCard, RouterCardStatus, RouterReading
from station.ports.store import Store
from station.ports.tasks import Cancel, Progress
from station.services.consent import agrees
from station.services.lifecycle import Lifecycle
from station.services.registration import REGISTERED_SCHEMES, RegistrationPolicy

if TYPE_CHECKING:
    from station.services.desk import Desk

Policies = Callable[[str], RegistrationPolicy]


class Group(StrEnum):
    """What kind of difference it is."""

    MISSING_THERE = "missing_there"
    """It should be known there and is not."""
    MISSING_HERE = "missing_here"
    """The router has it as ours, and this store does not know it."""
    DIFFERS = "differs"
    UNWANTED = "unwanted"
    """Its holder does not agree that the router knows them, and it does."""
    ELSEWHERE = "elsewhere"
    """It belongs to another institution there."""


APPLICABLE = (Group.MISSING_THERE, Group.DIFFERS, Group.UNWANTED)
"""What can be settled as a group, for the record here is right. The others are for a person, card by card."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is another there than here, both as text."""

    name: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A card that is not the same here and there; ``esi`` and ``pic`` are the router's where only it knows the card.

    ``left`` says that a person has decided to leave this very difference as it is.
    """

    group: Group
    escn: str
    name: str = ""
    differences: tuple[Difference, ...] = ()
    issuer: str = ""
    esi: str = ""
    pic: str = ""
    left: bool = False

    @property
    def digest(self) -> str:
        """Return what stands for the difference: with another one it is to be decided anew."""
        fields = ((each.name, each.here, each.there) for each in self.differences)
        return hashlib.sha256(repr((self.group.value, self.pic, *fields)).encode()).hexdigest()[:32]


@dataclass(slots=True)
class Tally:
    """How many cards were compared, how many wait in the queue and were left alone, how many findings of each group.

    ``left`` counts the findings that a person left as they are; they are in their groups, too.
    """

    there: int = 0
    here: int = 0
    queued: int = 0
    left: int = 0
    groups: Counter[Group] = field(default_factory=Counter)

    @property
    def same(self) -> bool:
        """Tell whether nothing differs."""
        return not self.groups.total()


GROUP_NAMES = {
    Group.MISSING_THERE: N_("not known at ESC-Router"),
    Group.MISSING_HERE: N_("not known here"),
    Group.DIFFERS: N_("differs"),
    Group.UNWANTED: N_("should be forgotten there: its holder does not agree"),
    Group.ELSEWHERE: N_("another institution's"),
}
"""Each group in words."""
FIELDS = {
    "esi": N_("person"),
    "issued_on": N_("day of issue"),
    "expires_on": N_("last day"),
    "card_type": N_("kind of chip"),
    "status": N_("status"),
}
"""The fields that are compared, in words."""


class Reconciliation:
    """One comparison; ``findings`` is walked once, and ``tally`` is whole at its end."""

    def __init__(
        self, store: Store, router: RouterReading, policies: Policies, institutions: tuple[str, ...], *, today: date
    ) -> None:
        self._store, self._router, self._policies = store, router, policies
        self._institutions, self._today = institutions, today
        self._seen = array("Q")
        self.tally = Tally()

    def findings(self, *, cancel: Cancel, progress: Progress, thorough: bool = False) -> Iterator[Finding]:
        """Yield what differs. ``thorough`` asks for each card by itself: lists leave status and kind of chip out.

        Without it only cards that are not in use here are asked for: that one of them counts as active is what matters
        most. Raises RouterError when the router can't be asked; what was found until then stands.
        """
        for pic in dict.fromkeys(self._policies(key).pic for key in self._institutions):
            for finding in self._of_the_router(pic, cancel, progress, thorough=thorough):
                yield self._counted(finding)
        # Sorted once, then searched by halves: a set of the numbers as text would take more than ten times the memory.
        self._seen = array("Q", sorted(self._seen))
        # The store after the router: a card that is registered while the list is walked is found here, and asked for by
        # itself.
        for card in self._store.cards.each():
            if cancel.is_set():
                raise Cancelled
            self.tally.here += 1
            found = self._of_the_store(card)
            if found is not None:
                yield self._counted(found)

    # --- the router's list

    def _of_the_router(self, pic: str, cancel: Cancel, progress: Progress, *, thorough: bool) -> Iterator[Finding]:
        number, before = 0, frozenset[str]()
        while True:
            if cancel.is_set():
                raise Cancelled
            page = self._router.cards(number, pic=pic)
            # A card that was registered meanwhile pushes others onto the next page: they come twice.
            rows = [row for row in page.rows if row.escn.lower() not in before]
            for known in rows:
                self.tally.there += 1
                self._seen.append(_short(known.escn))
                found = self._compared(known, pic, thorough=thorough)
                if found is not None:
                    yield found
            before = frozenset(row.escn.lower() for row in page.rows)
            number += 1
            if page.total:
                progress("reconcile", min(1.0, self.tally.there / page.total))
            # An empty page ends it too: cards that were deleted meanwhile make fewer pages than the first answer
            # promised.
            if number >= page.pages or not page.rows:
                return

    def _compared(self, known: KnownCard, pic: str, *, thorough: bool) -> Finding | None:
        escn = known.escn.lower()
        # Before the store is asked: a card of this number here says nothing about who may change it there.
        if known.issuer_pic and known.issuer_pic != pic:
            return Finding(Group.ELSEWHERE, escn, known.holder_name, issuer=known.issuer_name, pic=known.issuer_pic)
        card = self._store.cards.get(escn)
        if card is None:
            return Finding(
                Group.MISSING_HERE, escn, known.holder_name, issuer=known.issuer_name, esi=known.esi, pic=pic
            )
        holder = self._store.holders.get(card.holder_id)
        # What is in the queue will be the same soon; listed, a person would queue it a second time.
        if holder is None or self._waits(card):
            return None
        if not self._is_told(card):
            return Finding(Group.UNWANTED, escn, holder.full_name, esi=known.esi, pic=pic)
        if thorough or card.state is not CardState.ACTIVE:
            found = self._asked(escn, pic)
            if isinstance(found, Group):
                return Finding(found, escn, holder.full_name)
            known = found
        differences = tuple(self._differences(card, holder, known))
        return Finding(Group.DIFFERS, escn, holder.full_name, differences) if differences else None

    def _differences(self, card: Card, holder: Holder, known: KnownCard) -> Iterator[Difference]:
        # Capital letters make no other person: an ESI is compared without them everywhere.
        if (holder.esi or "").casefold() != known.esi.casefold():
            yield Difference("esi", holder.esi or "", known.esi)
        for name, here, there in (
            ("issued_on", card.issued_at.date(), known.issued_on),
            ("expires_on", card.expires_on, known.expires_on),
        ):
            # The router's lists leave fields out; what it did not say is no difference.
            if there is not None and here != there:
                yield Difference(name, here.isoformat(), there.isoformat())
        if known.card_type is not None and known.card_type != card.card_type:
            yield Difference("card_type", card.card_type.value, known.card_type)
        wanted = RouterCardStatus.ACTIVE if card.state is CardState.ACTIVE else RouterCardStatus.INACTIVE
        # What has expired is of no use to anybody, whatever else it is; when it does is compared above.
        if known.status not in (None, wanted, RouterCardStatus.EXPIRED):
            yield Difference("status", wanted.value, known.status or "")

    # --- the store's cards

    def _of_the_store(self, card: Card) -> Finding | None:
        if self._waits(card):
            self.tally.queued += 1
            return None
        if self._was_seen(card.escn) or not self._is_told(card):
            return None
        holder, pic = self._store.holders.get(card.holder_id), self._policies(card.institution).pic
        name = holder.full_name if holder else ""
        # Asked for by itself: the list may have moved on while it was walked.
        # A router whose list was empty knows none of them: a request for each card would only say the same.
        found = self._asked(card.escn, pic) if self.tally.there else Group.MISSING_THERE
        if isinstance(found, Group):
            return Finding(found, card.escn, name)
        return self._compared(found, pic, thorough=False)

    def _asked(self, escn: str, pic: str) -> KnownCard | Group:
        """Return a card as the router has it, or why it can't show it; one that it won't show holds up no other."""
        try:
            return self._router.card(escn, pic=pic)
        except (RouterNotFoundError, RouterGoneError):
            return Group.MISSING_THERE
        except RouterAddressError:
            raise  # everything would be answered so
        except RouterForbiddenError:
            return Group.ELSEWHERE

    def _is_told(self, card: Card) -> bool:
        told = self._policies(card.institution).enabled and card.scheme in REGISTERED_SCHEMES
        # A withdrawal takes the registration away with it: of a card that has one nobody needs to be asked.
        registered = card.registration is Registration.REGISTERED
        return told and (registered or agrees(self._store, card.holder_id))

    def _waits(self, card: Card) -> bool:
        if _is_waiting(card):
            return True
        if card.registration is Registration.REGISTERED:
            return False
        gone = self._store.outbox.get(f"delete-card:{card.escn}")
        return gone is not None and gone.done_at is None

    def _was_seen(self, escn: str) -> bool:
        wanted = _short(escn)
        place = bisect_left(self._seen, wanted)
        return place < len(self._seen) and self._seen[place] == wanted

    def _counted(self, finding: Finding) -> Finding:
        self.tally.groups[finding.group] += 1
        if self._store.outbox.fact(_LEFT + finding.escn) != finding.digest:
            return finding
        self.tally.left += 1
        return replace(finding, left=True)


def comparison(desk: Desk) -> Reconciliation:
    """Return a comparison of all that a desk's institutions have; raises InputError where nothing is registered."""
    if not desk.settings.router.enabled:
        raise InputError(_OFF, _OFF_TODO)
    institutions = tuple(each.key for each in desk.settings.institutions)
    today = desk.clock.now().date()
    return Reconciliation(desk.store, desk.router, desk.issuances.policy, institutions, today=today)


def would_queue(finding: Finding, life: Lifecycle, store: Store) -> tuple[OutboxEntry, ...]:
    """Return what ``settle`` would queue, nothing where it can do nothing or it waits already; nothing is written."""
    if finding.group is Group.ELSEWHERE:
        return ()
    if finding.group in _FORGOTTEN:
        return life.forgetting(finding.escn, finding.esi, finding.pic)
    card = store.cards.get(finding.escn)
    return () if card is None or _is_waiting(card) else life.telling(card, all_of_it=_whole(finding))


def settle(finding: Finding, life: Lifecycle, store: Store) -> bool:
    """Queue what makes the router agree with the record here; return whether anything was queued.

    A card that only the router knows is deleted there.

    Raises:
        NotAllowedError: this station may not change how cards stand. InputError: the card belongs to others.
    """
    life.need_right()
    if finding.group is Group.ELSEWHERE:
        raise InputError(_NOT_OURS, _NOT_OURS_TODO, escn=finding.escn)
    if finding.group in _FORGOTTEN:
        return life.forget_there(finding.escn, finding.esi, finding.pic)
    card = store.cards.get(finding.escn)
    if card is None or _is_waiting(card):
        return False
    try:
        return bool(life.tell_again(card, all_of_it=_whole(finding)))
    except StoreConflictError:
        return False  # another station was faster: it is in the queue


def leave(finding: Finding, life: Lifecycle, store: Store) -> None:
    """Note that this difference is to be left as it is. Raises NotAllowedError."""
    life.need_right()
    store.outbox.keep_fact(_LEFT + finding.escn, finding.digest)


_LEFT = "reconcile-left:"
_FORGOTTEN = (Group.MISSING_HERE, Group.UNWANTED)


def _whole(finding: Finding) -> bool:
    """Tell whether the person has to be told, too: nobody there knows them, or the card is another's there."""
    return finding.group is Group.MISSING_THERE or any(each.name == "esi" for each in finding.differences)


def _is_waiting(card: Card) -> bool:
    """Tell whether it is being told already."""
    return card.registration in (Registration.QUEUED, Registration.PARKED)


def _short(escn: str) -> int:
    """Return eight bytes that stand for a number: of 50,000 two are alike once in ten thousand million times."""
    return int.from_bytes(hashlib.blake2b(escn.lower().encode(), digest_size=8).digest())


_OFF = N_("The profile says that cards are not registered, so there is nothing to compare.")
_OFF_TODO = N_("Set [router] enabled = true in the profile.")
_NOT_OURS = N_("At ESC-Router the card {escn} belongs to another institution.")
_NOT_OURS_TODO = N_("Ask that institution, or IT, before anything is changed. Nothing was changed.")
