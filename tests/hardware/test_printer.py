"""The printers' contract on one real printer behind a CUPS queue. No card is used up, unless one is asked for.

STATION_HARDWARE_QUEUE is the queue's name, STATION_HARDWARE_PRINTER the printer's serial number; with
STATION_HARDWARE_PRINT=1 one card is printed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from printers.api import Cancel, DriverConfig, JobState, Printer
from printers.registry import load_profile, open_printer
from tests.contract.test_printers import (
    job,
    quiet,
    test_it_is_ready_before_the_first_job,
    test_it_says_who_it_is,
    test_of_a_job_that_it_never_got_it_knows_nothing,
)
from tests.helpers.hardware import described, need_serial, pinned
from tests.helpers.namespace import require_program

__all__ = [
    "test_it_is_ready_before_the_first_job",
    "test_it_says_who_it_is",
    "test_of_a_job_that_it_never_got_it_knows_nothing",
]

pytestmark = pytest.mark.hardware


class RealBench:
    """One queue, whose printer was found to be the one that was named."""

    def __init__(self, queue: str, folder: Path) -> None:
        self._queue, self._folder = queue, folder

    def open(self) -> Printer:
        """Return the printer as a program that has just been started finds it."""
        config = DriverConfig("Real", load_profile("generic-cr80-300"), self._folder, queue=self._queue)
        return open_printer("cups", config)


@pytest.fixture
def bench(tmp_path: Path) -> RealBench:
    queue = pinned("STATION_HARDWARE_QUEUE", "the CUPS queue of the card printer")
    serial = pinned("STATION_HARDWARE_PRINTER", "the printer's serial number, as in its address (lpstat -v)")
    require_program("lpstat", package="cups-client")
    need_serial(described(queue), queue, serial)
    return RealBench(queue, tmp_path / "printer")


def test_a_card_comes_out_when_one_is_asked_for(bench: RealBench) -> None:
    if os.environ.get("STATION_HARDWARE_PRINT") != "1":
        pytest.skip("uses up a card: set STATION_HARDWARE_PRINT=1")
    report = bench.open().print_card(job(two_sided=False), cancel=Cancel(), progress=quiet)
    assert report.state is JobState.DONE
    assert bench.open().job_report(report.job) == report
