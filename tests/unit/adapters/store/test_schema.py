"""The tables that migrations make are those that the program declares, and kept stores of every version open."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Table, create_engine, inspect

from station.adapters.store import migrating, open_store, schema
from station.adapters.store.migrating import upgrade
from station.domain.card import Blank, Card
from station.domain.outbox import OutboxEntry
from station.domain.workflow import Issuance
from tests.helpers.store_fixture import check, cipher_for, unpacked, versions

SCRIPTS = ScriptDirectory(str(Path(migrating.__file__).with_name("migrations")))


def is_ours(name: str | None, kind: str, _parents: Mapping[str, str | None]) -> bool:
    """Leave out the full-text table, which only SQLite has."""
    return not (kind == "table" and str(name).startswith("holder_search"))


def test_migrations_from_nothing_make_what_is_declared() -> None:
    engine = create_engine("sqlite://")
    with closing(engine.connect()) as connection:
        upgrade(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
        assert compare_metadata(context, schema.METADATA) == []
        for table in schema.METADATA.sorted_tables:
            declared = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            assert {c["name"] for c in inspect(connection).get_check_constraints(table.name)} == declared
    engine.dispose()


def test_the_program_knows_every_revision_and_which_is_the_last() -> None:
    revisions = [script.revision for script in SCRIPTS.walk_revisions()]
    assert tuple(reversed(revisions)) == schema.REVISIONS
    assert SCRIPTS.get_current_head() == schema.SCHEMA_HEAD


@pytest.mark.parametrize(
    ("value", "table"),
    [(Issuance, schema.ISSUANCES), (Card, schema.CARDS), (Blank, schema.BLANKS), (OutboxEntry, schema.OUTBOX)],
)
def test_every_field_of_the_domain_has_a_column(value: type[Any], table: Table) -> None:
    assert {field.name for field in fields(value)} <= set(table.columns.keys())


@pytest.mark.parametrize("packed", versions(), ids=lambda path: path.stem)
def test_a_store_of_every_version_opens_whole(packed: Path, tmp_path: Path) -> None:
    path = unpacked(packed, tmp_path)
    for _ in range(2):  # the second time nothing is left to bring up to date
        with closing(open_store(path, cipher=cipher_for(packed), station="Desk 2")) as store:
            check(store)


def test_the_last_version_is_among_them() -> None:
    kept = {path.name for path in versions()}
    assert {f"{schema.SCHEMA_HEAD}-{kind}.db.xz" for kind in ("plain", "encrypted")} <= kept
