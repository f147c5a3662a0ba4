"""The one writer of journals: apply an event to an issuance and keep it durably before anything else happens."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from station.domain.card import Card
from station.domain.errors import N_, InputError, WorkflowError, claimed_error
from station.domain.outbox import OutboxEntry
from station.domain.portrait import Portrait
from station.domain.workflow import Event, Issuance, JournalEntry, transition
from station.ports.claims import Claims, Standing, serving
from station.ports.clock import Clock
from station.ports.store import Change, Store
from station.services.rights import AllRights, Rights


@dataclass(frozen=True, slots=True)
class Who:
    """Who works, and where; every journal entry says so."""

    operator: str = ""
    station: str = ""


class Journal:
    """Write steps of issuances, one at a time, in order."""

    def __init__(
        self, store: Store, clock: Clock, who: Who, claims: Claims | None = None, *, rights: Rights | None = None
    ) -> None:
        """Take where to write and who does; with ``claims`` nothing is written of who is served at another desk.

        ``rights`` are this station's, for whoever is asked to begin something.
        """
        self.store, self.clock, self.who, self.claims = store, clock, who, claims
        self.rights: Rights = rights or AllRights()
        # The store refuses a second writer too, by the sequence; within one program nobody should have to hear of it.
        self._lock = threading.RLock()

    def issuance(self, issuance_id: str) -> Issuance:
        """Return an issuance as it stands; raises InputError for one that does not exist."""
        found = self.store.issuances.get(issuance_id)
        if found is None:
            raise InputError(N_("There is no issuance {value}."), N_("Look the student up again."), value=issuance_id)
        return found

    def step(  # noqa: PLR0913 - what is written in one transaction, each part by its name
        self,
        issuance: Issuance,
        event: Event,
        *,
        card: Card | None = None,
        outbox: tuple[OutboxEntry, ...] = (),
        portrait: Portrait | None = None,
        consents: int | None = None,
    ) -> Issuance:
        """Write ``event`` and return the issuance after it; when this returns, it is durable.

        ``consents`` is how many records of the holder's consent were read before ``outbox`` was decided.

        Raises:
            ClaimedError: another desk is serving this holder; nothing was written.
            WorkflowError: the event does not fit, or ``issuance`` is not how it stands any more; nothing was written.
            StoreError: it could not be kept.
        """
        with self._lock:
            # An event is judged by how the card stands, and lanes work side by side: what was read earlier may be old.
            recorded = self.store.issuances.get(issuance.id)
            if recorded is not None and recorded != issuance:
                raise WorkflowError(detail=N_("another step of this card was recorded meanwhile"))
            after, effects = transition(issuance, event)
            # After the transition: a first event names the holder, and before it nobody knows whose card it is.
            self._need_ours(after.holder_id)
            # Counted in the store and not kept here: the same card may have been gone on with at another desk.
            sequence = len(self.store.issuances.journal(issuance.id)) + 1
            entry = JournalEntry(
                issuance.id, sequence, event, self.clock.now(), operator=self.who.operator, station=self.who.station
            )
            self.store.issuances.record(Change(after, entry, effects, card, outbox, portrait, consents))
            return after

    def _need_ours(self, holder_id: str) -> None:
        """Refuse what would be done behind another desk's back; while the database is away nobody can be asked."""
        what = serving(holder_id)
        if self.claims is not None and self.claims.standing(what) is Standing.ANOTHERS:
            raise claimed_error(self.claims.owner(what))
