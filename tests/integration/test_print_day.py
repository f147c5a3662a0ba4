"""A short day in simulated time: a printer dies, the router is away, and every card is there once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.helpers.print_day import Plan, live


def test_no_card_is_lost_or_doubled_on_a_bad_morning(tmp_path: Path) -> None:
    plan = Plan(
        desks=3,
        printers_a_desk=2,
        cards=24,
        hours=0.2,
        printer_dies_s=85.0,
        router_away_s=(120.0, 400.0),
        cover_open_s=(150.0, 330.0),
    )
    happened, escns, room = live(plan, tmp_path)
    assert happened.begun == len(escns) == len(set(escns)) == 24
    assert happened.plastic == Counter(escns)
    assert happened.settled_by_hand == 1, "one card was in the printer when it died"
    given = {name for at_s, name in happened.given_s if at_s > 85}
    assert {"printer-1b", "printer-2a", "printer-3b"} <= given
    assert not {"printer-1a", "printer-2b"} & given, "the dead one gets none, and a spare has nothing to do"
    assert happened.moved_by_itself > 0, "what met the open cover went on beside it, without a hand"
    assert {escn[24:27] for escn in escns} == {"001", "002", "003"}, "each desk numbers its cards by itself"
    assert set(room.router.cards) == set(escns)
    assert max(waiting for _, waiting in happened.waiting_s) > 10, "the router was away for a while"


def test_nobody_goes_home_before_the_last_one_has_a_card(tmp_path: Path) -> None:
    happened, escns, _ = live(Plan(desks=3, cards=6, hours=0.1, queue_at_the_door=False), tmp_path)
    assert happened.begun == len(escns) == 6


def test_the_next_is_served_while_a_card_prints(tmp_path: Path) -> None:
    plan = Plan(cards=5, hours=0.1)
    happened, escns, _ = live(plan, tmp_path)
    alone_s = plan.before_print_s + plan.seconds_a_card + plan.after_print_s
    assert len(escns) == 5
    assert max(happened.handed_s) < 5 * alone_s - 3 * plan.seconds_a_card
