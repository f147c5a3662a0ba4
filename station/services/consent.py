"""Whether a holder agrees that ESC-Router is told of them: on record, and asked before anything is put in the queue."""

from __future__ import annotations

from station.ports.store import Store

EXPORT = "export"
"""A record of this kind says that a holder does not agree, or agrees again, that ESC-Router is told."""


def agrees(store: Store, holder_id: str) -> bool:
    """Tell whether ESC-Router may be told of a holder: it may, until they say that they do not agree."""
    newest = next((each for each in store.consents.of_holder(holder_id) if each.kind == EXPORT), None)
    return newest is None or newest.withdrawn_at is None
