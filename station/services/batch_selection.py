"""Who gets a card in a batch: chosen by a list of student numbers, or by faculty and programme, with a portrait there.

Nobody is before the camera at night. So whoever has no portrait in the station yet, or an active card, or one that is
being made, is left out and named, with the reason; that is no mistake, the desk is for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from station.domain.card import CardState
from station.domain.errors import N_
from station.domain.holder import EnrolmentStatus, Holder, folded, missing_for_card
from station.domain.workflow import Act, Issuance, State
from station.services.desk import Desk


class LeftOut(StrEnum):
    """Why somebody who was asked for gets no card in a batch."""

    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"
    NO_PORTRAIT = "no_portrait"
    HAS_CARD = "has_card"
    IN_THE_MAKING = "in_the_making"
    AT_THE_DESK = "at_the_desk"


WHY: dict[LeftOut, str] = {
    LeftOut.NO_PORTRAIT: N_("Without a portrait: {count} ({names})"),
    LeftOut.HAS_CARD: N_("Have a card already: {count} ({names})"),
    LeftOut.IN_THE_MAKING: N_("Their card is in the making: {count} ({names})"),
    LeftOut.AT_THE_DESK: N_("Are being served at this desk: {count} ({names})"),
    LeftOut.INCOMPLETE: N_("Data missing, or not studying: {count} ({names})"),
    LeftOut.UNKNOWN: N_("Not in the register: {count} ({names})"),
}
"""Why people are left out, for people: how many, and who."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom a batch is for: ``numbers`` of a list, and of those (or of all) a faculty's, a programme's; empty: any."""

    numbers: tuple[str, ...] | None = None
    faculty: str = ""
    programme: str = ""


@dataclass(frozen=True, slots=True)
class NotChosen:
    """Somebody who was asked for and is left out; ``holder`` is ``None`` for a number that is nobody's."""

    number: str
    why: LeftOut
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom a wish comes to; those chosen have a portrait and no card."""

    chosen: tuple[Holder, ...] = ()
    left_out: tuple[NotChosen, ...] = ()


def select(desk: Desk, wish: Wish, at_the_desk: Collection[str] = ()) -> Selection:
    """Return who gets a card; only reads. Goes through the register, so call it away from the window.

    ``at_the_desk`` are the holders who are being served in this very window: theirs is made there.
    """
    begun = {issuance.holder_id: issuance for issuance in desk.store.issuances.open_issuances()}
    chosen: list[Holder] = []
    left_out: list[NotChosen] = []
    for number, holder in _asked_for(desk, wish):
        why = LeftOut.UNKNOWN if holder is None else _why_not(desk, holder, begun.get(holder.id))
        why = LeftOut.AT_THE_DESK if holder is not None and holder.id in at_the_desk else why
        if holder is None or why is not None:
            left_out.append(NotChosen(number, why or LeftOut.UNKNOWN, holder))
        # A list from a spreadsheet often has somebody twice.
        elif holder not in chosen:
            chosen.append(holder)
    return Selection(tuple(chosen), tuple(left_out))


def groups(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Return every faculty with each of its programmes that somebody active studies, in order."""
    enrolments = (holder.enrolment for holder in desk.store.holders.everyone())
    found = {
        (enrolment.faculty, enrolment.programme)
        for enrolment in enrolments
        if enrolment is not None and enrolment.status is EnrolmentStatus.ACTIVE
    }
    return tuple(sorted(found, key=lambda pair: (folded(pair[0]), folded(pair[1]))))


def numbers_in(text: str) -> tuple[str, ...]:
    """Return the student numbers of a list: the first word of each line that has one; ``#`` begins a remark."""
    # Commas and semicolons count as spaces: such lists are columns cut out of a spreadsheet.
    lines = (line.partition("#")[0].replace(";", " ").replace(",", " ").split() for line in text.splitlines())
    return tuple(dict.fromkeys(words[0] for words in lines if words))


def _asked_for(desk: Desk, wish: Wish) -> Iterator[tuple[str, Holder | None]]:
    if wish.numbers is not None:
        for number in wish.numbers:
            # One by one, as a list is short; the whole register is only walked where no list says whom.
            found = desk.store.holders.by_student_number(number)
            if found is None or _is_of(found, wish):
                yield number, found
        return
    for holder in desk.store.holders.everyone():
        if _is_of(holder, wish):
            yield holder.student_number, holder


def _is_of(holder: Holder, wish: Wish) -> bool:
    enrolment = holder.enrolment
    pairs: Iterable[tuple[str, str]] = (
        (wish.faculty, enrolment.faculty if enrolment else ""),
        (wish.programme, enrolment.programme if enrolment else ""),
    )
    return all(not asked or folded(asked) == folded(has) for asked, has in pairs)


def _why_not(desk: Desk, holder: Holder, begun: Issuance | None) -> LeftOut | None:
    """Return what keeps a card of this holder from being made at night; what costs least to know comes first."""
    if missing_for_card(holder):
        return LeftOut.INCOMPLETE
    if begun is not None and not _waits_for_portrait(begun):
        return LeftOut.IN_THE_MAKING  # it goes on by itself, or at the desk
    scheme = desk.making.for_holder(holder).scheme
    mine = desk.store.cards.of_holder(holder.id)
    if any(card.state is CardState.ACTIVE and card.scheme is scheme for card in mine):
        return LeftOut.HAS_CARD
    return None if desk.store.portraits.last_of(holder.id) is not None else LeftOut.NO_PORTRAIT


def _waits_for_portrait(issuance: Issuance) -> bool:
    return issuance.state is State.DRAFT and issuance.pending is not Act.ENCODE
