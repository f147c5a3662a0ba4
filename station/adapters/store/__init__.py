"""The store: SQLite for one station, PostgreSQL for several; one code for both."""

from station.adapters.store.cipher import FieldCipher
from station.adapters.store.opening import open_store
from station.adapters.store.store import CardTypeRecord, InstitutionRecord, SqlStore

__all__ = ["CardTypeRecord", "FieldCipher", "InstitutionRecord", "SqlStore", "open_store"]
