"""An Evolis printer for tests: a stand-in of the maker's SDK in a real process, and who stands before the printer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from printers.api import DriverConfig, PrinterReason
from printers.drivers.evolis import EvolisPrinter
from printers.registry import load_profile

MAKERS = Path(__file__).parent / "makers"
QUEUE = "Primacy"

STATES = {
    PrinterReason.MEDIA_EMPTY: "DEF_FEEDER_EMPTY",
    PrinterReason.MEDIA_JAM: "ERR_MECHANICAL",
    PrinterReason.RIBBON_EMPTY: "DEF_RIBBON_ENDED",
}


class EvolisBench:
    """The printer, what went wrong with it, and what came out."""

    confirms = True

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        (root / "cards").mkdir(parents=True)
        (root / "calls").touch()
        self._opened: list[EvolisPrinter] = []
        self.set()

    def set(self, **changes: object) -> None:
        """Make it stand so; what isn't said is as new."""
        (self.root / "printer.json").write_text(json.dumps(changes))

    def open(
        self, options: dict[str, str] | None = None, *, profile: str = "evolis-primacy2", queue: str = QUEUE
    ) -> EvolisPrinter:
        """Return the driver as a program that has just been started finds it."""
        config = DriverConfig("Primacy 2", load_profile(profile), self.folder, queue=queue, options=options or {})
        self._opened.append(EvolisPrinter(config))
        return self._opened[-1]

    def close(self) -> None:
        """End every process that was begun."""
        for printer in self._opened:
            printer.close()

    def cards_out(self) -> int:
        """Count what came out."""
        return len(list((self.root / "cards").glob("*-FRONT.png")))

    def break_(self, reason: PrinterReason) -> None:
        """Give it a fault."""
        self.set(minor=STATES[reason])

    def repair(self) -> None:
        """Take every fault away."""
        self.set()

    def take_time(self) -> None:
        """It takes 0.2 s."""

    def calls(self) -> list[str]:
        """Return what the SDK was asked."""
        return (self.root / "calls").read_text().splitlines()


@pytest.fixture
def evolis_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EvolisBench]:
    """Give the test a printer with the stand-in where the maker's SDK would be."""
    monkeypatch.setenv("FAKE_EVOLIS", str(tmp_path / "evolis"))
    monkeypatch.syspath_prepend(str(MAKERS))
    bench = EvolisBench(tmp_path / "evolis", tmp_path / "printer")
    yield bench
    bench.close()
