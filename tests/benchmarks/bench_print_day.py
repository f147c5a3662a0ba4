"""An hour with one printer, and a bad day at three desks: simulated time, the real services; with a chart.

The day is that of three stations without a server: each has its own SQLite file, its own queue to ESC-Router, its own
range of card numbers and a pool of its own two printers; only the people at the door and ESC-Router are common. What
is simulated is said in ``tests/helpers/print_day.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.helpers.day_chart import OPENS, Account, chart, clock
from tests.helpers.print_day import Happened, Plan, live

RESULTS = Path(__file__).resolve().parents[2] / "bench-results"
HOUR = Plan()
DAY = Plan(
    desks=3,
    printers_a_desk=2,
    cards=700,
    hours=9.0,
    queue_at_the_door=False,
    printer_dies_s=(11 - OPENS) * 3600.0,
    router_away_s=((10 - OPENS) * 3600.0, (14 - OPENS) * 3600.0),
    cover_open_s=((15 - OPENS) * 3600.0, (15 - OPENS) * 3600.0 + 600.0),
)


def test_an_hour_with_one_printer(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """24 s a card in the printer, 47 s of a person's hands: how many cards an hour makes, and whether one is lost."""
    happened, escns, _ = benchmark.pedantic(live, (HOUR, tmp_path), rounds=1)
    within = sum(at_s <= 3600 for at_s in happened.handed_s)
    benchmark.extra_info.update(cards_in_the_hour=within, **_account(happened, escns))
    assert within >= 45
    assert _account(happened, escns)["lost"] == _account(happened, escns)["doubled"] == 0


@pytest.mark.timeout(900)
def test_a_bad_day_at_three_desks(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """700 people in nine hours; a printer dies at 11, a cover is left open, the router is away from 10 to 14."""
    happened, escns, room = benchmark.pedantic(live, (DAY, tmp_path), rounds=1)
    account = _account(happened, escns)
    late_s = max(at_s for at_s, count in happened.registered_s if count < len(escns))
    benchmark.extra_info.update(
        stations=len(room.desks),
        printers=sum(len(desk.printers) for desk in room.desks),
        registered=len(room.router.cards),
        waiting_most=max(waiting for _, waiting in happened.waiting_s),
        all_registered_at=clock(late_s + 60),
        settled_by_hand=happened.settled_by_hand,
        moved_by_itself=happened.moved_by_itself,
        last_card_at=clock(max(happened.handed_s)),
        **account,
    )
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "print-day.svg").write_text(chart(DAY, happened, account), "utf-8")
    assert account == {"begun": 700, "handed_over": 700, "lost": 0, "doubled": 0}
    assert set(room.router.cards) == set(escns)
    assert happened.moved_by_itself > 0


def _account(happened: Happened, escns: Sequence[str]) -> Account:
    twice = sum(count > 1 for count in Counter(escns).values())
    return {
        "begun": happened.begun,
        "handed_over": len(escns),
        "lost": happened.begun - len(escns),
        "doubled": twice + happened.doubled(),
    }
