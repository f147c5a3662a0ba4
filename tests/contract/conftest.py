"""Fixtures of the contract suites that need one of each kind of a port's implementations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from station.adapters.store import SqlStore, open_store
from station.ports.store import Store
from tests.helpers.postgres import PostgresServer, running_postgres
from tests.helpers.stores import KINDS, Maker, Reopen


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL server, or skip."""
    with running_postgres() as server:
        yield server


@pytest.fixture(
    scope="session",
    params=[pytest.param(k, marks=[pytest.mark.bench_postgres] if "postgresql" in k else []) for k in KINDS],
)
def maker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Give a maker of each kind of store."""
    server = request.getfixturevalue("postgres") if "postgresql" in request.param else None
    return Maker(request.param, tmp_path_factory.mktemp("stores"), server)


@pytest.fixture
def reopen(maker: Maker) -> Iterator[Reopen]:
    """Give a function that opens the test's store, closing it first when it was open."""
    with ExitStack() as stack:
        address = maker.address(stack)
        is_open: list[SqlStore] = []

        def again() -> SqlStore:
            for store in is_open:
                store.close()
            is_open[:] = [open_store(address, cipher=maker.cipher, station="Desk 1")]
            stack.callback(is_open[0].close)
            return is_open[0]

        yield again


@pytest.fixture
def store(reopen: Reopen) -> SqlStore:
    """Give an empty store."""
    made = reopen()
    _: Store = made  # the type checker's word that it implements the port
    return made
