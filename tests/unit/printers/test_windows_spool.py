"""A queue of Windows, read through a stand-in of pywin32: bits become words, and a job's absence says little."""

from __future__ import annotations

import sys

import pytest

from printers.api import JobState, PrinterReason, PrinterState
from printers.spooler import SpoolState
from printers.windows_spool import WindowsSpool, WindowsSpoolError
from tests.helpers.windows import QUEUE, WindowsBench, windows_bench

__all__ = ["windows_bench"]


@pytest.fixture
def spool(windows_bench: WindowsBench) -> WindowsSpool:
    return WindowsSpool(QUEUE)


def held(bench: WindowsBench, bits: int = 0x10, title: str = "card-1") -> int:
    """Put a job into the queue that stays there, and return its number."""
    bench.spooler.trouble(0, bits)
    number: int = bench.spooler.begin(title)
    bench.spooler.end()
    return number


@pytest.mark.parametrize(
    ("bits", "state", "reason"),
    [
        (0x1, PrinterState.PAUSED, PrinterReason.PAUSED),
        (0x2, PrinterState.TROUBLE, PrinterReason.OTHER),
        (0x8, PrinterState.TROUBLE, PrinterReason.MEDIA_JAM),
        (0x10, PrinterState.TROUBLE, PrinterReason.MEDIA_EMPTY),
        (0x80, PrinterState.OFFLINE, PrinterReason.OFFLINE),
        (0x800, PrinterState.TROUBLE, PrinterReason.OUTPUT_FULL),
        (0x20000, PrinterState.READY, PrinterReason.RIBBON_LOW),
        (0x40000, PrinterState.TROUBLE, PrinterReason.RIBBON_EMPTY),
        (0x400000, PrinterState.TROUBLE, PrinterReason.COVER_OPEN),
    ],
)
def test_each_bit_of_the_printers_status_has_its_reason(
    windows_bench: WindowsBench, spool: WindowsSpool, bits: int, state: PrinterState, reason: PrinterReason
) -> None:
    windows_bench.spooler.status = bits
    status = spool.now().status("Desk")
    assert (status.state, status.reasons, status.model) == (state, (reason,), "Maker Card Printer")


def test_a_printer_that_works_offline_is_offline_and_one_to_be_deleted_takes_no_jobs(
    windows_bench: WindowsBench, spool: WindowsSpool
) -> None:
    assert spool.now().accepting
    windows_bench.spooler.attributes = 0x400
    assert spool.now().status("Desk").state is PrinterState.OFFLINE
    windows_bench.spooler.attributes, windows_bench.spooler.status = 0, 0x4
    assert not spool.now().accepting


@pytest.mark.parametrize(
    ("bits", "state"),
    [
        (0x0, SpoolState.PENDING),
        (0x1, SpoolState.HELD),
        (0x10, SpoolState.PROCESSING),
        (0x10 | 0x4, SpoolState.CANCELLED),
        (0x100, SpoolState.CANCELLED),
        (0x80, SpoolState.COMPLETED),
        (0x1000, SpoolState.COMPLETED),
        (0x2000, SpoolState.COMPLETED),
        (0x800, SpoolState.PENDING),
    ],
)
def test_each_bit_of_a_jobs_status_has_its_state(
    windows_bench: WindowsBench, spool: WindowsSpool, bits: int, state: SpoolState
) -> None:
    held(windows_bench, bits)
    found = spool.look("card-1")
    assert found is not None
    assert found.state == state
    assert found.printed_again is (bits == 0x800)


def test_what_was_once_at_the_printer_is_never_untouched_again(
    windows_bench: WindowsBench, spool: WindowsSpool
) -> None:
    number = held(windows_bench, 0x0)
    for bits, begun in ((0x0, False), (0x10, True), (0x1, True)):
        windows_bench.spooler.trouble(0, bits)
        found = spool.look("card-1", str(number))
        assert found is not None
        assert found.begun is begun


def test_a_job_is_found_by_its_number_else_the_newest_of_its_title(
    windows_bench: WindowsBench, spool: WindowsSpool
) -> None:
    first, second = held(windows_bench), held(windows_bench)
    other = held(windows_bench, title="card-2")
    looks = [(str(first), first), ("", second), ("77", second), (str(other), second)]
    assert [getattr(spool.look("card-1", number), "job_id", None) for number, _ in looks] == [each for _, each in looks]
    assert spool.look("card-3") is None


def test_a_job_that_is_gone_was_sent_unless_we_deleted_it(windows_bench: WindowsBench, spool: WindowsSpool) -> None:
    ours, theirs = held(windows_bench, 0x0), held(windows_bench, 0x0, "card-2")
    assert spool.look("card-1") is not None  # who takes a job back has found it by its title
    spool.revoke(ours)
    del windows_bench.spooler.jobs[theirs]
    spool.revoke(theirs)  # it is no longer there, and that is no error
    gone, sent = spool.look("card-1", str(ours)), spool.look("card-2", str(theirs))
    assert gone is not None
    assert sent is not None
    assert (gone.job_state, gone.begun) == (JobState.CANCELLED, False)
    assert (sent.job_state, sent.begun) == (JobState.DONE, True)


def test_a_number_that_windows_gives_anew_says_nothing_of_the_card_that_had_it(
    windows_bench: WindowsBench, spool: WindowsSpool
) -> None:
    first = held(windows_bench, 0x0)
    assert spool.look("card-1") is not None
    spool.revoke(first)
    windows_bench.spooler.restart()
    again = held(windows_bench, 0x0, "card-2")
    assert again == first
    waits = spool.look("card-2")
    assert waits is not None
    del windows_bench.spooler.jobs[again]
    sent = spool.look("card-2", str(again))
    assert sent is not None
    assert (sent.job_state, sent.begun) == (JobState.DONE, True), "it was printed, and is not printed again unasked"


def test_what_windows_says_is_told_and_every_handle_given_back(
    windows_bench: WindowsBench, spool: WindowsSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WindowsSpoolError, match="1801") as caught:
        WindowsSpool("Elsewhere").now()
    assert caught.value.not_found
    with monkeypatch.context() as refusing:
        denied = windows_bench.api.error(5, "SetJob", "Access is denied.")
        refusing.setattr(windows_bench.api, "SetJob", lambda *_: (_ for _ in ()).throw(denied))
        with pytest.raises(WindowsSpoolError, match="5 Access is denied") as caught:
            spool.revoke(held(windows_bench))
    assert (caught.value.not_found, caught.value.driver_missing) == (False, False)
    monkeypatch.setitem(sys.modules, "win32print", None)
    with pytest.raises(WindowsSpoolError, match="pywin32") as caught:
        spool.now()
    assert caught.value.driver_missing
