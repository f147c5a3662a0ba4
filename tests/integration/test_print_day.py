"""A short day in simulated time: a printer dies, the router is away, and every card is there once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.helpers.print_day import Plan, live


def test_no_card_is_lost_or_doubled_on_a_bad_morning(tmp_path: Path) -> None:
    plan = Plan(desks=3, cards=24, hours=0.2, printer_dies_s=85.0, router_away_s=(120.0, 400.0))
    happened, escns, room = live(plan, tmp_path)
    assert happened.begun == len(escns) == len(set(escns)) == 24
    assert happened.plastic == Counter(escns)
    assert happened.settled_by_hand == 1, "one card was in the printer when it died"
    assert {name for at_s, name in happened.given_s if at_s > 85} == {"printer-2", "printer-3"}
    assert set(room.router.cards) == set(escns)
    assert max(waiting for _, waiting in happened.waiting_s) > 10, "the router was away for a while"


def test_the_next_is_served_while_a_card_prints(tmp_path: Path) -> None:
    plan = Plan(cards=5, hours=0.1)
    happened, escns, _ = live(plan, tmp_path)
    alone_s = plan.before_print_s + plan.seconds_a_card + plan.after_print_s
    assert len(escns) == 5
    assert max(happened.handed_s) < 5 * alone_s - 3 * plan.seconds_a_card
