"""A web server that answers everything alike: for answers that a real service never gives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


class ScriptedWeb(HTTPServer):
    """A web server that answers everything alike, and keeps what it was asked."""

    status = 200
    body = b""
    asked: bytes = b""


class Handler(BaseHTTPRequestHandler):
    """Answer as the server says."""

    server: ScriptedWeb

    def do_POST(self) -> None:
        self.server.asked = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def scripted_web() -> Iterator[ScriptedWeb]:
    """Give the test a server on a port of its own."""
    server = ScriptedWeb(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)
