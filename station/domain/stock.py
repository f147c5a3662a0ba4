"""The stock of blank cards as a ledger: what came, what went, and whether it adds up.

    received = on hand + in work + in doubt + issued + spoiled + test + destroyed + missing

What cards were made of stands in the journal already (``BlankCounts``); people write down only what no journal sees:
boxes that came, blanks that were tried out, lost or shredded, and what somebody counted. Each piece of plastic is in
one place: what is destroyed leaves the pile that it lay on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from station.domain.errors import N_, InputError
from station.domain.message import Message


class StockAct(StrEnum):
    """What a person writes down about blanks."""

    RECEIVED = "received"
    TEST = "test"
    SPOILED = "spoiled"
    DESTROYED = "destroyed"
    COUNTED = "counted"


class Pile(StrEnum):
    """Where blanks lie that are destroyed."""

    STOCK = "stock"
    SPOILED = "spoiled"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class SerialRange:
    """Serial numbers from ``first`` to ``last``, alike but for the digits at their end: ``A-001`` to ``A-500``."""

    first: str
    last: str

    @property
    def count(self) -> int:
        """Return how many blanks it has; raises InputError when it is no range."""
        (stem, low), (other, high) = _parts(self.first), _parts(self.last)
        if stem != other or len(self.first) != len(self.last) or high < low:
            raise InputError(_NO_RANGE, _AS_ON_THE_BOX, first=self.first, last=self.last)
        return high - low + 1

    def overlaps(self, other: SerialRange) -> bool:
        """Say whether a number is in both."""
        return self.common(other) > 0

    def common(self, other: SerialRange) -> int:
        """Return how many numbers are in both."""
        # How long a number is written is part of it: are two.
        mine, its = self.span, other.span
        return max(0, min(mine[3], its[3]) - max(mine[2], its[2]) + 1) if mine[:2] == its[:2] else 0

    def has(self, serial: str) -> bool:
        """Say whether ``serial`` is one of its numbers."""
        return self.overlaps(SerialRange(serial, serial))

    def within(self, others: Sequence[SerialRange]) -> bool:
        """Say whether each number of it is in one of ``others``."""
        stem, digits, low, high = self.span
        # In order, so that boxes that follow each other count as one range.
        spans = sorted(each.span for each in others if each.span[:2] == (stem, digits))
        for _, _, begin, end in spans:
            if begin <= low <= end:
                low = end + 1
        return low > high

    @property
    def span(self) -> tuple[str, int, int, int]:
        """Return what the numbers have in common, how long they are, and the digits of the first and the last."""
        (stem, low), (_, high) = _parts(self.first), _parts(self.last)
        return stem, len(self.first), low, high


@dataclass(frozen=True, slots=True)
class StockEntry:
    """One line of the ledger; lines are added, never changed.

    ``serials`` is ``None`` for blanks that have no numbers. ``pile`` is where destroyed ones lay. For what was counted
    ``count`` is what lay there, and ``expected`` what the ledger said then.
    """

    act: StockAct
    count: int
    at: datetime
    serials: SerialRange | None = None
    pile: Pile = Pile.STOCK
    expected: int = 0
    note: str = ""
    operator: str = ""
    station: str = ""


@dataclass(frozen=True, slots=True)
class BlankCounts:
    """What the journal says of the blanks that were taken since the ledger was begun."""

    in_work: int = 0
    in_doubt: int = 0
    issued: int = 0
    spoiled: int = 0
    test: int = 0


@dataclass(frozen=True, slots=True)
class StockBalance:
    """Where every blank is that ever came; ``spoiled`` and ``test`` are those that are still kept, not yet destroyed.

    ``missing`` is by how much counting found fewer than the ledger said (negative: more).
    """

    received: int = 0
    in_work: int = 0
    in_doubt: int = 0
    issued: int = 0
    spoiled: int = 0
    test: int = 0
    destroyed: int = 0
    missing: int = 0

    @property
    def on_hand(self) -> int:
        """Return how many blanks should lie there now."""
        gone = self.in_work + self.in_doubt + self.issued + self.spoiled + self.test + self.destroyed
        return self.received - gone - self.missing

    @property
    def adds_up(self) -> bool:
        """Say whether nothing is missing, and no pile has less than nothing."""
        return not self.gaps

    @property
    def gaps(self) -> tuple[Message, ...]:
        """Return what doesn't add up, each with by how many; nothing when all does."""
        found = (
            (self.missing, N_("{count} are missing: counting found fewer than there should be.")),
            (-self.missing, N_("{count} are too many: counting found more than there should be.")),
            (-self.on_hand, N_("{count} more were used than came: a box was not written down.")),
            (-self.spoiled, N_("{count} more spoiled ones were destroyed than there were.")),
            (-self.test, N_("{count} more tried-out ones were destroyed than there were.")),
        )
        return tuple(Message(text, {"count": count}) for count, text in found if count > 0)


@dataclass(frozen=True, slots=True)
class Box:
    """Blanks that came together, and what was written down since of the numbers among them.

    ``issued`` are those cards alone whose number somebody read from the plastic: which blank a feeder took, nobody
    else knows.
    """

    came: StockEntry
    test: int = 0
    spoiled: int = 0
    destroyed: int = 0
    issued: int = 0


def boxes(ledger: Sequence[StockEntry], made: Collection[str] = ()) -> tuple[Box, ...]:
    """Return what came, newest first; what has no numbers can't be told to be of one box or another.

    ``made`` are the numbers that were read from cards.
    """

    def cards(came: StockEntry) -> int:
        return sum(came.serials.has(serial) for serial in made) if came.serials is not None else 0

    def told(came: StockEntry, act: StockAct) -> int:
        mine = came.serials
        theirs = [e.serials for e in ledger if e.act is act and e.serials is not None]
        return sum(mine.common(other) for other in theirs) if mine is not None else 0

    return tuple(
        Box(came, told(came, StockAct.TEST), told(came, StockAct.SPOILED), told(came, StockAct.DESTROYED), cards(came))
        for came in reversed(ledger)
        if came.act is StockAct.RECEIVED
    )


def expected_next(ledger: Sequence[StockEntry], taken: int, numbered: Collection[str]) -> str | None:
    """Return which number the next blank should have, if boxes are used up in the order in which they came.

    It is what to compare the feeder with, and never written down of a card: blanks are turned over, boxes are opened in
    any order. ``taken`` is how many the journal saw, ``numbered`` what was read from some of them. ``None``: the boxes
    have no numbers, or they should all be used up.
    """
    gone = [e.serials for e in ledger if e.serials is not None and e.act in _GONE]
    nameless = sum(e.count for e in ledger if e.serials is None and _leaves_stock(e))
    # Whoever was read is known to be gone; the others were the first ones, as far as anybody can tell.
    left = max(0, taken - len(numbered)) + nameless
    for came in (e for e in ledger if e.act is StockAct.RECEIVED):
        if came.serials is None:
            left = max(0, left - came.count)
            continue
        stem, width, low, high = came.serials.span
        for number in range(low, high + 1):
            serial = f"{stem}{number:0{width - len(stem)}}"
            if serial in numbered or any(each.has(serial) for each in gone):
                continue
            if not left:
                return serial
            left -= 1
    return None


def check_read(ledger: Sequence[StockEntry], serial: str) -> str:
    """Return a serial number that was read from a card, as it is kept.

    Raises:
        InputError: no box with it came, where boxes have numbers; or it was tried out, lost or destroyed.
    """
    read = serial.strip()
    one = SerialRange(read, read)
    came = [e.serials for e in ledger if e.act is StockAct.RECEIVED and e.serials is not None]
    if one.count and came and not one.within(came):
        raise InputError(_NEVER_CAME, _AS_ON_THE_CARD, first=read, last=read)
    _need_new([e.serials for e in ledger if e.act in _GONE and e.serials is not None], one)
    return read


def balance(ledger: Sequence[StockEntry], taken: BlankCounts) -> StockBalance:
    """Return where every blank is, by the ledger and the journal together."""

    def told(act: StockAct, pile: Pile | None = None) -> int:
        return sum(e.count for e in ledger if e.act is act and (pile is None or e.pile is pile))

    return StockBalance(
        received=told(StockAct.RECEIVED),
        in_work=taken.in_work,
        in_doubt=taken.in_doubt,
        issued=taken.issued,
        spoiled=taken.spoiled + told(StockAct.SPOILED) - told(StockAct.DESTROYED, Pile.SPOILED),
        test=taken.test + told(StockAct.TEST) - told(StockAct.DESTROYED, Pile.TEST),
        destroyed=told(StockAct.DESTROYED),
        missing=sum(e.expected - e.count for e in ledger if e.act is StockAct.COUNTED),
    )


def checked(ledger: Sequence[StockEntry], stands: StockBalance, entry: StockEntry) -> StockEntry:
    """Return ``entry`` as it may be added to the ledger.

    Raises:
        InputError: there are not so many, the numbers came already, never came, or were written down before.
    """
    if entry.count < 0 or (entry.count == 0 and entry.act is not StockAct.COUNTED):
        raise InputError(detail=N_("there must be at least one"))
    if entry.count > _MOST:
        raise InputError(detail=N_("that are more than a million: nobody has so many"))
    if entry.serials is not None and entry.serials.count != entry.count:
        raise InputError(detail=N_("the numbers and the count don't agree"))
    if entry.act is StockAct.COUNTED:
        # What should lie there is kept with the count: lines that are added later must not change what it found.
        return replace(entry, expected=stands.on_hand)
    if entry.act is not StockAct.RECEIVED:
        _need_so_many(stands, entry)
    if entry.serials is not None:
        _check_serials(ledger, entry, entry.serials)
        if entry.act is StockAct.DESTROYED and entry.pile is not Pile.STOCK:
            _need_on_pile(ledger, stands, entry.pile, entry.serials)
    return entry


def begun_at(ledger: Sequence[StockEntry]) -> datetime | None:
    """Return since when blanks are counted; ``None``: nobody keeps a stock here."""
    return min((entry.at for entry in ledger if entry.act is StockAct.RECEIVED), default=None)


def lasts_to(on_hand: int, taken_by_day: Mapping[date, int], today: date) -> date | None:
    """Return the last day for which something suffices, at the pace of the days that had any.

    ``None``: there is no pace yet, or it lasts for longer than anybody can say from it.

    Only days of the week on which cards were made before are counted on: an office that is shut on Sundays does not
    run out on one. Today counts with what is left of its usual number.
    """
    days = {day: count for day, count in taken_by_day.items() if count > 0 and day <= today}
    pace = pace_of(days, today)
    if pace is None:
        return None
    at_work = {day.weekday() for day in days}
    left = float(on_hand) - max(0.0, pace - days.get(today, 0)) * (today.weekday() in at_work)
    day = today
    # A year is as far as anybody orders cards ahead; beyond it the pace says nothing.
    while left >= pace and (day - today).days < _FAR_DAYS:
        day = _next_at_work(day, at_work)
        left -= pace
    return day if left < pace else None


def pace_of(taken_by_day: Mapping[date, int], today: date) -> float | None:
    """Return how many are taken on a day that has any, up to today; ``None``: no pace yet."""
    counts = [count for day, count in taken_by_day.items() if count > 0 and day <= today]
    return sum(counts) / len(counts) if counts else None


def _next_at_work(day: date, at_work: set[int]) -> date:
    day += timedelta(days=1)
    while day.weekday() not in at_work:
        day += timedelta(days=1)
    return day


def _need_so_many(stands: StockBalance, entry: StockEntry) -> None:
    pile = entry.pile if entry.act is StockAct.DESTROYED else Pile.STOCK
    there = {Pile.STOCK: stands.on_hand, Pile.SPOILED: stands.spoiled, Pile.TEST: stands.test}[pile]
    if entry.count > there:
        raise InputError(_NOT_SO_MANY, _COUNT_THEM, count=entry.count, there=there)


def _check_serials(ledger: Sequence[StockEntry], entry: StockEntry, serials: SerialRange) -> None:
    came = [e.serials for e in ledger if e.act is StockAct.RECEIVED and e.serials is not None]
    if entry.act is StockAct.RECEIVED:
        _need_new(came, serials)
        return
    if not serials.within(came):
        raise InputError(_NEVER_CAME, _AS_ON_THE_BOX, first=serials.first, last=serials.last)
    # Destroyed from a pile, they were written down once before: when they came to it.
    before = {StockAct.TEST, StockAct.SPOILED, StockAct.DESTROYED}
    if entry.act is StockAct.DESTROYED and entry.pile is not Pile.STOCK:
        before = {StockAct.DESTROYED}
    _need_new([e.serials for e in ledger if e.act in before and e.serials is not None], serials)


def _need_on_pile(ledger: Sequence[StockEntry], stands: StockBalance, pile: Pile, serials: SerialRange) -> None:
    """Refuse to destroy from a pile what does not lie there, as far as the numbers on it are known."""
    put = {each: [e.serials for e in ledger if e.act is act and e.serials] for each, act in _PUT_BY.items()}
    mine = put.pop(pile)
    gone = [e.serials for e in ledger if e.act is StockAct.DESTROYED and e.pile is pile and e.serials]
    known = sum(each.count - sum(each.common(other) for other in gone) for each in mine)
    of_these = sum(serials.common(each) for each in mine)
    # Whatever else lies there came without its number: a card that was lost, or one that nobody read.
    there = {Pile.SPOILED: stands.spoiled, Pile.TEST: stands.test}[pile]
    elsewhere = any(serials.overlaps(each) for others in put.values() for each in others)
    if elsewhere or serials.count - of_these > max(0, there - known):
        raise InputError(_NOT_THERE[pile], _AS_ON_THE_CARDS, first=serials.first, last=serials.last)


def _need_new(known: Sequence[SerialRange], serials: SerialRange) -> None:
    for other in known:
        if serials.overlaps(other):
            detail = Message(_ALREADY, {"first": other.first, "last": other.last})
            raise InputError(detail=detail)


def _leaves_stock(entry: StockEntry) -> bool:
    moved = entry.act is StockAct.DESTROYED and entry.pile is not Pile.STOCK
    return entry.act in _GONE and not moved


def _parts(serial: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.*?)([0-9]{1,18})", serial)
    if found is None:
        raise InputError(_NO_SERIAL, _AS_ON_THE_BOX, value=serial)
    return found[1], int(found[2])


_GONE = frozenset({StockAct.TEST, StockAct.SPOILED, StockAct.DESTROYED})
_PUT_BY = {Pile.SPOILED: StockAct.SPOILED, Pile.TEST: StockAct.TEST}
_NOT_THERE = {
    Pile.SPOILED: N_("The numbers {first} to {last} are not among the spoiled ones."),
    Pile.TEST: N_("The numbers {first} to {last} are not among those that were tried out."),
}
_AS_ON_THE_CARDS = N_("Type the numbers that stand on the cards to be destroyed, and say where those lay.")
_FAR_DAYS = 366
_MOST = 1_000_000
_NO_RANGE = N_("{first} to {last} is no range of serial numbers.")
_NO_SERIAL = N_("The serial number {value} does not end in digits.")
_AS_ON_THE_CARD = N_("Type the number as it stands on the card. If a box was not written down, write it down first.")
_AS_ON_THE_BOX = N_("Type the first and the last number as they stand on the box.")
_NOT_SO_MANY = N_("There are {there} of them, not {count}.")
_COUNT_THEM = N_("Count them. If the ledger is wrong, write down how many you counted.")
_NEVER_CAME = N_("No box with the numbers {first} to {last} was received.")
_ALREADY = N_("the numbers {first} to {last} were written down before")
