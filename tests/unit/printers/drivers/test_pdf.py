"""The PDF printer: a file at the card's exact size, and never a card."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from printers.api import (
    Cancel,
    DriverConfig,
    JobState,
    PrinterMissingError,
    PrinterState,
    PrintJob,
    ProfileError,
)
from printers.drivers.pdf import PdfPrinter
from printers.registry import load_profile
from tests.helpers.cards import sample_rendered_card


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "proofs"


@pytest.fixture
def printer(folder: Path) -> PdfPrinter:
    return PdfPrinter(DriverConfig("Proofs", load_profile("generic-cr80-300"), folder))


def quiet(step: str, share: float) -> None:
    """Take a report of progress and do nothing with it."""


def test_a_card_is_one_file_with_a_page_a_side(printer: PdfPrinter, folder: Path) -> None:
    report = printer.print_card(PrintJob("card-1", sample_rendered_card()), cancel=Cancel(), progress=quiet)
    assert Path(report.proof) == folder / "card-1" / "card.pdf"
    document = Path(report.proof).read_bytes()
    assert re.findall(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]", document) == [(b"242.6457", b"153.0142")] * 2


def test_a_file_is_never_a_card(printer: PdfPrinter) -> None:
    report = printer.print_card(PrintJob("card-1", sample_rendered_card()), cancel=Cancel(), progress=quiet)
    assert (report.state, report.card_confirmed) == (JobState.DONE, False)


def test_a_proof_that_is_there_is_not_written_again(printer: PdfPrinter) -> None:
    report = printer.print_card(PrintJob("card-1", sample_rendered_card()), cancel=Cancel(), progress=quiet)
    written = Path(report.proof).stat()
    printer.print_card(PrintJob("card-1", sample_rendered_card(two_sided=False)), cancel=Cancel(), progress=quiet)
    assert Path(report.proof).stat() == written


def test_a_file_in_its_folders_place_is_told(printer: PdfPrinter, folder: Path) -> None:
    folder.write_text("")
    assert printer.status().state is PrinterState.OFFLINE
    with pytest.raises(PrinterMissingError, match="can't be written"):
        printer.print_card(PrintJob("card-1", sample_rendered_card()), cancel=Cancel(), progress=quiet)


def test_it_knows_no_options(folder: Path) -> None:
    with pytest.raises(ProfileError, match="media"):
        PdfPrinter(DriverConfig("Proofs", load_profile("virtual"), folder, options={"media": "A4"}))
