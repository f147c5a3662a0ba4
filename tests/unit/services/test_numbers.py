"""Numbers grow, across restarts and threads, and are never given twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from station.domain.escn import parse_escn
from station.services.numbers import EscnIssuer, same_prefix
from tests.helpers.desks import open_test_desk


class FakeClock:
    """A clock that stands still, or is set back."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


def test_numbers_grow_across_restarts_even_when_the_clock_is_set_back(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 9, 1, 8, tzinfo=UTC))
    seen = []
    for year in (2026, 2024, 2026):
        clock.at = clock.at.replace(year=year)
        with open_test_desk(tmp_path) as bench:
            issuer = EscnIssuer(bench.desk.store.escns, clock, prefix=5, pic="999000001", random_bits=lambda n: 1)
            seen += [parse_escn(issuer.take()).value for _ in range(3)]
    assert seen == sorted(set(seen))


def test_many_threads_get_different_numbers(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 9, 1, 8, tzinfo=UTC))
    with open_test_desk(tmp_path) as bench:
        issuers = [
            EscnIssuer(bench.desk.store.escns, clock, prefix=5, pic="999000001", random_bits=lambda n: 1)
            for _ in range(2)
        ]
        seen: list[str] = []
        threads = [threading.Thread(target=lambda i=i: seen.extend(i.take() for _ in range(10))) for i in issuers * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(seen)) == 40


def test_who_else_gives_out_numbers_of_a_prefix_is_found(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as bench:
        desk = bench.desk
        number = parse_escn(bench.portrayed().escn)
        ours, other = [(number.pic, number.prefix)], [(number.pic, number.prefix + 1)]
        issuances, name = desk.store.issuances, desk.settings.station.name
        assert same_prefix(issuances, name, ours) == (), "it is this station itself"
        assert same_prefix(issuances, "Another desk", ours) == ((name, number.prefix),)
        assert same_prefix(issuances, "Another desk", other) == ()
