"""The desk's own copy of a store that several share: where it lies, and what it tells ESC-Router of merged cards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from station.app.surroundings import Surroundings
from station.domain.card import Card
from station.domain.errors import StoreLockedError
from station.domain.outbox import OutboxEntry
from station.ports.standby import Standby
from station.ports.store import Store
from station.services.consent import agrees
from station.services.issuance import policy_of
from station.services.registration import update_for, withdrawal_for
from station.settings import Settings

if TYPE_CHECKING:
    from station.adapters.standby import DeskStore
    from station.adapters.store import SqlStore

_FILE = "standby.db"


def goes_on_alone(settings: Settings) -> bool:
    """Tell whether this station keeps a copy of its store, to go on alone."""
    url = settings.store.url
    return url is not None and settings.store.alone and not url.startswith("sqlite")


def open_standby(
    settings: Settings, around: Surroundings, address: str, prepared: Callable[[SqlStore], None]
) -> DeskStore | None:
    """Open a shared store with this desk's own copy; ``None`` when another program of this desk has the copy.

    ``prepared`` is called with each of the two. Raises StoreError.
    """
    from station.adapters.standby import DeskStoreOrder, open_desk_store

    # Handed in as functions: what is told is a matter of the services, and the store's adapter knows none of them.
    def told(store: Store, card: Card) -> tuple[OutboxEntry, ...]:
        holder = store.holders.get(card.holder_id)
        if holder is None or not agrees(store, holder.id):
            return ()
        return update_for(card, holder, policy_of(settings, card.institution), around.clock.now(), 0)

    def forgotten(store: Store, holder_id: str) -> tuple[OutboxEntry, ...]:
        holder = store.holders.get(holder_id)
        if holder is None:
            return ()
        cards, policy = store.cards.of_holder(holder_id), policy_of(settings, holder.institution)
        return withdrawal_for(cards, holder, policy, around.clock.now())

    order = DeskStoreOrder(
        address, around.data / _FILE, settings.station.name, around.clock, told, forgotten, prepared=prepared
    )
    try:
        return open_desk_store(order)
    except StoreLockedError:
        # The window is open, and tends to the copy; a command beside it works with the shared store as it is.
        return None


def standby_of(store: Store, station: str) -> Standby | None:
    """Return what of a store can go on alone; ``None`` for one that can't.

    From now on it is copied, and merged: this computer may work here, and ``station`` is the name it has.
    """
    from station.adapters.store import SqlStore

    if isinstance(store, SqlStore):
        return None  # most stations: what going on alone needs is not even loaded
    from station.adapters.standby import DeskStore, tend_to

    if not isinstance(store, DeskStore):
        return None
    store.called(station)
    tend_to(store)
    return store
