"""Who may be holding a card reader, or why it is not there, as far as that can be found out without rights."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from station.adapters.reader.quirks import reader_files
from station.domain.errors import N_, ReaderBusyError, ReaderMissingError, ReaderServiceDownError

_LIBRARY = b"libpcsclite"
_USB_LIBRARY = b"libusb"
_PROC = Path("/proc")
_USB = Path("/sys/bus/usb/devices")
# The service itself, and what starts it: both have the library, neither holds a card.
_NOT_GUILTY = frozenset({"pcscd", "systemd"})
# A process has at most 15 letters of its name in /proc; beside it, how people call the program.
_KNOWN = {
    "scdaemon": "GnuPG scdaemon",
    "gnupg-pkcs11-sc": "GnuPG gnupg-pkcs11-scd",
    "eparakstitajs3": "eParakstītājs",
    "eparaksts": "eParaksts",
    "qdigidoc4": "DigiDoc4",
    "web-eid": "Web eID",
    "esteidpkcs11": "DigiDoc esteid-pkcs11",
    "opensc-notify": "OpenSC",
    "opensc-tool": "OpenSC opensc-tool",
    "pkcs11-tool": "OpenSC pkcs11-tool",
    "pkcs15-tool": "OpenSC pkcs15-tool",
    "p11-kit-remote": "p11-kit",
    "ykman": "YubiKey Manager",
    "ykman-gui": "YubiKey Manager",
    "yubico-authenti": "Yubico Authenticator",
    "pcsc_scan": "pcsc_scan",
    "firefox": "Firefox",
    "firefox-esr": "Firefox",
    "chrome": "Chrome",
    "chromium": "Chromium",
    "thunderbird": "Thunderbird",
    "nfc-list": "libnfc nfc-list",
    "nfc-poll": "libnfc nfc-poll",
}
# Programs whose own name says nothing (java, python) are known by a word of their command line.
_BY_COMMAND = {
    "esup-sgc-client": "esup-sgc-client",
    "esupnfccard": "esup-nfc-tag",
    "esup-nfc-tag": "esup-nfc-tag",
    "-mstation": "station",
    "esc-station": "station",
    "/bin/station": "station",
}


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs; ``known`` when it is one that is known to use card readers."""

    name: str
    number: int
    known: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


def busy_error(reader: str, programs: Sequence[str] = ()) -> ReaderBusyError:
    """Return the error for a reader that another program holds, naming the programs that may be it."""
    if not programs:
        return ReaderBusyError(device=reader)
    return ReaderBusyError(_PROBABLY, device=reader, programs=", ".join(programs))


def programs_with_pcsc(proc: Path = _PROC) -> tuple[str, ...]:
    """Return the other programs that use card readers, the likeliest first, as ``Firefox (4711)``; Linux only.

    A program of another user keeps its libraries to itself: it is found by its name, if that is known.
    """
    found = _running(proc, _LIBRARY)
    return tuple(str(each) for each in sorted(found, key=lambda each: (not each.known, each.name, each.number)))


def missing_error(pattern: str, proc: Path = _PROC, usb: Path = _USB) -> ReaderMissingError:
    """Return the error for a reader that the service does not show, saying so when it is plugged in all the same."""
    plugged = plugged_in(usb)
    named = [model for model in plugged if pattern.lower() in model.lower()]
    if not (named or plugged):
        return ReaderMissingError(device=pattern)
    model = (named or list(plugged))[0]
    # Asked first: the kernel's own NFC driver takes such readers before pcscd sees them, and no program is to blame.
    if _kernel_has_it(proc):
        return ReaderMissingError(_PLUGGED, _UNLOAD, device=pattern, model=model)
    # Known ones only: libusb is loaded by many programs that have nothing to do with cards.
    takers = [str(each) for each in _running(proc, _USB_LIBRARY) if each.known]
    if takers:
        return ReaderMissingError(_TAKEN, _CLOSE, device=pattern, model=model, programs=", ".join(takers))
    return ReaderMissingError(_PLUGGED, _LOOK_AFTER, device=pattern, model=model)


def service_error(platform: str = sys.platform, *, installed: bool | None = None) -> ReaderServiceDownError:
    """Return the error for a service that does not answer, with what to do about it on this system."""
    if platform == "win32":
        # The service stops by itself when the last reader is unplugged, and starts with the next one.
        return ReaderServiceDownError(todo=_PLUG_IN_WINDOWS)
    if platform.startswith("linux"):
        there = _pcscd_installed() if installed is None else installed
        if not there:
            return ReaderServiceDownError(_NO_PCSCD, _INSTALL_PCSCD)
    return ReaderServiceDownError()


def plugged_in(usb: Path = _USB) -> tuple[str, ...]:
    """Return the models of readers that are known and plugged in by USB, whether PC/SC sees them or not; Linux only."""
    ids = set()
    for folder in usb.glob("*"):
        try:
            vendor = (folder / "idVendor").read_text("ascii").strip().lower()
            ids.add(f"{vendor}:{(folder / 'idProduct').read_text('ascii').strip().lower()}")
        except (OSError, UnicodeDecodeError):
            continue  # a hub's port, or just unplugged
    return tuple(file.model for file in reader_files() if ids.intersection(file.usb))


def _running(proc: Path, library: bytes) -> list[Program]:
    if not sys.platform.startswith("linux"):
        return []
    found = []
    for folder in proc.glob("[0-9]*"):
        try:
            comm = (folder / "comm").read_text("utf-8", errors="replace").strip()
        except OSError:
            continue  # it has just ended
        if int(folder.name) == os.getpid() or comm in _NOT_GUILTY:
            continue
        name = _KNOWN.get(comm) or _named_by_command(folder)
        loaded = _has_loaded(folder, library)
        # None: another user's, who may not be looked at.
        if loaded or (loaded is None and name is not None):
            found.append(Program(name or comm, int(folder.name), known=name is not None))
    return found


def _has_loaded(folder: Path, library: bytes) -> bool | None:
    try:
        # Whoever talks to pcscd has its library loaded, in whatever language it is written: the library is the only way
        # there.
        return library in (folder / "maps").read_bytes()
    except OSError:
        return None


def _named_by_command(folder: Path) -> str | None:
    try:
        words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", errors="replace")
    except OSError:
        return None
    line = words.replace("-m station", "-mstation").lower()
    return next((name for word, name in _BY_COMMAND.items() if word in line), None)


def _kernel_has_it(proc: Path) -> bool:
    try:
        return "pn533_usb" in (proc / "modules").read_text("utf-8", errors="replace")
    except OSError:
        return False


def _pcscd_installed() -> bool:
    # A desk's user often has no /usr/sbin in the PATH, and that is where it is.
    return shutil.which("pcscd", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin:/usr/local/sbin") is not None


_PROBABLY = N_("Another program is using the card reader {device}. Probably it is: {programs}.")
_PLUGGED = N_("The card reader {model} is plugged in, but the computer's smart card service doesn't show it.")
_TAKEN = N_(
    "The card reader {model} is plugged in, but another program has taken it for itself. Probably it is: {programs}."
)
_UNLOAD = N_("Ask IT: the kernel's driver pn533_usb has taken the reader, and belongs on the blacklist of modprobe.")
_CLOSE = N_("Close that program, unplug the reader and plug it in again. For GnuPG, IT can set disable-ccid.")
_LOOK_AFTER = N_(
    "Unplug it and plug it in again. If it types numbers like a keyboard, ask IT to switch it to the mode CCID; if not,"
    " ask IT to install its driver."
)
_PLUG_IN_WINDOWS = N_(
    "Plug the card reader in: that starts the service. If it is plugged in, ask IT to start the service Smart Card."
)
_NO_PCSCD = N_("This computer has no smart card service (pcscd).")
_INSTALL_PCSCD = N_("Ask IT to install the package pcscd. The station finds the reader by itself as soon as it runs.")
