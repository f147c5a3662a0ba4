"""What only a database server can do to a station: be away, be read-only, be used by several stations at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from station.adapters.store import InstitutionRecord, open_store
from station.adapters.store.schema import METADATA
from station.domain.errors import StoreConflictError, StoreError, StoreNewerError, StoreReadOnlyError, StoreRefusedError
from station.domain.workflow import EncodeBegun, PortraitTaken
from tests.helpers.postgres import PostgresServer, running_postgres
from tests.helpers.scribe import PIC, Scribe, keep, row
from tests.helpers.stores import in_threads, names, portrait

pytestmark = pytest.mark.bench_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as started:
        yield started


@pytest.fixture
def address(server: PostgresServer) -> str:
    return server.url(server.new_database())


def execute(address: str, *statements: str) -> None:
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with closing(engine.connect()) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_migrations_make_on_postgresql_what_is_declared(address: str) -> None:
    open_store(address).close()
    engine = create_engine(address)
    with closing(engine.connect()) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_stations_that_start_at_once_make_the_tables_once(address: str) -> None:
    mine = InstitutionRecord("rtu", "RTU", PIC, "rtu.lv", "LV", 1)

    def start(name: str) -> None:
        with closing(open_store(address, station=name)) as store:
            store.keep_institutions([mine])

    assert in_threads(*(lambda n=n: start(f"Desk {n}") for n in range(4))) == []
    with closing(open_store(address)) as store:
        assert store.institutions() == (mine,)


def test_several_stations_work_on_one_store(address: str) -> None:
    with closing(open_store(address, station="Desk 1")) as one, closing(open_store(address, station="Desk 2")) as two:
        keep(one, row("1"))
        assert names(two, "berz") == ["Jānis Bērziņš"]
        here = Scribe(one, uid="04AA", holder_id="id-1").until(PortraitTaken)
        there = Scribe(two, uid="04AA", holder_id="id-2").until(PortraitTaken)
        here.tell(EncodeBegun("04AA", "reader"))
        with pytest.raises(StoreConflictError) as caught:
            there.tell(EncodeBegun("04AA", "reader"))
        assert caught.value.params["constraint"] == "uid"
        late = replace(here.change(EncodeBegun("04AA", "reader")), entry=two.issuances.journal(here.issuance.id)[-1])
        with pytest.raises(StoreConflictError) as conflict:
            two.issuances.record(late)
        assert conflict.value.params["constraint"] == "sequence"
        assert {i.id for i in one.issuances.open_issuances()} == {here.issuance.id, there.issuance.id}


def test_a_newer_store_is_not_touched(address: str) -> None:
    open_store(address).close()
    execute(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreNewerError):
        open_store(address)


def test_a_store_that_may_only_be_read_says_so(server: PostgresServer, address: str) -> None:
    open_store(address).close()
    name = address.rsplit("/", 1)[1]
    execute(address, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    with pytest.raises(StoreReadOnlyError):
        open_store(address)


def test_a_server_that_is_not_there_is_named_without_a_password(server: PostgresServer) -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql+psycopg://station:secret@127.0.0.1:1/store")
    assert "doesn't answer" in str(caught.value)
    assert "secret" not in f"{caught.value} {caught.value.params}"


def test_who_is_not_let_in_is_told_what_to_check(server: PostgresServer, address: str) -> None:
    for url in (server.url("nowhere"), address.replace("postgres@", "nobody@")):
        with pytest.raises(StoreRefusedError, match=r"does not exist.*Ask IT to check the user, the password"):
            open_store(url)


def test_a_station_goes_on_when_the_server_has_cut_its_connections(server: PostgresServer, address: str) -> None:
    with closing(open_store(address)) as store:
        store.portraits.add(portrait("a"))
        execute(
            server.url("postgres"),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'store%%'",
        )
        store.portraits.add(portrait("b"))
        assert store.portraits.get("a") == portrait("a")


def test_what_a_desk_that_is_gone_has_locked_is_freed_by_the_server(address: str) -> None:
    with closing(open_store(address)) as store:
        for door in (store.database.read, store.database.write):
            with door() as connection:
                asked = ("idle_in_transaction_session_timeout", "tcp_keepalives_idle")
                assert [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in asked] == ["1min", "10"]
