"""A network printer that speaks IPP and says of itself what a test tells it to: for what a real one seldom does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from printers.ipp import Attribute, Group, GroupTag, Message, ValueTag, boolean, decode, encode, integer, text
from printers.ipp_client import Operation


class NetworkPrinter(ThreadingHTTPServer):
    """A printer that ends every job at once unless it ``holds`` it, and says of itself what it is told to."""

    state = 3
    reasons: tuple[str, ...] = ("none",)
    pause_s = 0.0
    holds = False
    title = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.over = threading.Event()

    @property
    def address(self) -> str:
        """Return where it is."""
        return f"ipp://127.0.0.1:{self.server_port}/ipp/print"

    def switch_off(self) -> None:
        """Answer nobody any more."""
        if self.over.is_set():
            return
        self.over.set()
        self.shutdown()
        self.server_close()

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
            integer("job-state", 5 if self.holds else 9, ValueTag.ENUM),
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
def network_printer() -> Iterator[NetworkPrinter]:
    """Return the printer at its port."""
    server = NetworkPrinter()
    server.handle_error = lambda *_about: None  # type: ignore[method-assign]  # a client that goes is none
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.switch_off()
    thread.join(5)
