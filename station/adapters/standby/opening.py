"""Open the store of a desk among several: its own file first, and the shared one as far as it answers in time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from station.adapters.standby.local import LocalDatabase
from station.adapters.standby.log import MergeLog
from station.adapters.standby.merging import Forgotten, Told
from station.adapters.standby.mirror import is_complete
from station.adapters.standby.store import DeskStore, StandbyOptions
from station.adapters.standby.tending import Tender
from station.adapters.store import FieldCipher, SqlStore, open_store
from station.domain.errors import StoreAwayError
from station.ports.clock import Clock

GRACE_S = 1.5
"""So long a start waits for the shared store; then the desk goes on alone, until it answers."""


@dataclass(frozen=True)
class DeskStoreOrder:
    """Which store to open: the address of the shared one, the desk's own file, and for whom.

    ``prepared`` is called with each of the two when it is open. Nothing is copied or merged before ``tend_to``.
    """

    address: str
    path: Path
    station: str
    clock: Clock
    told: Told
    forgotten: Forgotten = field(default=lambda store, holder_id: ())
    cipher: FieldCipher | None = None
    prepared: Callable[[SqlStore], None] = field(default=lambda store: None)
    grace_s: float = GRACE_S


def open_desk_store(order: DeskStoreOrder) -> DeskStore:
    """Open both stores; where the shared one is away, the desk's own alone.

    Raises:
        StoreAwayError: the shared store is away, and was never copied here as a whole.
        StoreError: one of the two can't be used, and why.
    """

    def reach() -> SqlStore:
        store = open_store(order.address, cipher=order.cipher, station=order.station)
        with ExitStack() as undo:
            undo.callback(store.close)
            order.prepared(store)
            undo.pop_all()
        return store

    # Both at once: the desk's own file takes its time, too, and the server has answered by then where it is there.
    coming = _in_background(reach)
    with ExitStack() as undo:
        # The connection may arrive after the start has failed: then nobody else would close it.
        undo.callback(coming.add_done_callback, _close)
        local = open_store(order.path, cipher=order.cipher, station=order.station, kind=LocalDatabase)
        undo.callback(local.close)
        order.prepared(local)
        assert isinstance(local.database, LocalDatabase)  # noqa: S101 - it was asked for
        copied = is_complete(MergeLog(local.database))
        # Without a whole copy there is nothing to go on with alone, so the server is waited for, however long it takes.
        shared = _in_time(coming, order.grace_s if copied else None)
        reaching = _Reaching(coming, shared, reach)
        options = StandbyOptions(
            reaching.reach,
            order.clock,
            order.station,
            order.told,
            let_go=reaching.let_go,
            forgotten=order.forgotten,
        )
        desk = DeskStore(local, options, shared)
        undo.pop_all()
    return desk


def tend_to(store: DeskStore) -> None:
    """Start the thread that copies and merges: not before it is known that this computer may have a copy."""
    Tender(store).start()


def _in_background(reach: Callable[[], SqlStore]) -> Future[SqlStore]:
    """Begin to open the shared store on a thread of its own: who waits for a server that is away waits for seconds."""
    pool = ThreadPoolExecutor(1, "shared store")
    coming = pool.submit(reach)
    # One job and no more: the thread ends with it, and a start that fails doesn't wait for it.
    pool.shutdown(wait=False)
    return coming


def _in_time(coming: Future[SqlStore], grace_s: float | None) -> SqlStore | None:
    try:
        return coming.result(grace_s)
    except TimeoutError:
        return None
    except StoreAwayError:
        if grace_s is None:
            raise
        return None


class _Reaching:
    """Reach the shared store: first by what is on its way already, where it came too late for the start."""

    def __init__(self, coming: Future[SqlStore], shared: SqlStore | None, again: Callable[[], SqlStore]) -> None:
        self._late, self._again = [] if shared is not None else [coming], again

    def reach(self) -> SqlStore:
        """Return the shared store; raises StoreError."""
        return self._late.pop().result() if self._late else self._again()

    def let_go(self) -> None:
        """Close what comes when nobody waits for it any more."""
        while self._late:
            self._late.pop().add_done_callback(_close)


def _close(came: Future[SqlStore]) -> None:
    if came.exception() is None:
        came.result().close()
