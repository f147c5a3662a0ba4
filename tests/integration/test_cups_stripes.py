"""Who can read what is on a stripe: who lists the programs of this computer, and who has the print service's disk."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from printers.api import Cancel, DriverConfig, JobState, PrinterTroubleError, PrintJob
from printers.drivers.cups import CupsPrinter
from printers.registry import load_profile
from tests.helpers.cards import sample_rendered_card
from tests.helpers.cupsd import QUEUE, CupsBench, cups_bench

__all__ = ["cups_bench"]

pytestmark = pytest.mark.bench_cups
SECRET = "4711081512"


@pytest.fixture
def cups(cups_bench: CupsBench) -> Iterator[CupsBench]:
    """Return the bench as if it had just been started."""
    cups_bench.reset()
    yield cups_bench
    cups_bench.repair()


@pytest.fixture
def printer(cups: CupsBench, tmp_path: Path) -> CupsPrinter:
    """Return the driver of a model whose queue has an option for the second track."""
    model = replace(load_profile("generic-cr80-300"), magnetic=True)
    options = {"station.server": cups.address, "MagTrack2": "{track2}"}
    return CupsPrinter(DriverConfig("Desk printer", model, tmp_path / "printer", queue=QUEUE, options=options))


def a_job() -> PrintJob:
    return PrintJob("card-1", replace(sample_rendered_card(), tracks=("", SECRET, "")))


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def test_a_stripe_is_in_no_command_line_but_those_of_the_print_services_own_filters(
    cups: CupsBench, printer: CupsPrinter
) -> None:
    """CUPS tells its filters a job's options on their command lines, see filter(7): nobody can help that from here.

    What is ours to see to: nothing of the station's and of its children says it.
    """
    cups.slow(0.5)
    told = Listing(SECRET)
    with told:
        report = printer.print_card(a_job(), cancel=Cancel(), progress=quiet)
    assert report.state is JobState.DONE
    assert told.looks > 20
    assert told.seen, "the queue did get the stripe's text"
    assert told.seen == {"cupsd"}, "who runs the programs that show it"


def test_nothing_of_the_stripe_stays_on_the_print_services_disk(cups: CupsBench, printer: CupsPrinter) -> None:
    cups.fault("media-empty-error")
    with pytest.raises(PrinterTroubleError):
        printer.print_card(a_job(), cancel=Cancel(), progress=quiet)
    cups.stop_cupsd()  # it writes its jobs down when it has the time, and at its end
    assert _on_disk(cups)
    cups.start_cupsd()
    printer.cancel_job("card-1")
    assert _on_disk(cups) == []


def _on_disk(cups: CupsBench) -> list[str]:
    found = []
    for file in (cups.root / "var").rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # cupsd tidies up meanwhile
            if SECRET.encode() in file.read_bytes():
                found.append(file.name)
    return found


class Listing:
    """Whoever lists all programs again and again: ``seen`` started those whose command lines say ``word``."""

    def __init__(self, word: str) -> None:
        self._word, self._stop = word.encode(), threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.looks, self.seen = 0, set[str]()

    def __enter__(self) -> Listing:
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _look(self) -> None:
        while not self._stop.is_set():
            self.looks += 1
            for program in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    if self._word in program.read_bytes():
                        parent = re.findall(r"^PPid:\s*(\d+)", (program.parent / "status").read_text(), re.MULTILINE)[0]
                        self.seen.add(Path(f"/proc/{parent}/comm").read_text().strip())
