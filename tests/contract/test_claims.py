"""What claims must do, of one station and of several on a server's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import make_url

from station.adapters.claims import OwnClaims, PostgresClaims
from station.ports.claims import Claims, Standing, draining, serving
from tests.helpers.patience import until
from tests.helpers.postgres import PostgresServer

STUDENT = serving("id-1")
Desk = Callable[[str], Claims]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.bench_postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def claims(kind: str, request: pytest.FixtureRequest) -> Iterator[Claims]:
    """Give the claims of one station."""
    if kind == "sqlite":
        yield OwnClaims()
        return
    with Shared(request.getfixturevalue("postgres")) as desk:
        yield desk("Desk 1")


class Shared:
    """A database of its own for the desks that share it."""

    def __init__(self, server: PostgresServer) -> None:
        self._server, self._closing = server, ExitStack()

    def __enter__(self) -> Desk:
        name = self._server.new_database()
        self._closing.callback(self._server.drop, name)

        def desk(station: str) -> Claims:
            made = PostgresClaims(make_url(self._server.url(name)), station)
            self._closing.callback(made.close)
            return made

        return desk

    def __exit__(self, *_: object) -> None:
        self._closing.close()


@pytest.fixture
def desk(postgres: PostgresServer) -> Iterator[Desk]:
    """Give a function that opens a desk on one and the same database."""
    with Shared(postgres) as opened:
        yield opened


def test_what_is_taken_is_ours_until_it_was_let_go_as_often(claims: Claims) -> None:
    assert claims.standing(STUDENT) is Standing.FREE
    for _ in range(2):
        assert claims.take(STUDENT) is Standing.OURS
    claims.let_go(STUDENT)
    assert claims.standing(STUDENT) is Standing.OURS
    claims.let_go(STUDENT)
    assert claims.standing(STUDENT) is Standing.FREE


def test_letting_go_what_was_never_taken_does_nothing(claims: Claims) -> None:
    claims.let_go(STUDENT)
    assert claims.take(STUDENT) is Standing.OURS


def test_things_do_not_get_in_each_others_way(claims: Claims) -> None:
    for what in (STUDENT, serving("id-2"), draining("id-1")):
        assert claims.standing(what) is Standing.FREE
        assert claims.take(what) is Standing.OURS


def test_nobody_is_the_owner_of_what_is_ours_or_free(claims: Claims) -> None:
    assert claims.owner(STUDENT) == ""
    claims.take(STUDENT)
    assert claims.owner(STUDENT) == ""


def test_closed_claims_are_free(claims: Claims) -> None:
    claims.take(STUDENT)
    claims.close()
    assert claims.standing(STUDENT) is not Standing.OURS


@pytest.mark.bench_postgres
@pytest.mark.parametrize("name", ["Desk 3", "3. galds, Āgenskalns", "стіл № 3 / 100 %", 'O\'Neill \\ "x"'])
def test_a_student_is_served_at_one_desk_and_the_other_knows_where(desk: Desk, name: str) -> None:
    here, there = desk("Desk 1"), desk(name)
    assert there.take(STUDENT) is Standing.OURS
    assert here.standing(STUDENT) is Standing.ANOTHERS
    assert here.take(STUDENT) is Standing.ANOTHERS
    assert here.owner(STUDENT) == name
    there.let_go(STUDENT)
    assert here.standing(STUDENT) is Standing.FREE
    assert here.take(STUDENT) is Standing.OURS
    assert there.owner(STUDENT) == "Desk 1"


@pytest.mark.bench_postgres
def test_of_a_very_long_name_the_beginning_is_known(desk: Desk) -> None:
    name = "Ļoti garš galda nosaukums " * 9
    desk(name).take(STUDENT)
    seen = desk("Desk 1").owner(STUDENT)
    assert len(seen) > 20
    assert name.startswith(seen)


@pytest.mark.bench_postgres
def test_what_a_desk_that_is_gone_had_is_free(desk: Desk) -> None:
    here, there = desk("Desk 1"), desk("Desk 2")
    there.take(STUDENT)
    there.close()
    until(lambda: here.take(STUDENT) is Standing.OURS)  # the server hears of it a moment later


@pytest.mark.bench_postgres
def test_a_claim_that_was_refused_takes_nothing(desk: Desk) -> None:
    here, there = desk("Desk 1"), desk("Desk 2")
    there.take(STUDENT)
    assert here.take(STUDENT) is Standing.ANOTHERS
    there.let_go(STUDENT)
    assert here.standing(STUDENT) is Standing.FREE
