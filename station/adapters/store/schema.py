"""The tables: one declaration for SQLite and PostgreSQL.

    institutions   stations   card_types   meta   escn_values
    holders ─┬─ identifiers   enrolments   personal_codes   holder_words
             └─ (by id, without a foreign key) portraits ── portrait_layers,  consents
    issuances ── journal        cards ── card_states        blanks        outbox

The migrations make the tables; they say more of the indexes (which rows on PostgreSQL too, which operators), because
saying it here would load both dialects at every start. What is searched by its beginning sorts by code point on both.

The ledger (issuances, journal, cards) names holders by id only: it outlives them when a person is erased.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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
from station.domain.outbox import OutboxKind, OutboxState
from station.domain.portrait import LayerKind, PortraitSource
from station.domain.workflow import Act, State

ID = String(64)
ESCN = String(36)
UID = String(32)
DIGEST = String(32)
NAME = String(255)

# Every revision there is, oldest first. A store with another one was written by a newer program.
REVISIONS = ("0001",)
SCHEMA_HEAD = REVISIONS[-1]

OPEN_ISSUANCE = "NOT closed"
UNFINISHED = "state <> 'done'"
PRESENT = "vanished_at IS NULL"


class Base(DeclarativeBase):
    """The root of all tables; constraints have names, so that a conflict can say which one it was."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class InstitutionRow(Base):
    """An institution that stations issue for."""

    __tablename__ = "institutions"
    __table_args__ = (
        CheckConstraint("length(pic) = 9", name="pic"),
        CheckConstraint("escn_prefix BETWEEN 0 AND 999", name="escn_prefix"),
    )

    key: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(NAME)
    name_en: Mapped[str] = mapped_column(NAME, default="")
    pic: Mapped[str] = mapped_column(String(9))
    sho: Mapped[str] = mapped_column(NAME)
    country: Mapped[str] = mapped_column(String(2))
    escn_prefix: Mapped[int] = mapped_column(Integer)
    processor_vat: Mapped[str | None] = mapped_column(String(32))


class StationRow(Base):
    """A station that has written here."""

    __tablename__ = "stations"

    name: Mapped[str] = mapped_column(NAME, primary_key=True)
    first_seen_at: Mapped[datetime] = mapped_column(UtcInstant)
    last_seen_at: Mapped[datetime] = mapped_column(UtcInstant)
    version: Mapped[str] = mapped_column(String(32), default="")


class MetaRow(Base):
    """One fact about the store itself."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(ID, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class CardTypeRow(Base):
    """A kind of card that an institution issues: scheme, layout, chip, rules."""

    __tablename__ = "card_types"

    key: Mapped[str] = mapped_column(ID, primary_key=True)
    institution: Mapped[str] = mapped_column(ID)
    scheme: Mapped[CardScheme] = mapped_column(EnumText(CardScheme))
    name: Mapped[str] = mapped_column(NAME)
    layout: Mapped[str] = mapped_column(NAME)
    chip_profile: Mapped[str] = mapped_column(NAME)
    rules: Mapped[dict[str, Any]] = mapped_column(JsonText)


class EscnValueRow(Base):
    """The time value of the last number that was given out."""

    __tablename__ = "escn_values"
    __table_args__ = (CheckConstraint("value > 0", name="value"),)

    prefix: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    pic: Mapped[str] = mapped_column(String(9), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class HolderRow(Base):
    """A holder. ``content`` is a digest of everything the register said, so that an import sees what changed."""

    __tablename__ = "holders"
    __table_args__ = (
        UniqueConstraint("institution", "number_digest"),
        Index(None, "number_digest"),
        Index(None, "source"),
        Index("ix_holders_present", "sort_key", sqlite_where=text(PRESENT)),
    )

    pk: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    institution: Mapped[str] = mapped_column(ID)
    given_names: Mapped[str] = mapped_column(PersonalText("holders.given_names"))
    family_name: Mapped[str] = mapped_column(PersonalText("holders.family_name"))
    student_number: Mapped[str] = mapped_column(PersonalText("holders.student_number"))
    number_digest: Mapped[str | None] = mapped_column(DIGEST)
    email: Mapped[str | None] = mapped_column(PersonalText("holders.email"))
    sort_key: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(NAME)
    content: Mapped[str] = mapped_column(DIGEST)
    changed_at: Mapped[datetime] = mapped_column(UtcInstant)
    vanished_at: Mapped[datetime | None] = mapped_column(UtcInstant)


def _holder_pk() -> Mapped[int]:
    return mapped_column(ForeignKey("holders.pk", ondelete="CASCADE"), index=True)


class IdentifierRow(Base):
    """One identifier of a holder."""

    __tablename__ = "identifiers"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    holder_pk: Mapped[int] = _holder_pk()
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[IdentifierKind] = mapped_column(EnumText(IdentifierKind))
    value: Mapped[str] = mapped_column(PersonalText("identifiers.value"))
    value_digest: Mapped[str] = mapped_column(DIGEST, index=True)
    source: Mapped[str] = mapped_column(NAME)
    preferred: Mapped[bool]


class EnrolmentRow(Base):
    """One enrolment of a holder."""

    __tablename__ = "enrolments"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    holder_pk: Mapped[int] = _holder_pk()
    position: Mapped[int] = mapped_column(Integer)
    status: Mapped[EnrolmentStatus] = mapped_column(EnumText(EnrolmentStatus))
    programme: Mapped[str] = mapped_column(NAME)
    faculty: Mapped[str] = mapped_column(NAME)
    level: Mapped[AcademicLevel | None] = mapped_column(EnumText(AcademicLevel))
    begins_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)


class PersonalCodeRow(Base):
    """A personal code, apart from the rest; a person can get another one, so the older stay with their end."""

    __tablename__ = "personal_codes"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    holder_pk: Mapped[int] = _holder_pk()
    code: Mapped[str] = mapped_column(PersonalText("personal_codes.code"))
    code_digest: Mapped[str] = mapped_column(DIGEST, index=True)
    since: Mapped[datetime] = mapped_column(UtcInstant)
    until: Mapped[datetime | None] = mapped_column(UtcInstant)


class HolderWordRow(Base):
    """A folded word of a holder, for searching on PostgreSQL; SQLite has a full-text table instead."""

    __tablename__ = "holder_words"
    __table_args__ = (Index(None, "word"),)

    holder_pk: Mapped[int] = mapped_column(ForeignKey("holders.pk", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(Text, primary_key=True)


class PortraitRow(Base):
    """A portrait, without its pictures."""

    __tablename__ = "portraits"

    pk: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    holder_id: Mapped[str] = mapped_column(ID, index=True)
    width_px: Mapped[int] = mapped_column(Integer)
    height_px: Mapped[int] = mapped_column(Integer)
    taken_at: Mapped[datetime] = mapped_column(UtcInstant)
    source: Mapped[PortraitSource] = mapped_column(EnumText(PortraitSource))
    crop: Mapped[dict[str, Any]] = mapped_column(JsonText)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)


class PortraitLayerRow(Base):
    """One picture of a portrait: the portrait itself, the frame it was cut from, a background taken out."""

    __tablename__ = "portrait_layers"

    portrait_pk: Mapped[int] = mapped_column(ForeignKey("portraits.pk", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[LayerKind] = mapped_column(EnumText(LayerKind), primary_key=True)
    image: Mapped[bytes] = mapped_column(PersonalBytes("portrait_layers.image"))


class IssuanceRow(Base):
    """One card being made, as its journal adds up; ``entries`` counts the journal."""

    __tablename__ = "issuances"
    __table_args__ = (
        Index(
            "uq_issuances_open_uid",
            "uid",
            unique=True,
            sqlite_where=text(f"uid IS NOT NULL AND {OPEN_ISSUANCE}"),
        ),
        Index("ix_issuances_open", "pk", sqlite_where=text(OPEN_ISSUANCE)),
        Index(None, "uid"),
        CheckConstraint("entries > 0", name="entries"),
    )

    pk: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[str] = mapped_column(ID, unique=True)
    holder_id: Mapped[str] = mapped_column(ID, index=True)
    institution: Mapped[str] = mapped_column(ID)
    escn: Mapped[str | None] = mapped_column(ESCN, unique=True)
    scheme: Mapped[CardScheme] = mapped_column(EnumText(CardScheme))
    layout: Mapped[str] = mapped_column(NAME)
    chip_profile: Mapped[str] = mapped_column(NAME)
    expires_on: Mapped[str] = mapped_column(String(10))
    state: Mapped[State] = mapped_column(EnumText(State))
    pending: Mapped[Act | None] = mapped_column(EnumText(Act))
    doubt: Mapped[bool]
    portrait_id: Mapped[str | None] = mapped_column(ID)
    uid: Mapped[str | None] = mapped_column(UID)
    card_type: Mapped[RouterCardType] = mapped_column(EnumText(RouterCardType))
    apdus: Mapped[int] = mapped_column(Integer)
    key_versions: Mapped[str] = mapped_column(Text)
    job: Mapped[str] = mapped_column(NAME)
    printer: Mapped[str] = mapped_column(NAME)
    prints: Mapped[int] = mapped_column(Integer)
    cause: Mapped[str] = mapped_column(Text)
    entries: Mapped[int] = mapped_column(Integer)
    closed: Mapped[bool]


class JournalRow(Base):
    """One event of an issuance; rows are added, never changed."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("issuance_id", "sequence"), CheckConstraint("sequence > 0", name="sequence"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    issuance_id: Mapped[str] = mapped_column(ForeignKey("issuances.id"))
    sequence: Mapped[int] = mapped_column(Integer)
    event: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]] = mapped_column(JsonText)
    at: Mapped[datetime] = mapped_column(UtcInstant, index=True)
    operator: Mapped[str] = mapped_column(NAME)
    station: Mapped[str] = mapped_column(NAME)
    cause: Mapped[str] = mapped_column(Text)


class CardRow(Base):
    """A card that was handed over."""

    __tablename__ = "cards"
    __table_args__ = (Index(None, "uid"), Index(None, "holder_id"), Index(None, "issued_at"))

    pk: Mapped[int] = mapped_column(Integer, primary_key=True)
    escn: Mapped[str] = mapped_column(ESCN, unique=True)
    holder_id: Mapped[str] = mapped_column(ID)
    institution: Mapped[str] = mapped_column(ID)
    issuance_id: Mapped[str] = mapped_column(ForeignKey("issuances.id"), unique=True)
    scheme: Mapped[CardScheme] = mapped_column(EnumText(CardScheme))
    card_type: Mapped[RouterCardType] = mapped_column(EnumText(RouterCardType))
    layout: Mapped[str] = mapped_column(NAME)
    chip_profile: Mapped[str] = mapped_column(NAME)
    issued_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_on: Mapped[date] = mapped_column(Date)
    uid: Mapped[str | None] = mapped_column(UID)
    serial_number: Mapped[str | None] = mapped_column(ID)
    portrait_id: Mapped[str | None] = mapped_column(ID)
    key_versions: Mapped[str] = mapped_column(Text)
    state: Mapped[CardState] = mapped_column(EnumText(CardState))
    reason: Mapped[str] = mapped_column(Text)
    registration: Mapped[Registration] = mapped_column(EnumText(Registration))


class CardStateRow(Base):
    """When a card came into which state, why, and who said so; rows are added, never changed."""

    __tablename__ = "card_states"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    escn: Mapped[str] = mapped_column(ForeignKey("cards.escn"), index=True)
    state: Mapped[CardState] = mapped_column(EnumText(CardState))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcInstant)
    operator: Mapped[str] = mapped_column(NAME)
    station: Mapped[str] = mapped_column(NAME)


class BlankRow(Base):
    """A piece of plastic that is not a card yet, or never will be."""

    __tablename__ = "blanks"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    state: Mapped[BlankState] = mapped_column(EnumText(BlankState), index=True)
    uid: Mapped[str | None] = mapped_column(UID)
    serial_number: Mapped[str | None] = mapped_column(ID)
    issuance_id: Mapped[str | None] = mapped_column(ID)
    cause: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcInstant)


class ConsentRow(Base):
    """That a holder was informed, or agreed."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    holder_id: Mapped[str] = mapped_column(ID, index=True)
    text_version: Mapped[str] = mapped_column(ID)
    language: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcInstant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    extra: Mapped[dict[str, str]] = mapped_column(JsonText)


class OutboxRow(Base):
    """One thing to tell. Digests stand in for what is personal in key and order key."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_unfinished",
            "lane",
            "order_digest",
            "sequence",
            sqlite_where=text(UNFINISHED),
        ),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(PersonalText("outbox.key"))
    key_digest: Mapped[str] = mapped_column(DIGEST, unique=True)
    lane: Mapped[str] = mapped_column(ID)
    kind: Mapped[OutboxKind] = mapped_column(EnumText(OutboxKind))
    order_key: Mapped[str] = mapped_column(PersonalText("outbox.order_key"))
    order_digest: Mapped[str] = mapped_column(DIGEST)
    payload: Mapped[dict[str, Any]] = mapped_column(PersonalJson("outbox.payload"))
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    escn: Mapped[str] = mapped_column(ESCN, index=True)
    sequence: Mapped[int] = mapped_column(Integer)
    state: Mapped[OutboxState] = mapped_column(EnumText(OutboxState))
    attempts: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    last_answer: Mapped[str] = mapped_column(Text)
    last_params: Mapped[dict[str, Any]] = mapped_column(PersonalJson("outbox.last_params"))
    done_at: Mapped[datetime | None] = mapped_column(UtcInstant)


def table(row: type[Base]) -> Table:
    """Return the table of a row class, for statements that need no objects."""
    return cast(Table, row.__table__)
