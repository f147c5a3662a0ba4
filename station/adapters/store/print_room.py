"""The ledger of blanks, and what was done to printers, in the store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from station.adapters.store.database import Database
from station.adapters.store.mapping import issuance_from_row
from station.adapters.store.schema import BLANKS, ISSUANCES, JOURNAL, PRINTER_CARE, STOCK_ENTRIES
from station.domain.card import BlankState
from station.domain.errors import StoreConflictError
from station.domain.print_care import CareEntry
from station.domain.stock import BlankCounts, SerialRange, StockEntry
from station.domain.workflow import PrintBegun, PrintStopped
from station.ports.news import StoreNews, Topic
from station.ports.store import PrintedCard

_BEGUN, _STOPPED = PrintBegun.__name__, PrintStopped.__name__


class SqlStock:
    """Implement ``ports.store.StockStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, entry: StockEntry) -> None:
        """Write a line."""
        values = asdict(entry)
        serials = values.pop("serials") or {"first": None, "last": None}
        values["number"] = values.pop("count")
        with self._db.write(StoreNews(Topic.PRINTERS)) as connection:
            connection.execute(
                insert(STOCK_ENTRIES), {**values, "first_serial": serials["first"], "last_serial": serials["last"]}
            )

    def ledger(self) -> tuple[StockEntry, ...]:
        """Return every line, oldest first."""
        with self._db.read() as connection:
            return tuple(_stock_entry(row) for row in connection.execute(select(STOCK_ENTRIES).order_by("id")))

    def taken(self, since: datetime) -> BlankCounts:
        """Return what became of the blanks that the journal saw since then."""
        counted = (
            select(BLANKS.c.state, func.count().label("number"))
            .where(BLANKS.c.changed_at >= since)
            .group_by(BLANKS.c.state)
        )
        with self._db.read() as connection:
            counts: dict[BlankState, int] = {row.state: row.number for row in connection.execute(counted)}
        return BlankCounts(
            in_work=counts.get(BlankState.IN_WORK, 0),
            in_doubt=counts.get(BlankState.IN_DOUBT, 0),
            issued=counts.get(BlankState.USED, 0),
            spoiled=counts.get(BlankState.SPOILED, 0),
            test=counts.get(BlankState.TEST, 0),
        )

    def taken_at(self, since: datetime) -> tuple[datetime, ...]:
        """Return when blanks became cards or were lost, since then."""
        gone = (BlankState.USED, BlankState.SPOILED, BlankState.TEST)
        wanted = select(BLANKS.c.changed_at).where(BLANKS.c.changed_at >= since, BLANKS.c.state.in_(gone))
        with self._db.read() as connection:
            return tuple(connection.execute(wanted).scalars())

    def number(self, issuance_id: str, serial: str) -> None:
        """Keep the serial number that somebody read from the blank of an issuance, in place of an earlier one."""
        table = BLANKS.c
        # Is distinct from, as a blank may belong to no issuance: a plain comparison with NULL is never true.
        others = select(table.id).where(table.serial_number == serial, table.issuance_id.is_distinct_from(issuance_id))
        # A blank that was put into the bin for this issuance is not the one that its card is made of.
        mine = (
            select(table.id)
            .where(table.issuance_id == issuance_id)
            .order_by(table.state == BlankState.SPOILED, table.changed_at.desc())
            .limit(1)
        )
        with self._db.write(StoreNews(Topic.PRINTERS)) as connection:
            if connection.execute(others).first() is not None:
                raise StoreConflictError(constraint="serial", detail=serial)
            blank = connection.execute(mine).scalar()
            if blank is None:
                raise StoreConflictError(constraint="blank", detail=serial)
            connection.execute(update(BLANKS).where(table.id == blank).values(serial_number=serial))

    def numbered(self) -> dict[str, BlankState]:
        """Return what became of each blank whose serial number somebody read."""
        wanted = select(BLANKS.c.serial_number, BLANKS.c.state).where(BLANKS.c.serial_number.is_not(None))
        with self._db.read() as connection:
            return {row.serial_number: row.state for row in connection.execute(wanted)}


class SqlPrinterCare:
    """Implement ``ports.store.PrinterCareStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, entry: CareEntry) -> None:
        """Write a line."""
        with self._db.write(StoreNews(Topic.PRINTERS)) as connection:
            connection.execute(insert(PRINTER_CARE), asdict(entry))

    def of_printer(self, printer: str) -> tuple[CareEntry, ...]:
        """Return what was done to a printer, newest first."""
        table = PRINTER_CARE.c
        wanted = select(PRINTER_CARE).where(table.printer == printer).order_by(table.id.desc())
        with self._db.read() as connection:
            return tuple(
                CareEntry(row.printer, row.act, row.at, row.data, row.operator, row.station)
                for row in connection.execute(wanted)
            )

    def prints_since(self, printer: str, at: datetime | None) -> int:
        """Return how many cards a printer has taken since then, in all without it."""
        ended = (
            select(JOURNAL.c.event, func.count().label("number"))
            .join(ISSUANCES, ISSUANCES.c.id == JOURNAL.c.issuance_id)
            .where(JOURNAL.c.event.in_((_BEGUN, _STOPPED)), ISSUANCES.c.printer == printer)
            .group_by(JOURNAL.c.event)
        )
        if at is not None:
            ended = ended.where(JOURNAL.c.at >= at)
        with self._db.read() as connection:
            counts: dict[str, int] = {row.event: row.number for row in connection.execute(ended)}
        # A job that was stopped took nothing: the same card was given to a printer again, or to none.
        return max(0, counts.get(_BEGUN, 0) - counts.get(_STOPPED, 0))

    def last_jobs(self, printer: str, *, limit: int = 20) -> tuple[PrintedCard, ...]:
        """Return the cards whose last job this printer had, newest job first."""
        begun = (
            select(JOURNAL.c.issuance_id, func.max(JOURNAL.c.at).label("given_at"))
            .join(ISSUANCES, ISSUANCES.c.id == JOURNAL.c.issuance_id)
            .where(JOURNAL.c.event == _BEGUN, ISSUANCES.c.printer == printer)
            .group_by(JOURNAL.c.issuance_id)
            .order_by(func.max(JOURNAL.c.id).desc())
            .limit(limit)
            .subquery()
        )
        wanted = select(ISSUANCES, begun.c.given_at).join(begun, begun.c.issuance_id == ISSUANCES.c.id)
        with self._db.read() as connection:
            rows = connection.execute(wanted.order_by(begun.c.given_at.desc(), ISSUANCES.c.pk.desc()))
            return tuple(PrintedCard(issuance_from_row(row), row.given_at) for row in rows)


def _stock_entry(row: Row[Any]) -> StockEntry:
    serials = SerialRange(row.first_serial, row.last_serial) if row.first_serial else None
    return StockEntry(row.act, row.number, row.at, serials, row.pile, row.expected, row.note, row.operator, row.station)
