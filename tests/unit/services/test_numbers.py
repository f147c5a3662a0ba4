"""Numbers grow, across restarts and threads, and are never given twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

from station.domain.escn import parse_escn
from station.services.numbers import EscnIssuer
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
