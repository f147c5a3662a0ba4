"""Keep the desk's own copy of the shared store: what has changed there is copied, a page at a time.

    journal, history of cards, consents   by their growing numbers: whatever names an issuance has it copied anew
    people                                when somebody has imported: those whose contents differ
    layouts, ranges, ledgers, stations    small tables: as a whole, when they differ

Numbers are given out before a transaction ends, so a smaller one can appear after a greater one: each look begins a
stretch before the last one's end. A page is thrown away, and read again, when this desk has written meanwhile: what
was read before would undo it. Pictures of people are not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, func, select, update

from station.adapters.standby.copying import (
    Rows,
    note_generation,
    put_rows,
    read_all,
    read_consents,
    read_holders,
    read_issuances,
    write_all,
    write_consents,
    write_holders,
    write_issuances,
)
from station.adapters.standby.log import MergeLog
from station.adapters.store.database import Database
from station.adapters.store.schema import (
    CARD_STATES,
    CARD_TYPES,
    CARDS,
    CONSENTS,
    ESCN_VALUES,
    HOLDERS,
    INSTITUTIONS,
    ISSUANCES,
    JOURNAL,
    LAYOUTS,
    META,
    PORTRAIT_LAYERS,
    PORTRAIT_REVIEWS,
    PORTRAITS,
    PRINTER_CARE,
    STATIONS,
    STOCK_ENTRIES,
)
from station.adapters.store.search import GENERATION
from station.domain.card import Registration

# Small pages: this desk's own writes wait while one is written here.
PAGE = 200
# Far more than the desks of a university have transactions under way at one moment.
_STRETCH = 200
_FEEDS = {
    "journal": (JOURNAL, JOURNAL.c.issuance_id),
    "card_states": (CARD_STATES, CARD_STATES.c.escn),
    "consents": (CONSENTS, CONSENTS.c.holder_id),
}
SMALL = (STATIONS, INSTITUTIONS, CARD_TYPES, STOCK_ENTRIES, PRINTER_CARE, PORTRAIT_REVIEWS, ESCN_VALUES)
_COMPLETE = "complete"

T = TypeVar("T")

Unwritten = Callable[[int], AbstractContextManager[bool]]
"""Given how many writes this desk had made: hold further ones up, and tell whether there were none meanwhile."""


def is_complete(log: MergeLog) -> bool:
    """Tell whether the whole store was copied once: before that a desk could not go on alone."""
    return bool(log.fact(_COMPLETE))


class Mirror:
    """Copy what changed. One thread runs it; ``writes`` and ``unwritten`` come from whoever writes beside it."""

    def __init__(self, local: Database, log: MergeLog, *, writes: Callable[[], int], unwritten: Unwritten) -> None:
        self._local, self._log = local, log
        self._writes, self._unwritten = writes, unwritten
        self._seen: dict[str, set[int]] = {name: set() for name in _FEEDS}

    @property
    def complete(self) -> bool:
        """Tell whether the whole store was copied once."""
        return is_complete(self._log)

    def catch_up(self, shared: Database, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Copy everything that has changed; return how many pages that were. Raises StoreError; what came stays."""
        pages = self._small_tables(shared)
        for each in (self._people, self._layouts, *(self._follow(name) for name in _FEEDS)):
            more = 1
            while more and not stop():
                more = each(shared)
                pages += more
        # Only now: a desk that went on alone with half a copy would make a second card for whoever is in the other
        # half.
        if not stop() and not self.complete:
            self._log.keep_fact(_COMPLETE, "yes")
        pages += self._registrations(shared)
        self._drop_pictures()
        return pages

    def bring(self, shared: Database, issuance_id: str) -> None:
        """Copy one issuance now, also over what this desk has still to merge of it."""
        self._exchange(
            shared,
            lambda there: read_issuances(there, [issuance_id]),
            lambda here, rows: write_issuances(here, [issuance_id], rows),
        )

    # --- what names issuances, cards and people by growing numbers

    def _follow(self, name: str) -> Callable[[Database], int]:
        return lambda shared: self._page(shared, name)

    def _page(self, shared: Database, name: str) -> int:
        table, whose = _FEEDS[name]
        mark = int(self._log.fact(name) or 0)
        wanted = select(table.c.id, whose.label("whose")).where(table.c.id > mark - _STRETCH).order_by(table.c.id)
        with shared.read() as connection:
            found = connection.execute(wanted.limit(PAGE + _STRETCH)).all()
        # The stretch before the mark is read every time; what was in it the last time has been copied.
        fresh = [row for row in found if row.id not in self._seen[name]]
        if not fresh:
            return 0
        # Copied, then the mark: a crash in between copies the page once more, and never skips one.
        self._copy(shared, name, sorted({str(row.whose) for row in fresh}))
        last = max(mark, *(row.id for row in found))
        self._seen[name] = {row.id for row in found if row.id > last - _STRETCH}
        if last != mark:
            self._log.keep_fact(name, str(last))
        return 1

    def _copy(self, shared: Database, name: str, keys: Sequence[str]) -> None:
        if name == "consents":
            self._exchange(
                shared,
                lambda there: read_consents(there, keys),
                lambda here, rows: write_consents(here, keys, rows),
            )
        if name == "journal":
            self._copy_issuances(shared, keys)
            return
        column = CARDS.c.escn if name == "card_states" else CARDS.c.holder_id
        with shared.read() as connection:
            ids = list(connection.scalars(select(CARDS.c.issuance_id).where(column.in_(keys))))
        for some in _parts(ids):
            self._copy_issuances(shared, some)

    def _copy_issuances(self, shared: Database, ids: Sequence[str]) -> None:
        # What this desk has still to merge stays as it is here: the log is about to tell the shared store of it.
        waiting = self._log.subjects()
        ids = [each for each in ids if each not in waiting]
        if ids:
            self._exchange(
                shared,
                lambda there: read_issuances(there, ids),
                lambda here, rows: write_issuances(here, ids, rows),
            )

    # --- people

    def _people(self, shared: Database) -> int:
        with shared.read() as connection:
            generation = connection.scalar(select(META.c.value).where(META.c.key == GENERATION)) or ""
            # One value instead of all people: comparing those reads every row of the register, and this is asked every
            # five seconds.
            if generation == self._log.fact("people"):
                return 0
            there = _contents(connection)
        with self._local.read() as connection:
            here = _contents(connection)
        changed = sorted(key for key in there.keys() | here.keys() if there.get(key) != here.get(key))
        for some in _parts(changed):
            self._copy_people(shared, some)
        with self._local.write() as connection:
            # After the people: the search that is kept in memory is thrown away when this value changes, and reads them
            # anew.
            note_generation(connection, generation)
        self._log.keep_fact("people", generation)
        return 1

    def _copy_people(self, shared: Database, ids: Sequence[str]) -> None:
        self._exchange(
            shared,
            lambda there: read_holders(there, ids),
            lambda here, rows: write_holders(here, self._local, ids, rows),
        )

    # --- the rest

    def _layouts(self, shared: Database) -> int:
        stand = select(LAYOUTS.c.digest, LAYOUTS.c.state, LAYOUTS.c.changed_at)
        with shared.read() as connection:
            there = {row.digest: tuple(row) for row in connection.execute(stand)}
        with self._local.read() as connection:
            here = {row.digest: tuple(row) for row in connection.execute(stand)}
        # None is ever deleted: a card that was made to a layout must be printable to it again.
        changed = sorted(digest for digest in there if there[digest] != here.get(digest))
        # One at a time: a package has every picture and font of a layout in it.
        for digest in changed:
            self._exchange(shared, lambda there, d=digest: _layout(there, d), _put_layout)  # type: ignore[misc]
        return 0

    def _small_tables(self, shared: Database) -> int:
        for table in SMALL:
            if self._differs(shared, table):
                self._exchange(
                    shared,
                    lambda there, t=table: read_all(there, t),  # type: ignore[misc]
                    lambda here, rows, t=table: write_all(here, t, rows),  # type: ignore[misc]
                )
        return 0

    def _differs(self, shared: Database, table: Table) -> bool:
        if "id" in table.c or "pk" in table.c:  # rows are added, never changed: their number says it all
            wanted: Any = select(func.count()).select_from(table)
        else:
            wanted = select(table).order_by(*table.primary_key.columns)
        with shared.read() as connection:
            there = connection.execute(wanted).all()
        with self._local.read() as connection:
            return connection.execute(wanted).all() != there

    def _registrations(self, shared: Database) -> int:
        """Ask of the cards that were not registered when they were copied: that leaves no line in any history."""
        open_ = (Registration.QUEUED, Registration.PARKED)
        with self._local.read() as connection:
            escns = list(connection.scalars(select(CARDS.c.escn).where(CARDS.c.registration.in_(open_)).limit(PAGE)))
        changed = 0
        if escns:
            stand = select(CARDS.c.escn, CARDS.c.registration).where(CARDS.c.escn.in_(escns))
            with shared.read() as connection:
                rows = [row for row in connection.execute(stand) if row.registration not in open_]
            if rows:
                with self._local.write() as connection:
                    for row in rows:
                        told = update(CARDS).where(CARDS.c.escn == row.escn).values(registration=row.registration)
                        connection.execute(told)
                changed = 1
        return changed

    def _drop_pictures(self) -> None:
        """Forget pictures of people whose card is made: nobody needs them here any more, and they lie in the store."""
        making = select(ISSUANCES.c.holder_id).where(~ISSUANCES.c.closed)
        pks = select(PORTRAITS.c.pk).where(PORTRAITS.c.holder_id.not_in(making))
        if self._log.count():
            return
        with self._local.read() as connection:
            found = list(connection.scalars(pks.limit(PAGE)))
        if found:
            with self._local.write() as connection:
                connection.execute(delete(PORTRAIT_LAYERS).where(PORTRAIT_LAYERS.c.portrait_pk.in_(found)))
                connection.execute(delete(PORTRAITS).where(PORTRAITS.c.pk.in_(found)))

    def _exchange(
        self, shared: Database, read: Callable[[Connection], T], write: Callable[[Connection, T], None]
    ) -> None:
        """Read there and write here, with nothing written by this desk in between."""
        while True:
            # Taken before reading: a write of this desk after this point makes what is read too old to be put here.
            writes = self._writes()
            with shared.read() as connection:
                found = read(connection)
            with self._unwritten(writes) as none_meanwhile:
                if none_meanwhile:
                    with self._local.write() as connection:
                        write(connection, found)
                    return


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + PAGE] for start in range(0, len(keys), PAGE))


def _contents(connection: Connection) -> dict[str, tuple[object, ...]]:
    columns = (HOLDERS.c.id, HOLDERS.c.content, HOLDERS.c.source, HOLDERS.c.vanished_at)
    return {row.id: tuple(row) for row in connection.execute(select(*columns))}


def _layout(there: Connection, digest: str) -> Rows:
    return [dict(row) for row in there.execute(select(LAYOUTS).where(LAYOUTS.c.digest == digest)).mappings()]


def _put_layout(here: Connection, rows: Rows) -> None:
    kept = [{name: value for name, value in row.items() if name != "pk"} for row in rows]
    put_rows(here, LAYOUTS, ("digest",), kept)
