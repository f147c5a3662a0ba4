"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite compares texts so anyway; only then can an index find what begins with a word.
_BY_CODE_POINT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    _stations()
    _enrolled_stations()
    _layouts()
    _holders()
    _words()
    _enrolments()
    _consents()
    _portraits()
    _portrait_reviews()
    _blanks()
    _print_room()
    _issuances()
    _journal()
    _cards()
    _card_states()
    _outbox()
    _queue_exports()
    if op.get_bind().dialect.name == "sqlite":
        # Words come folded and parted already: the ascii tokenizer splits at the spaces between them and nowhere else.
        op.execute(
            "CREATE VIRTUAL TABLE holder_search USING fts5"
            "(words, tokenize='ascii', prefix='1 2 3', detail='none', columnsize=0)"
        )


def downgrade() -> None:
    raise NotImplementedError("a store is never taken back to an older schema; restore the backup instead")


def _stations() -> None:
    """The stations, their institutions, and the store itself."""
    op.create_table(
        "institutions",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_en", sa.String(length=255), nullable=False),
        sa.Column("pic", sa.String(length=9), nullable=False),
        sa.Column("sho", sa.String(length=255), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("escn_prefix", sa.Integer(), nullable=False),
        sa.Column("processor_vat", sa.String(length=32), nullable=True),
        sa.CheckConstraint("escn_prefix BETWEEN 0 AND 999", name=op.f("ck_institutions_escn_prefix")),
        sa.CheckConstraint("length(pic) = 9", name=op.f("ck_institutions_pic")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_institutions")),
    )
    op.create_table(
        "stations",
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stations")),
    )
    op.create_table(
        "card_types",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=64), nullable=False),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("layout", sa.String(length=255), nullable=False),
        sa.Column("chip_profile", sa.String(length=255), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_card_types")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "escn_values",
        sa.Column("prefix", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pic", sa.String(length=9), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("value > 0", name=op.f("ck_escn_values_value")),
        sa.PrimaryKeyConstraint("prefix", "pic", name=op.f("pk_escn_values")),
    )


def _enrolled_stations() -> None:
    """The stations that may work with this store, the codes that bring them in, and the numbers that they may use."""
    op.create_table(
        "enrolment_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_enrolment_codes")),
    )
    op.create_table(
        "enrolled_stations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("from_file", sa.Boolean(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolled_stations")),
    )
    op.create_index(op.f("ix_enrolled_stations_token"), "enrolled_stations", ["token"], unique=False)
    op.create_table(
        "escn_prefixes",
        sa.Column("pic", sa.String(length=9), nullable=False),
        sa.Column("prefix", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("station", sa.String(length=64), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("prefix BETWEEN 0 AND 999", name=op.f("ck_escn_prefixes_prefix")),
        sa.PrimaryKeyConstraint("pic", "prefix", name=op.f("pk_escn_prefixes")),
    )
    op.create_index(op.f("ix_escn_prefixes_station"), "escn_prefixes", ["station"], unique=False)


def _queue_exports() -> None:
    """What left the queue in a file."""
    op.create_table(
        "queue_exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_digest", sa.String(length=32), nullable=False),
        sa.Column("escn", sa.String(length=36), nullable=False),
        sa.Column("way", sa.String(length=32), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_exports")),
    )
    op.create_index(op.f("ix_queue_exports_file"), "queue_exports", ["file"], unique=False)
    op.create_index(op.f("ix_queue_exports_key_digest"), "queue_exports", ["key_digest"], unique=False)


def _layouts() -> None:
    """The layouts that cards were made to."""
    op.create_table(
        "layouts",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("package", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_layouts_version")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_layouts")),
        sa.UniqueConstraint("digest", name=op.f("uq_layouts_digest")),
    )
    op.create_index(op.f("ix_layouts_name_version"), "layouts", ["name", "version"], unique=False)


def _holders() -> None:
    """Holders and their identifiers."""
    op.create_table(
        "holders",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=64), nullable=False),
        sa.Column("given_names", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("student_number", sa.Text(), nullable=False),
        sa.Column("number_digest", sa.String(length=32), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("photo", sa.Text(), nullable=True),
        sa.Column("sort_key", _BY_CODE_POINT, nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("content", sa.String(length=32), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_holders")),
        sa.UniqueConstraint("id", name=op.f("uq_holders_id")),
        sa.UniqueConstraint("institution", "number_digest", name=op.f("uq_holders_institution_number_digest")),
    )
    op.create_index(op.f("ix_holders_number_digest"), "holders", ["number_digest"], unique=False)
    op.create_index(
        op.f("ix_holders_present"),
        "holders",
        ["sort_key"],
        unique=False,
        sqlite_where=sa.text("vanished_at IS NULL"),
        postgresql_where=sa.text("vanished_at IS NULL"),
    )
    op.create_index(op.f("ix_holders_source"), "holders", ["source"], unique=False)
    op.create_table(
        "identifiers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder_pk", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("value_digest", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_pk"], ["holders.pk"], name=op.f("fk_identifiers_holder_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifiers")),
    )
    op.create_index(op.f("ix_identifiers_holder_pk"), "identifiers", ["holder_pk"], unique=False)
    op.create_index(op.f("ix_identifiers_value_digest"), "identifiers", ["value_digest"], unique=False)


def _words() -> None:
    """The words that holders are found by."""
    op.create_table(
        "holder_words",
        sa.Column("holder_pk", sa.Integer(), nullable=False),
        sa.Column("word", _BY_CODE_POINT, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_pk"], ["holders.pk"], name=op.f("fk_holder_words_holder_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("holder_pk", "word", name=op.f("pk_holder_words")),
    )
    op.create_index(
        op.f("ix_holder_words_word"),
        "holder_words",
        ["word"],
        unique=False,
    )


def _enrolments() -> None:
    """What holders study, and their personal codes, apart from the rest."""
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder_pk", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("programme", sa.String(length=255), nullable=False),
        sa.Column("faculty", sa.String(length=255), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["holder_pk"], ["holders.pk"], name=op.f("fk_enrolments_holder_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
    )
    op.create_index(op.f("ix_enrolments_holder_pk"), "enrolments", ["holder_pk"], unique=False)
    op.create_table(
        "personal_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder_pk", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["holder_pk"], ["holders.pk"], name=op.f("fk_personal_codes_holder_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_codes")),
    )
    op.create_index(op.f("ix_personal_codes_code_digest"), "personal_codes", ["code_digest"], unique=False)
    op.create_index(op.f("ix_personal_codes_holder_pk"), "personal_codes", ["holder_pk"], unique=False)


def _consents() -> None:
    """What holders were told, and agreed to."""
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("text_version", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_holder_id"), "consents", ["holder_id"], unique=False)


def _portraits() -> None:
    """Portraits and their pictures."""
    op.create_table(
        "portraits",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("crop", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_portraits")),
        sa.UniqueConstraint("id", name=op.f("uq_portraits_id")),
    )
    op.create_index(op.f("ix_portraits_holder_id"), "portraits", ["holder_id"], unique=False)
    op.create_table(
        "portrait_layers",
        sa.Column("portrait_pk", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["portrait_pk"], ["portraits.pk"], name=op.f("fk_portrait_layers_portrait_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("portrait_pk", "kind", name=op.f("pk_portrait_layers")),
    )


def _portrait_reviews() -> None:
    """What was decided about portraits that came in with others."""
    op.create_table(
        "portrait_reviews",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("portrait_id", sa.String(length=64), nullable=True),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_portrait_reviews")),
    )
    op.create_index(op.f("ix_portrait_reviews_holder_id"), "portrait_reviews", ["holder_id"], unique=False)
    op.create_index(op.f("ix_portrait_reviews_digest"), "portrait_reviews", ["digest"], unique=False)


def _blanks() -> None:
    """Plastic that is no card yet, or never will be."""
    op.create_table(
        "blanks",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=True),
        sa.Column("serial_number", sa.String(length=64), nullable=True),
        sa.Column("issuance_id", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blanks")),
    )
    op.create_index(op.f("ix_blanks_state"), "blanks", ["state"], unique=False)


def _print_room() -> None:
    """The ledger of blanks, and what was done to printers."""
    op.create_table(
        "stock_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_serial", sa.String(length=64), nullable=True),
        sa.Column("last_serial", sa.String(length=64), nullable=True),
        sa.Column("pile", sa.String(length=32), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_stock_entries_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_entries")),
    )
    op.create_table(
        "printer_care",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("printer", sa.String(length=255), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer_care")),
    )
    op.create_index(op.f("ix_printer_care_printer"), "printer_care", ["printer"], unique=False)


def _issuances() -> None:
    """Cards being made."""
    op.create_table(
        "issuances",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=64), nullable=False),
        sa.Column("escn", sa.String(length=36), nullable=True),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("layout", sa.String(length=255), nullable=False),
        sa.Column("chip_profile", sa.String(length=255), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("pending", sa.String(length=32), nullable=True),
        sa.Column("doubt", sa.Boolean(), nullable=False),
        sa.Column("portrait_id", sa.String(length=64), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=True),
        sa.Column("card_type", sa.String(length=32), nullable=False),
        sa.Column("apdus", sa.Integer(), nullable=False),
        sa.Column("key_versions", sa.Text(), nullable=False),
        sa.Column("job", sa.String(length=255), nullable=False),
        sa.Column("printer", sa.String(length=255), nullable=False),
        sa.Column("prints", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("layout_digest", sa.String(length=64), nullable=False),
        sa.Column("issued_on", sa.String(length=10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("entries > 0", name=op.f("ck_issuances_entries")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_issuances")),
        sa.UniqueConstraint("escn", name=op.f("uq_issuances_escn")),
        sa.UniqueConstraint("id", name=op.f("uq_issuances_id")),
    )
    op.create_index(op.f("ix_issuances_holder_id"), "issuances", ["holder_id"], unique=False)
    op.create_index(
        op.f("ix_issuances_open"),
        "issuances",
        ["pk"],
        unique=False,
        sqlite_where=sa.text("NOT closed"),
        postgresql_where=sa.text("NOT closed"),
    )
    op.create_index(op.f("ix_issuances_uid"), "issuances", ["uid"], unique=False)
    op.create_index(
        op.f("uq_issuances_open_uid"),
        "issuances",
        ["uid"],
        unique=True,
        sqlite_where=sa.text("uid IS NOT NULL AND NOT closed"),
        postgresql_where=sa.text("uid IS NOT NULL AND NOT closed"),
    )


def _journal() -> None:
    """What happened to each of them."""
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuance_id", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_journal_sequence")),
        sa.ForeignKeyConstraint(["issuance_id"], ["issuances.id"], name=op.f("fk_journal_issuance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("issuance_id", "sequence", name=op.f("uq_journal_issuance_id_sequence")),
    )
    op.create_index(op.f("ix_journal_at"), "journal", ["at"], unique=False)


def _cards() -> None:
    """Cards, as they stand now."""
    op.create_table(
        "cards",
        sa.Column("pk", sa.Integer(), nullable=False),
        sa.Column("escn", sa.String(length=36), nullable=False),
        sa.Column("holder_id", sa.String(length=64), nullable=False),
        sa.Column("institution", sa.String(length=64), nullable=False),
        sa.Column("issuance_id", sa.String(length=64), nullable=False),
        sa.Column("scheme", sa.String(length=32), nullable=False),
        sa.Column("card_type", sa.String(length=32), nullable=False),
        sa.Column("layout", sa.String(length=255), nullable=False),
        sa.Column("chip_profile", sa.String(length=255), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=True),
        sa.Column("serial_number", sa.String(length=64), nullable=True),
        sa.Column("portrait_id", sa.String(length=64), nullable=True),
        sa.Column("key_versions", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("registration", sa.String(length=32), nullable=False),
        sa.Column("layout_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["issuance_id"], ["issuances.id"], name=op.f("fk_cards_issuance_id")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_cards")),
        sa.UniqueConstraint("escn", name=op.f("uq_cards_escn")),
        sa.UniqueConstraint("issuance_id", name=op.f("uq_cards_issuance_id")),
    )
    op.create_index(op.f("ix_cards_holder_id"), "cards", ["holder_id"], unique=False)
    op.create_index(op.f("ix_cards_issued_at"), "cards", ["issued_at"], unique=False)
    op.create_index(op.f("ix_cards_uid"), "cards", ["uid"], unique=False)
    # Those who were handed a card that the router doesn't know yet: few, among many.
    op.create_index(
        op.f("ix_cards_untold"),
        "cards",
        ["pk"],
        unique=False,
        sqlite_where=sa.text("registration IN ('queued', 'parked')"),
        postgresql_where=sa.text("registration IN ('queued', 'parked')"),
    )
    op.create_index(
        op.f("uq_cards_active"),
        "cards",
        ["holder_id", "scheme"],
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    )


def _card_states() -> None:
    """How each card stood when, and who said so."""
    op.create_table(
        "card_states",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escn", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(length=255), nullable=False),
        sa.Column("station", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["escn"], ["cards.escn"], name=op.f("fk_card_states_escn")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_states")),
    )
    op.create_index(op.f("ix_card_states_escn"), "card_states", ["escn"], unique=False)


def _outbox() -> None:
    """What is still to be told."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=False),
        sa.Column("order_digest", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("escn", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer", sa.Text(), nullable=False),
        sa.Column("last_params", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("router_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_outbox_key_digest")),
    )
    op.create_index(op.f("ix_outbox_escn"), "outbox", ["escn"], unique=False)
    # Also of what is done: whoever adds an entry looks for the person's last one.
    op.create_index(op.f("ix_outbox_order"), "outbox", ["lane", "order_digest", "sequence"], unique=False)
    # What goes out at once lies in it in the order in which it came; what is put off, by its time.
    op.create_index(
        op.f("ix_outbox_waiting"),
        "outbox",
        ["lane", "next_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(op.f("ix_outbox_state_created_at"), "outbox", ["state", "created_at"], unique=False)
    op.create_index(
        op.f("ix_outbox_told_cards"),
        "outbox",
        ["done_at"],
        unique=False,
        sqlite_where=sa.text("kind = 'card' AND done_at IS NOT NULL"),
        postgresql_where=sa.text("kind = 'card' AND done_at IS NOT NULL"),
    )
