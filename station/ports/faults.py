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


KINDS: dict[str, tuple[str, ...]] = {
    "router": ("down", "slow", "500", "401", "429"),
    "card": ("pulled",),
    "printer": (
        "jam",
        "ribbon-out",
        "feeder-empty",
        "cover-open",
        "output-full",
        "wrong-ribbon",
        "paused",
        "off",
        "driver-missing",
        "lost",
        "encoder-jam",
    ),
    "camera": ("unplugged",),
    "clock": ("wrong",),
}
"""Every fault there is: ``slow`` takes seconds, ``pulled`` the APDUs before it, ``wrong`` seconds ahead.

The printer's ``lost`` begins the next card and then knows nothing of it; ``encoder-jam`` lets no card into the encoder.
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
