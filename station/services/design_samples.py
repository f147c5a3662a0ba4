"""Whose card a designer looks at: the next person at the desk, or the longest, shortest and strangest name there is."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from station.domain.holder import Holder
from station.domain.layout import CardFields
from station.resources import asset

if TYPE_CHECKING:
    from station.services.desk import Desk

# Nil but for the version, so that the code has its real size and leads to nobody.
SPECIMEN_NUMBER = "00000000-0000-1000-8000-000000000000"


class SampleKind(StrEnum):
    """Which card is shown."""

    NEXT = "next"
    LONGEST = "longest"
    SHORTEST = "shortest"
    STRANGEST = "strangest"


@dataclass(frozen=True, slots=True)
class Sample:
    """One card's contents. ``invented`` when the register had nobody, and somebody who ships with the station is shown.

    Somebody without a portrait is shown with the stand-in's, so that the card is seen as it will be.
    """

    kind: SampleKind
    fields: CardFields
    portrait: bytes | None
    invented: bool = False


def sample_of(desk: Desk, kind: SampleKind, waiting: Sequence[Holder] = ()) -> Sample:
    """Return the card of that kind; reads the register, so call it away from the window's thread.

    ``waiting`` is who is in the queue, the next one first; with nobody there it is the first of the register.
    """
    if kind is SampleKind.NEXT:
        holder = waiting[0] if waiting else next(desk.store.holders.everyone(), None)
    else:
        holder = chosen(desk.store.holders.everyone(), kind)
    return shipped_sample(desk, kind) if holder is None else _of_holder(desk, kind, holder)


def chosen(holders: Iterable[Holder], kind: SampleKind) -> Holder | None:
    """Return whose name is the longest, shortest or strangest; of equals the first."""
    if kind is SampleKind.STRANGEST:
        return max(holders, key=lambda holder: strangeness(holder.full_name), default=None)
    by_length = min if kind is SampleKind.SHORTEST else max
    return by_length(holders, key=lambda holder: len(holder.full_name), default=None)


def strangeness(name: str) -> int:
    """Return how much of a name a layout may not have been drawn for: letters with marks, other alphabets, signs."""
    # Each letter once: a long name with one mark all over is less of a trial than a short one with five different ones.
    return sum(_strange(letter) for letter in set(unicodedata.normalize("NFC", name)))


def shipped_sample(desk: Desk, kind: SampleKind) -> Sample:
    """Return somebody who ships with the station, for a desk whose register is empty."""
    from station.render.linting.samples import worst_cases

    cases = worst_cases(desk.clock.now().date())
    if kind is SampleKind.SHORTEST:
        fields = min(cases, key=lambda each: len(each.full_name))
    elif kind is SampleKind.STRANGEST:
        fields = max(cases, key=lambda each: strangeness(each.full_name))
    else:
        fields = max(cases, key=lambda each: len(each.full_name)) if kind is SampleKind.LONGEST else cases[0]
    return Sample(kind, fields, stand_in_portrait(), invented=True)


def stand_in_portrait() -> bytes:
    """Return the portrait that is shown for somebody who has none yet."""
    return asset("demo", "portraits", "person-2.jpg").read_bytes()


def _of_holder(desk: Desk, kind: SampleKind, holder: Holder) -> Sample:
    making, cards = desk.making, desk.store.cards.of_holder(holder.id)
    # No new number for a look at a layout: each one that is taken is gone.
    number = cards[0].escn if cards else SPECIMEN_NUMBER
    today = desk.clock.now().date()
    fields = making.fields(holder, number, making.expiry(holder, today), today)
    portrait = desk.store.portraits.last_of(holder.id)
    return Sample(kind, fields, portrait.image if portrait is not None else stand_in_portrait())


def _strange(letter: str) -> int:
    if letter.isascii():
        return 0 if letter.isalnum() or letter == " " else 1
    plain = unicodedata.normalize("NFD", letter)
    if len(plain) > 2:
        return 12  # two marks on one letter
    return 2 if plain[0].isascii() else 6
