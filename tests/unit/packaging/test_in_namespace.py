"""packaging/in-namespace gives private mounts and a private network, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.scripts import ROOT

SCRIPT = str(ROOT / "packaging" / "in-namespace")


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the script as from outside, even where the tests themselves run inside."""
    outside = {name: value for name, value in os.environ.items() if name != "STATION_NAMESPACE"}
    return subprocess.run(
        [SCRIPT, *command], env={**outside, **env}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def possible() -> None:
    """Skip where the machine gives nobody a namespace (no root, no user namespaces)."""
    done = run("true")
    if "no private namespace" in done.stderr:
        pytest.skip(done.stderr.strip())


@pytest.mark.usefixtures("possible")
def test_the_network_is_loopback_only_and_the_daemons_folders_are_empty() -> None:
    names = "/run/pcscd /run/dbus /run/avahi-daemon /run/cups"
    done = run("sh", "-c", f'echo "$STATION_NAMESPACE"; ls -A {names}; ip -o link show up; ip route show 224.0.0.0/4')
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "1"
    assert [line for line in lines[1:] if line.startswith("/run/")] == [f"{each}:" for each in sorted(names.split())]
    assert [line.split(":")[1].strip() for line in lines if "<" in line] == ["lo"]
    assert lines[-1].startswith("224.0.0.0/4 dev lo")


@pytest.mark.usefixtures("possible")
def test_nothing_is_left_behind() -> None:
    before = sorted(os.listdir("/run"))  # noqa: PTH208
    mounts = Path("/proc/self/mounts").read_text("utf-8")
    assert run("sh", "-c", "touch /run/pcscd/pcscd.comm /run/of-the-test").returncode == 0
    assert sorted(os.listdir("/run")) == before  # noqa: PTH208
    assert Path("/proc/self/mounts").read_text("utf-8") == mounts


def test_the_status_and_the_arguments_are_those_of_the_command() -> None:
    done = run(sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(7)", "a b", "")
    assert done.returncode == 7
    assert done.stdout == "['a b', '']\n"


def test_inside_a_namespace_no_second_one_is_made() -> None:
    outer = os.readlink("/proc/self/ns/net")  # noqa: PTH115
    assert run("readlink", "/proc/self/ns/net", STATION_NAMESPACE="1").stdout.strip() == outer


def test_where_no_namespace_can_be_had_it_says_so_and_runs_the_command(tmp_path: Path) -> None:
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n", "utf-8")
    refusing.chmod(0o755)
    done = run("sh", "-c", 'echo "ran ${STATION_NAMESPACE:-without}"', PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 0
    assert done.stdout == "ran without\n"
    assert "Operation not permitted" in done.stderr
    assert "will be skipped" in done.stderr


def test_without_a_command_it_says_how_it_is_used() -> None:
    done = run()
    assert done.returncode == 2
    assert "usage" in done.stderr
