"""The store as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import delete, insert, select

from station.adapters.store.backup import copy_into_file
from station.adapters.store.database import Database
from station.adapters.store.enrolment import SqlEnrolment
from station.adapters.store.exports import SqlQueueExports
from station.adapters.store.holders import SqlHolders
from station.adapters.store.issuances import SqlIssuances
from station.adapters.store.layouts import SqlLayouts
from station.adapters.store.lock import FileLock
from station.adapters.store.outbox import SqlOutbox
from station.adapters.store.print_room import SqlPrinterCare, SqlStock
from station.adapters.store.records import SqlCards, SqlConsents, SqlEscns, SqlPortraits
from station.adapters.store.reviews import SqlReviews
from station.adapters.store.schema import CARD_TYPES, INSTITUTIONS
from station.adapters.store.search import index_for
from station.domain.card import CardScheme
from station.domain.workflow import JournalEntry

_SEARCHED = ("holders.given_names", "holders.family_name", "holders.student_number", "holders.email")


@dataclass(frozen=True, slots=True)
class InstitutionRecord:
    """An institution as the store keeps it: PIC, sHO, country, ESCN prefix, processor's VAT number."""

    key: str
    name: str
    pic: str
    sho: str
    country: str
    escn_prefix: int
    processor_vat: str | None = None
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class CardTypeRecord:
    """A kind of card that an institution issues, as the profile declares it: one a scheme."""

    institution: str
    scheme: CardScheme
    layout: str
    chip_profile: str
    rules: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return what it is known by."""
        return f"{self.institution}:{self.scheme.value}"


class SqlStore:
    """Implement ``ports.store.Store`` on SQLite and PostgreSQL; ``open_store`` makes one. Any thread may call it."""

    def __init__(self, database: Database, lock: FileLock | None = None) -> None:
        self._db, self._lock = database, lock
        cipher = database.cipher
        # An index of words tells what it indexes: one encrypted name is reason enough to have none on disk.
        hidden = cipher is not None and any(cipher.covers(column) for column in _SEARCHED)
        self._index = index_for(encrypted=hidden, sqlite=database.sqlite)
        self._holders = SqlHolders(database, self._index)
        self._issuances = SqlIssuances(database)
        self._cards = SqlCards(database)
        self._portraits = SqlPortraits(database)
        self._reviews = SqlReviews(database)
        self._layouts = SqlLayouts(database)
        self._outbox = SqlOutbox(database)
        self._escns = SqlEscns(database)
        self._consents = SqlConsents(database)
        self._stock = SqlStock(database)
        self._printer_care = SqlPrinterCare(database)
        self._enrolment = SqlEnrolment(database)
        self._queue_exports = SqlQueueExports(database)

    @property
    def where(self) -> str:
        """Return the file or address, without a password, as messages name it."""
        return self._db.where

    @property
    def database(self) -> Database:
        """Return what it is kept in, for whoever copies it."""
        return self._db

    @property
    def holders(self) -> SqlHolders:
        """Return the holders."""
        return self._holders

    @property
    def issuances(self) -> SqlIssuances:
        """Return issuances and their journal."""
        return self._issuances

    @property
    def cards(self) -> SqlCards:
        """Return cards and blanks."""
        return self._cards

    @property
    def portraits(self) -> SqlPortraits:
        """Return portraits."""
        return self._portraits

    @property
    def reviews(self) -> SqlReviews:
        """Return decisions about imported portraits."""
        return self._reviews

    @property
    def layouts(self) -> SqlLayouts:
        """Return the layouts that cards were made to."""
        return self._layouts

    @property
    def outbox(self) -> SqlOutbox:
        """Return what is still to be told."""
        return self._outbox

    @property
    def escns(self) -> SqlEscns:
        """Return the last card numbers."""
        return self._escns

    @property
    def consents(self) -> SqlConsents:
        """Return consents."""
        return self._consents

    @property
    def stock(self) -> SqlStock:
        """Return the ledger of blanks."""
        return self._stock

    @property
    def printer_care(self) -> SqlPrinterCare:
        """Return what was done to printers, and with them."""
        return self._printer_care

    @property
    def enrolment(self) -> SqlEnrolment:
        """Return the stations that may work with this store."""
        return self._enrolment

    @property
    def queue_exports(self) -> SqlQueueExports:
        """Return what left the queue in files."""
        return self._queue_exports

    def institutions(self) -> tuple[InstitutionRecord, ...]:
        """Return the institutions that stations issue for, by key."""
        with self._db.read() as connection:
            rows = connection.execute(select(INSTITUTIONS).order_by(INSTITUTIONS.c.key))
            names = InstitutionRecord.__slots__
            return tuple(InstitutionRecord(**{name: getattr(row, name) for name in names}) for row in rows)

    def keep_institutions(self, institutions: Sequence[InstitutionRecord]) -> None:
        """Keep what the profile says of these institutions; others stay as they are."""
        with self._db.write() as connection:
            self._db.alone_with(connection, "")  # stations that start at once say the same
            for institution in institutions:
                connection.execute(delete(INSTITUTIONS).where(INSTITUTIONS.c.key == institution.key))
                connection.execute(insert(INSTITUTIONS), asdict(institution))

    def card_types(self) -> tuple[CardTypeRecord, ...]:
        """Return the kinds of card that stations issue, by institution and scheme."""
        with self._db.read() as connection:
            rows = connection.execute(select(CARD_TYPES).order_by(CARD_TYPES.c.key))
            names = CardTypeRecord.__slots__
            return tuple(CardTypeRecord(**{name: getattr(row, name) for name in names}) for row in rows)

    def keep_card_types(self, card_types: Sequence[CardTypeRecord]) -> None:
        """Keep what the profile says of these kinds of card; others stay, for cards were made to them."""
        with self._db.write() as connection:
            self._db.alone_with(connection, "")
            for each in card_types:
                connection.execute(delete(CARD_TYPES).where(CARD_TYPES.c.key == each.key))
                values = {**asdict(each), "key": each.key, "name": each.scheme.value}
                connection.execute(insert(CARD_TYPES), values)

    def backup(self, target: str) -> None:
        """Copy the whole store to the file ``target`` while it is in use; an older one is replaced last."""
        copy_into_file(self._db, target)

    def entries_for_export(self) -> Iterator[JournalEntry]:
        """Yield the whole journal in order, without loading it all."""
        return self._issuances.all_entries()

    def close(self) -> None:
        """Let the store go; once more does nothing."""
        # The database first: the lock may only be free when nobody here can write any more.
        self._db.close()
        if self._lock is not None:
            self._lock.release()
