"""Giving a card away by IPP, where the other side gives answers that a real one gives too seldom to wait for."""

from __future__ import annotations

from pathlib import Path

import pytest

from printers.api import (
    DriverConfig,
    JobState,
    PrinterError,
    PrinterMissingError,
    PrintJob,
    PrintJobLostError,
)
from printers.drivers.cups import CupsPrinter
from printers.ipp import Attribute, Group, GroupTag, IppFormatError, Message, ValueTag, encode, integer, text
from printers.ipp_client import IppClient, IppStatusError, Operation, Server, Status
from printers.ipp_giving import IppSpooledPrinter
from printers.records import JobBook, JobRecord
from printers.registry import load_profile
from tests.helpers.cards import sample_rendered_card
from tests.helpers.scripted_web import ScriptedWeb, scripted_web

__all__ = ["scripted_web"]

JOB = PrintJob("card-1", sample_rendered_card())


@pytest.fixture
def printer(scripted_web: ScriptedWeb, tmp_path: Path) -> CupsPrinter:
    """Return a queue of a print service that answers everything alike."""
    options = {"station.server": f"127.0.0.1:{scripted_web.server_port}"}
    return CupsPrinter(DriverConfig("Desk", load_profile("virtual"), tmp_path, queue="card", options=options))


def answer(status: int, *attributes: Attribute) -> bytes:
    groups = (Group(GroupTag.JOB, attributes),) if attributes else ()
    return encode(Message(status, 1, groups))


def give(printer: IppSpooledPrinter) -> JobRecord:
    """Give a card away of which nobody asked the queue before."""
    return printer._give_away(JOB, b"%PDF", JobRecord(JOB.job, JobState.QUEUED))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.NOT_ACCEPTING, "takes no jobs"),
        (Status.NOT_AUTHORIZED, "0x0403"),
        (Status.BUSY, "still busy"),
        (Status.NOT_FOUND, "not found"),
    ],
)
def test_a_refused_card_was_not_given_away(
    scripted_web: ScriptedWeb, printer: CupsPrinter, tmp_path: Path, status: Status, words: str
) -> None:
    JobBook(tmp_path).write(JobRecord(JOB.job, JobState.QUEUED))
    scripted_web.body = answer(status)
    with pytest.raises(PrinterMissingError, match=words):
        give(printer)
    assert JobBook(tmp_path).read(JOB.job) is None


@pytest.mark.parametrize("body", [b"", b"<html>", answer(0), answer(0, text(ValueTag.NAME, "job-name", "x"))])
def test_an_answer_that_is_none_leaves_it_to_a_person(
    scripted_web: ScriptedWeb, printer: CupsPrinter, tmp_path: Path, body: bytes
) -> None:
    JobBook(tmp_path).write(JobRecord(JOB.job, JobState.QUEUED))
    scripted_web.body = body
    with pytest.raises(PrintJobLostError):
        give(printer)
    assert JobBook(tmp_path).read(JOB.job) is not None, "it may have been given away"


def test_the_number_is_written_down(scripted_web: ScriptedWeb, printer: CupsPrinter, tmp_path: Path) -> None:
    scripted_web.body = answer(0, integer("job-id", 12))
    assert give(printer).spooler_id == "12"
    record = JobBook(tmp_path).read(JOB.job)
    assert record is not None
    assert record.spooler_id == "12"


def test_the_request_carries_document_title_and_options_of_their_types(
    scripted_web: ScriptedWeb, printer: CupsPrinter
) -> None:
    scripted_web.body = answer(0, integer("job-id", 12))
    give(printer)
    request = scripted_web.asked
    assert request[2:4] == bytes([0, Operation.PRINT_JOB])
    for part in (b"ipp://localhost/printers/card", b"card-1", b"application/pdf", b"om_card_54x86mm"):
        assert part in request
    assert request.endswith(b"%PDF")


@pytest.mark.parametrize("status", [413, 426, 401])
def test_a_request_that_the_web_server_refuses_was_not_taken(scripted_web: ScriptedWeb, status: int) -> None:
    scripted_web.status = status
    client = IppClient(Server("127.0.0.1", scripted_web.server_port))
    with pytest.raises(IppStatusError, match=f"HTTP {status}"):
        client.print_job([text(ValueTag.NAME, "job-name", "card-1")], b"%PDF", queue="card")


def test_a_server_that_broke_may_have_taken_it(scripted_web: ScriptedWeb) -> None:
    scripted_web.status = 500
    with pytest.raises(IppFormatError, match="HTTP 500"):
        IppClient(Server("127.0.0.1", scripted_web.server_port)).print_job([], b"%PDF")


def test_nobody_there_means_that_nobody_has_it(tmp_path: Path) -> None:
    options = {"station.server": "127.0.0.1:1"}
    printer = CupsPrinter(DriverConfig("Desk", load_profile("virtual"), tmp_path, queue="card", options=options))
    with pytest.raises(PrinterError, match="print service"):
        give(printer)
