"""A printer of Windows for tests: a stand-in of pywin32 with a spooler in memory, drawn on as GDI would draw."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from printers.api import DriverConfig, PrinterReason
from printers.drivers.windows import WindowsPrinter
from printers.registry import load_profile

MAKERS = Path(__file__).parent / "makers"
QUEUE = "Card printer"

_PAPER_OUT, _JAM, _RIBBON = 0x10, 0x8, 0x40000
BITS = {
    PrinterReason.MEDIA_EMPTY: _PAPER_OUT,
    PrinterReason.MEDIA_JAM: _JAM,
    PrinterReason.RIBBON_EMPTY: _RIBBON,
}


class WindowsBench:
    """The spooler, and who stands before the printer."""

    confirms = False

    def __init__(self, folder: Path, api: Any) -> None:
        self._folder, self.api = folder, api
        self.spooler = api.SPOOLER = api.Spooler()

    def open(
        self, options: dict[str, str] | None = None, *, profile: str = "generic-cr80-300", queue: str = QUEUE
    ) -> WindowsPrinter:
        """Return the driver as a program that has just been started finds it."""
        config = DriverConfig("Desk", load_profile(profile), self._folder, queue=queue, options=options or {})
        return WindowsPrinter(config, draw=self.spooler.draw)

    def cards_out(self) -> int:
        """Count what came out."""
        return len(self.spooler.cards)

    def break_(self, reason: PrinterReason) -> None:
        """Give it a fault."""
        self.spooler.trouble(BITS[reason])

    def repair(self) -> None:
        """Take the fault away."""
        self.spooler.repair()

    def take_time(self) -> None:
        """Have a card stay in the queue."""
        self.spooler.trouble()


@pytest.fixture
def windows_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowsBench]:
    """Give the test a printer with the stand-in where pywin32 would be."""
    monkeypatch.syspath_prepend(str(MAKERS))
    for name in ("win32print", "win32gui"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    bench = WindowsBench(tmp_path / "printer", import_module("win32print"))
    yield bench
    assert bench.spooler.handles == 0
    for name in ("win32print", "win32gui"):
        sys.modules.pop(name, None)
