"""The sandbox as a process: ready when it says so, gone when its parent is."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from station.sandbox.process import SandboxProcess
from station.sandbox.router.config import SandboxConfig, SandboxError
from tests.helpers.sandbox import KEY, NAMES, PIC, running_sandbox

ROOT = Path(__file__).resolve().parents[3]
ESI = "urn:schac:personalUniqueCode:int:esi:lv:000001"


def config(folder: Path, port: int = 0) -> SandboxConfig:
    return SandboxConfig(folder / "router.sqlite", {KEY: PIC}, NAMES, port=port)


def get(address: str) -> int:
    return httpx.get(
        f"{address}/api/v2/persons", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False
    ).status_code


def test_it_answers_as_soon_as_it_says_where(tmp_path: Path) -> None:
    with SandboxProcess(config(tmp_path), tmp_path / "faults.json") as process:
        assert process.running
        assert process.address.startswith("http://127.0.0.1:")
        assert get(process.address) == 200
    assert not process.running
    with pytest.raises(httpx.ConnectError):
        get(process.address)


def test_what_it_knew_it_knows_after_a_restart(tmp_path: Path) -> None:
    body = {"identifier": ESI, "personOrganisationUpdateViews": [{"organisationIdentifier": PIC}]}
    headers = {"Authorization": f"Bearer {KEY}"}
    with running_sandbox(tmp_path) as first:
        assert httpx.post(f"{first.address}/api/v2/persons", json=body, headers=headers, trust_env=False).is_success
    with running_sandbox(tmp_path) as second:
        answer = httpx.get(f"{second.address}/api/v2/persons/{ESI}", headers=headers, trust_env=False)
    assert answer.json()["identifier"] == ESI


def test_a_port_that_is_taken_is_said_in_plain_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = SandboxProcess(config(tmp_path, taken.getsockname()[1]), tmp_path / "faults.json")
        with pytest.raises(SandboxError, match="--port"):
            process.start()
    assert not process.running


def test_a_program_that_says_nothing_is_no_sandbox(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; sys.stdin.readline()")
    process = SandboxProcess(config(tmp_path), tmp_path / "faults.json", command=command)
    with pytest.raises(SandboxError, match="process"):
        process.start()


def test_a_program_that_talks_nonsense_is_no_sandbox(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; sys.stdin.readline(); print('hello')")
    process = SandboxProcess(config(tmp_path), tmp_path / "faults.json", command=command)
    with pytest.raises(SandboxError):
        process.start()


def test_keys_are_not_among_the_arguments(tmp_path: Path) -> None:
    with SandboxProcess(config(tmp_path), tmp_path / "faults.json") as process:
        assert not any(KEY in argument for argument in process.command)


def test_to_stop_twice_is_no_error(tmp_path: Path) -> None:
    process = SandboxProcess(config(tmp_path), tmp_path / "faults.json")
    process.stop()
    process.start()
    assert process.running
    for _ in range(2):
        process.stop()
        assert not process.running


def test_it_goes_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal; from pathlib import Path\n"
        "from station.sandbox.process import SandboxProcess\n"
        "from station.sandbox.router.config import SandboxConfig\n"
        f"folder = Path({str(tmp_path)!r})\n"
        f"process = SandboxProcess(SandboxConfig(folder / 'r.db', {{'k': {PIC!r}}}), folder / 'faults.json')\n"
        "print(process.start(), flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    port = int(parent.stdout.strip().removesuffix("/esc-rest").rpartition(":")[2])
    while True:  # until nobody listens there any more; the test's own time-out is the deadline
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)):
                return
