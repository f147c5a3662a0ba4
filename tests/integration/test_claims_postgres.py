"""Claims when things die: the station that has one, the server that keeps them, the network in between."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import make_url

from station.adapters.claims import PostgresClaims
from station.ports.claims import Standing, draining, serving
from tests.helpers.patience import until
from tests.helpers.postgres import PostgresServer, running_postgres

pytestmark = pytest.mark.bench_postgres
STUDENT = serving("id-1")
HOLDER = """
import sys
from sqlalchemy import make_url
from station.adapters.claims import PostgresClaims
claims = PostgresClaims(make_url(sys.argv[1]), sys.argv[2])
print(claims.take(sys.argv[3]).name, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as started:
        yield started


@pytest.fixture
def desk(server: PostgresServer) -> Iterator[Callable[[str], PostgresClaims]]:
    """Give a function that opens a desk's claims on one and the same database."""
    with ExitStack() as closing:
        url = make_url(server.url(server.new_database()))

        def opened(name: str) -> PostgresClaims:
            claims = PostgresClaims(url, name)
            closing.callback(claims.close)
            return claims

        yield opened


def test_what_a_killed_station_had_is_free_for_the_next(server: PostgresServer) -> None:
    address = server.url(server.new_database())
    here = PostgresClaims(make_url(address), "Desk 1")
    for what in (STUDENT, draining("uploads")):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, address, "Desk 3", what],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "OURS\n"
            assert here.take(what) is Standing.ANOTHERS
            assert here.owner(what) == "Desk 3"
            process.kill()
        until(lambda what=what: here.take(what) is Standing.OURS)  # type: ignore[misc]  # bound, not asked
    here.close()


def test_after_the_server_was_killed_every_desk_has_what_it_had(
    server: PostgresServer, desk: Callable[[str], PostgresClaims]
) -> None:
    here, there = desk("Desk 1"), desk("Desk 2")
    assert here.take(STUDENT) is Standing.OURS
    assert there.take(draining("uploads")) is Standing.OURS
    server.kill()
    until(lambda: here.standing(STUDENT) is Standing.UNKNOWN)
    assert here.take(serving("id-2")) is Standing.UNKNOWN
    assert here.owner(STUDENT) == ""
    server.start_again()
    until(lambda: here.standing(STUDENT) is Standing.OURS)
    until(lambda: there.standing(draining("uploads")) is Standing.OURS)
    assert there.standing(STUDENT) is Standing.ANOTHERS
    assert there.standing(serving("id-2")) is Standing.ANOTHERS, "what was asked for meanwhile is claimed, too"
    assert here.take(draining("uploads")) is Standing.ANOTHERS


def test_a_claim_that_somebody_else_has_after_an_interruption_is_lost_and_comes_back(
    server: PostgresServer, desk: Callable[[str], PostgresClaims]
) -> None:
    here, there = desk("Desk 1"), desk("Desk 2")
    assert here.take(STUDENT) is Standing.OURS
    server.cut_off("Desk 1")
    until(lambda: there.take(STUDENT) is Standing.OURS)
    assert here.standing(STUDENT) is Standing.ANOTHERS
    assert here.owner(STUDENT) == "Desk 2"
    there.let_go(STUDENT)
    assert here.standing(STUDENT) is Standing.OURS


def test_a_session_that_was_cut_is_made_anew_without_anybody_noticing(
    server: PostgresServer, desk: Callable[[str], PostgresClaims]
) -> None:
    here, there = desk("Desk 1"), desk("Desk 2")
    assert here.take(STUDENT) is Standing.OURS
    server.cut_off("Desk 1")
    until(lambda: there.standing(STUDENT) is Standing.FREE)
    assert here.standing(STUDENT) is Standing.OURS
    assert there.standing(STUDENT) is Standing.ANOTHERS
