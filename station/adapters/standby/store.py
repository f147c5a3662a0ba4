"""The store of a desk among several: the shared one while it answers, and the desk's own copy while it doesn't.

    it answers     asked and written there; each write of this desk is then made here, durably, before it is
                   acknowledged; what others write is copied here in the background
    it is away     asked and written here; each write is noted in the log, in the same transaction
    it is back     the log is merged in order, and when nothing is left the desk is one of several again

Whether a write that was under way arrived when the connection ended is not guessed: it is made here and noted, and
the merge asks whether it is there already. A step of an issuance is noted before it is sent, too: a desk that is
killed in between and starts alone goes on from that step and not beside it.

Nothing is told to ESC-Router while the desk is alone: what waits in the shared queue is another's to send, whose
order with ours nobody could keep, and what was made here goes there with the merge. So it is told once, in order.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, select

from station.adapters.standby.calls import NOTHING_QUEUED, Call, Kind, make_alone, make_here, needs_portrait
from station.adapters.standby.deciding import Decided, Deciding
from station.adapters.standby.local import LocalDatabase
from station.adapters.standby.log import MergeLog, Standing
from station.adapters.standby.merging import Forgotten, Merger, Told
from station.adapters.standby.mirror import Mirror
from station.adapters.standby.own_copy import OwnCopy
from station.adapters.standby.parts import Parts
from station.adapters.store import SqlStore
from station.adapters.store.schema import OUTBOX
from station.domain.errors import N_, StoreAwayError, StoreError, StoreRefusedError
from station.domain.workflow import JournalEntry
from station.ports.clock import Clock
from station.ports.standby import StandbyState

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""So often is asked what others have written."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_ALONE_SINCE = "alone_since"


@dataclass(frozen=True)
class StandbyOptions:
    """What a desk's store works with: how the shared one is reached, the time, whose desk it is, what is told.

    ``heard`` is called, on any thread, when the desk goes on alone, is back, or has something else to show;
    ``let_go`` when the desk is closed, for what ``reach`` has begun and nobody waits for any more.
    """

    reach: Callable[[], SqlStore]
    clock: Clock
    station: str
    told: Told
    heard: Callable[[], None] = field(default=lambda: None)
    let_go: Callable[[], None] = field(default=lambda: None)
    forgotten: Forgotten = field(default=lambda store, holder_id: ())


class DeskStore(Parts, Decided):
    """Implement ``ports.store.Store`` and ``ports.standby.Standby`` over two stores. Any thread may call it.

    ``tend`` does what has to be done in the background, a round at a time; ``Tender`` calls it on a thread of its own.
    """

    def __init__(self, local: SqlStore, options: StandbyOptions, shared: SqlStore | None = None) -> None:
        """Take the desk's own store, opened with ``LocalDatabase``, and the shared one where it answers already."""
        Parts.__init__(self, local)
        database = local.database
        assert isinstance(database, LocalDatabase)  # noqa: S101 - whoever opens it says so
        self._local, self._database, self._options, self._shared = local, database, options, shared
        self._log = MergeLog(database)
        # Held during a whole write, both stores included: the copy gets a card's steps in the order of the server.
        self._lock = threading.RLock()
        self._writes = 0
        self._failures = 0
        self._answers = shared is not None
        self._trouble: StoreError | None = None
        self.heard = options.heard
        self.wake: Callable[[], None] = lambda: None
        self.stop_tending: Callable[[], None] = lambda: None
        self._mirror = Mirror(database, self._log, writes=lambda: self._writes, unwritten=self._unwritten)
        self._own = OwnCopy(local, options.clock, options.station)
        self._alone_since = self._begin()
        Decided.__init__(self, Deciding(self._log, options.station, on_change=self._decided))

    # --- as a store

    @property
    def where(self) -> str:
        """Return the address of the shared store, without a password, or the desk's own file while it is away."""
        shared = self._shared if self._alone_since is None else None
        return (shared or self._local).where

    def backup(self, target: str) -> None:
        """Copy the whole store to the file ``target``: the shared one, or while it is away the desk's own."""
        with self._reachable() as shared:
            (shared or self._local).backup(target)

    def entries_for_export(self) -> Iterator[JournalEntry]:
        """Yield the whole journal in order."""
        with self._reachable() as shared:
            return (shared or self._local).entries_for_export()

    def close(self) -> None:
        """Let both stores go."""
        # The thread first: it would find its database closed in the middle of a page.
        self.stop_tending()
        self._options.let_go()
        with self._lock:
            if self._shared is not None:
                self._shared.close()
            self._local.close()

    def called(self, station: str) -> None:
        """Take note of the name that the station works under, where it was enrolled under another than its profile's.

        What was begun under the profile's name is not its own: another desk may have it by now.
        """
        self._own.names = {station}

    # --- how it stands

    @property
    def alone(self) -> bool:
        """Tell whether the desk goes on alone now."""
        return self._alone_since is not None

    def state(self) -> StandbyState:
        """Return how the desk stands; asks nobody but its own file."""
        waiting, doubts = self._log.subjects(Standing.WAITING) - {""}, self._deciding.count()
        return StandbyState(self._alone_since, len(waiting), doubts, self._mirror.complete, self._trouble)

    # --- one call

    def call(self, call: Call, named: dict[str, Any]) -> Any:
        """Make a call where it has to be made."""
        match call.kind:
            case Kind.WRITE:
                return self._write(call, named)
            case Kind.PAGES:
                return self._pages(call, named)
            case Kind.QUEUE if self._alone_since is not None:
                return NOTHING_QUEUED[call.name]
            case Kind.SHARED:
                return self._there(call, named)
            case _:
                return self._read(call, named)

    def _read(self, call: Call, named: dict[str, Any]) -> Any:
        with self._reachable() as shared:
            if shared is not None:
                return call.make(shared, **named)
        return self._own.read(call, named)

    def _pages(self, call: Call, named: dict[str, Any]) -> Iterator[Any]:
        shared, given = self._shared if self._alone_since is None else None, False
        if shared is not None:
            try:
                for each in call.make(shared, **named):
                    given = True
                    yield each
            except StoreAwayError as error:
                self._leave(error)
                if given:  # what comes from the copy could be the same ones once more
                    raise
            else:
                return
        yield from call.make(self._local, **named)

    def _there(self, call: Call, named: dict[str, Any]) -> Any:
        # Who may work here is asked wherever it can be, also while there is something left to merge.
        asked = self._alone_since is None or (self._answers and call.part == "enrolment")
        shared = self._shared if asked else None
        if shared is None:
            raise StoreAwayError(_NEEDS_IT, _NEEDS_IT_TODO, file=self._local.where)
        try:
            made = call.make(shared, **named)
        except StoreAwayError as error:
            with suppress(StoreAwayError):
                self._leave(error)
            raise
        self.wake()
        return made

    def _write(self, call: Call, named: dict[str, Any]) -> Any:
        with self._lock:
            self._writes += 1
            shared, noted = self._shared if self._alone_since is None else None, 0
            if shared is not None:
                # Killed between the two stores and started alone, the desk goes on from this step, not beside it.
                if call.subject and self._mirror.complete:
                    noted = self._log.add(call, Standing.SENT, self._options.clock.now())
                try:
                    made = call.make(shared, **named)
                except StoreAwayError as error:
                    self._leave(error)
                except StoreError:
                    self._drop(noted)
                    raise
                else:
                    self._also_here(call, shared, noted)
                    return made
            return self._write_alone(call, noted)

    def _write_alone(self, call: Call, noted: int) -> Any:
        try:
            with self._database.together():
                made = make_alone(call, self._local)
                # After the write and inside its transaction: the copy says what is open, or undoes the step.
                self._own.need_only_one(call)
                if noted:
                    self._log.move(noted, Standing.WAITING)
                else:
                    self._log.add(call, Standing.WAITING, self._options.clock.now())
        except StoreError:
            # Refused here, so whoever asked is told that it was not done; should it have arrived there, it is copied.
            self._drop(noted)
            raise
        self.heard()
        return made

    def _also_here(self, call: Call, shared: SqlStore, noted: int) -> None:
        """Make here, durably, what was made there."""
        with suppress(StoreAwayError):  # whoever wants it next finds out
            _fetch_portrait(call, shared, self._local)
        try:
            with self._database.together():
                make_here(call, self._local)
                if noted:
                    self._log.drop([noted])
            self._trouble = None
        except StoreError as error:
            self._catch_up_with(call, shared, noted, error)

    def _catch_up_with(self, call: Call, shared: SqlStore, noted: int, error: StoreError) -> None:
        """Copy what a call was about, because the copy was behind: others had written what it builds on."""
        log.info("the desk's own copy was behind (%s.%s): %s", call.part, call.name, error.code)
        try:
            if call.subject:
                self._mirror.bring(shared.database, call.subject)
            self._drop(noted)
        except StoreAwayError:
            pass  # noted as sent: it is made here when the desk is opened next, or merged
        except StoreError as worse:
            # The shared store has it, so the step counts; but alone, this desk would not know of it.
            log.warning("the desk's own copy can't be written: %s", worse)
            self._trouble = worse
            self.heard()

    def _drop(self, noted: int) -> None:
        if noted:
            self._log.drop([noted])

    # --- going on alone, and coming back

    def _begin(self) -> datetime | None:
        """Return since when the desk is alone, as it starts: also while there is something left to merge."""
        for sent in self._log.all(Standing.SENT):
            # Whoever asked never heard whether it was done, so it may be: then nothing can begin beside it.
            try:
                with self._database.together():
                    make_alone(sent.call, self._local)
                    self._log.move(sent.id, Standing.WAITING)
            except StoreError:
                self._log.drop([sent.id])
        since = self._log.fact(_ALONE_SINCE)
        if since:
            return datetime.fromisoformat(since)
        if self._shared is not None and not self._log.count():
            return None
        return self._note_alone()

    def _note_alone(self) -> datetime:
        now = self._options.clock.now().astimezone(UTC)
        self._log.keep_fact(_ALONE_SINCE, now.isoformat())
        return now

    def _leave(self, error: StoreAwayError) -> None:
        """Go on alone; raises ``error`` where that can't be, because not everything was copied yet."""
        if not self._mirror.complete:
            raise error
        self._answers = False
        with self._lock:
            if self._alone_since is None:
                self._alone_since = self._note_alone()
                log.info("the shared database is away, this desk goes on alone: %s", error)
        self.wake()
        self.heard()

    @contextmanager
    def _reachable(self) -> Iterator[SqlStore | None]:
        """Give the shared store while it answers; what it was asked is asked here when it goes away."""
        shared = self._shared if self._alone_since is None else None
        try:
            yield shared
        except StoreAwayError as error:
            self._leave(error)

    def tend(self, stop: Callable[[], bool] = lambda: False) -> float:
        """Do one round of what has to be done; return after how many seconds the next one is due."""
        try:
            if self._alone_since is None:
                assert self._shared is not None  # noqa: S101 - else the desk is alone
                self._mirror.catch_up(self._shared.database, stop=stop)
                return LOOK_EVERY_S
            self._come_back(stop)
        except StoreAwayError as error:
            if self._alone_since is None:
                with suppress(StoreAwayError):
                    self._leave(error)
            self._failures += 1
            self._trouble = error if isinstance(error, StoreRefusedError) else None
            # Quick at first, for a server that was restarted; seldom later, for one that is off over the weekend.
            return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(self._failures - 1, 8))
        except StoreError as error:
            log.warning("the shared database answers and can't be used, or the copy can't be written: %s", error)
            self._trouble = error
            self.heard()
            return _LONGEST_WAIT_S
        self._failures = 0
        return 0.0

    def _come_back(self, stop: Callable[[], bool]) -> None:
        if self._shared is None:
            self._shared = self._options.reach()
        shared = self._shared
        options, bring = self._options, partial(self._mirror.bring, shared.database)
        merger = Merger(self._log, shared, options.told, bring, forgotten=options.forgotten)
        with shared.database.read() as connection:
            connection.execute(select(1))
        self._answers = True
        # Without the lock, as cards are made meanwhile: only the last look, whether anything is left, holds them up.
        merger.run(stop)
        with self._lock:
            if self._log.count(Standing.WAITING):
                return
            with self._database.together(), self._database.write() as connection:
                # All of it is in the shared queue now, and told from there.
                connection.execute(delete(OUTBOX))
                self._log.keep_fact(_ALONE_SINCE, "")
            self._writes += 1
            self._alone_since, self._trouble = None, None
        log.info("the shared database is back, everything is merged")
        self.heard()

    def _decided(self) -> None:
        """Have what a person decided merged: through the same door as everything else."""
        with self._lock:
            if self._log.count(Standing.WAITING) and self._alone_since is None:
                self._alone_since = self._note_alone()
        self.wake()
        self.heard()

    @contextmanager
    def _unwritten(self, writes: int) -> Iterator[bool]:
        with self._lock:
            yield self._writes == writes


def _fetch_portrait(call: Call, shared: SqlStore, local: SqlStore) -> None:
    """Copy the portrait that a card begins with: it may have been taken at another desk."""
    wanted = needs_portrait(call)
    if wanted and local.portraits.get(wanted) is None:
        portrait = shared.portraits.get(wanted)
        if portrait is not None:
            local.portraits.add(portrait)


_NEEDS_IT = N_("The database is away, and this can't be done without it.")
_NEEDS_IT_TODO = N_("Do it when the database is back. Cards can be made meanwhile; nothing was changed.")
