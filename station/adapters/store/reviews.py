"""Decisions about imported portraits, in the store."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import insert, select

from station.adapters.store.database import Database
from station.adapters.store.records import add_portrait
from station.adapters.store.schema import PORTRAIT_REVIEWS
from station.domain.portrait import Portrait
from station.domain.portrait_review import PortraitReview

_FIELDS = tuple(field.name for field in fields(PortraitReview))


class SqlReviews:
    """Implement ``ports.store.ReviewStore``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record(self, review: PortraitReview, portrait: Portrait | None = None) -> None:
        """Keep a decision, and with it the portrait that was approved, in one transaction."""
        with self._db.write() as connection:
            if portrait is not None:
                add_portrait(connection, portrait)
            connection.execute(insert(PORTRAIT_REVIEWS), {name: getattr(review, name) for name in _FIELDS})

    def all(self) -> tuple[PortraitReview, ...]:
        """Return every decision, oldest first."""
        with self._db.read() as connection:
            rows = connection.execute(select(PORTRAIT_REVIEWS).order_by(PORTRAIT_REVIEWS.c.pk))
            return tuple(PortraitReview(**{name: getattr(row, name) for name in _FIELDS}) for row in rows)
