"""Who may hold a reader."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from station.adapters.reader.busy import (
    busy_error,
    missing_error,
    plugged_in,
    programs_with_pcsc,
    service_error,
)

LIBRARY = "7f00-7f01 r-xp 00000000 08:01 99 /usr/lib/libpcsclite.so.1.0.0\n"
USB = "7f00-7f01 r-xp 00000000 08:01 99 /usr/lib/libusb-1.0.so.0.3.0\n"
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")


def make_process(proc: Path, number: int, name: str, maps: str | None, command: str = "") -> None:
    """Make a folder like those of /proc; without ``maps`` it is another user's, who may not be looked at."""
    folder = proc / str(number)
    folder.mkdir()
    (folder / "comm").write_text(name + "\n", "utf-8")
    (folder / "cmdline").write_bytes(command.replace(" ", "\0").encode())
    if maps is not None:
        (folder / "maps").write_text(maps, "utf-8")


def plug(usb: Path, place: str, ids: str) -> None:
    """Plug a device in, as /sys shows it."""
    vendor, product = ids.split(":")
    (usb / place).mkdir(parents=True)
    (usb / place / "idVendor").write_text(vendor + "\n", "ascii")
    (usb / place / "idProduct").write_text(product + "\n", "ascii")


@linux_only
def test_programs_with_the_library_are_named(tmp_path: Path) -> None:
    make_process(tmp_path, 4711, "firefox", LIBRARY)
    make_process(tmp_path, 4712, "scdaemon", "7f00-7f01 r-xp 0 08:01 98 /usr/lib/libc.so\n" + LIBRARY)
    make_process(tmp_path, 4713, "bash", "7f00-7f01 r-xp 0 08:01 98 /usr/lib/libc.so\n")
    make_process(tmp_path, os.getpid(), "station", LIBRARY)
    (tmp_path / "4714").mkdir()  # ended just now
    (tmp_path / "self").mkdir()
    assert programs_with_pcsc(tmp_path) == ("Firefox (4711)", "GnuPG scdaemon (4712)")


def test_looking_at_the_real_thing_is_harmless() -> None:
    assert all(name.endswith(")") for name in programs_with_pcsc())


def test_the_message_names_them_and_says_what_to_do() -> None:
    text = str(busy_error("ACS ACR1252", ("firefox (4711)", "scdaemon (4712)")))
    assert "ACS ACR1252" in text
    assert "firefox (4711), scdaemon (4712)" in text
    assert "Close the other program" in text
    assert "Probably" not in str(busy_error("ACS ACR1252"))


@linux_only
def test_the_likeliest_program_comes_first_and_the_service_itself_never(tmp_path: Path) -> None:
    make_process(tmp_path, 10, "pcscd", LIBRARY)
    make_process(tmp_path, 11, "aaa-unheard-of", LIBRARY)
    make_process(tmp_path, 12, "java", LIBRARY, "java -jar /opt/esup-sgc-client.jar")
    make_process(tmp_path, 13, "python3", LIBRARY, "python3 -m station --profile desk2.toml")
    assert programs_with_pcsc(tmp_path) == ("esup-sgc-client (12)", "station (13)", "aaa-unheard-of (11)")


@linux_only
def test_of_another_user_s_programs_those_that_are_known_are_named(tmp_path: Path) -> None:
    make_process(tmp_path, 20, "scdaemon", None)
    make_process(tmp_path, 21, "nginx", None)
    assert programs_with_pcsc(tmp_path) == ("GnuPG scdaemon (20)",)


def test_a_reader_that_is_not_plugged_in_is_missing(tmp_path: Path) -> None:
    (tmp_path / "usb1").mkdir()  # a hub's port has no ids
    plug(tmp_path, "1-2", "1d6b:0002")
    assert plugged_in(tmp_path) == ()
    error = missing_error("ACR1252", tmp_path, tmp_path)
    assert str(error) == str(type(error)(device="ACR1252"))


def test_a_reader_that_is_plugged_in_but_not_shown_is_told_from_one_that_is_not_there(tmp_path: Path) -> None:
    plug(tmp_path, "1-3", "076b:5427")
    assert plugged_in(tmp_path) == ("HID OMNIKEY 5427 CK, 5127 CK, 5027 CK",)
    error = missing_error("OMNIKEY", tmp_path, tmp_path)
    assert "5427 CK" in str(error)
    assert "CCID" in str(error)


@linux_only
def test_the_program_that_took_the_reader_past_the_service_is_named(tmp_path: Path) -> None:
    plug(tmp_path / "usb", "1-3", "072F:2200")
    make_process(tmp_path, 30, "scdaemon", USB)
    make_process(tmp_path, 31, "cupsd", USB)
    error = missing_error("", tmp_path, tmp_path / "usb")
    assert error.params["programs"] == "GnuPG scdaemon (30)"
    assert "disable-ccid" in str(error)


def test_the_kernel_s_own_driver_is_named(tmp_path: Path) -> None:
    plug(tmp_path, "1-3", "072f:2200")
    (tmp_path / "modules").write_text("pn533_usb 20480 0 - Live 0x0\n", "utf-8")
    assert "pn533_usb" in str(missing_error("ACR122", tmp_path, tmp_path))


def test_a_service_that_is_down_has_a_remedy_on_each_system() -> None:
    assert "Plug the card reader in" in str(service_error("win32"))
    assert "install the package pcscd" in str(service_error("linux", installed=False))
    assert "pcscd" in str(service_error("linux", installed=True))
    assert str(service_error("darwin")) == str(type(service_error("darwin"))())
