"""The demo bench is a world of its own."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from station.app.demo import examine_demo, open_demo
from station.app.demo_profile import NOWHERE, demo_settings, fault_dial
from station.app.window import demo_queue
from station.domain.errors import ProfileError
from station.domain.holder import missing_for_card
from station.services.headless import HeadlessRun
from station.services.health import HealthState


def test_the_demo_talks_to_this_computer_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_demo(tmp_path, offline=True) as bench:
        assert urlsplit(bench.desk.router.base_url).hostname == "127.0.0.1"
    monkeypatch.setattr("station.app.demo.NOWHERE", "https://router.europeanstudentcard.eu/esc-rest/api/v2")
    with pytest.raises(ProfileError, match="only talk to this computer"), open_demo(tmp_path, offline=True):
        pytest.fail("the demo was opened on the real router")


def test_every_device_of_the_demo_is_simulated(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, NOWHERE)
    assert settings.demo
    assert {settings.camera.driver, settings.reader.driver, settings.printer.driver} == {"virtual"}


def test_the_register_is_imported_once_and_the_queue_waits(tmp_path: Path) -> None:
    for _ in range(2):
        with open_demo(tmp_path, offline=True) as bench:
            assert bench.desk.store.holders.count() == 300
            waiting = demo_queue(bench.desk)
            assert len(waiting) == 4
            assert any(missing_for_card(holder) for holder in waiting)


def test_who_has_a_card_waits_no_more(tmp_path: Path) -> None:
    with open_demo(tmp_path, offline=True) as bench:
        first = demo_queue(bench.desk)[0]
        HeadlessRun(bench.desk, tmp_path / "out", came_out=lambda _: True, offline=True).issue(first)
        assert first not in demo_queue(bench.desk)


def test_the_router_is_there_for_whoever_asks_and_for_nobody_else(tmp_path: Path) -> None:
    with open_demo(tmp_path) as bench:
        assert not (tmp_path / "router.db").exists()
        bench.desk.router.ping()
        assert (tmp_path / "router.db").exists()
        address = bench.desk.router.base_url
        assert bench.desk.router.base_url == address
    there = urlsplit(address)
    with pytest.raises(ConnectionRefusedError), socket.create_connection((there.hostname, there.port), 5):
        pytest.fail("the sandbox was left behind")


def test_the_doctor_looks_at_each_thing_by_itself(tmp_path: Path) -> None:
    found = {h.device: h for h in examine_demo(tmp_path)}
    assert found["router"].state is HealthState.OK
    with open_demo(tmp_path, offline=True):
        # The store is in use now; the doctor says so and still looks at the rest.
        found = {h.device: h for h in examine_demo(tmp_path)}
    assert found["store"].state is HealthState.BAD
    assert found["printer"].state is HealthState.OK
    assert found["reader"].state is HealthState.OK


def test_the_doctor_notices_a_wrong_clock(tmp_path: Path) -> None:
    fault_dial(tmp_path).set("clock", "wrong", 5400.0)
    *_, clock = examine_demo(tmp_path)
    assert (clock.device, clock.state) == ("clock", HealthState.WARN)
    assert "90 min ahead" in clock.message.english()
    fault_dial(tmp_path).clear("clock")
    *_, clock = examine_demo(tmp_path)
    assert clock.state is HealthState.OK
