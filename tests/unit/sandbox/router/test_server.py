"""Serving: bound before it says so, stopped from any thread, and the fault that cuts connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from station.sandbox.faults import FaultDial
from station.sandbox.router.config import SandboxConfig, SandboxError
from station.sandbox.router.server import Sandbox, run_sandbox
from tests.helpers.sandbox import KEY, NAMES, PIC

HEADERS = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def dial(tmp_path: Path) -> FaultDial:
    return FaultDial(tmp_path / "faults.json")


@pytest.fixture
def sandbox(tmp_path: Path, dial: FaultDial) -> Iterator[Sandbox]:
    sandbox = Sandbox(SandboxConfig(tmp_path / "router.sqlite", {KEY: PIC}, NAMES), dial)
    thread = threading.Thread(target=sandbox.serve)
    thread.start()
    yield sandbox
    sandbox.stop()
    thread.join()


def test_a_router_that_is_down_cuts_old_and_new_connections(sandbox: Sandbox, dial: FaultDial) -> None:
    address = f"{sandbox.address}/api/v2/persons"
    with httpx.Client(headers=HEADERS, trust_env=False) as client:
        assert client.get(address).status_code == 200
        dial.set("router", "down")
        for _each in range(2):
            with pytest.raises(httpx.TransportError):
                client.get(address)
        dial.clear()
        assert client.get(address).status_code == 200


def test_a_port_can_be_had_once(sandbox: Sandbox, tmp_path: Path) -> None:
    port = httpx.URL(sandbox.address).port or 0
    with pytest.raises(SandboxError, match=str(port)):
        Sandbox(SandboxConfig(tmp_path / "other.sqlite", {}, port=port))


def test_who_asks_to_be_told_is_told_the_address(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"http://127\.0\.0\.1:\d+/esc-rest"):
        run_sandbox(SandboxConfig(tmp_path / "router.sqlite", {}), ready=_stop_there)


def test_a_file_that_is_none_of_ours_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "router.sqlite").write_bytes(b"not a database, and long enough to be sure of it" * 100)
    with pytest.raises(SandboxError, match=r"router\.sqlite"):
        Sandbox(SandboxConfig(tmp_path / "router.sqlite", {}))


def _stop_there(address: str) -> None:
    raise LookupError(address)


def test_keys_are_not_shown(tmp_path: Path) -> None:
    assert KEY not in repr(SandboxConfig(tmp_path / "router.sqlite", {KEY: PIC}))
