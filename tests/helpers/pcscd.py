"""A real PC/SC service with virtual readers, and software cards on them, each in a process of its own."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from station.chip.virtual_card.card import Tear, VirtualCard
from station.chip.virtual_card.kinds import KINDS, open_card
from tests.helpers.namespace import require_namespace, require_program

ROOT = Path(__file__).resolve().parents[2]
_DRIVER = "usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_SOCKET = Path("/run/pcscd/pcscd.comm")
_DEADLINE_S = 20.0
# Below the ports that the system gives to outgoing connections (32768 and up): one of those would hold a reader's port
# for a minute, and the service would come up without that reader.
FIRST_PORT = 0x7A01
SECOND_PORT = 0x7A11
FIRST = "Desk Reader 00 00"
SECOND = "Printer Encoder 00 00"


def wait_for(condition: Callable[[], bool], what: str, deadline_s: float = _DEADLINE_S) -> None:
    """Look until ``condition`` holds; fail with ``what`` when it does not in time."""
    end = time.monotonic() + deadline_s
    pause = threading.Event()
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"did not happen in {deadline_s:.0f} s: {what}")
        pause.wait(0.01)


class Pcscd:
    """The service, with two virtual readers."""

    def __init__(self, folder: Path) -> None:
        require_namespace()
        self._program = require_program("pcscd")
        driver = Path("/", _DRIVER)
        if not driver.exists():
            pytest.skip("the virtual reader driver is not here (Debian package: vsmartcard-vpcd)")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        # The driver keeps its slots in static memory: a second reader needs a copy of the file.
        copy = folder / "second-reader.so"
        shutil.copyfile(driver.resolve(), copy)
        readers = [("Desk Reader", FIRST_PORT, driver), ("Printer Encoder", SECOND_PORT, copy)]
        (folder / "readers").mkdir()
        (folder / "readers" / "virtual").write_text(
            "".join(
                f'FRIENDLYNAME "{name}"\nDEVICENAME /dev/null:{port:#x}\nLIBPATH {library}\nCHANNELID {port:#x}\n\n'
                for name, port, library in readers
            ),
            encoding="utf-8",
        )

    def start(self) -> None:
        """Start the service and wait until it listens."""
        with (self._folder / "pcscd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-f", "-i", "-c", str(self._folder / "readers")], stdout=log, stderr=log
            )
        wait_for(_SOCKET.is_socket, "pcscd listens")

    def ensure(self) -> None:
        """Start the service unless it runs; a test before may have failed while it was stopped."""
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self.start()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the service; by SIGKILL it has no time to say goodbye."""
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(number)
            self._process.wait(_DEADLINE_S)
            self._process = None
            _SOCKET.unlink(missing_ok=True)


class SoftwareCard:
    """A software card in a process of its own, which lies on a virtual reader as long as the process runs."""

    def __init__(self, file: Path, port: int = FIRST_PORT) -> None:
        self.file = file
        self._port = port
        self._process: subprocess.Popen[str] | None = None

    def insert(self, *, kind: str = KINDS[0], pull_after: int | None = None, tear: Tear = Tear.BEFORE) -> None:
        """Put the card on the reader, to be pulled after so many APDUs if said so; a new one is of ``kind``."""
        self.remove()
        command = [sys.executable, "-m", "station.adapters.reader.vpcd", f"--port={self._port}", f"--card={self.file}"]
        command.append(f"--kind={kind}")
        if pull_after is not None:
            command += [f"--pull-after={pull_after}", f"--tear={tear.value}"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _DEADLINE_S)
        assert ready, "the virtual reader does not take the card; does pcscd run?"
        assert self._process.stdout.readline() == "card in\n"

    def remove(self) -> None:
        """Take the card off, if it is not off already."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(_DEADLINE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None

    def memory(self) -> VirtualCard:
        """Return the card as its file says it is."""
        return open_card(self.file)


@contextmanager
def running_pcscd(folder: Path) -> Iterator[Pcscd]:
    """Give a running service, ended at the end."""
    service = Pcscd(folder)
    service.start()
    try:
        yield service
    finally:
        service.stop()
