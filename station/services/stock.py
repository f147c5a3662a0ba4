"""The stock of blanks at work: write a line of the ledger, say whether it adds up, and how long it lasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from station.domain.card import BlankState
from station.domain.errors import N_, InputError, StoreConflictError
from station.domain.stock import (
    BlankCounts,
    Pile,
    SerialRange,
    StockAct,
    StockBalance,
    StockEntry,
    balance,
    begun_at,
    check_read,
    checked,
    expected_next,
    lasts_to,
    pace_of,
)
from station.services.journal import Journal

DONE: dict[StockAct, str] = {
    StockAct.RECEIVED: N_("came"),
    StockAct.TEST: N_("tried out"),
    StockAct.SPOILED: N_("lost"),
    StockAct.DESTROYED: N_("destroyed"),
    StockAct.COUNTED: N_("counted"),
}
"""What was written down of blanks, for people."""

_PACE_DAYS = 30
"""So many days back tell the pace: the rush of September says nothing of November."""


@dataclass(frozen=True, slots=True)
class StockReport:
    """How the stock stands: where every blank is, since when it is counted, and the last day that it suffices for."""

    balance: StockBalance
    since: datetime | None = None
    lasts_to: date | None = None
    ledger: tuple[StockEntry, ...] = ()
    a_day: float | None = None
    """How many are taken on a day on which cards are made, by the last month; ``None``: none was."""

    expected_next: str | None = None
    """Which number the next blank should have, if boxes are used in order: to compare with, and no fact."""
    numbered: tuple[str, ...] = ()
    """The numbers that were read from cards which were handed over."""

    @property
    def days_left(self) -> int | None:
        """Return for how many such days the blanks on hand suffice; ``None``: no pace yet."""
        return None if self.a_day is None else int(max(0, self.balance.on_hand) / self.a_day)

    @classmethod
    def empty(cls) -> StockReport:
        """Return the report of a place where nobody keeps a stock."""
        return cls(StockBalance())

    @property
    def kept(self) -> bool:
        """Say whether anybody keeps a stock here."""
        return self.since is not None


class StockService:
    """Keep the ledger of blanks. Blocks; call it away from the window's thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def report(self) -> StockReport:
        """Return how the stock stands now."""
        store, ledger = self._journal.store.stock, self._journal.store.stock.ledger()
        since = begun_at(ledger)
        if since is None:
            return StockReport(StockBalance(), ledger=ledger)
        taken_by_now = store.taken(since)
        stands = balance(ledger, taken_by_now)
        numbered = store.numbered()
        expected = expected_next(ledger, _all(taken_by_now), numbered)
        made = tuple(serial for serial, state in numbered.items() if state is BlankState.USED)
        # By the calendar of this place: a day's cards are those between two nights here, and not in Greenwich.
        now = self._journal.clock.now().astimezone()
        taken, today = days_of(store.taken_at(max(since, now - timedelta(days=_PACE_DAYS)))), now.date()
        # A stock that doesn't add up can be below nothing; how long it lasts is then no day in the past.
        last = lasts_to(max(0, stands.on_hand), taken, today)
        return StockReport(stands, since, last, ledger, pace_of(taken, today), expected, made)

    def write(self, wish: StockWish) -> StockReport:
        """Write down what a person typed; raises InputError when it is not sound, and nothing was written."""
        return self.add(wish.act, wish.count, serials=wish.serials, pile=wish.pile, note=wish.note.strip())

    def add(
        self,
        act: StockAct,
        count: int,
        *,
        serials: SerialRange | None = None,
        pile: Pile = Pile.STOCK,
        note: str = "",
    ) -> StockReport:
        """Write a line of the ledger, and return how the stock stands after it.

        Raises:
            InputError: as ``domain.stock.checked``; nothing was written.
        """
        store, who = self._journal.store.stock, self._journal.who
        ledger = store.ledger()
        since = begun_at(ledger)
        stands = balance(ledger, store.taken(since) if since else BlankCounts())
        now = self._journal.clock.now()
        entry = StockEntry(act, count, now, serials, pile, note=note, operator=who.operator, station=who.station)
        entry = checked(ledger, stands, entry)
        # After the ledger's own check: only a number that it knows can have become a card.
        self._need_no_card(entry)
        store.add(entry)
        return self.report()

    def _need_no_card(self, entry: StockEntry) -> None:
        """Refuse to write down as lost what was read from a card, but for a card that lies where it was lost."""
        serials = entry.serials
        if serials is None or entry.act is StockAct.RECEIVED:
            return
        numbered = self._journal.store.stock.numbered().items()
        lies_there = _STATES.get(entry.pile)
        made = next((serial for serial, state in numbered if state is not lies_there and serials.has(serial)), None)
        if made is not None:
            raise InputError(
                N_("The blank {serial} was made into a card."), N_("Type the numbers without that one."), serial=made
            )

    def read(self, issuance_id: str, serial: str) -> StockReport:
        """Keep the serial number that a person read from a card's plastic, or a scanner did.

        Raises:
            InputError: as ``domain.stock.check_read``; another blank has it, or no blank was taken for this card.
        """
        store = self._journal.store.stock
        kept = check_read(store.ledger(), serial)
        try:
            store.number(issuance_id, kept)
        except StoreConflictError as error:
            if error.params.get("constraint") == "blank":
                raise InputError(
                    N_("No blank was taken for this card yet."), N_("Look at the card's number.")
                ) from error
            raise InputError(
                N_("Another card has the serial number {value}."), N_("Read it again from the card."), value=kept
            ) from error
        return self.report()


@dataclass(frozen=True, slots=True)
class StockWish:
    """A line of the ledger as a person typed it; what is empty was not said."""

    act: StockAct
    number: str = ""
    first: str = ""
    last: str = ""
    pile: Pile = Pile.STOCK
    note: str = ""

    @property
    def serials(self) -> SerialRange | None:
        """Return the serial numbers, ``None`` where none were typed; raises InputError when one of two is missing."""
        first, last = self.first.strip(), self.last.strip()
        if self.act is StockAct.COUNTED or not (first or last):
            return None
        if not (first and last):
            missing = "last" if first else "first"
            raise InputError(N_("Only one of the two serial numbers was typed."), _BOTH, field=missing)
        return SerialRange(first, last)

    @property
    def count(self) -> int:
        """Return how many blanks it is about; raises InputError when that was not said, or is no number."""
        typed, serials = self.number.strip(), self.serials
        if not typed and serials is not None:
            return serials.count
        if not typed:
            raise InputError(N_("It is not said how many blanks."), _HOW_MANY, field="number")
        if not (typed.isascii() and typed.isdigit()):
            raise InputError(N_("{value} is not a whole number."), _HOW_MANY, field="number", value=typed)
        return int(typed)


def _all(taken: BlankCounts) -> int:
    return taken.in_work + taken.in_doubt + taken.issued + taken.spoiled + taken.test


def days_of(moments: Sequence[datetime]) -> Counter[date]:
    """Return how many there were on each day, by this computer's calendar."""
    return Counter(moment.astimezone().date() for moment in moments)


_STATES = {Pile.SPOILED: BlankState.SPOILED, Pile.TEST: BlankState.TEST}
_HOW_MANY = N_("Type how many, in digits, or the first and the last number on the box.")
_BOTH = N_("Type the first and the last number as they stand on the box; for a single card both are the same.")
