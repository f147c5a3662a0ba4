"""The desk's own copy while it is alone: what it may tell, and what may not begin beside what it knows."""

from __future__ import annotations

from typing import Any

from station.adapters.standby.calls import NOTHING_QUEUED, Call, Kind
from station.adapters.standby.numbers import number_before, place_of
from station.adapters.store import SqlStore
from station.domain.errors import N_, StoreConflictError
from station.domain.workflow import Issuance, JournalEntry
from station.ports.clock import Clock
from station.ports.store import Change


class OwnCopy:
    """Answers for the shared store, as one of several desks that may be alone at the same time."""

    def __init__(self, store: SqlStore, clock: Clock, station: str) -> None:
        self._store, self._clock, self._station = store, clock, station
        self.names = {station}
        """What the desk is called in journals; what others were called is not its own."""

    def read(self, call: Call, named: dict[str, Any]) -> Any:
        """Return what the copy says, of what is told by numbers and unfinished cards only what is safe alone."""
        if call.kind is Kind.QUEUE:
            return NOTHING_QUEUED[call.name]
        made = call.make(self._store, **named)
        # Another desk that is alone may take numbers from the same range at this moment: each has ticks of its own.
        if (call.part, call.name) == ("escns", "last_value"):
            return number_before(made, self._clock.now(), place_of(self._store.database, self._station))
        if (call.part, call.name) == ("issuances", "open_issuances"):
            # What another desk began and put on no plastic may be finished there; here it would be a second card.
            return self._to_go_on_with(made)
        return made

    def need_only_one(self, call: Call) -> None:
        """Refuse to begin a second card of somebody; what others have begun and put on no plastic is not counted."""
        match call.args:
            case (Change(entry=JournalEntry(sequence=1)) as change, *_):
                holder_id, mine = change.issuance.holder_id, change.issuance.id
                opened = self._to_go_on_with(self._store.issuances.open_issuances())
                # The write itself doesn't ask while alone: cards that others began and left lie open in the copy.
                if any((each.holder_id, each.id != mine) == (holder_id, True) for each in opened):
                    raise StoreConflictError(constraint="open", detail=N_("a card is being made for this person"))

    def _to_go_on_with(self, issuances: tuple[Issuance, ...]) -> tuple[Issuance, ...]:
        return tuple(each for each in issuances if each.physical or self._is_ours(each))

    def _is_ours(self, issuance: Issuance) -> bool:
        """Tell whether this desk had an issuance last: who has another's number on plastic, nobody could tell here."""
        journal = self._store.issuances.journal(issuance.id)
        return bool(journal) and journal[-1].station in self.names
