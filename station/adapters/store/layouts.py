"""The layouts that cards were made to, in the store."""

from __future__ import annotations

from dataclasses import asdict, fields

from sqlalchemy import Connection, insert, select, update

from station.adapters.store.database import Database
from station.adapters.store.schema import LAYOUTS
from station.domain.errors import N_, StoreConflictError
from station.domain.layout_state import KeptLayout, LayoutState
from station.domain.message import Message

_FIELDS = tuple(field.name for field in fields(KeptLayout))
_T = LAYOUTS.c


class SqlLayouts:
    """Implement ``ports.store.LayoutStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def keep(self, layout: KeptLayout, package: bytes | None = None) -> None:
        """Keep a layout and its package, or what changed in how it stands."""
        values = asdict(layout) if package is None else {**asdict(layout), "package": package}
        with self._db.write() as connection:
            if layout.state is not LayoutState.DRAFT:
                _need_only_one(connection, layout)
            known = connection.execute(select(_T.pk).where(_T.digest == layout.digest)).first()
            if known is None:
                connection.execute(insert(LAYOUTS), {"package": b"", **values})
            else:
                del values["added_at"]
                connection.execute(update(LAYOUTS).where(_T.pk == known.pk), values)

    def package(self, digest: str) -> bytes | None:
        """Return the package of the layout with this digest."""
        with self._db.read() as connection:
            found = connection.execute(select(_T.package).where(_T.digest == digest)).scalar_one_or_none()
            return found or None

    def all(self) -> tuple[KeptLayout, ...]:
        """Return every layout that is kept, by name and version."""
        with self._db.read() as connection:
            columns = [_T[name] for name in _FIELDS]
            rows = connection.execute(select(*columns).order_by(_T.name, _T.version, _T.pk))
            return tuple(KeptLayout(**row._mapping) for row in rows)  # noqa: SLF001 - SQLAlchemy's own name for it


def _need_only_one(connection: Connection, layout: KeptLayout) -> None:
    """Refuse to approve two contents under one name and version: a card's record could mean either."""
    same = (_T.name == layout.name, _T.version == layout.version, _T.digest != layout.digest)
    if connection.execute(select(_T.pk).where(*same, _T.state != LayoutState.DRAFT)).first() is not None:
        detail = Message(N_("the layout {layout} was approved with other contents"), {"layout": layout.reference})
        raise StoreConflictError(
            todo=N_("Give the new one the next version number, and approve that."),
            detail=detail,
            constraint="layout_version",
        )
