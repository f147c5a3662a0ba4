"""The software's own share of a card: everything but the devices' times and the person's."""

from __future__ import annotations

from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from station.ports.register import RegisterRow
from tests.helpers.desks import NOW, a_holder, a_portrait, never, open_test_desk, quiet


def test_software_share_of_a_card(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Begin, portrait, encode on the software card, render and read back, print without waiting, verify, hand over."""
    with open_test_desk(tmp_path) as bench:
        holders = bench.desk.store.holders
        people = [a_holder(f"09{n:04d}", "Anna", f"Kalniņa-{n}") for n in range(200)]
        holders.apply_import(holders.plan_import([RegisterRow(p) for p in people], "bench"), "bench", NOW)
        waiting = iter(people)
        desk = bench.desk

        def one_card() -> None:
            issuance = desk.begin(next(waiting))
            issuance = desk.accept_portrait(issuance, a_portrait(issuance.holder_id))
            issuance = desk.encode(issuance, cancel=never(), progress=quiet)
            card = desk.render(issuance)
            issuance = desk.printing.print_card(issuance.id, card, cancel=never(), progress=quiet)
            desk.issuances.hand_over(desk.verify(issuance, cancel=never()).id)

        benchmark.pedantic(one_card, rounds=30, iterations=1, warmup_rounds=2)
