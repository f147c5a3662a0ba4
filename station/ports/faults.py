"""Faults that the demo bench can be told to have; real devices have their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one simulated device: its kind, and a number where the kind has one (seconds, APDUs)."""

    device: str
    kind: str
    value: float = 0.0


_PRINTER = (
    "jam", "ribbon-out", "feeder-empty", "cover-open", "output-full", "wrong-ribbon", "paused", "off",
    "driver-missing", "lost", "encoder-jam",
)  # fmt: skip
KINDS: dict[str, tuple[str, ...]] = {
    "router": ("down", "slow", "500", "401", "429"),
    "card": ("pulled",),
    "printer": _PRINTER,
    "printer-2": _PRINTER,
    "camera": ("unplugged",),
    "clock": ("wrong",),
}
"""Every fault there is: ``slow`` takes seconds, ``pulled`` the APDUs before it, ``wrong`` seconds ahead.

The printer's ``lost`` begins the next card and then knows nothing of it; ``encoder-jam`` lets no card into the encoder.
``printer-2`` is the second printer, on a bench that has one.
"""


class FaultSource(Protocol):
    """Say which fault a simulated device has now."""

    def fault(self, device: str) -> Fault | None:
        """Return the fault set for ``device``, ``None`` when it works."""


class NoFaults:
    """Nothing is broken."""

    def fault(self, device: str) -> Fault | None:
        """Return ``None``."""
        return None


class FaultsOf:
    """The faults of ``device``, for a simulated device that asks for those of the first of its kind."""

    def __init__(self, faults: FaultSource, device: str) -> None:
        self._faults, self._device = faults, device

    def fault(self, device: str) -> Fault | None:
        """Return the fault set for the device that this is."""
        return self._faults.fault(self._device)
