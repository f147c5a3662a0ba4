"""What a sandbox is made of; light, for whoever only starts its process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from station.domain.errors import N_, StationError


class SandboxError(StationError):
    """The sandbox can't be started."""

    what = N_("The ESC-Router sandbox can't start: {detail}")
    todo = N_("Choose another port with --port, or stop the other program that uses it.")


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """What a sandbox is: the file behind it, the keys with the PIC each is bound to, names of organisations by PIC.

    Port 0 takes any that is free.
    """

    database: Path
    keys: Mapping[str, str] = field(repr=False)
    names: Mapping[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    port: int = 0
