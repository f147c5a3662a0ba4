"""The fault dial: which simulated device is broken at the moment, in a small file that every process can turn."""

from __future__ import annotations

import json
import logging
import math
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from station.domain.errors import N_, InputError
from station.ports.faults import KINDS, Fault

log = logging.getLogger(__name__)

DEFAULTS: dict[tuple[str, str], float] = {("router", "slow"): 3.0, ("card", "pulled"): 10.0, ("clock", "wrong"): 3600.0}
"""The number of a fault that has one and was not given any: seconds, APDUs, seconds."""

_Stamp = tuple[int, int, int]


class FaultDial:
    """Hold the faults of the demo bench in one JSON file.

    Whoever writes replaces the file as a whole; whoever reads looks whether it is another one. So ``station sandbox
    fault printer jam`` in one terminal reaches a window that is open elsewhere at its next question.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._faults: dict[str, Fault] = {}

    def fault(self, device: str) -> Fault | None:
        """Return the fault set for ``device``, ``None`` when it works."""
        return self.all().get(device)

    def all(self) -> dict[str, Fault]:
        """Return every fault that is set, by device."""
        with self._lock:
            stamp = self._stamp_now()
            # Asked at every frame and every command to a card: a stat is cheap, reading the file each time would not
            # be.
            if stamp != self._stamp:
                self._faults = {} if stamp is None else self._read()
                self._stamp = stamp
            return dict(self._faults)

    def set(self, device: str, kind: str, value: float | None = None) -> Fault:
        """Break ``device`` in the way ``kind``; ``value`` is its number (``ports.faults.KINDS`` says of what).

        Raises:
            InputError: there is no such device or kind, or the number makes no sense; the message lists what there is.
        """
        fault = _checked(device, kind, value)
        self._write({**self.all(), device: fault})
        return fault

    def clear(self, device: str | None = None) -> None:
        """Repair ``device``, or everything; raises InputError for a device that there is not."""
        if device is None:
            self._write({})
            return
        _check_device(device)
        self._write({name: fault for name, fault in self.all().items() if name != device})

    def _stamp_now(self) -> _Stamp | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        # The inode too: a file system may count time in whole seconds, and two faults can be of one length.
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> dict[str, Fault]:
        # A file that a person has spoilt must not stop the bench: what cannot be read is no fault.
        faults: dict[str, Fault] = {}
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            for device, entry in dict(document).items():
                faults[device] = _checked(device, str(entry["kind"]), float(entry["value"]))
        except (OSError, ValueError, TypeError, KeyError, InputError) as error:
            log.warning("the fault dial %s can't be read, so nothing is broken: %s", self._path, error)
            return {}
        return faults

    def _write(self, faults: dict[str, Fault]) -> None:
        document = {name: {"kind": fault.kind, "value": fault.value} for name, fault in sorted(faults.items())}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Beside it, as only a rename within one file system is a single step; a reader never sees half a dial.
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file)
            Path(name).replace(self._path)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise


def _checked(device: str, kind: str, value: float | None) -> Fault:
    _check_device(device)
    if kind not in KINDS[device]:
        raise InputError(
            N_("The {device} has no fault named {kind}."),
            N_("Choose one of: {known}."),
            device=device,
            kind=kind,
            known=", ".join(KINDS[device]),
        )
    number = DEFAULTS.get((device, kind), 0.0) if value is None else value
    if not math.isfinite(number) or (number < 0 and device != "clock"):
        raise InputError(
            N_("The fault {kind} can't have the value {value}."),
            N_("Give a number from 0 up (a clock may be behind: then it is less than 0)."),
            kind=kind,
            value=value,
        )
    return Fault(device, kind, number)


def _check_device(device: str) -> None:
    if device not in KINDS:
        raise InputError(
            N_("There is no device named {device} on the demo bench."),
            N_("Choose one of: {known}."),
            device=device,
            known=", ".join(KINDS),
        )
