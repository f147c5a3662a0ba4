"""What the parts of a desk are wired to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.adapters.clock import SystemClock
from station.app.surroundings import Surroundings
from station.app.wiring import Heard, wire
from station.domain.errors import PrinterBusyError, RouterUnreachableError
from station.services.clock_check import ClockCheck
from station.services.desk import RouterLink
from tests.helpers.desks import ONE_PASS, TestDesk, never, open_test_desk


def test_a_printer_that_moves_cards_is_held_by_one_desk_at_a_time(tmp_path: Path) -> None:
    shared = {"one_pass": True, "queue": f"wiring-{tmp_path.parent.name}", "options": {"encoders": "contactless"}}
    parts: dict[str, Any] = {"printer": shared, "reader": ONE_PASS["reader"]}
    with open_test_desk(tmp_path / "a", **parts) as one, open_test_desk(tmp_path / "b", **parts) as other:
        with one.desk.printing.lock.hold(), pytest.raises(PrinterBusyError), other.desk.printing.lock.hold():
            pytest.fail("two desks had the same printer")
        with other.desk.printing.lock.hold(), other.desk.printing.lock.hold():
            pass  # within itself a desk may take it again


def test_a_printer_that_only_prints_is_the_spooler_s_to_share(tmp_path: Path) -> None:
    with open_test_desk(tmp_path / "a") as one, open_test_desk(tmp_path / "b") as other:
        assert one.desk.one_pass is None
        with one.desk.printing.lock.hold(), other.desk.printing.lock.hold():
            pass


def rewired(hands: TestDesk) -> Any:
    """Return a second desk of the same devices and store, in surroundings that must not be asked for any."""

    def asked(*_what: object) -> Any:
        pytest.fail("wiring opened something")

    desk, folder = hands.desk, hands.folder
    around = Surroundings(folder, desk.clock, hands.dial, asked, asked, asked, router=asked, workers=asked)
    return wire(desk.settings, around, desk.store, desk.devices, desk.router, check=ClockCheck(desk.clock))


def test_wiring_opens_nothing_and_the_desk_works_on_what_it_was_given(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        issuance = rewired(hands).begin(hands.liga)
        assert hands.desk.store.issuances.get(issuance.id) == issuance


def test_only_a_printer_that_writes_chips_too_gets_the_one_pass(tmp_path: Path) -> None:
    with open_test_desk(tmp_path, **ONE_PASS) as hands:
        assert rewired(hands).one_pass is not None


def test_a_card_that_is_handed_over_is_told_and_the_status_bar_hears_how_that_went(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk, heard = hands.desk, list[object]()
        desk.link.heard = lambda: heard.append(desk.link.error)
        desk.issuances.hand_over(hands.verified().id)
        assert heard == []
        assert desk.outbox.run_once(never()).failed == 1
        (error,) = heard
        assert isinstance(error, RouterUnreachableError)
        assert desk.link.since is not None


def test_what_the_desk_asks_is_overheard_by_the_queue(tmp_path: Path) -> None:
    with open_test_desk(tmp_path) as hands:
        desk = hands.desk
        desk.outbox.run_once(never())
        desk.link.answered(None, desk.clock.now())
        desk.outbox._there = True
        with pytest.raises(RouterUnreachableError):
            desk.router.card_status("00000000-0000-1000-8000-000000000000")
        assert desk.outbox._ask_at_once


def test_what_only_the_router_can_say_is_asked_when_it_first_answers_well() -> None:
    link, asked = RouterLink(), []
    heard = Heard(link, SystemClock(), lambda: asked.append(link.error))
    heard(RouterUnreachableError())
    assert asked == []
    heard(None)
    heard(RouterUnreachableError())
    heard(None)
    assert asked == [None]
    assert link.error is None
