"""What a desk recorded while it was alone and has still to be merged: a table beside its own copy of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Column, Integer, MetaData, Row, String, Table, Text, delete, func, insert, select, update

from station.adapters.standby.calls import Call
from station.adapters.standby.local import LocalDatabase
from station.adapters.standby.packing import packed, unpacked
from station.adapters.store.schema import META
from station.adapters.store.types import EnumText, JsonText, PersonalBytes, UtcInstant
from station.domain.message import Message

_METADATA = MetaData()


class Standing(StrEnum):
    """How a call stands that is not merged."""

    SENT = "sent"
    """On its way to the shared store; what became of it is not known yet."""
    WAITING = "waiting"
    DOUBT = "doubt"
    """It contradicts what others recorded meanwhile: a person decides."""
    ASIDE = "aside"
    """A person decided that it does not count; it is kept."""


_LOG = Table(
    "standby_log",
    _METADATA,
    Column("id", Integer, primary_key=True),
    Column("call", String(64), nullable=False),
    # Encrypted where the store is: a waiting step may hold a name, or a person's picture.
    Column("args", PersonalBytes("standby_log.args"), nullable=False),
    Column("subject", String(64), nullable=False, index=True),
    Column("standing", EnumText(Standing), nullable=False, index=True),
    Column("at", UtcInstant, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("params", JsonText, nullable=False, default={}),
    sqlite_autoincrement=True,  # an id that was used never comes again: files of it may lie with others
)
_NOT_MERGED = (Standing.WAITING, Standing.SENT)
_FACT = "standby."


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call that is not merged: its number here, when it was made, and why it is in doubt."""

    id: int
    call: Call
    at: datetime
    standing: Standing
    reason: Message | None = None


class MergeLog:
    """Keep calls durably, in order, until they are merged."""

    def __init__(self, database: LocalDatabase) -> None:
        """Take the desk's own database; the table is made where it is not there."""
        self._db = database
        with database.write() as connection:
            # No migration makes it: the shared store has the same schema, and must not have this table.
            _METADATA.create_all(connection)

    def add(self, call: Call, standing: Standing, at: datetime | None = None) -> int:
        """Note a call and return its number."""
        values = {
            "call": f"{call.part}.{call.name}",
            "args": packed(call.args),
            "subject": call.subject,
            "standing": standing,
            "at": at or datetime.now(UTC),
        }
        with self._db.write() as connection:
            return int(connection.execute(insert(_LOG).returning(_LOG.c.id), values).scalar_one())

    def move(self, number: int, standing: Standing, reason: Message | None = None) -> None:
        """Note how a call stands from now on."""
        said = {"reason": reason.msgid, "params": _plain(reason.params)} if reason else {"reason": "", "params": {}}
        with self._db.write() as connection:
            connection.execute(update(_LOG).where(_LOG.c.id == number).values(standing=standing, **said))

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget calls: they are merged, or were refused and never counted."""
        with self._db.write() as connection:
            connection.execute(delete(_LOG).where(_LOG.c.id.in_(numbers)))

    def first(self, *standings: Standing, after: int = 0) -> Waiting | None:
        """Return the first call that stands so, behind the number ``after``."""
        wanted = select(_LOG).where(_LOG.c.standing.in_(standings or _NOT_MERGED), _LOG.c.id > after)
        with self._db.read() as connection:
            row = connection.execute(wanted.order_by(_LOG.c.id).limit(1)).first()
            return _waiting(row) if row else None

    def of(self, subject: str) -> tuple[Waiting, ...]:
        """Return what is not merged of one issuance, in order."""
        wanted = select(_LOG).where(_LOG.c.subject == subject, _LOG.c.standing != Standing.ASIDE).order_by(_LOG.c.id)
        with self._db.read() as connection:
            return tuple(_waiting(row) for row in connection.execute(wanted))

    def all(self, *standings: Standing) -> tuple[Waiting, ...]:
        """Return every call that stands so, in order."""
        wanted = select(_LOG).where(_LOG.c.standing.in_(standings)).order_by(_LOG.c.id)
        with self._db.read() as connection:
            return tuple(_waiting(row) for row in connection.execute(wanted))

    def count(self, *standings: Standing) -> int:
        """Return how many calls stand so."""
        wanted = select(func.count()).select_from(_LOG).where(_LOG.c.standing.in_(standings or _NOT_MERGED))
        with self._db.read() as connection:
            return connection.scalar(wanted) or 0

    def subjects(self, *standings: Standing) -> frozenset[str]:
        """Return of which issuances there are calls that stand so."""
        wanted = select(_LOG.c.subject).where(_LOG.c.standing.in_(standings or _NOT_MERGED)).distinct()
        with self._db.read() as connection:
            return frozenset(connection.scalars(wanted))

    def fact(self, name: str) -> str:
        """Return what was kept under ``name``, empty for nothing."""
        with self._db.read() as connection:
            return connection.scalar(select(META.c.value).where(META.c.key == _FACT + name)) or ""

    def keep_fact(self, name: str, value: str) -> None:
        """Keep something that must be known after a restart; an empty text forgets it."""
        with self._db.write() as connection:
            connection.execute(delete(META).where(META.c.key == _FACT + name))
            if value:
                connection.execute(insert(META), {"key": _FACT + name, "value": value})


def _waiting(row: Row[tuple[object, ...]]) -> Waiting:
    part, name = str(row.call).split(".")
    reason = Message(str(row.reason), dict(row.params)) if row.reason else None
    return Waiting(row.id, Call(part, name, unpacked(row.args)), row.at, row.standing, reason)


def _plain(params: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, str | int | float) else str(value) for name, value in params.items()}
