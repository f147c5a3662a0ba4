"""Whether a holder agrees that ESC-Router is told of them: on record, and asked before anything is put in the queue."""

from __future__ import annotations

from dataclasses import dataclass

from station.ports.store import Store

EXPORT = "export"
"""A record of this kind says that a holder does not agree, or agrees again, that ESC-Router is told."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether ESC-Router may be told of a holder, by how many records: with another one it may be otherwise."""

    agrees: bool
    records: int


def agreement_of(store: Store, holder_id: str) -> Agreement:
    """Return whether ESC-Router may be told of a holder: it may, until they say that they do not agree."""
    records = store.consents.of_holder(holder_id)
    # None on record counts as agreed: only somebody who objects, or takes that back, leaves a record of this kind.
    newest = next((each for each in records if each.kind == EXPORT), None)
    return Agreement(newest is None or newest.withdrawn_at is None, len(records))


def agrees(store: Store, holder_id: str) -> bool:
    """Tell whether ESC-Router may be told of a holder."""
    return agreement_of(store, holder_id).agrees
