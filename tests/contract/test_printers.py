"""What every printer driver keeps to.

Tried on the virtual printer, the PDF printer, a real CUPS queue, a real IPP printer, and, with a stand-in for the
maker's or the system's library, on an Evolis printer (in its real process) and a printer of Windows.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

import pytest

from printers.api import (
    Cancel,
    Cancelled,
    DriverConfig,
    InputError,
    JobState,
    Printer,
    PrinterReason,
    PrinterState,
    PrinterTroubleError,
    PrintJob,
    PrintJobLostError,
)
from printers.registry import load_profile, open_printer
from tests.helpers.cards import FaultSwitch, sample_rendered_card
from tests.helpers.cupsd import PRINTER_URI, CupsBench, cups_bench, wait_until
from tests.helpers.evolis import evolis_bench
from tests.helpers.windows import windows_bench

__all__ = ["cups_bench", "evolis_bench", "windows_bench"]

Steps = list[tuple[str, float]]


class Bench(Protocol):
    """One kind of printer, and what a person sees of it."""

    confirms: bool

    def open(self) -> Printer:
        """Return the printer as a program that has just been started finds it."""

    def cards_out(self) -> int:
        """Count what came out."""

    def break_(self, reason: PrinterReason) -> None:
        """Give it a fault."""

    def repair(self) -> None:
        """Take the fault away."""

    def take_time(self) -> None:
        """Have a card take long enough to be stopped in the middle."""


class VirtualBench:
    """The virtual printer in a folder of its own."""

    confirms = True

    def __init__(self, folder: Path) -> None:
        self._folder, self._faults = folder, FaultSwitch()

    def open(self) -> Printer:
        profile = load_profile("virtual")
        config = DriverConfig("Virtual", profile, self._folder, faults=self._faults, seconds_a_card=0.3)
        return open_printer("virtual", config)

    def cards_out(self) -> int:
        return len(list(self._folder.glob("*/front.png")))

    def break_(self, reason: PrinterReason) -> None:
        kinds = {
            PrinterReason.MEDIA_EMPTY: "feeder-empty",
            PrinterReason.MEDIA_JAM: "jam",
            PrinterReason.RIBBON_EMPTY: "ribbon-out",
        }
        self._faults.set("printer", kinds[reason])

    def repair(self) -> None:
        self._faults.clear("printer")

    def take_time(self) -> None:
        """It takes 0.3 s."""


class PdfBench:
    """The PDF printer; nothing can break."""

    confirms = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> Printer:
        return open_printer("pdf", DriverConfig("Proofs", load_profile("generic-cr80-300"), self._folder))

    def cards_out(self) -> int:
        return len(list(self._folder.glob("*/card.pdf")))

    def break_(self, reason: PrinterReason) -> None:
        raise NotImplementedError

    def repair(self) -> None:
        """Nothing was broken."""

    def take_time(self) -> None:
        raise NotImplementedError


class CupsQueueBench:
    """A CUPS queue with an IPP printer behind it."""

    confirms = False

    def __init__(self, folder: Path, bench: CupsBench) -> None:
        self._folder, self._bench = folder, bench

    def open(self) -> Printer:
        options = {"station.server": self._bench.address}
        config = DriverConfig("Bench", load_profile("generic-cr80-300"), self._folder, queue="card", options=options)
        return open_printer("cups", config)

    def cards_out(self) -> int:
        return len(self._bench.cards_out())

    def break_(self, reason: PrinterReason) -> None:
        self._bench.fault(f"{reason.value}-error")

    def repair(self) -> None:
        self._bench.repair()

    def take_time(self) -> None:
        self._bench.slow(0.7)


class IppPrinterBench(CupsQueueBench):
    """The IPP printer itself, without CUPS."""

    confirms = True

    def open(self) -> Printer:
        return open_printer(
            "ipp", DriverConfig("Bench", load_profile("generic-cr80-300"), self._folder, queue=PRINTER_URI)
        )


CUPS = pytest.param("cups", marks=pytest.mark.bench_cups)
IPP = pytest.param("ipp", marks=pytest.mark.bench_cups)


@pytest.fixture(params=["virtual", "pdf", CUPS, IPP, "evolis", "windows"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Return each kind in turn."""
    return _bench(request, tmp_path)


@pytest.fixture(params=["virtual", CUPS, IPP, "evolis", "windows"])
def fallible(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Return the kinds that can be in trouble."""
    return _bench(request, tmp_path)


def _bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    folder = tmp_path / "printer"
    if request.param == "virtual":
        return VirtualBench(folder)
    if request.param == "pdf":
        return PdfBench(folder)
    if request.param in ("evolis", "windows"):
        simulated: Bench = request.getfixturevalue(f"{request.param}_bench")
        return simulated
    daemons: CupsBench = request.getfixturevalue("cups_bench")
    if request.param == "ipp":
        daemons.kill_printer()  # it remembers the jobs of the test before, and their names
    daemons.reset()
    request.addfinalizer(daemons.repair)
    return IppPrinterBench(folder, daemons) if request.param == "ipp" else CupsQueueBench(folder, daemons)


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def job(name: str = "card-1", *, two_sided: bool = True) -> PrintJob:
    """Return a job for the sample card."""
    return PrintJob(name, sample_rendered_card(two_sided=two_sided))


def in_trouble(printer: Printer, name: str = "card-1") -> PrinterTroubleError:
    """Print on a printer that has a fault; return what it tells."""
    with pytest.raises(PrinterTroubleError) as caught:
        printer.print_card(job(name), cancel=Cancel(), progress=quiet)
    return caught.value


def test_it_says_who_it_is(bench: Bench) -> None:
    printer = bench.open()
    assert printer.name
    assert (printer.profile.width_px, printer.profile.height_px) == (1016, 648)


def test_it_is_ready_before_the_first_job(bench: Bench) -> None:
    status = bench.open().status()
    assert (status.state, status.reasons) == (PrinterState.READY, ())


@pytest.mark.parametrize("two_sided", [True, False])
def test_a_card_is_printed_once_and_only_a_printer_that_knows_confirms_it(bench: Bench, two_sided: bool) -> None:
    report = bench.open().print_card(job(two_sided=two_sided), cancel=Cancel(), progress=quiet)
    assert (report.job, report.state, report.card_confirmed) == ("card-1", JobState.DONE, bench.confirms)
    assert not report.untouched
    assert bench.cards_out() == 1


def test_progress_grows_and_stays_between_nothing_and_all(bench: Bench) -> None:
    steps: Steps = []
    bench.open().print_card(job(), cancel=Cancel(), progress=lambda step, share: steps.append((step, share)))
    shares = [share for step, share in steps if step == "printing"]
    assert shares == sorted(shares)
    assert all(0 <= share <= 1 for _, share in steps)
    assert all(step in {"sending", "queued", "waiting", "printing"} for step, _ in steps)


def test_a_job_is_known_again_after_a_restart(bench: Bench) -> None:
    report = bench.open().print_card(job(), cancel=Cancel(), progress=quiet)
    assert bench.open().job_report("card-1") == report
    assert bench.open().wait_job("card-1", cancel=Cancel(), progress=quiet) == report


def test_the_same_job_is_never_printed_twice(bench: Bench) -> None:
    first = bench.open().print_card(job(), cancel=Cancel(), progress=quiet)
    assert bench.open().print_card(job(), cancel=Cancel(), progress=quiet) == first
    assert bench.cards_out() == 1


def test_different_jobs_are_different_cards(bench: Bench) -> None:
    printer = bench.open()
    for name in ("card-1", "card-2"):
        assert printer.print_card(job(name), cancel=Cancel(), progress=quiet).state is JobState.DONE
    assert bench.cards_out() == 2


def test_of_a_job_that_it_never_got_it_knows_nothing(bench: Bench) -> None:
    printer = bench.open()
    report = printer.job_report("card-9")
    assert (report.state, report.card_confirmed, report.untouched) == (JobState.UNKNOWN, False, False)
    with pytest.raises(PrintJobLostError):
        printer.wait_job("card-9", cancel=Cancel(), progress=quiet)
    printer.cancel_job("card-9")
    assert printer.job_report("card-9").state is JobState.UNKNOWN


def test_what_is_cancelled_before_it_begins_is_never_printed(bench: Bench) -> None:
    printer, cancel = bench.open(), Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        printer.print_card(job(), cancel=cancel, progress=quiet)
    assert bench.cards_out() == 0
    assert not printer.job_report("card-1").card_confirmed


def test_a_job_that_has_ended_cannot_be_taken_back(bench: Bench) -> None:
    printer = bench.open()
    report = printer.print_card(job(), cancel=Cancel(), progress=quiet)
    printer.cancel_job("card-1")
    assert printer.job_report("card-1") == report


@pytest.mark.parametrize("name", ["", "../card", "a/b", "-x", "Anna Kalniņa", "x" * 101])
def test_a_job_is_named_by_letters_and_digits_only(bench: Bench, name: str) -> None:
    printer = bench.open()
    with pytest.raises(InputError):
        printer.print_card(job(name), cancel=Cancel(), progress=quiet)
    assert bench.cards_out() == 0


REASONS = [PrinterReason.MEDIA_EMPTY, PrinterReason.MEDIA_JAM, PrinterReason.RIBBON_EMPTY]


@pytest.mark.parametrize("reason", REASONS)
def test_trouble_is_told_in_plain_words_and_leads_back_to_the_same_card(fallible: Bench, reason: PrinterReason) -> None:
    printer = fallible.open()
    fallible.break_(reason)
    error = in_trouble(printer)
    assert error.reason == reason
    assert printer.name in str(error)
    assert error.todo
    status = printer.status()
    assert (status.state, status.reasons[0]) == (PrinterState.TROUBLE, reason)
    assert reason in printer.job_report("card-1").reasons
    assert fallible.cards_out() == 0
    fallible.repair()
    report = printer.wait_job("card-1", cancel=Cancel(), progress=quiet)
    assert (report.state, fallible.cards_out()) == (JobState.DONE, 1)
    assert printer.status().state is PrinterState.READY


def test_a_trouble_is_raised_once_and_then_waited_out(fallible: Bench) -> None:
    printer = fallible.open()
    fallible.break_(PrinterReason.MEDIA_EMPTY)
    in_trouble(printer)
    steps: Steps = []
    ended: list[JobState] = []

    def wait() -> None:
        report = printer.wait_job("card-1", cancel=Cancel(), progress=lambda *step: steps.append(step))
        ended.append(report.state)

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_until("a sign of waiting", lambda: len(steps) >= 3)
    assert not ended
    fallible.repair()
    waiting.join(20)
    assert ended == [JobState.DONE]
    assert fallible.cards_out() == 1


def test_a_job_in_trouble_is_found_again_after_a_restart(fallible: Bench) -> None:
    fallible.break_(PrinterReason.MEDIA_EMPTY)
    in_trouble(fallible.open())
    printer = fallible.open()
    report = printer.job_report("card-1")
    assert report.state in (JobState.QUEUED, JobState.PRINTING)
    assert not report.card_confirmed
    fallible.repair()
    assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).state is JobState.DONE
    assert fallible.cards_out() == 1


def test_a_job_in_trouble_can_be_taken_back(fallible: Bench) -> None:
    printer = fallible.open()
    fallible.break_(PrinterReason.RIBBON_EMPTY)
    in_trouble(printer)
    printer.cancel_job("card-1")
    report = fallible.open().job_report("card-1")
    assert (report.state, report.card_confirmed) == (JobState.CANCELLED, False)
    with pytest.raises((Cancelled, PrintJobLostError)):
        fallible.open().wait_job("card-1", cancel=Cancel(), progress=quiet)


def test_who_stops_in_the_middle_learns_whether_the_plastic_is_untouched(fallible: Bench) -> None:
    printer, cancel = fallible.open(), Cancel()

    def stop(step: str, share: float) -> None:
        if step == "printing":
            cancel.set()

    fallible.take_time()
    with pytest.raises((Cancelled, PrintJobLostError)) as caught:
        printer.print_card(job(), cancel=cancel, progress=stop)
    report = printer.job_report("card-1")
    assert report.state is JobState.CANCELLED
    # `Cancelled` is a promise: nothing was printed. What a spooler has begun, nobody can promise.
    assert report.untouched == isinstance(caught.value, Cancelled)
    if report.untouched:
        assert fallible.cards_out() == 0


def test_status_may_be_asked_while_it_prints(fallible: Bench) -> None:
    printer = fallible.open()
    fallible.take_time()  # a card of a few milliseconds is out before anybody could look
    states: list[PrinterState] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            states.append(printer.status().state)
            if states[-1] is PrinterState.PRINTING:
                fallible.repair()  # it was seen: the card may come out

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        printer.print_card(job(), cancel=Cancel(), progress=quiet)
    finally:
        done.set()
        watching.join(20)
    assert PrinterState.PRINTING in states
