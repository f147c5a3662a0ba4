"""The fault dial of the demo bench, as switches."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from station.ports.faults import KINDS, Fault


class Dial(Protocol):
    """What can be told to break: the demo bench's own dial."""

    def all(self) -> dict[str, Fault]:
        """Return every fault that is set, by device."""

    def set(self, device: str, kind: str, value: float | None = None) -> Fault:
        """Break a device."""

    def clear(self, device: str | None = None) -> None:
        """Repair a device, or everything."""


class FaultsModel(QObject):
    """Which device is told to be broken, and how."""

    changed = Signal()

    def __init__(self, dial: Dial, printers: int = 1) -> None:
        super().__init__()
        self._dial = dial
        self._absent = frozenset({"printer-2"} if printers < 2 else ())

    @property
    def devices(self) -> tuple[str, ...]:
        """Return the devices that can be broken."""
        return tuple(device for device in KINDS if device not in self._absent)

    def kinds(self, device: str) -> tuple[str, ...]:
        """Return the ways in which a device can break."""
        return KINDS[device]

    def set_on(self, device: str) -> str:
        """Return the fault that is set, empty when the device works."""
        fault = self._dial.all().get(device)
        return fault.kind if fault else ""

    def turn(self, device: str, kind: str) -> None:
        """Break a device in a way; an empty ``kind`` repairs it."""
        if kind:
            self._dial.set(device, kind)
        else:
            self._dial.clear(device)
        self.changed.emit()

    def repair_all(self) -> None:
        """Let everything work."""
        self._dial.clear()
        self.changed.emit()
