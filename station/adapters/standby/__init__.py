"""The store of a desk among several: the shared one, and the desk's own copy for as long as that is away."""

from station.adapters.standby.opening import DeskStoreOrder, open_desk_store, tend_to
from station.adapters.standby.store import DeskStore, StandbyOptions

__all__ = ["DeskStore", "DeskStoreOrder", "StandbyOptions", "open_desk_store", "tend_to"]
