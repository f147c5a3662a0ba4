"""Which printer is the best for a card: its kind before anything, then a free one, then the one with least to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.adapters.printer_lock import NoLock
from station.domain.card import CardScheme
from station.domain.workflow import PrintBegun
from station.services.printer_ranking import PoolMember, Ranking, able
from station.settings import PrinterPart
from tests.helpers.desks import TestDesk, open_test_desk

SECOND = PrinterPart(driver="virtual", queue="Second", seconds_a_card=0.0)
STAFF = frozenset({CardScheme.STAFF})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[TestDesk]:
    with open_test_desk(tmp_path / "desk", more_printers=(SECOND,)) as opened:
        yield opened


def ranking(bench: TestDesk, *, second_prints: frozenset[CardScheme] = frozenset()) -> tuple[Ranking, str, str]:
    first, second = bench.desk.printers
    members = (PoolMember(first, NoLock()), PoolMember(second, NoLock(), second_prints))
    return Ranking(bench.desk.journal, members), first.name, second.name


def test_the_one_with_least_to_do_comes_first(bench: TestDesk) -> None:
    ranked, first, second = ranking(bench)
    issuance = bench.encoded()
    may = ranked.may(issuance, bench.desk.render(issuance))
    assert ranked.best(issuance, may) == first
    ranked.given[first] += 1
    assert ranked.best(issuance, may) == second


def test_a_printer_for_one_kind_alone_is_first_for_it_and_gets_no_other(bench: TestDesk) -> None:
    ranked, first, second = ranking(bench, second_prints=STAFF)
    assert ranked.next_printers([CardScheme.STAFF, CardScheme.ESC]) == {CardScheme.STAFF: second, CardScheme.ESC: first}
    issuance = bench.encoded()
    assert [m.printer.name for m in ranked.may(issuance, bench.desk.render(issuance))] == [first]


def test_nobody_spares_who_is_dead_or_has_anothers_card(bench: TestDesk) -> None:
    ranked, first, second = ranking(bench)
    issuance = bench.encoded(bench.liga)
    card = bench.desk.render(issuance)
    assert ranked.spare(issuance, card, [first]) == second
    other = bench.encoded(bench.martins)
    bench.desk.journal.step(other, PrintBegun("job-1", second, None))
    assert ranked.spare(issuance, card, [first]) is None
    assert [each.holds for each in ranked.standings()] == [False, True]
    bench.dial.set("printer", "off")
    assert not able(bench.desk.printers[0])
    assert ranked.spare(issuance, card, [second]) is None


def test_what_is_heard_last_of_a_printer_counts(bench: TestDesk) -> None:
    ranked, first, _second = ranking(bench)
    printer = bench.desk.printers[0]
    bench.dial.set("printer", "cover-open")
    ranked.heard(printer.status())
    assert (ranked.well, ranked.unwell) == (set(), {first})
    bench.dial.clear("printer")
    ranked.heard(printer.status())
    assert (ranked.well, ranked.unwell) == ({first}, set())
