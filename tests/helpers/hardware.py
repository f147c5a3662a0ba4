"""Tests on real devices: opt-in, each pinned to one device by what is printed on it, and never on any other."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from station.chip.encoder import inspect
from station.domain.errors import ReaderMissingError
from station.ports.chip import ChipConnection, ReaderEvent, ReaderInfo, Readers
from station.ports.tasks import Cancel


class AnotherDeviceError(AssertionError):
    """What is connected is not what was named; nothing was done to it."""


def pinned(variable: str, what: str) -> str:
    """Return the device that a variable of the environment names, or skip the calling test, saying what to set."""
    named = os.environ.get(variable, "").strip()
    if not named:
        pytest.skip(f"a test on a real device, and none was named: set {variable} to {what}")
    return named


class PinnedReaders:
    """Implement ``ports.chip.Readers`` by one real reader under a name of the test's; all others are not there.

    The card on it has to be the one with the UID that was named: any other is let go after that one question.
    """

    def __init__(self, readers: Readers, *, reader: str, uid: str, alias: str) -> None:
        self._readers, self._reader, self._alias = readers, reader, alias
        self._uid = bytes.fromhex(uid).hex().upper()

    def list_readers(self) -> tuple[ReaderInfo, ...]:
        """Return the one reader; fails when it is not connected, whatever else is."""
        found = [each for each in self._readers.list_readers() if each.name == self._reader]
        if not found:
            raise AnotherDeviceError(f"the reader {self._reader!r} is not connected")
        return (ReaderInfo(self._alias, found[0].card_present, found[0].atr),)

    def wait_card(self, pattern: str, *, cancel: Cancel, timeout_s: float) -> str:
        """Wait until a card lies on the one reader."""
        self._must_match(pattern.lower() in self._alias.lower(), pattern)
        self._readers.wait_card(self._reader, cancel=cancel, timeout_s=timeout_s)
        return self._alias

    def wait_no_card(self, reader: str, *, cancel: Cancel, timeout_s: float) -> bool:
        """Wait until the one reader is empty."""
        self._must_match(reader == self._alias, reader)
        return self._readers.wait_no_card(self._reader, cancel=cancel, timeout_s=timeout_s)

    @contextmanager
    def open_card(self, reader: str, *, cancel: Cancel | None = None) -> Iterator[ChipConnection]:
        """Connect to the one card; raises AnotherDeviceError when it is another."""
        self._must_match(reader == self._alias, reader)
        with self._readers.open_card(self._reader, cancel=cancel) as connection:
            found = inspect(connection).uid
            if found != self._uid:
                raise AnotherDeviceError(f"the card {found} lies on the reader, not {self._uid}; nothing was written")
        with self._readers.open_card(self._reader) as connection:
            yield _Renamed(connection, self._alias)

    def watch(self, report: Callable[[ReaderEvent], None]) -> Callable[[], None]:
        """Call ``report`` for what happens on the one reader."""

        def of_ours(event: ReaderEvent) -> None:
            if event.reader == self._reader:
                report(ReaderEvent(event.kind, self._alias, event.atr))

        return self._readers.watch(of_ours)

    def _must_match(self, matches: bool, name: str) -> None:
        if not matches:
            raise ReaderMissingError(device=name)


class _Renamed:
    """A connection that knows its reader by the test's name."""

    def __init__(self, connection: ChipConnection, alias: str) -> None:
        self._connection, self.reader, self.atr = connection, alias, connection.atr

    def transmit(self, apdu: bytes) -> bytes:
        """Send a command APDU."""
        return self._connection.transmit(apdu)


def need_serial(described: str, queue: str, serial: str) -> None:
    """Fail unless the queue's device, as ``lpstat -v`` describes it, has this serial number in its address."""
    if serial not in described.partition(":")[2]:
        raise AnotherDeviceError(
            f"behind the queue {queue} is {described.strip()!r}, not {serial}; nothing was printed"
        )


def described(queue: str) -> str:
    """Return how CUPS describes a queue's device: its address, which has the serial number of a printer on USB."""
    environment = {**os.environ, "LC_ALL": "C"}
    command = ["lpstat", "-v", queue]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, env=environment)
    if done.returncode != 0:
        raise AnotherDeviceError(done.stderr.strip())
    return done.stdout
