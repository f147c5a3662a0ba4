"""Who may hold a reader."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from station.adapters.reader.busy import busy_error, programs_with_pcsc


def make_process(proc: Path, number: int, name: str, maps: str) -> None:
    """Make a folder like those of /proc."""
    (proc / str(number)).mkdir()
    (proc / str(number) / "comm").write_text(name + "\n", "utf-8")
    (proc / str(number) / "maps").write_text(maps, "utf-8")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")
def test_programs_with_the_library_are_named(tmp_path: Path) -> None:
    library = "7f00-7f01 r-xp 00000000 08:01 99 /usr/lib/libpcsclite.so.1.0.0\n"
    make_process(tmp_path, 4711, "firefox", library)
    make_process(tmp_path, 4712, "scdaemon", "7f00-7f01 r-xp 0 08:01 98 /usr/lib/libc.so\n" + library)
    make_process(tmp_path, 4713, "bash", "7f00-7f01 r-xp 0 08:01 98 /usr/lib/libc.so\n")
    make_process(tmp_path, os.getpid(), "station", library)
    (tmp_path / "4714").mkdir()  # ended just now
    (tmp_path / "self").mkdir()
    assert programs_with_pcsc(tmp_path) == ("firefox (4711)", "scdaemon (4712)")


def test_looking_at_the_real_thing_is_harmless() -> None:
    assert all(name.endswith(")") for name in programs_with_pcsc())


def test_the_message_names_them_and_says_what_to_do() -> None:
    text = str(busy_error("ACS ACR1252", ("firefox (4711)", "scdaemon (4712)")))
    assert "ACS ACR1252" in text
    assert "firefox (4711), scdaemon (4712)" in text
    assert "Close the other program" in text
    assert "Probably" not in str(busy_error("ACS ACR1252"))
