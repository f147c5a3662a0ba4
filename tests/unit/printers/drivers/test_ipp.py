"""A network printer's own word for a card, where what else it says of itself speaks against it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from printers.api import Cancel, DriverConfig, JobReport, JobState, PrinterReason, PrinterState, PrintJob
from printers.drivers.ipp import IppPrinter
from printers.ipp import Attribute, Group, GroupTag, Message, ValueTag, boolean, decode, encode, integer, text
from printers.ipp_client import IppClient, IppUnreachableError, Operation, Server
from printers.registry import load_profile
from tests.helpers.cards import sample_rendered_card


class NetworkPrinter(ThreadingHTTPServer):
    """A printer that ends every job at once, and says of itself what it is told to."""

    state = 3
    reasons: tuple[str, ...] = ("none",)
    pause_s = 0.0
    title = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.over = threading.Event()

    def told(self, asked: Message) -> tuple[Attribute, ...]:
        """Return what it says of itself, or of its one job."""
        if asked.code == Operation.GET_PRINTER_ATTRIBUTES:
            return (
                integer("printer-state", self.state, ValueTag.ENUM),
                text(ValueTag.KEYWORD, "printer-state-reasons", *self.reasons),
                boolean("printer-is-accepting-jobs", True),
                text(ValueTag.MIME_TYPE, "document-format-supported", "application/pdf"),
            )
        if asked.code == Operation.PRINT_JOB:
            self.title = str(asked.groups[0].get("job-name")[0])
        return (
            integer("job-id", 7),
            text(ValueTag.NAME, "job-name", self.title),
            integer("job-state", 9, ValueTag.ENUM),
            text(ValueTag.KEYWORD, "job-state-reasons", "job-completed-successfully"),
            integer("job-media-sheets-completed", 1),
        )


class Handler(BaseHTTPRequestHandler):
    """Answer by IPP, byte for byte with a pause in between where it is slow."""

    server: NetworkPrinter

    def do_POST(self) -> None:
        asked = decode(self.rfile.read(int(self.headers["Content-Length"])))
        if asked.code == Operation.GET_JOBS and not self.server.title:
            body = encode(Message(0, 1))
        else:
            tag = GroupTag.PRINTER if asked.code == Operation.GET_PRINTER_ATTRIBUTES else GroupTag.JOB
            body = encode(Message(0, 1, (Group(tag, self.server.told(asked)),)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for at in range(len(body)) if self.server.pause_s else ():
            self.wfile.write(body[at : at + 1])
            if self.server.over.wait(self.server.pause_s):
                return
        if not self.server.pause_s:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def network() -> Iterator[NetworkPrinter]:
    """Return the printer at its port."""
    server = NetworkPrinter()
    server.handle_error = lambda *_about: None  # type: ignore[method-assign]  # a client that goes is none
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


def driver(address: str, folder: Path) -> IppPrinter:
    return IppPrinter(DriverConfig("Desk", load_profile("generic-cr80-300"), folder, queue=address))


def printed(network: NetworkPrinter, folder: Path) -> JobReport:
    printer = driver(f"ipp://127.0.0.1:{network.server_port}/ipp/print", folder)
    job = PrintJob("card-1", sample_rendered_card())
    return printer.print_card(job, cancel=Cancel(), progress=lambda _step, _share: None)


def test_a_printers_own_word_confirms_a_card(network: NetworkPrinter, tmp_path: Path) -> None:
    report = printed(network, tmp_path)
    assert (report.state, report.card_confirmed) == (JobState.DONE, True)


def test_a_card_that_is_done_and_stuck_is_for_a_person_to_look_at(network: NetworkPrinter, tmp_path: Path) -> None:
    network.state, network.reasons = 5, ("media-jam-error",)
    report = printed(network, tmp_path)
    assert (report.state, report.card_confirmed, report.untouched) == (JobState.DONE, False, False)


def test_an_open_cover_is_where_somebody_took_the_card_out(network: NetworkPrinter, tmp_path: Path) -> None:
    network.state, network.reasons = 5, ("cover-open-error",)
    assert printed(network, tmp_path).card_confirmed


def test_who_answers_byte_for_byte_keeps_nobody_for_longer_than_who_is_silent(network: NetworkPrinter) -> None:
    network.pause_s = 0.1
    client = IppClient(Server("127.0.0.1", network.server_port, path="/ipp/print"), timeout_s=1)
    with pytest.raises(IppUnreachableError, match="too slowly") as caught:
        client.printer("", ["printer-state"])
    assert caught.value.sent, "it may have done what it was asked"


@pytest.mark.parametrize("host", ["printer..example.org", "x" * 70 + ".example.org"])
def test_a_name_that_can_be_none_is_a_printer_that_does_not_answer(host: str, tmp_path: Path) -> None:
    status = driver(f"ipp://{host}/ipp/print", tmp_path).status()
    assert (status.state, status.reasons) == (PrinterState.OFFLINE, (PrinterReason.OFFLINE,))
    assert host in status.detail
