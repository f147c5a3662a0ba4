"""The stock of blanks at work: write a line of the ledger, say whether it adds up, and how long it lasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from station.domain.stock import (
    BlankCounts,
    Pile,
    SerialRange,
    StockAct,
    StockBalance,
    StockEntry,
    balance,
    begun_at,
    checked,
    lasts_to,
)
from station.services.journal import Journal

_PACE_DAYS = 30
"""So many days back tell the pace: the rush of September says nothing of November."""


@dataclass(frozen=True, slots=True)
class StockReport:
    """How the stock stands: where every blank is, since when it is counted, and the last day that it suffices for."""

    balance: StockBalance
    since: datetime | None = None
    lasts_to: date | None = None
    ledger: tuple[StockEntry, ...] = ()

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
        stands = balance(ledger, store.taken(since))
        now = self._journal.clock.now().astimezone()
        taken = days_of(store.taken_at(max(since, now - timedelta(days=_PACE_DAYS))))
        return StockReport(stands, since, lasts_to(max(0, stands.on_hand), taken, now.date()), ledger)

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
        store.add(checked(ledger, stands, entry))
        return self.report()


def days_of(moments: Sequence[datetime]) -> Counter[date]:
    """Return how many there were on each day, by this computer's calendar."""
    return Counter(moment.astimezone().date() for moment in moments)
