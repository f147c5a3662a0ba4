"""Who was corrected in the register is told to ESC-Router anew: once a change, and nobody who does not want it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from station.domain.card import Card, CardScheme, Registration
from station.domain.holder import Holder, Identifier, IdentifierKind
from station.domain.outbox import OutboxKind
from station.ports.register import RegisterRow
from station.services.lifecycle import Lifecycle
from station.services.register_import import PIECE, pieces
from tests.helpers.desks import TestDesk, never
from tests.helpers.finished_cards import NOW, POLICY, a_card, a_student
from tests.helpers.lives import life_of
from tests.helpers.router_bench import RouterBench
from tests.helpers.sandbox import PIC

_numbers = itertools.count(9100)


@pytest.fixture
def bench(router_bench: RouterBench) -> RouterBench:
    return router_bench


@pytest.fixture
def student() -> Holder:
    return a_student(next(_numbers))


@pytest.fixture
def card(bench: RouterBench, student: Holder) -> Card:
    bench.desk.know(student)
    card = bench.desk.finish(student)
    bench.work()
    return card


@pytest.fixture
def life(bench: RouterBench, tmp_path: Path) -> Lifecycle:
    return life_of(bench, tmp_path)


def bring(bench: RouterBench, *people: Holder) -> int:
    """Import people as a desk does; return how many entries that puts into the queue."""
    bench.clock.pass_time(1.0)
    store, now, queued = bench.desk.store, bench.clock.now(), 0
    plan = store.holders.plan_import([RegisterRow(each) for each in people], "test")
    for piece, outbox in pieces(store, plan, lambda _institution: POLICY, now):
        store.holders.apply_import(piece, "test", now, outbox)
        queued += len(outbox)
    bench.worker.records_changed()
    return queued


def known_as(bench: RouterBench, student: Holder) -> tuple[str, str | None]:
    assert student.esi
    found = bench.router.person(student.esi, pic=PIC)
    return found.full_name, found.email


def test_a_corrected_name_reaches_the_router_by_itself(bench: RouterBench, student: Holder, card: Card) -> None:
    married = replace(student, family_name="Kalniņa")
    assert bring(bench, married) == 1
    report = bench.work()
    assert (report.sent, report.parked) == (1, 0)
    assert known_as(bench, student)[0] == "Žanete Kalniņa"
    assert bench.registration(card) is Registration.REGISTERED


def test_each_change_is_told_once(bench: RouterBench, student: Holder, card: Card) -> None:
    other = replace(student, email="other@example.lv")
    assert [bring(bench, other), bring(bench, other), bring(bench, student), bring(bench, student)] == [1, 0, 1, 0]
    assert bench.work().sent == 2
    assert known_as(bench, student)[1] == student.email


def test_what_the_router_is_not_told_tells_it_nothing(bench: RouterBench, student: Holder, card: Card) -> None:
    assert bring(bench, replace(student, photo="photos/1.jpg")) == 0
    longer = tuple(replace(each, ends_on=date(2031, 6, 30)) for each in student.enrolments)
    assert bring(bench, replace(student, enrolments=longer)) == 0


def test_of_a_card_that_waits_the_name_goes_after_it(bench: RouterBench, student: Holder) -> None:
    bench.desk.know(student)
    card = bench.desk.finish(student)
    assert bring(bench, replace(student, family_name="Kalniņa")) == 1
    assert bench.work().sent == 3
    assert known_as(bench, student)[0] == "Žanete Kalniņa"
    assert bench.registration(card) is Registration.REGISTERED


def test_a_person_who_is_parked_is_corrected_in_place(bench: RouterBench, student: Holder) -> None:
    bench.desk.know(replace(student, email="wrong"))
    bench.desk.finish(replace(student, email="wrong"))
    assert bench.work().parked == 1
    assert bring(bench, student) == 0
    assert bench.work().sent == 2
    assert known_as(bench, student)[1] == student.email


def test_a_correction_that_is_refused_is_parked_and_the_card_stays(
    bench: RouterBench, student: Holder, card: Card
) -> None:
    assert bring(bench, replace(student, email="no address")) == 1
    assert bench.work().parked == 1
    assert bench.registration(card) is Registration.REGISTERED
    bring(bench, student)
    bench.work()
    assert known_as(bench, student)[1] == student.email


def test_nothing_is_told_of_who_withdrew(bench: RouterBench, student: Holder, card: Card, life: Lifecycle) -> None:
    life.withdraw_consent(student)
    assert bring(bench, replace(student, family_name="Kalniņa")) == 0
    life.agree_again(student)
    assert bring(bench, replace(student, family_name="Liepa")) == 1


def test_who_withdraws_while_it_is_imported_is_not_told_of(
    bench: RouterBench, student: Holder, card: Card, life: Lifecycle
) -> None:
    store, married = bench.desk.store, replace(student, family_name="Kalniņa")
    plan = store.holders.plan_import([RegisterRow(married)], "test")
    (_first, _none), (piece, outbox) = pieces(store, plan, lambda _institution: POLICY, NOW)
    assert len(outbox) == 1
    life.withdraw_consent(student)
    assert store.holders.apply_import(piece, "test", NOW, outbox) == 1
    waits = store.outbox.entries()
    assert not [each for each in waits if each.kind is OutboxKind.PERSON]
    found = store.holders.get(student.id)
    assert found is not None
    assert found.family_name == "Kalniņa"


def test_nothing_is_told_once_every_card_has_ended(
    bench: RouterBench, student: Holder, card: Card, life: Lifecycle
) -> None:
    life.block(card.escn)
    assert bring(bench, replace(student, family_name="Kalniņa")) == 1, "a blocked card may come back"
    life.unblock(card.escn)
    life.revoke(card.escn)
    assert bring(bench, student) == 0


def test_an_expired_card_and_one_for_staff_tell_nothing(bench: RouterBench, student: Holder) -> None:
    bench.desk.know(student)
    bench.desk.record(replace(a_card(student), expires_on=NOW.date().replace(year=2025)), student)
    bench.desk.record(a_card(student, scheme=CardScheme.STAFF), student)
    assert bring(bench, replace(student, family_name="Kalniņa")) == 0


def test_another_identifier_is_another_person_there(bench: RouterBench, student: Holder, card: Card) -> None:
    code = "urn:schac:personalUniqueCode:int:esi:lv:another"
    esi = (Identifier(IdentifierKind.ESI, code, "register", preferred=True),)
    assert bring(bench, replace(student, family_name="Kalniņa", identifiers=esi)) == 0


def test_many_corrections_are_written_in_pieces(bench: RouterBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.services.register_import.PIECE", 2)
    people = [a_student(next(_numbers)) for _ in range(5)]
    bench.desk.know(*people)
    for each in people:
        bench.desk.finish(each)
    new = a_student(next(_numbers))
    rows = [RegisterRow(replace(each, email="x@example.lv")) for each in people]
    plan = bench.desk.store.holders.plan_import([*rows, RegisterRow(new)], "test")
    made = list(pieces(bench.desk.store, plan, lambda _institution: POLICY, NOW))
    assert [(len(p.new), len(p.changed), len(outbox)) for p, outbox in made] == [
        (1, 0, 0), (0, 2, 2), (0, 2, 2), (0, 1, 1)
    ]  # fmt: skip
    assert PIECE >= 100, "each piece costs a wait for the disk"


def test_a_desk_that_imports_tells_it(bench_of_desk: TestDesk) -> None:
    desk, liga = bench_of_desk.desk, bench_of_desk.liga
    desk.issuances.hand_over(bench_of_desk.verified().id)
    row = RegisterRow(replace(liga, family_name="Kalniņa"))
    plan = desk.store.holders.plan_import([row], "test")
    before = desk.store.outbox.summary().waiting
    assert desk.import_register(plan, "test") == 1
    assert desk.store.outbox.summary().waiting == before + 1
    desk.outbox.run_once(never())


@pytest.fixture(name="bench_of_desk")
def _bench_of_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestDesk]:
    from tests.helpers.desks import open_test_desk

    with open_test_desk(tmp_path / "desk") as opened:
        yield opened
