"""The tables: one declaration for SQLite and PostgreSQL.

    institutions   stations   card_types   layouts   meta   escn_values
    stock_entries   printer_care
    enrolment_codes   enrolled_stations ── (by id) escn_prefixes   queue_exports
    holders ─┬─ identifiers   enrolments   personal_codes   holder_words
             └─ (by id, without a foreign key) portraits ── portrait_layers,  portrait_reviews,  consents
    issuances ── journal        cards ── card_states        blanks        outbox

The migrations make the tables; they say more of the indexes (which rows on PostgreSQL too, which operators), because
saying it here would load both dialects at every start. What is searched by its beginning sorts by code point on both.

The ledger (issuances, journal, cards) names holders by id only: it outlives them when a person is erased.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from station.adapters.store.types import (
    EnumText,
    JsonText,
    PersonalBytes,
    PersonalJson,
    PersonalText,
    UtcInstant,
)
from station.domain.card import BlankState, CardScheme, CardState, Registration, RouterCardType
from station.domain.holder import AcademicLevel, EnrolmentStatus, IdentifierKind
from station.domain.layout_state import LayoutState
from station.domain.outbox import OutboxKind, OutboxState
from station.domain.portrait import LayerKind, PortraitSource
from station.domain.portrait_review import ReviewDecision
from station.domain.print_care import CareAct
from station.domain.queue_export import ExportWay
from station.domain.stock import Pile, StockAct
from station.domain.workflow import Act, State

# As long as the longest that is kept so: a SHA-256 in digits, a UUID with its hyphens, 16 bytes of a digest in digits.
ID = String(64)
ESCN = String(36)
UID = String(32)
DIGEST = String(32)
NAME = String(255)

# Every revision there is, oldest first. A store with another one was written by a newer program.
REVISIONS = ("0001",)
SCHEMA_HEAD = REVISIONS[-1]

# Conditions of partial indexes. A query finds such an index only where it says the very same words.
OPEN_ISSUANCE = "NOT closed"
UNFINISHED = "state <> 'done'"
WAITING = "state = 'waiting'"
ACTIVE_CARD = "state = 'active'"
PRESENT = "vanished_at IS NULL"
UNTOLD = "registration IN ('queued', 'parked')"
TOLD_CARD = "kind = 'card' AND done_at IS NOT NULL"


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables; constraints have names, so that a conflict can say which one it was."""


def _column(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any], *rest: SchemaItem, **options: Any) -> Column[Any]:
    """Return a column that always has a value."""
    return Column(name, kind, *rest, nullable=False, **options)


def _nullable(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any], **options: Any) -> Column[Any]:
    """Return a column that may be empty."""
    return Column(name, kind, nullable=True, **options)


def _holder_pk() -> Column[Any]:
    return _column("holder_pk", Integer, ForeignKey("holders.pk", ondelete="CASCADE"), index=True)


INSTITUTIONS = Table(
    "institutions",
    METADATA,
    _column("key", ID, primary_key=True),
    _column("name", NAME),
    _column("name_en", NAME, default=""),
    _column("pic", String(9)),
    _column("sho", NAME),
    _column("country", String(2)),
    _column("escn_prefix", Integer),
    _nullable("processor_vat", String(32)),
    CheckConstraint("length(pic) = 9", name="pic"),
    CheckConstraint("escn_prefix BETWEEN 0 AND 999", name="escn_prefix"),
)
"""An institution that stations issue for."""

STATIONS = Table(
    "stations",
    METADATA,
    _column("name", NAME, primary_key=True),
    _column("first_seen_at", UtcInstant),
    _column("last_seen_at", UtcInstant),
    _column("version", String(32), default=""),
)
"""A station that has written here."""

META = Table(
    "meta",
    METADATA,
    _column("key", ID, primary_key=True),
    _column("value", Text),
)
"""One fact about the store itself."""

CARD_TYPES = Table(
    "card_types",
    METADATA,
    _column("key", ID, primary_key=True),
    _column("institution", ID),
    _column("scheme", EnumText(CardScheme)),
    _column("name", NAME),
    _column("layout", NAME),
    _column("chip_profile", NAME),
    _column("rules", JsonText),
)
"""A kind of card that an institution issues: scheme, layout, chip, rules."""

LAYOUTS = Table(
    "layouts",
    METADATA,
    _column("pk", Integer, primary_key=True),
    _column("digest", ID, unique=True),
    _column("name", ID),
    _column("version", Integer),
    _column("title", NAME),
    _column("state", EnumText(LayoutState)),
    _column("package", LargeBinary),
    _column("added_at", UtcInstant),
    _column("changed_at", UtcInstant),
    _column("operator", NAME),
    _column("station", NAME),
    Index(None, "name", "version"),
    CheckConstraint("version > 0", name="version"),
)
"""A version of a layout that cards were made to, or that was approved; ``package`` is the whole of it, zipped."""

ESCN_VALUES = Table(
    "escn_values",
    METADATA,
    _column("prefix", Integer, primary_key=True, autoincrement=False),
    _column("pic", String(9), primary_key=True),
    _column("value", BigInteger),
    CheckConstraint("value > 0", name="value"),
)
"""The time value of the last number that was given out."""

ENROLMENT_CODES = Table(
    "enrolment_codes",
    METADATA,
    _column("digest", ID, primary_key=True),
    _column("name", NAME),
    _column("rights", JsonText),
    _column("made_at", UtcInstant),
    _column("expires_at", UtcInstant),
    _column("operator", NAME),
    _column("station", NAME),
    _nullable("used_at", UtcInstant),
)
"""That one station may be enrolled; the code itself is kept nowhere."""

ENROLLED_STATIONS = Table(
    "enrolled_stations",
    METADATA,
    _column("id", ID, primary_key=True),
    _column("name", NAME),
    _column("rights", JsonText),
    _column("enrolled_at", UtcInstant),
    _column("operator", NAME),
    _column("token", ID, index=True),
    _column("from_file", Boolean),
    _nullable("ends_at", UtcInstant),
    _nullable("last_seen_at", UtcInstant),
    _nullable("withdrawn_at", UtcInstant),
    _column("withdrawn_by", NAME),
    _column("reason", Text),
)
"""A station that may work with this store, or might; rows are never deleted."""

ESCN_PREFIXES = Table(
    "escn_prefixes",
    METADATA,
    _column("pic", String(9), primary_key=True),
    _column("prefix", Integer, primary_key=True, autoincrement=False),
    _column("station", ID, index=True),
    _column("given_at", UtcInstant),
    CheckConstraint("prefix BETWEEN 0 AND 999", name="prefix"),
)
"""Which station got which range of card numbers; rows are added, never changed, so that no range is given twice."""

QUEUE_EXPORTS = Table(
    "queue_exports",
    METADATA,
    _column("id", Integer, primary_key=True),
    _column("key_digest", DIGEST, index=True),
    _column("escn", ESCN),
    _column("way", EnumText(ExportWay)),
    _column("file", ID, index=True),
    _column("content", ID),
    _column("at", UtcInstant),
    _column("operator", NAME),
    _column("station", NAME),
)
"""That an entry of the queue left in a file, and what it said then; rows are added, never changed."""

HOLDERS = Table(
    "holders",
    METADATA,
    _column("pk", Integer, primary_key=True),
    _column("id", ID, unique=True),
    _column("institution", ID),
    _column("given_names", PersonalText("holders.given_names")),
    _column("family_name", PersonalText("holders.family_name")),
    _column("student_number", PersonalText("holders.student_number")),
    # The number itself may be encrypted, each time otherwise: it can only be unique, and found, by its digest.
    _nullable("number_digest", DIGEST),
    _nullable("email", PersonalText("holders.email")),
    _nullable("photo", PersonalText("holders.photo")),
    _column("sort_key", Text),
    _column("source", NAME),
    _column("content", DIGEST),
    _column("changed_at", UtcInstant),
    _nullable("vanished_at", UtcInstant),
    UniqueConstraint("institution", "number_digest"),
    Index(None, "number_digest"),
    Index(None, "source"),
    Index("ix_holders_present", "sort_key", sqlite_where=text(PRESENT)),
)
"""A holder. ``content`` is a digest of everything the register said, so that an import sees what changed."""

IDENTIFIERS = Table(
    "identifiers",
    METADATA,
    _column("id", Integer, primary_key=True),
    _holder_pk(),
    _column("position", Integer),
    _column("kind", EnumText(IdentifierKind)),
    _column("value", PersonalText("identifiers.value")),
    _column("value_digest", DIGEST, index=True),
    _column("source", NAME),
    _column("preferred", Boolean),
)
"""One identifier of a holder."""

ENROLMENTS = Table(
    "enrolments",
    METADATA,
    _column("id", Integer, primary_key=True),
    _holder_pk(),
    _column("position", Integer),
    _column("status", EnumText(EnrolmentStatus)),
    _column("programme", NAME),
    _column("faculty", NAME),
    _nullable("level", EnumText(AcademicLevel)),
    _nullable("begins_on", Date),
    _nullable("ends_on", Date),
)
"""One enrolment of a holder."""

PERSONAL_CODES = Table(
    "personal_codes",
    METADATA,
    _column("id", Integer, primary_key=True),
    _holder_pk(),
    _column("code", PersonalText("personal_codes.code")),
    _column("code_digest", DIGEST, index=True),
    _column("since", UtcInstant),
    _nullable("until", UtcInstant),
)
"""A personal code, apart from the rest; a person can get another one, so the older stay with their end."""

HOLDER_WORDS = Table(
    "holder_words",
    METADATA,
    _column("holder_pk", Integer, ForeignKey("holders.pk", ondelete="CASCADE"), primary_key=True),
    _column("word", Text, primary_key=True),
    Index(None, "word"),
)
"""A folded word of a holder, for searching on PostgreSQL; SQLite has a full-text table instead."""

PORTRAITS = Table(
    "portraits",
    METADATA,
    _column("pk", Integer, primary_key=True),
    _column("id", ID, unique=True),
    _column("holder_id", ID, index=True),
    _column("width_px", Integer),
    _column("height_px", Integer),
    _column("taken_at", UtcInstant),
    _column("source", EnumText(PortraitSource)),
    _column("crop", JsonText),
    _column("findings", JsonText),
)
"""A portrait, without its pictures."""

PORTRAIT_LAYERS = Table(
    "portrait_layers",
    METADATA,
    _column("portrait_pk", Integer, ForeignKey("portraits.pk", ondelete="CASCADE"), primary_key=True),
    _column("kind", EnumText(LayerKind), primary_key=True),
    _column("image", PersonalBytes("portrait_layers.image")),
)
"""One picture of a portrait: the portrait itself, the frame it was cut from, a background taken out."""

PORTRAIT_REVIEWS = Table(
    "portrait_reviews",
    METADATA,
    _column("pk", Integer, primary_key=True),
    _column("digest", ID, index=True),
    _column("holder_id", ID, index=True),
    _column("file", PersonalText("portrait_reviews.file")),
    _column("decision", EnumText(ReviewDecision)),
    _column("at", UtcInstant),
    _column("reason", PersonalText("portrait_reviews.reason")),
    _nullable("portrait_id", ID),
    _column("operator", NAME),
    _column("station", NAME),
)
"""What was decided about a portrait that came in with others; rows are added, never changed."""

ISSUANCES = Table(
    "issuances",
    METADATA,
    _column("pk", Integer, primary_key=True),
    _column("id", ID, unique=True),
    _column("holder_id", ID, index=True),
    _column("institution", ID),
    _nullable("escn", ESCN, unique=True),
    _column("scheme", EnumText(CardScheme)),
    _column("layout", NAME),
    _column("chip_profile", NAME),
    _column("expires_on", String(10)),
    _column("state", EnumText(State)),
    _nullable("pending", EnumText(Act)),
    _column("doubt", Boolean),
    _nullable("portrait_id", ID),
    _nullable("uid", UID),
    _column("card_type", EnumText(RouterCardType)),
    _column("apdus", Integer),
    _column("key_versions", Text),
    _column("job", NAME),
    _column("printer", NAME),
    _column("prints", Integer),
    _column("cause", Text),
    _column("layout_digest", ID),
    _column("issued_on", String(10)),
    _column("entries", Integer),
    _column("closed", Boolean),
    # While it is open only: a chip that was erased gets another number, and then two issuances name it.
    Index("uq_issuances_open_uid", "uid", unique=True, sqlite_where=text(f"uid IS NOT NULL AND {OPEN_ISSUANCE}")),
    Index("ix_issuances_open", "pk", sqlite_where=text(OPEN_ISSUANCE)),
    Index(None, "uid"),
    CheckConstraint("entries > 0", name="entries"),
)
"""One card being made, as its journal adds up; ``entries`` counts the journal, ``closed`` says that all is settled."""

JOURNAL = Table(
    "journal",
    METADATA,
    _column("id", Integer, primary_key=True),
    _column("issuance_id", ID, ForeignKey("issuances.id")),
    _column("sequence", Integer),
    _column("event", String(32)),
    _column("data", JsonText),
    _column("at", UtcInstant, index=True),
    _column("operator", NAME),
    _column("station", NAME),
    _column("cause", Text),
    # Two desks that go on with one card at the same moment: the second one's step is refused here.
    UniqueConstraint("issuance_id", "sequence"),
    CheckConstraint("sequence > 0", name="sequence"),
)
"""One event of an issuance; rows are added, never changed."""

CARDS = Table(
    "cards",
    METADATA,
    _column("pk", Integer, primary_key=True),
    _column("escn", ESCN, unique=True),
    _column("holder_id", ID),
    _column("institution", ID),
    _column("issuance_id", ID, ForeignKey("issuances.id"), unique=True),
    _column("scheme", EnumText(CardScheme)),
    _column("card_type", EnumText(RouterCardType)),
    _column("layout", NAME),
    _column("chip_profile", NAME),
    _column("issued_at", UtcInstant),
    _column("expires_on", Date),
    _nullable("uid", UID),
    _nullable("serial_number", ID),
    _nullable("portrait_id", ID),
    _column("key_versions", Text),
    _column("state", EnumText(CardState)),
    _column("reason", Text),
    _column("registration", EnumText(Registration)),
    _column("layout_digest", ID),
    # The last word against two active cards of a kind, whatever each desk had read before it wrote.
    Index("uq_cards_active", "holder_id", "scheme", unique=True, sqlite_where=text(ACTIVE_CARD)),
    Index(None, "uid"),
    Index(None, "holder_id"),
    Index(None, "issued_at"),
    Index("ix_cards_untold", "pk", sqlite_where=text(UNTOLD)),
)
"""A card that was handed over."""

CARD_STATES = Table(
    "card_states",
    METADATA,
    _column("id", Integer, primary_key=True),
    _column("escn", ESCN, ForeignKey("cards.escn"), index=True),
    _column("state", EnumText(CardState)),
    _column("reason", Text),
    _column("at", UtcInstant),
    _column("operator", NAME),
    _column("station", NAME),
)
"""When a card came into which state, why, and who said so; rows are added, never changed."""

BLANKS = Table(
    "blanks",
    METADATA,
    _column("id", String(80), primary_key=True),
    _column("state", EnumText(BlankState), index=True),
    _nullable("uid", UID),
    _nullable("serial_number", ID),
    _nullable("issuance_id", ID),
    _column("cause", Text),
    _column("changed_at", UtcInstant),
)
"""A piece of plastic that is not a card yet, or never will be."""

STOCK_ENTRIES = Table(
    "stock_entries",
    METADATA,
    _column("id", Integer, primary_key=True),
    _column("act", EnumText(StockAct)),
    _column("number", Integer),
    _column("at", UtcInstant),
    _nullable("first_serial", ID),
    _nullable("last_serial", ID),
    _column("pile", EnumText(Pile)),
    _column("expected", Integer),
    _column("note", Text),
    _column("operator", NAME),
    _column("station", NAME),
    CheckConstraint("number >= 0", name="number"),
)
"""One line of the ledger of blanks; rows are added, never changed."""

PRINTER_CARE = Table(
    "printer_care",
    METADATA,
    _column("id", Integer, primary_key=True),
    _column("printer", NAME),
    _column("act", EnumText(CareAct)),
    _column("at", UtcInstant),
    _column("data", JsonText),
    _column("operator", NAME),
    _column("station", NAME),
    Index(None, "printer"),
)
"""One thing that was done to a printer: its correction, a new ribbon, a cleaning; rows are added, never changed."""

CONSENTS = Table(
    "consents",
    METADATA,
    _column("id", Integer, primary_key=True),
    _column("holder_id", ID, index=True),
    _column("text_version", ID),
    _column("language", String(16)),
    _column("kind", ID),
    _column("at", UtcInstant),
    _nullable("withdrawn_at", UtcInstant),
    _column("extra", JsonText),
)
"""That a holder was informed, or agreed."""

OUTBOX = Table(
    "outbox",
    METADATA,
    _column("id", Integer, primary_key=True),
    _column("key", PersonalText("outbox.key")),
    _column("key_digest", DIGEST, unique=True),
    _column("lane", ID),
    _column("kind", EnumText(OutboxKind)),
    _column("order_key", PersonalText("outbox.order_key")),
    _column("order_digest", DIGEST),
    _column("payload", PersonalJson("outbox.payload")),
    _column("created_at", UtcInstant),
    _column("escn", ESCN, index=True),
    _column("sequence", Integer),
    _column("state", EnumText(OutboxState)),
    _column("attempts", Integer),
    _nullable("next_at", UtcInstant),
    _column("last_answer", Text),
    _column("last_params", PersonalJson("outbox.last_params")),
    _nullable("done_at", UtcInstant),
    _nullable("router_at", UtcInstant),
    Index("ix_outbox_order", "lane", "order_digest", "sequence"),
    # Partial: nearly everything in this table is done, and the few that wait are looked for all day.
    Index("ix_outbox_waiting", "lane", "next_at", "id", sqlite_where=text(WAITING)),
    Index("ix_outbox_state_created_at", "state", "created_at"),
    Index("ix_outbox_told_cards", "done_at", sqlite_where=text(TOLD_CARD)),
    CheckConstraint("attempts >= 0", name="attempts"),
)
"""One thing to tell. Digests stand in for what is personal in key and order key."""
