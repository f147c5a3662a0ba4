"""packaging/bootstrap: which packages it picks, when it has nothing to do, and what it says when it cannot go on."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.scripts import ROOT, load_script

bootstrap = load_script("bootstrap")


def test_a_list_has_one_package_a_line_with_other_names_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# heading\n\nlibglib2.0-0t64|libglib2.0-0   # why\ngcc\n", "utf-8")
    assert bootstrap.read_list(path) == [["libglib2.0-0t64", "libglib2.0-0"], ["gcc"]]


def test_our_lists_are_readable_and_name_nothing_twice() -> None:
    names: list[str] = []
    for path in sorted((ROOT / "packaging" / "os-packages").glob("*.txt")):
        names += [name for each in bootstrap.read_list(path) for name in each]
    assert {"libxcb-icccm4", "libxcb-keysyms1", "vsmartcard-vpcd", "iproute2"} <= set(names)
    assert len(names) == len(set(names))


def test_a_package_is_there_under_any_of_its_names() -> None:
    wanted = [["libglib2.0-0t64", "libglib2.0-0"], ["gcc"], ["xvfb"]]
    assert bootstrap.missing_packages(wanted, {"libglib2.0-0", "gcc"}) == [["xvfb"]]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"libglib2.0-0t64"}, ["libglib2.0-0t64"]),
        ({"libglib2.0-0"}, ["libglib2.0-0"]),
        ({"libglib2.0-0", "libglib2.0-0t64"}, ["libglib2.0-0t64"]),
        (set(), ["libglib2.0-0"]),
    ],
)
def test_the_first_name_that_this_release_knows_is_taken(known: set[str], expected: list[str]) -> None:
    assert bootstrap.choose([["libglib2.0-0t64", "libglib2.0-0"]], known) == expected


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="not Debian")
def test_dpkg_and_apt_are_asked_for_real() -> None:
    names = ["dpkg", "no-such-package-at-all"]
    assert bootstrap.installed_packages(names) == {"dpkg"}
    assert bootstrap.known_packages(names) == {"dpkg"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of what the script reads, with an environment that is up to date."""
    for name in ("packaging", "pyproject.toml", "station/__init__.py"):
        target = tmp_path / "project" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = ROOT / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return tmp_path / "project"


def run(checkout: Path, *arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script with nothing but `path` to find programs on."""
    command = [sys.executable, str(checkout / "packaging" / "bootstrap"), *arguments]
    env = {**os.environ, "PATH": str(path)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def program(folder: Path, name: str, script: str) -> None:
    """Put a small program into `folder`, which plays a machine that we do not have."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / name).chmod(stat.S_IRWXU)


def test_wrong_usage_is_said(checkout: Path, tmp_path: Path) -> None:
    for arguments in ((), ("both",), ("run", "test")):
        done = run(checkout, *arguments, path=tmp_path)
        assert done.returncode == 2
        assert "usage: bootstrap run|test" in done.stderr


@pytest.fixture
def plain_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Play a Debian machine where we are not root, sudo wants a password, and only gcc is installed."""
    tools = tmp_path / "bin"
    program(tools, "apt-get", "echo apt-get was called; exit 99")
    program(tools, "dpkg-query", "echo 'gcc installed'")
    program(tools, "apt-cache", r"[ $LC_ALL = C ] && printf 'libglib2.0-0t64:\n  Installed: (none)\n  Candidate: 2\n'")
    program(tools, "sudo", "exit 1")
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setenv("LC_ALL", "lv_LV.UTF-8")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return tools


@pytest.mark.usefixtures("plain_user")
def test_without_the_rights_to_install_it_prints_the_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert not bootstrap.install_system_packages("run")
    (line,) = capfd.readouterr().out.splitlines()  # nothing else: apt-get was not called
    assert line.startswith("sudo apt-get install -y --no-install-recommends ")
    assert {"libglib2.0-0t64", "pcscd"} <= set(line.split())
    assert not {"libglib2.0-0", "gcc", "xvfb"} & set(line.split())


def test_sudo_without_a_password_is_used(plain_user: Path, capfd: pytest.CaptureFixture[str]) -> None:
    calls = plain_user.parent / "calls"
    program(plain_user, "sudo", f'echo "sudo $*" >>"{calls}"; echo chatter; echo chatter >&2')
    assert bootstrap.install_system_packages("run")
    _, update, install = calls.read_text("utf-8").splitlines()
    assert update.startswith("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get ")
    assert update.endswith(" update")
    assert " install -y --no-install-recommends libegl1 " in install.replace("python3-venv ", "")
    assert "installing system packages" in capfd.readouterr().err


def test_what_apt_says_is_shown_when_it_fails(plain_user: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program(plain_user, "sudo", 'case "$*" in *install*) echo "E: Unable to fetch"; exit 100;; esac')
    assert not bootstrap.install_system_packages("run")
    said = capfd.readouterr().err
    assert "E: Unable to fetch" in said
    assert "By hand: sudo apt-get install -y --no-install-recommends " in said


def test_where_there_is_no_apt_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.install_system_packages("run")
    assert ("packaging/os-packages" in capsys.readouterr().err) == sys.platform.startswith("linux")


def test_an_environment_that_is_up_to_date_is_left_alone(checkout: Path, tmp_path: Path) -> None:
    module = load_script("bootstrap")
    module.ROOT, module.VENV, module.STAMP = checkout, checkout / ".venv", checkout / ".venv" / "bootstrap.json"
    (checkout / ".venv" / "bin").mkdir(parents=True)
    module.venv_python().symlink_to(sys.executable)
    assert not module.up_to_date("run")
    module.STAMP.write_text(f'{{"run": "{module.fingerprint("run")}"}}', "utf-8")
    assert module.up_to_date("run")
    assert not module.up_to_date("test")
    with (checkout / "packaging" / "requirements-run.txt").open("a", encoding="utf-8") as lock:
        lock.write("# one more line\n")
    assert not module.up_to_date("run")


def test_a_damaged_stamp_or_a_broken_interpreter_means_install_again(checkout: Path) -> None:
    module = load_script("bootstrap")
    module.ROOT, module.VENV, module.STAMP = checkout, checkout / ".venv", checkout / ".venv" / "bootstrap.json"
    (checkout / ".venv" / "bin").mkdir(parents=True)
    module.STAMP.write_text("{", "utf-8")
    assert module.read_stamp() == {}
    module.STAMP.write_text(f'{{"run": "{module.fingerprint("run")}"}}', "utf-8")
    assert not module.up_to_date("run")  # no interpreter
    module.venv_python().write_text("not a program", "utf-8")
    assert not module.up_to_date("run")


def test_an_old_interpreter_gives_a_message(checkout: Path, tmp_path: Path) -> None:
    script = checkout / "packaging" / "bootstrap"
    script.write_text(script.read_text("utf-8").replace("OLDEST = (3, 11)", "OLDEST = (3, 99)"), "utf-8")
    done = run(checkout, "run", path=tmp_path)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_copy_of_the_checkout_needs_an_environment_of_its_own(checkout: Path, tmp_path: Path) -> None:
    module = load_script("bootstrap")
    module.ROOT = checkout
    here = module.fingerprint("run")
    module.ROOT = checkout.rename(tmp_path / "moved")
    assert module.fingerprint("run") != here
