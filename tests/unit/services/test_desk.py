"""The desk: the same steps for the window and the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from station.domain.errors import RouterUnreachableError
from station.services.desk import RouterLink
from station.services.health import HealthState
from tests.helpers.desks import TestDesk, never
from tests.helpers.reading import read_back


def test_the_routers_silence_is_dated_from_its_beginning() -> None:
    link, first = RouterLink(), datetime(2026, 9, 1, 10, 31, tzinfo=UTC)
    link.answered(None, first - timedelta(minutes=5))
    link.answered(RouterUnreachableError(), first)
    link.answered(RouterUnreachableError(), first + timedelta(minutes=9))
    assert link.since == first
    link.answered(None, first + timedelta(minutes=10))
    assert link.error is None
    assert link.since == first + timedelta(minutes=10)


def test_a_router_that_is_away_is_amber_and_the_card_waits(bench: TestDesk) -> None:
    bench.desk.issuances.hand_over(bench.verified().id)
    report = bench.desk.outbox.run_once(never())
    assert report.sent == 0
    health = {h.device: h.state for h in bench.desk.health()}
    assert health["router"] is HealthState.WARN
    assert health["queue"] is HealthState.WARN
    assert bench.desk.store.outbox.summary().waiting == 3


def test_a_draft_of_a_holder_with_a_card_shows_that_cards_number(bench: TestDesk) -> None:
    card = bench.desk.issuances.hand_over(bench.verified().id)
    assert (read_back(bench.desk.draft(bench.liga, None)) or "").endswith(card.escn)
