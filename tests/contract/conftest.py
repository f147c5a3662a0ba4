"""Fixtures of the contract suites that need one of each kind of a port's implementations."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack

import pytest

from station.adapters.store import SqlStore
from station.domain.errors import StoreAwayError
from station.ports.store import Store
from tests.helpers.postgres import PostgresServer, running_postgres
from tests.helpers.stores import KINDS, Maker, Reopen

ALONE = {
    # Nothing is told while a desk is alone: see the module's docstring.
    "test_pages_hold_whole_queues_and_follow_each_other": "it gives out no queue",
    "test_a_page_leaves_out_who_can_not_go_and_begins_with_what_was_put_off": "it gives out no queue",
    "test_entries_are_added_behind_what_waits_for_the_same_person": "it gives out no queue",
    "test_behind_a_parked_picture_others_go_out": "it gives out no queue",
    "test_due_is_the_first_of_each_person": "it gives out no queue",
    "test_entries_go_out_in_order_and_a_bad_one_blocks_nobody_else": "it gives out no queue",
    "test_a_second_card_of_a_person_goes_out_after_the_first": "it gives out no queue",
    "test_a_hundred_bad_entries_hide_no_good_one": "it gives out no queue",
    "test_of_what_somebody_withdrew_meanwhile_nothing_is_written_and_it_is_told": "it may be in the shared queue",
    "test_an_entry_that_is_not_there_cannot_be_updated": "it may be in the shared queue",
    "test_number_values_only_grow": "its numbers lie apart from those of others",
    "test_threads_never_get_the_same_number_value": "its numbers lie apart from those of others",
}
"""What a desk that is alone does in another way on purpose; its own tests say what it does."""


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Skip what is otherwise with a desk that is alone."""
    alone = "desk alone" in pyfuncitem.name
    if "[desk" in pyfuncitem.name and pyfuncitem.originalname == "test_a_right_of_a_newer_program_is_none_here":
        pytest.skip("it writes past the store, into one database; a desk has two")
    if alone and pyfuncitem.originalname in ALONE:
        pytest.skip(f"a desk that is alone: {ALONE[pyfuncitem.originalname]}")
    try:
        return (yield)
    except StoreAwayError as error:
        if alone and "can't be done without it" in error.what:
            pytest.skip("a desk that is alone: this needs the shared database")
        raise


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
            is_open[:] = [maker.open(address)]
            stack.callback(is_open[0].close)
            return is_open[0]

        yield again


@pytest.fixture
def store(reopen: Reopen) -> SqlStore:
    """Give an empty store."""
    made = reopen()
    _: Store = made  # the type checker's word that it implements the port
    return made
