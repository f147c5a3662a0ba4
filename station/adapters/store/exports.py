"""What left the queue in files, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, insert, select

from station.adapters.store.database import Database
from station.adapters.store.schema import OUTBOX, QUEUE_EXPORTS
from station.domain.outbox import OutboxKind, OutboxState
from station.domain.queue_export import Export, ExportWay

_T = QUEUE_EXPORTS.c
# SQLite takes so many values in one statement everywhere.
_AT_ONCE = 500
_OF_CARDS = (OutboxKind.CARD, OutboxKind.DELETE_CARD)


class SqlQueueExports:
    """Implement ``ports.queue_export.QueueExportStore``. The key, which tells of a person, lies in the outbox only."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mark(self, exports: Sequence[Export]) -> None:
        """Note that entries left in a file, all in one transaction."""
        rows = [
            {
                "key_digest": self._db.digest(each.key),
                "escn": each.escn,
                "way": each.way,
                "file": each.file,
                "content": each.content,
                "at": each.at,
                "operator": each.operator,
                "station": each.station,
            }
            for each in exports
        ]
        if rows:
            with self._db.write() as connection:
                connection.execute(insert(QUEUE_EXPORTS), rows)

    def latest(self, keys: Sequence[str]) -> dict[str, Export]:
        """Return how each of these entries left last."""
        by_digest = {self._db.digest(key): key for key in keys}
        found: dict[str, Export] = {}
        with self._db.read() as connection:
            for digests in _portions(list(by_digest)):
                # By number and not by time: two files may be written within one tick of a coarse clock.
                newest = select(func.max(_T.id)).where(_T.key_digest.in_(digests)).group_by(_T.key_digest)
                rows = connection.execute(select(QUEUE_EXPORTS).where(_T.id.in_(newest)))
                found.update({(key := by_digest[row.key_digest]): _export(row, key) for row in rows})
        return found

    def of_file(self, file: str) -> tuple[Export, ...]:
        """Return what left in a file, in the order in which it stood there."""
        joined = QUEUE_EXPORTS.join(OUTBOX, OUTBOX.c.key_digest == _T.key_digest)
        wanted = select(QUEUE_EXPORTS, OUTBOX.c.key).select_from(joined).where(_T.file == file).order_by(_T.id)
        with self._db.read() as connection:
            return tuple(_export(row, row.key) for row in connection.execute(wanted))

    def open_numbers(self, limit: int = 1000) -> tuple[str, ...]:
        """Return the numbers of cards that left in the router's form and are still in the queue, oldest first."""
        joined = QUEUE_EXPORTS.join(OUTBOX, OUTBOX.c.key_digest == _T.key_digest)
        wanted = (
            select(_T.escn, func.min(_T.id).label("first"))
            .select_from(joined)
            .where(_T.way == ExportWay.FORM, OUTBOX.c.state != OutboxState.DONE, OUTBOX.c.kind.in_(_OF_CARDS))
            .group_by(_T.escn)
            .order_by("first")
            .limit(limit)
        )
        with self._db.read() as connection:
            return tuple(row.escn for row in connection.execute(wanted))


def _portions(digests: list[str]) -> list[list[str]]:
    return [digests[place : place + _AT_ONCE] for place in range(0, len(digests), _AT_ONCE)]


def _export(row: Row[Any], key: str) -> Export:
    return Export(key, row.escn, row.way, row.file, row.content, row.at, row.operator, row.station)
