"""The virtual printer: what it writes, its ribbon, its faults in the middle of a card, and the plug being pulled."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from printers.api import (
    Bitmap,
    Cancel,
    Cancelled,
    DriverConfig,
    JobState,
    PrinterError,
    PrinterMissingError,
    PrinterReason,
    PrinterState,
    PrinterTroubleError,
    PrintJob,
    PrintJobLostError,
    ProfileError,
)
from printers.bitmap import on_plastic
from printers.drivers.virtual import VirtualPrinter
from printers.records import JobBook, JobRecord
from printers.registry import load_profile
from tests.helpers.cards import FaultSwitch, sample_image, sample_rendered_card
from tests.helpers.late_cancel import cancelled_while_it_comes_out

ROOT = Path(__file__).parents[4]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "printer"


@pytest.fixture
def faults() -> FaultSwitch:
    return FaultSwitch()


@pytest.fixture
def printer(folder: Path, faults: FaultSwitch) -> VirtualPrinter:
    return make(folder, faults)


def make(folder: Path, faults: FaultSwitch, seconds: float = 0.0, **options: str) -> VirtualPrinter:
    profile = load_profile("virtual")
    return VirtualPrinter(DriverConfig("Demo", profile, folder, options=options, faults=faults, seconds_a_card=seconds))


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def print_one(printer: VirtualPrinter, name: str = "card-1", *, two_sided: bool = True) -> Path:
    report = printer.print_card(
        PrintJob(name, sample_rendered_card(two_sided=two_sided)), cancel=Cancel(), progress=quiet
    )
    assert report.state is JobState.DONE
    return Path(report.proof).parent


def when(step: str, act: Callable[[], object]) -> Callable[[str, float], None]:
    """Return a progress callback that acts, once, at the first report of ``step``."""
    waiting = [act]

    def progress(said: str, share: float) -> None:
        if said == step and waiting:
            waiting.pop()()

    return progress


class TestWhatItWrites:
    def test_both_sides_as_the_plastic_shows_them_and_a_pdf(self, printer: VirtualPrinter) -> None:
        place = print_one(printer)
        assert sorted(path.name for path in place.iterdir()) == ["back.png", "card.pdf", "front.png", "job.json"]
        for side in ("front", "back"):
            expected = on_plastic(sample_image(side), (300, 300))
            assert Image.open(place / f"{side}.png").tobytes() == expected.tobytes()

    def test_a_one_sided_card_has_no_back(self, printer: VirtualPrinter) -> None:
        assert not (print_one(printer, two_sided=False) / "back.png").exists()

    def test_the_plastic_shows_the_back_upright_however_the_model_feeds_it(
        self, folder: Path, faults: FaultSwitch
    ) -> None:
        profile = replace(load_profile("virtual"), rotate_back=True, seconds_a_card=0)
        place = print_one(VirtualPrinter(DriverConfig("Demo", profile, folder, faults=faults)))
        assert Image.open(place / "back.png").tobytes() == on_plastic(sample_image("back"), (300, 300)).tobytes()

    def test_the_proof_is_the_pdf(self, printer: VirtualPrinter) -> None:
        report = printer.print_card(PrintJob("card-1", sample_rendered_card()), cancel=Cancel(), progress=quiet)
        assert Path(report.proof).read_bytes().startswith(b"%PDF")

    def test_its_record_is_a_small_file_anybody_can_read(self, printer: VirtualPrinter) -> None:
        record = json.loads((print_one(printer) / "job.json").read_text())
        assert (record["state"], record["card_confirmed"]) == ("done", True)


class TestRibbon:
    def test_it_falls_with_each_card_and_is_remembered(self, folder: Path, faults: FaultSwitch) -> None:
        printer = make(folder, faults, ribbon_cards="4")
        levels = [printer.status().ribbon_percent]
        for number in range(3):
            print_one(printer, f"card-{number}")
            levels.append(make(folder, faults, ribbon_cards="4").status().ribbon_percent)
        assert levels == [100, 75, 50, 25]

    def test_a_low_one_is_told_but_stops_nothing(self, folder: Path, faults: FaultSwitch) -> None:
        printer = make(folder, faults, ribbon_cards="2000")
        (folder).mkdir()
        (folder / ".printer.json").write_text('{"printed": 1900, "drawn": 1900, "on_ribbon": 1900, "place": "none"}')
        status = printer.status()
        assert (status.state, status.reasons) == (PrinterState.READY, (PrinterReason.RIBBON_LOW,))
        print_one(printer)

    def test_after_the_last_card_of_one_the_next_begins(self, folder: Path, faults: FaultSwitch) -> None:
        printer = make(folder, faults, ribbon_cards="2")
        for number in range(2):
            print_one(printer, f"card-{number}")
        assert printer.status().ribbon_percent == 100

    def test_whoever_remedies_an_empty_one_puts_in_a_new_one(
        self, printer: VirtualPrinter, folder: Path, faults: FaultSwitch
    ) -> None:
        print_one(printer)
        faults.set("printer", "ribbon-out")
        with pytest.raises(PrinterTroubleError):
            print_one(printer, "card-2")
        assert printer.status().ribbon_percent == 0
        faults.clear("printer")
        assert printer.status().ribbon_percent == 100

    @pytest.mark.parametrize("note", ["", "[]", '{"on_ribbon": "x"}', '{"printed": 7}', "\x00"])
    def test_a_note_that_makes_no_sense_is_a_new_ribbon(self, printer: VirtualPrinter, folder: Path, note: str) -> None:
        folder.mkdir()
        (folder / ".printer.json").write_text(note)
        assert printer.status().ribbon_percent == 100

    @pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "", "٣"])
    def test_its_size_is_a_whole_number(self, folder: Path, faults: FaultSwitch, value: str) -> None:
        with pytest.raises(ProfileError, match="ribbon_cards"):
            make(folder, faults, ribbon_cards=value)


class TestFaults:
    @pytest.mark.parametrize("kind", ["jam", "ribbon-out", "feeder-empty"])
    def test_in_the_middle_of_a_card_nothing_comes_out_until_it_is_cleared(
        self, folder: Path, faults: FaultSwitch, kind: str
    ) -> None:
        printer = make(folder, faults, seconds=0.2)
        job = PrintJob("card-1", sample_rendered_card())
        with pytest.raises(PrinterTroubleError):
            printer.print_card(job, cancel=Cancel(), progress=when("printing", lambda: faults.set("printer", kind)))
        assert list(folder.glob("*/front.png")) == []
        report = printer.job_report("card-1")
        assert (report.state, report.untouched) == (JobState.QUEUED, True)
        faults.clear("printer")
        assert printer.wait_job("card-1", cancel=Cancel(), progress=quiet).card_confirmed

    def test_a_second_fault_is_told_while_the_first_is_waited_out(
        self, printer: VirtualPrinter, faults: FaultSwitch
    ) -> None:
        faults.set("printer", "jam")
        with pytest.raises(PrinterTroubleError, match="stuck"):
            print_one(printer)
        with pytest.raises(PrinterTroubleError, match="no card"):
            printer.wait_job(
                "card-1",
                cancel=Cancel(),
                progress=when("waiting", lambda: faults.set("printer", "feeder-empty")),
            )

    def test_faults_of_other_devices_and_unknown_ones_do_not_stop_it(
        self, printer: VirtualPrinter, faults: FaultSwitch
    ) -> None:
        faults.set("camera", "unplugged")
        faults.set("printer", "sings")
        assert (print_one(printer) / "front.png").is_file()
        assert printer.job_report("card-1").card_confirmed

    def test_stopping_while_it_waits_leaves_nothing(
        self, printer: VirtualPrinter, folder: Path, faults: FaultSwitch
    ) -> None:
        faults.set("printer", "jam")
        with pytest.raises(PrinterTroubleError):
            print_one(printer)
        cancel = Cancel()
        with pytest.raises(Cancelled):
            printer.wait_job("card-1", cancel=cancel, progress=when("waiting", cancel.set))
        assert printer.job_report("card-1").untouched
        assert [path.name for path in (folder / "card-1").iterdir()] == ["job.json"]

    def test_a_job_taken_back_by_another_thread_stops(self, folder: Path, faults: FaultSwitch) -> None:
        printer = make(folder, faults, seconds=30)
        job = PrintJob("card-1", sample_rendered_card())
        with pytest.raises(Cancelled):
            printer.print_card(job, cancel=Cancel(), progress=when("printing", lambda: printer.cancel_job("card-1")))
        assert printer.status().state is PrinterState.READY

    def test_a_card_that_came_out_meanwhile_is_not_taken_back(
        self, folder: Path, faults: FaultSwitch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        printer = make(folder, faults, seconds=0.5)
        try:
            ended = cancelled_while_it_comes_out(printer, JobBook(folder), monkeypatch).state
        except Cancelled:
            ended = JobState.CANCELLED
        assert printer.job_report("card-1").state is ended


class TestItsFolder:
    def test_a_file_in_its_place_is_told_before_anything_is_printed(
        self, printer: VirtualPrinter, folder: Path
    ) -> None:
        folder.write_text("")
        assert printer.status().state is PrinterState.OFFLINE
        with pytest.raises(PrinterMissingError, match="can't be written"):
            print_one(printer)

    def test_a_spool_that_is_gone_is_a_lost_job(
        self, printer: VirtualPrinter, folder: Path, faults: FaultSwitch
    ) -> None:
        faults.set("printer", "jam")
        with pytest.raises(PrinterTroubleError):
            print_one(printer)
        shutil.rmtree(folder / "card-1" / "spool")
        faults.clear("printer")
        with pytest.raises(PrintJobLostError):
            printer.wait_job("card-1", cancel=Cancel(), progress=quiet)

    def test_a_picture_that_is_not_whole_is_refused_and_leaves_no_record(
        self, printer: VirtualPrinter, folder: Path
    ) -> None:
        card = sample_rendered_card()
        torn = replace(card, front=replace(card.front, composite=Bitmap("RGB", 1016, 648, b"")))
        with pytest.raises(PrinterError, match="damaged"):
            printer.print_card(PrintJob("card-1", torn), cancel=Cancel(), progress=quiet)
        assert printer.job_report("card-1").state is JobState.UNKNOWN


# --- pulling the plug -------------------------------------------------------------------------------------------

_STATION = """
import sys
from pathlib import Path
from printers.api import Cancel, DriverConfig, PrintJob
from printers.registry import load_profile, open_printer
from tests.helpers.cards import sample_rendered_card
folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
printer = open_printer("virtual", DriverConfig("d", load_profile("virtual"), folder, seconds_a_card=seconds))
card = sample_rendered_card()
for number in range(1000):
    print(number, flush=True)
    job = PrintJob(f"card-{number}", card)
    printer.print_card(job, cancel=Cancel(), progress=lambda step, share: print(step, flush=True))
"""


def killed_when(folder: Path, seconds: float, enough: Callable[[str, int], bool]) -> None:
    """Run a station that prints without end; kill it, without a chance to tidy up, at a line of its output."""
    command = [sys.executable, "-c", _STATION, str(folder), str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as station:
        assert station.stdout is not None
        for count, line in enumerate(station.stdout):
            if enough(line.strip(), count):
                break
        station.send_signal(signal.SIGKILL)


def test_a_card_that_was_in_the_printer_when_the_station_died_is_in_doubt(folder: Path, faults: FaultSwitch) -> None:
    killed_when(folder, 60, lambda line, count: line == "printing")
    printer = make(folder, faults)
    report = printer.job_report("card-0")
    assert (report.state, report.card_confirmed, report.untouched) == (JobState.UNKNOWN, False, False)
    with pytest.raises(PrintJobLostError):
        printer.print_card(PrintJob("card-0", sample_rendered_card()), cancel=Cancel(), progress=quiet)
    assert list(folder.glob("*/front.png")) == []
    # The person looked, and it did not come out.
    printer.cancel_job("card-0")
    assert printer.job_report("card-0").state is JobState.CANCELLED
    assert not (folder / "card-0" / "spool").exists()


def test_a_job_that_only_waited_when_the_station_died_is_printed_on(folder: Path, faults: FaultSwitch) -> None:
    print_one(make(folder, faults), "card-0")
    faults.set("printer", "jam")
    with pytest.raises(PrinterTroubleError):
        print_one(make(folder, faults), "card-1")
    faults.clear("printer")
    assert make(folder, faults).wait_job("card-1", cancel=Cancel(), progress=quiet).card_confirmed


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_no_record_says_more_than_is_true(folder: Path, faults: FaultSwitch, seed: int) -> None:
    moment = random.Random(seed).randrange(1, 25)
    killed_when(folder, 0.02, lambda line, count: count >= moment)
    printer = make(folder, faults)
    for place in folder.glob("card-*"):
        report = printer.job_report(place.name)
        pictures = {path.name for path in place.iterdir()} & {"front.png", "back.png", "card.pdf"}
        if report.card_confirmed:
            assert (report.state, len(pictures)) == (JobState.DONE, 3)
        if report.untouched:
            assert not pictures
        assert report.state in {JobState.DONE, JobState.UNKNOWN, JobState.QUEUED}


def test_a_record_of_a_later_version_is_not_believed(printer: VirtualPrinter, folder: Path) -> None:
    JobBook(folder).write(JobRecord("card-1", JobState.DONE, card_confirmed=True))
    path = folder / "card-1" / "job.json"
    path.write_text(path.read_text().replace('"done"', '"laminated"'))
    assert printer.job_report("card-1").state is JobState.UNKNOWN
